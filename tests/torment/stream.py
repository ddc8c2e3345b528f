"""What is sent in a torment? A year of a small province, and everything that goes wrong on its way.

The events of ``hoso simulate``, each with an instant of its own at which it was recorded, so that
the figures do not depend on who comes first: some sent again, some again with other content (these
are conflicts), some late, some to a partition that is not theirs; and messages that are no events.
The same seed gives the same stream.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

import orjson

from hoso.domain.windows import Window
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.history import simulate
from tests.told import Json
from tests.torment.sending import Message

YEAR: Final = Window(date(2022, 9, 1), date(2023, 8, 31))
PARTITIONS: Final = 3
AGAIN: Final = 0.03  # of events: sent again, half of them to another partition
CHANGED: Final = 0.01  # of events: sent again with other content, known later: a conflict
LATE: Final = 0.05  # of messages: so many others come first ...
LATEST: Final = 2_000  # ... at most
ASTRAY: Final = 0.05  # of messages: in any partition
POISON: Final = 0.01  # of messages: no event
HUGE: Final = 600_000  # bytes


class Stream(NamedTuple):
    """Messages in the order in which they are sent, and which of them are events."""

    messages: list[Message]
    valid: list[bool]

    def file(self) -> bytes:
        """The events, as a file has them."""
        pairs = zip(self.messages, self.valid, strict=True)
        return b"\n".join(message.value or b"" for message, valid in pairs if valid)

    def events(self) -> list[Json]:
        """The events."""
        return [orjson.loads(line) for line in self.file().splitlines()]


def stream(dossiers: int, seed: int) -> Stream:
    """The messages of so many dossiers."""
    rng = Random(f"stream {seed}")
    sent: list[tuple[float, Message, bool]] = []
    for place, event in enumerate(simulate(dossiers, seed, calendar().days, YEAR)):
        told = known_at(event, place)
        sent += [(_delayed(rng, place), message, True) for message in _told(rng, told)]
        if rng.random() < POISON:
            sent.append((_delayed(rng, place), _poison(rng, told), False))
    sent.sort(key=lambda each: each[0])
    return Stream([message for _, message, _ in sent], [valid for *_, valid in sent])


def known_at(event: Json, number: int) -> Json:
    """The event, recorded at an instant that no other event shares."""
    moment = datetime.fromisoformat(event.get("recordedtime") or event["time"])
    return event | {"recordedtime": (moment + timedelta(microseconds=number)).isoformat()}


def _told(rng: Random, event: Json) -> list[Message]:
    """An event as it is sent, once or more often."""
    key = event["subject"].encode()
    astray = rng.randrange(PARTITIONS) if rng.random() < ASTRAY else None
    messages = [Message(orjson.dumps(event), astray, key)]
    if rng.random() < AGAIN:
        messages.append(messages[0]._replace(partition=rng.choice((None, rng.randrange(3)))))
    if rng.random() < CHANGED:
        later = datetime.fromisoformat(event["recordedtime"]) + timedelta(days=rng.random())
        other = event | {"recordedtime": later.isoformat(), "time": later.isoformat()}
        messages.append(Message(orjson.dumps(other), None, key))
    return messages


def _poison(rng: Random, event: Json) -> Message:
    """A message that is no event, whatever it looks like."""
    raw = orjson.dumps(event)
    kinds = {
        "empty": b"",
        "no value": None,
        "torn": raw[: rng.randrange(1, len(raw))],
        "bytes": rng.randbytes(rng.randrange(1, 200)),
        "nul": raw.replace(b'"id":"', b'"id":"\\u0000'),
        "raw nul": b"\0" + raw,
        "no text": raw.replace(b'"id":"', b'"id":"\xff'),
        "unknown type": raw.replace(b".v1", b".v9"),
        "unknown field": orjson.dumps(event | {"data": {"applicant": "A"}}),
        "a list": b"[" + raw + b"]",
        "deep": b"[" * rng.randrange(1, 50_000),
        "huge": rng.randbytes(1) * HUGE,
    }
    kind = rng.choice([*kinds] * 4 + ["torn"] * 40)
    return Message(kinds[kind], rng.randrange(PARTITIONS), event["subject"].encode())


def _delayed(rng: Random, place: int) -> float:
    return place + (rng.random() * LATEST if rng.random() < LATE else 0)

"""Judges events against the log before they are appended: recorded, repeat, or conflict.

An event with a new ``(source, id)`` is *recorded*. The same event again is a *repeat*, and adds
nothing. An event with the ``(source, id)`` of an earlier one and another subject, type, time or
data is a *conflict*: it does not count, and it stands in the log once, where ``hoso status`` finds
it (contract, section 2).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any, Final, Literal, NamedTuple

import orjson

from hoso.consumers.intake.conflicts import content_of
from hoso.consumers.store.identities import IdentityIndex, first
from hoso.consumers.store.log import AFTER_IDENTITY, LogEntry, Writer, identity, identity_key

Word = Literal["recorded", "repeat", "conflict", "reject"]
# The field that a reason begins with: ``data.agency: Field required``.
PATH: Final = re.compile(r"(?:record [0-9]+ of [0-9]+: )?([A-Za-z_][\w.]*): ")


class Verdict(NamedTuple):
    """What became of an event or a record.

    ``id`` is the event's, None for a record or a reject. ``reason`` says why something is a reject,
    or which dossier the first event of a conflict is of; ``path`` is the field with the fault.
    """

    verdict: Word
    id: str | None = None
    reason: str | None = None
    path: str | None = None


RECORDED: Final = Verdict("recorded")
REPEAT: Final = Verdict("repeat")


def rejected(reason: str) -> Verdict:
    """The verdict on a message that is no valid event."""
    found = PATH.match(reason)
    return Verdict("reject", None, reason, found[1] if found else None)


def judged(
    writer: Writer, index: IdentityIndex, entries: Sequence[LogEntry]
) -> tuple[list[LogEntry], list[Verdict]]:
    """The events to append of some events, and the verdict on each, in their order.

    ``index`` knows the whole log. Raises ``StoreError`` if the store cannot be read.
    """
    keys = [identity_key(state) for _, _, state in entries]
    times = index.times(keys)
    shared = {key for key, number in Counter(keys).items() if number > 1}
    is_suspect = [known > 0 or key in shared for key, known in zip(keys, times, strict=True)]
    judgement = _Judgement(writer, {code for code, _, _ in compress(entries, is_suspect)})
    verdicts = [
        judgement.of(*each) if suspect else judgement.recorded(each[0])
        for suspect, each in zip(is_suspect, zip(entries, times, strict=True), strict=True)
    ]
    return judgement.new, verdicts


class _Judgement:
    """The judgement of events of which some may be in the log already.

    Of each identity it knows the dossier and the content of the first event, and the contents of
    those that are in the log or about to be.
    """

    def __init__(self, writer: Writer, suspects: Iterable[str]) -> None:
        """``suspects`` are the dossiers of the events that may be in the log."""
        self._writer = writer
        self._first: dict[bytes, tuple[str, int]] = {}
        self._in_dossiers: dict[bytes, list[tuple[str, int]]] = {}
        self.new: list[LogEntry] = []
        for code, _, state in writer.states_of(sorted(suspects)):
            self._in_dossiers.setdefault(identity(state), []).append((code, _content(state)))

    def recorded(self, entry: LogEntry) -> Verdict:
        """The verdict on an event whose identity key nothing else has."""
        self.new.append(entry)
        return _verdict("recorded", entry[2])

    def of(self, entry: LogEntry, times: int) -> Verdict:
        """The verdict on an event whose identity key the log has so many times."""
        code, _, state = entry
        name, this = identity(state), (code, _content(state))
        if name not in self._first and (known := self._find_first(state, times)):
            self._first[name] = known
        alike = self._in_dossiers.setdefault(name, [])
        is_new = this not in alike
        if is_new:
            alike.append(this)
            self.new.append(entry)
        first_dossier, content = self._first.setdefault(name, this)
        if content != this[1]:
            reason = f"another event has this source and id: {first_dossier}"
            return _verdict("conflict", state, reason)
        return _verdict("recorded" if is_new else "repeat", state)

    def _find_first(self, state: bytes, times: int) -> tuple[str, int] | None:
        """The dossier and the content of the first event in the log with an event's identity."""
        if not times:
            return None
        found = self._in_dossiers.get(identity(state), [])
        if len(found) == times and len({dossier for dossier, _ in found}) == 1:
            return found[0]  # events of several dossiers do not come in the order of the log
        if (stored := first(self._writer, state)) is None:  # another event has the same key
            return None
        return orjson.loads(stored)["subject"], _content(stored)


def _content(state: bytes) -> int:
    return content_of(orjson.loads(state))


def _verdict(word: Word, state: bytes, reason: str | None = None) -> Verdict:
    return Verdict(word, _id_in(state), reason)


def _id_in(state: bytes) -> str:
    """The id of an event, from its JSON as the log keeps it."""
    event: dict[str, Any] = orjson.loads(identity(state) + AFTER_IDENTITY[:1] + b"}")
    return str(event["id"])

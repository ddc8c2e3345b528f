"""Writes the steps of a made-up life as CloudEvents."""

from functools import cache
from typing import Any, Final, NamedTuple

from hoso.domain.calendar import date_of
from hoso.tools.simulation.moments import DAY, MINUTE

SOURCE: Final = "/h52/motcua"
CODE_PREFIX: Final = "000.00.00.H52"
MINUTES: Final = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
SECONDS: Final = [f"{second:02}+07:00" for second in range(60)]

Event = dict[str, Any]


class Step(NamedTuple):
    """One event of a life, before it becomes a CloudEvent. An annulment has the number of the step
    that it takes back as its ``event_id``. ``recorded`` is when it was recorded, if it says so."""

    moment: int
    kind: str
    data: dict[str, Any]
    recorded: int | None = None


@cache
def iso(day: int) -> str:
    """A day in ISO 8601: ``2023-03-14``."""
    return date_of(day).isoformat()


def rfc3339(moment: int) -> str:
    """A moment in RFC 3339: ``2023-03-14T16:59:59+07:00``."""
    day, second = divmod(moment, DAY)
    return iso(day) + MINUTES[second // MINUTE] + SECONDS[second % MINUTE]


@cache
def _stem(day: int) -> str:
    return f"{CODE_PREFIX}-{iso(day)[2:].replace('-', '')}"


def dossier_code(day: int, number: int) -> str:
    """The code of the n-th dossier of a day: ``000.00.00.H52-230315-0001``."""
    return f"{_stem(day)}-{number:04}"


def as_event(code: str, number: int | str, step: Step) -> Event:
    """A step of a dossier as a CloudEvent, by its number or its name."""
    moment, kind, data, recorded = step
    if kind == "annulled":
        data = {**data, "event_id": f"{code}.{data['event_id']}"}
    event = {
        "specversion": "1.0",
        "id": f"{code}.{number}",
        "source": SOURCE,
        "type": f"dossier.{kind}.v1",
        "subject": code,
        "time": rfc3339(moment),
        "data": data,
    }
    return event if recorded is None else {**event, "recordedtime": rfc3339(recorded)}

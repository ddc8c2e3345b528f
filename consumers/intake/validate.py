"""Validates the form of events (contract, section 3).

Every event of valid form is recorded, in whatever order events come. What an event means for its
dossier is judged later, when events are folded.
"""

from datetime import date, datetime, timedelta

from pydantic import ValidationError
from pydantic_core import from_json

from hoso.consumers.intake.overlong import overlong_reason
from hoso.domain.events import EVENT, Event, describe_fault
from hoso.domain.windows import YEARS

BLANKED = b"blanked "
BLANKED_TEXT = b'"<blanked '  # as ``blanking`` marks a value
STILL_BLANKED = "a value is blanked: mend the message with its true value, and send it again"
AHEAD_OF_CLOCK = timedelta(days=1)
DUE_DAYS = ("due", "step_due")  # the fields of ``data`` that are days


class Rejected(Exception):
    """A message is no event or record. Its text says why, on one line, without personal data."""


def parse_event(raw: bytes, now: datetime) -> Event:
    """The event that a message holds. ``now`` is the time of intake, in UTC.

    Raises ``Rejected`` if the message is no valid event, or if its time is more than a day ahead of
    ``now``, or if one of its times or due days is outside the years that windows cover.
    """
    try:
        event = EVENT.validate_json(raw)
    except ValidationError as error:
        raise Rejected(overlong_reason(raw) or describe_fault(error)) from None
    if BLANKED in raw and BLANKED_TEXT in stored_json(event, ""):
        raise Rejected(STILL_BLANKED)
    if b"NaN" in raw or b"Infinity" in raw:
        _refuse_non_numbers(raw)
    # Days are compared first, because that is cheap: no offset from UTC is longer than a day.
    if event.time.toordinal() >= now.toordinal() and event.time > now + AHEAD_OF_CLOCK:
        raise Rejected(f"time: more than a day ahead of the clock (given: {event.time})")
    if (fault := _fault_of_years(event)) is not None:
        raise Rejected(fault)
    return event


def _fault_of_years(event: Event) -> str | None:
    """What is wrong with a time or a due day that no window covers; None if nothing is."""
    if event.time.year not in YEARS:
        return fault_of_year("time", event.time)
    if event.recordedtime is not None and event.recordedtime.year not in YEARS:
        return fault_of_year("recordedtime", event.recordedtime)
    data = event.data.__dict__  # getattr takes ten times as long where a model has no such field
    for name in DUE_DAYS:
        due: date | None = data.get(name)
        if due is not None and due.year not in YEARS:
            return fault_of_year(f"data.{name}", due)
    return None


def fault_of_year(field: str, given: date) -> str:
    """What is wrong with a field whose year no window covers: the years, why, and what to do."""
    return (
        f"{field}: the year is not within {YEARS[0]} to {YEARS[-1]}, and no report covers others: "
        f"correct it (given: {given})"
    )


def _refuse_non_numbers(raw: bytes) -> None:
    """Refuse NaN and Infinity: the validator accepts them, but they are no JSON."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Rejected(f"not valid JSON: {error}") from None


def stored_json(event: Event, recorded: str) -> bytes:
    """The JSON of an event as the log keeps it: its known attributes, and when it was recorded.

    ``recorded`` is an instant (RFC 3339), used if the event does not say when it was recorded.
    """
    state = event.__pydantic_serializer__.to_json(event, exclude_none=True)
    if event.recordedtime is not None:
        return state
    return state[:-1] + b',"recordedtime":"' + recorded.encode() + b'"}'

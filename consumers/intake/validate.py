"""Is this an event? Intake judges form only: whatever passes is recorded, in whatever order.

Contract, section 3. What an event means for its dossier is judged when events are folded.
"""

from datetime import datetime, timedelta

from pydantic import ValidationError
from pydantic_core import from_json

from hoso.domain.events import EVENT, Event, describe_fault

AHEAD_OF_CLOCK = timedelta(days=1)


class Rejected(Exception):
    """Bytes that are no event; the message says why, on one line."""


def read(raw: bytes, now: datetime) -> Event:
    """The event that some bytes hold. Raises ``Rejected`` where they hold none.

    ``now`` is the clock, in UTC.
    """
    try:
        event = EVENT.validate_json(raw)
    except ValidationError as error:
        raise Rejected(describe_fault(error)) from None
    if b"NaN" in raw or b"Infinity" in raw:
        _refuse_non_numbers(raw)
    # Dates are compared first, as that is cheap: no offset from UTC is longer than a day.
    if event.time.toordinal() >= now.toordinal() and event.time > now + AHEAD_OF_CLOCK:
        raise Rejected(f"time: more than a day ahead of the clock (given: {event.time})")
    return event


def _refuse_non_numbers(raw: bytes) -> None:
    """NaN and Infinity are no JSON, though the validator lets them pass."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Rejected(f"not valid JSON: {error}") from None


def stored_json(event: Event, recorded: str) -> bytes:
    """The JSON of an event as the log keeps it: what the language knows, and when recorded, which
    is the instant ``recorded`` (RFC 3339) where the event does not say."""
    state = event.__pydantic_serializer__.to_json(event, exclude_none=True)
    if event.recordedtime is not None:
        return state
    return state[:-1] + b',"recordedtime":"' + recorded.encode() + b'"}'

"""Is this an event? Intake judges form only: whatever passes is recorded, in whatever order.

Contract, section 3. What an event means for its dossier is judged when events are folded.
"""

from datetime import datetime, timedelta

import orjson
from pydantic import ValidationError
from pydantic_core import from_json

from domain.events import EVENT, Event, fault, stored_form

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
        raise Rejected(fault(error)) from None
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


def to_store(raw: bytes, recorded: datetime) -> bytes:
    """The JSON of a valid event as the log keeps it: what the language knows, and when recorded,
    which is ``recorded`` where the event does not say."""
    document = stored_form(from_json(raw))  # the validator's own parser: what it read is kept
    if document.get("recordedtime") is None:
        document["recordedtime"] = recorded.isoformat()
    return orjson.dumps(document)

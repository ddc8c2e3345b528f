"""Is this an event? Intake judges form only: whatever passes is recorded, in whatever order.

Contract, section 3. What an event means for its dossier is judged when events are folded.
"""

from datetime import datetime, timedelta

import orjson
from pydantic import ValidationError

from domain.events import EVENT, Event, fault, stored_form

AHEAD_OF_CLOCK = timedelta(days=1)


class Rejected(Exception):
    """Bytes that are no event; the message says why, on one line."""


def read(raw: bytes, now: datetime) -> Event:
    """The event that some bytes hold. Raises ``Rejected`` where they hold none."""
    try:
        event = EVENT.validate_json(raw)
    except ValidationError as error:
        raise Rejected(fault(error)) from None
    if b"NaN" in raw or b"Infinity" in raw:
        _refuse_non_numbers(raw)
    if event.time > now + AHEAD_OF_CLOCK:
        raise Rejected(f"time: more than a day ahead of the clock (given: {event.time})")
    return event


def _refuse_non_numbers(raw: bytes) -> None:
    """NaN and Infinity are no JSON, though the validator's parser lets them pass."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Rejected(f"not valid JSON: {error}") from None


def to_store(raw: bytes, event: Event, recorded: datetime) -> bytes:
    """The JSON of a valid event as the log keeps it: what the language knows, and when recorded."""
    document = stored_form(orjson.loads(raw))
    if event.recordedtime is None:
        document["recordedtime"] = recorded.isoformat()
    return orjson.dumps(document)

"""Finds what a log lacks so that the events of one source tell a dossier's life as it is wanted.

For sources that say how a dossier stands, not what happened to it: records of the national portal,
rows of a register. What such a source says as a whole gives the events that are wanted. What the
log has and nobody wants is annulled; what is wanted and the log lacks is added. So it does not
matter in which order, or how often, the source says it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from hoso.domain.dossier import verdicts
from hoso.domain.events import EVENT, Event, recorded_at
from hoso.domain.validity import VALID


def corrections(known: Sequence[Event], wanted: Sequence[Event], source: str) -> list[Event]:
    """What to record so that the events of ``source`` that count become those ``wanted``.

    ``known`` is all that the log has of one dossier, of any source. ``wanted`` is in the order of
    the dossier's life; its ids have at most 180 characters. Events are compared by type, time and
    data, and events of one instant by their order, too.

    Returns the annulments first, then what is added. Where an id was used before, a number makes it
    new. An annulment occurs when the event that it annuls was recorded.
    """
    ours = sorted((event for event in known if event.source == source), key=recorded_at)
    live = [event for event, verdict in zip(ours, verdicts(ours), strict=True) if verdict == VALID]
    have, want = _by_time(live), _by_time(wanted)
    used = {event.id for event in ours}
    same = {time: _common_prefix(have[time], want[time]) for time in have.keys() & want.keys()}
    unwanted = [event for time, events in have.items() for event in events[same.get(time, 0) :]]
    missing = [event for time, events in want.items() for event in events[same.get(time, 0) :]]
    annulments = [_annulment(event, _unused(f"{event.id} annulled", used)) for event in unwanted]
    return annulments + [
        event.model_copy(update={"id": _unused(event.id, used)}) for event in missing
    ]


def _by_time(events: Iterable[Event]) -> dict[datetime, list[Event]]:
    at = defaultdict[datetime, list[Event]](list)
    for event in events:
        at[event.time].append(event)
    return at


def _common_prefix(have: Sequence[Event], want: Sequence[Event]) -> int:
    """How many events at the beginning of both say the same."""
    pairs = zip(have, want, strict=False)
    differing = (n for n, (a, b) in enumerate(pairs) if (a.type, a.data) != (b.type, b.data))
    return next(differing, min(len(have), len(want)))


def _unused(event_id: str, used: set[str]) -> str:
    """An id, with a number if it was used before; it counts as used from now on."""
    new, number = event_id, 1
    while new in used:
        number += 1
        new = f"{event_id} ({number})"
    used.add(new)
    return new


def _annulment(event: Event, annulment_id: str) -> Event:
    return EVENT.validate_python(
        {
            "specversion": "1.0",
            "id": annulment_id,
            "source": event.source,
            "type": "dossier.annulled.v1",
            "subject": event.subject,
            "time": recorded_at(event),
            "data": {"event_id": event.id, "reason": "corrected"},
        }
    )

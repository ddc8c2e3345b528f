"""What is new in a record of the national portal? The events that lie between it and the log.

A record is a snapshot. ``tell`` holds it against what the log knows of its dossier, as of the time
that the record speaks of, and returns what is missing there. Nothing but the log is remembered.

docs/NATIONAL.md has the mapping, and the reasons for it.
"""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime, tzinfo
from functools import reduce
from typing import Any, Final, NamedTuple

from hoso.consumers.intake.national.records import ProgressRecord, Record, Status, SyncRecord
from hoso.domain import rules
from hoso.domain.calendar import EPOCH, local_date, working_days
from hoso.domain.dossier import life_of, plain_event
from hoso.domain.events import (
    EVENT,
    LONGEST_TEXT_CHARS,
    Annulled,
    Event,
    Received,
    Rescheduled,
    Resumed,
    Supplemented,
    SupplementRequested,
    recorded_at,
)
from hoso.domain.kinds import KIND_OF, KINDS
from hoso.domain.policy import Policy

SOURCE: Final = "/national-portal"
CHANNELS: Final = {"1": "in_person", "2": "online", "3": "post"}  # kênh thực hiện


class Change(NamedTuple):
    """What happened: an event's kind, and its data."""

    kind: str
    data: dict[str, Any]


CLOSING: Final = {
    Status.NOT_ACCEPTED: Change("returned", {"reason": "not_accepted"}),
    Status.WITHDRAWN: Change("cancelled", {"reason": "withdrawn"}),
    Status.STOPPED: Change("cancelled", {"reason": "other"}),
    Status.PROCESSED: Change("resolved", {"outcome": "granted"}),
    Status.HANDED_OVER: Change("resolved", {"outcome": "granted"}),
}
REQUESTED: Final = Change("supplement_requested", {})
PAUSED: Final = Change("paused", {"reason": "financial_obligation"})
UNDER_WAY: Final = (Status.RECEIVED, Status.IN_PROCESS)
ON_ARRIVAL: Final = "undated"  # begins what names a change that was first seen in a status


class Claim(NamedTuple):
    """That a dossier had got somewhere by some time: the ``steps`` that may take it there, each
    where the rules allow it.

    Where the record has no date for it, ``undated`` names what it does have, and ``time`` is the
    best that is known. ``listed`` is how many supplements the record knows of.
    """

    code: str
    time: datetime
    steps: tuple[Change, ...]
    undated: str = ""
    listed: int = 0


def _claims(record: Record, life: Sequence[Event], now: datetime, zone: tzinfo) -> list[Claim]:
    """What a record says, in order: nothing of a dossier that has not come in."""
    received = _is_received(life)
    if record.status == Status.NEW or (record.status == Status.NOT_ACCEPTED and not received):
        return []
    if isinstance(record, ProgressRecord):
        return [_reached(record.code, record.status, record.time)]
    since = life[-1].time if received else record.reception
    if since is None:
        return []
    claims = [] if received else [_reception(record, since)]
    claims += _supplements(record, life, since, now)
    claims += _status(record, _new_due(record, life, zone), now)
    return [claim._replace(listed=len(record.supplements)) for claim in claims]


def _is_received(life: Sequence[Event]) -> bool:
    return any(isinstance(event, Received) for event in life)


def _reached(
    code: str, status: Status, time: datetime, undated: str = "", due: date | None = None
) -> Claim:
    """That a status was reached. A hand-over's date only stands in for that of the completion."""
    if status == Status.HANDED_OVER and not undated:
        undated = f"handed over {_written(time)}"
    supplemented = Change("supplemented", {"due": due})
    if status in UNDER_WAY:
        return Claim(code, time, (supplemented, Change("resumed", {"due": due})), undated)
    if status == Status.PAYMENT:
        return Claim(code, time, (supplemented, PAUSED), undated)
    return Claim(code, time, (CLOSING.get(status, REQUESTED),), undated)


def _reception(record: SyncRecord, time: datetime) -> Claim:
    data = {
        "agency": record.agency,
        "field": record.field,
        "procedure": record.procedure,
        "channel": CHANNELS[record.channel],
        "due": record.first_due,
    }
    return Claim(record.code, time, (Change("received", data),))


def _supplements(
    record: SyncRecord, life: Sequence[Event], since: datetime, now: datetime
) -> Iterator[Claim]:
    """The supplements listed, each as of its dates.

    One that came and went unseen, and has none, is told as of the last event before: the clock
    then stood still for no time, and the appointment is right from there on.
    """
    seen, last = _requests(life), len(record.supplements)
    for number, entry in enumerate(record.supplements, 1):
        name = f"supplement {number}"
        is_open = number == last and record.status == Status.SUPPLEMENT and not entry.due_after
        was_over = not is_open and (number > seen or seen == number < last)
        before = now if is_open else min(since, entry.brought or since)
        requested = entry.requested or (before if number > seen else None)
        if requested is not None:
            undated, since = "" if entry.requested else name, requested
            yield Claim(record.code, requested, (REQUESTED,), undated)
        brought = entry.brought or (since if was_over else None)
        if brought is not None:
            undated, since = "" if entry.brought else name, brought
            change = Change("supplemented", {"due": entry.due_after})
            yield Claim(record.code, brought, (change,), undated)


def _requests(life: Sequence[Event]) -> int:
    return sum(isinstance(event, SupplementRequested) for event in life)


def _status(record: SyncRecord, due: date | None, now: datetime) -> list[Claim]:
    """The status, as of its own date or else of the record's arrival; and the appointment, which
    comes first where the dossier is closed then."""
    status, dated = record.reached
    undated = "" if dated else f"{ON_ARRIVAL} {record.due} {len(record.supplements)}"
    claim = _reached(record.code, status, dated or now, undated, due)
    change = Change("rescheduled", {"due": record.due})
    moved = Claim(record.code, claim.time, (change,), f"due {record.due}")
    if status == Status.SUPPLEMENT and record.supplements:
        return [moved]  # the list says more
    if status == Status.RECEIVED and not record.supplements and due is None:
        return [moved]  # no more than that it was received
    return [moved, claim] if status in CLOSING else [claim, moved]


def _new_due(record: SyncRecord, life: Sequence[Event], zone: tzinfo) -> date | None:
    """The appointment that a record tells and the log does not know, if there is one."""
    dues = (*(entry.due_after for entry in record.supplements[-1:]), record.due)
    known = _appointments(life, zone) or [record.first_due]
    return next((due for due in dues if due not in (None, *known)), None)


def _appointments(life: Sequence[Event], zone: tzinfo) -> list[date | None]:
    """The days given to answer by; None where an event left the day to the rules."""
    giving = Received | Supplemented | Resumed | Rescheduled
    dues = [event.data.due for event in life if isinstance(event, giving)]
    return [None if due is None else local_date(due, zone) for due in dues]


# --- What is new in it ---------------------------------------------------------------------------


def tell(known: Sequence[Event], record: Record, now: datetime, zone: tzinfo) -> list[Event]:
    """The events that a record adds to those ``known`` of its dossier.

    Each thing that it says is held against the life as of that time, so that late news falls into
    its place. What was told before is not told again, even if it was taken back since.
    """
    life, told = life_of(known), list[Event]()
    ids = {event.id for event in known if event.source == SOURCE}
    while added := list(_added(_claims(record, life, now, zone), life, ids, zone)):
        told += added  # and again, until the same record would add nothing
        ids |= {event.id for event in added}
        life = reduce(_after, added, life)
    return told


def _added(
    claims: Sequence[Claim], life: list[Event], ids: Set[str], zone: tzinfo
) -> Iterator[Event]:
    """What claims add to a life, once; ``ids`` are those of the events told before."""
    told = set(ids)
    for claim in claims:
        if _id(claim, claim.steps[-1].kind) in ids:
            continue
        while (news := _next(claim, life, zone)) and told.isdisjoint(event.id for event in news):
            told |= {event.id for event in news}
            life = reduce(_after, news, life)
            yield from news


def _after(life: list[Event], event: Event) -> list[Event]:
    """A life with one event more; or with one less, where that is taken back."""
    if isinstance(event, Annulled):
        gone = (event.source, event.data.event_id)
        return [other for other in life if (other.source, other.id) != gone]
    return sorted([*life, event], key=lambda other: other.time)


def _next(claim: Claim, life: Sequence[Event], zone: tzinfo) -> list[Event]:
    """What must happen next for a claim to hold; nothing once it does."""
    phase, by = _standing([event for event in life if event.time <= claim.time], zone)
    if phase == rules.CLOSED and by is not None:
        return [_taken_back(by, claim)] if _reopens(claim, by) else []
    change = next((step for step in claim.steps if _applies(step, phase, life, zone)), None)
    if change is None or (by is not None and _is_old(claim, by, life)):
        return []
    later = next((event for event in life if event.time > claim.time), None)
    if later is None or (later.source, _kind(later)) != (SOURCE, change.kind):
        return [_event(claim, change)]
    return _dated_earlier(claim, change, later, zone)


def _dated_earlier(claim: Claim, change: Change, later: Event, zone: tzinfo) -> list[Event]:
    """What to make of a change that is told already, as of a later time. Figures are by the day."""
    if claim.undated or local_date(later.time, zone) == local_date(claim.time, zone):
        return []
    if _when(later) == _written(later.time):
        return [_event(claim, change)]
    return [_taken_back(later, claim), _event(claim, Change(change.kind, later.data.model_dump()))]


NO_DAYS_OFF: Final = working_days(EPOCH, EPOCH, (), ())  # phases do not depend on the calendar,
TERMS: Final = Policy().terms()  # nor on the policy
AS_IF_RECEIVED: Final = rules.BLANK._replace(phase=rules.IN_PROGRESS)


def _standing(life: Sequence[Event], zone: tzinfo) -> tuple[int, Event | None]:
    """The phase that a life has come to, and the event that brought it there.

    Before its reception is told, a dossier is taken to be in progress: what is told of it stands
    in suspense until then.
    """
    clock, by = rules.BLANK if _is_received(life) else AS_IF_RECEIVED, None
    for event in life:
        if rules.applies(clock.phase, KIND_OF[event.type]):
            before, clock = clock, rules.step(clock, plain_event(event, zone), TERMS, NO_DAYS_OFF)
            by = by if clock.phase == before.phase else event
    return clock.phase, by


def _reopens(claim: Claim, closing: Event) -> bool:
    """Whether a claim takes back that the dossier was closed. What has no date never does: it may
    be an old record, sent again."""
    same = claim.steps[-1] == Change(_kind(closing), closing.data.model_dump())
    return closing.source == SOURCE and not claim.undated and not same


def _applies(step: Change, phase: int, life: Sequence[Event], zone: tzinfo) -> bool:
    """Whether a step changes anything for a dossier in this phase."""
    if step.kind == "rescheduled":
        known, due = _appointments(life, zone), step.data["due"]
        return known[-1:] not in ([], [None]) and due not in (None, *known)
    if step.kind == "received":
        return not _is_received(life)
    if step.kind == "supplement_requested" and phase == rules.AWAITING:
        return False
    return rules.applies(phase, KINDS.index(step.kind))


def _is_old(claim: Claim, standstill: Event, life: Sequence[Event]) -> bool:
    """Whether a claim that a standstill is over may have been made before it began.

    Not if it has a date, a new appointment, or the supplement in its list. If it has none of these,
    and the standstill no date either, then records are taken to come in order.
    """
    if not claim.undated or claim.steps[-1] != Change("resumed", {"due": None}):
        return False
    lists_it = isinstance(standstill, SupplementRequested) and claim.listed >= _requests(life)
    return not lists_it and not _when(standstill).startswith(ON_ARRIVAL)


# --- Events --------------------------------------------------------------------------------------


def _event(claim: Claim, change: Change) -> Event:
    return _made(claim.code, _id(claim, change.kind), claim.time, change)


def _id(claim: Claim, kind: str) -> str:
    """An id made of nothing but what the record says, and when that was."""
    return f"{kind} {claim.code} {claim.undated or _written(claim.time)}"


def _when(event: Event) -> str:
    """The end of such an id."""
    return event.id.removeprefix(f"{_kind(event)} {event.subject} ")


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()


def _kind(event: Event) -> str:
    return KINDS[KIND_OF[event.type]]


def _taken_back(event: Event, claim: Claim) -> Event:
    """The annulment of an event of ours, which cannot be recorded before that was."""
    change = Change("annulled", {"event_id": event.id, "reason": "corrected"})
    time = max(claim.time, recorded_at(event))
    return _made(claim.code, f"annulled {event.id}"[:LONGEST_TEXT_CHARS], time, change)


def _made(code: str, event_id: str, time: datetime, change: Change) -> Event:
    return EVENT.validate_python(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": f"dossier.{change.kind}.v1",
            "subject": code,
            "time": time,
            "data": change.data,
        }
    )

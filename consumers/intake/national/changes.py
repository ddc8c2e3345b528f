"""Derives events from records of the national portal: what a record adds to a dossier's history.

A record says how a dossier stands; the log says how it stood. ``new_events`` compares the two, as
of the time that the record speaks of, and returns the events that lie between them. It keeps no
state of its own.

It works in two steps. A record is first turned into claims: by this time, the dossier had reached
this status. Then each claim that does not hold yet is made true by events.

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
from hoso.domain.policy import Policy, terms_in

SOURCE: Final = "/national-portal"
CHANNELS: Final = {"1": "in_person", "2": "online", "3": "post"}  # kênh thực hiện


class Change(NamedTuple):
    """Something that happens to a dossier: an event's kind and its data."""

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
ON_ARRIVAL: Final = "undated"  # begins what identifies a status that a record does not date

# --- Claims --------------------------------------------------------------------------------------


class Claim(NamedTuple):
    """What a record claims: by ``time``, the dossier had made the last of ``steps``.

    ``steps`` are the changes that lead there; each is made where the rules allow it.

    ``undated`` is empty if the record has a date for the claim. Else it is what the record has
    instead, which then identifies the claim, and ``time`` is the best estimate. ``supplements`` is
    the number of supplements that the record lists.
    """

    code: str
    time: datetime
    steps: tuple[Change, ...]
    undated: str = ""
    supplements: int = 0


def _claims(record: Record, history: Sequence[Event], now: datetime, zone: tzinfo) -> list[Claim]:
    """The claims of a record, in order; none if the dossier has not been received."""
    received = _is_received(history)
    if record.status == Status.NEW or (record.status == Status.NOT_ACCEPTED and not received):
        return []
    if isinstance(record, ProgressRecord):
        return [_status_claim(record.code, record.status, record.time)]
    since = history[-1].time if received else record.reception
    if since is None:
        return []
    claims = [] if received else [_reception_claim(record, since)]
    claims += _supplement_claims(record, history, since, now)
    claims += _present_claims(record, _new_due_day(record, history, zone), now)
    return [claim._replace(supplements=len(record.supplements)) for claim in claims]


def _is_received(history: Sequence[Event]) -> bool:
    return any(isinstance(event, Received) for event in history)


def _status_claim(
    code: str, status: Status, time: datetime, undated: str = "", due: date | None = None
) -> Claim:
    """The claim that a dossier reached a status. The date of a hand-over is only an estimate of
    the completion's date."""
    if status == Status.HANDED_OVER and not undated:
        undated = f"handed over {_utc(time)}"
    supplemented = Change("supplemented", {"due": due})
    if status in UNDER_WAY:
        return Claim(code, time, (supplemented, Change("resumed", {"due": due})), undated)
    if status == Status.PAYMENT:
        return Claim(code, time, (supplemented, PAUSED), undated)
    return Claim(code, time, (CLOSING.get(status, REQUESTED),), undated)


def _reception_claim(record: SyncRecord, time: datetime) -> Claim:
    data = {
        "agency": record.agency,
        "field": record.field,
        "procedure": record.procedure,
        "channel": CHANNELS[record.channel],
        "due": record.first_due,
    }
    return Claim(record.code, time, (Change("received", data),))


def _supplement_claims(
    record: SyncRecord, history: Sequence[Event], since: datetime, now: datetime
) -> Iterator[Claim]:
    """The claims of the supplements that a record lists, each with its dates.

    A supplement without dates, that was requested and brought between two records, gets the time
    of the event before it: then the clock stood still for no time, and the new due day holds from
    there on.
    """
    requested_before, last = _requests(history), len(record.supplements)
    for number, entry in enumerate(record.supplements, 1):
        name = f"supplement {number}"
        is_open = number == last and record.status == Status.SUPPLEMENT and not entry.due_after
        is_over = not is_open and (number > requested_before or requested_before == number < last)
        estimate = now if is_open else min(since, entry.brought or since)
        requested = entry.requested or (estimate if number > requested_before else None)
        if requested is not None:
            undated, since = "" if entry.requested else name, requested
            yield Claim(record.code, requested, (REQUESTED,), undated)
        brought = entry.brought or (since if is_over else None)
        if brought is not None:
            undated, since = "" if entry.brought else name, brought
            change = Change("supplemented", {"due": entry.due_after})
            yield Claim(record.code, brought, (change,), undated)


def _requests(history: Sequence[Event]) -> int:
    return sum(isinstance(event, SupplementRequested) for event in history)


def _present_claims(record: SyncRecord, due: date | None, now: datetime) -> list[Claim]:
    """The claims of a record's status and of its due day.

    Their time is the date of the status, or else the arrival of the record. The due day comes
    first if the status closes the dossier.
    """
    status, dated = record.reached_status
    undated = "" if dated else f"{ON_ARRIVAL} {record.due} {len(record.supplements)}"
    reached = _status_claim(record.code, status, dated or now, undated, due)
    change = Change("rescheduled", {"due": record.due})
    rescheduled = Claim(record.code, reached.time, (change,), f"due {record.due}")
    if status == Status.SUPPLEMENT and record.supplements:
        return [rescheduled]  # the list of supplements says more than the status
    if status == Status.RECEIVED and not record.supplements and due is None:
        return [rescheduled]  # this status says no more than that the dossier was received
    return [rescheduled, reached] if status in CLOSING else [reached, rescheduled]


def _new_due_day(record: SyncRecord, history: Sequence[Event], zone: tzinfo) -> date | None:
    """The due day of a record if the log does not have it yet."""
    dues = (*(entry.due_after for entry in record.supplements[-1:]), record.due)
    known = _due_days(history, zone) or [record.first_due]
    return next((due for due in dues if due not in (None, *known)), None)


def _due_days(history: Sequence[Event], zone: tzinfo) -> list[date | None]:
    """The due days that events gave; None for an event that left the day to the rules."""
    with_due = Received | Supplemented | Resumed | Rescheduled
    dues = [event.data.due for event in history if isinstance(event, with_due)]
    return [None if due is None else local_date(due, zone) for due in dues]


# --- From claims to events -----------------------------------------------------------------------


def new_events(known: Sequence[Event], record: Record, now: datetime, zone: tzinfo) -> list[Event]:
    """The events that a record adds to those ``known`` of its dossier, in order.

    ``now`` is when the record came, in UTC, and ``zone`` the time zone of the office.

    Each claim of the record is compared with the history as of the claim's time, so late records
    add their events in the right place. An event that was added before is not added again, even if
    it has been annulled since.
    """
    history, new = sorted(life_of(known, zone), key=_time), list[Event]()
    ids = {event.id for event in known if event.source == SOURCE}
    # Repeated until the same record would add nothing.
    while added := list(_added(_claims(record, history, now, zone), history, ids, zone)):
        new += added
        ids |= {event.id for event in added}
        history = reduce(_with_event, added, history)
    return new


def _added(
    claims: Sequence[Claim], history: list[Event], ids: Set[str], zone: tzinfo
) -> Iterator[Event]:
    """The events that claims add to a history; ``ids`` are those of the events added before."""
    used = set(ids)
    for claim in claims:
        if _id(claim, claim.steps[-1].kind) in ids:
            continue
        while (following := _next_events(claim, history, zone)) and used.isdisjoint(
            event.id for event in following
        ):
            used |= {event.id for event in following}
            history = reduce(_with_event, following, history)
            yield from following


def _with_event(history: list[Event], event: Event) -> list[Event]:
    """A history with one more event; for an annulment, without the event that it annuls."""
    if isinstance(event, Annulled):
        annulled = (event.source, event.data.event_id)
        return [other for other in history if (other.source, other.id) != annulled]
    return sorted([*history, event], key=_time)


def _time(event: Event) -> datetime:
    return event.time


def _next_events(claim: Claim, history: Sequence[Event], zone: tzinfo) -> list[Event]:
    """What must happen next to make a claim true; nothing if it is true, or cannot be."""
    before = [event for event in history if event.time <= claim.time]
    clock, cause = _clock_and_cause(before, zone)
    if clock.phase == rules.CLOSED and cause is not None:
        return [_annulment(cause, claim)] if _reopens(claim, cause) else []
    change = next((step for step in claim.steps if _applies(step, clock, history, zone)), None)
    if change is None or (cause is not None and _may_be_older(claim, cause, history)):
        return []
    later = next((event for event in history if event.time > claim.time), None)
    if later is None or (later.source, _kind(later)) != (SOURCE, change.kind):
        return [_event(claim, change)]
    return _dated_earlier(claim, change, later, zone)


def _dated_earlier(claim: Claim, change: Change, later: Event, zone: tzinfo) -> list[Event]:
    """What to add for a change that stands in the log with a later time: nothing on the same day,
    because figures are by the day. A later time that was an estimate is annulled."""
    if claim.undated or local_date(later.time, zone) == local_date(claim.time, zone):
        return []
    if _id_suffix(later) == _utc(later.time):
        return [_event(claim, change)]
    return [_annulment(later, claim), _event(claim, Change(change.kind, later.data.model_dump()))]


NO_DAYS_OFF: Final = working_days(EPOCH, EPOCH, (), ())  # phases do not depend on the calendar,
TERMS: Final = terms_in(Policy().as_rules_read_it(), 0)  # nor on the law
AS_IF_RECEIVED: Final = rules.BLANK._replace(phase=rules.IN_PROGRESS)


def _clock_and_cause(history: Sequence[Event], zone: tzinfo) -> tuple[rules.Clock, Event | None]:
    """The clock of a dossier in the phase it has reached, and the event that brought it there.

    A dossier whose reception is not known yet is taken to be in progress: its events stand in
    suspense until the reception comes.
    """
    clock, cause = rules.BLANK if _is_received(history) else AS_IF_RECEIVED, None
    for event in history:
        if rules.applies(clock, KIND_OF[event.type]):
            before, clock = clock, rules.step(clock, plain_event(event, zone), TERMS, NO_DAYS_OFF)
            cause = cause if clock.phase == before.phase else event
    return clock, cause


def _reopens(claim: Claim, closing: Event) -> bool:
    """Whether a claim takes a closing event back. A claim without a date never does: it may be
    from an old record that was sent again."""
    kind, data = claim.steps[-1].kind, claim.steps[-1].data
    said = {name: value for name, value in data.items() if value is not None}
    same = (kind, said) == (_kind(closing), closing.data.model_dump(exclude_none=True))
    return closing.source == SOURCE and not claim.undated and not same


def _applies(step: Change, clock: rules.Clock, history: Sequence[Event], zone: tzinfo) -> bool:
    """Whether a step changes anything for a dossier with this clock."""
    if step.kind == "rescheduled":
        known, due = _due_days(history, zone), step.data["due"]
        return known[-1:] not in ([], [None]) and due not in (None, *known)
    if step.kind == "received":
        return not _is_received(history)
    if step.kind == "supplement_requested" and clock.phase == rules.AWAITING:
        return False
    return rules.applies(clock, KINDS.index(step.kind))


def _may_be_older(claim: Claim, standstill: Event, history: Sequence[Event]) -> bool:
    """Whether a claim that a standstill is over may be older than the standstill.

    Not if the claim has a date, a new due day, or the supplement in its list. If it has none of
    these, and the standstill has no date either, records are taken to come in order.
    """
    if not claim.undated or claim.steps[-1] != Change("resumed", {"due": None}):
        return False
    is_request = isinstance(standstill, SupplementRequested)
    lists_request = is_request and claim.supplements >= _requests(history)
    return not lists_request and not _id_suffix(standstill).startswith(ON_ARRIVAL)


# --- Events --------------------------------------------------------------------------------------


def _event(claim: Claim, change: Change) -> Event:
    return _portal_event(claim.code, _id(claim, change.kind), claim.time, change)


def _id(claim: Claim, kind: str) -> str:
    """The id of an event: made only of what the record says, so that a record sent again gives the
    same id."""
    return f"{kind} {claim.code} {claim.undated or _utc(claim.time)}"


def _id_suffix(event: Event) -> str:
    """The end of an event's id: its time, or what the record had instead."""
    return event.id.removeprefix(f"{_kind(event)} {event.subject} ")


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()


def _kind(event: Event) -> str:
    return KINDS[KIND_OF[event.type]]


def _annulment(event: Event, claim: Claim) -> Event:
    """The annulment of an event that an earlier record added. It cannot come before that event was
    recorded."""
    change = Change("annulled", {"event_id": event.id, "reason": "corrected"})
    time = max(claim.time, recorded_at(event))
    return _portal_event(claim.code, f"annulled {event.id}"[:LONGEST_TEXT_CHARS], time, change)


def _portal_event(code: str, event_id: str, time: datetime, change: Change) -> Event:
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

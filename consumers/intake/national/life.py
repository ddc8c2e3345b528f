"""Derives a dossier's events from all that records of the national portal have said of it.

What is wanted is a pure function of the set of these records: it does not matter in which order
they came, or how often. When a record first came is used for one purpose only: as the estimate of a
date that no record gives.

The records become steps (``steps``). The steps become changes: an event's time, kind and data. The
due days that no change explains become appointments. ``corrections`` then compares the events with
the log.

docs/NATIONAL.md has the mapping, and the reasons for it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final, NamedTuple

from hoso.consumers.intake.corrections import corrections
from hoso.consumers.intake.national.records import (
    CHANNELS,
    ProgressRecord,
    Record,
    Status,
    SyncRecord,
    kept_record,
    stored_record,
)
from hoso.consumers.intake.national.steps import (
    CLOSED,
    UNDER_WAY,
    Order,
    Step,
    Told,
    ToldSync,
    listed_supplements,
    steps_of,
)
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import KeptRecord
from hoso.domain.calendar import local_date
from hoso.domain.dossier import life_of, place_in_life
from hoso.domain.events import EVENT, Event, Received
from hoso.domain.kinds import kind_name

SOURCE: Final = "/national-portal"
REASONS: Final = {Status.PAYMENT: "financial_obligation", Status.STOPPED: "other"}
GRANTED: Final = ("resolved", {"outcome": "granted"})
CLOSINGS: Final[dict[Status, tuple[str, dict[str, Any]]]] = {
    Status.NOT_ACCEPTED: ("returned", {"reason": "not_accepted"}),
    Status.WITHDRAWN: ("cancelled", {"reason": "withdrawn"}),
    Status.PROCESSED: GRANTED,
    Status.HANDED_OVER: GRANTED,
}
CLOSING_KINDS: Final = frozenset(kind for kind, _ in CLOSINGS.values())
ENDS: Final = ("supplemented", "resumed")
# A due day that is told at most so long before or after the end of a standstill came with that end.
WITH_THE_END: Final = timedelta(days=1)


class Change(NamedTuple):
    """Something that happens to a dossier: the time, kind and data of an event, and when the first
    record of it came."""

    time: datetime
    kind: str
    data: dict[str, Any]
    told: datetime


def additions(
    code: str,
    known: Sequence[Event],
    before: Sequence[KeptRecord],
    records: Sequence[Record],
    now: datetime,
    zone: tzinfo,
) -> tuple[list[Event], list[KeptRecord]]:
    """The events and the kept records that new records add to a dossier.

    ``known`` and ``before`` are the events and the records that are in the store already. The
    records came at ``now``, in UTC; ``zone`` is the time zone of the office.

    Raises ``StoreError`` if a record that was kept is damaged.
    """
    kept = {record.body for record in before}
    new = {stored_record(record): record for record in records if record.status != Status.NEW}
    if not new.keys() - kept:
        return [], []
    told = [Told(_kept(code, body, zone), came) for came, body in before]
    told += [Told(record, now) for body, record in new.items() if body not in kept]
    own = [event for event in known if _is_own(event)]
    others = life_of([event for event in known if not _is_own(event)], zone)
    events = wanted_events(code, told, others, zone)
    observed = [KeptRecord(now, body) for body in new if body not in kept]
    return corrections(own, events, SOURCE), observed


def _kept(code: str, body: bytes, zone: tzinfo) -> Record:
    try:
        return kept_record(code, body, zone)
    except ValueError:
        raise StoreError(f"{code}: what is kept of its national records is damaged") from None


def _is_own(event: Event) -> bool:
    """Whether ``wanted_events`` made an event. Older versions of hoso made ids of another form, and
    kept no records: their events stay, as those of another source do."""
    return event.source == SOURCE and event.id.startswith(f"{event.subject} ")


def wanted_events(
    code: str, told: Sequence[Told], others: Sequence[Event], zone: tzinfo
) -> list[Event]:
    """The events of a dossier, in the order of its life, that all its records together tell of.

    ``others`` are the events of other sources that count; their changes are not added again. Until
    a reception is known, events come from progress records only, and stand in suspense.
    """
    order = partial(place_in_life, zone=zone)
    syncs = [ToldSync(record, came) for record, came in told if isinstance(record, SyncRecord)]
    reception = min((s for s in syncs if s.record.reception), key=_how_far, default=None)
    since = None if reception is None else reception.record.reception
    if since is None and not any(isinstance(event, Received) for event in others):
        told = [each for each in told if isinstance(each.record, ProgressRecord)]
        told = [each for each in told if each.record.status != Status.NOT_ACCEPTED]
    steps = steps_of(told, since, order)
    changes = list(_changes(steps, since, order))
    if reception is not None and since is not None:
        changes = _with_due_days(changes, reception, syncs)
        changes.sort(key=lambda change: (change.kind in CLOSING_KINDS, order(change.time)))
        changes.insert(0, _received(reception, since))
    return [_event(code, change) for change in _not_told_by(others, changes, zone)]


def _how_far(sync: ToldSync) -> tuple[object, ...]:
    """How far a dossier was in a record that has its reception. The earliest record is the best
    one for the reception, so the least is taken."""
    record, came = sync
    due = record.first_due or date.max
    return len(record.supplements), record.status != Status.RECEIVED, came, due


def _received(reception: ToldSync, time: datetime) -> Change:
    record, came = reception
    assert record.channel is not None  # else it would have been a reject
    data = {
        "agency": record.agency,
        "field": record.field,
        "procedure": record.procedure,
        "channel": CHANNELS[record.channel],
        "due": record.first_due,
        "allowance": record.allowance,
    }
    return Change(time, "received", data, came)


def _changes(steps: Sequence[Step], since: datetime | None, order: Order) -> Iterator[Change]:
    """The changes that steps are, in order: a status that lasts is one change. What stands still
    before the reception is no part of the life."""
    standstill: Step | None = None
    for step in steps:
        if step.status in CLOSED:
            yield Change(step.time, *CLOSINGS[step.status], step.told)
        elif since is not None and _is_before(step.time, since, order):
            continue
        elif step.status in UNDER_WAY:
            if standstill is not None and _ends(step, standstill):
                yield _end(standstill, step)
                standstill = None
        elif standstill is None or standstill.status != step.status:
            if step.status == Status.SUPPLEMENT:
                yield Change(step.time, "supplement_requested", {}, step.told)
            elif standstill is None or standstill.status == Status.SUPPLEMENT:
                if standstill is not None:
                    yield _end(standstill, step)
                data = {"reason": REASONS[step.status]}
                yield Change(step.time, "paused", data, step.told)
            standstill = step


def _is_before(time: datetime, since: datetime, order: Order) -> bool:
    """Whether a time is before the reception: on an earlier day, or at an earlier hour."""
    return time < since and order(time) < order(since)


def _ends(step: Step, standstill: Step) -> bool:
    """Whether a step ends a standstill. One without a date may be from an old record: it ends only
    what has no date either, and if its record lists no fewer supplements."""
    return not step.is_estimate or (
        standstill.is_estimate and step.supplements >= standstill.supplements
    )


def _end(standstill: Step, step: Step) -> Change:
    kind = "supplemented" if standstill.status == Status.SUPPLEMENT else "resumed"
    return Change(step.time, kind, {"due": step.due}, step.told)


def _with_due_days(
    changes: list[Change], reception: ToldSync, syncs: Sequence[ToldSync]
) -> list[Change]:
    """The changes with the due days that records tell: a due day that came with the end of a
    standstill is that of the end; any other is a new appointment, made when it was first told."""
    listed = bool(listed_supplements(syncs))
    closing = next((change.time for change in changes if change.kind in CLOSING_KINDS), None)
    rescheduled = []
    for due, telling in sorted(_unexplained(reception.record, syncs).items()):
        came = min(sync.came for sync in telling)
        place = _end_of(telling, came, changes, listed=listed)
        if place is not None:
            changes[place] = changes[place]._replace(data={"due": due})
            continue
        time = came if closing is None else min(came, closing)
        rescheduled.append(Change(time, "rescheduled", {"due": due}, came))
    return changes + sorted(rescheduled, key=lambda change: change.told)


def _unexplained(first: SyncRecord, syncs: Sequence[ToldSync]) -> dict[date, list[ToldSync]]:
    """The due days that neither the reception nor a list of supplements tells, with the records
    that do."""
    entries = [entry for sync in syncs for entry in sync.record.supplements]
    known = {first.first_due, *(entry.due_after for entry in entries)}
    found: dict[date, list[ToldSync]] = {}
    for sync in syncs:
        if sync.record.due is not None and sync.record.due not in known:
            found.setdefault(sync.record.due, []).append(sync)
    return found


def _end_of(
    telling: Sequence[ToldSync], came: datetime, changes: Sequence[Change], *, listed: bool
) -> int | None:
    """The place of the end of a standstill that a due day came with; None if there is none.

    ``telling`` are the records with the due day. Where records list supplements, the number of
    requests before the end is that of the list.
    """
    if all(record.status not in (*UNDER_WAY, *CLOSED) for record, _ in telling):
        return None
    counts = [len(record.supplements) for record, _ in telling]
    requests = 0
    for place, change in enumerate(changes):
        requests += change.kind == "supplement_requested"
        is_free = change.kind in ENDS and change.data["due"] is None
        is_between = not listed or min(counts) <= requests <= max(counts)
        if is_free and is_between and abs(came - change.told) <= WITH_THE_END:
            return place
    return None


def _not_told_by(
    others: Sequence[Event], changes: Sequence[Change], zone: tzinfo
) -> Iterator[Change]:
    """The changes that events of other sources do not tell. A dossier is received once and closed
    once; of any other kind, an event of the same day is the same event."""
    told = [(kind_name(event.type), local_date(event.time, zone)) for event in others]
    kinds = {kind for kind, _ in told}
    if kinds & CLOSING_KINDS:
        kinds |= CLOSING_KINDS
    for change in changes:
        is_once = change.kind == "received" or change.kind in CLOSING_KINDS
        is_told = (change.kind, local_date(change.time, zone)) in told
        if not (is_told or (is_once and change.kind in kinds)):
            yield change


def _event(code: str, change: Change) -> Event:
    return EVENT.validate_python(
        {
            "specversion": "1.0",
            "id": f"{code} {change.kind} {change.time.astimezone(UTC).isoformat()}",
            "source": SOURCE,
            "type": f"dossier.{change.kind}.v1",
            "subject": code,
            "time": change.time,
            "data": change.data,
        }
    )

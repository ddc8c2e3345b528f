"""Turns all records of a dossier into dated steps: on this day, it reached that status.

A step's date is that of a progress record, of the list of supplements, or of the end that a sync
record dates. A status without any date is dated by the record's arrival, as an estimate. As soon as
a record gives the date, the estimate is gone.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from hoso.consumers.intake.national.records import (
    ProgressRecord,
    Record,
    Status,
    Supplement,
    SyncRecord,
)

CLOSED: Final = (Status.NOT_ACCEPTED, Status.WITHDRAWN, Status.PROCESSED, Status.HANDED_OVER)
PAUSED: Final = (Status.PAYMENT, Status.STOPPED)
UNDER_WAY: Final = (Status.RECEIVED, Status.IN_PROCESS)
NOT_AWAITING: Final = (*UNDER_WAY, *PAUSED)

Order = Callable[[datetime], int]  # the place of a time in a dossier's life


class Told(NamedTuple):
    """A record, and when it first came."""

    record: Record
    came: datetime


class ToldSync(NamedTuple):
    """A sync record, and when it first came."""

    record: SyncRecord
    came: datetime


class Step(NamedTuple):
    """A status that a dossier reached.

    ``told`` is when the first record of it came. ``due`` is the new due day, where it has one.
    An estimate has the arrival of its record for its time; the record listed ``supplements``.
    """

    time: datetime
    status: Status
    told: datetime
    due: date | None = None
    is_estimate: bool = False
    supplements: int = 0


class Listed(NamedTuple):
    """One supplement, as all sync records together list it.

    ``seen`` is when a record first listed it, ``over`` when one first showed that it was brought.
    """

    requested: datetime | None
    brought: datetime | None
    due_after: date | None
    seen: datetime
    over: datetime | None


def steps_of(told: Sequence[Told], since: datetime | None, order: Order) -> list[Step]:
    """The steps of a dossier, in order, up to its closing.

    ``since`` is the reception; None if it is not known.
    """
    syncs = [ToldSync(record, came) for record, came in told if isinstance(record, SyncRecord)]
    dated = sorted(_dated(told, since), key=lambda step: order(step.time))
    closings = _closings(syncs, dated)
    progress = [step for step in dated if step.status not in CLOSED]
    listed = listed_supplements(syncs)
    until = min((step.time for step in closings), default=None)
    supplements, others = _supplement_steps(listed, progress, (since, until), order)
    steps = [*supplements, *others, *_estimates(syncs, dated, listed), *closings]
    return _up_to_the_closing(sorted(steps, key=lambda step: order(step.time)))


def _dated(told: Sequence[Told], since: datetime | None) -> Iterator[Step]:
    """The steps that progress records tell, and stops that sync records date; each once. Status 2
    no later than the reception is the reception itself."""
    first: dict[tuple[datetime, Status], datetime] = {}
    for record, came in told:
        if isinstance(record, ProgressRecord):
            time: datetime | None = record.time
            status = record.status
        else:
            status, time = record.dated_status
            time = time if status == Status.STOPPED else None
        if time is None or status == Status.NEW:
            continue
        if not (status == Status.RECEIVED and since is not None and time <= since):
            status = Status.IN_PROCESS if status in UNDER_WAY else status
            first[time, status] = min(came, first.get((time, status), came))
    return (Step(time, status, came) for (time, status), came in first.items())


def _closings(syncs: Sequence[ToldSync], dated: Sequence[Step]) -> list[Step]:
    """The steps that may close the dossier: ends with their dates, none later than all that sync
    records date. Without any, the earliest of hand-overs and arrivals: the end was no later."""
    told = [step for step in dated if step.status in CLOSED]
    of_syncs = []
    for record, came in syncs:
        status, time = record.dated_status
        if status in CLOSED:
            of_syncs.append(Step(time or came, status, came, is_estimate=time is None))
    last = max((step.time for step in of_syncs if _is_certain(step)), default=None)
    certain = [step for step in (*told, *of_syncs) if _is_certain(step)]
    return [s for s in certain if last is None or s.time <= last] or sorted(told + of_syncs)[:1]


def _is_certain(closing: Step) -> bool:
    return closing.status != Status.HANDED_OVER and not closing.is_estimate


def _up_to_the_closing(steps: Sequence[Step]) -> list[Step]:
    """The steps up to the one that closes the dossier: the first end. One that is taken up again
    and ends again is closed by its later end; a mere step after the end takes nothing back."""
    kept, closing, after = list[Step](), list[Step](), list[Step]()
    for step in steps:
        if step.status in CLOSED:
            if not closing or after:
                kept, closing, after = kept + after, [step], []
        elif not closing:
            kept.append(step)
        elif not step.is_estimate:
            after.append(step)
    return kept + closing


# --- Supplements ---------------------------------------------------------------------------------


def listed_supplements(syncs: Sequence[ToldSync]) -> list[Listed]:
    """The supplements that sync records list: a later record has the same ones, and more."""
    longest = max((len(record.supplements) for record, _ in syncs), default=0)
    return [
        _merged(number, [sync for sync in syncs if len(sync.record.supplements) > number])
        for number in range(longest)
    ]


def _merged(number: int, syncs: Sequence[ToldSync]) -> Listed:
    entries = [record.supplements[number] for record, _ in syncs]
    return Listed(
        requested=min((entry.requested for entry in entries if entry.requested), default=None),
        brought=min((entry.brought for entry in entries if entry.brought), default=None),
        due_after=max((entry.due_after for entry in entries if entry.due_after), default=None),
        seen=min(came for _, came in syncs),
        over=min((came for record, came in syncs if _is_over(record, number)), default=None),
    )


def _is_over(record: SyncRecord, number: int) -> bool:
    """Whether a record shows that a supplement that it lists was brought."""
    entry: Supplement = record.supplements[number]
    return (
        number < len(record.supplements) - 1
        or entry.brought is not None
        or entry.due_after is not None
        or record.status in NOT_AWAITING
    )


def _supplement_steps(
    listed: Sequence[Listed],
    progress: Sequence[Step],
    bounds: tuple[datetime | None, datetime | None],
    order: Order,
) -> tuple[list[Step], list[Step]]:
    """The steps of the supplements that are listed, and those of ``progress`` that they leave.

    The list's own dates come first, then those of progress: its first request is the first of the
    list. An estimate lies between its neighbours (``bounds``: the reception and the end).
    """
    steps, rest, (since, until) = list[Step](), list(progress), bounds
    requests = _requests(progress)
    for number, entry in enumerate(listed):
        later = (each.requested for each in listed[number + 1 :] if each.requested)
        bound = next(later, until)
        request = next(iter(requests[number : number + 1]), None)
        requested = entry.requested or (request and request.time)
        if requested is None:
            at_once = since is not None and entry.over == entry.seen
            requested = since if at_once else _earliest(entry.seen, bound)
        assert requested is not None
        steps.append(Step(requested, Status.SUPPLEMENT, entry.seen))
        brought = _brought(entry, requested, bound, rest, order)
        steps += [brought] if brought else []
        since = (brought or steps[-1]).time
        rest = _without(rest, request, requested, brought, order)
    return steps, rest


def _requests(progress: Sequence[Step]) -> list[Step]:
    """The first step of each run of requests."""
    before = [None, *(step.status for step in progress)]
    pairs = zip(before, progress, strict=False)
    return [s for last, s in pairs if s.status == Status.SUPPLEMENT and last != s.status]


def _brought(
    entry: Listed,
    requested: datetime,
    bound: datetime | None,
    progress: Sequence[Step],
    order: Order,
) -> Step | None:
    """The step that ends a listed request; None while it is open.

    A supplement without dates, first seen when it was over, took no time.
    """
    ends = (s for s in progress if s.status in NOT_AWAITING and order(s.time) > order(requested))
    end = next(ends, None)
    if end is not None and bound is not None and order(end.time) > order(bound):
        end = None
    time = entry.brought or (end and end.time)
    if time is None and entry.over is not None:
        time = requested if entry.over == entry.seen else _earliest(entry.over, bound)
    if time is None:
        return None
    told = _earliest(*(each for each in (entry.over, end and end.told) if each)) or entry.seen
    return Step(max(time, requested, key=order), Status.IN_PROCESS, told, entry.due_after)


def _without(
    progress: Sequence[Step],
    request: Step | None,
    requested: datetime,
    brought: Step | None,
    order: Order,
) -> list[Step]:
    """Progress without what a listed supplement tells already: its request, and each request or
    "in process" from then until it was brought."""
    until = order(brought.time) if brought else order(requested)
    told = (Status.SUPPLEMENT, Status.IN_PROCESS)
    return [
        step
        for step in progress
        if step != request
        and not (step.status in told and order(requested) <= order(step.time) <= until)
    ]


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


# --- What has no date ----------------------------------------------------------------------------


def _estimates(
    syncs: Sequence[ToldSync], dated: Sequence[Step], listed: Sequence[Listed]
) -> Iterator[Step]:
    """The statuses of sync records that no record dates, as of the arrival of each."""
    known = {step.status for step in dated} | ({Status.SUPPLEMENT} if listed else set())
    for record, came in syncs:
        is_standstill = record.status in (Status.SUPPLEMENT, *PAUSED) and record.status not in known
        if is_standstill or record.status == Status.IN_PROCESS:
            count = len(record.supplements)
            yield Step(came, record.status, came, is_estimate=True, supplements=count)

"""Which patterns of the integrity checks a life shows: slowly, and from the contract's words.

This is to ``hoso integrity`` what ``tests.model`` is to the ledger, and shares no code with hoso.
Each dossier is replayed event by event, and days are counted one by one. Where REPORTS.md, section
11, leaves something open, a comment that begins with ``Reading:`` says how it is read here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from math import inf
from statistics import median
from typing import Any, NamedTuple

from tests.model import (
    CLOSING_KINDS,
    FACTS,
    ND118,
    ONE_DAY,
    PINNED_TO,
    Calendar,
    IsWorking,
    KnownLaw,
    Law,
    Life,
    Recorded,
    Step,
    steps_until,
)

CHECKS = (
    *("paused_on_due_day", "late_supplement_request", "second_request", "supplement_expired"),
    *("re_entered", "sent_back_on_due_day", "recorded_after_due", "due_moved_to_closing"),
    *("late_notice", "second_notice", "no_notice", "resolved_at_once", "burst", "last_day"),
    *("recorded_late", "district_after_reform", "allowance_differs"),
)
OF_ONE_LIFE = tuple(name for name in CHECKS if name not in ("burst", "last_day"))
NOTICE_DAYS = 3  # working days: NĐ 61 art. 19.4, NĐ 118 art. 19.5
EXPIRY_DAYS = 15  # calendar days: NĐ 118 art. 19.5
LAST_DISTRICT_DAY = date(2025, 6, 30)

Catalogue = Mapping[str, tuple[str, int]]  # unit and value of the allowance, by procedure


class Seen(NamedTuple):
    """A pattern that a dossier shows, and the day on which it counts."""

    check: str
    day: date


class Thresholds(NamedTuple):
    """The thresholds that are no law."""

    working_days_before: int = 1
    days_after_due: int = 0
    minutes: int = 1
    working_days_late: int = 1


DEFAULT = Thresholds()


@dataclass(frozen=True)
class Asked:
    """What is asked: as known when, by which law, thresholds and calendar, compared with which
    catalogue."""

    is_working: IsWorking
    zone: tzinfo
    law: Law = field(default_factory=Law)
    as_of: datetime | None = None
    today: date | None = None
    catalogue: Catalogue = field(default_factory=dict)
    thresholds: Thresholds = DEFAULT

    @property
    def calendar(self) -> Calendar:
        """The working days."""
        return Calendar(self.is_working)

    def steps(self, events: Sequence[Recorded], until: date) -> dict[str, list[Step]]:
        """What applied to each dossier until the end of a day."""
        return steps_until(
            events,
            until,
            as_of=self.as_of,
            law=self.law,
            today=self.today,
            is_working=self.is_working,
            zone=self.zone,
        )

    def last_day(self, until: date) -> date:
        """The last day of which anything is known."""
        known = self.today if self.as_of is None else self.as_of.astimezone(self.zone).date()
        return until if known is None else min(until, known)


def found(
    events: Sequence[Recorded], window: tuple[date, date], asked: Asked
) -> dict[str, dict[str, date]]:
    """The dossiers that each check finds in a window, but for those that look at many at once; and
    the first day of the window on which each shows the pattern."""
    days: dict[str, dict[str, date]] = {name: {} for name in OF_ONE_LIFE}
    until = asked.last_day(window[1])
    for code, steps in _lives(events, window, asked):
        for check, day in sorted(seen(steps, until, asked), key=_day_of):
            if window[0] <= day <= window[1]:
                days[check].setdefault(code, day)
    return days


def _day_of(seen: Seen) -> date:
    return seen.day


def _lives(
    events: Sequence[Recorded], window: tuple[date, date], asked: Asked
) -> Iterator[tuple[str, list[Step]]]:
    """What happened to each dossier by the end of a window, without what is only said of it."""
    for code, steps in asked.steps(events, window[1]).items():
        yield code, [step for step in steps if step.kind not in FACTS]


def populations(
    events: Sequence[Recorded], window: tuple[date, date], asked: Asked
) -> dict[str, int]:
    """How many dossiers each check looks at in a window."""
    until = asked.last_day(window[1])
    members = Counter(
        name
        for _, steps in _lives(events, window, asked)
        for name in _memberships(steps, window, until, asked)
    )
    return {check: members[POPULATIONS[check]] for check in OF_ONE_LIFE}


POPULATIONS = {
    **dict.fromkeys(("recorded_late", "district_after_reform"), "received"),
    "allowance_differs": "received, in the catalogue",
    "paused_on_due_day": "paused",
    **dict.fromkeys(("late_supplement_request", "second_request"), "supplement_requested"),
    "supplement_expired": "awaited a supplement that may expire",
    **dict.fromkeys(("late_notice", "second_notice"), "rescheduled"),
    "no_notice": "became overdue",
    "re_entered": "closed",
    "sent_back_on_due_day": "sent back",
    "recorded_after_due": "closed in time",
    "due_moved_to_closing": "closed on the due day",
    "resolved_at_once": "resolved",
}


def _memberships(
    steps: Sequence[Step], window: tuple[date, date], until: date, asked: Asked
) -> set[str]:
    """The populations to which a dossier belongs in a window."""
    names: set[str] = set()
    for step in (step for step in steps if window[0] <= step.day):
        timeliness = step.after.closed_in.partition(".")[2]
        names.add(step.kind)
        if step.kind == "received" and step.data["procedure"] in asked.catalogue:
            names.add("received, in the catalogue")
        if step.kind in CLOSING_KINDS:
            names.add("closed")
            names |= {"sent back"} if step.kind != "resolved" else set()
            names |= {"closed in time"} if timeliness in ("early", "on_time") else set()
            names |= {"closed on the due day"} if timeliness == "on_time" else set()
    overdue_on = _overdue_on(steps, until) if steps else None
    if overdue_on is not None and window[0] <= overdue_on:
        names.add("became overdue")
    if any(ends is None or ends.day >= window[0] for _, _, ends in _waits(steps, asked)):
        names.add("awaited a supplement that may expire")
    return names


def seen(steps: Sequence[Step], until: date, asked: Asked) -> Iterator[Seen]:
    """Every pattern that a life shows by the end of a day."""
    if not steps:
        return
    for place, step in enumerate(steps):
        for check in _shown_by(step, steps[: place + 1], asked):
            yield Seen(check, step.day)
    if any(_is_moved_onto(step, steps) for step in steps):
        yield Seen("due_moved_to_closing", steps[-1].day)
    for day in _expiries(steps, until, asked):
        yield Seen("supplement_expired", day)
    overdue_on = _overdue_on(steps, until)
    if overdue_on is not None and not any(step.kind == "rescheduled" for step in steps):
        # Reading: a notice that comes when the dossier is overdue already is a notice, too late.
        yield Seen("no_notice", overdue_on)


def _shown_by(step: Step, story: Sequence[Step], asked: Asked) -> Iterator[str]:
    """What an event shows on its day; ``story`` is the life up to it."""
    if step.kind == "received":
        yield from _shown_by_reception(step, asked)
    elif step.kind == "paused":
        # Reading: of a dossier that is not overdue; no figure gets better by another one's pause.
        is_overdue = step.before.is_overdue(step.day)
        days = asked.thresholds.working_days_before
        if not is_overdue and is_due_day_or_before(step.day, step.before.due, days, asked.calendar):
            yield "paused_on_due_day"
    elif step.kind == "supplement_requested":
        if step.day > asked.calendar.add(_begun(story, asked), NOTICE_DAYS):
            yield "late_supplement_request"
        if step.after.requests > _terms(step, asked).supplement_limit:
            yield "second_request"
    elif step.kind == "rescheduled":
        notice = _terms(step, asked).reschedule_notice
        if notice is not None and step.day + timedelta(days=notice) > step.before.due:
            yield "late_notice"
        if step.before.rescheduled:
            yield "second_notice"
    elif step.kind in CLOSING_KINDS:
        yield from _shown_by_closing(step, story[0], asked.thresholds)


def _begun(story: Sequence[Step], asked: Asked) -> date:
    """The day from which on the competent body could ask for a supplement."""
    # Reading: where the law starts the clock at the arrival, the body had nothing before.
    arrivals = [step.day for step in story if step.kind == "arrived"]
    starts = [day for day in arrivals if KnownLaw(asked.law).on(day).arrival_starts_clock]
    return max([story[0].day, *starts])


def _terms(step: Step, asked: Asked) -> Any:
    return KnownLaw(asked.law).on(step.day)


def is_due_day_or_before(day: date, due: date, days: int, calendar: Calendar) -> bool:
    """Whether a day is the due day, or from so many working days before it on."""
    # Reading: a day off between the working day before and the due day counts as well.
    before = due
    while days:
        before -= ONE_DAY
        days -= calendar.is_working(before)
    return before <= day <= due


def _shown_by_reception(step: Step, asked: Asked) -> Iterator[str]:
    # Reading: days after it occurred are working days, and more than one of them.
    if asked.calendar.between(step.day, step.recorded_on) > asked.thresholds.working_days_late:
        yield "recorded_late"
    if step.data.get("level") == "district" and step.day > LAST_DISTRICT_DAY:
        yield "district_after_reform"
    if step.data["procedure"] in asked.catalogue:
        unit, value = asked.catalogue[step.data["procedure"]]
        allowance = step.data.get("allowance")
        # Reading: where only a due day is given, it is compared with that of the catalogue.
        if allowance is None:
            differs = step.after.due != asked.calendar.fresh(step.day, unit, value)
        else:
            differs = (allowance["unit"], allowance["value"]) != (unit, value)
        if differs:
            yield "allowance_differs"


def _shown_by_closing(step: Step, reception: Step, than: Thresholds) -> Iterator[str]:
    kind, _, timeliness = step.after.closed_in.partition(".")
    if kind == "cancelled" and step.data["reason"] in ("re_entered", "duplicate"):
        yield "re_entered"
    # Reading: of a dossier that is not overdue, as with a pause.
    is_overdue = step.after.lapsed or step.after.asked_too_often
    if kind != "resolved" and step.day == step.after.due and not is_overdue:
        yield "sent_back_on_due_day"
    # Reading: a cancellation has no timeliness, so it is not closed on time.
    latest = step.after.due + timedelta(days=than.days_after_due)
    if timeliness in ("early", "on_time") and step.recorded_on > latest:
        yield "recorded_after_due"
    if kind == "resolved" and reception.after.value > 0:
        moments = reception.occurred, step.occurred
        if not any(map(_is_at_no_known_hour, moments)) and _minutes(*moments) < than.minutes:
            yield "resolved_at_once"


def _minutes(one: datetime, other: datetime) -> float:
    """How many clock minutes one moment is behind another: 0 in the same minute."""
    minutes = [each.replace(second=0, microsecond=0) for each in (one, other)]
    # Reading: what another clock puts before the reception is in no minute of it.
    return (minutes[1] - minutes[0]) / timedelta(minutes=1) if minutes[0] <= minutes[1] else inf


def _is_moved_onto(step: Step, steps: Sequence[Step]) -> bool:
    """Whether an event moved the due day onto the day on which the dossier was closed on time."""
    closing = steps[-1]
    if not closing.after.closed_in.endswith(".on_time"):
        return False
    # Reading: by a new appointment that counts, or by the day given when the clock runs again; and
    # to a later day than there was, or than would have been without it.
    if step.kind == "rescheduled":
        return closing.day == step.after.due > step.before.due
    if step.kind not in ("supplemented", "resumed") or "due" not in step.data:
        return False
    return closing.day == step.after.due > _due_without(step)


def _due_without(step: Step) -> date:
    """The due day that an event would have made if it had given none."""
    life = Life(**vars(step.before))
    life.apply(step.item._replace(event=step.item.event | {"data": {}}))
    return life.due


class Wait(NamedTuple):
    """A supplement is awaited: since when, until when it may be, and what ended it."""

    since: date
    expires: date
    ends: Step | None


def _waits(steps: Sequence[Step], asked: Asked) -> Iterator[Wait]:
    """The times in which a supplement was awaited that may expire."""
    # Reading: the time runs from each request anew.
    ending = ("supplemented", "supplement_requested", *CLOSING_KINDS)
    for place, step in enumerate(steps):
        days = expiry_days(step.day, asked.law)
        if step.kind == "supplement_requested" and days is not None:
            ends = next((later for later in steps[place + 1 :] if later.kind in ending), None)
            yield Wait(step.day, step.day + timedelta(days=days), ends)


def _expiries(steps: Sequence[Step], until: date, asked: Asked) -> Iterator[date]:
    """The days on which a supplement had been awaited beyond its expiry."""
    for _, expires, ends in _waits(steps, asked):
        # Reading: the office has the next working day to close the dossier.
        close_by = asked.calendar.add(expires, 1)
        if ends is None:
            if close_by <= until:
                yield close_by
        elif ends.day > close_by or (ends.day > expires and ends.kind not in CLOSING_KINDS):
            yield min(ends.day, close_by)


def expiry_days(day: date, law: Law) -> int | None:
    """For how many days a supplement may be awaited that is asked for on a day; None for ever."""
    if law.regime in PINNED_TO:
        day = PINNED_TO[law.regime]
    return EXPIRY_DAYS if day >= ND118.first else None


def _overdue_on(steps: Sequence[Step], until: date) -> date | None:
    """The first day on which the dossier is overdue because its due day has passed."""
    # Reading: a dossier that is overdue only by its second request has no due day to apologise for.
    for place, step in enumerate(steps):
        is_last = place + 1 == len(steps)
        end = until if is_last else steps[place + 1].day
        if step.after.phase == "in_progress":
            first = max(step.after.due + ONE_DAY, step.day)
            if first <= end:
                return first
        elif step.kind in CLOSING_KINDS and step.day > step.after.due:
            return step.day  # it was closed while the clock stood still
    return None


# --- Many dossiers at once ----------------------------------------------------------------------

Window = tuple[date, date]


class Closing(NamedTuple):
    """A dossier that was closed: which agency had it, and when."""

    dossier: str
    agency: str
    moment: datetime


def closings(events: Sequence[Recorded], until: date, asked: Asked) -> list[Closing]:
    """The closings up to the end of a day."""
    return [
        Closing(code, step.after.facts["agency"], step.occurred)
        for code, steps in asked.steps(events, until).items()
        for step in steps
        if step.kind in CLOSING_KINDS
    ]


def bursts(events: Sequence[Recorded], window: Window, asked: Asked, least: int) -> set[str]:
    """The dossiers that their agency closed in one minute with others, so many or more in all."""
    known = [
        each
        for each in closings(events, window[1], asked)
        if window[0] <= each.moment.date() and not _is_at_no_known_hour(each.moment)
    ]
    together = Counter(map(_agency_and_minute, known))
    return {each.dossier for each in known if together[_agency_and_minute(each)] >= least}


def _is_at_no_known_hour(moment: datetime) -> bool:
    return moment.replace(microsecond=0).time() == time()


def _agency_and_minute(closing: Closing) -> tuple[str, datetime]:
    return closing.agency, closing.moment.replace(second=0, microsecond=0)


class FarMore(NamedTuple):
    """When closings on the last day are far more than usual: from so many ``closings`` on, at least
    so many ``times`` as many as on an average working day, and more than the median of the past
    windows and so many ``deviations``, if there are so many ``past_windows``."""

    closings: int
    times: int
    deviations: int
    past_windows: int


def last_day(
    events: Sequence[Recorded], windows: Sequence[Window], asked: Asked, far: FarMore
) -> set[str]:
    """The dossiers that their agency closed on the last working day of the last of some windows, or
    after it, where it closed far more then than is usual; the others are its past."""
    of_window = [
        [each for each in closings(events, last, asked) if first <= each.moment.date()]
        for first, last in windows
    ]
    agencies = {each.agency for each in of_window[-1]}
    return {
        each.dossier
        for agency in agencies
        for each in _at_the_end(of_window[-1], windows[-1], agency, asked)
        if _is_far_more(of_window, windows, agency, asked, far)
    }


def _at_the_end(
    closed: Sequence[Closing], window: Window, agency: str, asked: Asked
) -> list[Closing]:
    """The closings of an agency on the last working day of a window, or after it."""
    last = window[1]
    while not asked.is_working(last):
        last -= ONE_DAY
    return [each for each in closed if each.agency == agency and each.moment.date() >= last]


def _is_far_more(
    of_window: Sequence[Sequence[Closing]],
    windows: Sequence[Window],
    agency: str,
    asked: Asked,
    far: FarMore,
) -> bool:
    """Whether an agency closed far more at the end of the last window than is usual."""
    ends = [
        len(_at_the_end(closed, window, agency, asked))
        for closed, window in zip(of_window, windows, strict=True)
    ]
    all_closed = [sum(each.agency == agency for each in closed) for closed in of_window]
    first, last = windows[-1]
    worked = asked.calendar.between(first - ONE_DAY, last)
    if ends[-1] < far.closings or ends[-1] * max(worked, 1) < far.times * all_closed[-1]:
        return False
    past = [
        Fraction(end, closed)
        for end, closed in zip(ends[:-1], all_closed[:-1], strict=True)
        if closed
    ]
    if len(past) < far.past_windows:
        return True
    usual = median(past)
    deviation = median(abs(share - usual) for share in past)
    return ends[-1] > (usual + far.deviations * deviation) * all_closed[-1]

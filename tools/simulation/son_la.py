"""Makes up events behind Sơn La's published quarter, whose statement is the printed one.

The province of Sơn La printed totals, no events. ``PUBLISHED`` has the printed figures; ``PLAN``
says how many dossiers take which course, so that they add up to them. After the quarter the history
goes on into June 2023, for statements of other windows.

Source: Sơn La, Trung tâm Phục vụ hành chính công tỉnh, evaluation report on one-stop offices for
quarter 1 of 2023, published 2023-03-22.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate, groupby
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple

from hoso.domain.accounts import ACCOUNTS, OPEN, VOIDED, WITHDRAWN
from hoso.domain.calendar import WorkingDays, day_number, forward
from hoso.domain.kinds import KINDS
from hoso.domain.policy import Policy, terms_in
from hoso.domain.rules import BLANK, NOTHING, UNITS, PlainEvent, account, step
from hoso.domain.windows import Window
from hoso.tools.simulation.chance import Choice, choice, draw
from hoso.tools.simulation.cloudevents import Event, Step, as_event, dossier_code
from hoso.tools.simulation.courses import (
    COURSES,
    Course,
    apology,
    early,
    late_pause,
    life,
    on_time,
    overdue,
    pause,
    supplement,
    unanswered,
    voided,
    withdrawn,
)
from hoso.tools.simulation.history import busyness
from hoso.tools.simulation.moments import DAY, Hours
from hoso.tools.simulation.province import BEFORE, Desk

# --- What was printed ---------------------------------------------------------------------------

WINDOW: Final = Window(date(2022, 12, 15), date(2023, 3, 14))

# The printed figures, and the accounts that each of them is the sum of.
FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "resolved.early": ("resolved.early",),
    "resolved.on_time": ("resolved.on_time",),
    "resolved.overdue": ("resolved.overdue",),
    "in_progress.in_time": ("in_progress.in_time",),
    "paused or awaiting_supplement": (
        "awaiting_supplement.in_time",
        "awaiting_supplement.overdue",
        "paused.in_time",
        "paused.overdue",
    ),
    "cancelled": ("cancelled.withdrawn", "cancelled.voided"),
}

PUBLISHED: Final[Mapping[str, Mapping[str, int]]] = {
    "all channels": {
        "carried_over": 975,
        "received": 12_622,
        "resolved.early": 12_370,
        "resolved.on_time": 106,
        "resolved.overdue": 14,
        "in_progress.in_time": 833,
        "paused or awaiting_supplement": 37,
        "cancelled": 217,
    },
    "online": {
        "carried_over": 321,
        "received": 6_802,
        "resolved.early": 6_711,
        "resolved.on_time": 46,
        "resolved.overdue": 14,
        "in_progress.in_time": 259,
        "paused or awaiting_supplement": 19,
        "cancelled": 58,
    },
}

# The report's categories leave these dossiers out (13,577 of 13,597 are in one). We assume that
# they are in progress and overdue, for which it has no line.
IN_NO_CATEGORY: Final[Mapping[str, int]] = {"all channels": 20, "online": 16}

# --- The dossiers behind it ---------------------------------------------------------------------


class Counts(NamedTuple):
    """How many dossiers are carried over into the quarter, and how many are received in it."""

    carried_over: int
    received: int


class Cohort(NamedTuple):
    """Dossiers that take one course and stand in one account at the end of the quarter."""

    account: str
    course: Course
    online: Counts
    other: Counts


PLAN: Final = (
    Cohort("resolved.early", Course((), early), Counts(268, 6_153), Counts(540, 4_831)),
    Cohort("resolved.early", Course((supplement,), early), Counts(22, 190), Counts(48, 160)),
    Cohort("resolved.early", Course((pause,), early), Counts(8, 70), Counts(20, 60)),
    Cohort("resolved.on_time", Course((), on_time), Counts(3, 37), Counts(6, 47)),
    Cohort("resolved.on_time", Course((supplement,), on_time), Counts(0, 4), Counts(0, 5)),
    Cohort("resolved.on_time", Course((pause,), on_time), Counts(0, 2), Counts(0, 2)),
    # Overdue for three reasons: the deadline passed; a second supplement was asked for; the
    # deadline had passed before the clock stood still.
    Cohort("resolved.overdue", Course((apology,), overdue), Counts(2, 4), Counts(0, 0)),
    Cohort(
        "resolved.overdue",
        Course((supplement, supplement), early),
        Counts(2, 3),
        Counts(0, 0),
    ),
    Cohort("resolved.overdue", Course((late_pause,), early), Counts(1, 2), Counts(0, 0)),
    Cohort("in_progress.in_time", Course((), early), Counts(0, 238), Counts(0, 530)),
    Cohort("in_progress.in_time", Course((supplement,), early), Counts(3, 14), Counts(5, 27)),
    Cohort("in_progress.in_time", Course((pause,), on_time), Counts(0, 4), Counts(0, 12)),
    Cohort("in_progress.overdue", Course((), overdue), Counts(1, 9), Counts(1, 2)),
    Cohort("in_progress.overdue", Course((apology,), overdue), Counts(1, 5), Counts(0, 1)),
    Cohort(
        "awaiting_supplement.in_time", Course((supplement,), early), Counts(2, 10), Counts(2, 9)
    ),
    Cohort("paused.in_time", Course((pause,), early), Counts(1, 6), Counts(2, 5)),
    Cohort("cancelled.withdrawn", Course((), withdrawn), Counts(4, 33), Counts(20, 84)),
    Cohort("cancelled.voided", Course((), voided), Counts(3, 14), Counts(10, 30)),
    Cohort("cancelled.voided", Course((unanswered,), voided), Counts(0, 4), Counts(0, 15)),
)

OPENING: Final = day_number(WINDOW.first) - 1
CLOSING: Final = day_number(WINDOW.last)
FIRST_RECEPTION: Final = day_number(date(2022, 10, 3))
HISTORY_ENDS: Final = day_number(date(2023, 6, 14))

SEED: Final = 20_230_322
ONLINE: Final = choice([(1, "online")])
OTHER: Final = choice([(92, "in_person"), (8, "post")])
RECEIVED_AFTERWARDS: Final = ((ONLINE, 230), (OTHER, 190))  # on any course
# The provincial departments only, as in the report.
DEPARTMENTS: Final = choice(
    (desk.share, desk) for desk in BEFORE.desks.values if desk.level == "province"
)
TERMS: Final = terms_in(Policy().as_rules_read_it(), 0)

Life = list[Step]


class Scene(NamedTuple):
    """What every draw needs. ``busy_sums[i]`` is the sum of how busy the first i days were."""

    hours: Hours
    busy_sums: Sequence[float]


# --- The stream ---------------------------------------------------------------------------------


def son_la_quarter(calendar: WorkingDays) -> list[Event]:
    """The events from October 2022 to the middle of June 2023, in order of ``time``."""
    days = range(FIRST_RECEPTION, HISTORY_ENDS + 1)
    busy_sums = list(accumulate((busyness(calendar, day) for day in days), initial=0.0))
    scene = Scene(Hours(Random(SEED), calendar), busy_sums)
    sent = [
        (step.moment, as_event(code, number, step))
        for code, steps in _coded([*_planned(scene), *_afterwards(scene)])
        for number, step in enumerate(steps, start=1)
        if step.moment // DAY <= HISTORY_ENDS
    ]
    sent.sort(key=itemgetter(0))
    return [event for _, event in sent]


def _planned(scene: Scene) -> Iterator[Life]:
    """The lives of every cohort."""
    for cohort in PLAN:
        for channels, counts in ((ONLINE, cohort.online), (OTHER, cohort.other)):
            for carried, number in ((True, counts.carried_over), (False, counts.received)):
                for _ in range(number):
                    yield _fitting_life(scene, cohort, channels, carried)


def _afterwards(scene: Scene) -> Iterator[Life]:
    """The lives of those received after the quarter."""
    days = range(CLOSING + 1, HISTORY_ENDS + 1)
    for channels, number in RECEIVED_AFTERWARDS:
        for _ in range(number):
            desk = draw(scene.hours.rng, DEPARTMENTS)
            yield _life(scene, desk, channels, days, draw(scene.hours.rng, COURSES))


def _fitting_life(scene: Scene, cohort: Cohort, channels: Choice[str], carried: bool) -> Life:
    """A life of the cohort: drawn again until it stands in the right account on both days."""
    target = ACCOUNTS.index(cohort.account)
    while True:
        desk = draw(scene.hours.rng, DEPARTMENTS)
        days = _reception_days(desk, target, carried)
        steps = _life(scene, desk, channels, days, cohort.course)
        opening = _account_on(scene.hours.calendar, steps, OPENING)
        if (opening in OPEN) == carried and _account_on(
            scene.hours.calendar, steps, CLOSING
        ) == target:
            return steps


def _reception_days(desk: Desk, target: int, carried: bool) -> range:
    """The days on which a dossier may have come in: one that is open on a day came in not much
    longer before than its allowance."""
    reach = 2 * desk.days + 10
    if carried:
        return range(max(FIRST_RECEPTION, OPENING - reach), OPENING + 1)
    if target in OPEN:
        return range(max(OPENING + 1, CLOSING - reach), CLOSING + 1)
    return range(OPENING + 1, CLOSING + 1)


def _life(scene: Scene, desk: Desk, channels: Choice[str], days: range, course: Course) -> Life:
    """A life that begins on one of the days, of which the last is a working day."""
    hours = scene.hours
    channel, day = draw(hours.rng, channels), _busy_day(scene, days)
    if channel != "online":
        day = forward(hours.calendar, day)
    return life(hours, desk, channel, hours.reception(day, channel), course).steps


def _busy_day(scene: Scene, days: range) -> int:
    """One of the days; a busy day is drawn more often."""
    start, stop = days.start - FIRST_RECEPTION, days.stop - FIRST_RECEPTION
    before, until = scene.busy_sums[start], scene.busy_sums[stop]
    drawn = before + scene.hours.rng.random() * (until - before)
    return FIRST_RECEPTION + bisect(scene.busy_sums, drawn, start + 1, stop) - 1


def _account_on(calendar: WorkingDays, steps: Life, day: int) -> int:
    """The account in which a dossier stands at the end of ``day``, by the rules."""
    clock = BLANK
    for past in steps:
        if past.moment // DAY <= day:
            clock = step(clock, _plain_event(past), TERMS, calendar)
    return account(clock, day)


def _plain_event(past: Step) -> PlainEvent:
    """A step as the rules read it. The due day that a reception may state is the one that the rules
    compute, and the one of an apology does not count: neither is needed here."""
    allowance, detail = NOTHING, WITHDRAWN
    if past.kind == "received":
        allowance = past.data["allowance"]["value"]
        detail = UNITS.index(past.data["allowance"]["unit"])
    elif past.kind == "cancelled" and past.data["reason"] != "withdrawn":
        detail = VOIDED
    return PlainEvent(KINDS.index(past.kind), past.moment // DAY, NOTHING, allowance, detail)


def _coded(lives: list[Life]) -> Iterator[tuple[str, Life]]:
    """Each life with its code: a day's dossiers are numbered in order of reception."""
    lives.sort(key=_received)
    for day, same_day in groupby(lives, key=lambda steps: _received(steps) // DAY):
        for number, steps in enumerate(same_day, start=1):
            yield dossier_code(day, number), steps


def _received(steps: Life) -> int:
    return steps[0].moment

"""Simulates some years of a province, event by event, up to a day.

The events are in order of ``time``, as a one-stop system would send them. Most dossiers are settled
early, some take detours; a few events are recorded late, sent twice or annulled. What would happen
after the last day is not in the history. The same seed and the same days give the same events.

A day's dossiers are drawn on that day, and their later events wait for their own days: memory holds
the open dossiers, not the years.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple

from hoso.domain.calendar import WorkingDays, date_of, day_number, is_working_day
from hoso.domain.windows import Window, administrative_year, named_window
from hoso.tools.simulation import quality
from hoso.tools.simulation.chance import choice, draw, mostly_small
from hoso.tools.simulation.cloudevents import Event, Step, as_event, dossier_code, rfc3339
from hoso.tools.simulation.courses import (
    COURSES,
    LONGEST_AGAIN_S,
    ON_THE_SPOT,
    Life,
    duplicate,
    life,
    mistake,
    re_entered,
)
from hoso.tools.simulation.faults import Extra, Planting
from hoso.tools.simulation.moments import DAY, MINUTE, Hours
from hoso.tools.simulation.province import Desk, in_force, period

# How busy the offices are: by month, with few dossiers before Tet and many after it; by day of the
# week; and on a day off, when only the online desk is open.
MONTHS: Final = (0.85, 1.15, 1.15, 1.05, 1.0, 0.95, 0.95, 1.0, 1.0, 1.05, 1.0, 1.05)
WEEKDAYS: Final = (1.2, 1.05, 1.0, 0.95, 0.9, 0.6, 0.6)
DAY_OFF: Final = 0.08

CHANNELS: Final = choice([(52, "online"), (43, "in_person"), (5, "post")])

REPEATED: Final = 0.002  # of events: sent twice
LATE: Final = 0.03  # of events: recorded after they occurred ...
LATEST_S: Final = 3 * DAY  # ... by at most so much
WRONG_FACTS: Final = 0.0075  # of quality facts: annulled


def last_two_years(today: date) -> Window:
    """The administrative year of a day and the one before it, up to that day."""
    return Window(named_window(str(administrative_year(today) - 1)).first, today)


def simulate(
    dossiers: int,
    seed: int,
    calendar: WorkingDays,
    days: Window,
    *,
    facts: bool = False,
    planting: Planting | None = None,
) -> Iterator[Event]:
    """The events of so many dossiers, all received within the ``days``, in order of ``time``; with
    quality ``facts`` or without.

    ``planting`` plants faults: what it keeps is complete after the last event. Some faults bring
    further dossiers. Events share parts of their ``data``, so they must not be changed.
    """
    return _Office(seed, calendar, days, facts=facts, planting=planting).history(dossiers)


def busyness(calendar: WorkingDays, day: int) -> float:
    """How busy the offices are on ``day``; 1 is an ordinary day."""
    on = date_of(day)
    share = WEEKDAYS[on.weekday()] if is_working_day(calendar, day) else DAY_OFF
    return MONTHS[on.month - 1] * share


class _Reception(NamedTuple):
    """A dossier comes in; ``replaced`` is the cancellation of the one whose place it takes."""

    moment: int
    channel: str
    desk: Desk
    replaced: Event | None = None


class _Told(NamedTuple):
    """An event, and the moment at which it is sent."""

    moment: int
    event: Event


_moment: Final = itemgetter(0)


class _Office:
    """The one-stop offices of the province, and what they will send on coming days."""

    def __init__(
        self,
        seed: int,
        calendar: WorkingDays,
        days: Window,
        *,
        facts: bool,
        planting: Planting | None,
    ) -> None:
        self.rng = Random(seed)
        # Facts have random numbers of their own: the lives are the same with them or without.
        self.facts_rng = Random(f"facts {seed}") if facts else None
        self.planting = planting
        self.hours, self.calendar = Hours(self.rng, calendar), calendar
        self.first, self.last = map(day_number, days)
        self.waiting: defaultdict[int, list[_Told]] = defaultdict(list)  # by day
        self.re_entered: defaultdict[int, list[_Reception]] = defaultdict(list)  # by day
        self.latest: dict[Desk, str] = {}  # the code of the dossier that came last to each desk

    def history(self, dossiers: int) -> Iterator[Event]:
        """All events, day by day."""
        received = 0
        for day, total in self._totals(dossiers):
            received += self._receive(day, total - received, dossiers - received)
            sent = self.waiting.pop(day, [])
            sent.sort(key=_moment)  # events of one moment stay in the order of drawing
            for _, event in sent:
                yield event

    def _totals(self, dossiers: int) -> Iterator[tuple[int, int]]:
        """Each day, and how many dossiers have come in by its end."""
        days = range(self.first, self.last + 1)
        sums = list(accumulate(busyness(self.calendar, day) for day in days))
        for day, sum_so_far in zip(days, sums, strict=True):
            yield day, round(dossiers * sum_so_far / sums[-1])

    def _receive(self, day: int, wanted: int, most: int) -> int:
        """A day's dossiers come in, numbered in order of reception; returns how many."""
        again = self.re_entered.pop(day, [])[:most]
        worked = is_working_day(self.calendar, day)
        receptions = [self._reception(day, worked) for _ in range(wanted - len(again))] + again
        receptions.sort(key=_moment)
        for number, received in enumerate(receptions, start=1):
            self._live(dossier_code(day, number), received)
        if self.planting is not None:
            for number, extra in enumerate(self.planting.extras(day), start=len(receptions) + 1):
                self._live_extra(self.planting, dossier_code(day, number), extra)
        return len(receptions)

    def _reception(self, day: int, worked: bool) -> _Reception:
        rng, desks = self.rng, period(day)
        desk = draw(rng, desks.desks if worked else desks.open_online)
        channel = draw(rng, CHANNELS) if worked else "online"
        if desk.days == 0:
            channel = "in_person"
        return _Reception(self.hours.reception(day, channel), channel, desk)

    def _live(self, code: str, received: _Reception) -> None:
        """A dossier lives: its events wait for their days."""
        moment, channel, desk, replaced = received
        if replaced is not None:
            replaced["data"] = {**replaced["data"], "replaced_by": code}
        course = draw(self.rng, COURSES) if desk.days else ON_THE_SPOT
        lived = life(self.hours, desk, channel, moment, course)
        # An annulment has an effect only if it was recorded after the event that it annuls.
        told = self._told(self.rng, code, lived, 0 if mistake in course.incidents else LATE)
        facts = self._facts(self.facts_rng, code, lived)
        if course.ending is re_entered:
            self._re_enter(lived, told[-1].event)
        elif course.ending is duplicate and desk in self.latest:
            event = told[-1].event
            event["data"] = {**event["data"], "replaced_by": self.latest[desk]}
        elif self.planting is not None and replaced is None:
            faulty = self.planting.life(code, moment, channel, desk)
            if faulty is not None:
                told, facts = self._told_faulty(self.planting, code, faulty)
        self.latest[desk] = code
        self._send([*told, *facts])

    def _live_extra(self, planting: Planting, code: str, extra: Extra) -> None:
        """A dossier lives that there is only because of a fault."""
        if extra.replaced is not None:
            extra.replaced["data"] = {**extra.replaced["data"], "replaced_by": code}
        told, facts = self._told_faulty(planting, code, planting.extra_life(code, extra))
        self._send([*told, *facts])

    def _re_enter(self, lived: Life, cancellation: Event) -> None:
        """On the day of its cancellation a dossier is received again under another code."""
        day = lived.last // DAY
        moment = lived.last + MINUTE + int(self.rng.random() * LONGEST_AGAIN_S)
        again = _Reception(moment, lived.channel, in_force(lived.desk, day), cancellation)
        self.re_entered[day].append(again)

    def _send(self, told: Iterable[_Told]) -> None:
        """Events wait for their days."""
        for each in told:
            self.waiting[each.moment // DAY].append(each)

    def _told_faulty(
        self, planting: Planting, code: str, lived: Life
    ) -> tuple[list[_Told], list[_Told]]:
        """The events and the quality facts of a life that shows a fault. It has random numbers of
        its own: others live as without it."""
        rng = lived.hours.rng
        told = self._told(rng, code, lived, 0)
        if lived.steps[-1].data.get("reason") == "re_entered":
            planting.re_enter(lived, told[-1].event)
        return told, self._facts(self.facts_rng and rng, code, lived)

    def _told(self, rng: Random, code: str, lived: Life, late: float) -> list[_Told]:
        """The events of a life."""
        return [
            told
            for number, step in enumerate(lived.steps, start=1)
            for told in self._event(rng, step.moment, as_event(code, number, step), late)
        ]

    def _event(self, rng: Random, moment: int, event: Event, late: float) -> list[_Told]:
        """An event, twice if it is sent twice. Some are recorded late."""
        fate = rng.random()
        if fate < REPEATED:
            return [_Told(moment, event)] * 2
        if fate < REPEATED + late:
            recorded = moment + 1 + int(mostly_small(rng) * LATEST_S)
            if recorded // DAY <= self.last:
                event["recordedtime"] = rfc3339(recorded)
        return [_Told(moment, event)]

    def _facts(self, rng: Random | None, code: str, lived: Life) -> list[_Told]:
        """The quality facts of a life, none without random numbers; some are annulled."""
        told: list[_Told] = []
        if rng is None:
            return told
        for number, step in enumerate(quality.facts(rng, self.calendar, lived), start=1):
            name = f"q{number}"
            wrong = rng.random() < WRONG_FACTS
            if wrong:
                moment = step.moment + MINUTE + int(rng.random() * DAY)
                annulment = Step(moment, "annulled", {"event_id": name, "reason": "wrong_dossier"})
                told += self._event(rng, moment, as_event(code, f"{name}b", annulment), 0)
            told += self._event(rng, step.moment, as_event(code, name, step), 0 if wrong else LATE)
        return told

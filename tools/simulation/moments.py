"""Draws the moments at which things happen in an office: in office hours, before or after a day.

A moment is a number of seconds since 1970-01-01 00:00, local time. Working days are counted as the
rule book counts them, so that an early result is early, and an overdue one overdue.
"""

from random import Random
from typing import Final

from hoso.domain.calendar import WorkingDays, is_working_day, nth_working_day, worked_until
from hoso.domain.rules import deadline
from hoso.tools.simulation.chance import mostly_small

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# Office hours: 7:30 to 11:30 and 13:30 to 17:00; the counter takes dossiers until 16:30.
OPENS: Final = 7 * HOUR + 30 * MINUTE
NOON: Final = 11 * HOUR + 30 * MINUTE
LUNCH: Final = 2 * HOUR
LAST_CALL: Final = 16 * HOUR + 30 * MINUTE
CLOSES: Final = 17 * HOUR
AT_THE_COUNTER: Final = LAST_CALL - LUNCH - OPENS

AFTER_HOURS: Final = 0.3  # share of a working day's online receptions outside office hours
DELAY_DAYS: Final = 45  # working days by which a result is overdue, at most


class Hours:
    """The office hours of a calendar, from which moments are drawn."""

    def __init__(self, rng: Random, calendar: WorkingDays) -> None:
        self.rng, self.calendar = rng, calendar
        self._deadlines: dict[tuple[int, int, int], int] = {}  # many dossiers have the same

    def deadline(self, start: int, days: int, unit: int) -> int:
        """The due day of a clock that starts at a moment, by the rules."""
        terms = (start // DAY, days, unit)
        due = self._deadlines.get(terms)
        if due is None:
            due = self._deadlines[terms] = deadline(self.calendar, *terms)
        return due

    def reception(self, day: int, channel: str) -> int:
        """When on a day a dossier comes in: online at any hour, else while the office is open."""
        if channel != "online":
            return self.on(day)
        if not is_working_day(self.calendar, day):
            return day * DAY + OPENS + int(self.rng.random() * (DAY - OPENS))
        if self.rng.random() < AFTER_HOURS:
            share = self.rng.random()
            evening = share * share  # rather than the night; past midnight: early on the same day
            return day * DAY + (CLOSES + int(evening * (DAY - CLOSES + OPENS))) % DAY
        return self.on(day)

    def on(self, day: int, after: int = 0) -> int:
        """A moment in the office hours of a day, later than ``after``."""
        second = OPENS + int(self.rng.random() * AT_THE_COUNTER)
        moment = day * DAY + (second + LUNCH if second >= NOON else second)
        if moment > after:
            return moment
        soonest = after + MINUTE
        return soonest + int(self.rng.random() * (day * DAY + CLOSES - soonest))

    def early(self, after: int, due: int) -> int:
        """A moment before the due day, if there is room for it."""
        calendar, first = self.calendar, self._next(after)
        room = worked_until(calendar, due) - first
        waited = int(self.rng.random() * room) if room > 0 else 0
        return self.on(nth_working_day(calendar, first + waited), after)

    def on_time(self, after: int, due: int) -> int:
        """A moment on the due day."""
        return self.on(max(nth_working_day(self.calendar, self._next(after)), due), after)

    def overdue(self, after: int, due: int) -> int:
        """A moment after the due day."""
        soonest = nth_working_day(self.calendar, self._next(after))
        return self.later(max(soonest, due), DELAY_DAYS)

    def later(self, day: int, longest: int) -> int:
        """A moment at least one working day after a day, at most ``longest``."""
        days = 1 + int(mostly_small(self.rng) * (longest - 1))
        return self.on(nth_working_day(self.calendar, worked_until(self.calendar, day) + days))

    def _next(self, after: int) -> int:
        """The number of the first working day on which the office may still do something after a
        moment."""
        return worked_until(self.calendar, (after + DAY - LAST_CALL) // DAY - 1) + 1

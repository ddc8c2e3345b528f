"""Working days: which days are worked, and which day is n working days after another.

A day is a whole number: days since 1970-01-01, local to the office. Each function reads two tables
and makes no loop over days, so it is quick enough for a replay of a hundred million dossiers.

Source: Labour Code 2019 arts 111-112 (weekly rest, public holidays, compensation).
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, tzinfo
from itertools import accumulate, compress
from typing import NamedTuple

from hoso.domain.arrays import IntArray

EPOCH = date(1970, 1, 1)
DAY_US = 86_400_000_000
WEEK = bytes([1, 1, 1, 1, 1, 0, 0])  # Monday to Sunday, 1 where worked


class WorkingDays(NamedTuple):
    """The calendar as the rules read it: a table that starts on day ``first``.

    ``elapsed[i]`` is the number of working days from day ``first`` to day ``first + i``, both
    included. ``nth[k]`` is the day of the k-th working day, counted from 0. Outside the table every
    day counts as worked, so every date has an answer.
    """

    first: int
    elapsed: IntArray
    nth: IntArray


def day_number(day: date) -> int:
    """The number of a date: days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day number; outside the years 1 to 9999, the first or the last date."""
    return date.fromordinal(min(max(day + EPOCH.toordinal(), 1), date.max.toordinal()))


def working_days(
    first: date, last: date, off: Iterable[date], worked: Iterable[date]
) -> WorkingDays:
    """The table from ``first`` to ``last``, both included: Monday to Friday, without the days in
    ``off``, with those in ``worked``."""
    return _table(first, _flags(first, last, off, worked))


def _flags(first: date, last: date, off: Iterable[date], worked: Iterable[date]) -> bytearray:
    """One byte for each day from ``first`` to ``last``: 1 where it is worked, else 0."""
    days = (last - first).days + 1
    flags = (bytearray(WEEK) * (days // 7 + 2))[first.weekday() : first.weekday() + days]
    for moved, flag in ((off, 0), (worked, 1)):
        for day in moved:
            if first <= day <= last:
                flags[(day - first).days] = flag
    return flags


def _table(first: date, flags: bytearray) -> WorkingDays:
    start = day_number(first)
    nth = list(compress(range(start, start + len(flags)), flags))
    return WorkingDays(start, list(accumulate(flags)), nth)


def moved_days(calendar: WorkingDays) -> tuple[list[date], list[date]]:
    """The days of a table on which it differs from Monday to Friday: the weekdays that are off, and
    the days of weekends that are worked."""
    off: list[date] = []
    worked: list[date] = []
    before, weekday = 0, date_of(calendar.first).weekday()
    for place in range(len(calendar.elapsed)):
        is_worked = calendar.elapsed[place] > before
        if is_worked != bool(WEEK[(weekday + place) % 7]):
            (worked if is_worked else off).append(date_of(calendar.first + place))
        before = calendar.elapsed[place]
    return off, worked


class Calendar(NamedTuple):
    """A calendar and its version, which changes whenever a single day of it changes."""

    version: str
    days: WorkingDays

    @classmethod
    def named(
        cls,
        name: str,
        span: tuple[date, date],
        off: Iterable[date] = (),
        worked: Iterable[date] = (),
    ) -> "Calendar":
        """The calendar of the days in ``span`` (first and last day, both included).

        Its version is ``name`` and a fingerprint of every day.
        """
        flags = _flags(*span, off, worked)
        fingerprint = hashlib.sha256(f"{span[0]} {flags.hex()}".encode()).hexdigest()[:12]
        return cls(f"{name}-{fingerprint}", _table(span[0], flags))


def worked_until(calendar: WorkingDays, day: int) -> int:
    """The number of working days from the table's first day to ``day``, both included."""
    index = day - calendar.first
    if index < 0:
        return index + 1
    beyond = index - len(calendar.elapsed) + 1
    if beyond > 0:
        return calendar.elapsed[-1] + beyond
    return calendar.elapsed[index]


def nth_working_day(calendar: WorkingDays, n: int) -> int:
    """The day on which ``worked_until`` first reaches ``n``."""
    if n <= 0:
        return calendar.first - 1 + n
    beyond = n - len(calendar.nth)
    if beyond > 0:
        return calendar.first + len(calendar.elapsed) - 1 + beyond
    return calendar.nth[n - 1]


def forward(calendar: WorkingDays, day: int) -> int:
    """``day`` if it is a working day, else the next working day."""
    return nth_working_day(calendar, worked_until(calendar, day - 1) + 1)


def add(calendar: WorkingDays, day: int, n: int) -> int:
    """The n-th working day after ``day``; ``day`` itself for n = 0."""
    if n == 0:
        return day
    return nth_working_day(calendar, worked_until(calendar, day) + n)


def between(calendar: WorkingDays, after: int, until: int) -> int:
    """The number of working days in (after, until]; 0 where the interval is empty."""
    if until <= after:
        return 0
    return worked_until(calendar, until) - worked_until(calendar, after)


def is_working_day(calendar: WorkingDays, day: int) -> bool:
    """Whether ``day`` is worked."""
    return forward(calendar, day) == day


def local_day(instant_us: int, offset_s: int) -> int:
    """The local day of an instant: microseconds since 1970 in UTC, offset from UTC in seconds.

    Floor division makes 00:00:00 part of the day that it begins, also before 1970.
    """
    return (instant_us + offset_s * 1_000_000) // DAY_US


def life_key(instant_us: int, offset_s: int, is_reception: bool) -> int:
    """The sort key of an event in its dossier's life, from its instant (microseconds since 1970
    UTC) and the offset of local time.

    By local day; within a day receptions first, then the others; among either, what has a time of
    day, then what is at 00:00:00, fractions aside: systems that know only the date write so. Arrays
    of all three give an array.
    """
    local = instant_us + offset_s * 1_000_000
    day = local // DAY_US
    clock = local - day * DAY_US
    clock += (clock < 1_000_000) * (DAY_US - clock)
    return (4 * day + 2 - 2 * is_reception) * DAY_US + clock


def local_date(moment: date | datetime, zone: tzinfo) -> date:
    """The local day of an instant in a time zone. A date is returned as it is.

    At the edges of the years 1 to 9999 the local day may not exist: then the day as written.
    """
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last instant of a local day, in UTC. Raises ``OverflowError`` at the edges of the years
    1 to 9999."""
    return datetime.combine(day, time.max, zone).astimezone(UTC)

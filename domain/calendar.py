"""Which days are worked, and which day is n working days away?

Days are plain integers: days since 1970-01-01, local to the office. Everything a rule asks of a
calendar is two table look-ups, so the same functions serve one dossier and a hundred million.

Source: Labour Code 2019 arts 111-112 (weekly rest, public holidays, compensation).
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from itertools import accumulate, compress
from typing import NamedTuple

from hoso.domain.arrays import IntArray

EPOCH = date(1970, 1, 1)
WEEK = bytes([1, 1, 1, 1, 1, 0, 0])  # from Monday on


class WorkingDays(NamedTuple):
    """The calendar as the rules read it.

    ``elapsed[i]`` is the number of working days from day ``first`` to day ``first + i``, both
    included; ``nth[k]`` is the day of the k-th of them, counted from 0. Outside the table every
    day counts as worked, so that no date, however odd, is without an answer.
    """

    first: int
    elapsed: IntArray
    nth: IntArray


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day number; the nearest date there is where the number is outside the years
    1 to 9999."""
    return date.fromordinal(min(max(day + EPOCH.toordinal(), 1), date.max.toordinal()))


def working_days(
    first: date, last: date, off: Iterable[date], worked: Iterable[date]
) -> WorkingDays:
    """The table from ``first`` to ``last``: Monday to Friday less ``off``, plus ``worked``."""
    return _table(first, _flags(first, last, off, worked))


def _flags(first: date, last: date, off: Iterable[date], worked: Iterable[date]) -> bytearray:
    """For each day, 1 where it is worked."""
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


class Calendar(NamedTuple):
    """A calendar with a name: ``version`` changes whenever a single day of it does."""

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
        """``name`` plus a fingerprint of every day in ``span`` (first and last day, included)."""
        flags = _flags(*span, off, worked)
        fingerprint = hashlib.sha256(f"{span[0]} {flags.hex()}".encode()).hexdigest()[:12]
        return cls(f"{name}-{fingerprint}", _table(span[0], flags))


def worked_until(calendar: WorkingDays, day: int) -> int:
    """Number of working days from the table's first day to ``day``, both included."""
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
    """``day`` if it is a working day, else the next one."""
    return nth_working_day(calendar, worked_until(calendar, day - 1) + 1)


def add(calendar: WorkingDays, day: int, n: int) -> int:
    """The n-th working day after ``day``; ``day`` itself for n = 0."""
    if n == 0:
        return day
    return nth_working_day(calendar, worked_until(calendar, day) + n)


def between(calendar: WorkingDays, after: int, until: int) -> int:
    """Number of working days in (after, until]; none where the interval is empty."""
    if until <= after:
        return 0
    return worked_until(calendar, until) - worked_until(calendar, after)


def is_working_day(calendar: WorkingDays, day: int) -> bool:
    """Whether ``day`` is worked."""
    return forward(calendar, day) == day


def local_day(instant_us: int, offset_s: int) -> int:
    """The day number of an instant (microseconds since 1970 UTC) at an offset from UTC (seconds).

    Floor division, so that 00:00:00 belongs to the day it begins, before 1970 as after.
    """
    return (instant_us + offset_s * 1_000_000) // 86_400_000_000


def local_date(moment: date | datetime, zone: tzinfo) -> date:
    """The local day of an instant; a date is its own.

    On the edge of the years 1 to 9999, where the local day does not exist, the day as written.
    """
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()

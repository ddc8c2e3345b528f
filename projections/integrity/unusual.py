"""Finds what only many dossiers together show: many closings within a minute, or on the last day.

Both are compared with chance and with the agency's own past: the median share in its past windows,
and the median absolute deviation (MAD) from it. By chance means: if the closings had been spread
evenly, those of a day over its working minutes, those of a window over its working days.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hoso.domain import rules
from hoso.domain.calendar import (
    WorkingDays,
    between,
    day_number,
    nth_working_day,
    worked_until,
)
from hoso.domain.windows import Window
from hoso.projections.integrity.merging import NOWHERE, Whole, chosen
from hoso.projections.integrity.parts import Closings, Found, Question, SmallIntegers
from hoso.projections.kernels.checks import BURST, CHECKS, LAST_DAY
from hoso.projections.log.schema import Integers

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MINUTES_A_DAY: Final = 480  # eight working hours


class Usual(NamedTuple):
    """What to compare a number of dossiers with, each a number of dossiers, too.

    ``expected`` is how many there would be by chance. ``median`` is how many there would be if the
    share of closings were the median of the agency's past windows, ``deviation`` the MAD; None
    where it has no past. ``windows`` is how many past windows it has.
    """

    expected: float
    median: float | None
    deviation: float | None
    windows: int


class Unusual(NamedTuple):
    """What was found; how many dossiers there would be by chance, of all agencies; and what is
    usual at each agency that has such closings in the window, by its place."""

    found: Found
    expected: float
    usual: Mapping[int, Usual]


def bursts(whole: Whole, question: Question) -> Unusual:
    """The dossiers closed in a minute in which their agency closed many."""
    closings, least = whole.closings, question.checks[CHECKS[BURST]].number("closings")
    in_burst = _in_bursts(closings, least)
    window = _windows_of(closings.day, question)
    expected = _expected_in_bursts(closings, window == len(question.past), least, whole)
    usual = _usual(whole, question, window, in_burst, expected)
    rows = np.flatnonzero(in_burst & (window == len(question.past)))
    return Unusual(_found(BURST, closings, rows), float(expected.sum()), usual)


def _in_bursts(closings: Closings, least: int) -> Flags:
    """Which closings are in a minute in which their agency had at least so many."""
    is_known = closings.minute != rules.NOTHING
    key = (closings.slice[is_known].astype(np.int64) << 32) + closings.minute[is_known]
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    flags = np.zeros(len(closings.slice), np.bool_)
    flags[is_known] = counts[which] >= least
    return flags


def _expected_in_bursts(closings: Closings, is_now: Flags, least: int, whole: Whole) -> Floats:
    """How many closings of each agency would be in bursts by chance: of a day's n closings, each
    shares its minute with a Poisson number of others, (n - 1) ÷ 480 on average."""
    rows = np.flatnonzero(is_now & (closings.minute != rules.NOTHING))
    day = closings.day[rows] - closings.day[rows].min(initial=0)
    width = day.max(initial=0) + 1
    key, counts = np.unique(closings.slice[rows] * np.int64(width) + day, return_counts=True)
    mean = (counts - 1) / MINUTES_A_DAY
    fewer, term = np.zeros(len(mean)), np.exp(-mean)
    for number in range(1, least):
        fewer += term
        term = term * mean / number
    expected = counts * np.clip(1 - fewer, 0, None)
    return np.bincount(key // width, expected, len(whole.agencies)).astype(np.float64)


def last_day(whole: Whole, question: Question) -> Unusual:
    """The dossiers closed on the last working day of the window, or after it, where their agency
    closed far more on it than is usual there. Of a window that is not over, none."""
    closings, calendar = whole.closings, question.office.calendar.days
    window = _windows_of(closings.day, question)
    windows = (*question.past, question.window)
    last = np.array([_last_working_day(each, calendar) for each in windows], np.int64)
    on_last_day = closings.day >= last[window]
    closed = _per_agency(whole, window == len(question.past))
    expected = closed / max(_working_days(question.window, calendar), 1)
    usual = _usual(whole, question, window, on_last_day, expected)
    is_now = on_last_day & (window == len(question.past))
    counts = _per_agency(whole, is_now)
    is_over = question.told.last == question.window.last
    far_more = [
        place
        for place, own in usual.items()
        if is_over and _is_far_more(int(counts[place]), own, question)
    ]
    rows = np.flatnonzero(is_now & np.isin(closings.slice, far_more))
    return Unusual(_found(LAST_DAY, closings, rows), float(expected.sum()), usual)


def _is_far_more(count: int, usual: Usual, question: Question) -> bool:
    """Whether an agency closed far more on the last day than by chance, and, where it has enough of
    a past, than was usual there."""
    check = question.checks[CHECKS[LAST_DAY]]
    least, times, deviations, windows = (
        check.number(name) for name in ("closings", "times", "deviations", "past_windows")
    )
    if count < least or count < times * usual.expected:
        return False
    if usual.windows < windows or usual.median is None or usual.deviation is None:
        return True
    return count > usual.median + deviations * usual.deviation


def _last_working_day(window: Window, calendar: WorkingDays) -> int:
    return nth_working_day(calendar, worked_until(calendar, day_number(window.last)))


def _working_days(window: Window, calendar: WorkingDays) -> int:
    return between(calendar, day_number(window.first) - 1, day_number(window.last))


# --- The past ------------------------------------------------------------------------------------


def _windows_of(day: SmallIntegers, question: Question) -> Integers:
    """The number of the window in which each day is: the past ones in order, then the present."""
    starts = [day_number(each.first) for each in (*question.past, question.window)]
    return np.searchsorted(starts, day, side="right") - 1


def _per_agency(whole: Whole, flags: Flags) -> Integers:
    return np.bincount(whole.closings.slice[flags], minlength=len(whole.agencies))


def _usual(
    whole: Whole, question: Question, window: Integers, flags: Flags, expected: Floats
) -> dict[int, Usual]:
    """What is usual at each agency that has such closings (``flags``) in the window."""
    agencies, windows = len(whole.agencies), len(question.past) + 1
    cell = whole.closings.slice * windows + window
    closed, such = (
        np.bincount(cells, minlength=agencies * windows).reshape(agencies, windows)
        for cells in (cell, cell[flags])
    )
    return {
        place: _usual_of(such[place], closed[place], float(expected[place]))
        for place in np.flatnonzero(such[:, -1]).tolist()
    }


def _usual_of(such: Integers, closed: Integers, expected: float) -> Usual:
    """What is usual, from the numbers of such closings and of all closings in each window, of which
    the last one is the present."""
    past = np.flatnonzero(closed[:-1])
    if not len(past):
        return Usual(expected, None, None, 0)
    shares = such[past] / closed[past]
    median = float(np.median(shares))
    deviation = float(np.median(np.abs(shares - median)))
    now = int(closed[-1])
    return Usual(expected, median * now, deviation * now, len(past))


def _found(check: int, closings: Closings, rows: Integers) -> Found:
    """The closings in some rows as findings of a check."""
    own = chosen(closings, rows)
    return Found(
        np.full(len(rows), check),
        own.dossier,
        own.slice.astype(np.int64),
        own.kind.astype(np.int64),
        own.day.astype(np.int64),
        np.where(own.in_time == 1, own.slice, NOWHERE),
    )

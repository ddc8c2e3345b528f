"""Reporting windows (kỳ báo cáo): the days that a report covers, both end days included.

The periods of an administrative year start on 15 December. Decision 766 uses calendar months and
calendar quarters.

Source: NĐ 09/2019/NĐ-CP art. 12; Decision 766/QĐ-TTg of 2022.
"""

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

SHORTEST_MONTH: Final = 28  # days
YEARS: Final = range(1900, 2200)
PERIODS: Final = {  # the (month, day) on which each starts and ends
    "Q1": ((12, 15), (3, 14)),
    "Q2": ((3, 15), (6, 14)),
    "Q3": ((6, 15), (9, 14)),
    "Q4": ((9, 15), (12, 14)),
    "H1": ((12, 15), (6, 14)),
    "9M": ((12, 15), (9, 14)),
    "": ((12, 15), (12, 14)),
}


class Window(NamedTuple):
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date


def window(first: date, last: date) -> Window:
    """The window between two days.

    Raises ``ValueError`` when it ends before it starts, or a day is outside the years of YEARS.
    """
    for day in (first, last):
        if day.year not in YEARS:
            raise ValueError(f"the year {day.year:04d} is not within {YEARS[0]} to {YEARS[-1]}")
    if last < first:
        raise ValueError(f"the window ends ({last}) before it starts ({first})")
    return Window(first, last)


def named_window(name: str) -> Window:
    """The window with a name: ``2023-Q1``, ``2023-H1``, ``2023-9M``, ``2023``, or ``2024-09`` for a
    calendar month.

    Raises ``ValueError`` when there is no such window.
    """
    match = re.fullmatch(r"(\d{4})(?:-(Q[1-4]|H1|9M|\d{2}))?", name.strip(), re.ASCII)
    if match is None or int(match[1]) not in YEARS:
        raise ValueError(f"no window {name!r}: use 2023-Q1, 2023-H1, 2023-9M, 2023 or 2024-09")
    year, period = int(match[1]), match[2] or ""
    if period.isdigit():
        return calendar_month(year, int(period))
    start, end = PERIODS[period]
    return window(date(year - (start[0] == 12), *start), date(year, *end))


def calendar_month(year: int, number: int) -> Window:
    """A calendar month. Raises ``ValueError`` when ``number`` is not from 1 to 12."""
    if not 1 <= number <= 12:
        raise ValueError(f"no month {number:02d}: use 01 to 12")
    following = date(year + number // 12, number % 12 + 1, 1)
    return Window(date(year, number, 1), following - timedelta(1))


def period_before(period: Window) -> Window:
    """The period that ends the day before ``period`` starts.

    It has as many months where ``period`` is of whole months, else as many days.
    """
    start, end = period.first, period.last + timedelta(1)  # the first day after it
    months = 12 * (end.year - start.year) + end.month - start.month
    if start.day == end.day and start.day <= SHORTEST_MONTH:
        return Window(_earlier(start, months), start - timedelta(1))
    return Window(start - (end - start), start - timedelta(1))


def same_period_last_year(period: Window) -> Window:
    """The same days, one year earlier; the end of February where that year lacks the day."""
    end = period.last + timedelta(1)
    return Window(_earlier(period.first, 12), _earlier(end, 12) - timedelta(1))


def _earlier(day: date, months: int) -> date:
    """The same day so many months earlier; the last of that month where it lacks the day."""
    year, month_index = divmod(12 * day.year + day.month - 1 - months, 12)
    last = calendar_month(year, month_index + 1).last.day
    return date(year, month_index + 1, min(day.day, last))


def parse_day(text: str) -> date:
    """The date that a text writes as ``2022-12-15`` or ``15/12/2022``.

    Raises ``ValueError`` for another form, and for a day that does not exist.
    """
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text.strip(), re.ASCII)
    local = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip(), re.ASCII)
    if iso is None and local is None:
        raise ValueError(f"no date {text!r}: write 2022-12-15 or 15/12/2022")
    parts = iso.groups() if iso else reversed(local.groups())  # type: ignore[union-attr]
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        raise ValueError(f"no such day: {text}") from None

"""Which days does a report cover? Reporting windows (kỳ báo cáo).

Administrative periods run from the 15th of December; Decision 766 uses calendar months and calendar
quarters. Both end days belong to a window.

Source: NĐ 09/2019/NĐ-CP art. 12; Decision 766/QĐ-TTg of 2022.
"""

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

SHORTEST_MONTH: Final = 28
YEARS: Final = range(1900, 2200)
PERIODS: Final = {
    "Q1": ((12, 15), (3, 14)),
    "Q2": ((3, 15), (6, 14)),
    "Q3": ((6, 15), (9, 14)),
    "Q4": ((9, 15), (12, 14)),
    "H1": ((12, 15), (6, 14)),
    "9M": ((12, 15), (9, 14)),
    "": ((12, 15), (12, 14)),
}


class Window(NamedTuple):
    """From ``first`` to ``last``, both included."""

    first: date
    last: date


def window(first: date, last: date) -> Window:
    """The window between two days.

    Raises ``ValueError`` where it ends before it starts, and outside the years of YEARS.
    """
    for day in (first, last):
        if day.year not in YEARS:
            raise ValueError(f"the year {day.year:04d} is not within {YEARS[0]} to {YEARS[-1]}")
    if last < first:
        raise ValueError(f"the window ends ({last}) before it starts ({first})")
    return Window(first, last)


def named(name: str) -> Window:
    """The window of ``2023-Q1``, ``2023-H1``, ``2023-9M``, ``2023`` or the month ``2024-09``.

    Raises ``ValueError`` for any other name.
    """
    match = re.fullmatch(r"(\d{4})(?:-(Q[1-4]|H1|9M|\d{2}))?", name.strip(), re.ASCII)
    if match is None or int(match[1]) not in YEARS:
        raise ValueError(f"no window {name!r}: use 2023-Q1, 2023-H1, 2023-9M, 2023 or 2024-09")
    year, period = int(match[1]), match[2] or ""
    if period.isdigit():
        return month(year, int(period))
    start, end = PERIODS[period]
    return window(date(year - (start[0] == 12), *start), date(year, *end))


def month(year: int, number: int) -> Window:
    """A calendar month. Raises ``ValueError`` for a month that is none."""
    if not 1 <= number <= 12:
        raise ValueError(f"no month {number:02d}: use 01 to 12")
    following = date(year + number // 12, number % 12 + 1, 1)
    return Window(date(year, number, 1), following - timedelta(1))


def before(period: Window) -> Window:
    """The period before: as many months where it is whole months, or else as many days."""
    start, end = period.first, period.last + timedelta(1)  # the first day after it
    months = 12 * (end.year - start.year) + end.month - start.month
    if start.day == end.day and start.day <= SHORTEST_MONTH:
        return Window(_earlier(start, months), start - timedelta(1))
    return Window(start - (end - start), start - timedelta(1))


def a_year_before(period: Window) -> Window:
    """The same days of the year before; the end of February where a day is not in that year."""
    end = period.last + timedelta(1)
    return Window(_earlier(period.first, 12), _earlier(end, 12) - timedelta(1))


def _earlier(day: date, months: int) -> date:
    """The day so many months earlier, or the last of that month."""
    year, place = divmod(12 * day.year + day.month - 1 - months, 12)
    return date(year, place + 1, min(day.day, month(year, place + 1).last.day))


def day(text: str) -> date:
    """A day written ``2022-12-15`` or ``15/12/2022``.

    Raises ``ValueError`` for anything else, and for a day that the calendar does not have.
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

"""Reporting windows (kỳ báo cáo): the days that a report covers, both end days included.

The periods of an administrative year start on 15 December, those of a month on the 15th of the
month before. Decision 766 uses calendar months and calendar quarters.

A window has one canonical name, such as ``2026-Q1`` or ``2026-M10``. People may write it in other
ways: in any case, with the period first, in Vietnamese with or without marks.

Source: NĐ 09/2019/NĐ-CP art. 12; Decision 766/QĐ-TTg of 2022.
"""

import re
from datetime import date, timedelta
from typing import Final, NamedTuple
from unicodedata import category

from hoso.domain.alphabet import without_marks

SHORTEST_MONTH: Final = 28  # days
YEARS: Final = range(1900, 2200)
PERIODS: Final = {  # canonical name within a year: the (month, day) on which it starts and ends
    "": ((12, 15), (12, 14)),
    "H1": ((12, 15), (6, 14)),
    "9M": ((12, 15), (9, 14)),
    "Q1": ((12, 15), (3, 14)),
    "Q2": ((3, 15), (6, 14)),
    "Q3": ((6, 15), (9, 14)),
    "Q4": ((9, 15), (12, 14)),
    **{f"M{month:02}": (((month - 2) % 12 + 1, 15), (month, 14)) for month in range(1, 13)},
    "C1": ((1, 1), (3, 31)),  # a calendar quarter
    "C2": ((4, 1), (6, 30)),
    "C3": ((7, 1), (9, 30)),
    "C4": ((10, 1), (12, 31)),
}
NAMES: Final = (
    "2023-Q1, 2023-M10 (15/09 to 14/10), 2023-H1, 2023-9M or 2023, "
    "or by the calendar 2024-09 or 2024-C3"
)

# How people write a period, in lower case and without marks, and its canonical name.
SPELLINGS: Final = (
    (re.compile(r"(?:q|quy)[ -]?([1-4]|i{1,3}|iv)"), "Q{}"),
    (re.compile(r"(?:m|thang)[ -]?0?([1-9]|1[0-2])"), "M{:0>2}"),
    (re.compile(r"h1|6 ?(?:t|thang)(?: dau)?"), "H1"),
    (re.compile(r"9m|9 ?(?:t|thang)(?: dau)?"), "9M"),
    (re.compile(r"c[ -]?([1-4])"), "C{}"),
)
ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
SEPARATOR: Final = r"(?: ?[-/.,] ?| )"
YEAR_FIRST: Final = re.compile(rf"(?:nam )?(\d{{4}})(?!\d)(?:{SEPARATOR}?(.+))?", re.ASCII)
YEAR_LAST: Final = re.compile(rf"(.+?){SEPARATOR}(?:nam )?(\d{{4}})", re.ASCII)
CALENDAR_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
EITHER_MONTH: Final = re.compile(r"0?([1-9]|1[0-2]) ?[-/.] ?(\d{4})", re.ASCII)


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
    """The window with a name: ``2023-Q1``, ``2023-M10``, ``2023-H1``, ``2023-9M``, ``2023``; by the
    calendar ``2024-09`` and ``2024-C3``.

    People may write it in other ways: ``q1/2023``, ``quý I năm 2023``, ``tháng 10/2026`` (the
    administrative month), ``6T/2023``, ``6 tháng đầu năm 2023``, ``năm 2023``.

    Raises ``ValueError`` when there is no such window.
    """
    plain = _plain(name)
    year, period = _year_and_period(plain)
    if period is None or year not in YEARS:
        raise ValueError(f"no window {name!r}: use {_either_month(plain) or NAMES}")
    if period.isdigit():
        return calendar_month(year, int(period))
    return window(*_days(year, period))


def _plain(name: str) -> str:
    """A name in lower case, without marks over letters, with plain blanks and plain dashes.

    Characters without a width are left out.
    """
    seen = (char for char in without_marks(name) if category(char) != "Cf")
    return " ".join("".join("-" if category(char) == "Pd" else char for char in seen).split())


def _year_and_period(plain: str) -> tuple[int, str | None]:
    """The year of a name, and the canonical name of its period; None where there is no such."""
    if month := CALENDAR_MONTH.fullmatch(plain):
        return int(month[1]), month[2]
    if first := YEAR_FIRST.fullmatch(plain):
        return int(first[1]), _canonical_period(first[2] or "")
    if last := YEAR_LAST.fullmatch(plain):
        return int(last[2]), _canonical_period(last[1])
    return 0, None


def _canonical_period(spelling: str) -> str | None:
    """The canonical name of a period within its year; None for a spelling that is not known."""
    if not spelling:
        return ""
    for pattern, canonical in SPELLINGS:
        if match := pattern.fullmatch(spelling):
            return canonical.format(*(ROMAN.get(number, number) for number in match.groups()))
    return None


def _either_month(plain: str) -> str | None:
    """The two months that ``10/2026`` may mean; None for any other name."""
    match = EITHER_MONTH.fullmatch(plain)
    if match is None or int(match[2]) not in YEARS:
        return None
    month, year = int(match[1]), int(match[2])
    days = _days(year, f"M{month:02}")
    return (
        f"{year}-M{month:02} ({days.first:%d/%m/%Y} to {days.last:%d/%m/%Y}) "
        f"or {year}-{month:02} (the calendar month)"
    )


def _days(year: int, period: str) -> Window:
    start, end = PERIODS[period]
    return Window(date(year - (start > end), *start), date(year, *end))


def windows_of(year: int) -> dict[str, Window]:
    """The windows of a year by the canonical names of their periods: those of PERIODS."""
    return {period: _days(year, period) for period in PERIODS}


def administrative_year(day: date) -> int:
    """The administrative year (15/12 to 14/12) that a day is in."""
    return day.year + (day > _days(day.year, "").last)


def canonical_name(window: Window) -> str | None:
    """The name under which hoso prints a window, such as ``2026-Q1``; None if it has none."""
    year, month = window.last.year, window.last.month
    if window == calendar_month(year, month):
        return f"{year}-{month:02}"
    periods = windows_of(year).items()
    return next((full_name(year, period) for period, days in periods if days == window), None)


def full_name(year: int, period: str) -> str:
    """The canonical name of a window: ``2026-Q1`` for ``Q1`` of 2026, ``2026`` for the year."""
    return f"{year}-{period}" if period else str(year)


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
    if months := _whole_months(start, end):
        return Window(_earlier(start, months), start - timedelta(1))
    return Window(start - (end - start), start - timedelta(1))


def period_after(period: Window) -> Window:
    """The period that starts the day after ``period`` ends, as long as ``period_before``."""
    start, end = period.first, period.last + timedelta(1)
    if months := _whole_months(start, end):
        return Window(end, _earlier(end, -months) - timedelta(1))
    return Window(end, end + (end - start) - timedelta(1))


def _whole_months(start: date, end: date) -> int:
    """How many whole months there are from one day to another; 0 where they are none."""
    if start.day != end.day or start.day > SHORTEST_MONTH:
        return 0
    return 12 * (end.year - start.year) + end.month - start.month


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

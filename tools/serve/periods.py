"""The windows that a page offers to choose from: the periods of a year, and the years around it."""

from datetime import date
from typing import Final, NamedTuple

from hoso.domain.windows import (
    YEARS,
    Window,
    administrative_year,
    calendar_month,
    canonical_name,
    full_name,
    period_after,
    period_before,
    same_period_last_year,
    windows_of,
)
from hoso.projections.documents.model import Bilingual
from hoso.tools.serve.question import Question

QUARTERS: Final = ("Q1", "Q2", "Q3", "Q4")
ROMAN: Final = ("I", "II", "III", "IV")


class Choice(NamedTuple):
    """A window to choose: its name, how it is shown, its address, and whether it is the one."""

    name: str
    shown: Bilingual
    address: str
    chosen: bool


class Periods(NamedTuple):
    """What a page offers: groups of windows of the administrative year and of the calendar, and the
    addresses of the windows before and after; empty where these are outside all years."""

    year: int
    groups: tuple[tuple[Bilingual, tuple[Choice, ...]], ...]
    before: str
    after: str


def periods(question: Question) -> Periods:
    """The windows to choose from beside the one that a question asks."""
    window = question.window
    year = administrative_year(window.last)
    named = windows_of(year)

    def choices(names: tuple[tuple[str, str, str], ...]) -> tuple[Choice, ...]:
        return tuple(
            _choice(question, full_name(year, period), Bilingual(vi, en), named[period])
            for period, vi, en in names
        )

    admin = (
        *(("", f"Năm {year}", f"Year {year}"), ("H1", "6 tháng", "6 months")),
        ("9M", "9 tháng", "9 months"),
        *((f"Q{n}", f"Quý {ROMAN[n - 1]}", f"Q{n}") for n in range(1, 5)),
    )
    months = tuple((f"M{n:02}", str(n), str(n)) for n in range(1, 13))
    calendar = tuple(
        _choice(question, f"{year}-{n:02}", Bilingual(str(n), str(n)), calendar_month(year, n))
        for n in range(1, 13)
    )
    groups = (
        (Bilingual("Kỳ báo cáo (15/12 – 14/12)", "Reporting year (15/12 – 14/12)"), choices(admin)),
        (Bilingual("Tháng báo cáo", "Administrative month"), choices(months)),
        (Bilingual("Tháng dương lịch", "Calendar month"), calendar),
    )
    before, after = (
        address_of(question, each) if {each.first.year, each.last.year} <= {*YEARS} else ""
        for each in (period_before(window), period_after(window))
    )
    return Periods(year, groups, before, after)


def quarter_of(day: date) -> str:
    """The name of the quarter of the reporting year that a day is in."""
    year = administrative_year(day)
    named = windows_of(year)
    found = next(name for name in QUARTERS if named[name].first <= day <= named[name].last)
    return full_name(year, found)


def years_before(window: Window, number: int) -> list[Window]:
    """The same window of the years before, the nearest first."""
    found = []
    for _ in range(number):
        window = same_period_last_year(window)
        found.append(window)
    return found


def address_of(question: Question, window: Window) -> str:
    """The address of the same question for another window."""
    if name := canonical_name(window):
        return question.changed(window=name, from_=None, to=None).address()
    days = (window.first.isoformat(), window.last.isoformat())
    return question.changed(window=None, from_=days[0], to=days[1]).address()


def short_name(window: Window) -> str:
    """The name of a window, or its days."""
    return canonical_name(window) or f"{window.first:%d/%m/%Y} – {window.last:%d/%m/%Y}"


def _choice(question: Question, name: str, shown: Bilingual, window: Window) -> Choice:
    address = question.changed(window=name, from_=None, to=None).address()
    return Choice(name, shown, address, question.window == window)

"""Which periodic reports on administrative procedures are due: from when to when, and by when.

A circular (thông tư) names the periods of a year that are reported, and the days by which reports
go out. A report follows the circular that is in force on the last day of its window. That is
inferred: no circular says what applies to a period that had begun before it came into force.

Source: TT 09/2026/TT-BTP arts 9-11 and 17.1. Its art. 10 takes the days of a window from NĐ
09/2019/NĐ-CP art. 12, which is known second-hand only.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from hoso.domain.provisions import Certainty
from hoso.domain.windows import Window, full_name, windows_of


class Circular(NamedTuple):
    """A circular on periodic reports.

    It is in force from ``first`` to ``last``, both included; None: no last day is known.
    ``periods`` are canonical names of windows without their year. ``to_superior`` and
    ``to_ministry`` are days of the month in which a window ends.
    """

    number: str
    articles: str
    first: date
    last: date | None
    published: date
    certainty: Certainty
    periods: tuple[str, ...]
    to_superior: int
    to_ministry: int

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.first <= on <= (self.last or date.max)


CIRCULARS: Final = (
    Circular(
        number="TT 09/2026/TT-BTP",
        articles="9-11",
        first=date(2026, 8, 1),
        last=None,
        published=date(2026, 6, 15),
        certainty="text read",
        periods=(
            *("M01", "M02", "M04", "M05", "M07", "M08", "M10", "M11"),
            *("Q1", "Q3", "H1", ""),  # in place of the months 3, 9, 6 and 12
        ),
        to_superior=20,
        to_ministry=23,
    ),
)
# Nobody here has read the circular that was in force before: its reports are not known.
NOT_READ: Final = "TT 01/2020/TT-VPCP"
NOT_READ_UNTIL: Final = date(2026, 7, 31)


class DueReport(NamedTuple):
    """A report that is due.

    ``name`` is the canonical name of its window. By the day ``to_superior``, communes and
    departments report to their province, and units to their ministry. By ``to_ministry``, provinces
    and ministries report to the Ministry of Justice.
    """

    name: str
    window: Window
    to_superior: date
    to_ministry: date
    circular: Circular

    @property
    def certainty(self) -> Certainty:
        """How certain it is that the circular applies."""
        began_before = self.window.first < self.circular.first
        return "inferred" if began_before else self.circular.certainty


def next_reports(on: date) -> list[DueReport]:
    """The reports that are due to the Ministry of Justice within a year from the day ``on``, that
    day included, in the order in which they are due."""
    last = date(on.year + 1, on.month, 1) + timedelta(on.day - 2)  # the day before the anniversary
    reports = [*_reports(on.year), *_reports(on.year + 1)]
    return [report for report in reports if on <= report.to_ministry <= last]


def due_report(window: Window) -> DueReport | None:
    """The report that is due for a window; None where no circular that hoso knows demands one."""
    return next((each for each in _reports(window.last.year) if each.window == window), None)


def _reports(year: int) -> list[DueReport]:
    """The reports whose windows end in a year, in the order in which they are due."""
    windows = windows_of(year)
    reports = [
        DueReport(
            full_name(year, period),
            window,
            window.last.replace(day=circular.to_superior),
            window.last.replace(day=circular.to_ministry),
            circular,
        )
        for circular in CIRCULARS
        for period, window in windows.items()
        if period in circular.periods and circular.is_in_force(window.last)
    ]
    return sorted(reports, key=lambda report: report.to_ministry)

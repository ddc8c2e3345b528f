"""The reports that are due: how often, from when to when, and by which days (TT 09/2026/TT-BTP)."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.reporting import CIRCULARS, next_reports
from hoso.domain.windows import canonical_name, named_window

# Art. 9: months 1, 2, 4, 5, 7, 8, 10 and 11, quarters I and III, the first half-year, the year.
# Art. 10: from the 15th to the 14th. Art. 11: by the 20th and the 23rd of the window's last month.
YEAR_2027: Final = [
    ("2027-M01", "2026-12-15", "2027-01-14", "2027-01-20", "2027-01-23"),
    ("2027-M02", "2027-01-15", "2027-02-14", "2027-02-20", "2027-02-23"),
    ("2027-Q1", "2026-12-15", "2027-03-14", "2027-03-20", "2027-03-23"),
    ("2027-M04", "2027-03-15", "2027-04-14", "2027-04-20", "2027-04-23"),
    ("2027-M05", "2027-04-15", "2027-05-14", "2027-05-20", "2027-05-23"),
    ("2027-H1", "2026-12-15", "2027-06-14", "2027-06-20", "2027-06-23"),
    ("2027-M07", "2027-06-15", "2027-07-14", "2027-07-20", "2027-07-23"),
    ("2027-M08", "2027-07-15", "2027-08-14", "2027-08-20", "2027-08-23"),
    ("2027-Q3", "2027-06-15", "2027-09-14", "2027-09-20", "2027-09-23"),
    ("2027-M10", "2027-09-15", "2027-10-14", "2027-10-20", "2027-10-23"),
    ("2027-M11", "2027-10-15", "2027-11-14", "2027-11-20", "2027-11-23"),
    ("2027", "2026-12-15", "2027-12-14", "2027-12-20", "2027-12-23"),
]
IN_FORCE: Final = date(2026, 8, 1)  # art. 17.1


def names(on: str) -> list[str]:
    return [report.name for report in next_reports(date.fromisoformat(on))]


def test_a_year_has_these_reports() -> None:
    reports = next_reports(date(2027, 1, 1))
    days = [(*each.window, each.to_superior, each.to_ministry) for each in reports]
    listed = [(each.name, *map(str, dates)) for each, dates in zip(reports, days, strict=True)]
    assert listed == YEAR_2027


def test_the_report_of_the_year_2026_is_next_in_december() -> None:
    first, *_ = next_reports(date(2026, 11, 29))
    assert first.name == "2026"
    assert first.window == (date(2025, 12, 15), date(2026, 12, 14))
    assert (first.to_superior, first.to_ministry) == (date(2026, 12, 20), date(2026, 12, 23))
    assert first.circular.number == "TT 09/2026/TT-BTP"


@pytest.mark.parametrize(
    ("on", "first"),
    [("2026-12-20", "2026"), ("2026-12-23", "2026"), ("2026-12-24", "2027-M01")],
)
def test_a_report_is_listed_until_it_is_due_to_the_ministry(on: str, first: str) -> None:
    assert names(on)[0] == first


def test_a_report_follows_the_circular_in_force_on_the_last_day_of_its_window() -> None:
    assert names("2026-07-01")[:3] == ["2026-M08", "2026-Q3", "2026-M10"]
    assert "2026-M07" not in names("2026-01-01")  # it ends on 14/07/2026
    inferred = [r.name for r in next_reports(date(2026, 7, 1)) if r.certainty == "inferred"]
    assert inferred == ["2026-M08", "2026-Q3", "2026"]


@pytest.mark.parametrize("on", ["1900-01-01", "2020-02-29", "2025-08-23"])
def test_of_a_circular_that_nobody_has_read_no_report_is_listed(on: str) -> None:
    assert names(on) == []


def test_a_circular_is_published_before_it_is_in_force() -> None:
    for circular in CIRCULARS:
        assert circular.published <= circular.first
        assert not circular.is_in_force(circular.first - timedelta(1))
        assert circular.is_in_force(circular.first)
    assert CIRCULARS[-1].first == IN_FORCE


@given(st.dates(IN_FORCE, date(2199, 12, 31)))
def test_within_a_year_one_report_is_due_every_month(on: date) -> None:
    reports = next_reports(on)
    months = [(report.to_ministry.year, report.to_ministry.month) for report in reports]
    assert len(reports) == 12
    assert len({month for _, month in months}) == 12
    assert months == sorted(months)
    assert all(on <= report.to_ministry <= on + timedelta(366) for report in reports)
    assert all(report.window.last < report.to_superior < report.to_ministry for report in reports)


@given(st.dates(IN_FORCE, date(2198, 12, 31)))
def test_a_name_in_the_list_names_its_window(on: date) -> None:
    for report in next_reports(on):
        assert named_window(report.name) == report.window
        assert canonical_name(report.window) == report.name


@given(st.dates(IN_FORCE, date(2190, 1, 1)))
def test_the_day_after_the_first_report_is_gone_and_one_more_is_there(on: date) -> None:
    reports = next_reports(on)
    for one, following in pairwise(reports):
        assert next_reports(one.to_ministry + timedelta(1))[0] == following

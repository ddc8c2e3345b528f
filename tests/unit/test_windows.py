"""Which days does a named window cover, and how may a day be written?"""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.windows import (
    Window,
    named_window,
    parse_day,
    period_before,
    same_period_last_year,
    window,
)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2023-Q1", "2022-12-15", "2023-03-14"),
        ("2023-Q2", "2023-03-15", "2023-06-14"),
        ("2023-Q3", "2023-06-15", "2023-09-14"),
        ("2023-Q4", "2023-09-15", "2023-12-14"),
        ("2023-H1", "2022-12-15", "2023-06-14"),
        ("2023-9M", "2022-12-15", "2023-09-14"),
        ("2023", "2022-12-15", "2023-12-14"),
        ("2024-01", "2024-01-01", "2024-01-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-09", "2024-09-01", "2024-09-30"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        (" 2024-12\n", "2024-12-01", "2024-12-31"),
    ],
)
def test_a_named_window_covers_these_days(name: str, first: str, last: str) -> None:
    assert named_window(name) == Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("year", range(1901, 2199, 7))
def test_the_quarters_of_a_year_follow_each_other_and_make_it_up(year: int) -> None:
    quarters = [named_window(f"{year}-Q{number}") for number in (1, 2, 3, 4)]
    for one, following in zip(
        quarters, [*quarters[1:], named_window(f"{year + 1}-Q1")], strict=True
    ):
        assert one.last + timedelta(days=1) == following.first
    assert named_window(f"{year}") == Window(quarters[0].first, quarters[3].last)
    assert named_window(f"{year}-H1") == Window(quarters[0].first, quarters[1].last)
    assert named_window(f"{year}-9M") == Window(quarters[0].first, quarters[2].last)


def test_the_months_of_a_year_follow_each_other() -> None:
    months = [
        named_window(f"{year}-{number:02}") for year in (2023, 2024) for number in range(1, 13)
    ]
    for one, following in pairwise(months):
        assert one.last + timedelta(days=1) == following.first


@pytest.mark.parametrize(
    "name",
    [
        *("", "2023-Q0", "2023-Q5", "2023-q1", "2023-H2", "2023-6M", "2023-00", "2023-13"),
        *("2023-1", "23-Q1", "0000", "0001-Q1", "9999-12", "2023-Q1-Q2", "Q1-2023", "2023 Q1"),
        *("٢٠٢٣", "2023-03-01", "-2023"),
    ],
)
def test_another_name_is_no_window(name: str) -> None:
    with pytest.raises(ValueError, match=r"^no (window|month) .*: use .*$"):
        named_window(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-12-15", date(2022, 12, 15)),
        ("15/12/2022", date(2022, 12, 15)),
        ("3/12/2022", date(2022, 12, 3)),  # the day stands first
        ("1/2/2023", date(2023, 2, 1)),
        ("29/02/2024", date(2024, 2, 29)),
        (" 2022-12-15 ", date(2022, 12, 15)),
    ],
)
def test_a_day_is_written_in_either_way(text: str, expected: date) -> None:
    assert parse_day(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "15-12-2022", "2022/12/15", "15.12.2022", "15/12/22", "2022-12", "20221215"),
        *("2022-12-15T00:00:00+07:00", "١٥/١٢/٢٠٢٢", "hôm nay", "2022-1-5"),
    ],
)
def test_another_spelling_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"^no date .*: write 2022-12-15 or 15/12/2022$"):
        parse_day(text)


@pytest.mark.parametrize(
    "text", ["2023-02-29", "31/04/2023", "2023-13-01", "12/15/2022", "0000-01-01", "00/01/2023"]
)
def test_a_day_that_the_calendar_does_not_have_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=f"^no such day: {text}$"):
        parse_day(text)


def test_a_window_may_be_one_day() -> None:
    assert window(date(2023, 3, 1), date(2023, 3, 1)) == (date(2023, 3, 1), date(2023, 3, 1))


def test_a_window_ends_no_earlier_than_it_starts() -> None:
    with pytest.raises(ValueError, match=r"ends \(2023-03-01\) before it starts \(2023-03-02\)"):
        window(date(2023, 3, 2), date(2023, 3, 1))


@pytest.mark.parametrize("odd", [date.min, date(1899, 12, 31), date(2200, 1, 1), date.max])
def test_a_window_lies_within_the_years_that_there_is_a_calendar_for(odd: date) -> None:
    with pytest.raises(ValueError, match=f"the year {odd.year:04d} is not within 1900 to 2199"):
        window(*sorted((odd, date(2023, 3, 1))))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2023-Q1", "2022-Q4"),
        ("2023-Q2", "2023-Q1"),
        ("2024-02", "2024-01"),
        ("2024-03", "2024-02"),
        ("2023-01", "2022-12"),
        ("2023", "2022"),
    ],
)
def test_the_period_before_is_of_the_same_kind(name: str, expected: str) -> None:
    assert period_before(named_window(name)) == named_window(expected)


def test_before_some_days_are_as_many_days() -> None:
    week = window(date(2023, 3, 6), date(2023, 3, 12))
    assert period_before(week) == window(date(2023, 2, 27), date(2023, 3, 5))
    to_month_end = window(date(2023, 1, 31), date(2023, 2, 27))
    assert period_before(to_month_end) == window(date(2023, 1, 3), date(2023, 1, 30))


@given(first=st.dates(date(1950, 1, 1), date(2100, 1, 1)), days=st.integers(0, 800))
def test_the_period_before_ends_the_day_before(first: date, days: int) -> None:
    earlier = period_before(window(first, first + timedelta(days)))
    assert earlier.last == first - timedelta(1)
    assert earlier.first <= earlier.last


@pytest.mark.parametrize("name", ["2023-Q1", "2023-H1", "2023-9M", "2023", "2023-02"])
def test_a_year_before_a_period_it_was_the_same(name: str) -> None:
    assert same_period_last_year(named_window(name)) == named_window(name.replace("2023", "2022"))


def test_a_year_before_the_end_of_february_it_ended_too() -> None:
    leap = window(date(2024, 2, 1), date(2024, 2, 29))
    assert same_period_last_year(leap) == window(date(2023, 2, 1), date(2023, 2, 28))

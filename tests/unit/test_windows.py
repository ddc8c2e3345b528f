"""The days of a named window, the ways in which its name and a day may be written."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.windows import (
    NAMES,
    PERIODS,
    Window,
    canonical_name,
    full_name,
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
        ("2026-M10", "2026-09-15", "2026-10-14"),
        ("2026-M01", "2025-12-15", "2026-01-14"),
        ("2026-M02", "2026-01-15", "2026-02-14"),
        ("2024-M03", "2024-02-15", "2024-03-14"),
        ("2026-M12", "2026-11-15", "2026-12-14"),
        ("2024-C1", "2024-01-01", "2024-03-31"),
        ("2024-C2", "2024-04-01", "2024-06-30"),
        ("2024-C3", "2024-07-01", "2024-09-30"),
        ("2024-C4", "2024-10-01", "2024-12-31"),
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


@pytest.mark.parametrize("form", ["{year}-{month:02}", "{year}-M{month:02}"])
def test_the_months_of_a_year_follow_each_other(form: str) -> None:
    months = [
        named_window(form.format(year=year, month=month))
        for year in (2023, 2024)
        for month in range(1, 13)
    ]
    for one, following in pairwise(months):
        assert one.last + timedelta(days=1) == following.first


@pytest.mark.parametrize("year", range(1901, 2199, 7))
def test_three_months_make_a_quarter(year: int) -> None:
    for administrative, month, quarter in ((True, "M", "Q"), (False, "", "C")):
        months = [named_window(f"{year}-{month}{number:02}") for number in range(1, 13)]
        for number in range(1, 5):
            first, _, last = months[3 * number - 3 : 3 * number]
            assert named_window(f"{year}-{quarter}{number}") == (first.first, last.last)
        assert (named_window(f"{year}") == (months[0].first, months[-1].last)) is administrative


CANONICAL = {
    "2023-Q1": [
        *("2023-q1", "Q1/2023", "q1/2023", "quý 1/2023", "quý I/2023", "Quý I/2023", "QUÝ I/2023"),
        *("Quý I năm 2023", "quý 1 - 2023", "quý 1 – 2023", "quý-1-2023", "quý 1, năm 2023"),
        *("Q1-2023", "2023 Q1", "2023/Q1", "2023Q1", "2023 – q1", "2023 quý I", "năm 2023 quý 1"),
        *("quy 1/2023", "QUY I/2023", "  quý\u00a01 /\t2023\n", "quý\u200b 1/2023\ufeff"),
    ],
    "2025-Q2": ["quý II/2025", "q2 2025", "Q II/2025"],
    "2025-Q3": ["quý III năm 2025", "2025-q3"],
    "2025-Q4": ["QUÝ IV/2025", "quý iv 2025", "quý 4/2025"],
    "2026-M10": ["tháng 10/2026", "Tháng 10 năm 2026", "2026-m10", "M10/2026", "THANG 10-2026"],
    "2026-M03": ["tháng 3/2026", "tháng 03/2026", "2026-M3", "m3 2026", "thang 3/2026"],
    "2026-M01": ["tháng 1/2026", "tháng 01 - 2026"],
    "2023-H1": [
        *("6T/2023", "6t/2023", "h1/2023", "2023-h1", "H1 2023", "6 tháng/2023"),
        *("6 tháng đầu năm 2023", "6 THÁNG ĐẦU NĂM 2023", "6 thang dau nam 2023", "2023-6T"),
    ],
    "2023-9M": ["9T/2023", "2023-9m", "9M/2023", "9 tháng đầu năm 2023", "9 tháng 2023"],
    "2023": ["năm 2023", "Năm 2023", "NĂM 2023", "nam 2023", " 2023 "],
    "2024-C3": ["2024-c3", "C3/2024", "c3 2024"],
    "2024-09": ["2024–09", " 2024-09 "],
}


@pytest.mark.parametrize(
    ("name", "canonical"),
    [(name, canonical) for canonical, names in CANONICAL.items() for name in names],
)
def test_a_name_may_be_written_in_many_ways_and_is_printed_in_one(
    name: str, canonical: str
) -> None:
    for form in ("NFC", "NFD"):
        assert named_window(normalize(form, name)) == named_window(canonical)
    assert canonical_name(named_window(name)) == canonical


YEARS = st.integers(1901, 2199)
CANONICAL_NAMES = st.one_of(
    st.builds(full_name, YEARS, st.sampled_from([*PERIODS])),
    st.builds(lambda year, month: f"{year}-{month:02}", YEARS, st.integers(1, 12)),
)


@given(CANONICAL_NAMES)
def test_a_canonical_name_is_that_of_its_own_days_only(name: str) -> None:
    days = named_window(name)
    assert canonical_name(days) == name
    assert canonical_name(Window(days.first, days.last + timedelta(1))) is None
    assert canonical_name(Window(days.first - timedelta(1), days.last)) is None


BLANKS = st.text("  \t\u00a0\u200b", max_size=3)
SEPARATORS = st.sampled_from([" ", "-", "–", "/", " / ", " - ", " năm ", "/năm "])


@given(CANONICAL_NAMES.filter(lambda name: not name[5:].isdigit()), BLANKS, SEPARATORS, BLANKS)
def test_case_blanks_and_order_do_not_matter(
    name: str, before: str, separator: str, after: str
) -> None:
    year, _, period = name.partition("-")
    for written in (name.lower(), f"{period}{separator}{year}" if period else f"năm {year}"):
        assert named_window(f"{before}{written}{after}") == named_window(name)


@given(st.one_of(st.text(max_size=12), st.text("0126 -/qQmMtThHcCiV\n", max_size=9)))
def test_any_text_is_a_name_of_a_year_that_it_has_or_is_refused(text: str) -> None:
    with suppress(ValueError):
        name = canonical_name(named_window(text))
        assert name is not None
        assert name[:4] in text


@pytest.mark.parametrize(
    ("text", "month"), [("10/2026", "10"), ("9-2026", "09"), ("01/2026", "01"), ("3.2026", "03")]
)
def test_a_month_in_figures_may_be_either_month(text: str, month: str) -> None:
    days = named_window(f"2026-M{month}")
    with pytest.raises(ValueError, match=r"^no window .*: use .*$") as refused:
        named_window(text)
    assert str(refused.value) == (
        f"no window {text!r}: use 2026-M{month} ({days.first:%d/%m/%Y} to {days.last:%d/%m/%Y}) "
        f"or 2026-{month} (the calendar month)"
    )


def test_a_refused_name_says_what_names_there_are() -> None:
    with pytest.raises(ValueError, match="no window") as refused:
        named_window("quý 5/2023")
    assert str(refused.value) == f"no window 'quý 5/2023': use {NAMES}"
    for name in ("2023-Q1", "2023-M10", "2023-H1", "2023-9M", "2023", "2024-09", "2024-C3"):
        assert name in NAMES
        assert canonical_name(named_window(name)) == name


def test_days_between_have_no_name() -> None:
    assert canonical_name(window(date(2023, 1, 1), date(2023, 12, 31))) is None
    assert canonical_name(window(date(2023, 3, 1), date(2023, 3, 1))) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "2023-Q0", "2023-Q5", "2023-H2", "2023-6M", "2023-00", "2023-13", "2023-M13"),
        *("2023-1", "23-Q1", "0000", "0001-Q1", "9999-12", "2023-Q1-Q2", "Q12023", "2023-C0"),
        *("٢٠٢٣", "2023-03-01", "-2023", "2023-", "20236T", "quý V/2023", "tháng 0/2026"),
        *("2023-M0", "2023-M00", "T3/2026", "6/2023/1", "năm", "tháng", "2023 2024", "quý 2023"),
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
        ("2026-M10", "2026-M09"),
        ("2026-M01", "2025-M12"),
        ("2026-M03", "2026-M02"),
        ("2024-C1", "2023-C4"),
        ("2024-C3", "2024-C2"),
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


@pytest.mark.parametrize(
    "name", ["2023-Q1", "2023-H1", "2023-9M", "2023", "2023-02", "2023-M03", "2023-C1"]
)
def test_a_year_before_a_period_it_was_the_same(name: str) -> None:
    assert same_period_last_year(named_window(name)) == named_window(name.replace("2023", "2022"))


def test_a_year_before_the_end_of_february_it_ended_too() -> None:
    leap = window(date(2024, 2, 1), date(2024, 2, 29))
    assert same_period_last_year(leap) == window(date(2023, 2, 1), date(2023, 2, 28))

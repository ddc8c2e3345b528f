"""The windows that a page offers: is the window after the one before the next?"""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.windows import (
    PERIODS,
    Window,
    calendar_month,
    named_window,
    period_after,
    period_before,
    windows_of,
)
from hoso.tools.serve.periods import quarter_of, years_before

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
YEARS = st.integers(1990, 2090)
NAMED = st.builds(lambda year, name: windows_of(year)[name], YEARS, st.sampled_from([*PERIODS]))
MONTHS = st.builds(calendar_month, st.integers(1990, 2090), st.integers(1, 12))
SPANS = st.integers(0, 800)
ANY = st.builds(lambda first, days: Window(first, first + timedelta(days)), DAYS, SPANS)


@given(st.one_of(NAMED, MONTHS))
def test_after_the_period_before_comes_the_period(window: Window) -> None:
    assert period_after(period_before(window)) == window


@given(ANY)
def test_the_window_after_begins_the_next_day(window: Window) -> None:
    after = period_after(window)
    assert after.first == window.last + timedelta(1)
    assert after.last >= after.first


@given(DAYS)
def test_the_quarter_of_a_day_has_the_day(day: date) -> None:
    window = named_window(quarter_of(day))
    assert window.first <= day <= window.last


def test_the_same_window_of_the_years_before() -> None:
    quarter = named_window("2024-Q1")
    assert years_before(quarter, 2) == [named_window("2023-Q1"), named_window("2022-Q1")]

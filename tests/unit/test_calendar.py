"""Vietnam's working days, the calendar's version, and the calendar as it was known on a day."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.calendar import (
    EPOCH,
    Calendar,
    add,
    between,
    date_of,
    day_number,
    forward,
    is_working_day,
    local_day,
    working_days,
)
from hoso.domain.overrides import OVERRIDES, Override
from hoso.projections.log.lives import EPOCH as INSTANT_0
from hoso.projections.log.lives import local_days
from hoso.tools.runtime.calendar import SPAN, calendar
from tests.engine import LOCAL, VIETNAM, examples, is_working
from tests.model import Calendar as DayByDay

FILE = Path(__file__).parents[1] / "data" / "days_off_2022_2026.csv"
DECISIONS = [*csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())]
PUBLISHED = {date.fromisoformat(row["date"]): row["status"] == "worked" for row in DECISIONS}
FIRST, LAST = date(2022, 1, 1), date(2026, 12, 31)
EVERY_DAY = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
ONE_DAY = timedelta(days=1)

DAYS = st.dates(date(2021, 12, 1), date(2027, 1, 31))
MODEL = DayByDay(is_working)


@pytest.mark.parametrize("year", range(2022, 2027))
def test_every_day_is_worked_or_off_as_published(year: int) -> None:
    days = [day for day in EVERY_DAY if day.year == year]
    wrong = [d for d in days if is_working(d) != PUBLISHED.get(d, d.weekday() < 5)]
    assert wrong == []


def test_the_swap_of_2_january_2026_is_known() -> None:
    assert not is_working(date(2026, 1, 2))
    assert is_working(date(2026, 1, 10))


@pytest.mark.parametrize("override", OVERRIDES, ids=str)
def test_an_override_names_the_decision_that_set_it(override: Override) -> None:
    assert is_working(override.day) is override.worked
    assert override.decision


def is_working_in(known: Calendar, day: date) -> bool:
    return is_working_day(known.days, day_number(day))


@pytest.mark.parametrize("override", OVERRIDES, ids=str)
def test_a_decision_moves_a_day_from_its_publication_on(override: Override) -> None:
    known_from = override.published or date(override.day.year, 1, 1)
    assert is_working_in(calendar(known_from), override.day) is override.worked
    assert is_working_in(calendar(known_from - ONE_DAY), override.day) is not override.worked
    assert is_working_in(calendar(date.max), override.day) is override.worked


def test_a_day_of_publication_is_the_one_that_the_decision_bears() -> None:
    dated = [(each, each.published) for each in OVERRIDES if each.published is not None]
    assert {override.day.year for override, _ in dated} >= {2024, 2025, 2026}
    for override, published in dated:
        assert f"{published:%d/%m/%Y}" in override.decision
        assert published < override.day
        assert override.decision in {row["decision"] for row in DECISIONS}


def test_every_make_up_day_that_the_package_knows_has_its_decision() -> None:
    make_up = {*country_holidays("VN", years=range(1976, 2101)).weekend_workdays}
    assert make_up <= {override.day for override in OVERRIDES if override.worked}


@given(st.dates(date(2009, 1, 1), date(2027, 1, 1)))
@examples(30)
def test_the_calendar_as_known_on_a_day_lacks_later_decisions_only(law_as_of: date) -> None:
    known = calendar(law_as_of)
    later = {override.day for override in OVERRIDES if not override.is_known(law_as_of)}
    days = [date(2010, 1, 1) + n * ONE_DAY for n in range(17 * 365)]
    assert {day for day in days if is_working_in(known, day) != is_working(day)} == later
    assert (known.version == VIETNAM.version) is (not later)


def test_a_holiday_by_law_is_always_known() -> None:
    assert not is_working_in(calendar(date(2000, 1, 1)), date(2025, 4, 30))


def test_the_calendar_has_the_same_version_every_time() -> None:
    calendar.cache_clear()
    assert calendar() is not VIETNAM
    assert calendar().version == VIETNAM.version


@given(st.sampled_from(EVERY_DAY))
@examples(30)
def test_the_version_changes_when_a_single_day_does(day: date) -> None:
    before = Calendar.named("X", (FIRST, LAST))
    moved = {"off": [day]} if day.weekday() < 5 else {"worked": [day]}
    after = Calendar.named("X", (FIRST, LAST), **moved)
    assert after.version != before.version
    assert Calendar.named("X", (FIRST, LAST), **moved).version == after.version


def test_the_version_changes_when_two_days_are_swapped() -> None:
    friday, saturday = date(2026, 1, 2), date(2026, 1, 10)
    before = Calendar.named("X", (FIRST, LAST))
    swapped = Calendar.named("X", (FIRST, LAST), off=[friday], worked=[saturday])
    assert swapped.version != before.version


def test_the_version_changes_when_the_same_week_begins_on_another_day() -> None:
    week = timedelta(days=7)
    before, after = (
        Calendar.named("X", (FIRST, LAST)),
        Calendar.named("X", (FIRST + week, LAST + week)),
    )
    assert before.days.elapsed == after.days.elapsed
    assert after.version != before.version


def test_the_version_names_the_span_and_not_how_it_was_written_down() -> None:
    saturday, monday = date(2024, 5, 4), date(2024, 4, 29)
    one = Calendar.named("X", (FIRST, LAST), off=[saturday, monday])
    another = Calendar.named("X", (FIRST, LAST), off=[monday, monday])
    assert one.version == another.version
    assert Calendar.named("X", (FIRST, LAST + ONE_DAY), off=[monday]).version != one.version
    assert Calendar.named("Y", (FIRST, LAST), off=[monday]).version != one.version


@given(day=DAYS, number=st.integers(0, 80))
@examples(200)
def test_arithmetic_is_counting_day_by_day(day: date, number: int) -> None:
    days, start = VIETNAM.days, day_number(day)
    assert date_of(forward(days, start)) == MODEL.forward(day)
    assert date_of(add(days, start, number)) == MODEL.add(day, number)
    until = day + number * ONE_DAY
    assert between(days, start, day_number(until)) == MODEL.between(day, until)
    assert between(days, day_number(until), start) == 0


@pytest.mark.parametrize("edge", SPAN)
@given(shift=st.integers(-9, 9), number=st.integers(0, 20))
@examples(40)
def test_arithmetic_goes_on_outside_the_table(edge: date, shift: int, number: int) -> None:
    model = DayByDay(lambda day: is_working_day(VIETNAM.days, day_number(day)))
    days, day = VIETNAM.days, edge + shift * ONE_DAY
    assert date_of(forward(days, day_number(day))) == model.forward(day)
    assert date_of(add(days, day_number(day), number)) == model.add(day, number)
    until = day + number * ONE_DAY
    assert between(days, day_number(day), day_number(until)) == model.between(day, until)


@pytest.mark.parametrize("day", [date.min, date(1969, 12, 28), date(2200, 1, 4), date.max])
def test_every_day_outside_the_table_counts_as_worked(day: date) -> None:
    assert is_working(day)


def test_a_table_of_one_week_is_enough_to_count_with() -> None:
    monday = date(2023, 3, 6)
    week = working_days(monday, monday + 6 * ONE_DAY, off=[monday + ONE_DAY], worked=[])
    start = day_number(monday)
    assert add(week, start, 3) == start + 4  # Wednesday, Thursday, Friday
    assert add(week, start, 4) == start + 7  # the next Monday
    assert between(week, start - 3, start + 8) == 2 + 4 + 2


@given(st.dates())
@examples(50)
def test_a_day_has_a_number_and_a_number_has_its_day(day: date) -> None:
    assert date_of(day_number(day)) == day
    assert EPOCH + timedelta(day_number(day)) == day


@pytest.mark.parametrize("number", [-(10**9), 10**9])
def test_a_number_outside_all_years_has_the_nearest_day(number: int) -> None:
    assert date_of(number) in {date.min, date.max}


DAY_US = 86_400_000_000
HANOI_S = 7 * 3600


@pytest.mark.parametrize(
    ("instant_us", "day"),
    [(0, 0), (17 * 3_600_000_000 - 1, 0), (17 * 3_600_000_000, 1), (-7 * 3_600_000_000 - 1, -1)],
)
def test_midnight_belongs_to_the_day_it_begins(instant_us: int, day: int) -> None:
    assert local_day(instant_us, HANOI_S) == day


@given(st.integers(-(10**9), 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, LOCAL)))
@examples(60)
def test_a_column_of_instants_has_the_same_local_days_as_each_instant(moment: datetime) -> None:
    instant_us = (moment - INSTANT_0) // timedelta(microseconds=1)
    days = local_days(np.array([instant_us, instant_us + DAY_US]), LOCAL).tolist()
    assert days == [day_number(moment.date()), day_number(moment.date()) + 1]

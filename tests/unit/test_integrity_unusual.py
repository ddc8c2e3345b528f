"""What do bursts and last days stand beside? Chance, and the agency's own past. By hand.

March 2023 has 23 working days, and begins on a Wednesday.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp
from typing import Any

import pytest

from tests.engine import Json, integrity
from tests.told import received, resolved

MARCH = (date(2023, 3, 1), date(2023, 3, 31))
WEEK = (date(2023, 3, 20), date(2023, 3, 26))  # Monday to Sunday
FRIDAY = date(2023, 3, 24)


def closed_on(days: Sequence[date], agency: str = "A") -> list[Json]:
    """Dossiers of an agency, one resolved on each of some days, each at a minute of its own."""
    events = []
    for number, day in enumerate(days):
        code = f"{agency} {number}"
        moment = f"{day}T{8 + number // 60 % 10:02}:{number % 60:02}:00+07:00"
        events += [
            received("2023-01-30", 60, code=code, agency=agency),
            resolved(moment, code=code),
        ]
    return events


def usual(check: str, events: list[Json], window: tuple[date, date], **asked: Any) -> Any:
    """What a check has of the only agency with findings."""
    [result] = [each for each in integrity(events, window, **asked).checks if each.name == check]
    [row] = result.by_agency
    return row.usual


def count(check: str, events: list[Json], window: tuple[date, date]) -> int:
    [result] = [each for each in integrity(events, window).checks if each.name == check]
    assert result.effect is not None
    return result.effect.found


def last_days(shares: Sequence[tuple[int, int]]) -> list[date]:
    """The days of closings in weeks up to WEEK: so many on Monday, so many on Friday."""
    days = []
    for number, (monday, friday) in enumerate(reversed(shares)):
        days += [WEEK[0] - timedelta(7 * number)] * monday
        days += [FRIDAY - timedelta(7 * number)] * friday
    return days


def test_by_chance_each_working_day_has_the_same_share() -> None:
    told = usual("last_day", closed_on(last_days([(3, 12)])), WEEK)
    assert (told.expected, told.median, told.deviation, told.windows) == (3.0, None, None, 0)


def test_the_past_is_the_median_share_of_the_windows_before() -> None:
    # Shares of Fridays: 0.2, 0.3, 0.5, 0.9; the median is 0.4, the deviations 0.2, 0.1, 0.1, 0.5.
    weeks = [(8, 2), (7, 3), (5, 5), (1, 9), (2, 18)]
    told = usual("last_day", closed_on(last_days(weeks)), WEEK)
    assert told.windows == 4
    assert told.median == pytest.approx(0.4 * 20)
    assert told.deviation == pytest.approx(0.15 * 20)


def test_a_last_day_that_was_always_full_is_not_unusual() -> None:
    assert count("last_day", closed_on(last_days([(3, 12)] * 5)), WEEK) == 0
    assert count("last_day", closed_on(last_days([(12, 3)] * 4 + [(3, 12)])), WEEK) == 12


def test_with_too_little_past_only_chance_counts() -> None:
    assert count("last_day", closed_on(last_days([(3, 12)] * 4)), WEEK) == 12


def test_few_closings_are_never_far_more() -> None:
    assert count("last_day", closed_on(last_days([(1, 9)])), WEEK) == 0
    assert count("last_day", closed_on(last_days([(1, 10)])), WEEK) == 10


def test_what_is_closed_on_the_weekend_behind_the_last_working_day_counts_with_it() -> None:
    weekend = [*last_days([(1, 6)]), *[FRIDAY + timedelta(1)] * 5]
    assert count("last_day", closed_on(weekend), WEEK) == 11


def test_each_agency_is_compared_with_itself() -> None:
    events = closed_on(last_days([(1, 10)])) + closed_on(last_days([(40, 5)]), "B")
    assert count("last_day", events, WEEK) == 10


def burst(number: int, day: str = "2023-03-10") -> list[Json]:
    """So many dossiers that are closed within a minute."""
    events = []
    for n in range(number):
        code = f"B {day} {n}"
        begun = received("2023-01-30", 60, code=code, agency="A")
        events += [begun, resolved(f"{day}T09:30:{n:02}+07:00", code=code)]
    return events


def test_by_chance_a_minute_of_a_day_has_a_poisson_number_of_closings() -> None:
    mean = 11 / 480  # each of twelve closings among eleven others
    none_or_one = exp(-mean) * (1 + mean)
    told = usual("burst", burst(12), MARCH, thresholds={"burst": {"closings": 3}})
    assert told.expected == pytest.approx(12 * (1 - none_or_one))


def test_of_bursts_the_past_stands_beside_the_count_and_excuses_nothing() -> None:
    events = burst(12, "2023-02-10") + burst(15)
    told = usual("burst", events, MARCH)
    assert (told.median, told.deviation, told.windows) == (15.0, 0.0, 1)
    assert count("burst", events, MARCH) == 15

"""What does each check of integrity find, and what does it leave alone? By hand, with dates.

March 2023 begins on a Wednesday; five working days from the 1st end on Wednesday the 8th. July 2025
begins on a Tuesday, the day on which NĐ 118 came into force.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from hoso.domain.calendar import day_number
from hoso.domain.events import Allowance
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.integrity.checks import InvalidProfile, with_thresholds
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.in_json import as_json
from hoso.projections.integrity.parts import part_of_log, question_of
from hoso.projections.kernels.checks import CHECKS
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import statement
from hoso.tools.inputs.checks import checks_by
from tests.engine import LOCAL, VIETNAM, Json, log_of
from tests.told import (
    annulled,
    arrived,
    asked,
    brought,
    calendar_days,
    cancelled,
    paused,
    reassigned,
    received,
    recorded,
    rescheduled,
    resolved,
    resumed,
    returned,
    said,
)

MARCH_2023 = ("2023-03-01", "2023-03-31")
JULY_2025 = ("2025-07-01", "2025-07-31")
BEGUN = received("2023-03-01", 5)  # due on Wednesday 8 March


def seen(
    events: Sequence[Json],
    window: tuple[str, str] = MARCH_2023,
    *,
    as_of: str | None = None,
    policy: Policy | None = None,
    profile: Json | None = None,
    catalogue: dict[str, Allowance] | None = None,
    selected: DossierFilter | None = None,
) -> Integrity:
    """What the checks see in some events."""
    office = Office(LOCAL, VIETNAM, policy or Policy())
    known = None if as_of is None else datetime.fromisoformat(as_of)
    question = question_of(
        office,
        known,
        Window(*map(date.fromisoformat, window)),
        with_thresholds(checks_by(None), profile or {}),
        selected or DossierFilter(),
        catalogue,
    )
    log = log_of(events)
    moment = Moment(known, day_number(question.told.last))
    rows = register_of_log(log, office, moment)
    return integrity_of(question, [part_of_log(log, question)], lambda _: rows)


def days(
    check: str, events: Sequence[Json], window: tuple[str, str] = MARCH_2023, **asked: Any
) -> list[str]:
    """The days on which a check finds dossiers."""
    [result] = [each for each in seen(events, window, **asked).checks if each.name == check]
    return [str(day) for day in result.findings["day"].to_pylist()]


def population(check: str, events: Sequence[Json], window: tuple[str, str] = MARCH_2023) -> int:
    """How many dossiers a check's population has."""
    [result] = [each for each in seen(events, window).checks if each.name == check]
    assert result.effect is not None
    return result.effect.of


def at(day: str, time: str) -> str:
    return f"{day}T{time}+07:00"


# --- The clock is stopped -------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2023-03-07", "2023-03-08"])
def test_a_pause_on_the_due_day_or_the_working_day_before_is_found(day: str) -> None:
    assert days("paused_on_due_day", [BEGUN, paused(day)]) == [day]


def test_a_pause_two_working_days_before_the_due_day_is_not() -> None:
    assert days("paused_on_due_day", [BEGUN, paused("2023-03-06")]) == []
    assert population("paused_on_due_day", [BEGUN, paused("2023-03-06")]) == 1


def test_the_working_day_before_a_monday_is_friday() -> None:
    begun = received("2023-03-01", due="2023-03-13")
    assert days("paused_on_due_day", [begun, paused("2023-03-09")]) == []
    for day in ("2023-03-10", "2023-03-11", "2023-03-13"):  # Friday, Saturday, Monday
        assert days("paused_on_due_day", [begun, paused(day)]) == [day]


def test_a_pause_of_a_dossier_that_is_overdue_changes_nothing() -> None:
    assert days("paused_on_due_day", [BEGUN, paused("2023-03-09")]) == []
    exceeded = [
        BEGUN,
        asked("2023-03-02"),
        asked("2023-03-03"),
        brought("2023-03-03", due="2023-03-08"),
    ]
    assert days("paused_on_due_day", [*exceeded, paused("2023-03-08")]) == []


@pytest.mark.parametrize(
    ("threshold", "day", "is_found"),
    [
        (2, "2023-03-05", False),  # Sunday
        (2, "2023-03-06", True),
        (0, "2023-03-07", False),
        (0, "2023-03-08", True),
    ],
)
def test_how_many_working_days_before_is_a_threshold(
    threshold: int, day: str, is_found: bool
) -> None:
    profile = {"paused_on_due_day": {"working_days_before": threshold}}
    assert bool(days("paused_on_due_day", [BEGUN, paused(day)], profile=profile)) == is_found


def test_a_request_later_than_three_working_days_after_the_reception_is_found() -> None:
    assert days("late_supplement_request", [BEGUN, asked("2023-03-07")]) == ["2023-03-07"]


def test_a_request_on_the_third_working_day_is_not() -> None:
    assert days("late_supplement_request", [BEGUN, asked("2023-03-06")]) == []


def test_a_request_on_the_day_off_behind_the_third_working_day_is_later_than_it() -> None:
    begun = received("2023-03-07", 10)  # the third working day is Friday the 10th
    assert days("late_supplement_request", [begun, asked("2023-03-10")]) == []
    assert days("late_supplement_request", [begun, asked("2023-03-11")]) == ["2023-03-11"]


def test_where_the_clock_starts_at_the_arrival_the_request_may_come_as_much_later() -> None:
    elsewhere = received("2026-08-06", 10, received_at="H52.99")
    life = [elsewhere, arrived("2026-08-10"), asked("2026-08-13")]
    august = ("2026-08-01", "2026-08-31")
    assert days("late_supplement_request", life, august) == []
    assert days("late_supplement_request", [elsewhere, asked("2026-08-13")], august) == [
        "2026-08-13"
    ]


def test_a_second_request_is_found_and_a_first_one_is_not() -> None:
    life = [BEGUN, asked("2023-03-02"), brought("2023-03-03"), asked("2023-03-06")]
    assert days("second_request", life) == ["2023-03-06"]
    assert days("second_request", life[:3]) == []


def test_before_august_2026_the_arrival_gives_no_time_for_the_request() -> None:
    elsewhere = received("2026-07-01", 10, received_at="H52.99")
    life = [elsewhere, arrived("2026-07-06"), asked("2026-07-07")]
    july = ("2026-07-01", "2026-07-31")
    assert days("late_supplement_request", life, july) == ["2026-07-07"]


def test_how_many_requests_there_may_be_is_the_laws() -> None:
    life = [BEGUN, asked("2023-03-02"), brought("2023-03-03"), asked("2023-03-06")]
    assert days("second_request", life, policy=Policy(supplement_limit=2)) == []
    assert days("second_request", life[:2], policy=Policy(supplement_limit=0)) == ["2023-03-02"]


AWAITING = [received("2025-07-01", 5), asked("2025-07-02")]  # until Thursday 17 July


def test_a_supplement_awaited_for_sixteen_days_is_found_on_the_sixteenth() -> None:
    assert days("supplement_expired", AWAITING, JULY_2025) == ["2025-07-18"]
    assert days("supplement_expired", AWAITING, ("2025-07-01", "2025-07-17")) == []
    assert days("supplement_expired", AWAITING, ("2025-07-19", "2025-07-31")) == []


def test_a_dossier_closed_on_the_day_after_the_expiry_is_not() -> None:
    life = [*AWAITING, cancelled("2025-07-18", "expired")]
    assert days("supplement_expired", life, JULY_2025) == []
    assert days("supplement_expired", [*AWAITING, cancelled("2025-07-21", "expired")], JULY_2025)


def test_an_expiry_before_a_weekend_may_be_answered_on_monday() -> None:
    life = [received("2025-07-01", 5), asked("2025-07-03")]  # until Friday 18 July
    assert days("supplement_expired", life, JULY_2025) == ["2025-07-21"]
    assert days("supplement_expired", [*life, cancelled("2025-07-21", "expired")], JULY_2025) == []


def test_what_happens_to_a_dossier_that_awaits_a_supplement_does_not_end_the_waiting() -> None:
    moved = reassigned("2025-07-18", "so_xd")
    life = [*AWAITING, moved, cancelled(at("2025-07-18", "09:00:00"), "expired")]
    assert days("supplement_expired", life, JULY_2025) == []
    assert days("supplement_expired", [*AWAITING, moved], JULY_2025) == ["2025-07-18"]
    later = [*AWAITING, reassigned("2025-07-19", "so_xd"), cancelled("2025-07-30", "expired")]
    assert days("supplement_expired", later, JULY_2025) == ["2025-07-18"]


def test_a_supplement_that_comes_on_the_last_day_is_not_found_and_one_day_later_it_is() -> None:
    assert days("supplement_expired", [*AWAITING, brought("2025-07-17")], JULY_2025) == []
    assert days("supplement_expired", [*AWAITING, brought("2025-07-18")], JULY_2025) == [
        "2025-07-18"
    ]


def test_a_supplement_that_comes_on_the_day_off_behind_the_expiry_is_found_on_it() -> None:
    life = [received("2025-07-01", 5), asked("2025-07-03")]  # until Friday 18 July
    assert days("supplement_expired", [*life, brought("2025-07-19")], JULY_2025) == ["2025-07-19"]


def test_before_july_2025_no_supplement_expires() -> None:
    life = [received("2025-06-02", 5), asked("2025-06-30")]
    assert days("supplement_expired", life, ("2025-06-01", "2025-12-31")) == []
    assert population("supplement_expired", life, ("2025-06-01", "2025-12-31")) == 0


def test_another_law_sets_another_expiry() -> None:
    life = [received("2023-03-01", 5), asked("2023-03-02")]
    assert days("supplement_expired", life, policy=Policy(law="nd118-2025")) == ["2023-03-20"]
    assert days("supplement_expired", AWAITING, JULY_2025, policy=Policy(law="nd61-2018")) == []


# --- Cancelled, returned --------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["re_entered", "duplicate"])
def test_a_dossier_that_is_entered_again_is_found(reason: str) -> None:
    assert days("re_entered", [BEGUN, cancelled("2023-03-06", reason)]) == ["2023-03-06"]


@pytest.mark.parametrize("reason", ["withdrawn", "incomplete", "other", "expired"])
def test_a_dossier_that_is_cancelled_for_another_reason_is_not(reason: str) -> None:
    assert days("re_entered", [BEGUN, cancelled("2023-03-06", reason)]) == []
    assert population("re_entered", [BEGUN, cancelled("2023-03-06", reason)]) == 1


@pytest.mark.parametrize("close", [returned, cancelled])
def test_a_dossier_sent_back_on_its_due_day_is_found(close: Any) -> None:
    assert days("sent_back_on_due_day", [BEGUN, close("2023-03-08")]) == ["2023-03-08"]
    assert days("sent_back_on_due_day", [BEGUN, close("2023-03-07")]) == []
    assert days("sent_back_on_due_day", [BEGUN, close("2023-03-09")]) == []


def test_a_dossier_that_is_overdue_is_sent_back_on_any_day() -> None:
    begun = received("2023-03-01", 5)
    asked_twice = [asked("2023-03-02"), asked("2023-03-03"), brought("2023-03-06")]  # due the 13th
    assert days("sent_back_on_due_day", [begun, *asked_twice, returned("2023-03-13")]) == []
    once = [begun, asked("2023-03-03"), brought("2023-03-06")]
    assert days("sent_back_on_due_day", [*once, returned("2023-03-13")]) == ["2023-03-13"]


def test_a_dossier_resolved_on_its_due_day_is_not_sent_back() -> None:
    assert days("sent_back_on_due_day", [BEGUN, resolved("2023-03-08")]) == []
    assert population("sent_back_on_due_day", [BEGUN, resolved("2023-03-08")]) == 0


# --- The result -----------------------------------------------------------------------------------


@pytest.mark.parametrize("close", [resolved, returned])
def test_a_closing_in_time_that_was_recorded_after_the_due_day_is_found(close: Any) -> None:
    life = [BEGUN, recorded(close("2023-03-08"), "2023-03-09")]
    assert days("recorded_after_due", life) == ["2023-03-08"]


def test_a_closing_that_was_recorded_on_the_due_day_is_not() -> None:
    assert days("recorded_after_due", [BEGUN, recorded(resolved("2023-03-06"), "2023-03-08")]) == []


def test_an_overdue_closing_is_not_whenever_it_was_recorded() -> None:
    life = [BEGUN, recorded(resolved("2023-03-09"), "2023-03-20")]
    assert days("recorded_after_due", life) == []
    assert population("recorded_after_due", life) == 0


@pytest.mark.parametrize(
    "moved",
    [
        [rescheduled("2023-03-07", "2023-03-15")],
        [paused("2023-03-03"), resumed("2023-03-06", due="2023-03-15")],
        [asked("2023-03-03"), brought("2023-03-06", due="2023-03-15")],
    ],
)
def test_a_due_day_that_was_moved_to_the_day_of_closing_is_found(moved: list[Json]) -> None:
    assert days("due_moved_to_closing", [BEGUN, *moved, resolved("2023-03-15")]) == ["2023-03-15"]
    assert days("due_moved_to_closing", [BEGUN, *moved, resolved("2023-03-14")]) == []


@pytest.mark.parametrize(
    ("stopped", "runs", "due"),
    [
        (asked("2023-03-03"), brought("2023-03-06"), "2023-03-13"),  # five days anew
        (paused("2023-03-03"), resumed("2023-03-06"), "2023-03-09"),  # a day later
    ],
)
def test_a_due_day_that_the_rules_moved_is_not(stopped: Json, runs: Json, due: str) -> None:
    for event in (runs, runs | {"data": {"due": due}}):
        life = [BEGUN, stopped, event, resolved(due)]
        assert days("due_moved_to_closing", life) == []
        assert population("due_moved_to_closing", life) == 1


def test_a_due_day_that_was_moved_is_no_matter_where_nothing_was_closed_on_time_by_it() -> None:
    moved = rescheduled("2023-03-03", "2023-03-15")
    assert days("due_moved_to_closing", [BEGUN, moved, resolved("2023-03-15")]) == ["2023-03-15"]
    assert days("due_moved_to_closing", [BEGUN, moved, cancelled("2023-03-15", "other")]) == []
    lapsed = [BEGUN, asked("2023-03-09"), brought("2023-03-10", due="2023-03-20")]
    assert days("due_moved_to_closing", [*lapsed, resolved("2023-03-20")]) == []


def test_a_notice_that_came_too_late_moves_no_due_day_onto_the_closing() -> None:
    life = [BEGUN, rescheduled("2023-03-08", "2023-03-15")]
    on_due_day = resolved(at("2023-03-08", "09:00:00"))
    assert days("due_moved_to_closing", [*life, on_due_day]) == []
    assert days("due_moved_to_closing", [*life, resolved("2023-03-15")]) == []


def test_a_dossier_resolved_in_the_minute_of_its_reception_is_found() -> None:
    begun = received(at("2023-03-01", "08:00:01"), 5)
    assert days("resolved_at_once", [begun, resolved(at("2023-03-01", "08:00:59"))]) == [
        "2023-03-01"
    ]


def test_a_dossier_resolved_in_the_next_minute_is_not() -> None:
    begun = received(at("2023-03-01", "08:00:59"), 5)
    assert days("resolved_at_once", [begun, resolved(at("2023-03-01", "08:01:00"))]) == []


def test_a_dossier_resolved_before_its_reception_by_another_clock_is_not_in_its_minute() -> None:
    begun = received(at("2023-03-01", "08:00:01"), 5)
    assert days("resolved_at_once", [begun, resolved(at("2023-03-01", "07:59:59"))]) == []


def test_a_dossier_that_has_no_days_may_be_resolved_at_once() -> None:
    begun = received(at("2023-03-01", "08:00:01"), 0)
    assert days("resolved_at_once", [begun, resolved(at("2023-03-01", "08:00:59"))]) == []


def test_a_system_that_knows_only_the_date_does_not_resolve_at_once() -> None:
    begun = received(at("2023-03-01", "00:00:00"), 5)
    assert days("resolved_at_once", [begun, resolved(at("2023-03-01", "00:00:00"))]) == []


# --- Notices --------------------------------------------------------------------------------------


def test_a_notice_on_the_due_day_is_too_late_and_the_day_before_it_is_not() -> None:
    assert days("late_notice", [BEGUN, rescheduled("2023-03-08", "2023-03-15")]) == ["2023-03-08"]
    assert days("late_notice", [BEGUN, rescheduled("2023-03-07", "2023-03-15")]) == []


def test_how_early_a_notice_must_come_is_the_laws() -> None:
    life = [BEGUN, rescheduled("2023-03-07", "2023-03-15")]
    assert days("late_notice", life, policy=Policy(reschedule_notice=2)) == ["2023-03-07"]


def test_a_second_notice_is_found() -> None:
    life = [BEGUN, rescheduled("2023-03-07", "2023-03-15"), rescheduled("2023-03-10", "2023-03-20")]
    assert days("second_notice", life) == ["2023-03-10"]
    assert days("second_notice", life[:2]) == []


def test_an_overdue_dossier_without_a_notice_is_found_on_the_day_after_its_due_day() -> None:
    assert days("no_notice", [BEGUN]) == ["2023-03-09"]
    assert days("no_notice", [BEGUN, resolved("2023-03-20")]) == ["2023-03-09"]
    assert days("no_notice", [BEGUN], ("2023-03-10", "2023-03-31")) == []


def test_a_dossier_whose_new_due_day_has_passed_already_is_overdue_on_the_day_it_is_given() -> None:
    life = [BEGUN, asked("2023-03-02"), brought("2023-03-20", due="2023-03-15")]
    assert days("no_notice", life) == ["2023-03-20"]


def test_an_overdue_dossier_with_a_notice_is_not() -> None:
    for notice in (
        rescheduled("2023-03-07", "2023-03-15"),
        rescheduled("2023-03-10", "2023-03-15"),
    ):
        assert days("no_notice", [BEGUN, notice]) == []
        assert population("no_notice", [BEGUN, notice]) == 1


def test_a_dossier_closed_on_a_day_off_behind_its_due_day_is_overdue_though_it_was_paused() -> None:
    begun = received("2023-03-03", 5)  # due on Friday the 10th
    life = [begun, paused("2023-03-10"), resolved("2023-03-11")]
    assert days("no_notice", life) == ["2023-03-11"]
    assert population("no_notice", life) == 1
    assert days("no_notice", [begun, paused("2023-03-10"), resolved("2023-03-13")]) == []


def test_a_dossier_that_is_not_overdue_needs_no_notice() -> None:
    assert days("no_notice", [BEGUN, resolved("2023-03-08")]) == []
    assert days("no_notice", [BEGUN, paused("2023-03-08")]) == []
    assert population("no_notice", [BEGUN, resolved("2023-03-08")]) == 0


# --- The reception --------------------------------------------------------------------------------


def test_a_reception_recorded_two_working_days_later_is_found() -> None:
    assert days("recorded_late", [recorded(BEGUN, "2023-03-03")]) == ["2023-03-01"]


def test_a_reception_recorded_on_the_next_working_day_is_not() -> None:
    assert days("recorded_late", [recorded(BEGUN, "2023-03-02")]) == []
    assert days("recorded_late", [recorded(received("2023-03-03", 5), "2023-03-06")]) == []


def test_a_reception_at_district_level_after_june_2025_is_found() -> None:
    august = ("2025-06-01", "2025-08-31")
    assert days("district_after_reform", [received("2025-07-01", 5, level="district")], august) == [
        "2025-07-01"
    ]
    assert (
        days("district_after_reform", [received("2025-06-30", 5, level="district")], august) == []
    )
    assert days("district_after_reform", [received("2025-07-01", 5, level="commune")], august) == []


CATALOGUE = {"1.004227": Allowance(value=5, unit="working_days")}


@pytest.mark.parametrize(
    "terms",
    [
        {"allowance": {"value": 6, "unit": "working_days"}},
        {"allowance": {"value": 4, "unit": "working_days"}},
        {"allowance": calendar_days(5)},
        {"due": "2023-03-09"},
    ],
)
def test_an_allowance_other_than_the_catalogues_is_found(terms: Json) -> None:
    assert days("allowance_differs", [received("2023-03-01", **terms)], catalogue=CATALOGUE) == [
        "2023-03-01"
    ]


@pytest.mark.parametrize(
    "terms",
    [{"allowance": {"value": 5, "unit": "working_days"}}, {"due": "2023-03-08"}],
)
def test_the_catalogues_allowance_is_not(terms: Json) -> None:
    assert days("allowance_differs", [received("2023-03-01", **terms)], catalogue=CATALOGUE) == []


def test_a_procedure_that_the_catalogue_lacks_is_not_compared() -> None:
    other = received("2023-03-01", 9, procedure="9.999999")
    [result] = [
        each
        for each in seen([other], catalogue=CATALOGUE).checks
        if each.name == "allowance_differs"
    ]
    assert result.effect is not None
    assert (result.effect.found, result.effect.of) == (0, 0)


def test_without_a_catalogue_no_allowance_is_compared() -> None:
    [result] = [
        each for each in as_json(seen([BEGUN]))["checks"] if each["check"] == "allowance_differs"
    ]
    assert result == {
        **dict.fromkeys(("count", "of", "share", "on_time_rate", "on_time_rate_without")),
        "check": "allowance_differs",
        "by_agency": [],
        "dossiers": [],
    }


# --- Many dossiers together -----------------------------------------------------------------------


def closed_at(moments: Sequence[str], **facts: Any) -> list[Json]:
    """Dossiers that were received on 1 March, and resolved at some moments."""
    events = []
    for number, moment in enumerate(moments):
        code = f"{facts.get('agency', 'D')} {number} {moment}"
        events += [received("2023-03-01", 15, code=code, **facts), resolved(moment, code=code)]
    return events


def test_ten_dossiers_closed_within_a_minute_are_a_burst_and_nine_are_none() -> None:
    moments = [at("2023-03-10", f"09:30:{second:02}") for second in range(0, 60, 6)]
    assert len(days("burst", closed_at(moments))) == 10
    assert days("burst", closed_at(moments[1:])) == []
    assert days("burst", closed_at([*moments[1:], at("2023-03-10", "09:31:00")])) == []


def test_ten_dossiers_of_two_agencies_are_no_burst() -> None:
    moments = [at("2023-03-10", f"09:30:{second:02}") for second in range(0, 60, 6)]
    events = closed_at(moments[:5], agency="A") + closed_at(moments[5:], agency="B")
    assert days("burst", events) == []


def test_a_system_that_knows_only_the_date_makes_no_burst() -> None:
    moments = [at("2023-03-10", f"00:00:00.{number:03}") for number in range(12)]
    assert days("burst", closed_at(moments)) == []


def a_day_each(first: int, last: int) -> list[str]:
    """A moment on each working day of March from one day to another."""
    return [
        at(f"2023-03-{day:02}", "09:00:00")
        for day in range(first, last + 1)
        if date(2023, 3, day).weekday() < 5
    ]


def test_far_more_closings_on_the_last_day_than_on_others_are_found() -> None:
    last = [at("2023-03-31", f"08:{minute:02}:00") for minute in range(0, 60, 5)]
    events = closed_at([*a_day_each(2, 30), *last])
    assert days("last_day", events) == ["2023-03-31"] * 12
    assert days("last_day", events, ("2023-03-01", "2023-03-30")) == []


def test_as_many_closings_on_the_last_day_as_on_others_are_not() -> None:
    moments = [
        at(f"2023-03-{day:02}", f"09:{minute:02}:00")
        for day in range(20, 32)
        if date(2023, 3, day).weekday() < 5
        for minute in range(0, 60, 5)
    ]
    assert days("last_day", closed_at(moments), ("2023-03-20", "2023-03-31")) == []


@pytest.mark.parametrize(("on_last_day", "is_found"), [(4, False), (5, True)])
def test_the_last_day_is_far_more_beyond_the_median_and_three_deviations_of_the_past(
    on_last_day: int, is_found: bool
) -> None:
    # Of four closings in each month before, so many were on its last working day: a share of 0, 0,
    # 1/4 and 1, of which the median is 1/8, and so is the median deviation from it. Of eight
    # closings in March that is 1 and 1.
    past = {"2022-11-30": 0, "2022-12-30": 0, "2023-01-31": 1, "2023-02-28": 4}
    events: list[Json] = []
    for last, number in past.items():
        events += _closings(last, number, 4)
    events += _closings("2023-03-31", on_last_day, 8)
    profile = {"last_day": {"closings": 1, "times": 0, "deviations": 3, "past_windows": 4}}
    assert bool(days("last_day", events, profile=profile)) == is_found
    [result] = [each for each in seen(events, profile=profile).checks if each.name == "last_day"]
    if is_found:
        [row] = result.by_agency
        assert row.usual is not None
        assert (row.usual.median, row.usual.deviation, row.usual.windows) == (1, 1, 4)


def _closings(last: str, on_last_day: int, closed: int) -> list[Json]:
    """So many closings in a month, so many of them on its last working day."""
    events: list[Json] = []
    for number in range(closed):
        code = f"{last}-{number}"
        day = last if number < on_last_day else f"{last[:8]}10"
        events += [received(f"{last[:8]}01", 30, code=code), resolved(day, code=code)]
    return events


def test_a_last_day_that_is_not_over_is_not_judged() -> None:
    last = [at("2023-03-31", f"08:{minute:02}:00") for minute in range(0, 60, 5)]
    events = closed_at([*a_day_each(2, 30), *last])
    known = [event | {"recordedtime": "2023-03-01T08:00:00+07:00"} for event in events]
    assert days("last_day", known, as_of="2023-03-30T20:00:00+07:00") == []


# --- Windows, as-of, effect -----------------------------------------------------------------------


def test_a_finding_counts_in_the_window_of_its_day() -> None:
    life = [BEGUN, paused("2023-03-08")]
    assert days("paused_on_due_day", life, ("2023-03-08", "2023-03-08")) == ["2023-03-08"]
    assert days("paused_on_due_day", life, ("2023-03-01", "2023-03-07")) == []
    assert days("paused_on_due_day", life, ("2023-03-09", "2023-03-31")) == []


def test_a_dossier_counts_once_by_its_first_event() -> None:
    life = [BEGUN, paused("2023-03-07"), resumed("2023-03-07"), paused("2023-03-08")]
    assert days("paused_on_due_day", life) == ["2023-03-07"]
    assert days("paused_on_due_day", life, ("2023-03-08", "2023-03-31")) == ["2023-03-08"]


def test_what_was_annulled_or_does_not_apply_shows_nothing() -> None:
    pause = paused("2023-03-08")
    assert days("paused_on_due_day", [BEGUN, pause, annulled(pause, "2023-03-09")]) == []
    assert days("paused_on_due_day", [BEGUN, resolved("2023-03-07"), pause]) == []


def test_what_was_recorded_later_is_not_known() -> None:
    life = [BEGUN, recorded(paused("2023-03-08"), "2023-03-20")]
    assert days("paused_on_due_day", life, as_of="2023-03-19T08:00:00+07:00") == []
    assert days("paused_on_due_day", life, as_of="2023-03-20T08:00:00+07:00") == ["2023-03-08"]


def test_the_on_time_rate_is_the_statements_in_all_and_by_agency() -> None:
    events = closed_at(a_day_each(2, 31), agency="A") + closed_at(a_day_each(20, 31), agency="B")
    result = seen(events, profile={"burst": {"closings": 1}}).checks[CHECKS.index("burst")]
    ledger = replay(log_of(events), Office(LOCAL, VIETNAM, Policy()))
    window = Window(*map(date.fromisoformat, MARCH_2023))
    told = statement(ledger, window, ["agency"])
    lines = {line["slice"]["agency"]: line["resolved"] for line in told["lines"]}
    assert {row.agency for row in result.by_agency} == lines.keys()
    for row in result.by_agency:
        figures = lines[row.agency]
        assert row.effect.resolved == figures["total"]
        assert row.effect.in_time == figures["early"] + figures["on_time"]
    assert result.effect is not None
    assert result.effect.resolved == told["total"]["resolved"]["total"]
    assert result.effect.in_time == sum(
        told["total"]["resolved"][name] for name in ("early", "on_time")
    )


def test_a_dossier_returned_in_time_has_no_part_in_the_on_time_rate() -> None:
    late = received("2023-03-01", 5, code="D2")
    life = [BEGUN, returned("2023-03-08"), late, resolved("2023-03-20", code="D2")]
    for result in seen(life).checks:
        if result.effect is not None:
            assert result.effect.resolved == 1
            assert result.effect.on_time_rate == result.effect.on_time_rate_without == 0


def test_without_them_those_resolved_in_time_count_as_overdue() -> None:
    events = [
        *(BEGUN, paused("2023-03-08"), resumed("2023-03-09"), resolved("2023-03-09")),
        *(received("2023-03-01", 5, code="D2"), resolved("2023-03-02", code="D2")),
    ]
    [first, *_] = as_json(seen(events))["checks"]
    own = {"count": 1, "of": 1, "share": 100.0, "on_time_rate": 100.0, "on_time_rate_without": 50.0}
    assert first == {
        "check": "paused_on_due_day",
        **own,
        "by_agency": [{"agency": "so_tnmt", **own}],
        "dossiers": ["D1"],
    }


def test_agencies_stand_by_the_effect_on_their_own_rate() -> None:
    events = []
    for agency, dossiers in (("A", 4), ("B", 1), ("C", 2)):
        for number in range(dossiers):
            code = f"{agency}{number}"
            events += [received("2023-03-01", 5, code=code, agency=agency)]
            if not number:
                events += [
                    said("paused", "2023-03-08", code=code, reason="other"),
                    said("resumed", "2023-03-09", code=code),
                ]
            events += [resolved("2023-03-09" if not number else "2023-03-02", code=code)]
    [result, *_] = seen(events).checks
    assert [row.agency for row in result.by_agency] == ["B", "C", "A"]


def test_a_finding_counts_where_the_dossier_stands_and_its_effect_where_it_was_resolved() -> None:
    events = [BEGUN, paused("2023-03-08"), reassigned("2023-03-09", "B"), resumed("2023-03-09")]
    [result, *_] = seen([*events, resolved("2023-03-09")]).checks
    effects = {row.agency: (row.effect.found, row.effect.taken) for row in result.by_agency}
    assert effects == {"so_tnmt": (1, 0), "B": (0, 1)}


def test_only_the_dossiers_of_a_slice_count() -> None:
    events = [received("2023-03-01", 5, code="D2", agency="B", channel="post")]
    events += [BEGUN]
    post = DossierFilter({"channel": ["post"]})
    [result] = [each for each in seen(events, selected=post).checks if each.name == "no_notice"]
    assert result.findings["dossier"].to_pylist() == ["D2"]
    assert result.effect is not None
    assert result.effect.of == 1


# --- Chains ---------------------------------------------------------------------------------------


def re_entered(when: str, code: str, new: str) -> Json:
    return said("cancelled", when, code=code, reason="re_entered", replaced_by=new)


CHAIN = [
    *(BEGUN, re_entered("2023-03-08", "D1", "D2")),
    *(received("2023-03-08", 5, code="D2"), re_entered("2023-03-15", "D2", "D3")),
    *(received("2023-03-15", 5, code="D3"), resolved("2023-03-20", code="D3")),
]


def test_a_chain_tells_how_long_the_applicant_waited() -> None:
    [chain] = seen(CHAIN).chains.chains
    assert chain.dossiers == ("D1", "D2", "D3")
    assert (str(chain.received), str(chain.closed)) == ("2023-03-01", "2023-03-20")
    assert (chain.waited_days, chain.waited_working_days, chain.in_time) == (19, 13, False)


def test_counted_as_one_a_chain_is_in_time_by_the_due_day_of_its_first_dossier() -> None:
    told = as_json(seen(CHAIN))["chains"]
    assert (told["on_time_rate"], told["on_time_rate_as_one"]) == (100.0, 0.0)
    again = [BEGUN, re_entered("2023-03-02", "D1", "D2"), received("2023-03-02", 5, code="D2")]
    told = as_json(seen([*again, resolved("2023-03-08", code="D2")]))["chains"]
    assert (told["on_time_rate"], told["on_time_rate_as_one"]) == (100.0, 100.0)


def test_a_duplicate_that_came_in_later_adds_no_waiting() -> None:
    events = [BEGUN, received("2023-03-06", 5, code="D2"), re_entered("2023-03-06", "D2", "D1")]
    [chain] = seen([*events, resolved("2023-03-08")]).chains.chains
    assert (chain.dossiers, str(chain.received)) == (("D2", "D1"), "2023-03-01")
    assert (chain.waited_days, chain.in_time) == (7, True)


def test_a_chain_whose_last_dossier_is_open_or_unknown() -> None:
    [chain] = seen(CHAIN[:5]).chains.chains
    assert (chain.closed, chain.waited_days, chain.in_time) == (None, 30, None)
    [chain] = seen(CHAIN[:2]).chains.chains
    assert (chain.dossiers, chain.waited_days) == (("D1", "D2"), None)


def test_dossiers_that_replace_each_other_are_one_chain() -> None:
    events = [BEGUN, received("2023-03-01", 5, code="D2")]
    events += [re_entered("2023-03-02", "D1", "D2"), re_entered("2023-03-02", "D2", "D1")]
    [chain] = seen(events).chains.chains
    assert chain.dossiers == ("D1", "D2")


# --- Profiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "fault"),
    [
        ({"paused": {}}, "no such check: use paused_on_due_day, "),
        ({"burst": 5}, "is no table of thresholds: write THRESHOLD: NUMBER"),
        ({"burst": {"many": 5}}, "no such threshold: use closings"),
        ({"burst": {"closings": "ten"}}, "'ten' is no threshold: write a whole number"),
        ({"burst": {"closings": -1}}, "'-1' is no threshold: write a whole number"),
        ({"burst": {"closings": 2.5}}, "'2.5' is no threshold: write a whole number"),
        ({"district_after_reform": {"last_district_day": 5}}, "'5' is no day: write 2025-06-30"),
        ({"late_notice": {"days": 2}}, "goes by reschedule_notice of the law: use --law"),
        ({"re_entered": {"days": 2}}, "no such threshold: the check has none"),
    ],
)
def test_a_wrong_profile_is_refused(profile: Json, fault: str) -> None:
    with pytest.raises(InvalidProfile) as refused:
        with_thresholds(checks_by(None), profile)
    assert fault in str(refused.value)


def test_every_check_says_what_it_sees_and_which_innocent_causes_there_may_be() -> None:
    checks = checks_by(None)
    assert [*checks] == [*CHECKS]
    for check in checks.values():
        assert all([check.sees.vi, check.sees.en, check.source, check.of.vi, check.of.en])
        assert check.innocent

"""What does each rule of the contract's sections 4 and 5 do to a dossier, with dates?

A life is written as events; ``due`` is the last day in time while in progress, and the one day on
which closing is neither early nor overdue.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from hoso.domain import calendar, rules
from hoso.domain.calendar import date_of, day_number
from tests.engine import VIETNAM, accounts_on, ledger_of
from tests.model import DEFAULT_RULES, Rules
from tests.told import (
    Json,
    annulled,
    asked,
    brought,
    calendar_days,
    cancelled,
    lives,
    paused,
    received,
    recorded,
    rescheduled,
    resolved,
    resumed,
    returned,
)

EXTEND = Rules(after_supplement="extend")
ACCEPT_ONCE = Rules(reschedule="accept_once")
ONE_DAY = timedelta(days=1)


def account(life: list[Json], day: str, policy: Rules = DEFAULT_RULES) -> str | None:
    """Where D1 stands at the end of a day; None before its reception."""
    return accounts_on(ledger_of(life, policy), date.fromisoformat(day)).get("D1")


def suspended(life: list[Json], policy: Rules = DEFAULT_RULES) -> list[str]:
    """The ids of the events in suspense."""
    ledger = ledger_of(life, policy)
    rows = ledger.folded.suspense.row.tolist()
    return sorted(ledger.log["id"][row].as_py() for row in rows)


def is_due_on(life: list[Json], day: str, policy: Rules = DEFAULT_RULES) -> bool:
    """Whether the day is the last one in time, and closing on it is on time."""
    due = date.fromisoformat(day)
    accounts = [accounts_on(ledger_of(life, policy), d)["D1"] for d in (due, due + ONE_DAY)]
    closed = account([*life, resolved(f"{day}T23:59:59+07:00")], day, policy)
    in_time = ["in_progress.in_time", "in_progress.overdue"]
    return accounts == in_time and closed == "resolved.on_time"


# --- Section 4: working days ---------------------------------------------------------------------


def on(day: str) -> int:
    """A day as the rules count it."""
    return day_number(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-03-03", "2023-03-03"),  # a Friday
        ("2023-03-04", "2023-03-06"),  # a Saturday
        ("2023-03-05", "2023-03-06"),
        ("2023-01-20", "2023-01-27"),  # Tet, and Friday after it
        ("2024-04-27", "2024-05-02"),  # Saturday; then 29 April swapped, 30 April, 1 May
        ("2024-05-04", "2024-05-04"),  # a Saturday that is worked
        ("2026-01-01", "2026-01-05"),  # 2 January swapped, a weekend
        ("2026-01-10", "2026-01-10"),  # the Saturday it was swapped for
    ],
)
def test_forward_is_the_day_itself_or_the_next_working_day(day: str, expected: str) -> None:
    assert date_of(calendar.forward(VIETNAM.days, on(day))).isoformat() == expected


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        ("2023-03-04", 0, "2023-03-04"),  # 0 leaves a day off untouched
        ("2023-03-04", 1, "2023-03-06"),
        ("2023-03-03", 1, "2023-03-06"),
        ("2023-01-19", 1, "2023-01-27"),  # over Tet
        ("2023-01-18", 5, "2023-02-01"),  # 19, 27, 30, 31 January, 1 February
        ("2024-05-03", 1, "2024-05-04"),  # the worked Saturday
        ("2024-04-26", 2, "2024-05-03"),
        ("2025-04-25", 2, "2025-04-28"),  # Saturday 26 April is worked
        ("2025-12-31", 5, "2026-01-09"),
        ("2026-01-09", 1, "2026-01-10"),
    ],
)
def test_add_is_the_nth_working_day_after(day: str, number: int, expected: str) -> None:
    assert date_of(calendar.add(VIETNAM.days, on(day), number)).isoformat() == expected


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("2023-03-03", "2023-03-03", 0),
        ("2023-03-03", "2023-03-05", 0),
        ("2023-03-03", "2023-03-06", 1),  # the first day is not counted, the last is
        ("2023-03-06", "2023-03-03", 0),
        ("2023-01-19", "2023-01-27", 1),
        ("2024-05-03", "2024-05-06", 2),
        ("2025-12-31", "2026-01-10", 6),
    ],
)
def test_between_counts_the_working_days_after_one_day_until_another(
    after: str, until: str, expected: int
) -> None:
    assert calendar.between(VIETNAM.days, on(after), on(until)) == expected


@pytest.mark.parametrize(
    ("reception", "due"),
    [
        (received("2023-03-01", 3), "2023-03-06"),
        (received("2023-03-01", 0), "2023-03-01"),
        (received("2023-03-04", 3), "2023-03-09"),  # on a Saturday: as if on Monday
        (received("2023-03-04", 0), "2023-03-06"),
        (received("2023-01-21", 1), "2023-01-30"),  # within Tet: as if on Friday 27
        (received("2024-05-03", 1), "2024-05-04"),
        (received("2026-01-02", 5), "2026-01-10"),
        (received("2023-03-01", allowance=calendar_days(3)), "2023-03-06"),  # Sat 4, so Mon 6
        (received("2023-03-01", allowance=calendar_days(2)), "2023-03-03"),
        (received("2023-03-04", allowance=calendar_days(0)), "2023-03-06"),
        (received("2023-03-04", allowance=calendar_days(3)), "2023-03-07"),  # not from Monday on
        (received("2023-01-15", allowance=calendar_days(7)), "2023-01-27"),
    ],
)
def test_a_fresh_clock_runs_in_working_days_from_a_working_day_or_in_calendar_days_to_one(
    reception: Json, due: str
) -> None:
    assert is_due_on([reception], due)


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ("2023-03-11", "2023-03-11"),  # a Saturday
        ("2023-03-10T00:00:00+07:00", "2023-03-10"),
        ("2023-03-09T17:00:00Z", "2023-03-10"),  # midnight in Hanoi
        ("2023-03-09T16:59:59Z", "2023-03-09"),
    ],
)
@pytest.mark.parametrize("days", [None, 1])
def test_a_given_due_is_taken_by_its_local_day_as_it_stands(
    given: str, due: str, days: int | None
) -> None:
    assert is_due_on([received("2023-03-01", days, due=given)], due)


@pytest.mark.parametrize(
    ("reception", "due"),
    [
        # From Monday 6 on, Thursday 9 is the 3rd; three from Monday 13 on.
        (received("2023-03-04", due="2023-03-09"), "2023-03-16"),
        # Due on a Saturday: Wed 8, Thu 9, Fri 10.
        (received("2023-03-07", due="2023-03-11"), "2023-03-16"),
        # Due on the day it was received: no time at all.
        (received("2023-03-07", due="2023-03-07"), "2023-03-13"),
        # With an allowance, that is the time.
        (received("2023-03-07", 1, due="2023-03-31"), "2023-03-14"),
    ],
)
def test_a_due_without_allowance_is_worth_the_working_days_up_to_it(
    reception: Json, due: str
) -> None:
    life = [reception, asked("2023-03-07T09:00:00+07:00"), brought("2023-03-13")]
    assert is_due_on(life, due)


@pytest.mark.parametrize(
    ("unit", "due", "stopped", "day", "moved"),
    [
        ("working_days", "2023-03-09", "2023-03-03", "2023-03-07", "2023-03-13"),
        ("working_days", "2023-01-19", "2023-01-18", "2023-01-19", "2023-01-27"),
        ("working_days", "2023-03-11", "2023-03-10", "2023-03-12", "2023-03-11"),  # 0 working days
        ("working_days", "2023-03-11", "2023-03-09", "2023-03-10", "2023-03-13"),
        ("working_days", "2024-05-02", "2024-04-26", "2024-05-03", "2024-05-04"),
        ("calendar_days", "2023-03-08", "2023-03-02", "2023-03-04", "2023-03-10"),
        ("calendar_days", "2023-03-09", "2023-03-03", "2023-03-05", "2023-03-13"),  # Sat 11
        ("calendar_days", "2023-03-11", "2023-03-05", "2023-03-05", "2023-03-11"),  # 0 days
        ("calendar_days", "2023-01-19", "2023-01-18", "2023-01-19", "2023-01-27"),
    ],
)
def test_a_deadline_moves_by_the_time_the_clock_stood_still(
    unit: str, due: str, stopped: str, day: str, moved: str
) -> None:
    number = rules.shift(VIETNAM.days, on(due), on(stopped), on(day), rules.UNITS.index(unit))
    assert date_of(number).isoformat() == moved


# --- Section 5: which events apply ---------------------------------------------------------------

ANYTHING = {
    "received": received("2023-03-20", 5),
    "supplement_requested": asked("2023-03-20"),
    "supplemented": brought("2023-03-20"),
    "paused": paused("2023-03-20"),
    "resumed": resumed("2023-03-20"),
    "rescheduled": rescheduled("2023-03-20", "2023-04-03"),
    "returned": returned("2023-03-20"),
    "cancelled": cancelled("2023-03-20"),
    "resolved": resolved("2023-03-20"),
}
ALWAYS = {"supplement_requested", "rescheduled", "returned", "cancelled", "resolved"}
BEGUN = received("2023-03-01", 30)
LIVES = lives(BEGUN)
LEGAL = {
    "none": {"received"},
    "in progress": ALWAYS | {"paused"},
    "awaiting": ALWAYS | {"supplemented"},
    "paused": ALWAYS | {"resumed"},
}


@pytest.mark.parametrize("phase", LIVES)
@pytest.mark.parametrize("kind", ANYTHING)
def test_an_event_that_does_not_apply_in_its_phase_is_in_suspense_and_changes_nothing(
    phase: str, kind: str
) -> None:
    event, before = ANYTHING[kind], LIVES[phase]
    life = [*before, event]
    if kind in LEGAL.get(phase, set()):
        assert suspended(life) == []
    else:
        assert suspended(life) == [event["id"]]
        assert account(life, "2023-05-01") == account(before, "2023-05-01")


def test_what_stood_in_suspense_takes_effect_once_what_was_missing_arrives() -> None:
    life = [resumed("2023-03-06"), resolved("2023-03-13")]
    assert account(life, "2023-03-13") is None
    assert suspended(life) == ["resolved D1 2023-03-13", "resumed D1 2023-03-06"]
    life += [recorded(paused("2023-03-02"), "2023-04-01"), received("2023-03-01", 6)]
    assert account(life, "2023-03-13") == "resolved.on_time"  # Thu 9 moved by 2 working days
    assert suspended(life) == []


# --- Section 5: what each event does -------------------------------------------------------------


def test_a_deadline_that_passes_needs_no_event() -> None:
    life = [received("2023-03-01", 2)]
    assert account(life, "2023-02-28") is None
    assert account(life, "2023-03-03") == "in_progress.in_time"
    assert account(life, "2023-03-04") == "in_progress.overdue"
    assert account(life, "2033-03-04") == "in_progress.overdue"


def test_a_request_stops_the_clock() -> None:
    life = [received("2023-03-01", 2), asked("2023-03-03")]
    assert account(life, "2023-03-03") == "awaiting_supplement.in_time"
    assert account(life, "2023-12-31") == "awaiting_supplement.in_time"


def test_a_request_after_the_due_day_finds_the_deadline_lapsed() -> None:
    life = [received("2023-03-01", 2), asked("2023-03-04")]
    assert account(life, "2023-03-04") == "awaiting_supplement.overdue"


def test_a_request_from_a_pause_moves_the_due_day_and_stops_the_clock_anew() -> None:
    life = [received("2023-03-01", 2), paused("2023-03-02"), asked("2023-03-06")]
    life.append(brought("2023-03-08"))
    # Fri 3 moved by Fri 3 and Mon 6 is Tue 7, by Tue 7 and Wed 8 is Thu 9.
    assert is_due_on(life, "2023-03-09", EXTEND)
    # Anew: Wed 8 and two more.
    assert is_due_on(life, "2023-03-10")


def test_a_request_while_awaiting_leaves_the_clock_as_it_stands() -> None:
    life = [received("2023-03-01", 2), asked("2023-03-02"), asked("2023-03-06")]
    policy = Rules(supplement_limit=2, after_supplement="extend")
    assert account(life, "2023-03-06", policy) == "awaiting_supplement.in_time"
    # Fri 3 moved by all from Thu 2 to Wed 8: four working days.
    assert is_due_on([*life, brought("2023-03-08")], "2023-03-09", policy)


def test_the_second_supplement_request_counts_as_overdue() -> None:
    life = [received("2023-03-01", 20), asked("2023-03-02"), brought("2023-03-03")]
    assert account(life, "2023-03-06") == "in_progress.in_time"
    life.append(asked("2023-03-06"))
    assert account(life, "2023-03-06") == "awaiting_supplement.overdue"
    assert account([*life, brought("2023-03-07")], "2023-03-07") == "in_progress.overdue"
    assert account([*life, resolved("2023-03-07")], "2023-03-07") == "resolved.overdue"
    assert account([*life, returned("2023-03-07")], "2023-03-07") == "returned.overdue"
    assert account([*life, cancelled("2023-03-07")], "2023-03-07") == "cancelled.withdrawn"


@pytest.mark.parametrize(("limit", "requests"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_more_requests_than_the_limit_count_as_overdue(limit: int, requests: int) -> None:
    days = ["2023-03-02", "2023-03-03", "2023-03-06", "2023-03-07"][:requests]
    life = [received("2023-03-01", 20), *(asked(day) for day in days)]
    policy = Rules(supplement_limit=limit)
    assert account(life[:-1], "2023-03-07", policy) in {
        "in_progress.in_time",
        "awaiting_supplement.in_time",
    }
    assert account(life, "2023-03-07", policy) == "awaiting_supplement.overdue"


def test_after_a_supplement_the_time_runs_anew_in_full_or_goes_on() -> None:
    life = [received("2023-03-01", 3), asked("2023-03-03"), brought("2023-03-11")]
    # Anew: Saturday 11, so from Monday 13: 14, 15, 16.
    assert is_due_on(life, "2023-03-16")
    # Going on: Mon 6 moved by the five working days from Mon 6 to Fri 10.
    assert is_due_on(life, "2023-03-13", EXTEND)


def test_after_a_supplement_calendar_days_run_anew_or_go_on() -> None:
    life = [received("2023-03-01", allowance=calendar_days(5)), asked("2023-03-03")]
    life.append(brought("2023-03-07"))
    assert is_due_on(life, "2023-03-13")  # 7 + 5 = Sunday 12
    assert is_due_on(life, "2023-03-10", EXTEND)  # Monday 6 + 4


@pytest.mark.parametrize("policy", [Rules(), EXTEND])
def test_a_supplement_with_a_new_due_day_is_due_on_that(policy: Rules) -> None:
    life = [received("2023-03-01", 3), asked("2023-03-03")]
    assert is_due_on([*life, brought("2023-03-07", due="2023-03-19")], "2023-03-19", policy)


def test_a_pause_stops_the_clock_and_moves_the_due_day() -> None:
    life = [received("2023-03-01", 6), paused("2023-03-03")]  # Thu 9
    assert account(life, "2023-12-31") == "paused.in_time"
    assert is_due_on([*life, resumed("2023-03-07")], "2023-03-13")
    assert is_due_on([*life, resumed("2023-03-03T09:00:00+07:00")], "2023-03-09")
    assert is_due_on([*life, resumed("2023-03-05")], "2023-03-09")  # a Sunday
    assert is_due_on([*life, resumed("2023-03-07", due="2023-03-08")], "2023-03-08")


def test_a_pause_after_the_due_day_finds_the_deadline_lapsed() -> None:
    life = [received("2023-03-01", 2)]
    on_the_due_day, a_day_late = paused("2023-03-03"), paused("2023-03-04")
    assert account([*life, on_the_due_day], "2023-03-09") == "paused.in_time"
    assert account([*life, a_day_late], "2023-03-09") == "paused.overdue"


def test_lapsed_sticks() -> None:
    life = [received("2023-03-01", 2), paused("2023-03-06")]
    life.append(resumed("2023-03-07", due="2023-12-29"))
    assert account(life, "2023-03-07") == "in_progress.overdue"
    life.append(asked("2023-03-08"))
    assert account(life, "2023-03-08") == "awaiting_supplement.overdue"
    life.append(brought("2023-03-09", due="2023-12-29"))
    assert account(life, "2023-03-09") == "in_progress.overdue"
    life.append(resolved("2023-03-10"))
    assert account(life, "2023-03-10") == "resolved.overdue"


def test_lapsed_does_not_stick_to_what_was_annulled() -> None:
    late_pause = paused("2023-03-06")
    life = [received("2023-03-01", 2), late_pause, resumed("2023-03-07", due="2023-12-29")]
    life.append(annulled(late_pause, "2023-03-08"))
    assert account(life, "2023-03-09") == "in_progress.overdue"
    assert suspended(life) == ["resumed D1 2023-03-07"]


def test_a_new_appointment_is_remembered_and_changes_nothing() -> None:
    life = [received("2023-03-01", 5), rescheduled("2023-03-02", "2023-03-31")]
    assert is_due_on(life, "2023-03-08")
    assert suspended(life) == []


def test_the_first_new_appointment_given_in_time_is_accepted_where_the_policy_says_so() -> None:
    life = [received("2023-03-01", 5), rescheduled("2023-03-08", "2023-03-18")]
    assert is_due_on(life, "2023-03-18", ACCEPT_ONCE)
    life.append(rescheduled("2023-03-09", "2023-03-31"))
    assert is_due_on(life, "2023-03-18", ACCEPT_ONCE)


def test_a_new_appointment_for_an_overdue_dossier_is_never_accepted() -> None:
    life = [received("2023-03-01", 5), rescheduled("2023-03-09", "2023-03-31")]
    assert account(life, "2023-03-09", ACCEPT_ONCE) == "in_progress.overdue"
    twice_asked = [received("2023-03-01", 5), asked("2023-03-02"), asked("2023-03-03")]
    life = [*twice_asked, rescheduled("2023-03-06", "2023-03-31")]
    assert account(life, "2023-03-06", ACCEPT_ONCE) == "awaiting_supplement.overdue"


@pytest.mark.parametrize("stop", [paused("2023-03-02"), asked("2023-03-02")])
def test_a_new_appointment_while_the_clock_stands_moves_the_due_day(stop: Json) -> None:
    life = [received("2023-03-01", 2), stop, rescheduled("2023-03-03", "2023-03-10")]
    go = resumed("2023-03-03") if stop["type"] == "dossier.paused.v1" else brought("2023-03-03")
    policy = Rules(after_supplement="extend", reschedule="accept_once")
    assert is_due_on([*life, go], "2023-03-13", policy)  # Fri 10 and a working day


def test_closing_is_early_on_time_or_overdue() -> None:
    life = [received("2023-03-01", 2)]
    for close, group in ((resolved, "resolved"), (returned, "returned")):
        for day, result in ("02", "early"), ("03", "on_time"), ("04", "overdue"):
            when = f"2023-03-{day}"
            assert account([*life, close(when)], when) == f"{group}.{result}"
            assert account([*life, close(when)], "2033-03-03") == f"{group}.{result}"


@pytest.mark.parametrize(
    ("reason", "result"),
    [
        ("withdrawn", "withdrawn"),
        ("duplicate", "voided"),
        ("re_entered", "voided"),
        ("incomplete", "voided"),
        ("other", "voided"),
    ],
)
@pytest.mark.parametrize("day", ["2023-03-02", "2023-03-31"])
def test_cancelling_is_withdrawn_or_voided_late_or_not(reason: str, result: str, day: str) -> None:
    life = [received("2023-03-01", 2), cancelled(day, reason)]
    assert account(life, day) == f"cancelled.{result}"


@pytest.mark.parametrize(
    ("day", "result"),
    [
        ("2023-03-09", "on_time"),  # Thursday: it was paused on its due day
        ("2023-03-10", "on_time"),  # moved by a working day
        ("2023-03-11", "overdue"),  # no working day more: due on Friday
        ("2023-03-14", "on_time"),
    ],
)
def test_closing_while_paused_is_as_if_resumed_that_day(day: str, result: str) -> None:
    life = [received("2023-03-01", 6), paused("2023-03-09")]
    assert account([*life, resolved(f"{day}T17:00:00+07:00")], day) == f"resolved.{result}"


def test_closing_while_awaiting_is_as_if_supplemented_that_day() -> None:
    life = [received("2023-03-01", 2), asked("2023-03-03"), returned("2023-03-07")]
    assert account(life, "2023-03-07") == "returned.early"  # anew until Thursday 9
    assert account(life, "2023-03-07", EXTEND) == "returned.on_time"
    no_time = [received("2023-03-01", 0), asked("2023-03-01T09:00:00+07:00")]
    assert account([*no_time, resolved("2023-03-07")], "2023-03-07") == "resolved.on_time"
    assert account([*no_time, resolved("2023-03-11")], "2023-03-11") == "resolved.early"


# --- Section 5: which events there are -----------------------------------------------------------


def test_the_same_source_and_id_counts_once_and_the_first_recorded_stays() -> None:
    first = resolved("2023-03-02") | {"id": "r"}
    again = resolved("2023-03-10") | {"id": "r", "recordedtime": "2023-03-10T09:00:00+07:00"}
    elsewhere = again | {"source": "/another"}
    life = [received("2023-03-01", 2), again, first]
    assert account(life, "2023-03-10") == "resolved.early"
    assert suspended(life) == []
    assert suspended([*life, elsewhere]) == ["r"]


def test_an_annulled_event_never_happened() -> None:
    mistake = resolved("2023-03-02")
    life = [received("2023-03-01", 2), mistake, annulled(mistake, "2023-03-20")]
    assert account(life, "2023-03-03") == "in_progress.in_time"
    assert account(life, "2023-03-20") == "in_progress.overdue"
    assert suspended(life) == []


def test_an_annulled_annulment_has_no_effect() -> None:
    closed = resolved("2023-03-02")
    mistake = annulled(closed, "2023-03-20")
    life = [received("2023-03-01", 2), closed, mistake]
    life.append(annulled(mistake, "2023-03-21"))
    assert account(life, "2023-03-21") == "resolved.early"
    assert suspended(life) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"event_id": "unknown", "reason": "mistake"}},
        {"subject": "D2"},
        {"source": "/another"},
        {"recordedtime": "2023-03-01T09:00:00+07:00"},  # before what it points to
    ],
)
def test_an_annulment_that_points_to_nothing_is_in_suspense(changes: dict[str, Any]) -> None:
    closed = resolved("2023-03-02")
    astray = annulled(closed, "2023-03-20") | changes
    life = [received("2023-03-01", 2), closed, astray]
    assert account(life, "2023-03-21") == "resolved.early"
    assert suspended(life) == [astray["id"]]


def test_what_occurred_at_the_same_instant_happened_in_the_order_recorded() -> None:
    request, supplement = asked("2023-03-02"), brought("2023-03-02")
    later = recorded(request, "2023-03-03")
    assert suspended([received("2023-03-01", 2), request, supplement]) == []
    assert suspended([received("2023-03-01", 2), later, supplement]) == [supplement["id"]]


def test_a_life_is_told_by_when_things_occurred_not_by_when_they_were_recorded() -> None:
    late_news = recorded(paused("2023-03-02"), "2023-03-20")
    life = [received("2023-03-01", 2), resumed("2023-03-06"), late_news]
    assert is_due_on(life, "2023-03-07")
    assert is_due_on(life[::-1], "2023-03-07")


def test_what_was_not_recorded_by_the_as_of_instant_is_not_known() -> None:
    life = [received("2023-03-01", 2), recorded(resolved("2023-03-02"), "2023-03-20")]
    known = datetime.fromisoformat("2023-03-20T08:00:00+07:00")
    for as_of, expected in (
        (known - timedelta(microseconds=1), "in_progress.in_time"),
        (known, "resolved.early"),
        (None, "resolved.early"),
    ):
        ledger = ledger_of(life, as_of=as_of)
        assert accounts_on(ledger, date(2023, 3, 2))["D1"] == expected

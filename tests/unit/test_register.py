"""What does the register say of a dossier? By hand, with dates.

March 2023 begins on a Wednesday; five working days from the 1st end on the 8th.
"""

from datetime import date, datetime
from typing import Any

import pytest

from hoso.domain.calendar import day_number
from hoso.projections.ledger.register import SCHEMA, Moment, register_of_log, schema
from tests.engine import VIETNAM, Json, log_of, office
from tests.model import DEFAULT_RULES, Rules
from tests.told import (
    FACTS,
    annulled,
    asked,
    brought,
    calendar_days,
    cancelled,
    paused,
    received,
    recorded,
    rescheduled,
    resolved,
    resumed,
    returned,
)

BEGUN = received("2023-03-01", 5)
ACCEPT_ONCE = Rules(reschedule="accept_once")


def moment(day: str, as_of: str | None = None) -> Moment:
    known = None if as_of is None else datetime.fromisoformat(as_of)
    return Moment(known, day_number(date.fromisoformat(day)))


def rows(life: list[Json], at: Moment, rules: Rules = DEFAULT_RULES) -> list[dict[str, Any]]:
    register = register_of_log(log_of(life), office(rules), at)
    assert register.schema == SCHEMA
    listed: list[dict[str, Any]] = register.to_pylist()
    return listed


def row(life: list[Json], day: str, rules: Rules = DEFAULT_RULES) -> dict[str, Any]:
    [only] = rows(life, moment(day), rules)
    return only


def clock(life: list[Json], day: str) -> tuple[str, str, int, int]:
    """Account and due day, the days used and those overdue."""
    told = row(life, day)
    return told["account"], str(told["due"]), told["days_used"], told["overdue_days"]


def test_a_row_reads_like_this() -> None:
    life = [received("2023-03-01", 5, level="province"), asked("2023-03-09"), brought("2023-03-13")]
    life += [rescheduled("2023-03-20", "2023-04-03"), returned("2023-03-22")]
    assert row(life, "2023-03-31") == {
        "dossier": "D1",
        **FACTS,
        "channel": "online",
        "level": "province",
        "online_service": None,
        "received_at": None,
        "received": date(2023, 3, 1),
        "due": date(2023, 3, 20),
        "days_left": None,
        "closed": date(2023, 3, 22),
        "account": "returned.overdue",
        "requests": 1,
        "reschedulings": 1,
        "days_used": 13,  # 2, 3, 6 to 9; 14 to 17, 20 to 22
        "overdue_days": 2,
        "lapsed": True,
        "events": 5,
    }


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2023-03-01", ("in_progress.in_time", "2023-03-08", 0, 0)),
        ("2023-03-05", ("in_progress.in_time", "2023-03-08", 2, 0)),
        ("2023-03-08", ("in_progress.in_time", "2023-03-08", 5, 0)),
        ("2023-03-09", ("in_progress.overdue", "2023-03-08", 6, 1)),
        ("2023-03-13", ("in_progress.overdue", "2023-03-08", 8, 3)),
    ],
)
def test_an_open_dossier_is_told_as_of_the_day(day: str, told: tuple[str, str, int, int]) -> None:
    assert clock([BEGUN], day) == told
    assert row([BEGUN], day)["closed"] is None


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2023-03-03", ("paused.in_time", "2023-03-08", 2, 0)),
        ("2023-03-10", ("paused.in_time", "2023-03-08", 2, 0)),
    ],
)
def test_while_the_clock_stands_still_no_day_is_used_and_none_overdue(
    day: str, told: tuple[str, str, int, int]
) -> None:
    assert clock([BEGUN, paused("2023-03-03")], day) == told


def test_the_days_on_which_the_clock_stood_are_none_that_were_used() -> None:
    life = [BEGUN, paused("2023-03-03"), resumed("2023-03-08"), resolved("2023-03-10")]
    assert clock(life, "2023-03-31") == ("resolved.early", "2023-03-13", 4, 0)  # 2, 3, 9, 10


def test_from_a_pause_to_a_supplement_the_clock_stands_on() -> None:
    life = [BEGUN, paused("2023-03-02"), asked("2023-03-06"), asked("2023-03-07")]
    life += [brought("2023-03-08"), resolved("2023-03-09")]
    assert clock(life, "2023-03-09") == ("resolved.overdue", "2023-03-15", 2, 0)  # 2, 9
    assert row(life, "2023-03-09")["requests"] == 2


def test_a_clock_that_stands_when_the_dossier_is_closed_has_stood_until_then() -> None:
    life = [BEGUN, paused("2023-03-03"), resolved("2023-03-13")]
    assert clock(life, "2023-03-31") == ("resolved.early", "2023-03-16", 2, 0)


def test_what_lapsed_is_told_though_the_new_due_day_is_kept() -> None:
    life = [BEGUN, asked("2023-03-09"), brought("2023-03-13"), resolved("2023-03-14")]
    assert clock(life, "2023-03-09") == ("awaiting_supplement.overdue", "2023-03-08", 6, 0)
    assert clock(life, "2023-03-14") == ("resolved.overdue", "2023-03-20", 7, 0)
    assert row(life, "2023-03-14")["lapsed"]


def test_days_are_working_days_whatever_the_unit_of_the_allowance() -> None:
    life = [received("2023-01-16", allowance=calendar_days(5))]
    assert clock(life, "2023-01-27") == ("in_progress.in_time", "2023-01-27", 4, 0)  # 17 to 19, 27


def test_a_day_overdue_that_is_no_working_day_is_not_counted() -> None:
    life = [received("2023-03-06", due="2023-03-10"), resolved("2023-03-11")]
    assert clock(life, "2023-03-31") == ("resolved.overdue", "2023-03-10", 4, 0)


def test_a_cancelled_dossier_is_told_as_closed() -> None:
    told = row([BEGUN, cancelled("2023-03-10")], "2023-03-31")
    assert (told["account"], told["closed"]) == ("cancelled.withdrawn", date(2023, 3, 10))
    assert (told["days_used"], told["overdue_days"]) == (7, 2)


@pytest.mark.parametrize(
    ("rules", "due"), [(DEFAULT_RULES, date(2023, 3, 8)), (ACCEPT_ONCE, date(2023, 3, 15))]
)
def test_the_due_day_is_that_of_the_policy(rules: Rules, due: date) -> None:
    life = [BEGUN, rescheduled("2023-03-07", "2023-03-15"), rescheduled("2023-03-08", "2023-04-03")]
    told = row(life, "2023-03-31", rules)
    assert (told["due"], told["reschedulings"]) == (due, 2)


def test_what_occurred_on_a_later_day_is_not_told() -> None:
    life = [BEGUN, resolved("2023-03-07T00:00:00+07:00")]
    assert row(life, "2023-03-06")["events"] == 1
    assert row(life, "2023-03-07")["events"] == 2


def test_what_was_recorded_later_was_not_known() -> None:
    life = [BEGUN, recorded(resolved("2023-03-07"), "2023-03-20")]
    assert [
        r["account"] for r in rows(life, moment("2023-03-19", "2023-03-19T20:00:00+07:00"))
    ] == ["in_progress.overdue"]
    assert row(life, "2023-03-20")["account"] == "resolved.early"


def test_repeats_annulled_events_and_those_in_suspense_are_none_of_its_events() -> None:
    mistaken = paused("2023-03-02")
    life = [BEGUN, BEGUN, mistaken, annulled(mistaken, "2023-03-03"), resumed("2023-03-06")]
    told = row(life, "2023-03-06")
    assert (told["events"], told["days_used"]) == (1, 3)


def test_what_was_never_received_has_no_row() -> None:
    life = [paused("2023-03-02"), received("2023-03-03", 5, code="D2")]
    assert [told["dossier"] for told in rows(life, moment("2023-03-31"))] == ["D2"]
    assert rows(life, moment("2023-03-02")) == []
    assert rows([], moment("2023-03-02")) == []


def test_a_due_day_beyond_all_dates_is_told_as_the_last_one() -> None:
    life = [received("2023-03-01", due="9999-12-31"), paused("2023-03-02"), resumed("2023-03-06")]
    assert row(life, "2023-03-06")["due"] == date.max


def test_a_file_says_what_its_register_rests_on() -> None:
    facts = schema(office(ACCEPT_ONCE), moment("2023-03-19", "2023-03-19T20:00:00+07:00")).metadata
    assert facts[b"hoso.day"] == b"2023-03-19"
    assert facts[b"hoso.as_of"] == b"2023-03-19T20:00:00+07:00"
    assert facts[b"hoso.calendar"] == VIETNAM.version.encode()
    assert facts[b"hoso.law.regime"] == b"in_force"
    assert b"'reschedule': 'accept_once'" in facts[b"hoso.law.pinned"]

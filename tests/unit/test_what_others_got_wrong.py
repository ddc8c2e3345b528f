"""Does hoso make the mistakes that are known of other systems? One test for each.

OpenCPS, a provincial one-stop system, Kafka Streams, and a province's printed report.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from hoso.domain.accounts import ACCOUNT_COUNT, OPEN
from hoso.domain.windows import Window, named_window
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.statement import Unbalanced, line_figures, statement
from hoso.tools.simulation.son_la import IN_NO_CATEGORY, PUBLISHED, WINDOW, son_la_quarter
from tests.engine import (
    VIETNAM,
    Json,
    accounts_on,
    ledger_of,
    log_of,
    office,
    parsed,
    stated,
)
from tests.model import Rules
from tests.told import (
    FACTS,
    asked,
    brought,
    calendar_days,
    paused,
    received,
    rescheduled,
    resolved,
    resumed,
    said,
)

MARCH = named_window("2023-03")


def account(life: list[Json], day: str, rules: Rules | None = None) -> str:
    """Where D1 stands at the end of a day."""
    return accounts_on(ledger_of(life, rules or Rules()), date.fromisoformat(day))["D1"]


def test_a_past_month_does_not_change_when_it_is_run_again() -> None:
    life = [received("2023-03-01", 40), asked("2023-03-30")]
    in_march = stated(life, MARCH)
    life += [brought("2023-04-03"), resolved("2023-04-04")]
    assert stated(life, MARCH) == in_march
    assert in_march["total"]["awaiting_supplement"]["in_time"] == 1
    assert stated(life, named_window("2023-04"))["total"]["resolved"]["early"] == 1


def test_a_month_tells_the_status_then_not_the_status_now() -> None:
    then_in_time = [received("2023-03-01", due="2023-04-03"), resolved("2023-04-20")]
    assert stated(then_in_time, MARCH)["total"]["in_progress"] == {
        "in_time": 1,
        "overdue": 0,
        "total": 1,
    }


def test_a_missing_due_date_does_not_count_as_on_time() -> None:
    nothing_said = said("received", "2023-03-01", **FACTS, channel="online")
    with pytest.raises(ValidationError, match="a deadline is missing"):
        parsed([nothing_said])
    no_due_date = received("2023-03-01", allowance=calendar_days(2))
    assert account([no_due_date, resolved("2023-03-31")], "2023-03-31") == "resolved.overdue"


@pytest.mark.parametrize(
    ("moment", "figure"),
    [
        ("2022-12-14T23:59:59.999999+07:00", "carried_over"),
        ("2022-12-15T00:00:00+07:00", "received"),
        ("2022-12-14T17:00:00Z", "received"),  # the same instant
    ],
)
def test_received_exactly_at_the_windows_start_is_received_in_it(moment: str, figure: str) -> None:
    total = stated([received(moment, 200)], named_window("2023-Q1"))["total"]
    assert (total["carried_over"], total["received"]) == {
        "carried_over": (1, 0),
        "received": (0, 1),
    }[figure]


@pytest.mark.parametrize("hour", [*range(24)])
def test_12_xx_is_half_a_day_after_00_xx(hour: int) -> None:
    (event,) = parsed([received(f"2023-03-01T{hour:02}:30:00+07:00", 5)])
    assert (event.time.hour, event.time.minute) == (hour, 30)


def test_what_happened_at_12_xx_comes_after_the_morning() -> None:
    life = [
        received("2023-03-01T11:59:00+07:00", 5),
        paused("2023-03-01T12:30:00+07:00"),
        resumed("2023-03-01T13:00:00+07:00"),
    ]
    assert stated(life, MARCH)["suspense"]["events"] == 0
    assert account(life, "2023-03-01") == "in_progress.in_time"


def test_no_line_is_stated_that_hides_a_negative_remainder() -> None:
    opening, closing = (
        np.zeros(ACCOUNT_COUNT, dtype=np.int64),
        np.zeros(ACCOUNT_COUNT, dtype=np.int64),
    )
    opening[OPEN[0]], opening[-1] = 5, -5  # five were there; none is there any more
    closing[-1] = -5
    with pytest.raises(Unbalanced):
        line_figures(opening, closing)


def test_time_overdrawn_is_not_forgiven_by_a_pause() -> None:
    # Due Friday 3; paused on Thursday 9 with less than nothing left.
    life = [received("2023-03-01", 2), paused("2023-03-09"), resumed("2023-03-10")]
    assert account(life, "2023-03-10") == "in_progress.overdue"
    assert account([*life, resolved("2023-03-10")], "2023-03-10") == "resolved.overdue"


def test_a_quarter_runs_from_15_december_to_14_march_to_the_day() -> None:
    days = ["2022-12-14", "2022-12-15", "2023-03-14", "2023-03-15"]
    lives = [received(day, 200, code=f"D{number}") for number, day in enumerate(days)]
    total = stated(lives, named_window("2023-Q1"))["total"]
    assert (total["carried_over"], total["received"]) == (1, 2)
    months = [
        stated(lives, named_window(f"2023-{month:02}"))["total"]["received"] for month in (1, 2, 3)
    ]
    assert sum(months) == 2  # another two


@pytest.mark.parametrize("policy", ["keep_original", "accept_once"])
def test_a_late_dossiers_end_date_is_not_reset_before_reporting(policy: str) -> None:
    # Due Friday 3. Whatever is given out afterwards, it was late.
    life = [
        received("2023-03-01", 2),
        rescheduled("2023-03-06", "2023-03-31"),
        paused("2023-03-07"),
        resumed("2023-03-08", due="2023-03-31"),
        resolved("2023-03-09"),
    ]
    rules = Rules(reschedule=policy)
    overdue = ["2023-03-04", "2023-03-06", "2023-03-07", "2023-03-08", "2023-03-09"]
    assert {account(life, day, rules).partition(".")[2] for day in overdue} == {"overdue"}
    assert stated(life, MARCH, rules=rules)["total"]["resolved"]["overdue"] == 1


def test_a_window_closes_though_no_further_event_arrives() -> None:
    life = [received("2023-03-01", 2)]
    in_march = stated(life, MARCH)["total"]
    assert (in_march["received"], in_march["in_progress"]["overdue"]) == (1, 1)
    years_later = stated(life, named_window("2026-Q3"))["total"]
    assert (years_later["carried_over"], years_later["in_progress"]["overdue"]) == (1, 1)


def test_a_deadline_passes_within_a_window_in_which_nothing_happened() -> None:
    life = [received("2023-03-01", due="2023-05-10")]
    for month, overdue in ((3, 0), (4, 0), (5, 1), (6, 1)):
        total = stated(life, named_window(f"2023-{month:02}"))["total"]
        assert total["in_progress"]["overdue"] == overdue


@pytest.mark.parametrize("block", PUBLISHED)
def test_son_las_quarter_is_not_20_dossiers_short(block: str) -> None:
    printed = PUBLISHED[block]
    into = printed["carried_over"] + printed["received"]
    in_some_line = sum(printed.values()) - into
    assert into - in_some_line == IN_NO_CATEGORY[block] == {"all channels": 20, "online": 16}[block]


def test_son_las_quarter_adds_up_with_a_line_for_what_is_in_process_and_overdue() -> None:
    ledger = replay(log_of(son_la_quarter(VIETNAM.days)), office())
    document = statement(ledger, WINDOW, ["channel"])
    online = {line["slice"]["channel"]: line for line in document["lines"]}["online"]
    for block, line in (("all channels", document["total"]), ("online", online)):
        printed = PUBLISHED[block]
        assert line["carried_over"] == printed["carried_over"]
        assert line["received"] == printed["received"]
        assert line["resolved"]["overdue"] == printed["resolved.overdue"]
        assert line["in_progress"]["in_time"] == printed["in_progress.in_time"]
        assert line["in_progress"]["overdue"] == IN_NO_CATEGORY[block]
        gone = sum(line[group]["total"] for group in ("resolved", "returned", "cancelled"))
        assert line["total"] == gone + line["carried_forward"]


def test_the_next_quarter_takes_over_what_this_one_carries_forward() -> None:
    ledger = replay(log_of(son_la_quarter(VIETNAM.days)), office())
    following = Window(WINDOW.last + timedelta(days=1), date(2023, 6, 14))
    carried = statement(ledger, WINDOW)["total"]["carried_forward"]
    assert statement(ledger, following)["total"]["carried_over"] == carried

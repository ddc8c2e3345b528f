"""What does the list of what falls due say of a dossier? By hand, with dates, by the law in force.

March 2023 begins on a Wednesday, July and October 2025 on a Tuesday and a Wednesday. Five working
days from 1 March 2023 end on the 8th.
"""

from datetime import date, datetime
from typing import Any

import pytest

from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.documents import due as documents
from hoso.projections.documents import life
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.due import SCHEMA, WAITS_FOR, due_of_log
from hoso.projections.ledger.explain import explain
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.register import Moment
from tests.engine import LOCAL, VIETNAM, Json, log_of
from tests.told import (
    annulled,
    asked,
    brought,
    cancelled,
    paused,
    received,
    recorded,
    rescheduled,
    resolved,
    resumed,
    returned,
    said,
)

BEGUN = received("2023-03-01", 5)  # due on Wednesday 8 March
Row = dict[str, Any]


def listed(
    life: list[Json], day: str, within: int = 5, as_of: str | None = None, **pins: Any
) -> list[Row]:
    office = Office(LOCAL, VIETNAM, Policy(**pins))
    known = None if as_of is None else datetime.fromisoformat(as_of)
    moment = Moment(known, day_number(date.fromisoformat(day)))
    found = due_of_log(log_of(life), office, moment, within)
    assert found.schema == SCHEMA
    rows: list[Row] = found.to_pylist()
    return rows


def told(life: list[Json], day: str, within: int = 5, **pins: Any) -> tuple[Any, ...]:
    """Group, days left, account, and what it waits for; empty where it is not listed."""
    rows = listed(life, day, within, **pins)
    names = ("group", "days_left", "account", "waits_for")
    return tuple(rows[0][name] for name in names) if rows else ()


def waits_for(life: list[Json], day: str, within: int = 5, **pins: Any) -> str | None:
    rows = listed(life, day, within, **pins)
    return rows[0]["waits_for"] if rows else None


def test_a_row_reads_like_this() -> None:
    assert listed([BEGUN], "2023-03-06") == [
        {
            "dossier": "D1",
            "agency": "so_tnmt",
            "field": "dat_dai",
            "procedure": "1.004227",
            "channel": "online",
            "level": None,
            "online_service": None,
            "received_at": None,
            "due": date(2023, 3, 8),
            "days_left": 2,
            "account": "in_progress.in_time",
            "waits_for": "result",
            "group": "falls_due",
        }
    ]


def test_each_word_of_the_vocabulary_has_words_for_people() -> None:
    assert documents.WAITS_FOR.keys() == {*WAITS_FOR}


@pytest.mark.parametrize(
    ("day", "days_left"),
    [("2023-03-01", 5), ("2023-03-05", 3), ("2023-03-07", 1), ("2023-03-08", 0)],
)
def test_a_dossier_in_time_falls_due_in_so_many_working_days(day: str, days_left: int) -> None:
    group, left, account, _ = told([BEGUN], day)
    assert (group, left, account) == ("falls_due", days_left, "in_progress.in_time")
    assert told([BEGUN], day, within=days_left)
    if days_left > 1:
        assert not told([BEGUN], day, within=days_left - 1)


@pytest.mark.parametrize(("day", "days_left"), [("2023-03-09", -1), ("2023-03-13", -3)])
def test_what_is_overdue_already_is_listed_whatever_is_asked(day: str, days_left: int) -> None:
    assert told([BEGUN], day, 0) == ("overdue", days_left, "in_progress.overdue", "result")


def test_on_the_saturday_after_its_due_day_a_dossier_is_overdue_by_one_day() -> None:
    life = [received("2023-03-06", due="2023-03-10")]
    assert told(life, "2023-03-10")[:2] == ("falls_due", 0)
    assert told(life, "2023-03-11")[:2] == ("overdue", -1)
    assert told(life, "2023-03-13")[:2] == ("overdue", -1)


def test_a_due_day_off_is_as_near_as_the_working_day_before_it() -> None:
    life = [received("2023-03-06", due="2023-03-12")]  # a Sunday
    assert told(life, "2023-03-09", 1)[:2] == ("falls_due", 1)
    assert told(life, "2023-03-10", 0)[:2] == ("falls_due", 0)
    assert told(life, "2023-03-12", 0)[:2] == ("falls_due", 0)
    assert told(life, "2023-03-13", 0)[:2] == ("overdue", -1)


@pytest.mark.parametrize(
    "end", [resolved("2023-03-06"), returned("2023-03-06"), cancelled("2023-03-06")]
)
def test_a_closed_dossier_is_not_listed(end: Json) -> None:
    assert told([BEGUN, end], "2023-03-05")
    assert not told([BEGUN, end], "2023-03-06", 100)
    assert not told([BEGUN, end], "2023-03-20", 100)


def test_while_its_clock_stands_still_a_dossier_in_time_does_not_fall_due() -> None:
    assert not told([BEGUN, paused("2023-03-07")], "2023-03-20")
    assert not told([BEGUN, asked("2023-03-07")], "2023-03-20")
    running = [BEGUN, paused("2023-03-07"), resumed("2023-03-20")]
    assert told(running, "2023-03-20")[:2] == ("falls_due", 1)


def test_what_lapsed_is_overdue_while_its_clock_stands_and_after() -> None:
    life = [BEGUN, asked("2023-03-10")]
    overdue = ("overdue", -2, "awaiting_supplement.overdue", "supplement")
    assert told(life, "2023-03-30") == overdue
    again = [*life, brought("2023-03-13")]  # due on the 20th, but overdue for good
    assert told(again, "2023-03-14") == ("overdue", -1, "in_progress.overdue", "result")


def test_a_second_supplement_request_counts_as_overdue() -> None:
    life = [BEGUN, asked("2023-03-02"), asked("2023-03-03")]
    assert told(life, "2023-03-03") == ("overdue", -1, "awaiting_supplement.overdue", "supplement")
    assert not told(life, "2023-03-03", supplement_limit=2)


def test_lists_of_dossiers_and_explanations_have_the_days_left_too() -> None:
    ledger = replay(log_of([BEGUN]), Office(LOCAL, VIETNAM, Policy()))
    window = Window(date(2023, 3, 1), date(2023, 3, 6))
    [row] = drilldown.dossiers(ledger, window, ["received"])
    assert (row["due"], row["days_left"]) == ("2023-03-08", 2)
    today = day_number(date(2023, 3, 6))
    told_of = life.document("D1", explain(ledger, "D1", today), ledger.office, today, None)
    assert told_of.data is not None
    assert told_of.data.json["days_left"] == 2
    assert told_of.lead is not None
    assert told_of.lead.vi.endswith("hết hạn vào cuối ngày 08/03/2023, còn 2 ngày làm việc")
    closed = replay(log_of([BEGUN, resolved("2023-03-03")]), ledger.office)
    [row] = drilldown.dossiers(closed, window, ["resolved"])
    assert (row["due"], row["days_left"]) == ("2023-03-08", None)


# --- A supplement awaited longer than it may ---------------------------------------------------


@pytest.mark.parametrize("day", ["2025-07-01", "2026-08-10"])
def test_fifteen_days_after_the_request_nothing_but_closing_is_left(day: str) -> None:
    asked_on = date.fromisoformat(day)
    life = [received(day, 20), asked(f"{day}T09:00:00+07:00")]
    last, after = (date.fromordinal(asked_on.toordinal() + days).isoformat() for days in (15, 16))
    assert not told(life, last)
    expected = ("expired_supplement", 20, "awaiting_supplement.in_time", "closing")
    assert told(life, after) == expected


def test_a_supplement_asked_for_before_july_2025_may_be_awaited_for_ever() -> None:
    before = [received("2025-06-20", 20), asked("2025-06-30")]
    assert not told(before, "2026-11-20")
    since = [received("2025-06-20", 20), asked("2025-07-01")]
    assert told(since, "2025-07-17")[0] == "expired_supplement"
    assert not told(since, "2026-11-20", law="nd61-2018")


def test_the_days_count_from_the_last_request() -> None:
    life = [received("2025-09-01", 20), asked("2025-09-10"), asked("2025-09-20")]
    assert waits_for(life, "2025-10-05") == "supplement"  # overdue: the second request
    assert waits_for(life, "2025-10-06") == "closing"


def test_a_supplement_that_came_is_awaited_no_longer() -> None:
    life = [received("2025-09-03", 20), asked("2025-09-10"), brought("2025-10-01")]
    assert not told(life, "2025-10-02")


# --- Pauses ------------------------------------------------------------------------------------


def test_a_pause_is_without_end_after_thirty_days() -> None:
    life = [BEGUN, paused("2023-03-03")]
    assert not told(life, "2023-04-02")
    assert told(life, "2023-04-03") == ("endless_pause", 3, "paused.in_time", "authority")


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("awaiting_authority", "authority"),
        ("financial_obligation", "payment"),
        ("other", "resumption"),
    ],
)
def test_a_paused_dossier_waits_for_what_its_last_pause_says(reason: str, word: str) -> None:
    life = [BEGUN, paused("2023-03-02"), resumed("2023-03-03")]
    life += [said("paused", "2023-03-06", reason=reason)]
    assert waits_for(life, "2023-06-01") == word


# --- A new appointment that must be announced today ----------------------------------------------


@pytest.mark.parametrize(
    ("day", "word"),
    [("2023-03-06", "result"), ("2023-03-07", "notice"), ("2023-03-08", "result")],
)
def test_a_new_appointment_counts_if_it_is_announced_the_day_before(day: str, word: str) -> None:
    assert waits_for([BEGUN], day) == word


def test_the_last_working_day_for_a_notice_is_before_a_weekend() -> None:
    life = [received("2023-03-06", 5)]  # due on Monday the 13th
    days = ("2023-03-09", "2023-03-10", "2023-03-11", "2023-03-12", "2023-03-13")
    words = ["result", "notice", "notice", "notice", "result"]
    assert [waits_for(life, day) for day in days] == words


def test_the_last_day_for_a_notice_is_listed_whatever_is_asked() -> None:
    assert not told([BEGUN], "2023-03-06", 0)
    expected = ("last_notice", 1, "in_progress.in_time", "notice")
    assert told([BEGUN], "2023-03-07", 0) == expected
    assert told([BEGUN], "2023-03-07", 1)[0] == "falls_due"


def test_only_a_first_new_appointment_is_accepted() -> None:
    life = [BEGUN, rescheduled("2023-03-02", "2023-03-10")]
    assert waits_for(life, "2023-03-09") == "result"


def test_a_notice_is_asked_for_as_the_law_of_the_day_says() -> None:
    assert waits_for([BEGUN], "2023-03-07", reschedule="keep_original") == "result"
    assert waits_for([BEGUN], "2023-03-06", reschedule_notice=2) == "notice"
    assert waits_for([BEGUN], "2023-03-07", reschedule_notice=2) == "result"
    # No notice is asked for: the due day itself is early enough.
    assert waits_for([BEGUN], "2023-03-08", reschedule_notice=-1) == "notice"


def test_overdue_or_standing_still_no_notice_helps() -> None:
    assert waits_for([BEGUN], "2023-03-09") == "result"
    assert waits_for([BEGUN, paused("2023-03-06")], "2023-03-07") is None


@pytest.mark.parametrize(
    ("day", "source"), [("2025-06-12", "Điều 19.9"), ("2025-07-10", "Điều 19.6")]
)
def test_under_the_figures_stands_the_article_of_the_law_of_the_day(day: str, source: str) -> None:
    office, on = Office(LOCAL, VIETNAM, Policy()), date.fromisoformat(day)
    life = [received(day, 1), received("2025-05-01", 90, received_at="phuong_1", code="D2")]
    life += [received("2025-05-05", 90, code="D3")]
    life += [said("paused", "2025-05-06", reason="other", code="D3")]
    rows = listed(life, day, 0)
    one = documents.document(rows, (), 0, office, Moment(None, day_number(on)))
    notes = next(table.notes for table in one.tables() if table.key == "days")
    assert [note.vi.partition(":")[0] for note in notes] == [
        "Ngày cuối cùng để thông báo hẹn lại",
        "Tạm dừng quá 30 ngày",
        "Chưa đến cơ quan có thẩm quyền sau 1 ngày làm việc",
    ]
    assert source in notes[0].vi
    assert "do hoso đặt" in notes[1].vi


# --- On the way to the competent body ------------------------------------------------------------


@pytest.mark.parametrize("start", ["2025-10-06", "2026-08-10"])
def test_a_dossier_should_have_arrived_on_the_next_working_day(start: str) -> None:
    life = [received(start, 30, received_at="phuong_1")]
    next_day = date.fromordinal(date.fromisoformat(start).toordinal() + 1).isoformat()
    assert not told(life, start)
    assert told(life, next_day) == ("on_its_way", 29, "in_progress.in_time", "arrival")
    arrived = [*life, said("arrived", f"{next_day}T10:00:00+07:00")]
    assert not told(arrived, next_day)


def test_over_a_weekend_no_dossier_is_late_on_its_way() -> None:
    life = [received("2025-10-10", 30, received_at="phuong_1")]  # a Friday
    assert not told(life, "2025-10-12")
    assert waits_for(life, "2025-10-13") == "arrival"


def test_a_dossier_on_its_way_that_falls_due_waits_for_its_arrival() -> None:
    life = [received("2023-03-01", 5, received_at="phuong_1")]
    assert told(life, "2023-03-06") == ("falls_due", 2, "in_progress.in_time", "arrival")
    assert waits_for(life, "2023-03-07") == "notice"  # what has to be done today comes first
    assert told(life, "2023-03-09") == ("overdue", -1, "in_progress.overdue", "arrival")


def test_from_august_2026_the_time_runs_from_the_arrival() -> None:
    life = [received("2026-08-04", 5, received_at="phuong_1")]
    before = [*life, said("arrived", "2026-08-04T10:00:00+07:00")]
    since = [*life, said("arrived", "2026-08-05T10:00:00+07:00")]
    assert listed(before, "2026-08-06")[0]["due"] == date(2026, 8, 11)
    assert listed(since, "2026-08-06")[0]["due"] == date(2026, 8, 12)


# --- As known ----------------------------------------------------------------------------------


def test_a_list_is_that_of_its_day_whatever_is_recorded_later() -> None:
    late = recorded(resolved("2023-03-06"), "2023-03-10")
    evening = "2023-03-08T23:59:59+07:00"
    assert listed([BEGUN, late], "2023-03-08", as_of=evening) == listed([BEGUN], "2023-03-08")
    assert not listed([BEGUN, late], "2023-03-08")


def test_what_is_taken_back_is_listed_again() -> None:
    end = resolved("2023-03-06")
    life = [BEGUN, end, annulled(end, "2023-03-07")]
    assert told(life, "2023-03-08")[:2] == ("falls_due", 0)
    assert not listed(life, "2023-03-06", as_of="2023-03-06T23:59:59+07:00")


def test_it_stands_where_it_was_reassigned_to() -> None:
    life = [BEGUN, said("reassigned", "2023-03-06", agency="so_xd", level="commune")]
    assert listed(life, "2023-03-05")[0]["agency"] == "so_tnmt"
    [row] = listed(life, "2023-03-06")
    assert (row["agency"], row["level"], row["field"]) == ("so_xd", "commune", "dat_dai")

"""Is the reference model right? Lives worked by hand from the contract.

March 2023 begins on a Wednesday; its Saturdays are 4, 11, 18 and 25. Tet 2023 is off from Friday
20 to Thursday 26 January. Saturday 10 January 2026 is worked for Friday 2 January.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.histories import histories, policies, windows
from tests.model import Rules, accounts_on, as_recorded, statement

Event = dict[str, Any]

ZONE = timezone(timedelta(hours=7))
OFF = {date(2023, 1, 2), date(2026, 1, 1), date(2026, 1, 2)}
OFF |= {date(2023, 1, day) for day in range(20, 27)}
MADE_UP = {date(2026, 1, 10)}
QUARTER_1 = (date(2022, 12, 15), date(2023, 3, 14))
QUARTER_2 = (date(2023, 3, 15), date(2023, 6, 14))
FACTS = {"agency": "a", "field": "f", "procedure": "p", "channel": "online"}


def is_working(day: date) -> bool:
    """The working days of the examples."""
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def said(kind: str, when: str, *, subject: str = "D1", **data: Any) -> Event:
    """An event; a plain date stands for eight in the morning."""
    moment = f"{when}T08:00:00+07:00" if len(when) == 10 else when
    event = {"specversion": "1.0", "id": f"{kind} {subject} {when}", "source": "/s"}
    event |= {"type": f"dossier.{kind}.v1", "subject": subject, "time": moment}
    return event | {"data": data} if data else event


def received(when: str, days: int | None = None, unit: str = "working_days", **data: Any) -> Event:
    """A reception with an allowance, a due day or both."""
    allowance = {} if days is None else {"allowance": {"value": days, "unit": unit}}
    return said("received", when, **(FACTS | allowance | data))


def annulled(target: Event, when: str, **changes: Any) -> Event:
    """The annulment of an event."""
    event = said("annulled", when, event_id=target["id"], reason="mistake")
    return event | {"subject": target["subject"]} | changes


def account(events: Sequence[Event], day: str, **rules: Any) -> str:
    """Where D1 stands on a day."""
    on = date.fromisoformat(day)
    log = as_recorded(events)
    return accounts_on(log, on, rules=Rules(**rules), is_working=is_working, zone=ZONE)["D1"]


def stated(
    events: Sequence[Event], window: tuple[date, date] = QUARTER_1, **options: Any
) -> dict[str, Any]:
    """A statement."""
    return statement(as_recorded(events), window, is_working=is_working, zone=ZONE, **options)


@pytest.mark.parametrize(
    ("reception", "due"),
    [
        # Sat 4 -> forward Mon 6; then Tue 7, Wed 8, Thu 9.
        (received("2023-03-04", 3), "2023-03-09"),
        # Nothing to add: forward(Sat 4) = Mon 6.
        (received("2023-03-04", 0), "2023-03-06"),
        # Thu 19 (1), Tet, Fri 27 (2), Mon 30 (3).
        (received("2023-01-18", 3), "2023-01-30"),
        # Fri 9 (1), Sat 10 made up (2).
        (received("2026-01-08", 2), "2026-01-10"),
        # Thu 1 and Fri 2 off, a weekend, Mon 5 (1).
        (received("2025-12-31", 1), "2026-01-05"),
        # 1 + 3 = Sat 4 -> forward Mon 6.
        (received("2023-03-01", 3, "calendar_days"), "2023-03-06"),
        # A given due day stands, though it is a Saturday, and beats the allowance.
        (received("2023-03-01", due="2023-03-11"), "2023-03-11"),
        (received("2023-03-01", 1, due="2023-03-11"), "2023-03-11"),
        # 17:00Z on the 9th is local midnight: the 10th.
        (received("2023-03-01", due="2023-03-09T17:00:00Z"), "2023-03-10"),
    ],
)
def test_closing_is_early_on_time_or_overdue_around_the_due_day(reception: Event, due: str) -> None:
    for offset, result in ((-1, "early"), (0, "on_time"), (1, "overdue")):
        day = (date.fromisoformat(due) + timedelta(days=offset)).isoformat()
        life = [reception, said("resolved", day, outcome="granted")]
        assert account(life, day) == f"resolved.{result}"


def test_a_deadline_passes_by_itself() -> None:
    life = [received("2023-03-01", 2)]  # due Fri 3
    assert account(life, "2023-03-03") == "in_progress.in_time"
    assert account(life, "2023-03-04") == "in_progress.overdue"


def test_a_due_day_before_the_reception_is_overdue_at_once() -> None:
    assert account([received("2023-03-01", due="2023-02-28")], "2023-03-01").endswith("overdue")


def test_the_second_supplement_request_counts_as_overdue() -> None:
    life = [received("2023-03-01", 20), said("supplement_requested", "2023-03-02")]
    assert account(life, "2023-03-31") == "awaiting_supplement.in_time"
    life.append(said("supplement_requested", "2023-03-03"))
    assert account(life, "2023-03-03") == "awaiting_supplement.overdue"
    assert account(life, "2023-03-03", supplement_limit=2) == "awaiting_supplement.in_time"
    life.append(said("resolved", "2023-03-06", outcome="granted"))
    assert account(life, "2023-03-06") == "resolved.overdue"


def test_lapsed_sticks() -> None:
    life = [
        received("2023-03-01", 1),  # due Thu 2
        said("paused", "2023-03-03", reason="other"),  # a day late
        said("resumed", "2023-03-06", due="2023-03-31"),
    ]
    assert account(life, "2023-03-03") == "paused.overdue"
    assert account(life, "2023-03-06") == "in_progress.overdue"
    life.append(said("supplement_requested", "2023-03-07"))
    assert account(life, "2023-03-07") == "awaiting_supplement.overdue"


def test_a_pause_moves_the_due_day_by_the_working_days_it_took() -> None:
    life = [
        received("2023-03-01", 6),  # Thu 9
        said("paused", "2023-03-03", reason="other"),
        said("resumed", "2023-03-07"),  # Mon 6 and Tue 7: due Fri 10, Mon 13
    ]
    assert account(life, "2023-03-13") == "in_progress.in_time"
    assert account(life, "2023-03-14") == "in_progress.overdue"


@pytest.mark.parametrize(
    ("unit", "resumed", "due"),
    [
        ("working_days", "2023-03-11", "2023-03-11"),  # no working day in (Fri 10, Sat 11]
        ("calendar_days", "2023-03-10", "2023-03-11"),  # the same day
        ("calendar_days", "2023-03-11", "2023-03-13"),  # one day: Sun 12 -> forward Mon 13
    ],
)
def test_a_shift_of_0_leaves_a_due_day_on_a_day_off_untouched(
    unit: str, resumed: str, due: str
) -> None:
    life = [
        received("2023-03-01", 5, unit, due="2023-03-11"),
        said("paused", "2023-03-10", reason="other"),
        said("resumed", resumed),
        said("resolved", f"{due}T23:59:59+07:00", outcome="granted"),
    ]
    assert account(life, due) == "resolved.on_time"


def test_after_a_supplement_the_time_runs_anew_or_goes_on() -> None:
    life = [
        received("2023-03-01", 2),  # Fri 3
        said("supplement_requested", "2023-03-02"),
        # Restart: Wed 8 + 2 = Fri 10. Extend: 3, 6, 7, 8 stood still; Fri 3 + 4 = Thu 9.
        said("supplemented", "2023-03-08"),
    ]
    assert account(life, "2023-03-10") == "in_progress.in_time"
    assert account(life, "2023-03-11") == "in_progress.overdue"
    assert account(life, "2023-03-09", after_supplement="extend") == "in_progress.in_time"
    assert account(life, "2023-03-10", after_supplement="extend") == "in_progress.overdue"


def test_the_allowance_behind_a_given_due_day_is_counted_in_working_days() -> None:
    life = [
        received("2023-03-04", due="2023-03-09"),  # forward Mon 6; 7, 8, 9: three
        said("supplement_requested", "2023-03-06"),
        said("supplemented", "2023-03-10"),  # Mon 13, Tue 14, Wed 15
    ]
    assert account(life, "2023-03-15") == "in_progress.in_time"
    assert account(life, "2023-03-16") == "in_progress.overdue"


def test_closing_while_paused_is_closing_as_if_resumed() -> None:
    life = [received("2023-03-01", 6), said("paused", "2023-03-09", reason="other")]
    # Paused on the due day, Thu 9; Fri 10 and Mon 13 stood still: due Mon 13.
    life.append(said("resolved", "2023-03-13", outcome="refused"))
    assert account(life, "2023-03-13") == "resolved.on_time"


def test_closing_while_awaiting_is_closing_as_if_supplemented() -> None:
    life = [received("2023-03-01", 2), said("supplement_requested", "2023-03-03")]
    life.append(said("returned", "2023-03-07", reason="not_eligible"))
    # Restart: Tue 7 + 2 = Thu 9. Extend: Mon 6, Tue 7 stood still; Fri 3 + 2 = Tue 7.
    assert account(life, "2023-03-07") == "returned.early"
    assert account(life, "2023-03-07", after_supplement="extend") == "returned.on_time"


def test_a_request_during_a_pause_moves_the_due_day_first() -> None:
    life = [
        received("2023-03-01", 2),  # Fri 3
        said("paused", "2023-03-02", reason="other"),
        said("supplement_requested", "2023-03-06"),  # Fri 3, Mon 6: due Tue 7, not lapsed
    ]
    assert account(life, "2023-03-31") == "awaiting_supplement.in_time"


def test_a_rescheduling_moves_the_due_day_only_once_and_only_in_time() -> None:
    life = [received("2023-03-01", 2), said("rescheduled", "2023-03-03", due="2023-03-08")]
    life.append(said("rescheduled", "2023-03-07", due="2023-03-20"))
    assert account(life, "2023-03-04") == "in_progress.overdue"
    assert account(life, "2023-03-08", reschedule="accept_once") == "in_progress.in_time"
    assert account(life, "2023-03-09", reschedule="accept_once") == "in_progress.overdue"
    late = [received("2023-03-01", 2), said("rescheduled", "2023-03-04", due="2023-03-08")]
    assert account(late, "2023-03-04", reschedule="accept_once") == "in_progress.overdue"


def test_a_cancellation_is_withdrawn_or_voided() -> None:
    for reason, result in (("withdrawn", "withdrawn"), ("duplicate", "voided")):
        life = [received("2023-03-01", 2), said("cancelled", "2023-03-31", reason=reason)]
        assert account(life, "2023-03-31") == f"cancelled.{result}"


def test_received_on_the_first_day_of_the_window_is_not_carried_over() -> None:
    first = received("2022-12-14T17:00:00Z", 5)  # local midnight, the 15th
    last = received("2022-12-14T23:59:59+07:00", 5, subject="D2")
    total = stated([first, last])["total"]
    assert (total["carried_over"], total["received"]) == (1, 1)


def test_a_statement_on_one_screen() -> None:
    """Before, and after."""
    other = FACTS | {"channel": "post", "level": "commune"}
    events = [
        received("2022-12-01", 3),  # due Tue 6: carried over, overdue
        said("resolved", "2022-12-20", outcome="granted"),
        received("2023-03-13", 5, subject="D2", **other),
        received("2022-12-01", 3, subject="D3"),
        said("resolved", "2022-12-02", subject="D3", outcome="granted"),  # the window before
        said("paused", "2023-03-15", subject="D2", reason="other"),  # the window after
    ]
    zeros = {"early": 0, "on_time": 0, "overdue": 0, "total": 0}
    none_open = {"in_time": 0, "overdue": 0, "total": 0}
    not_moved = {"transferred": {"in": 0, "out": 0}}
    same = {
        "returned": zeros,
        "cancelled": {"withdrawn": 0, "voided": 0, "total": 0},
        "awaiting_supplement": none_open,
        "paused": none_open,
    }
    report = stated(events, by=("level",))
    assert report["lines"] == [
        {"slice": {"level": None}, "carried_over": 1, "received": 0, "total": 1}
        | not_moved
        | {"resolved": {"early": 0, "on_time": 0, "overdue": 1, "total": 1}}
        | {"in_progress": none_open, "carried_forward": 0}
        | same,
        {"slice": {"level": "commune"}, "carried_over": 0, "received": 1, "total": 1}
        | not_moved
        | {"resolved": zeros, "in_progress": {"in_time": 1, "overdue": 0, "total": 1}}
        | {"carried_forward": 1}
        | same,
    ]
    assert report["total"]["total"] == 2
    assert report["suspense"] == {"events": 0, "dossiers": 0}
    assert stated(events, QUARTER_2)["total"]["paused"]["in_time"] == 1


def test_what_does_not_apply_stands_in_suspense_and_is_counted() -> None:
    resolved = said("resolved", "2023-03-02", outcome="granted")
    events = [
        said("paused", "2023-02-28", reason="other"),  # before the reception: 1
        received("2023-03-01", 5),
        received("2023-03-01T09:00:00+07:00", 5),  # a second reception: 2
        said("supplemented", "2023-03-01T10:00:00+07:00"),  # nothing was asked for: 3
        resolved,
        resolved,  # a repeat: not counted
        resolved | {"subject": "D3"},  # a repeat on another dossier: not counted
        said("returned", "2023-03-03", reason="x"),  # after the end: 4
        said("resumed", "2023-03-03", subject="D2"),  # never received: 5
        said("resumed", "2023-03-15", subject="D4"),  # after the window
    ]
    assert stated(events)["suspense"] == {"events": 5, "dossiers": 2}
    # The reception of D2 arrives, and a pause before the resumption: it takes effect by itself.
    events.append(received("2023-03-01", 5, subject="D2"))
    events.append(said("paused", "2023-03-02", subject="D2", reason="other"))
    assert stated(events)["suspense"] == {"events": 4, "dossiers": 1}


def test_an_annulled_annulment_has_no_effect() -> None:
    closing = said("resolved", "2023-03-02", outcome="granted")
    first = annulled(closing, "2023-03-03")
    life = [received("2023-03-01", 5), closing, first]
    assert account(life, "2023-03-02") == "in_progress.in_time"
    second = annulled(first, "2023-03-04")
    assert account([*life, second], "2023-03-02") == "resolved.early"
    third = annulled(second, "2023-03-05")
    assert account([*life, second, third], "2023-03-02") == "in_progress.in_time"
    assert stated([*life, second])["suspense"]["events"] == 0


def test_an_annulment_that_points_to_nothing_stands_in_suspense() -> None:
    closing = said("resolved", "2023-03-02", outcome="granted")
    for astray in (
        annulled(closing, "2023-03-03", source="/other"),
        annulled(closing, "2023-03-03", subject="D2"),
        annulled(closing, "2023-03-03", recordedtime="2023-03-02T00:00:00Z"),  # 07:00 local
        annulled({"id": "unknown", "subject": "D1"}, "2023-03-03"),
    ):
        life = [received("2023-03-01", 5), closing, astray]
        assert account(life, "2023-03-31") == "resolved.early"
        assert stated(life)["suspense"] == {"events": 1, "dossiers": 1}
        taken_back = annulled(astray, "2023-03-04", source=astray["source"])
        assert stated([*life, taken_back])["suspense"] == {"events": 0, "dossiers": 0}


def test_as_of_an_instant_only_what_was_recorded_by_then_exists() -> None:
    late = said("resolved", "2023-03-02", outcome="granted")
    late["recordedtime"] = "2023-04-01T00:00:00Z"
    life = [received("2023-03-01", 5), late]
    at = datetime.fromisoformat("2023-04-01T07:00:00+07:00")
    assert stated(life, as_of=at)["total"]["resolved"]["early"] == 1
    before = stated(life, as_of=at - timedelta(microseconds=1))["total"]
    assert (before["resolved"]["total"], before["in_progress"]["overdue"]) == (0, 1)


def test_events_of_one_instant_follow_the_order_recorded() -> None:
    pause, resumption = said("paused", "2023-03-01", reason="other"), said("resumed", "2023-03-01")
    late_pause = pause | {"recordedtime": "2023-03-02T00:00:00Z"}
    reception = received("2023-02-28", 5)
    assert account([reception, pause, resumption], "2023-03-01") == "in_progress.in_time"
    assert account([reception, resumption, pause], "2023-03-01") == "paused.in_time"
    assert account([reception, late_pause, resumption], "2023-03-01") == "paused.in_time"


def test_the_reception_is_the_first_event_of_its_day() -> None:
    pause = said("paused", "2023-03-01", reason="other")
    late_reception = received("2023-03-01", 5) | {"recordedtime": "2023-03-02T00:00:00Z"}
    later_reception = received("2023-03-01T23:59:59+07:00", 5)
    for reception in (received("2023-03-01", 5), late_reception, later_reception):
        for life in ([pause, reception], [reception, pause]):
            assert account(life, "2023-03-01") == "paused.in_time"
            assert stated(life)["suspense"] == {"events": 0, "dossiers": 0}


def test_as_of_an_instant_a_window_that_is_not_over_goes_up_to_its_day() -> None:
    life = [received("2023-03-01", 2)]  # due Fri 3
    for at, account in (("03T23:59:59", "in_time"), ("04T00:00:00", "overdue")):
        report = stated(life, as_of=datetime.fromisoformat(f"2023-03-{at}+07:00"))
        assert report["window"]["until"] == f"2023-03-{at[:2]}"
        assert report["total"]["in_progress"][account] == 1


def test_without_slicing_there_is_one_line_even_for_an_empty_history() -> None:
    report = stated([])
    assert report["lines"] == [{"slice": {}} | report["total"]]
    assert stated([], by=("channel",))["lines"] == []


@settings(max_examples=50, deadline=None)
@given(histories(max_dossiers=4), policies(), windows(), st.integers(0, 40))
def test_the_balance_holds_and_windows_chain(
    events: list[Event], rules: Rules, window: tuple[date, date], days: int
) -> None:
    closed = ("resolved", "returned", "cancelled")
    first = stated(events, window, rules=rules)["total"]
    gone = sum(first[name]["total"] for name in closed)
    assert first["carried_over"] + first["received"] == gone + first["carried_forward"]
    start = window[1] + timedelta(days=1)
    following = stated(events, (start, start + timedelta(days=days)), rules=rules)["total"]
    assert following["carried_over"] == first["carried_forward"]

"""A register becomes events by comparison with the log: only what differs is recorded."""

from datetime import date, datetime

import pytest

from hoso.consumers.intake.registers.rows import Facts
from hoso.domain.dossier import life_of
from tests.imports import ZONE, Log

NAMES = {"agency": "Sở Xây dựng", "field": "f", "procedure": "p", "channel": "in_person"}
CODE = "H52-1"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def facts(state: str | None = None, **moments: str) -> Facts:
    moments = {"received": "2023-03-01T08:12", "due": "2023-03-15"} | moments
    return Facts(CODE, {name: at(text) for name, text in moments.items()}, NAMES, None, state)


def test_a_dossier_that_is_open_is_received() -> None:
    assert Log().take("2023-03-31", facts("in_progress")) == [("received", "03-01")]


def test_the_same_export_again_adds_nothing_on_any_later_day() -> None:
    log = Log()
    for said in (
        facts("awaiting"),
        facts("resolved", closed="2023-03-10"),
        facts("paused", due="2023-03-20"),
    ):
        log.take("2023-03-31", said)
        assert log.take("2023-03-31", said) == []
        assert log.take("2023-04-30", said) == []


def test_the_next_month_adds_the_closing_only() -> None:
    log = Log()
    log.take("2023-03-05", facts("in_progress"))
    added = log.take("2023-03-31", facts("resolved", closed="2023-03-10T16:00"))
    assert added == [("resolved", "03-10")]


def test_a_closing_day_that_moves_is_annulled_and_comes_anew() -> None:
    log = Log()
    log.take("2023-03-31", facts("resolved", closed="2023-03-10"))
    added = log.take("2023-03-31", facts("resolved", closed="2023-03-09"))
    assert [kind for kind, _ in added] == ["annulled", "resolved"]
    assert log.life() == [("received", "03-01"), ("resolved", "03-09")]
    log.take("2023-03-31", facts("resolved", closed="2023-03-10"))
    assert log.life() == [("received", "03-01"), ("resolved", "03-10")]


@pytest.mark.parametrize(
    ("state", "kind", "back"),
    [("awaiting", "supplement_requested", "supplemented"), ("paused", "paused", "resumed")],
)
def test_a_state_without_a_day_stays_at_the_first_day_that_says_so(
    state: str, kind: str, back: str
) -> None:
    log = Log()
    assert log.take("2023-03-05", facts(state)) == [("received", "03-01"), (kind, "03-05")]
    assert log.take("2023-03-20", facts(state)) == []
    assert log.take("2023-03-25", facts("in_progress")) == [(back, "03-25")]
    assert log.take("2023-03-28", facts(state)) == [(kind, "03-28")]
    assert log.take("2023-03-29", facts("resolved", closed="2023-03-29")) == [("resolved", "03-29")]


def test_from_awaiting_to_paused_the_supplement_has_come() -> None:
    log = Log()
    log.take("2023-03-05", facts("awaiting"))
    assert log.take("2023-03-09", facts("paused_for_payment")) == [
        ("supplemented", "03-09"),
        ("paused", "03-09"),
    ]


def test_a_state_that_was_observed_after_the_closing_is_taken_back() -> None:
    log = Log()
    log.take("2023-03-31", facts("awaiting"))
    log.take("2023-04-05", facts("resolved", closed="2023-03-20"))
    assert log.life() == [("received", "03-01"), ("resolved", "03-20")]


def test_what_the_register_dates_later_replaces_what_was_observed() -> None:
    log = Log()
    log.take("2023-03-31", facts("awaiting"))
    log.take("2023-04-05", facts("awaiting", supplement_requested="2023-03-10"))
    assert log.life() == [("received", "03-01"), ("supplement_requested", "03-10")]


def test_another_due_day_of_an_open_dossier_is_a_new_appointment() -> None:
    log = Log()
    log.take("2023-03-05", facts("in_progress"))
    assert log.take("2023-03-10", facts("in_progress", due="2023-03-20")) == [
        ("rescheduled", "03-10")
    ]
    assert log.take("2023-03-31", facts("in_progress", due="2023-03-20")) == []
    log.take("2023-04-01", facts("in_progress"))
    assert log.life() == [("received", "03-01")]  # it was a slip


def test_a_due_day_that_changed_by_the_closing_stays_a_new_appointment() -> None:
    log = Log()
    log.take("2023-03-05", facts("in_progress"))
    said = facts("resolved", due="2023-03-20", closed="2023-03-18T09:00")
    assert log.take("2023-03-31", said) == [("rescheduled", "03-18"), ("resolved", "03-18")]
    assert log.take("2023-04-30", said) == []
    assert log.life()[-1] == ("resolved", "03-18")  # nothing comes after the closing


def test_a_due_day_that_changed_after_the_closing_corrects_the_reception() -> None:
    log = Log()
    log.take("2023-03-31", facts("resolved", closed="2023-03-18"))
    log.take("2023-04-30", facts("resolved", due="2023-03-20", closed="2023-03-18"))
    assert log.life() == [("received", "03-01"), ("resolved", "03-18")]
    [received] = [e for e in life_of(log.events, ZONE) if e.type == "dossier.received.v1"]
    assert received.data.due == date(2023, 3, 20)


def test_a_supplement_that_brings_another_due_day_has_it() -> None:
    log = Log()
    log.take("2023-03-05", facts("awaiting"))
    assert log.take("2023-03-10", facts("in_progress", due="2023-03-25")) == [
        ("supplemented", "03-10")
    ]
    [brought] = [e for e in log.events if e.type == "dossier.supplemented.v1"]
    assert brought.data.due == date(2023, 3, 25)


def test_a_supplement_that_was_never_asked_for_is_left_out() -> None:
    assert Log().take("2023-03-31", facts(None, supplemented="2023-03-10")) == [
        ("received", "03-01")
    ]


@pytest.mark.parametrize("brought", ["2023-03-06", "2023-03-09T07:00"])
def test_a_supplement_from_before_the_request_answered_an_earlier_one(brought: str) -> None:
    said = facts("awaiting", supplement_requested="2023-03-09T08:00", supplemented=brought)
    assert Log().take("2023-03-31", said) == [
        ("received", "03-01"),
        ("supplement_requested", "03-09"),
    ]


@pytest.mark.parametrize(
    ("state", "kind"),
    [("refused", "resolved"), ("returned", "returned"), ("withdrawn", "cancelled")],
)
def test_a_closing_is_of_its_kind(state: str, kind: str) -> None:
    said = facts(state, closed="2023-03-10")
    assert Log().take("2023-03-31", said)[-1] == (kind, "03-10")


def test_ids_have_nothing_but_the_kind_the_code_and_the_day() -> None:
    log = Log()
    log.take("2023-03-31", facts("awaiting"))
    assert [event.id for event in log.events] == [
        f"received {CODE} 2023-03-01T08:12:00+07:00",
        f"supplement_requested observed {CODE} 2023-03-31T00:00:00+07:00",
    ]


def test_no_time_at_all_may_be_allowed() -> None:
    log = Log()
    log.take("2023-03-31", facts("in_progress")._replace(allowance=0))
    assert log.events[0].data.allowance.value == 0  # type: ignore[union-attr]

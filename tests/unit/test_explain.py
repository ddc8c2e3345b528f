"""What an explanation says: the dates of the clock, and the rules behind each step."""

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import day_number
from hoso.domain.events import DigitisedData, PaidData, RatedData, ReassignedData
from hoso.domain.kinds import KINDS
from hoso.domain.law import RULES
from hoso.projections.documents.life import EVENTS
from hoso.projections.integrity.marks import seen_at_events
from hoso.projections.ledger.explain import (
    FACT_FIELDS,
    FIELDS,
    PLACE_FIELDS,
    VALUES,
    Step,
    UnknownDossier,
    explain,
)
from hoso.tools.inputs.checks import checks_by
from tests.engine import Json, ledger_of
from tests.model import Rules

TODAY = day_number(date(2023, 6, 30))


def event(number: int, kind: str, day: str, **data: Any) -> Json:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "/h52/motcua",
        "type": f"dossier.{kind}.v1",
        "subject": "H52-1",
        "time": f"{day}T08:00:00+07:00",
        "data": data,
    }


def received(day: str, working_days: int) -> Json:
    allowance = {"value": working_days, "unit": "working_days"}
    return event(
        1, "received", day, agency="a", field="f", procedure="p", channel="online",
        allowance=allowance,
    )  # fmt: skip


def steps_of(events: list[Json], rules: Rules | None = None) -> list[Step]:
    return explain(ledger_of(events, rules or Rules()), "H52-1", TODAY)


def names(step: Step) -> list[str]:
    return [rule.name for rule in step.law]


def test_when_the_clock_started_stopped_and_started_again() -> None:
    start, request, supplement = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "supplement_requested", "2023-03-06"),
            event(3, "supplemented", "2023-03-20"),
        ]
    )[:3]
    assert start.effect.en == "the clock starts on 2023-03-01: 5 working days, due 2023-03-08"
    assert request.effect.en == (
        "the clock stops on 2023-03-06, due 2023-03-08; supplement request no. 1"
    )
    assert supplement.effect.en == (
        "the clock stood from 2023-03-06 to 2023-03-20; "
        "it starts again in full: 5 working days, due 2023-03-27"
    )
    assert names(supplement) == ["restart"]


def test_a_pause_says_how_long_the_clock_stood() -> None:
    steps = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "paused", "2023-03-03", reason="other"),
            event(3, "resumed", "2023-03-08"),
        ]
    )
    assert steps[2].effect.en == (
        "the clock stood from 2023-03-03 to 2023-03-08, 3 working days; "
        "due 2023-03-08 moves to 2023-03-13"
    )
    assert names(steps[2]) == ["shift"]


def test_a_deadline_that_passed_is_given_once_and_without_an_event() -> None:
    steps = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "rescheduled", "2023-03-10", due="2023-03-20"),
            event(3, "rescheduled", "2023-03-15", due="2023-03-25"),
        ]
    )
    passed = [step for step in steps if step.event is None]
    assert [(step.day, names(step)) for step in passed] == [
        (day_number(date(2023, 3, 9)), ["deadline-passes"])
    ]


def test_the_second_request_names_the_decision_it_rests_on() -> None:
    steps = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "supplement_requested", "2023-03-02"),
            event(3, "supplement_requested", "2023-03-03"),
            event(4, "resolved", "2023-03-06", outcome="granted"),
        ]
    )
    assert "Decision 766/QĐ-TTg of 2022" in [rule.source for rule in steps[2].law]
    assert "second-request" in names(steps[3])


def test_a_new_appointment_that_is_not_accepted_says_why() -> None:
    rules = Rules(reschedule="accept_once")
    events = [
        received("2023-03-01", 5),
        event(2, "rescheduled", "2023-03-07", due="2023-03-20"),
        event(3, "rescheduled", "2023-03-17", due="2023-03-31"),
    ]
    first, second = steps_of(events, rules)[1:3]
    assert first.effect.en == (
        "a new appointment for 2023-03-20; due 2023-03-08 moves to 2023-03-20"
    )
    assert second.effect.en == (
        "a new appointment for 2023-03-31; not the first: due stays 2023-03-20"
    )
    assert names(first) == names(second) == ["accept-once"]


def test_where_no_notice_is_asked_for_an_appointment_moves_though_its_day_has_gone() -> None:
    # While the clock stands still, the dossier is not overdue; edition 1 asked for no notice.
    events = [
        received("2023-03-01", 5),
        event(2, "paused", "2023-03-06", reason="other"),
        event(3, "rescheduled", "2023-03-10", due="2023-03-20"),
    ]
    moved = steps_of(events, Rules(reschedule="accept_once"))[-1]
    assert moved.clock.due == day_number(date(2023, 3, 20))


def test_what_is_in_suspense_says_which_rule_keeps_it_there() -> None:
    steps = steps_of([received("2023-03-01", 5), event(2, "resumed", "2023-03-02")])
    assert (steps[1].suspense, names(steps[1])) == (True, ["resume-after-pause"])


def test_a_quality_fact_is_explained_with_all_its_fields() -> None:
    steps = steps_of(
        [
            event(0, "synced", "2023-02-28"),
            received("2023-03-01", 5),
            event(2, "digitised", "2023-03-02", part="components", complete=False),
            event(3, "paid", "2023-03-09", amount=0, channel="online"),
            event(
                4, "transferred", "2023-03-09", to_agency="H52.03", step=1, step_due="2023-03-20"
            ),
            event(5, "resolved", "2023-03-10", outcome="granted"),
            event(6, "synced", "2023-03-13"),
        ]
    )
    too_early, _, digitised, deadline, *others, _, synced = steps
    assert (too_early.suspense, names(too_early)) == (True, ["reception"])
    assert (deadline.event, deadline.day) == (None, day_number(date(2023, 3, 9)))
    assert [step.effect.en for step in (digitised, *others, synced)] == [
        "noted: part components, complete no; moves nothing",
        "noted: channel online, amount 0 đồng; moves nothing",
        "noted: to agency H52.03, step 1, step due 2023-03-20; moves nothing",
        "noted; moves nothing",
    ]
    assert all(names(step) == ["quality-fact"] for step in (digitised, *others, synced))
    assert [ACCOUNTS[step.account] for step in (digitised, *others, synced)] == [
        "in_progress.in_time",
        *("in_progress.overdue", "in_progress.overdue"),
        "resolved.overdue",
    ]


def test_repeats_and_annulled_events_are_named_as_such() -> None:
    first = received("2023-03-01", 5)
    pause = event(2, "paused", "2023-03-02", reason="other")
    annulment = event(3, "annulled", "2023-03-03", event_id="2", reason="mistake")
    effects = [step.effect.en for step in steps_of([first, first, pause, annulment])]
    assert effects[1:4] == [
        "the same event again: counts once",
        "taken back by an annulment: changes nothing",
        "takes back 2",
    ]


def test_a_reassignment_says_what_changes_or_that_nothing_does_or_that_it_is_too_late() -> None:
    steps = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "reassigned", "2023-03-02", agency="b", level="commune"),
            event(3, "reassigned", "2023-03-03", agency="b"),
            event(4, "resolved", "2023-03-06", outcome="granted"),
            event(5, "reassigned", "2023-03-07", agency="c"),
        ]
    )
    moved, there_already, _, too_late = steps[1:]
    assert moved.effect == (
        "cơ quan: từ a sang b, cấp: từ – sang xã; giữ nguyên thời hạn và trạng thái",
        "agency a becomes b, level – becomes commune; clock and account stay as they are",
    )
    assert there_already.effect == (
        "ghi nhận: hồ sơ đã ở đó",
        "noted: the dossier stands there already",
    )
    assert [step.suspense for step in (moved, there_already, too_late)] == [False, False, True]
    assert names(too_late) == ["closed-for-good"]


def test_what_an_event_did_is_told_in_vietnamese_with_days_as_written_there() -> None:
    steps = steps_of(
        [
            received("2023-03-01", 5),
            event(2, "supplement_requested", "2023-03-06"),
            event(3, "supplemented", "2023-03-20"),
            event(4, "supplement_requested", "2023-03-21"),
            event(5, "resolved", "2023-03-22", outcome="granted"),
            event(6, "paid", "2023-03-22", amount=5, channel="online"),
        ]
    )
    assert [step.effect.vi for step in steps] == [
        "tính thời hạn từ ngày 01/03/2023: 5 ngày làm việc, hẹn trả 08/03/2023",
        "ngừng tính thời hạn từ ngày 06/03/2023, hẹn trả 08/03/2023; yêu cầu bổ sung lần 1",
        "thời hạn ngừng tính từ 06/03/2023 đến 20/03/2023; "
        "tính lại từ đầu: 5 ngày làm việc, hẹn trả 27/03/2023",
        "ngừng tính thời hạn từ ngày 21/03/2023, hẹn trả 27/03/2023; "
        "yêu cầu bổ sung lần 2, quá 1 lần: tính là quá hạn",
        "thời hạn ngừng tính từ 21/03/2023 đến 22/03/2023; "
        "tính lại từ đầu: 5 ngày làm việc, hẹn trả 29/03/2023; "
        "kết thúc ngày 22/03/2023, hẹn trả 29/03/2023; 2 lần yêu cầu bổ sung: quá hạn",
        "ghi nhận: hình thức trực tuyến, số tiền 5 đồng; không chuyển trạng thái",
    ]


def test_the_values_of_quality_facts_are_told_in_vietnamese_words() -> None:
    facts = [
        event(2, "digitised", "2023-03-02", part="components", complete=False),
        event(3, "digitised", "2023-03-02", part="result", complete=True),
        event(4, "contacted", "2023-03-02", reason="paper_missing", applicant_fault=True),
        event(5, "contacted", "2023-03-02", reason="own_code", applicant_fault=False),
        event(6, "paid", "2023-03-02", amount=1_100_000, channel="direct"),
        event(7, "rated", "2023-03-02", satisfied=True, channel="in_person"),
    ]
    said = [step.effect.vi for step in steps_of([received("2023-03-01", 5), *facts])[1:7]]
    assert [each.removesuffix("; không chuyển trạng thái") for each in said] == [
        "ghi nhận: số hóa thành phần hồ sơ, đầy đủ: không",
        "ghi nhận: số hóa kết quả giải quyết, đầy đủ: có",
        "ghi nhận: lý do thiếu giấy tờ, do người nộp: có",
        "ghi nhận: lý do own_code, do người nộp: không",  # a code that the office made up
        "ghi nhận: hình thức trực tiếp, số tiền 1.100.000 đồng",
        "ghi nhận: hình thức trực tiếp, hài lòng: có",
    ]


@pytest.mark.parametrize(
    ("name", "models"),
    [("channel", (PaidData, RatedData)), ("part", (DigitisedData,)), ("level", (ReassignedData,))],
)
def test_every_value_that_a_fact_may_have_has_vietnamese_words(
    name: str, models: tuple[type[BaseModel], ...]
) -> None:
    schemas = (model.model_json_schema()["properties"][name] for model in models)
    allowed = {
        value
        for schema in schemas
        for choice in schema.get("anyOf", [schema])
        for value in choice.get("enum", ())
    }
    assert allowed
    assert allowed == VALUES[name].keys()


def test_every_kind_of_event_every_field_and_every_rule_has_a_vietnamese_name() -> None:
    assert {*KINDS, "deadline"} == EVENTS.keys()
    assert {*FACT_FIELDS, *PLACE_FIELDS} <= FIELDS.keys()
    assert len({rule.vi for rule in RULES}) == len(RULES)


def test_a_dossier_that_is_not_recorded_is_unknown() -> None:
    with pytest.raises(UnknownDossier, match="H52-2"):
        explain(ledger_of([received("2023-03-01", 5)]), "H52-2", TODAY)


# --- Marks of integrity checks -------------------------------------------------------------------


def test_an_event_that_another_dossier_has_taken_the_id_of_has_no_mark() -> None:
    """Its identity belongs to the other dossier, so it does not count, and no check sees it."""
    first = received("2023-03-01", 5)
    pause = event(2, "paused", "2023-03-08", reason="awaiting_authority")
    other = {**event(2, "supplemented", "2023-03-02"), "subject": "H52-0"}

    def seen(events: list[Json]) -> dict[tuple[str, str], list[str]]:
        ledger = ledger_of(events)
        known = ledger.log, "H52-1", ledger.office, ledger.as_of
        return seen_at_events(*known, checks_by(None), TODAY)

    assert seen([first, pause]) == {("/h52/motcua", "2"): ["paused_on_due_day"]}
    assert seen([other, first, pause]) == {("/h52/motcua", "1"): ["no_notice"]}

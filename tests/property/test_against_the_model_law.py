"""Edition 2 of the contract: the engine is held against the day-by-day model of tests.model.

Histories cross the dates on which the law changed. The model shares no code with the engine, but
for the days on which Vietnam works (test_calendar).
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.policy import Policy
from hoso.domain.provisions import PROVISIONS as TABLE
from hoso.domain.provisions import in_force
from tests import model, told
from tests.engine import LOCAL, Json, examples, is_working
from tests.histories import (
    DATES_OF_CHANGE,
    ON_EACH_SIDE,
    amended,
    amendments,
    histories_in_law,
    todays,
    windows_in_law,
)
from tests.model import PROVISIONS, Law, Provision
from tests.questions import BY, IN_FORCE, ONE_DAY, Asked, By, asked, by_slice, leaves, recorded

NEW = {"yes"}  # values that no decree before has for its parameter
LASTING = ("procedure", "channel", "online_service", "received_at")  # no reassignment changes them
CLOSED = ("resolved", "returned", "cancelled")
OPEN_GROUPS = ("in_progress", "awaiting_supplement", "paused")
FLOWS = ("received", "transferred", *CLOSED)
NO_FIGURES = leaves(
    model.statement([], (date(2026, 1, 1),) * 2, law=IN_FORCE, is_working=is_working, zone=LOCAL)[
        "total"
    ]
)


# --- The table of provisions ----------------------------------------------------------------------


@pytest.mark.parametrize("row", PROVISIONS, ids=lambda row: f"{row.parameter} {row.first}")
def test_each_provision_is_that_of_the_contract(row: Provision) -> None:
    # LAW.md, section 1. The engine has one row where two decrees say the same by one article.
    value = ("no", "yes")[row.value] if isinstance(row.value, bool) else row.value
    for day in (row.first, row.last or date.max):
        ours = in_force(TABLE, row.parameter, day)
        assert ours.value == value
        assert ours.published in (row.published, model.ND118.published)
    known = Policy(law_as_of=row.published)  # it is known from the day of publication on
    assert known.value(row.parameter, row.first) == value
    before = Policy(law_as_of=row.published - ONE_DAY)
    assert (before.value(row.parameter, row.first) == value) is (value not in NEW)


@pytest.mark.parametrize("known", [None, date(2025, 6, 8), date(2025, 6, 9), date(2026, 8, 4)])
@pytest.mark.parametrize("regime", model.REGIMES)
def test_each_regime_has_the_parameters_of_the_contract(regime: str, known: date | None) -> None:
    policy = Policy(law=regime, law_as_of=known)
    for day in ON_EACH_SIDE:
        theirs = model.KnownLaw(Law(regime), known).on(day)._asdict()
        theirs["arrival_starts_clock"] = ("no", "yes")[theirs["arrival_starts_clock"]]
        assert {name: policy.value(name, day) for name in theirs} == theirs


@pytest.mark.parametrize(
    ("regime", "acts"),
    [
        ("nd61-2018", {"NĐ 61/2018/NĐ-CP"}),
        ("nd118-2025", {"NĐ 118/2025/NĐ-CP"}),
        ("nd309-2026", {"NĐ 118/2025/NĐ-CP", "NĐ 309/2026/NĐ-CP"}),
    ],
)
def test_a_regime_of_one_decree_cites_it_and_what_it_amends(regime: str, acts: set[str]) -> None:
    assert {each.act for each in Policy(law=regime).in_use()} == acts


def test_too_many_requests_are_too_many_for_good_though_more_are_allowed_later() -> None:
    law = Law(
        provisions=amended(PROVISIONS, "supplement_limit", 5, date(2025, 7, 2), date(2025, 7, 2))
    )
    days = ("2025-06-25", "2025-07-01", "2025-07-03")  # the second is one too many on its day
    life = [told.received("2025-06-23", 20), *map(told.asked, days)]
    stands = Asked(law).accounts(life, [date(2025, 7, 3)])
    assert stands == {date(2025, 7, 3): {"D1": "awaiting_supplement.overdue"}}


# --- Against the model -------------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law())
@examples(600)
def test_every_dossier_stands_where_the_model_puts_it(data: DataObject, events: list[Json]) -> None:
    question = data.draw(asked(events))
    days = question.days_of_interest(events)
    assert question.accounts(events, days) == question.modelled_accounts(events, days)


@pytest.mark.parametrize("attribution", ["held", "final"])
@given(data=st.data(), events=histories_in_law())
@examples(600)
def test_every_figure_is_the_one_of_the_model(
    attribution: str, data: DataObject, events: list[Json]
) -> None:
    # It is the drawing of histories that takes time, so that much is asked of each.
    question = data.draw(asked(events))
    for _ in range(3):
        window, by = data.draw(windows_in_law(events)), data.draw(BY)
        ours = question.statement(events, window, by, attribution)
        theirs = question.modelled(events, window, by, attribution)
        assert {part: ours[part] for part in theirs} == theirs


# --- Within a statement ------------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(150)
def test_what_was_there_and_came_in_is_what_went_out_and_is_still_there(
    data: DataObject, events: list[Json], by: By
) -> None:
    question, window = data.draw(asked(events)), data.draw(windows_in_law(events))
    document = question.statement(events, window, by)
    for line in (*document["lines"], document["total"]):
        came = line["carried_over"] + line["received"] + line["transferred"]["in"]
        gone = sum(line[group]["total"] for group in CLOSED) + line["transferred"]["out"]
        assert line["total"] == came == gone + line["carried_forward"]
        assert line["carried_forward"] == sum(line[group]["total"] for group in OPEN_GROUPS)
        assert min(leaves(line).values()) >= 0


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(150)
def test_lines_sum_to_the_total_and_transfers_in_to_transfers_out(
    data: DataObject, events: list[Json], by: By
) -> None:
    question, window = data.draw(asked(events)), data.draw(windows_in_law(events))
    document = question.statement(events, window, by)
    for name, number in leaves(document["total"]).items():
        assert number == sum(leaves(line)[name] for line in document["lines"])
    assert len({*document["total"]["transferred"].values()}) == 1


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(150)
def test_held_and_final_have_the_same_totals(data: DataObject, events: list[Json], by: By) -> None:
    question, window = data.draw(asked(events)), data.draw(windows_in_law(events))
    held, final = (
        leaves(question.statement(events, window, by, attribution)["total"])
        for attribution in ("held", "final")
    )
    assert final["transferred.in"] == final["transferred.out"] == 0
    moved = ("transferred.in", "transferred.out", "total")
    assert {n: v for n, v in held.items() if n not in moved} == {
        n: v for n, v in final.items() if n not in moved
    }


@given(data=st.data(), events=histories_in_law())
@examples(100)
def test_a_reassignment_is_no_transfer_between_slices_that_know_no_body(
    data: DataObject, events: list[Json]
) -> None:
    question, window = data.draw(asked(events)), data.draw(windows_in_law(events))
    by = tuple(data.draw(st.lists(st.sampled_from(LASTING), unique=True, max_size=2)))
    document = question.statement(events, window, by)
    assert document["total"]["transferred"] == {"in": 0, "out": 0}
    assert document["lines"] == question.statement(events, window, by, "final")["lines"]


# --- Between statements ------------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law(), by=BY, change=st.sampled_from(DATES_OF_CHANGE))
@examples(200)
def test_a_window_cut_at_a_date_of_change_gives_the_same_balances(
    data: DataObject, events: list[Json], by: By, change: date
) -> None:
    question = data.draw(asked(events))
    first = change - timedelta(days=data.draw(st.sampled_from([1, 3, 20, 60])))
    last = change + timedelta(days=data.draw(st.sampled_from([0, 3, 20, 60])))
    whole, before, after = (
        by_slice(question.statement(events, window, by))
        for window in ((first, last), (first, change - ONE_DAY), (change, last))
    )
    for values in {*whole, *before, *after}:
        both, one, two = (each.get(values, NO_FIGURES) for each in (whole, before, after))
        assert one["carried_forward"] == two["carried_over"]
        assert both["carried_over"] == one["carried_over"]
        assert both["carried_forward"] == two["carried_forward"]
        for name, number in both.items():
            if name.startswith(FLOWS):
                assert number == one[name] + two[name]
            if name.startswith(OPEN_GROUPS):
                assert number == two[name]


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(150)
def test_no_figure_tells_of_a_day_that_has_not_been(
    data: DataObject, events: list[Json], by: By
) -> None:
    first, last = data.draw(windows_in_law(events))
    today = max(first, data.draw(todays(events)))
    question = replace(data.draw(asked(events)), as_of=None, today=today)
    attribution = data.draw(st.sampled_from(["held", "final"]))
    until = min(today, last)
    asked_now = question.statement(events, (first, last), by, attribution)
    finished = replace(question, today=last).statement(events, (first, until), by, attribution)
    assert asked_now["window"] == {"from": str(first), "to": str(last), "until": str(until)}
    for part in ("lines", "total", "suspense"):
        assert asked_now[part] == finished[part]


# --- The law in time ---------------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law(), by=BY, amendment=amendments())
@examples(200)
def test_a_provision_published_tomorrow_changes_nothing_asked_as_of_today(
    data: DataObject, events: list[Json], by: By, amendment: tuple[str, Any, date, date]
) -> None:
    *_, published = amendment
    question = replace(data.draw(asked(events)), law=IN_FORCE, law_as_of=published - ONE_DAY)
    tomorrow = replace(question, law=Law(provisions=amended(PROVISIONS, *amendment)))
    window = data.draw(windows_in_law(events))
    for part in ("lines", "total", "suspense"):
        then = question.statement(events, window, by)[part]
        assert tomorrow.statement(events, window, by)[part] == then


@given(data=st.data(), events=histories_in_law(), by=BY, amendment=amendments())
@examples(200)
def test_a_provision_in_force_from_a_day_changes_nothing_before_it(
    data: DataObject, events: list[Json], by: By, amendment: tuple[str, Any, date, date]
) -> None:
    first = amendment[2]
    question = replace(data.draw(asked(events)), law=IN_FORCE)
    after = replace(question, law=Law(provisions=amended(PROVISIONS, *amendment)))
    days = [day for day in question.days_of_interest(events) if day < first]
    days.append(first - ONE_DAY)
    assert after.accounts(events, days) == question.accounts(events, days)
    begin, end = data.draw(windows_in_law(events))
    end = min(end, first - ONE_DAY)
    window = min(begin, end), end
    for part in ("lines", "total", "suspense"):
        before = question.statement(events, window, by)[part]
        assert after.statement(events, window, by)[part] == before


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(100)
def test_what_is_recorded_after_the_as_of_instant_changes_nothing(
    data: DataObject, events: list[Json], by: By
) -> None:
    as_of = data.draw(st.sampled_from(sorted({recorded(event) for event in events})))
    question = replace(data.draw(asked(events)), as_of=as_of)
    window = data.draw(windows_in_law(events))
    known = [event for event in events if recorded(event) <= as_of]
    then = question.statement(known, window, by)
    assert question.statement(events, window, by)["digest"] == then["digest"]

"""The sums that an audit checks, the parts it names as missing, and the causes it gives."""

from typing import Any

import pytest

from hoso.projections.audit.findings import Check
from tests.audited import audit, block, english, findings, held, numbers, unchecked

WHOLE = {
    "total": 100,
    "carried_over": 20,
    "received": 80,
    "resolved": 70,
    "early": 50,
    "on_time": 15,
    "overdue": 5,
    "in_progress": 20,
    "in_progress_in_time": 16,
    "in_progress_overdue": 4,
    "paused_or_awaiting_supplement": 5,
    "returned": 3,
    "cancelled_or_withdrawn": 2,
}


def but(**changes: Any) -> dict[str, Any]:
    """The balance with changes; what becomes ``...`` is left out."""
    return {name: figure for name, figure in (WHOLE | changes).items() if figure is not ...}


def test_a_block_that_balances_holds() -> None:
    found = block(**WHOLE)
    assert (found.findings, found.unchecked) == ([], [])
    checks = [Check.inflow, Check.resolved, Check.in_progress, Check.categories]
    assert [each.check for each in found.holds] == checks
    assert english(held(found, Check.resolved)[0]) == "70 = 50 + 15 + 5"


@pytest.mark.parametrize(
    ("check", "place", "changes", "claimed", "follows", "difference"),
    [
        (Check.inflow, "b.total", {"received": 81}, "100", "101", "-1"),
        (Check.resolved, "b.resolved", {"early": 49}, "70", "69", "1"),
        (Check.in_progress, "b.in_progress", {"in_progress_overdue": 5}, "20", "21", "-1"),
        (Check.categories, "b.total", {"returned": 0}, "100", "97", "3"),
    ],
)
def test_each_sum_that_fails_is_a_finding(
    check: Check,
    place: str,
    changes: dict[str, int],
    claimed: str,
    follows: str,
    difference: str,
) -> None:
    found = block(**but(**changes))
    [finding] = findings(found, check)
    assert finding.place == place
    assert numbers(finding) == (claimed, follows, difference)


def test_categories_that_a_report_leaves_out_are_named() -> None:
    found = block(**but(returned=..., in_progress=..., in_progress_overdue=...))
    [finding] = findings(found, Check.categories)
    assert numbers(finding) == ("100", "93", "7")
    assert english(finding) == (
        "7 dossiers stand in what the report leaves out: in progress overdue, returned"
    )
    assert "đang giải quyết quá hạn, trả lại" in finding.cause.vi


def test_categories_left_out_are_no_fault_where_the_others_make_up_the_total() -> None:
    found = block(**but(returned=..., resolved=73, early=53))
    assert findings(found, Check.categories) == []


def test_an_excerpt_is_no_balance() -> None:
    found = block(total=54142, resolved=53051)
    assert found.findings == []
    [said] = unchecked(found, Check.categories)
    assert english(said).startswith("1,091 dossiers remain; not given: in progress, paused")


def test_paused_inside_in_progress_is_not_counted_twice() -> None:
    inside = {"total": 100, "resolved": 70, "in_progress": 25, "returned": 3}
    inside |= {"cancelled_or_withdrawn": 2, "paused_or_awaiting_supplement": 5}
    assert findings(block(**inside, paused_inside_in_progress=True), Check.categories) == []
    [finding] = findings(block(**inside), Check.categories)
    assert numbers(finding) == ("100", "105", "-5")
    assert "it is counted in progress already" in english(finding)


@pytest.mark.parametrize("parts", [(20, 5), (17, 3)])
def test_what_is_paused_may_stand_beside_or_within_what_is_in_process(
    parts: tuple[int, int],
) -> None:
    in_time, overdue = parts
    found = block(
        in_progress=25,
        in_progress_in_time=in_time,
        in_progress_overdue=overdue,
        paused_or_awaiting_supplement=5,
        paused_inside_in_progress=True,
    )
    assert findings(found, Check.in_progress) == []


def test_early_and_on_time_may_be_one_figure() -> None:
    together = {"early": ..., "on_time": ..., "early_and_on_time": 65}
    assert block(**but(**together)).findings == []
    [finding] = findings(block(**but(**together, overdue=6)), Check.resolved)
    assert numbers(finding) == ("70", "71", "-1")
    [finding] = findings(block(**but(early_and_on_time=66)), Check.timely)
    assert numbers(finding) == ("66", "65", "1")


def test_parts_of_which_one_is_missing_may_be_less_but_not_more() -> None:
    assert block(resolved=70, early=50).findings == []
    assert english(*unchecked(block(resolved=70, early=50), Check.resolved)) == (
        "not given: resolved on time, resolved overdue"
    )
    [finding] = findings(block(resolved=70, early=71), Check.resolved)
    assert numbers(finding) == ("70", "71", "-1")


def test_figures_that_follow_from_others_take_their_place() -> None:
    found = block(**but(total=..., resolved=..., in_progress=...))
    assert found.findings == []
    assert english(held(found, Check.categories)[0]).startswith("100 = 70 + 16 + 4 + 5 + 3 + 2")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"total": 12469, "carried_over": 20, "received": 12476}, "two digits are swapped"),
        ({"total": 12496, "carried_over": 21, "received": 12470}, "one digit is wrong"),
        ({"total": 1, "carried_over": 350, "received": 4000}, "the whole is 4,350"),
        ({"total": 120, "carried_over": 20, "received": 80}, "shortage is carried over itself"),
    ],
)
def test_the_likeliest_cause_is_named(changes: dict[str, int], words: str) -> None:
    [finding] = findings(block(**changes), Check.inflow)
    assert words in english(finding)


def test_no_cause_makes_a_figure_negative() -> None:
    [finding] = findings(block(total=1, carried_over=15, received=6), Check.inflow)
    assert "-" not in english(finding)


def test_the_parts_of_a_list_must_add_up() -> None:
    communes = {"excellent": 203, "good": 31, "done": 1}
    found = audit(lists=[{"name": "communes", "of": 204, "items": communes}])
    [finding] = found.findings
    assert (finding.place, *numbers(finding)) == ("communes", "204", "235", "-31")
    assert english(finding) == (
        "the surplus is good (31) itself: it may be counted within excellent already, which is "
        "then 172, not 203"
    )
    right = audit(lists=[{"name": "communes", "of": 204, "items": communes | {"excellent": 172}}])
    assert right.findings == []


def test_a_list_may_be_of_a_figure() -> None:
    late = [{"name": "late", "of": "b.overdue", "items": {"A": 3, "B": 2}}]
    assert audit(blocks={"b": WHOLE}, lists=late).findings == []
    late[0]["of"] = "b.on_time"
    [finding] = audit(blocks={"b": WHOLE}, lists=late).findings
    assert numbers(finding) == ("15", "5", "10")


@pytest.mark.parametrize(("score", "holds"), [(77.59, True), (77.8, True), (77.9, False)])
def test_scores_may_be_off_by_what_rounding_makes_of_them(score: float, holds: bool) -> None:
    groups = {"a": 10.5, "b": 19.5, "c": 8, "d": 8, "e": 18, "f": 13.5}  # 77.5, each ± 0.05
    found = audit(lists=[{"name": "index", "of": score, "items": groups}])
    assert (found.findings == []) is holds


def test_dossiers_may_not_be_off_at_all() -> None:
    assert audit(lists=[{"name": "n", "of": 10, "items": {"a": 5, "b": 6}}]).findings

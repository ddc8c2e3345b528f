"""The nine criteria score as TT 01/2018/TT-VPCP says, and as provinces vary them."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import named_window
from hoso.projections.documents.model import NO_DATA, Place, Points, Rounding, Values
from hoso.projections.reports.basis.bodies import whole_body
from hoso.projections.reports.basis.inputs import Catalogue, Entered, parse_catalogue, parse_inputs
from hoso.projections.reports.evaluation.profiles import ScorecardProfile, parse_scorecard_profile
from hoso.projections.reports.evaluation.scorecard import report
from hoso.projections.reports.evaluation.scorecard_points import Scorecard, scorecard_of
from tests.cubes import cube_of

QUARTER = named_window("2023-Q1")
NONE = Catalogue({})
HALF_ONLINE = parse_catalogue(
    "c",
    [
        {"procedure": "p1", "online": "1", "payable": ""},
        {"procedure": "p2", "online": "0", "payable": ""},
    ],
)


def profile(name: str) -> ScorecardProfile:
    file = Path(f"projections/reports/profiles/scorecard-{name}.yaml")
    return parse_scorecard_profile(name, yaml.safe_load(file.read_text("utf-8")))


CIRCULAR, PROVINCIAL = profile("tt01-2018"), profile("provincial")


def scored(
    *rows: dict[str, Any],
    used: ScorecardProfile = CIRCULAR,
    entered: dict[str, Any] | None = None,
    procedures: Catalogue = NONE,
) -> Scorecard:
    said = Entered.model_validate(entered or {})
    return scorecard_of(used, whole_body(cube_of(QUARTER, rows)), said, procedures)


def points(found: Scorecard) -> dict[int, Fraction]:
    return {number: each.points for number, each in found.criteria.items()}


@pytest.mark.parametrize(
    ("early", "on_time", "overdue", "score"),
    [
        (1, 0, 0, "2"),
        (0, 1, 0, "1"),
        (0, 0, 1, "0"),
        (1, 1, 0, "1.5"),
        (149, 2, 49, "1.5"),
        (148, 3, 49, "1.5"),  # 1.495
        (145, 0, 55, "1.5"),  # 1.45
        (1449, 0, 551, "1.4"),  # 1.449
        (0, 1, 1, "0.5"),
        (0, 49, 51, "0.5"),  # 0.49
        (0, 4, 96, "0"),  # 0.04
    ],
)
def test_time_is_early_2_on_time_1_late_0_on_average_to_one_decimal(
    early: int, on_time: int, overdue: int, score: str
) -> None:
    names = {"early": early, "on_time": on_time, "overdue": overdue}
    resolved = {f"resolved.{name}": number for name, number in names.items()}
    steps = {f"steps.{name}": number for name, number in names.items()}
    found = points(scored({**resolved, **steps}))
    assert (found[1], found[2]) == (Fraction(score), Fraction(score))


def test_provinces_keep_decimals_and_take_on_time_for_early() -> None:
    found = scored({"resolved.on_time": 2, "resolved.overdue": 1}, used=PROVINCIAL)
    assert points(found)[1] == Fraction("1.33")
    found = scored({"resolved.on_time": 2, "resolved.overdue": 1})
    assert points(found)[1] == Fraction("0.7")


def test_contacts_are_none_2_once_1_more_0() -> None:
    told = {"resolved.overdue": 10, "contacted.once": 4, "contacted.more": 3}
    assert points(scored(told, used=PROVINCIAL))[3] == 1  # 10 points of 10 dossiers
    assert points(scored({"resolved.overdue": 10}))[3] == 2


def test_bodies_contacted_are_entered() -> None:
    found = scored({"resolved.early": 1}, entered={"bodies": {"none": 1, "once": 2, "more": 1}})
    assert points(found)[4] == 1
    assert 4 not in scored({"resolved.early": 1}).criteria


def test_a_complaint_costs_what_the_dossier_would_earn() -> None:
    told = {
        "resolved.early": 3,
        "disputed.early": 1,
        "resolved.on_time": 2,
        "disputed.on_time": 1,
        "resolved.overdue": 1,
    }
    found = scorecard_of(
        PROVINCIAL.model_copy(update={"criteria": CIRCULAR.criteria}),
        whole_body(cube_of(QUARTER, [told])),
        Entered(),
        NONE,
    )
    assert points(found)[7] == Fraction("0.83")  # 5 points of 6 dossiers


@pytest.mark.parametrize("used", [CIRCULAR, PROVINCIAL])
@pytest.mark.parametrize(
    ("level", "decided", "served", "score"),
    [
        ("province", 20, 100, 2),
        ("province", "19.99", 100, 1),
        ("province", 100, "99.99", 0),
        ("district", 50, 100, 2),
        ("district", "49.99", 100, 1),
        ("commune", 100, 100, 2),
        ("commune", "99.99", 100, 1),
        (None, 20, 100, 1),  # a level that is not known is asked for the most
        (None, 100, 100, 2),
        ("province", None, 100, 1),
        ("province", None, 99, 0),
        ("province", 20, None, None),
        ("province", 19, None, None),
    ],
)
def test_the_one_stop_office_is_graded_by_what_it_serves_and_decides(
    used: ScorecardProfile,
    level: str | None,
    decided: str | int | None,
    served: str | int | None,
    score: int | None,
) -> None:
    entered = Entered.model_validate({"one_stop": served, "one_stop_decided": decided})
    body = whole_body(cube_of(QUARTER, [{"resolved.early": 1}]))
    found = points(scorecard_of(used, body, entered, NONE, level))
    assert found.get(5) == score


@pytest.mark.parametrize(
    ("posted", "electronic", "score"),
    [
        (100, 100, 2),
        (100, "99.99", 1),
        ("99.99", 100, 1),
        ("99.99", "99.99", 0),
        (100, None, 1),
        (None, 100, 1),
        (99, None, None),
    ],
)
def test_publication_is_graded_by_both_forms_or_one(
    posted: str | int | None, electronic: str | int | None, score: int | None
) -> None:
    entered = {"publication_posted": posted, "publication_electronic": electronic}
    assert points(scored({"resolved.early": 1}, entered=entered)).get(6) == score


@pytest.mark.parametrize(
    ("in_time", "late", "score"),
    [(0, 0, 2), (3, 0, 2), (9, 1, 1), (89, 10, 0), (90, 10, 1), (0, 1, 0)],
)
def test_complaints_are_graded_by_the_share_settled_in_time(
    in_time: int, late: int, score: int
) -> None:
    told = {"resolved.early": 1, "complaints.in_time": in_time, "complaints.late": late}
    assert points(scored(told))[8] == score
    assert points(scored(told, used=PROVINCIAL))[8] == score
    assert points(scored(told, entered={"complaints_protracted": 1}))[8] == 0
    assert points(scored(told, entered={"complaints_protracted": 0}))[8] == score


def test_complaints_are_known_from_facts_first_and_entered_otherwise() -> None:
    entered = {"complaints_in_time": 0}
    assert points(scored({"resolved.early": 1}, entered=entered))[8] == 0
    told = {"resolved.early": 1, "complaints.in_time": 3}
    assert points(scored(told, entered=entered))[8] == 2


@pytest.mark.parametrize(
    ("online", "in_person", "late", "score"),
    [
        (30, 70, 0, 2),
        (29, 71, 0, 1),
        (15, 85, 0, 1),
        (14, 86, 0, 0),
        (30, 70, 1, 0),
        (15, 85, 1, 0),
    ],
)
def test_online_service_is_of_procedures_dossiers_and_none_late(
    online: int, in_person: int, late: int, score: int
) -> None:
    rows = (
        {"channel": "online", "received": online, "in_progress.overdue": late},
        {"channel": "in_person", "received": in_person, "resolved.overdue": 5},
    )
    assert points(scored(*rows, procedures=HALF_ONLINE))[9] == score
    assert points(scored(*rows, entered={"procedures_online": 20}))[9] == score
    few = points(scored(*rows, entered={"procedures_online": "19.99"}))[9]
    assert few == min(score, 1)  # some procedures are enough for 1 point (art. 13.9b)
    assert points(scored(*rows, entered={"procedures_online": 0}))[9] == 0
    assert 9 not in scored(*rows).criteria


def test_what_a_committee_scored_counts_where_no_fact_is_known() -> None:
    said = {"points": {1: 0, 4: 2, 5: "1.5"}}
    found = points(scored({"resolved.early": 1}, entered=said))
    assert (found[1], found[4], found[5]) == (Fraction(2), Fraction(2), Fraction(3, 2))
    assert points(scored({"resolved.early": 1}, used=PROVINCIAL, entered=said))[5] == Fraction(3, 2)


def test_a_criterion_without_data_is_left_out_of_what_the_total_is_out_of() -> None:
    found = scored({"resolved.early": 1, "resolved.on_time": 2})
    assert points(found) == {1: Fraction("1.3"), 3: 2, 7: Fraction("1.3"), 8: 2}
    assert found.points == Fraction("6.6")
    assert found.out_of == 8
    assert found.total == Fraction("14.85")
    assert found.officials == Fraction("4.6") * 10 / 6


def test_with_all_nine_the_total_is_their_sum() -> None:
    found = scored(
        {"channel": "online", "received": 2, "resolved.early": 1, "steps.on_time": 1},
        entered={
            "bodies": {"once": 1},
            "one_stop": 100,
            "one_stop_decided": 100,
            "publication_posted": 100,
            "publication_electronic": 100,
            "complaints_in_time": 95,
            "procedures_online": 100,
        },
    )
    assert points(found) == {1: 2, 2: 1, 3: 2, 4: 1, 5: 2, 6: 2, 7: 2, 8: 1, 9: 2}
    assert found.total == found.points == 15
    assert found.out_of == 18
    assert found.officials == 8


def test_without_dossiers_to_score_there_is_no_total() -> None:
    entered = {"one_stop": 100, "publication_posted": 100}
    found = scored({}, entered=entered)
    assert found.points == 2
    assert found.total is None
    assert scored({}).criteria == {}


@pytest.mark.parametrize(
    ("total", "rank"),
    [
        ("18", "Xuất sắc"),
        ("15.0", "Xuất sắc"),
        ("14.99", "Tốt"),
        ("12.0", "Tốt"),
        ("11.99", "Khá"),
        ("9", "Khá"),
        ("8.99", "Trung bình"),
        ("6", "Trung bình"),
        ("5.99", "Yếu"),
        ("0", "Yếu"),
    ],
)
def test_a_bound_belongs_to_the_better_rank(total: str, rank: str) -> None:
    for used in (CIRCULAR, PROVINCIAL):
        found = used.ranking.rank(Fraction(total))
        assert found is not None
        assert found.vi == rank


@pytest.mark.parametrize(
    ("total", "rank"),
    [
        ("5", "100%"),
        ("4.99", "70% to below 100%"),
        ("3.5", "70% to below 100%"),
        ("3.49", "Below 70%"),
    ],
)
def test_officials_have_done_all_from_5_points_on(total: str, rank: str) -> None:
    found = CIRCULAR.officials.rank(Fraction(total))
    assert found is not None
    assert found.en == rank


NUMBERS = st.integers(0, 50)


@given(NUMBERS, NUMBERS, st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_who_resolves_a_late_dossier_early_instead_has_no_fewer_points(
    early: int, on_time: int, overdue: int
) -> None:
    names = {"resolved.early": early, "resolved.on_time": on_time, "resolved.overdue": overdue}
    better = {**names, "resolved.early": early + 1, "resolved.overdue": overdue - 1}
    for used in (CIRCULAR, PROVINCIAL):
        before, after = scored(names, used=used), scored(better, used=used)
        assert before.total is not None
        assert after.total is not None
        assert 0 <= before.total <= after.total <= 18


def test_the_report_has_a_row_for_each_body_and_counts_the_ranks() -> None:
    registry = AgencyRegistry(
        [
            Agency("H.1", "Sở A", "province", None),
            Agency("H.2", "Sở B", "province", None),
            Agency("H.3", "Sở C", "province", None),
            Agency("H.9", "UBND huyện", "district", None),
        ]
    )
    cube = cube_of(
        QUARTER,
        [
            {"agency": "H.1", "resolved.overdue": 1, "contacted.more": 1},
            {"agency": "H.2", "resolved.early": 1},
            {"agency": "H.9", "resolved.on_time": 1},
        ],
    )
    entered = parse_inputs("i", {"agencies": {"H.2": {"points": {5: 1}}, "H.77": {}}})
    found = report(cube, registry, entered, NONE, CIRCULAR)
    cards, _, ranks, _, criteria = found.tables()
    shown = Values(cards, Rounding())
    assert [row.key for row in cards.rows] == [
        *("province", "province/H.2", "province/H.1", "province/H.3"),
        *("district", "district/H.9"),
    ]
    assert shown[Place("province/H.2", "total")] == Decimal("16.20")
    assert shown[Place("province/H.2", "criterion.5")] == 1
    assert shown[Place("province/H.2", "criterion.2")] is None
    assert shown[Place("province/H.3", "rank")] == NO_DATA
    cell = [*cards.rows][1].cells["criterion.1"]
    assert isinstance(cell, Points)
    assert shown[Place("province/H.1", "criterion.8")] == 2
    assert cell.how is not None
    assert cell.how.vi == "(1 × 2) ÷ 1 = 2 → 2"
    counted = Values(ranks, Rounding())
    assert [counted[Place("province", f"rank.{n}")] for n in range(5)] == [1, 0, 0, 0, 1]
    assert counted[Place("province", "unranked")] == 1
    assert counted[Place("district", "rank.1")] == 1
    assert len(criteria.rows) == 9
    assert any("H.77" in note.en for note in cards.notes)

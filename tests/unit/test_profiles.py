"""Reading profiles and entered figures: a fault is one line."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from hoso.projections.reports.basis.inputs import (
    Catalogue,
    Procedure,
    parse_catalogue,
    parse_input_rows,
    parse_inputs,
)
from hoso.projections.reports.evaluation.profiles import (
    parse_index_profile,
    parse_scorecard_profile,
)

FOLDER = Path("projections/reports/profiles")


def document(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["index766-national", "index766-local", "index766-portal-2024"])
def test_the_index_is_100_points_and_the_groups_are_those_of_the_decision(name: str) -> None:
    profile = parse_index_profile(name, document(name))
    assert {group.key: group.max for group in profile.groups} == {
        "transparency": 18,
        "progress": 20,
        "online": 12,
        "payment": 10,
        "digitisation": 22,
        "satisfaction": 18,
    }
    assert [rank.at_least for rank in profile.ranking.ranks] == [90, 80, 70, 50, 0]


def test_digitisation_has_seven_parts_nationally_and_two_locally() -> None:
    for name, maxima in {
        "index766-national": [6, 4, 2, 2, 4, 2, 2],
        "index766-portal-2024": [6, 4, 2, 2, 4, 2, 2],
        "index766-local": [11, 11],
    }.items():
        groups = {group.key: group for group in parse_index_profile(name, document(name)).groups}
        assert [part.max for part in groups["digitisation"].parts] == maxima


@pytest.mark.parametrize("name", ["scorecard-tt01-2018", "scorecard-provincial"])
def test_the_scorecard_is_nine_criteria_and_18_points(name: str) -> None:
    profile = parse_scorecard_profile(name, document(name))
    assert [each.number for each in profile.criteria] == [*range(1, 10)]
    assert [rank.at_least for rank in profile.ranking.ranks] == [15, 12, 9, 6, 0]
    assert [rank.at_least for rank in profile.officials.ranks] == [5, Decimal("3.5"), 0]


def test_every_profile_says_where_each_constant_is_from_and_how_sure() -> None:
    for file in (*FOLDER.glob("index766-*.yaml"), *FOLDER.glob("scorecard-*.yaml")):
        told = yaml.safe_load(file.read_text("utf-8"))
        parts = [part for group in told.get("groups", []) for part in group["parts"]]
        for each in (*parts, *told.get("criteria", []), told["ranking"]):
            assert each["source"]
            assert each["certainty"] in {"text read", "second-hand", "inferred"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"extra": 1}, "p.yaml: extra: no such key: leave it out, or write it as the others are"),
        ({"out_of": 90}, "p.yaml: the groups give 100 points at most, out_of says 90: mend one"),
        ({"out_of": "many"}, "p.yaml: out_of: Input should be a valid decimal (given: 'many')"),
        ({"rate_places": -1}, "p.yaml: rate_places: Input should be greater than or equal to 0"),
        ({"groups": []}, "p.yaml: groups: Tuple should have at least 1 item"),
        ({"title": {"vi": "x"}}, "p.yaml: title.en: is missing: add it"),
    ],
)
def test_a_wrong_profile_is_refused_in_one_line(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=r"\.(yaml|csv):") as refused:
        parse_index_profile("p.yaml", document("index766-local") | change)
    assert str(refused.value).startswith(fault)
    assert "\n" not in str(refused.value)


def test_ranks_fall_to_0() -> None:
    told = document("index766-local")
    told["ranking"]["ranks"].reverse()
    with pytest.raises(
        ValueError, match=r"ranking\.ranks: the bounds do not fall to 0: begin with"
    ):
        parse_index_profile("p.yaml", told)


def test_a_key_that_stands_there_twice_is_refused() -> None:
    told = document("index766-local")
    told["groups"][0]["parts"][0]["key"] = "synced"
    with pytest.raises(ValueError, match="the part 'synced' is given twice: leave one out"):
        parse_index_profile("p.yaml", told)


def test_a_criterion_gives_points_for_each_case_and_no_more_than_it_has() -> None:
    told = document("scorecard-tt01-2018")
    told["criteria"][0]["points"] = {"early": 2}
    with pytest.raises(ValueError, match="other cases: write early, on_time, overdue"):
        parse_scorecard_profile("p.yaml", told)
    told["criteria"][0]["points"] = {"early": 3, "on_time": 1, "overdue": 0}
    with pytest.raises(ValueError, match="gives 3 points, max says 2: mend one"):
        parse_scorecard_profile("p.yaml", told)
    told["criteria"][0] = told["criteria"][1]
    with pytest.raises(ValueError, match="the criterion '2' is given twice"):
        parse_scorecard_profile("p.yaml", told)


@pytest.mark.parametrize(
    ("grades", "fault"),
    [
        ([], "p.yaml: criteria.4.one_stop.grades: Tuple should have at least 1 item"),
        (
            [{"points": 3, "at_least": {"one_stop": 100}}],
            "p.yaml: criteria.4.one_stop.grades: gives 3 points, max says 2: mend one",
        ),
        (
            [{"points": n, "at_least": {"one_stop": 100}} for n in (1, 2)],
            "p.yaml: criteria.4.one_stop.grades: the points of the grades do not fall: begin with",
        ),
        (
            [{"points": 2, "at_least": {"publication_posted": 100}}],
            "p.yaml: criteria.4.one_stop.grades: publication_posted is no rate of this measure:",
        ),
        (
            [{"points": 2, "at_least": {"one_stop": 101}}],
            "p.yaml: criteria.4.one_stop.grades.0.at_least.one_stop: Input should be less than or",
        ),
        (
            [{"points": 2, "level": "ward", "at_least": {"one_stop": 100}}],
            "p.yaml: criteria.4.one_stop.grades.0.level: Input should be 'province', 'district'",
        ),
    ],
)
def test_wrong_grades_are_refused_in_one_line(grades: list[dict[str, Any]], fault: str) -> None:
    told = document("scorecard-tt01-2018")
    told["criteria"][4]["grades"] = grades
    with pytest.raises(ValueError, match=r"p\.yaml:") as refused:
        parse_scorecard_profile("p.yaml", told)
    assert str(refused.value).startswith(fault)
    assert "\n" not in str(refused.value)


def test_officials_have_criteria_that_are_there() -> None:
    told = document("scorecard-tt01-2018")
    told["officials"]["criteria"] = [1, 10]
    with pytest.raises(ValueError, match="officials have the criterion 10, which is not there"):
        parse_scorecard_profile("p.yaml", told)


def test_what_is_no_document_is_refused() -> None:
    nothing: tuple[object, ...] = (None, [], "text")
    for each in nothing:
        with pytest.raises(ValueError, match=r"p\.yaml: is no table of keys"):
            parse_index_profile("p.yaml", each)


def test_inputs_are_of_the_whole_and_of_agencies() -> None:
    told = parse_inputs(
        "i.yaml",
        {
            "overall": {"published": 98.5},
            "agencies": {"H52.01": {"procedures_online": 85, "points": {4: 2}}},
        },
    )
    assert told.of(None).published == Decimal("98.5")
    assert told.of("H52.01").procedures_online == 85
    assert told.of("H52.01").points == {4: 2}
    assert told.of("H52.99").published is None
    assert parse_inputs("i.yaml", None).agencies == {}


@pytest.mark.parametrize(
    ("entered", "fault"),
    [
        ({"publised": 1}, "i.yaml: agencies.a.publised: no such key: leave it out"),
        ({"published": 101}, "i.yaml: agencies.a.published: Input should be less than or equal"),
        ({"published": True}, "i.yaml: agencies.a.published: Decimal input should be"),
        (
            {"published": "145/0"},
            "i.yaml: agencies.a.published: '145/0' is no part of a whole: write",
        ),
        (
            {"published": "3/2"},
            "i.yaml: agencies.a.published: '3/2' is no part of a whole: write a",
        ),
        ({"published": "1/2/3"}, "i.yaml: agencies.a.published: '1/2/3' is no part of a whole"),
        ({"published": "-1/2"}, "i.yaml: agencies.a.published: '-1/2' is no part of a whole"),
        (
            {"complaints_protracted": -1},
            "i.yaml: agencies.a.complaints_protracted: Input should be",
        ),
        ({"points": {4: 3}}, "i.yaml: agencies.a.points.4: Input should be less than or equal"),
        ({"bodies": {"once": -1}}, "i.yaml: agencies.a.bodies.once: Input should be greater than"),
    ],
)
def test_wrong_inputs_are_refused_in_one_line(entered: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=r"\.(yaml|csv):") as refused:
        parse_inputs("i.yaml", {"agencies": {"a": entered}})
    assert str(refused.value).startswith(fault)


def test_inputs_come_from_a_table_too() -> None:
    told = parse_input_rows(
        "i.csv",
        [
            {"agency": "", "published": "98,5", "points.4": "", "bodies.none": ""},
            {"agency": "H52.01", "published": "", "points.4": "2", "bodies.none": "7"},
            {"agency": "", "published": "", "points.4": "", "bodies.none": None},
        ],
    )
    assert told.overall.published == Decimal("98.5")
    assert told.of("H52.01").points == {4: 2}
    assert told.of("H52.01").bodies is not None


def test_a_rate_may_be_entered_as_a_part_of_a_whole() -> None:
    told = parse_input_rows(
        "i.csv", [{"agency": "", "fees_paid_online": "145/165", "published": "1 / 3"}]
    )
    assert told.overall.fees_paid_online == Fraction(14500, 165)
    assert told.overall.published == Fraction(100, 3)


def test_a_wrong_row_is_named() -> None:
    with pytest.raises(ValueError, match=r"i\.csv:3: agency 'a' is given twice"):
        parse_input_rows("i.csv", [{"agency": "a"}, {"agency": "a"}])
    with pytest.raises(ValueError, match=r"i\.csv:2: there is no column 'agency': add it"):
        parse_input_rows("i.csv", [{"published": "1"}])
    with pytest.raises(ValueError, match=r"i\.csv:2: publised: no such key"):
        parse_input_rows("i.csv", [{"agency": "a", "publised": "1"}])


def test_a_catalogue_says_what_is_offered_and_what_can_be_paid() -> None:
    told = parse_catalogue(
        "c.csv",
        [
            {"procedure": "p1", "online": "1", "payable": "x", "agency": "a"},
            {"procedure": "p1", "online": "0", "payable": "không", "agency": "b"},
            {"procedure": "p2", "online": "", "payable": "", "agency": ""},
        ],
    )
    p1, p2 = Procedure(True, True), Procedure(False, None)
    assert told.of(["a"]) == {"p1": p1, "p2": p2}
    assert told.of(["b"]) == {"p1": Procedure(False, False), "p2": p2}
    assert told.of(["a", "b"]) == told.of(None) == {"p1": p1, "p2": p2}
    assert Catalogue({}).of(None) == {}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            {"procedure": "p", "online": "maybe", "payable": ""},
            "online: 'maybe' is neither yes nor",
        ),
        ({"procedure": "", "online": "1", "payable": ""}, "procedure is empty: give its code"),
        ({"procedure": "p", "online": "1"}, "there is no column 'payable': add it"),
        ({"procedure": "p", "online": "1", "payable": "", "fee": "1"}, "no column 'fee': leave it"),
    ],
)
def test_a_wrong_catalogue_is_refused_in_one_line(row: dict[str, str], fault: str) -> None:
    with pytest.raises(ValueError, match=r"\.(yaml|csv):") as refused:
        parse_catalogue("c.csv", [row])
    assert str(refused.value).startswith(f"c.csv:2: {fault}")

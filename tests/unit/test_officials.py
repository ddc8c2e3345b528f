"""Officials are scored one by one, and counted by class in each body and level.

March 2023 begins on a Wednesday; five working days from the 1st end on the 8th.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import Window, named_window
from hoso.projections.documents.model import NO_DATA, Bilingual, Document, Place, Rounding, Values
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.schema import TEXT
from hoso.projections.reports.basis.periods import merge_periods, officials_cube, periods_of_ledger
from hoso.projections.reports.evaluation.profiles import ScorecardProfile, parse_scorecard_profile
from hoso.projections.reports.evaluation.scorecard_officials import OfficialScore, score_officials
from tests.engine import Json, ledger_of
from tests.filed import LEAST, filed
from tests.told import annulled, received, resolved, returned, said

QUARTER = named_window("2023-Q1")
MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
NOBODY = AgencyRegistry()
SON_LA = Path("tests/data/published/son-la-2023-q1.yaml")
Named = tuple[Json, str | None]


def profile() -> ScorecardProfile:
    file = Path("projections/reports/profiles/scorecard-tt01-2018.yaml")
    return parse_scorecard_profile("p", yaml.safe_load(file.read_text("utf-8")))


def ledger_naming(events: Sequence[Named]) -> Ledger:
    """The ledger of events, each with the official whom it names."""
    ledger = ledger_of([event for event, _ in events])
    named = {event["id"]: official for event, official in events}
    officials = pa.array([named[event] for event in ledger.log["id"].to_pylist()], TEXT)
    log = ledger.log
    if "official" in log.column_names:
        log = log.drop_columns(["official"])
    return ledger._replace(log=log.append_column("official", officials).combine_chunks())


def scores(events: Sequence[Named], window: Window = MARCH) -> dict[tuple[str, str], OfficialScore]:
    """The score of each official, by agency and code."""
    periods = periods_of_ledger(ledger_naming(events), [window])
    found = score_officials(profile(), officials_cube(periods, window, NOBODY))
    return {(each.agency, each.code): each for each in found}


def criteria(score: OfficialScore) -> dict[int, Fraction]:
    return {number: each.points for number, each in score.criteria.items()}


def life(code: str, day: str, official: str | None, **data: Any) -> list[Named]:
    """A dossier received on 1 March with five working days, and resolved by an official."""
    begun = received("2023-03-01", 5, code=code, **data)
    return [(begun, "desk"), (resolved(f"2023-03-{day}", code=code), official)]


def test_a_dossier_counts_for_whom_the_event_names_that_closed_it() -> None:
    found = scores(
        [
            *life("D1", "07", "cc1"),
            *life("D2", "08", "cc1"),
            *life("D3", "09", "cc2"),
            *life("D4", "07", None),
        ]
    )
    assert {code: criteria(each) for (_, code), each in found.items()} == {
        "cc1": {1: Fraction("1.5"), 3: 2, 7: Fraction("1.5")},
        "cc2": {1: 0, 3: 2, 7: 0},
    }
    assert found["so_tnmt", "cc1"].points == Fraction(5 * 10, 6)
    assert found["so_tnmt", "cc2"].points == Fraction(2 * 10, 6)


def test_a_step_counts_for_whom_the_event_names_that_ended_it_at_the_agency_of_the_step() -> None:
    begun = received("2023-03-01", 60)
    step = said("transferred", "2023-03-02", to_agency="so_xd", step=1, step_due="2023-03-06")
    done = said("step_done", "2023-03-06", step=1)
    found = scores([(begun, "desk"), (step, "cc1"), (done, "cc2")])
    assert {key: criteria(each) for key, each in found.items()} == {("so_xd", "cc2"): {2: 1}}
    assert found["so_xd", "cc2"].points == 5


def test_contacts_and_complaints_cost_points_of_whoever_resolved_it() -> None:
    contact = said("contacted", "2023-03-06", code="D1", reason="paper", applicant_fault=False)
    complaint = said("complained", "2023-03-20", code="D1", settled_in_time=True)
    found = scores(
        [*life("D1", "07", "cc1"), (contact, "cc2"), (complaint, "cc2"), *life("D2", "07", "cc2")]
    )
    assert criteria(found["so_tnmt", "cc1"]) == {1: 2, 3: 1, 7: 0}
    assert criteria(found["so_tnmt", "cc2"]) == {1: 2, 3: 2, 7: 2}


def test_what_was_returned_taken_back_or_resolved_in_another_window_counts_for_nobody() -> None:
    begun, end = received("2023-03-01", 5), resolved("2023-03-07")
    assert scores([(begun, "cc1"), (returned("2023-03-07"), "cc1")]) == {}
    taken_back = [(begun, None), (end, "cc1"), (annulled(end, "2023-03-08"), "cc1")]
    assert scores(taken_back) == {}
    again = [*taken_back, (resolved("2023-03-08"), "cc2")]
    assert [code for _, code in scores(again)] == ["cc2"]
    assert scores([(begun, None), (end, "cc1")], Window(date(2023, 4, 1), date(2023, 4, 30))) == {}
    too_late = [(begun, None), (end, "cc1"), (resolved("2023-03-09"), "cc2")]
    assert [code for _, code in scores(too_late)] == ["cc1"]  # the second one is in suspense


def test_the_same_code_at_two_agencies_is_two_officials() -> None:
    found = scores([*life("D1", "07", "cc1"), *life("D2", "09", "cc1", agency="so_xd")])
    assert {key: each.points for key, each in found.items()} == {
        ("so_tnmt", "cc1"): 10,
        ("so_xd", "cc1"): Fraction(20, 6),
    }


def test_officials_of_several_histories_add_up() -> None:
    one, other = life("D1", "07", "cc1"), life("D2", "08", "cc1")
    together = periods_of_ledger(ledger_naming([*one, *other]), [MARCH])
    merged = merge_periods(
        [periods_of_ledger(ledger_naming(each), [MARCH]) for each in (one, other)]
    )
    cubes = [officials_cube(each, MARCH, NOBODY) for each in (together, merged)]
    assert cubes[0].sum("resolved.early") == cubes[1].sum("resolved.early") == 1
    assert score_officials(profile(), cubes[0]) == score_officials(profile(), cubes[1])


@pytest.mark.parametrize(
    ("days", "done"),
    [
        (["07"], "Mức 100%"),
        (["09"], "Dưới 70%"),
        (["08", "09"], "Mức 100%"),  # 0.5 + 2 + 0.5 of 6: 5 of 10
        (["08", "09", "09"], "Từ 70% đến dưới 100%"),  # 0.3 + 2 + 0.3 of 6
    ],
)
def test_an_official_has_the_class_of_the_circular(days: list[str], done: str) -> None:
    events = [each for n, day in enumerate(days) for each in life(f"D{n}", day, "cc1")]
    [score] = scores(events).values()
    rank = profile().officials.rank(score.points)
    assert rank is not None
    assert rank.vi == done


# The report


def son_la(counts: Mapping[str, int]) -> list[Named]:
    """A dossier for each official of Sơn La, resolved early at an agency of that level."""
    events = []
    for level, officials in counts.items():
        for number in range(officials):
            agency = f"{level}.{number % 12}"
            code, official = f"D-{level}-{number}", f"cc{number:03}"
            events += life(code, "07", official, agency=agency, level=level)
    return events


def scorecard(
    events: Sequence[Named], registry: AgencyRegistry = NOBODY, *, listed: bool = False
) -> Document:
    given = LEAST._replace(registry=registry, list_officials=listed)
    return filed(ledger_naming(events), QUARTER, given, ["scorecard"])["scorecard"]


def cells(document: Document, key: str) -> Mapping[Place, Any]:
    [table] = [each for each in document.tables() if each.key == key]
    return Values(table, Rounding())


def test_son_la_s_officials_have_all_done_their_duty_16_98_and_632_of_them() -> None:
    published = yaml.safe_load(SON_LA.read_text("utf-8"))["evaluation"]["officials"]
    assert published == {"province": 16, "district": 98, "commune": 632}
    found = cells(scorecard(son_la(published)), "officials")
    for level, number in published.items():
        assert found[Place(level, "scored")] == found[Place(level, "class.0")] == number
        assert found[Place(level, "class.1")] == found[Place(level, "class.2")] == 0
        assert found[Place(level, "classes")] == Bilingual(
            f"{number}/{number} công chức hoàn thành 100% nhiệm vụ",
            f"{number}/{number} officials did 100% of their duty",
        )
    assert found[Place("whole", "scored")] == 16 + 98 + 632


def test_a_body_s_row_counts_the_officials_of_all_bodies_under_it() -> None:
    registry = AgencyRegistry(
        [
            Agency("H", "UBND huyện", "district", None),
            Agency("X", "UBND xã", "commune", "H"),
            Agency("Y", "UBND xã khác", "commune", "H"),
        ]
    )
    events = [
        *life("D1", "07", "cc1", agency="H"),
        *life("D2", "07", "cc1", agency="X"),
        *life("D3", "09", "cc2", agency="X"),
        *life("D4", "09", None, agency="Y"),
    ]
    document = scorecard(events, registry)
    found = cells(document, "scorecard")
    assert [found[Place("district/H", f"class.{n}")] for n in range(3)] == [2, 0, 1]
    assert [found[Place("commune/X", f"class.{n}")] for n in range(3)] == [1, 0, 1]
    assert found[Place("commune/X", "classes")].vi == (
        "1/2 công chức hoàn thành 100% nhiệm vụ; 1/2 công chức hoàn thành dưới 70% nhiệm vụ"
    )
    assert found[Place("commune/Y", "scored")] is None
    assert found[Place("commune/Y", "classes")] == NO_DATA
    by_level = cells(document, "officials")
    assert by_level[Place("district", "scored")] == 1
    assert by_level[Place("commune", "scored")] == 2
    [table] = [each for each in document.tables() if each.key == "officials"]
    assert any(note.en.endswith("count for nobody: 1.") for note in table.notes)


def test_codes_are_listed_only_where_that_was_asked_for() -> None:
    events = [*life("D1", "07", "cc-7"), *life("D2", "09", "cc-8")]
    assert "cc-7" not in repr(scorecard(events))
    listed = scorecard(events, listed=True)
    found = cells(listed, "official_scores")
    assert found[Place("None/so_tnmt/cc-7", "official")] == "cc-7"
    assert found[Place("None/so_tnmt/cc-7", "points")] == 10
    assert found[Place("None/so_tnmt/cc-8", "criterion.3")] == 2
    assert found[Place("None/so_tnmt/cc-8", "class")].vi == "Dưới 70%"
    assert found[Place("None/so_tnmt/cc-8", "criterion.2")] is None


def test_where_no_event_names_an_official_nobody_is_scored() -> None:
    document = scorecard(life("D1", "07", None))
    assert cells(document, "officials")[Place("whole", "scored")] is None
    [table] = [each for each in document.tables() if each.key == "officials"]
    assert any(note.en.startswith("No event names an official") for note in table.notes)
    assert cells(document, "scorecard")[Place("None/so_tnmt", "officials")] == 10

"""How many of the faults that were planted does each check of integrity find?

A province with the faults of the example profile is simulated by the command, and measured by the
command; the reference knows the exact checks by heart (tests.patterns).
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from hoso.projections.kernels.checks import CHECKS
from tests.command import answered, asked

PROFILE = str(Path(__file__).parents[1] / "data" / "faults" / "profile.yaml")
DAYS = ("--from", "2024-12-15", "--to", "2026-11-29")
EXACT = [check for check in CHECKS if check not in ("burst", "last_day")]
CATALOGUE = ("--procedures", "catalogue.csv")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province with planted faults."""
    folder = tmp_path_factory.mktemp("province")
    made = ("--dossiers", "12000", "--seed", "1", *DAYS, *CATALOGUE, "--out", "events.jsonl")
    asked(folder, "simulate", *made, "--faults", PROFILE, "--planted", "planted.csv")
    return folder


def measured(folder: Path, *options: str) -> dict[str, Any]:
    """Each check's numbers, by its name."""
    question = ("--source", "events.jsonl", "--planted", "planted.csv")
    answer = asked(folder, "integrity", *question, *CATALOGUE, "--format", "json", *options)
    return {line["check"]: line for line in orjson.loads(answer)}


def test_every_exact_check_finds_all_that_was_planted(province: Path) -> None:
    found = measured(province, *DAYS)
    assert list(found) == list(CHECKS)
    for check in EXACT:
        numbers = found[check]
        assert numbers["planted"] > 5, check
        assert numbers["recall"] == 100, numbers
        assert numbers["planted"] == numbers["both"] <= numbers["found"]
        assert numbers["precision"] == round(100 * numbers["both"] / numbers["found"], 2)


def test_bursts_are_found_and_last_days_where_they_are_no_habit(province: Path) -> None:
    assert measured(province, *DAYS)["burst"]["recall"] == 100
    last_days = measured(province, "--window", "2026-M09")["last_day"]
    assert last_days["planted"] > 10
    assert last_days["recall"] == 100


def test_without_a_catalogue_there_is_nothing_to_compare_and_no_share(province: Path) -> None:
    question = ("--source", "events.jsonl", "--planted", "planted.csv", *DAYS, "--format", "csv")
    answer = asked(province, "integrity", *question)
    [row] = [
        row for row in csv.DictReader(io.StringIO(answer)) if "allowance_differs" in row.values()
    ]
    assert row["planted"] != "0"
    assert (row["found"], row["recall"], row["precision"]) == ("", "", "")


def test_where_nothing_is_planted_at_all_there_is_no_share(province: Path) -> None:
    (province / "none.csv").write_text("check,dossier,day\n", encoding="utf-8")
    question = ("--source", "events.jsonl", "--planted", "none.csv", *DAYS)
    rows = json.loads(asked(province, "integrity", *question, "--format", "json"))
    assert any(row["found"] for row in rows)
    assert {(row["recall"], row["precision"]) for row in rows} == {(None, None)}
    assert "0,00" not in asked(province, "integrity", *question)


def test_the_table_says_what_recall_and_precision_are(province: Path) -> None:
    question = ("--source", "events.jsonl", "--planted", "planted.csv", *DAYS)
    vietnamese = asked(province, "integrity", *question)
    assert "Độ phủ" in vietnamese
    assert "100,00" in vietnamese
    assert "Recall" in asked(province, "integrity", *question, "--lang", "en")


@pytest.mark.parametrize(
    ("listed", "options", "fault"),
    [
        ("check,dossier\nburst,A", (), "l.csv:1: there is no column 'day': add it"),
        ("check,dossier,day\nlies,A,2026-01-01", (), "l.csv:2: no check 'lies'; use paused"),
        ("check,dossier,day\nburst,A,soon", (), "l.csv:2: day:"),
        ("check,dossier,day", ("--under", "H52"), "leave --slice and --under out"),
        ("check,dossier,day", ("--slice", "channel=online"), "leave --slice and --under out"),
    ],
)
def test_a_list_that_is_none_is_one_line(
    listed: str, options: tuple[str, ...], fault: str, tmp_path: Path
) -> None:
    (tmp_path / "l.csv").write_text(listed, encoding="utf-8")
    asked(tmp_path, "simulate", "--dossiers", "9", *DAYS, "--out", "e.jsonl")
    question = ("--source", "e.jsonl", *DAYS, "--planted", "l.csv")
    outcome = answered(tmp_path, "integrity", *question, *options)
    assert outcome.status == 2
    assert fault in outcome.err
    assert outcome.err.count("\n") == 1

"""Small inputs as real systems send them: each one comes out right.

tests/data/cases has them by name.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from hoso.domain.errors import UserError
from tests.command import asked, hoso

AGENCY = "Sở Tài nguyên và Môi trường"
SPELLINGS = 6  # of it
CASES = Path(__file__).parents[1] / "data" / "cases"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for case in CASES.glob("*.jsonl"):
        (tmp_path / case.name).write_bytes(case.read_bytes())
    return tmp_path


def stated(folder: Path, case: str, *question: str) -> Any:
    return json.loads(asked(folder, "statement", "--source", case, *question, "--format", "json"))


def test_one_name_in_several_spellings_is_one_slice(folder: Path) -> None:
    events = (folder / "nfd.jsonl").read_text(encoding="utf-8").strip().split("\n")
    assert len({json.loads(event)["data"]["agency"] for event in events[:SPELLINGS]}) == SPELLINGS
    (folder / "nfd.jsonl").write_text("\n".join(events[:SPELLINGS]))
    document = stated(folder, "nfd.jsonl", "--window", "2023", "--by", "agency")
    assert [line["slice"] for line in document["lines"]] == [{"agency": AGENCY}]


def test_what_turns_a_text_around_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"nfd\.jsonl:7: data\.agency: String should match pattern"):
        stated(folder, "nfd.jsonl", "--window", "2023", "--by", "agency")


def test_an_end_dated_at_midnight_of_the_day_of_reception_closes(folder: Path) -> None:
    window = ("--from", "2011-06-01", "--to", "2011-06-30")
    document = stated(folder, "real_same_day_end.jsonl", *window)
    assert document["suspense"] == {"events": 0, "dossiers": 0}
    assert document["total"]["resolved"]["early"] == 1
    assert document["total"]["carried_forward"] == 0


def test_a_window_that_is_not_over_tells_of_no_day_to_come(folder: Path) -> None:
    question = ("--window", "2026-Q4", "--as-of", "2026-11-28T12:00:00+07:00")
    document = stated(folder, "unfinished_window.jsonl", *question)
    assert document["window"]["until"] == "2026-11-28"
    assert document["total"]["in_progress"] == {"in_time": 1, "overdue": 0, "total": 1}
    later = stated(
        folder,
        "unfinished_window.jsonl",
        "--window",
        "2026-Q4",
        "--as-of",
        "2026-12-14T12:00:00+07:00",
    )
    assert later["total"]["in_progress"]["overdue"] == 1


@pytest.mark.parametrize("case", ["c1_control", "c1"])
def test_controls_are_refused(folder: Path, case: str) -> None:
    with pytest.raises(UserError, match="should match pattern"):
        stated(folder, f"{case}.jsonl", "--window", "2023")


def test_a_supplement_that_never_comes_stays_in_time(folder: Path) -> None:
    document = stated(folder, "p2_doc29.jsonl", "--window", "2023")
    assert document["total"]["awaiting_supplement"]["in_time"] == 1
    warned = json.loads(asked(folder, "check", "p2_doc29.jsonl", "--format", "json"))["warnings"]
    assert [one["name"] for one in warned] == ["long_open"]


def test_two_sources_add_up(folder: Path) -> None:
    both = ("--source", "two_sources_b.jsonl", "--window", "2023")
    document = stated(folder, "two_sources_a.jsonl", *both)
    assert document["total"]["received"] == 3


def test_dossiers_that_share_ids_are_told_wherever_events_come_in(folder: Path) -> None:
    """Ids that are unique only within a dossier: one dossier is in no figure."""
    case = "p2_ids_per_dossier.jsonl"
    for command in (["ingest", case], ["statement", "--source", case, "--window", "2023"]):
        outcome = hoso(folder, *command)
        *conflicts, summary = outcome.err.splitlines()
        assert outcome.status == 1
        assert all(line.startswith("conflict: ") and "I-2" in line for line in conflicts)
        assert summary.startswith("2 events with the (source, id) of another event")
    checked = json.loads(hoso(folder, "check", case, "--format", "json").out)
    assert [(e["line"], e["dossier"], e["id"]) for e in checked["conflicts"]["found"]] == [
        (f"{case}:3", "I-2", "1"),
        (f"{case}:4", "I-2", "2"),
    ]
    told = json.loads(asked(folder, "status", "--format", "json"))["conflicts"]
    assert told["events"] == 2
    assert told["examples"][0] == {
        "source": "/t",
        "id": "1",
        "dossier": "I-2",
        "first_dossier": "I-1",
    }
    text = asked(folder, "status", "--lang", "en")
    assert "Events with the (source, id) of another event" in text


def test_no_text_of_an_office_is_a_formula(folder: Path) -> None:
    hoso(folder, "ingest", "excel.jsonl")  # one of its names is a tab: a reject
    for command in (
        ("statement", "--window", "2023-Q1", "--by", "agency,field,procedure"),
        ("dossiers", "--window", "2023-Q1", "--account", "received"),
        ("register",),
    ):
        asked(folder, *command, "--out", "cells.csv")
        raw = (folder / "cells.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        cells = [cell for row in csv.reader(raw.decode("utf-8-sig").splitlines()) for cell in row]
        assert {"'=1+1", "'=1+2"} & {*cells}
        assert not [cell for cell in cells if cell[:1] in "=+@" and cell]


@pytest.mark.parametrize(
    ("case", "reasons"), [("year0", ["time", "recordedtime"]), ("due9999", ["data.due"])]
)
def test_days_that_no_report_covers_are_refused(
    folder: Path, case: str, reasons: list[str]
) -> None:
    outcome = hoso(folder, "ingest", f"{case}.jsonl")
    told = [line.removeprefix("rejected: ") for line in outcome.err.splitlines()[:-1]]
    assert outcome.status == 1
    for line, reason in zip(told, reasons, strict=False):
        assert f": {reason}: the year is not within 1900 to 2199" in line

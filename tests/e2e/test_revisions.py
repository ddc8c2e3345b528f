"""Does the command say what is different in a release today, and why, as the contract has it?"""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest

from hoso.projections.documents.figures import figure
from tests.command import done, hoso
from tests.releasing import WINDOW, ReleasingOffice

Json = dict[str, Any]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ReleasingOffice:
    """An office that released two reports, after which nothing happened."""
    made = ReleasingOffice(tmp_path_factory.mktemp("office"))
    made.release("stated", "statement", by=("agency",))
    made.release("summed", options={"registry": str(made.folder / "agencies.csv")})
    return made


@pytest.fixture(scope="module")
def later(office: ReleasingOffice) -> list[Json]:
    """The events of which the office learns afterwards: one is taken back, and one comes late."""
    events = [json.loads(line) for line in (office.folder / "events.jsonl").open()]
    days = tuple(map(str, WINDOW))
    within = [event for event in events if days[0] <= event["time"][:10] <= days[1]]
    resolved = next(e for e in within if e["type"] == "dossier.resolved.v1")
    received = next(e for e in within if e["type"] == "dossier.received.v1")
    annulled = {"event_id": resolved["id"], "reason": "wrong_dossier"}
    told = [
        resolved | {"id": "back", "type": "dossier.annulled.v1", "data": annulled},
        received | {"id": "late", "subject": "000.00.00.H52-260701-9999"},
    ]
    lines = "".join(json.dumps(event) + "\n" for event in told)
    (office.folder / "later.jsonl").write_text(lines, "utf-8")
    return told


def changed(office: ReleasingOffice, release: str) -> list[Json]:
    """The changes that the command finds in a release."""
    outcome = hoso(office.folder, "revisions", release, "--format", "json")
    assert (outcome.status, outcome.err) == (1, "")
    changes: list[Json] = json.loads(outcome.out)["changes"]
    return changes


def test_nothing_changed_is_said_and_no_fault(office: ReleasingOffice) -> None:
    for release in ("stated", "summed"):
        assert (
            json.loads(done(office.folder, "revisions", release, "--format", "json"))["changes"]
            == []
        )
    assert "Không có số liệu nào thay đổi" in done(office.folder, "revisions", "stated")


def test_a_statement_names_the_dossiers_and_events_of_each_difference(
    office: ReleasingOffice, later: list[Json]
) -> None:
    done(office.folder, "ingest", "later.jsonl")
    released = json.loads((office.folder / "stated" / "statement.json").read_bytes())
    days = ("--from", str(WINDOW.first), "--to", str(WINDOW.last))
    now = json.loads(done(office.folder, "statement", *days, "--by", "agency", "--format", "json"))
    own = {event["id"]: event for event in later}
    changes = changed(office, "stated")
    for change in (change for change in changes if not change["slice"]):
        assert change["released"] == figure(released["total"], change["figure"])
        assert change["now"] == figure(now["total"], change["figure"])
    for change in changes:
        assert change["parts"] == {"data": change["difference"], "law": 0, "program": 0}
        assert sum(each["net"] for each in change["dossiers"]) == change["difference"]
        for dossier in change["dossiers"]:
            for event in dossier["events"]:
                assert own[event["id"]]["subject"] == dossier["dossier"]
                assert own[event["id"]]["source"] == event["source"]
    assert {"received", "resolved.total"} <= {change["figure"] for change in changes}


def test_a_report_is_explained_cell_by_cell(office: ReleasingOffice, later: list[Json]) -> None:
    codes = {event["subject"] for event in later}
    changes = changed(office, "summed")
    assert {change["report"] for change in changes} == {"summary"}
    assert {change["table"] for change in changes} > {"summary"}
    for change in changes:
        assert {each["dossier"] for each in change["dossiers"]} <= codes
        assert change["dossiers"]


def test_papers_name_each_table_once_and_rows_by_their_labels(
    office: ReleasingOffice, tmp_path: Path
) -> None:
    file = tmp_path / "revisions.docx"
    assert hoso(office.folder, "revisions", "summed", "--out", str(file)).status == 1
    table = next(t for t in docx.Document(str(file)).tables if t.cell(0, 0).text == "Ở đâu")
    rows = [(row.cells[0].text, row.cells[1].text) for row in table.rows]
    titles = [where for where, figure in rows if not figure]
    assert titles[:2] == [
        "Tóm tắt tình hình giải quyết hồ sơ toàn tỉnh (summary)",
        "Dấu hiệu bất thường (summary)",
    ]
    assert len({*titles}) == len(titles)
    assert ("Cấp tỉnh", "Tiếp nhận trong kỳ") in rows
    keys = {change["row"] for change in changed(office, "summed")}
    assert not keys & {where for where, _ in rows}


def test_the_same_is_told_on_every_paper(office: ReleasingOffice, tmp_path: Path) -> None:
    number = len(changed(office, "stated"))
    rows = hoso(office.folder, "revisions", "stated", "--format", "csv").out.removeprefix("\ufeff")
    assert len([*csv.DictReader(io.StringIO(rows))]) == number
    for ending in ("xlsx", "html", "docx"):
        file = tmp_path / f"revisions.{ending}"
        assert hoso(office.folder, "revisions", "stated", "--out", str(file)).status == 1
    told = [each.text for each in docx.Document(str(tmp_path / "revisions.docx")).paragraphs]
    start = next(n for n, text in enumerate(told) if text.startswith("Báo cáo phát hành số 1"))
    assert told[start + 1].startswith("Nguyên nhân: 2 hồ sơ có 2 sự kiện ghi nhận sau")
    assert "thay thế báo cáo số 1" in told[start + 2]


def test_a_log_that_is_shorter_cannot_explain_it(office: ReleasingOffice, tmp_path: Path) -> None:
    done(tmp_path, "simulate", "--dossiers", "3", "--seed", "1", "--out", "few.jsonl")
    outcome = hoso(office.folder, "revisions", "stated", "--source", str(tmp_path / "few.jsonl"))
    assert outcome.status == 2
    assert "name the log that it was released from" in outcome.err


def test_a_body_of_which_nothing_was_known_has_its_reports_by_data_alone(tmp_path: Path) -> None:
    office = ReleasingOffice(tmp_path, dossiers=20)
    options = {"registry": str(tmp_path / "agencies.csv"), "each": "province"}
    office.release("each", options=options)
    assert json.loads(done(tmp_path, "revisions", "each", "--format", "json"))["changes"] == []
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").open()]
    received = next(event for event in events if event["type"] == "dossier.received.v1")
    late = received | {
        "id": "late",
        "subject": "000.00.00.H52-260701-9999",
        "time": f"{WINDOW.first}T08:00:00+07:00",
        "data": received["data"] | {"agency": "H52.99", "level": "province"},
    }
    (tmp_path / "later.jsonl").write_text(json.dumps(late) + "\n", "utf-8")
    done(tmp_path, "ingest", "later.jsonl")
    changes = changed(office, "each")
    assert {change["report"] for change in changes} == {"H52.99/summary"}
    for change in changes:
        assert change["parts"]["program"] in (0, None)
        assert [each["dossier"] for each in change["dossiers"]] == [late["subject"]]


def test_a_merger_since_the_release_moves_nothing(tmp_path: Path) -> None:
    office = ReleasingOffice(tmp_path, dossiers=20)
    agencies = tmp_path / "agencies.csv"
    own = next(line for line in agencies.read_text().splitlines() if line.startswith("H52.08,"))
    merged = own.removesuffix(",,,") + ",,2026-10-31,H52.05"
    agencies.write_text(agencies.read_text().replace(own, merged))
    options = {"registry": str(agencies), "roll_up": "now"}
    day = datetime(2026, 9, 20, tzinfo=UTC)
    office.release("ranked", "index766", now=day, as_of=day, options=options)
    office.release("stated", "statement", now=day, as_of=day, by=("agency",), options=options)
    for release in ("ranked", "stated"):
        found = done(tmp_path, "revisions", release, "--format", "json")
        assert json.loads(found)["changes"] == []

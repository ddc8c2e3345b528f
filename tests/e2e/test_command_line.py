"""Does each command do what the contract's section 8 says, run as people run it?"""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hoso.tools.jobs.report import KINDS
from tests.command import SPAN, done, hoso

Json = dict[str, Any]

QUARTER_1 = ("--window", "2023-Q1")
EVENTS = "events.jsonl"
PUBLISHED = Path(__file__).parents[1] / "data" / "published"
MADE = ("--dossiers", "300", "--seed", "7", *SPAN)

TIMELINESS = {"early": 0, "on_time": 0, "overdue": 0, "total": 0}
OPEN = {"in_time": 0, "overdue": 0, "total": 0}
FIGURES: Json = {
    "carried_over": 0,
    "received": 0,
    "transferred": {"in": 0, "out": 0},
    "total": 0,
    "resolved": TIMELINESS,
    "returned": TIMELINESS,
    "cancelled": {"withdrawn": 0, "voided": 0, "total": 0},
    "in_progress": OPEN,
    "awaiting_supplement": OPEN,
    "paused": OPEN,
    "carried_forward": 0,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of events and a store, ``hoso.db``, that holds the same."""
    folder = tmp_path_factory.mktemp("office")
    assert done(folder, "simulate", *MADE, "--out", EVENTS) == ""
    count = len((folder / EVENTS).read_bytes().splitlines())
    assert f" {count:,} events recorded" in done(folder, "ingest", EVENTS)
    return folder


@pytest.fixture(scope="module")
def quarter(office: Path) -> Json:
    """The statement of the store."""
    return stated(office)


def stated(folder: Path, *arguments: str, **settings: Any) -> Json:
    """A statement of quarter 1, as JSON."""
    command = ("statement", *QUARTER_1, "--format", "json", *arguments)
    document: Json = json.loads(done(folder, *command, **settings))
    return document


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def zeroed(figures: Any) -> Any:
    """The same document with every figure 0."""
    if isinstance(figures, dict):
        return {name: zeroed(part) for name, part in figures.items()}
    return 0 if isinstance(figures, int) else figures


def flat(figures: Json) -> dict[str, str]:
    """Figures by their dotted names, as text."""
    whole = {name: str(value) for name, value in figures.items() if isinstance(value, int)}
    for group, parts in figures.items():
        if isinstance(parts, dict) and group != "slice":
            whole |= {f"{group}.{part}": str(value) for part, value in parts.items()}
    return whole


def test_the_same_seed_gives_the_same_bytes(office: Path, tmp_path: Path) -> None:
    events = (office / EVENTS).read_text()
    assert done(tmp_path, "simulate", *MADE, "--out", "-") == events
    assert done(tmp_path, "simulate", *MADE[:2], "--seed", "8", *SPAN, "--out", "-") != events
    assert not list(tmp_path.iterdir())


def test_with_facts_the_same_lives_are_simulated(office: Path, tmp_path: Path) -> None:
    done(tmp_path, "simulate", *MADE, "--facts", "--out", EVENTS)
    without = (office / EVENTS).read_bytes().splitlines()
    told = (tmp_path / EVENTS).read_bytes().splitlines()
    lives = set(without)
    assert [line for line in told if line in lives] == without
    assert b"dossier.paid.v1" in b"".join(told)
    assert stated(tmp_path, "--source", EVENTS) == stated(office, "--source", EVENTS)
    done(tmp_path, "simulate", *MADE, "--facts", "--format", "archive", "--out", "archive")
    paid = ("dossiers", *QUARTER_1, "--source", "archive", "--account", "payments.online")
    assert rows(done(tmp_path, *paid, "--format", "csv"))


def test_file_standard_input_and_store_give_the_same_statement(
    office: Path, quarter: Json, tmp_path: Path
) -> None:
    assert quarter["total"]["received"] > 0
    assert stated(office, "--source", EVENTS) == quarter
    assert stated(tmp_path, HOSO_STORE=f"sqlite:///{office / 'hoso.db'}") == quarter
    arguments = ("statement", *QUARTER_1, "--format", "json", "--source", "-")
    assert json.loads(done(tmp_path, *arguments, stdin=(office / EVENTS).read_bytes())) == quarter


def test_a_statement_as_json_has_the_form_of_the_contract(office: Path) -> None:
    document = stated(office, "--by", "channel,level", "--supplement-limit", "3")
    assert list(document) == [
        *("window", "as_of", "by", "law", "calendar", "attribution", "lines", "total"),
        *("suspense", "digest"),
    ]
    days = {"from": "2022-12-15", "to": "2023-03-14", "until": "2023-03-14"}
    assert document["window"] == days
    assert (document["as_of"], document["by"]) == (None, ["channel", "level"])
    law = document["law"]
    assert isinstance(law.pop("edition"), str)
    assert law == {"regime": "in_force", "as_of": None, "pinned": {"supplement_limit": 3}}
    assert document["attribution"] == "held"
    assert list(document["calendar"]) == ["version"]
    assert zeroed(document["total"]) == FIGURES
    slices = [line.pop("slice") for line in document["lines"]]
    assert {tuple(one) for one in slices} == {("channel", "level")}
    assert slices == sorted(slices, key=lambda one: (one["channel"], one["level"]))
    assert [zeroed(line) for line in document["lines"]] == [FIGURES] * len(slices)
    assert zeroed(document["suspense"]) == {"events": 0, "dossiers": 0}


def test_the_digest_is_that_of_the_canonical_json(quarter: Json) -> None:
    document = {name: part for name, part in quarter.items() if name != "digest"}
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert quarter["digest"] == f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def test_without_slices_there_is_one_line_with_an_empty_slice(quarter: Json) -> None:
    assert quarter["lines"] == [{"slice": {}, **quarter["total"]}]


def test_csv_has_the_figures_of_the_lines(office: Path) -> None:
    arguments = ("--by", "field,channel")
    text = done(office, "statement", *QUARTER_1, *arguments, "--format", "csv")
    moved = "carried_over,received,transferred.in,transferred.out,total"
    heading = f"\ufefffield,channel,{moved},resolved."
    assert text.splitlines()[0].startswith(heading)
    lines = stated(office, *arguments)["lines"]
    assert rows(text) == [line["slice"] | flat(line) for line in lines]


def test_a_table_speaks_vietnamese(office: Path, quarter: Json) -> None:
    text = done(office, "statement", *QUARTER_1)
    assert "15/12/2022 – 14/03/2023" in text
    headings = ("Kỳ trước chuyển sang", "Tiếp nhận trong kỳ", "Đã giải quyết", "Chuyển kỳ sau")
    assert all(heading in text for heading in (*headings, "quá hạn", "Chờ bổ sung", "Tổng"))
    [received] = [line for line in text.splitlines() if "│ received" in line]
    assert f" {quarter['total']['received']} │" in received
    assert quarter["digest"] in text


def test_a_table_of_many_slices_has_a_row_for_each(office: Path) -> None:
    lines = stated(office, "--by", "agency,channel")["lines"]
    text = done(office, "statement", *QUARTER_1, "--by", "agency,channel")
    assert len(lines) > 6
    assert all(f"│ {line['slice']['agency']} " in text for line in lines)
    assert all(words in text for words in ("│ Trực tiếp", "│ Tổng"))
    third = [re.split("[│├]", line)[3].strip() for line in text.splitlines() if line[:1] == "│"]
    assert "Kỳ trước chuyển sang" in " ".join(third)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2023-Q1", "2022-12-15", "2023-03-14"),
        ("2023-Q2", "2023-03-15", "2023-06-14"),
        ("2023-Q3", "2023-06-15", "2023-09-14"),
        ("2023-Q4", "2023-09-15", "2023-12-14"),
        ("2023-H1", "2022-12-15", "2023-06-14"),
        ("2023-9M", "2022-12-15", "2023-09-14"),
        ("2023", "2022-12-15", "2023-12-14"),
        ("2024-02", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_named_window_has_its_days(tmp_path: Path, name: str, first: str, last: str) -> None:
    arguments = ("--source", "-", "--window", name, "--format", "json")
    document = json.loads(done(tmp_path, "statement", *arguments))
    assert document["window"] == {"from": first, "to": last, "until": last}


def test_days_may_be_written_in_both_ways(office: Path, quarter: Json) -> None:
    arguments = ("statement", "--from", "15/12/2022", "--to", "2023-03-14", "--format", "json")
    assert json.loads(done(office, *arguments)) == quarter


def test_as_of_leaves_out_what_was_recorded_later(office: Path, quarter: Json) -> None:
    early = stated(office, "--as-of", "2023-01-15T07:00:00+07:00")
    assert early["as_of"] == "2023-01-15T00:00:00Z"
    assert 0 < early["total"]["received"] < quarter["total"]["received"]


def test_the_policy_is_stated_and_applied(office: Path, quarter: Json) -> None:
    options = ("--supplement-limit", "0", "--after-supplement", "extend")
    strict = stated(office, *options, "--reschedule", "accept_once")
    assert strict["law"]["pinned"] == {
        "supplement_limit": 0,
        "after_supplement": "extend",
        "reschedule": "accept_once",
    }
    assert strict["total"]["resolved"]["overdue"] > quarter["total"]["resolved"]["overdue"]
    assert strict["total"]["resolved"]["total"] == quarter["total"]["resolved"]["total"]


@pytest.mark.parametrize("figure", ["carried_over", "in_progress", "resolved.early"])
def test_dossiers_are_those_behind_a_figure(office: Path, quarter: Json, figure: str) -> None:
    figures = flat(quarter["total"])
    count = figures.get(figure) or figures[f"{figure}.total"]
    text = done(office, "dossiers", *QUARTER_1, "--account", figure, "--format", "csv")
    assert len(rows(text)) == int(count) > 0


def test_dossiers_of_one_slice_in_every_format(office: Path) -> None:
    [online] = [
        line for line in stated(office, "--by", "channel")["lines"] if "online" in str(line)
    ]
    arguments = ("dossiers", *QUARTER_1, "--account", "resolved", "--slice", "channel=online")
    listed = json.loads(done(office, *arguments, "--by", "agency", "--format", "json"))
    assert len(listed) == online["resolved"]["total"]
    standing = {"received", "due", "days_left", "account", "since"}
    assert {*listed[0]} == {"dossier", "agency"} | standing
    keys = [(row["agency"], row["dossier"]) for row in listed]
    assert keys == sorted(keys)
    in_csv = rows(done(office, *arguments, "--by", "agency", "--format", "csv"))
    assert in_csv == [row | {"days_left": ""} for row in listed]  # none is open
    table = done(office, *arguments)
    assert all(row["dossier"] in table for row in listed)


def test_explain_tells_a_life_with_its_rules_and_sources(tmp_path: Path) -> None:
    said: Json = {"specversion": "1.0", "source": "/s", "subject": "[bold]Đ/1[/x]"}
    data: Json = {"agency": "a", "field": "f", "procedure": "p", "channel": "post"}
    data |= {"due": "2023-03-03"}
    life = [
        said | {"id": "1", "type": "dossier.received.v1", "time": "2023-03-01T08:00:00Z"},
        said | {"id": "2", "type": "dossier.resumed.v1", "time": "2023-03-02T08:00:00Z"},
        said | {"id": "3", "type": "dossier.resolved.v1", "time": "2023-03-06T08:00:00Z"},
    ]
    life[0] |= {"data": data}
    life[2] |= {"data": {"outcome": "granted"}}
    events = "\n".join(map(json.dumps, life)).encode()
    text = done(tmp_path, "explain", "[bold]Đ/1[/x]", "--source", "-", stdin=events)
    assert "[bold]Đ/1[/x]" in text
    assert all(words in text for words in ("Tiếp nhận", "treo", "quá hạn"))
    assert all(day in text for day in ("01/03/2023", "02/03/2023", "04/03/2023", "06/03/2023"))
    assert "NĐ 61/2018" in text


PRINTED = {
    "statement": ("statement", *QUARTER_1, "--by", "channel"),
    "statements": ("statement", *QUARTER_1, "--window", "2023-Q2"),
    "dossiers": ("dossiers", *QUARTER_1, "--account", "received", "--by", "agency"),
    "suspense": ("dossiers", *QUARTER_1, "--account", "suspense"),
    "explain": ("explain", "{code}"),
    "register": ("register", "--as-of", "2023-03-14T17:00:00+07:00"),
    "audit": ("audit", str(PUBLISHED / "son-la-2024-q1.yaml")),
    "check": ("check", EVENTS),
    "status": ("status",),
    "rejects": ("rejects", "list"),
    "report": ("report", "ii06a", *QUARTER_1),
}


@pytest.mark.parametrize("command", PRINTED)
def test_each_command_has_every_paper(office: Path, tmp_path: Path, command: str) -> None:
    code = json.loads((office / EVENTS).read_text().splitlines()[0])["subject"]
    words = [word.format(code=code) for word in PRINTED[command]]
    table = hoso(office, *words)
    assert table.status in (0, 1)
    json.loads(hoso(office, *words, "--format", "json").out)
    in_csv = hoso(office, *words, "--format", "csv").out
    assert in_csv.startswith("\ufeff")
    assert [*csv.reader(io.StringIO(in_csv[1:], newline=""), strict=True)]
    for ending in ("html", "xlsx"):
        into = hoso(office, *words, "--out", str(tmp_path / f"x.{ending}"))
        assert into.status == table.status
    assert (tmp_path / "x.html").read_text().startswith("<!DOCTYPE html>")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets


def test_a_file_has_what_standard_output_has(office: Path, tmp_path: Path) -> None:
    for paper, ending in (("table", "txt"), ("json", "json"), ("csv", "csv"), ("html", "html")):
        printed = done(office, *PRINTED["statement"], "--format", paper)
        done(office, *PRINTED["statement"], "--out", str(tmp_path / f"x.{ending}"))
        assert (tmp_path / f"x.{ending}").read_bytes() == printed.encode()
    refused = hoso(office, *PRINTED["statement"], "--out", str(tmp_path / "x.doc"))
    assert refused.status == 2
    assert "x.doc: no paper has the ending '.doc': use .txt, .json, .csv" in refused.err


def test_ingest_again_counts_nothing_twice(office: Path, quarter: Json, tmp_path: Path) -> None:
    store = "sqlite:///once more.db"
    events = (office / EVENTS).read_bytes()
    done(tmp_path, "ingest", str(office / EVENTS), "-", "--store", store, stdin=events)
    assert stated(tmp_path, "--source", store) == quarter


def test_a_store_that_grows_gives_the_figures_of_all_its_events(
    office: Path, quarter: Json, tmp_path: Path
) -> None:
    """Between the statements the columns are kept, and have to catch up."""
    lines = (office / EVENTS).read_bytes().splitlines(keepends=True)
    done(tmp_path, "ingest", "-", stdin=b"".join(lines[:200]))
    assert stated(tmp_path) != quarter
    done(tmp_path, "ingest", "-", stdin=b"".join(lines[200:]))
    assert stated(tmp_path) == stated(tmp_path) == quarter


def test_another_time_zone_makes_the_columns_anew(tmp_path: Path) -> None:
    said: Json = {"specversion": "1.0", "source": "/s", "subject": "D1"}
    data: Json = {"agency": "a", "field": "f", "procedure": "p", "channel": "post"}
    received = said | {"id": "1", "type": "dossier.received.v1", "time": "2023-03-01T08:00:00Z"}
    received |= {"data": data | {"due": "2023-03-09T17:00:00Z"}}  # in Vietnam, the 10th
    resolved = said | {"id": "2", "type": "dossier.resolved.v1", "time": "2023-03-09T16:30:00Z"}
    resolved |= {"data": {"outcome": "granted"}}
    events = "\n".join(map(json.dumps, (received, resolved))).encode()
    done(tmp_path, "ingest", "-", stdin=events)
    for zone, result in (("", "early"), ("UTC", "on_time"), ("", "early")):
        assert stated(tmp_path, HOSO_TIME_ZONE=zone)["total"]["resolved"][result] == 1


def test_lines_that_are_no_events_are_left_out_and_counted(
    office: Path, quarter: Json, tmp_path: Path
) -> None:
    events = (office / EVENTS).read_bytes() + b"junk\n{}\n" * 600
    (tmp_path / "some.jsonl").write_bytes(events)
    arguments = (*QUARTER_1, "--format", "json")
    skipped = hoso(tmp_path, "statement", *arguments, "--source", "some.jsonl", "--skip-rejects")
    ingested = hoso(tmp_path, "ingest", "some.jsonl")
    for outcome in (skipped, ingested):
        assert outcome.status == 1
        assert "some.jsonl:" in outcome.err
        assert "not valid JSON" in outcome.err
        assert "type: missing" in outcome.err
        assert "1,200 lines rejected" in outcome.err.splitlines()[-1]
    assert json.loads(skipped.out) == quarter == stated(tmp_path)


def test_the_demo_prints_the_published_quarter(tmp_path: Path) -> None:
    text = done(tmp_path, "demo")
    assert all(figure in text for figure in ("975", "12.622", "12.370"))
    assert not list(tmp_path.iterdir())


def test_demo_files_every_report_of_a_year_and_reconciles_them(tmp_path: Path) -> None:
    done(tmp_path, "demo", "--reports", "year")
    index = (tmp_path / "year" / "index.html").read_text("utf-8")
    for name in (*KINDS, "reconciliation"):
        figures = json.loads((tmp_path / "year" / f"{name}.json").read_text("utf-8"))
        assert figures["parts"], name
        assert f'href="{name}.html"' in index


def test_without_arguments_the_commands_are_listed(tmp_path: Path) -> None:
    text = done(tmp_path)
    commands = ("demo", "ingest", "statement", "dossiers", "explain", "simulate")
    assert all(f"  {command} " in text for command in commands)

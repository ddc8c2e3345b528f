"""What does a person get who asks for the register: one file, from whatever source, or one line?"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from hoso.domain.errors import UserError
from hoso.projections.archive import register as registers
from hoso.projections.archive.manifest import read_manifest
from hoso.projections.ledger.register import SCHEMA, Moment
from hoso.tools.jobs import register as job
from hoso.tools.output import Paper
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.command import SPAN, Outcome, done, hoso
from tests.engine import LOCAL, office
from tests.told import received

AS_OF = ("--as-of", "2023-03-14T17:00:00+07:00")
LAST_DAY = ("--from", "1900-01-01", "--to", "2023-03-14")
SOURCES = ("events.jsonl", "sqlite:///hoso.db", "archive")
TYPES = csv.ConvertOptions(column_types=SCHEMA, strings_can_be_null=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with events as a file, a store and an archive."""
    folder = tmp_path_factory.mktemp("register")
    done(folder, "simulate", *SPAN, "--dossiers", "2000", "--seed", "3", "--out", "events.jsonl")
    done(folder, "ingest", "events.jsonl", "--recorded", "time", "--store", "sqlite:///hoso.db")
    done(folder, "archive", "--source", "events.jsonl", "--out", "archive")
    return folder


def register(folder: Path, source: str, out: Path, *more: str) -> list[dict[str, Any]]:
    """The rows of a register, dossier by dossier."""
    done(folder, "register", "--source", source, "--out", str(out), *more)
    rows: list[dict[str, Any]] = pq.read_table(out).sort_by("dossier").to_pylist()
    return rows


def refused(outcome: Outcome) -> str:
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("hoso: ")
    return outcome.err


def test_a_file_a_store_and_an_archive_have_the_same_register(folder: Path, tmp_path: Path) -> None:
    answers = [register(folder, s, tmp_path / "of.parquet", *AS_OF) for s in SOURCES]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) > 900
    events = (folder / "events.jsonl").read_bytes()
    done(folder, "register", "--source", "-", "--out", str(tmp_path / "in.parquet"), stdin=events)
    done(folder, "register", "--source", "archive", "--out", str(tmp_path / "now.parquet"))
    piped, archived = (
        pq.read_table(tmp_path / name).sort_by("dossier") for name in ("in.parquet", "now.parquet")
    )
    assert piped.equals(archived)
    assert len(piped) == 2000


@pytest.mark.parametrize(
    "policy", [(), ("--supplement-limit", "0"), ("--after-supplement", "extend")]
)
def test_counted_by_account_it_is_the_statement(
    folder: Path, tmp_path: Path, policy: tuple[str, ...]
) -> None:
    rows = register(folder, "sqlite:///hoso.db", tmp_path / "r.parquet", *AS_OF, *policy)
    asked = ("--source", "sqlite:///hoso.db", *LAST_DAY, *AS_OF, *policy, "--format", "json")
    total = json.loads(done(folder, "statement", *asked))["total"]
    counted = Counter(row["account"] for row in rows)
    assert total["received"] == len(rows)
    for name, number in counted.items():
        group, _, part = name.partition(".")
        assert total[group][part] == number
    assert sum(total[group]["total"] for group in ("resolved", "returned", "cancelled")) == sum(
        row["closed"] is not None for row in rows
    )


def test_its_ending_says_what_a_file_is(folder: Path, tmp_path: Path) -> None:
    out = done(folder, "register", "--source", "archive", "--out", str(tmp_path / "r.csv"), *AS_OF)
    rows = register(folder, "archive", tmp_path / "r.parquet", *AS_OF)
    assert out == f"{tmp_path}/r.csv: {len(rows):,} dossiers at the end of 2023-03-14\n"
    table = csv.read_csv(tmp_path / "r.csv", convert_options=TYPES)
    assert table.sort_by("dossier").to_pylist() == rows


def test_csv_is_marked_and_no_text_of_it_is_a_formula(tmp_path: Path) -> None:
    harmful = ["=1+1", "+1", "-1", "@x", "\u200e=1", "＝1", "plain"]
    events = [received("2023-03-01", 5, code=code, agency=code) for code in harmful]
    (tmp_path / "e.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    done(tmp_path, "register", "--source", "e.jsonl", "--out", "r.csv", *AS_OF)
    written = (tmp_path / "r.csv").read_bytes()
    assert written.startswith(b'\xef\xbb\xbf"dossier","agency"')
    rows = csv.read_csv(tmp_path / "r.csv", convert_options=TYPES).to_pylist()
    expected = ["'=1+1", "'+1", "'-1", "'@x", r"\xe2\x80\x8e=1", "'＝1", "plain"]
    assert [row["dossier"] for row in rows] == [row["agency"] for row in rows] == expected
    printed = done(tmp_path, "register", "--source", "e.jsonl", "--format", "csv", *AS_OF)
    assert printed.encode() == written


def test_json_is_a_list_of_the_same_rows(folder: Path, tmp_path: Path) -> None:
    done(folder, "register", "--source", "archive", "--out", str(tmp_path / "r.json"), *AS_OF)
    rows = register(folder, "archive", tmp_path / "r.parquet", *AS_OF)
    listed = json.loads((tmp_path / "r.json").read_text())
    assert sorted(listed, key=lambda row: row["dossier"]) == json.loads(
        json.dumps(rows, default=str)
    )
    empty = done(folder, "register", "--source", "-", "--format", "json", *AS_OF)
    assert json.loads(empty) == []


@pytest.mark.parametrize("ending", ["txt", "html", "xlsx"])
def test_people_get_it_on_their_papers(folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    said = done(folder, "register", "--source", "archive", "--out", str(out), *AS_OF)
    rows = register(folder, "archive", tmp_path / "r.parquet", *AS_OF)
    assert said == f"{out}: {len(rows):,} dossiers at the end of 2023-03-14\n"
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(out).worksheets[0]
        codes = [cell.value for cell in sheet["A"]]
        assert {row["dossier"] for row in rows} <= set(codes)
    else:
        text = out.read_text()
        assert all(row["dossier"] in text for row in rows)
        assert "Sổ theo dõi hồ sơ" in text


def test_standard_output_has_nothing_else(folder: Path) -> None:
    text = done(folder, "register", "--source", "archive", *AS_OF)
    assert text.startswith("Sổ theo dõi hồ sơ\n")
    assert "dossiers at the end of" not in text


def test_a_register_that_a_paper_does_not_hold_is_refused_in_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(job.MOST_ROWS, Paper.xlsx, 1999)
    source = open_source([str(folder / "archive")], Options(LOCAL))
    asked = (str(tmp_path / "r.xlsx"), source, office(), Moment(None, 20_000))
    with pytest.raises(
        UserError, match=r"^--format xlsx: holds 1,999 dossiers, and there are more: "
    ):
        job.register(*asked)
    assert not list(tmp_path.iterdir())
    monkeypatch.setitem(job.MOST_ROWS, Paper.xlsx, 2000)
    assert job.register(*asked) == 2000


def test_a_line_that_is_no_event_stops_it_or_is_left_out_and_told(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "events.jsonl").write_text((folder / "events.jsonl").read_text() + "no event\n")
    asked = ("register", "--source", "events.jsonl", "--out", "r.parquet", *AS_OF)
    assert "--skip-rejects leaves it out" in refused(hoso(tmp_path, *asked))
    assert not list(tmp_path.glob("r.parquet*"))
    outcome = hoso(tmp_path, *asked, "--skip-rejects")
    assert outcome.status == 1
    assert "1 lines rejected" in outcome.err
    rows = pq.read_table(tmp_path / "r.parquet").sort_by("dossier").to_pylist()
    assert rows == register(folder, "events.jsonl", tmp_path / "all.parquet", *AS_OF)


@pytest.mark.parametrize(
    ("source", "out", "words"),
    [
        (
            "events.jsonl",
            "r.doc",
            "r.doc: no paper has the ending '.doc': "
            "use .txt, .json, .csv, .xlsx, .html, .docx, .arrow, .parquet",
        ),
        ("events.jsonl", "r", "r: no paper has the ending '': use .txt"),
        ("events.jsonl", "nowhere/r.csv", "nowhere/r.csv: No such file or directory"),
        ("events.jsonl", "folder.csv", "folder.csv: Is a directory"),
        ("events.jsonl", "full.csv", "full.csv: No space left on device"),
        ("events.jsonl", "full.parquet", "full.parquet: No space left on device"),
        ("none.jsonl", "r.csv", "none.jsonl: No such file or directory"),
        ("sqlite:///none.db", "r.csv", "none.db: there is no such store"),
        ("folder.csv", "r.csv", "folder.csv: holds no archive"),
        ("", "r.csv", "--source: is empty"),
    ],
)
def test_what_is_wrong_is_told_in_a_line_and_leaves_nothing_behind(
    folder: Path, tmp_path: Path, source: str, out: str, words: str
) -> None:
    (tmp_path / "events.jsonl").symlink_to(folder / "events.jsonl")
    (tmp_path / "folder.csv").mkdir()
    for name in ("full.csv", "full.parquet"):
        (tmp_path / name).symlink_to("/dev/full")
    before = sorted(tmp_path.iterdir())
    assert words in refused(hoso(tmp_path, "register", "--source", source, "--out", out))
    assert sorted(tmp_path.iterdir()) == before


def test_an_instant_without_an_offset_is_told(folder: Path) -> None:
    asked = ("register", "--source", "archive", "--out", "r.csv", "--as-of", "2023-03-14T17:00:00")
    assert "--as-of: no instant" in refused(hoso(folder, *asked))


def test_a_register_that_is_there_stays_where_another_fails(folder: Path, tmp_path: Path) -> None:
    before = register(folder, "archive", tmp_path / "r.parquet", *AS_OF)
    failed = hoso(
        folder, "register", "--source", "none.jsonl", "--out", str(tmp_path / "r.parquet")
    )
    assert "none.jsonl" in refused(failed)
    assert pq.read_table(tmp_path / "r.parquet").sort_by("dossier").to_pylist() == before


def test_who_reads_while_an_archive_grows_writes_it_once_more(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue is read, then the archive grows, then the files are."""
    growing, lines = tmp_path / "archive", (folder / "events.jsonl").read_text().splitlines(True)
    (tmp_path / "half.jsonl").write_text("".join(lines[: len(lines) // 2]))
    done(tmp_path, "archive", "--source", "half.jsonl", "--out", "archive")
    stale = read_manifest(growing)
    done(folder, "archive", "--source", "events.jsonl", "--out", str(growing))
    answers = iter([stale])
    monkeypatch.setattr(
        registers, "read_manifest", lambda at: next(answers, None) or read_manifest(at)
    )
    source = open_source([str(growing)], Options(LOCAL))
    answers = iter([stale])
    written = job.register(str(tmp_path / "r.parquet"), source, office(), Moment(None, 20_000))
    assert written == 2000
    assert next(answers, None) is None


def test_a_file_that_is_missing_is_told(folder: Path, tmp_path: Path) -> None:
    done(folder, "archive", "--source", "events.jsonl", "--out", str(tmp_path / "archive"))
    [file] = (tmp_path / "archive").glob("events-*.parquet")
    file.unlink()
    source = open_source([str(tmp_path / "archive")], Options(LOCAL))
    with pytest.raises(UserError, match=f"{file.name}: is missing"):
        job.register(str(tmp_path / "r.csv"), source, office(), Moment(None, 20_000))
    assert not list(tmp_path.glob("r.csv*"))

"""What does a person see of an archive: made, extended, verified, damaged, stopped midway?"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.archive import fold
from hoso.projections.archive.manifest import read_manifest
from hoso.projections.ledger.statement import statement_from
from hoso.tools.runtime import environment as runtime
from tests.command import HOSO, SPAN, Outcome, done, environment, hoso

DOSSIERS = "2000"
LATER = ("--as-of", "2030-01-01T00:00:00+07:00")  # answered from Parquet
QUESTION = ("--window", "2023-Q1", "--by", "channel,level", "--format", "json")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("simulated")
    done(folder, "simulate", *SPAN, "--dossiers", DOSSIERS, "--out", "all.jsonl")
    return (folder / "all.jsonl").read_text().splitlines(keepends=True)


@pytest.fixture(scope="module")
def begun(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of the first half of some events, and the second as a file."""
    folder, half = tmp_path_factory.mktemp("begun"), len(lines) // 2
    (folder / "first.jsonl").write_text("".join(lines[:half]))
    (folder / "second.jsonl").write_text("".join(lines[half:]))
    done(folder, "ingest", "first.jsonl", "--store", "sqlite:///hoso.db")
    return folder


@pytest.fixture(scope="module")
def made(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with an archive of that store."""
    folder = tmp_path_factory.mktemp("made") / "made"
    shutil.copytree(begun, folder)
    assert archive(folder).status == 0
    return folder


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(begun, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def with_archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def digest(folder: Path, source: str) -> str:
    return str(json.loads(done(folder, "statement", "--source", source, *QUESTION))["digest"])


def archive(folder: Path, *more: str) -> Outcome:
    return hoso(folder, "archive", "--source", "sqlite:///hoso.db", "--out", "archive", *more)


def refused(outcome: Outcome) -> str:
    """The one line by which a command that changed nothing says why."""
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    return outcome.err


def test_an_archive_gives_the_figures_of_its_store_as_both_grow(
    folder: Path, lines: list[str]
) -> None:
    assert archive(folder).out == (
        f"archive: {len(lines) // 2:,} events, up to position {len(lines) // 2:,}\n"
    )
    assert digest(folder, "archive") == digest(folder, "sqlite:///hoso.db")
    done(folder, "ingest", "second.jsonl", "--store", "sqlite:///hoso.db")
    assert archive(folder).out == (
        f"archive: {len(lines):,} events, up to position {len(lines):,}\n"
    )
    assert digest(folder, "archive") == digest(folder, "sqlite:///hoso.db")
    assert archive(folder, "--verify").out == (
        "archive: whole, and its events are those of the log\n"
    )
    assert sum(pq.read_metadata(f).num_rows for f in (folder / "archive").glob("*.parquet")) == len(
        lines
    )


def test_where_nothing_is_new_nothing_changes(with_archive: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (with_archive / "archive").iterdir()}
    assert archive(with_archive).status == 0
    after = {path: path.stat().st_mtime_ns for path in (with_archive / "archive").iterdir()}
    assert {p: t for p, t in after.items() if p.name != ".lock"} == {
        p: t for p, t in before.items() if p.name != ".lock"
    }


def test_a_file_is_archived_too(folder: Path) -> None:
    done(folder, "archive", "--source", "first.jsonl", "--out", "of-file")
    assert digest(folder, "of-file") == digest(folder, "first.jsonl")


def test_another_log_is_not_put_behind_what_is_there(with_archive: Path) -> None:
    before = digest(with_archive, "archive")
    refusal = refused(hoso(with_archive, "archive", "--source", "second.jsonl", "--out", "archive"))
    assert "archive: holds another log than second.jsonl" in refusal
    assert digest(with_archive, "archive") == before


def test_a_folder_of_other_things_is_not_touched(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("years of work")
    refusal = refused(hoso(folder, "archive", "--source", "first.jsonl", "--out", "mine"))
    assert "mine: is no archive, and not empty: it holds 'thesis.txt'" in refusal


def test_an_archive_of_another_time_zone_is_told(with_archive: Path) -> None:
    elsewhere = hoso(
        with_archive,
        "archive",
        "--source",
        "sqlite:///hoso.db",
        "--out",
        "archive",
        HOSO_TIME_ZONE="UTC",
    )
    assert "its days are those of Asia/Ho_Chi_Minh, not of UTC" in refused(elsewhere)
    asked = hoso(with_archive, "statement", "--source", "archive", *QUESTION, HOSO_TIME_ZONE="UTC")
    assert "its days are those of Asia/Ho_Chi_Minh, not of UTC" in refused(asked)


def test_a_folder_without_an_archive_is_told(folder: Path) -> None:
    (folder / "empty").mkdir()
    asked = hoso(folder, "statement", "--source", "empty", *QUESTION)
    assert "empty: holds no archive; `hoso archive` makes one" in refused(asked)


@pytest.mark.parametrize("what", ["changed", "missing", "stray"])
def test_what_became_of_its_files_is_found(with_archive: Path, what: str) -> None:
    [file] = (with_archive / "archive").glob("*.parquet")
    if what == "changed":
        written = bytearray(file.read_bytes())
        written[len(written) // 2] ^= 1
        file.write_bytes(written)
    elif what == "missing":
        file.unlink()
    else:
        (file.parent / "copy.parquet").write_bytes(file.read_bytes())
    outcome = archive(with_archive, "--verify")
    assert outcome.status == 1
    assert outcome.out.count("\n") == 1
    found = {"changed": "bytes have changed", "missing": "is missing", "stray": "copy.parquet"}
    assert found[what] in outcome.out


@pytest.mark.parametrize("name", ["events-*.parquet", "conflicts-*.arrow"])
def test_a_missing_file_is_told_by_whoever_asks(with_archive: Path, name: str) -> None:
    [file] = (with_archive / "archive").glob(name)
    file.unlink()
    asked = hoso(with_archive, "statement", "--source", "archive", *QUESTION)
    assert f"{file.name}: is missing" in refused(asked)


@pytest.mark.parametrize("name", ["events-*.parquet", "conflicts-*.arrow", "archive.json"])
def test_a_file_cut_short_is_told_by_whoever_asks(with_archive: Path, name: str) -> None:
    [file] = (with_archive / "archive").glob(name)
    file.write_bytes(file.read_bytes()[:100])
    asked = hoso(with_archive, "statement", "--source", "archive", *QUESTION, *LATER)
    assert f"{file.name}: cannot be read" in refused(asked)


@pytest.mark.parametrize("name", ["replay-*.arrow", "slices-*.arrow"])
@pytest.mark.parametrize("damage", ["missing", "changed", "empty"])
def test_without_its_replay_files_it_gives_the_same(
    with_archive: Path, name: str, damage: str
) -> None:
    [file] = (with_archive / "archive").glob(name)
    expected = digest(with_archive, "archive")
    written = bytearray(file.read_bytes())
    written[len(written) // 2] ^= 1
    file.write_bytes(b"" if damage == "empty" else written)
    if damage == "missing":
        file.unlink()
    asked = ("statement", "--source", "archive", "--no-cache", *QUESTION)
    assert json.loads(done(with_archive, *asked))["digest"] == expected
    assert archive(with_archive, "--verify").status == 1
    done(with_archive, "ingest", "second.jsonl", "--store", "sqlite:///hoso.db")
    archive(with_archive)
    grown = json.loads(done(with_archive, *asked))["digest"]
    assert grown == digest(with_archive, "sqlite:///hoso.db")


def test_who_reads_while_it_grows_reads_once_more(
    with_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue is read, then the archive grows, then the files are."""
    stale = read_manifest(with_archive / "archive")
    done(with_archive, "ingest", "second.jsonl", "--store", "sqlite:///hoso.db")
    archive(with_archive)
    answers = iter([stale])
    monkeypatch.setattr(
        fold, "read_manifest", lambda archive: next(answers, None) or read_manifest(archive)
    )
    office = runtime.office(Policy())
    [sheets] = fold.fold_archive(with_archive / "archive", [office]).balance_sheets
    window = Window(date(2022, 12, 15), date(2023, 3, 14))
    asked = ("--source", "sqlite:///hoso.db", "--window", "2023-Q1", "--format", "json")
    stated = json.loads(done(with_archive, "statement", *asked))
    assert statement_from(sheets, window)["digest"] == stated["digest"]


def test_a_dossier_is_explained_and_listed_from_an_archive_as_from_its_store(
    with_archive: Path,
) -> None:
    for question in (
        ("dossiers", "--window", "2023-Q1", "--account", "suspense", "--format", "csv"),
        ("dossiers", "--window", "2023-Q1", "--account", "received", "--format", "csv"),
    ):
        answers = [
            done(with_archive, *question, "--source", s) for s in ("archive", "sqlite:///hoso.db")
        ]
        assert answers[0] == answers[1]
        code = answers[0].splitlines()[-1].split(",")[0]
    lives = [
        done(with_archive, "explain", code, "--source", s) for s in ("archive", "sqlite:///hoso.db")
    ]
    assert lives[0] == lives[1]


def test_events_that_are_not_those_of_the_log_are_found(with_archive: Path) -> None:
    changed = (with_archive / "first.jsonl").read_text().replace('"in_person"', '"post"', 1)
    (with_archive / "changed.jsonl").write_text(changed)
    outcome = hoso(
        with_archive, "archive", "--source", "changed.jsonl", "--out", "archive", "--verify"
    )
    assert outcome.status == 1
    assert "are not the" in outcome.out


def test_two_do_not_extend_it_at_once(with_archive: Path) -> None:
    with (with_archive / "archive" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "archive: another process extends it; try again" in refused(archive(with_archive))


def test_whoever_is_killed_at_any_time_leaves_the_archive_whole(with_archive: Path) -> None:
    before = digest(with_archive, "archive")
    done(with_archive, "ingest", "second.jsonl", "--store", "sqlite:///hoso.db")
    after = digest(with_archive, "sqlite:///hoso.db")
    for delay_s in (0.6, 0.9, 1.1, 1.3, 1.5):
        command = [HOSO, "archive", "--source", "sqlite:///hoso.db", "--out", "archive"]
        process = subprocess.Popen(
            command, cwd=with_archive, env=environment(), stdout=subprocess.DEVNULL, process_group=0
        )
        time.sleep(delay_s)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert digest(with_archive, "archive") in (before, after)
    archive(with_archive)
    assert digest(with_archive, "archive") == after
    assert archive(with_archive, "--verify").status == 0


def test_whoever_was_killed_at_the_last_moment_of_the_first_time_is_in_nobodys_way(
    with_archive: Path,
) -> None:
    (with_archive / "archive" / "archive.json").unlink()
    assert archive(with_archive).status == 0
    assert digest(with_archive, "archive") == digest(with_archive, "sqlite:///hoso.db")
    assert archive(with_archive, "--verify").status == 0


def test_a_simulated_country_is_an_archive(tmp_path: Path) -> None:
    out = done(
        tmp_path, "simulate", *SPAN, "--dossiers", "2000", "--format", "archive", "--out", "land"
    )
    assert out.startswith("land: ")
    stated = json.loads(done(tmp_path, "statement", "--source", "land", *QUESTION))
    assert stated["total"]["received"] > 0
    again = hoso(tmp_path, "simulate", "--dossiers", "9", "--format", "archive", "--out", "land")
    assert "land: is an archive already; name another folder" in refused(again)

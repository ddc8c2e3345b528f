"""From a store to an archive, its verification, and one dossier of an archive: whole processes.

The store was filled by ``hoso ingest``, which keeps the columns of its events. The limit is reading
its JSON with sqlite3 alone.
"""

import shutil
import sqlite3
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import EVENTS, country, hoso, measure

GROUP = "an archive of a store"
DRILL_DOWN = "some dossiers of an archive"


@pytest.fixture(scope="module")
def fresh_store(events_file: Path) -> str:
    """A store that was filled and not read yet."""
    url = f"sqlite:///{events_file.with_name('fresh.db')}"
    hoso("ingest", str(events_file), "--store", url)
    return url


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of about EVENTS events."""
    return country(tmp_path_factory, EVENTS)


@pytest.fixture(scope="module")
def code(archive: Path) -> str:
    """The code of a dossier of the archive."""
    [file] = islice(sorted(archive.glob("events-*.parquet")), 1)
    return str(pq.read_table(file, columns=["dossier"])["dossier"][-1])


def test_limit_sqlite_alone(benchmark: BenchmarkFixture, fresh_store: str) -> None:
    def read() -> int:
        with sqlite3.connect(fresh_store.removeprefix("sqlite:///")) as database:
            return sum(
                len(state) for (state,) in database.execute("SELECT state FROM stored_events")
            )

    measure(benchmark, GROUP, read)


def test_archive(benchmark: BenchmarkFixture, fresh_store: str, tmp_path: Path) -> None:
    """The archive is made, and a first statement of it."""

    def run() -> None:
        shutil.rmtree(tmp_path / "archive", ignore_errors=True)
        hoso("archive", "--source", fresh_store, "--out", str(tmp_path / "archive"))
        hoso("statement", "--source", str(tmp_path / "archive"), "--window", "2023-Q1")

    measure(benchmark, GROUP, run)


def test_verify(benchmark: BenchmarkFixture, fresh_store: str, tmp_path: Path) -> None:
    where = ("--source", fresh_store, "--out", str(tmp_path / "archive"))
    hoso("archive", *where)
    measure(benchmark, GROUP, hoso, "archive", *where, "--verify")


def test_limit_statement(benchmark: BenchmarkFixture, archive: Path) -> None:
    """From kept balance sheets: little more than the start of a process."""
    question = ("statement", "--source", str(archive), "--window", "2023-Q1")
    measure(benchmark, DRILL_DOWN, hoso, *question)


def test_explain(benchmark: BenchmarkFixture, archive: Path, code: str) -> None:
    measure(benchmark, DRILL_DOWN, hoso, "explain", code, "--source", str(archive))


def test_dossiers(benchmark: BenchmarkFixture, archive: Path, tmp_path: Path) -> None:
    figure = ("--window", "2023-Q1", "--account", "resolved.overdue")
    out = ("--out", str(tmp_path / "overdue.csv"))
    measure(benchmark, DRILL_DOWN, hoso, "dossiers", *figure, "--source", str(archive), *out)

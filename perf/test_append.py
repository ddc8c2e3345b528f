"""Appending to the log, compared with inserting the same rows with sqlite3 alone."""

import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.intake.files import blocks
from hoso.consumers.intake.ingest import ingest, validate_block
from hoso.consumers.intake.record import IntakeContext
from hoso.consumers.store.log import LogEntry, open_store
from hoso.tools.runtime.workers import process_map
from perf.conftest import measure

GROUP = "append to the log"
CREATE = "CREATE TABLE e (a TEXT, b INTEGER, c TEXT, d BLOB, PRIMARY KEY (a, b))"
CONTEXT = IntakeContext("events", UTC, datetime.now(UTC), recorded=None)
BATCH_EVENTS = 5_000


@pytest.fixture(scope="module")
def entries(events_file: Path) -> list[LogEntry]:
    """The events of the history as the log stores them."""
    return [
        entry
        for block in blocks(str(events_file))
        for entry in validate_block(block, CONTEXT).entries
    ]


def test_limit_raw_inserts(
    benchmark: BenchmarkFixture, entries: list[LogEntry], tmp_path: Path
) -> None:
    rows = [(code, n, topic, state) for n, (code, topic, state) in enumerate(entries)]

    def insert() -> None:
        path = tmp_path / "raw.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute(CREATE)
            database.executemany("INSERT INTO e VALUES (?,?,?,?)", rows)

    measure(benchmark, GROUP, insert)


def test_append(benchmark: BenchmarkFixture, entries: list[LogEntry], tmp_path: Path) -> None:
    """Validated events are given their versions and appended in one transaction."""

    def append() -> None:
        for path in tmp_path.glob("hoso.db*"):
            path.unlink()
        url = f"sqlite:///{tmp_path}/hoso.db"
        with open_store(url, create=True) as store, store.writing() as writer:
            for start in range(0, len(entries), BATCH_EVENTS):
                writer.append(entries[start : start + BATCH_EVENTS])

    measure(benchmark, GROUP, append)


def test_ingest_a_file(benchmark: BenchmarkFixture, events_file: Path, tmp_path: Path) -> None:
    """The lines of a file are read, validated, encoded again and appended."""

    def run() -> None:
        for path in tmp_path.glob("hoso.db*"):
            path.unlink()
        work, url = partial(validate_block, context=CONTEXT), f"sqlite:///{tmp_path}/hoso.db"
        with (
            process_map(work, blocks(str(events_file))) as judged,
            open_store(url, create=True) as log,
        ):
            ingest(log, judged, CONTEXT)

    measure(benchmark, GROUP, run)

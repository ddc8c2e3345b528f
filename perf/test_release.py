"""What releasing a year's reports adds to making them: receipt, dossiers behind, copies, the log.

The store has about ``HOSO_PERF_EVENTS`` events of 330 bodies, quality facts among them, and was
read before. The limit is ``hoso report all`` of the same window and instant. Releases are measured
when the tree of the log is there, as after the month before, and when none of it is.
"""

import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import EVENTS, SPAN, hoso, measure

GROUP = "releases: all of a province's year"
EVENTS_PER_DOSSIER = 6.52  # in simulated histories with quality facts
COPIES = 10  # of 33 bodies each, put together as one province
WINDOW = ("--window", "2023")
NUMBERS = count(1)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in ``hoso.db``, read and released before, and a key in ``key.pem``."""
    folder = tmp_path_factory.mktemp("province")
    dossiers = str(round(EVENTS / EVENTS_PER_DOSSIER))
    made = folder / "made.jsonl"
    hoso("simulate", *SPAN, "--dossiers", dossiers, "--seed", "1", "--facts", "--out", str(made))
    with made.open() as lines, (folder / "events.jsonl").open("w") as renamed:
        renamed.writelines(_renamed(lines))
    store = f"sqlite:///{folder / 'hoso.db'}"
    hoso("ingest", str(folder / "events.jsonl"), "--recorded", "time", "--store", store)
    hoso("key", "--out", str(folder / "key.pem"))
    report_all(folder)
    release_all(folder)
    return folder


def _renamed(lines: Iterator[str]) -> Iterator[str]:
    """Events whose bodies are ten times as many, each dossier's of one kind."""
    for line in lines:
        code = line.partition('"subject":"')[2].partition('"')[0]
        yield line.replace('agency":"H52', f'agency":"H52.{int(code[-4:], 36) % COPIES}')


def report_all(folder: Path) -> None:
    source = ("--source", f"sqlite:///{folder / 'hoso.db'}")
    out = ("--out", str(folder / f"report-{next(NUMBERS)}"))
    hoso("report", "all", *source, *WINDOW, "--as-of", "2026-01-01", *out)


def release_all(folder: Path) -> None:
    source = ("--source", f"sqlite:///{folder / 'hoso.db'}")
    out = ("--out", str(folder / f"release-{next(NUMBERS)}"))
    key = ("--key", str(folder / "key.pem"))
    hoso("release", "all", *source, *WINDOW, "--as-of", "2026-01-01", *out, *key)


def release_without_a_tree(folder: Path) -> None:
    with sqlite3.connect(folder / "hoso.db") as database:
        database.execute("DELETE FROM tiles")
    release_all(folder)


def test_limit_report(benchmark: BenchmarkFixture, province: Path) -> None:
    measure(benchmark, GROUP, report_all, province)


def test_release(benchmark: BenchmarkFixture, province: Path) -> None:
    measure(benchmark, GROUP, release_all, province)


def test_release_that_makes_the_tree(benchmark: BenchmarkFixture, province: Path) -> None:
    measure(benchmark, GROUP, release_without_a_tree, province)

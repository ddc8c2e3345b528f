"""From an archive to a statement in whole processes, compared with reading and with peers.

The archive has about ``HOSO_PERF_EVENTS`` events. Nothing is cached unless a test says so. Each
peer (``perf.peers``) computes the figures of the same statement, and they must be the same.

A simulated country draws its lives from a pool, so more of its dossiers have the same course than
those of a real one. ``test_one_window_where_no_course_recurs`` is the other extreme: each dossier
has a course of its own, so that nothing is saved by judging a course once.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import numpy as np
import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.projections.archive import courses
from hoso.projections.archive.conflicts import archive_verdicts
from hoso.projections.archive.manifest import read_manifest, write_manifest
from hoso.projections.archive.reader import ArchiveView
from hoso.projections.archive.replay import with_replay_files
from hoso.projections.documents.figures import flat
from perf.conftest import EVENTS, HOSO, country, measure

ONE_WINDOW = "replay an archive: one window"
MANY_WINDOWS = "replay an archive: a hundred windows"
SIZES = "replay an archive: by number of events"
READ = """
import sys, pyarrow.dataset
files = pyarrow.dataset.dataset(sys.argv[1], format="parquet", exclude_invalid_files=True)
assert sum(len(batch) for batch in files.to_batches(columns=sys.argv[2].split(",")))
"""
READ_REPLAY = """
import sys, pathlib
assert sum(len(file.read_bytes()) for file in pathlib.Path(sys.argv[1]).glob("replay-*.arrow"))
"""
SLICED = {
    "agency": "agency",
    "three dimensions": "agency,field,channel",
    "three others": "agency,procedure,level",
    "all dimensions": "agency,field,procedure,channel,level,online_service,received_at",
}
CONTRACT_COLUMNS = "key,type,day,due,allowance,unit,reason"  # what the rules need
PACKED_COLUMNS = "key,packed"  # the same in the form that hoso reads without replay files
PEERS = ("duckdb", "polars")
TIMEOUT_S = 900
MILLIONS = [int(size) for size in os.environ.get("HOSO_PERF_SIZES", "1").split(",")]
Ask = Callable[..., list[dict[str, int]]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(country(tmp_path_factory, EVENTS))


@pytest.fixture(scope="module")
def windows() -> list[str]:
    """The names of a hundred windows."""
    months = [f"{year}-{month:02d}" for year in range(2016, 2025) for month in range(1, 13)]
    return months[-100:]


def run(*command: str) -> bytes:
    """What a new process writes."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=TIMEOUT_S)
    return done.stdout


def statement(archive: str, *options: str) -> bytes:
    return run(HOSO, "statement", "--source", archive, "--no-cache", "--format", "json", *options)


def figures_of(peer: str, archive: str, *windows: str) -> list[dict[str, int]]:
    answer = run(sys.executable, "-m", f"perf.peers.in_{peer}", archive, *windows)
    figures: list[dict[str, int]] = orjson.loads(answer)
    return figures


@pytest.mark.parametrize("columns", [CONTRACT_COLUMNS, PACKED_COLUMNS])
def test_limit_reading(benchmark: BenchmarkFixture, archive: str, columns: str) -> None:
    measure(benchmark, ONE_WINDOW, run, sys.executable, "-c", READ, archive, columns)


def test_limit_reading_replay_files(benchmark: BenchmarkFixture, archive: str) -> None:
    """The bytes that hoso needs."""
    measure(benchmark, ONE_WINDOW, run, sys.executable, "-c", READ_REPLAY, archive)


def test_one_window(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, ONE_WINDOW, statement, archive, "--window", "2023-Q1")


def test_one_window_on_one_core(benchmark: BenchmarkFixture, archive: str) -> None:
    command = ("taskset", "-c", "0", HOSO, "statement", "--source", archive, "--no-cache")
    measure(benchmark, ONE_WINDOW, run, *command, "--window", "2023-Q1")


def test_one_window_as_of_a_day(benchmark: BenchmarkFixture, archive: str) -> None:
    options = ("--window", "2023-Q1", "--as-of", "2023-03-20T17:00:00+07:00")
    measure(benchmark, ONE_WINDOW, statement, archive, *options)


@pytest.mark.parametrize("by", [*SLICED.values()], ids=[*SLICED])
def test_one_window_sliced(benchmark: BenchmarkFixture, archive: str, by: str) -> None:
    measure(benchmark, ONE_WINDOW, statement, archive, "--window", "2023-Q1", "--by", by)


@pytest.mark.parametrize("by", ["", "agency,field,channel"], ids=["whole", "three dimensions"])
def test_one_window_where_no_course_recurs(
    benchmark: BenchmarkFixture, archive: str, tmp_path_factory: pytest.TempPathFactory, by: str
) -> None:
    apart = str(without_recurring_courses(Path(archive), tmp_path_factory.getbasetemp()))
    options = ("--by", by) if by else ()
    measure(benchmark, ONE_WINDOW, statement, apart, "--window", "2023-Q1", *options)


def test_one_window_of_a_cached_ledger(benchmark: BenchmarkFixture, archive: str) -> None:
    command = ("statement", "--source", archive, "--window", "2023-Q1", "--format", "json")
    measure(benchmark, ONE_WINDOW, run, HOSO, *command)


def without_recurring_courses(archive: Path, folder: Path) -> Path:
    """The same archive, with links to its events, in whose replay files each dossier has a course
    of its own, as if no two lives were the same."""
    copy = folder / f"{archive.name}-apart"
    if copy.exists():
        return copy
    copy.mkdir()
    for file in archive.iterdir():
        if file.suffix == ".parquet" or file.name.startswith("conflicts-"):
            (copy / file.name).symlink_to(file)
    manifest = read_manifest(archive)
    buckets = tuple(bucket.model_copy(update={"replay": None}) for bucket in manifest.buckets)
    bare = manifest.model_copy(update={"buckets": buckets, "slices": None})
    view = ArchiveView(copy, None, archive_verdicts(archive, manifest, None))
    each_its_own = patch.object(courses, "_hashes", lambda some: np.arange(len(some.length)))
    with each_its_own, ThreadPoolExecutor() as threads:
        write_manifest(copy, with_replay_files(view, bare, threads))
    return copy


@pytest.mark.parametrize("peer", PEERS)
def test_one_window_in(benchmark: BenchmarkFixture, archive: str, peer: str) -> None:
    document = orjson.loads(statement(archive, "--window", "2023-Q1"))
    suspense = {f"suspense.{name}": n for name, n in document["suspense"].items()}
    benchmark.group = ONE_WINDOW
    ask: Ask = benchmark.pedantic
    answer = ask(figures_of, (peer, archive, "2023-Q1"), rounds=1)
    assert answer == [flat(document["total"]) | suspense]


def test_a_hundred_windows(
    benchmark: BenchmarkFixture, archive: str, windows: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "windows.txt"
    file.write_text("\n".join(windows))
    measure(benchmark, MANY_WINDOWS, statement, archive, "--windows", str(file))


def test_a_hundred_windows_in_duckdb(
    benchmark: BenchmarkFixture, archive: str, windows: list[str]
) -> None:
    """DuckDB folds the history once, and computes each window from the result."""
    benchmark.group = MANY_WINDOWS
    ask: Ask = benchmark.pedantic
    ask(figures_of, ("duckdb", archive, *windows), rounds=1)


@pytest.mark.parametrize("millions", MILLIONS)
def test_so_many_million_events(
    benchmark: BenchmarkFixture, tmp_path_factory: pytest.TempPathFactory, millions: int
) -> None:
    """Time and peak memory for ``HOSO_PERF_SIZES`` million events."""
    archive = str(country(tmp_path_factory, millions * 1_000_000))
    measure(benchmark, SIZES, statement, archive, "--window", "2023-Q1")
    benchmark.extra_info["peak_mb"] = peak_mb(archive)


def peak_mb(archive: str) -> int:
    """The peak memory of a process that makes a statement, in MiB."""
    command = ("statement", "--source", archive, "--no-cache", "--window", "2023-Q1")
    child = os.posix_spawn(
        HOSO,
        [HOSO, *command],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    assert status == 0
    return usage.ru_maxrss // 1024

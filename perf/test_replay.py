"""From an archive to a statement in whole processes, compared with reading and with peers.

The archive has about ``HOSO_PERF_EVENTS`` events. Nothing is cached unless a test says so. Each
peer (``perf.peers``) computes the figures of the same statement, and they must be the same.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

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
CONTRACT_COLUMNS = "key,type,day,due,allowance,unit,reason"  # what the rules need
PACKED_COLUMNS = "key,packed"  # the same in the form that hoso reads
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


def test_one_window(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, ONE_WINDOW, statement, archive, "--window", "2023-Q1")


def test_one_window_on_one_core(benchmark: BenchmarkFixture, archive: str) -> None:
    command = ("taskset", "-c", "0", HOSO, "statement", "--source", archive, "--no-cache")
    measure(benchmark, ONE_WINDOW, run, *command, "--window", "2023-Q1")


def test_one_window_as_of_a_day(benchmark: BenchmarkFixture, archive: str) -> None:
    options = ("--window", "2023-Q1", "--as-of", "2023-03-20T17:00:00+07:00")
    measure(benchmark, ONE_WINDOW, statement, archive, *options)


def test_one_window_by_agency(benchmark: BenchmarkFixture, archive: str) -> None:
    options = ("--window", "2023-Q1", "--by", "agency")
    measure(benchmark, ONE_WINDOW, statement, archive, *options)


def test_one_window_of_a_cached_ledger(benchmark: BenchmarkFixture, archive: str) -> None:
    command = ("statement", "--source", archive, "--window", "2023-Q1", "--format", "json")
    measure(benchmark, ONE_WINDOW, run, HOSO, *command)


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

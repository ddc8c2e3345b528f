"""From an archive to a statement, as whole processes, beside reading its columns and beside peers.

``HOSO_PERF_ARCHIVE`` names a large one; else one of ``HOSO_PERF_EVENTS`` events is made. Each peer
(``perf.peers``) computes the figures of the same statement, and they must be the same.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.tools.output.plain import flat
from perf.conftest import EVENTS, HOSO, country, measure

ONE = "replay an archive: one window"
MANY = "replay an archive: a hundred windows"
GROWING = "replay an archive: of so many million events"
READ = """
import sys, pyarrow.dataset
files = pyarrow.dataset.dataset(sys.argv[1], format="parquet", exclude_invalid_files=True)
assert sum(len(batch) for batch in files.to_batches(columns=sys.argv[2].split(",")))
"""
READ_BY_THE_RULES = "key,type,day,due,allowance,unit,reason"  # as the contract has them
READ_BY_HOSO = "key,packed"  # the same, packed
PEERS = ("duckdb", "chdb", "polars", "pandas", "spark")
PATIENCE_S = 900
SIZES = [int(size) for size in os.environ.get("HOSO_PERF_SIZES", "1").split(",")]
Ask = Callable[..., None]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    return os.environ.get("HOSO_PERF_ARCHIVE") or str(country(tmp_path_factory, EVENTS))


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A hundred windows, as words of the command line and as a file."""
    months = [f"{year}-{month:02d}" for year in range(2016, 2025) for month in range(1, 13)]
    return months[-100:]


def run(*command: str) -> bytes:
    """What a process of its own writes."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=PATIENCE_S)
    return done.stdout


def stated(archive: str, *question: str) -> bytes:
    return run(HOSO, "statement", "--source", archive, "--no-cache", "--format", "json", *question)


def asked_of(peer: str, archive: str, *windows: str) -> list[dict[str, int]]:
    answer = run(sys.executable, "-m", f"perf.peers.in_{peer}", archive, *windows)
    figures: list[dict[str, int]] = orjson.loads(answer)
    return figures


@pytest.mark.parametrize("columns", [READ_BY_THE_RULES, READ_BY_HOSO])
def test_limit_reading(benchmark: BenchmarkFixture, archive: str, columns: str) -> None:
    measure(benchmark, ONE, run, sys.executable, "-c", READ, archive, columns)


def test_one_window(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, ONE, stated, archive, "--window", "2023-Q1")


def test_one_window_on_one_core(benchmark: BenchmarkFixture, archive: str) -> None:
    command = ("taskset", "-c", "0", HOSO, "statement", "--source", archive, "--no-cache")
    measure(benchmark, ONE, run, *command, "--window", "2023-Q1")


def test_one_window_as_of_a_day(benchmark: BenchmarkFixture, archive: str) -> None:
    question = ("--window", "2023-Q1", "--as-of", "2023-03-20T17:00:00+07:00")
    measure(benchmark, ONE, stated, archive, *question)


def test_one_window_by_agency(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, ONE, stated, archive, "--window", "2023-Q1", "--by", "agency")


def test_one_window_of_a_ledger_that_was_kept(benchmark: BenchmarkFixture, archive: str) -> None:
    question = ("statement", "--source", archive, "--window", "2023-Q1", "--format", "json")
    measure(benchmark, ONE, run, HOSO, *question)


@pytest.mark.parametrize("peer", PEERS)
def test_one_window_in(benchmark: BenchmarkFixture, archive: str, peer: str) -> None:
    if find_spec(peer if peer != "spark" else "pyspark") is None:
        pytest.skip(f"{peer} is not installed: pip install '.[peers]'")
    statement = orjson.loads(stated(archive, "--window", "2023-Q1"))
    suspense = {f"suspense.{name}": n for name, n in statement["suspense"].items()}
    benchmark.group = ONE
    ask: Ask = benchmark.pedantic
    answer = ask(asked_of, (peer, archive, "2023-Q1"), rounds=1)  # type: ignore[func-returns-value]
    assert answer == [flat(statement["total"]) | suspense]


def test_a_hundred_windows(
    benchmark: BenchmarkFixture, archive: str, windows: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "windows.txt"
    file.write_text("\n".join(windows))
    measure(benchmark, MANY, stated, archive, "--windows", str(file))


@pytest.mark.parametrize("peer", ["duckdb", "chdb"])
def test_a_hundred_windows_in(
    benchmark: BenchmarkFixture, archive: str, windows: list[str], peer: str
) -> None:
    """With the history folded once, and each window counted from that."""
    benchmark.group = MANY
    ask: Ask = benchmark.pedantic
    ask(asked_of, (peer, archive, *windows), rounds=1)


@pytest.mark.parametrize("millions", SIZES)
def test_so_many_million_events(
    benchmark: BenchmarkFixture, tmp_path_factory: pytest.TempPathFactory, millions: int
) -> None:
    """Time and peak memory against events."""
    there = str(country(tmp_path_factory, millions * 1_000_000))
    measure(benchmark, GROWING, stated, there, "--window", "2023-Q1")
    benchmark.extra_info["peak_mb"] = peak_mb(there)


def peak_mb(archive: str) -> int:
    """The most memory that a statement takes, of all that the process holds."""
    question = ("statement", "--source", archive, "--no-cache", "--window", "2023-Q1")
    child = os.posix_spawn(
        HOSO,
        [HOSO, *question],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    assert status == 0
    return usage.ru_maxrss // 1024

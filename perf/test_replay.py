"""From an archive to a statement, as whole processes, beside merely reading its columns."""

import os
import subprocess
import sys

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import EVENTS, EVENTS_PER_DOSSIER, hoso, measure

GROUP = "replay an archive"
READ = """
import sys, pyarrow.dataset
files = pyarrow.dataset.dataset(sys.argv[1], format="parquet", exclude_invalid_files=True)
columns = ["key", "type", "day", "due", "allowance", "unit", "reason"]
assert sum(len(batch) for batch in files.to_batches(columns=columns))
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A simulated country, or the archive that HOSO_PERF_ARCHIVE names."""
    if there := os.environ.get("HOSO_PERF_ARCHIVE"):
        return there
    folder = str(tmp_path_factory.mktemp("country") / "archive")
    dossiers = str(round(EVENTS / EVENTS_PER_DOSSIER))
    hoso("simulate", "--dossiers", dossiers, "--format", "archive", "--out", folder)
    return folder


def test_limit_reading_the_columns(benchmark: BenchmarkFixture, archive: str) -> None:
    def read() -> None:
        subprocess.run([sys.executable, "-c", READ, archive], check=True)

    measure(benchmark, GROUP, read)


def test_one_window(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, GROUP, hoso, "statement", "--source", archive, "--window", "2023-Q1")


def test_one_window_as_of_a_day(benchmark: BenchmarkFixture, archive: str) -> None:
    question = ("--window", "2023-Q1", "--as-of", "2023-03-20T17:00:00+07:00")
    measure(benchmark, GROUP, hoso, "statement", "--source", archive, *question)


def test_one_window_by_agency(benchmark: BenchmarkFixture, archive: str) -> None:
    question = ("--window", "2023-Q1", "--by", "agency")
    measure(benchmark, GROUP, hoso, "statement", "--source", archive, *question)

"""All checks of integrity on an archive, in whole processes, compared with a statement and reading.

The archive has about ``HOSO_PERF_EVENTS`` events. The limits are pyarrow, reading the columns that
the checks need, and the statement of the same window, which reads two of them.
"""

import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.projections.archive.files import REPLAYED
from hoso.projections.integrity.parts import COLUMNS
from perf.conftest import EVENTS, HOSO, country, measure
from perf.test_replay import READ, run, statement

GROUP = "integrity: all checks on an archive"
WINDOW = ("--window", "2023")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(country(tmp_path_factory, EVENTS))


def test_limit_reading(benchmark: BenchmarkFixture, archive: str) -> None:
    columns = ",".join((*REPLAYED, *COLUMNS))
    measure(benchmark, GROUP, run, sys.executable, "-c", READ, archive, columns)


def test_limit_statement(benchmark: BenchmarkFixture, archive: str) -> None:
    measure(benchmark, GROUP, statement, archive, "--by", "agency", *WINDOW)


def test_all_checks(benchmark: BenchmarkFixture, archive: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "checks.json"))
    measure(benchmark, GROUP, run, HOSO, "integrity", "--source", archive, *WINDOW, *out)

"""From a file to a statement, compared with parsing the lines of the file as JSON."""

from pathlib import Path

import orjson
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import hoso, measure

GROUP = "read a file"


def test_limit_orjson(benchmark: BenchmarkFixture, events_file: Path) -> None:
    def parse() -> None:
        with events_file.open("rb") as lines:
            for line in lines:
                orjson.loads(line)

    measure(benchmark, GROUP, parse)


def test_statement_from_a_file(benchmark: BenchmarkFixture, events_file: Path) -> None:
    """A whole process: start, read, fold, print."""
    source = ("--source", str(events_file), "--window", "2023-Q1", "--format", "json")
    measure(benchmark, GROUP, hoso, "statement", *source)

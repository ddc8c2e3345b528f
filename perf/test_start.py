"""Whole processes from start to answer, compared with starting Python."""

import subprocess
import sys

from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import hoso, measure

GROUP = "cold start"


def test_limit_python(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, GROUP, subprocess.run, [sys.executable, "-c", "pass"])


def test_help(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, GROUP, hoso, "--help")


def test_demo(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, GROUP, hoso, "demo")


def test_statement_from_a_store(benchmark: BenchmarkFixture, store: str) -> None:
    """The second call for a store that has no new events."""
    measure(benchmark, GROUP, hoso, "statement", "--source", store, "--window", "2023-Q1")

"""Whole processes, from the start to the answer, beside starting Python."""

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
    """The second call on a store in which nothing is new."""
    measure(benchmark, GROUP, hoso, "statement", "--source", store, "--window", "2023-Q1")

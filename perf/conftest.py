"""What is measured, and against what? Each group of benchmarks holds hoso beside its limit.

A limit (``test_limit_…``) is what the same work would cost if hoso did nothing: bytes read, JSON
parsed, rows inserted. Quote the ratios at the end; absolute times belong to the machine.

``HOSO_PERF_EVENTS`` is the size of the history, about a million events unless set.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.services.fixtures import broker, postgres

__all__ = ["broker", "postgres"]

EVENTS = int(os.environ.get("HOSO_PERF_EVENTS", "1000000"))
EVENTS_PER_DOSSIER = 2.197  # of simulated ones
HOSO = str(Path(sys.executable).with_name("hoso"))


@pytest.fixture(scope="session")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated history."""
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    dossiers = str(round(EVENTS / EVENTS_PER_DOSSIER))
    hoso("simulate", "--dossiers", dossiers, "--seed", "1", "--out", str(path))
    return path


@pytest.fixture(scope="session")
def store(events_file: Path) -> str:
    """A store of that history, read once, so that its columns are kept."""
    url = f"sqlite:///{events_file.with_name('hoso.db')}"
    hoso("ingest", str(events_file), "--store", url)
    hoso("statement", "--source", url, "--window", "2023-Q1", "--format", "json")
    return url


def hoso(*arguments: str) -> None:
    """Run hoso as a process of its own."""
    subprocess.run([HOSO, *arguments], check=True, stdout=subprocess.DEVNULL)


def measure(benchmark: BenchmarkFixture, group: str, work: object, *arguments: object) -> None:
    """Measure some work three times, in a group."""
    benchmark.group = group
    benchmark.pedantic(work, arguments, rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each benchmark as a multiple of its group's limit."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    groups: dict[str, dict[str, float]] = {}
    for bench in session.benchmarks if session else []:
        groups.setdefault(bench.group, {})[bench.name] = bench.stats.median
    for group, medians in groups.items():
        terminalreporter.section(f"{group}: times the limit, medians")
        limits = {name: s for name, s in medians.items() if name.startswith("test_limit")}
        for name, seconds in medians.items():
            ratios = "  ".join(f"{seconds / s:6.2f} × {limit}" for limit, s in limits.items())
            terminalreporter.write_line(f"{name:<44} {seconds:9.4f} s  {ratios}")

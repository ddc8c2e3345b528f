"""What is measured, and against what? Each group of benchmarks holds hoso beside its limit.

A limit (``test_limit_…``) is what the same work would cost if hoso did nothing: bytes read, JSON
parsed, rows inserted. Quote the ratios at the end; absolute times belong to the machine.

``HOSO_PERF_EVENTS`` is the size of the history, about a million events unless set. What was
measured is kept in ``perf/measured.json``, the groups of each run beside those of earlier ones.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.services.fixtures import broker, postgres

__all__ = ["broker", "postgres"]

EVENTS = int(os.environ.get("HOSO_PERF_EVENTS", "1000000"))
EVENTS_PER_DOSSIER = 2.197  # of simulated ones
MEASURED: Final = Path(__file__).with_name("measured.json")
HOSO = str(Path(sys.executable).with_name("hoso"))


@pytest.fixture(scope="session")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated history."""
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    dossiers = str(round(EVENTS / EVENTS_PER_DOSSIER))
    hoso("simulate", "--dossiers", dossiers, "--seed", "1", "--out", str(path))
    return path


def country(tmp_path_factory: pytest.TempPathFactory, events: int) -> Path:
    """A simulated country of about so many events; kept in ``HOSO_PERF_ARCHIVES``, if set."""
    kept = os.environ.get("HOSO_PERF_ARCHIVES")
    folder = Path(kept) if kept else tmp_path_factory.getbasetemp()
    archive = folder / f"country-{events}"
    if not archive.exists():
        dossiers = str(round(events / EVENTS_PER_DOSSIER))
        hoso("simulate", "--dossiers", dossiers, "--format", "archive", "--out", str(archive))
    return archive


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
    """Each benchmark as a multiple of its group's limits; kept, too."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for bench in session.benchmarks if session else []:
        measured = {"seconds": round(bench.stats.median, 6), **bench.extra_info}
        groups.setdefault(bench.group, {})[bench.name] = measured
    for group, found in groups.items():
        terminalreporter.section(f"{group}: times the limit, medians")
        limits = {n: m["seconds"] for n, m in found.items() if n.startswith("test_limit")}
        for name, measured in found.items():
            ratios = {limit: measured["seconds"] / s for limit, s in limits.items()}
            shown = "  ".join(f"{ratio:6.2f} × {limit}" for limit, ratio in ratios.items())
            terminalreporter.write_line(f"{name:<60} {measured['seconds']:9.4f} s  {shown}")
    _keep(groups)


def _keep(groups: dict[str, dict[str, dict[str, Any]]]) -> None:
    before = orjson.loads(MEASURED.read_bytes()) if MEASURED.exists() else {}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    if groups:
        MEASURED.write_bytes(orjson.dumps(before | groups, option=options))

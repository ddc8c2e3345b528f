"""Shared by all benchmarks: test data, measuring, and the report at the end.

Each group of benchmarks compares hoso with its limits. A limit (``test_limit_…``) is the time that
the same work would take if hoso added nothing: bytes read, JSON parsed, rows inserted. Quote the
ratios at the end of the output; seconds depend on the machine.

``HOSO_PERF_EVENTS`` is the number of events in the test data, about a million unless set. Results
are written to ``perf/measured.json``; groups that were not run keep their last results there.
docs/PERFORMANCE.md says how to measure and what was last measured.
"""

import os
import platform
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.domain.windows import Window
from tests.services.fixtures import broker, postgres

__all__ = ["broker", "postgres"]

EVENTS = int(os.environ.get("HOSO_PERF_EVENTS", "1000000"))
EVENTS_PER_DOSSIER = 2.18  # in simulated histories
MEASURED: Final = Path(__file__).with_name("measured.json")
HOSO = str(Path(sys.executable).with_name("hoso"))
DAYS: Final = Window(date(2022, 9, 1), date(2023, 8, 31))  # of simulated histories
SPAN: Final = ("--from", str(DAYS.first), "--to", str(DAYS.last))


@pytest.fixture(scope="session")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated history as JSON lines."""
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    dossiers = str(round(EVENTS / EVENTS_PER_DOSSIER))
    hoso("simulate", *SPAN, "--dossiers", dossiers, "--seed", "1", "--out", str(path))
    return path


def country(tmp_path_factory: pytest.TempPathFactory, events: int) -> Path:
    """The archive of a simulated country of about ``events`` events. It is kept for later runs in
    the folder ``HOSO_PERF_ARCHIVES``, if that is set."""
    kept = os.environ.get("HOSO_PERF_ARCHIVES")
    folder = Path(kept) if kept else tmp_path_factory.getbasetemp()
    archive = folder / f"country-{events}"
    if not archive.exists():
        dossiers = str(round(events / EVENTS_PER_DOSSIER))
        made = ("--dossiers", dossiers, "--format", "archive", "--out", str(archive))
        hoso("simulate", *SPAN, *made)
    return archive


@pytest.fixture(scope="session")
def store(events_file: Path) -> str:
    """A store of that history that was read once, so its columns are cached."""
    url = f"sqlite:///{events_file.with_name('hoso.db')}"
    hoso("ingest", str(events_file), "--store", url)
    hoso("statement", "--source", url, "--window", "2023-Q1", "--format", "json")
    return url


def hoso(*arguments: str) -> None:
    """Run hoso in a process of its own."""
    subprocess.run([HOSO, *arguments], check=True, stdout=subprocess.DEVNULL)


def measure(benchmark: BenchmarkFixture, group: str, work: object, *arguments: object) -> None:
    """Measure a call three times, after one that is not measured."""
    benchmark.group = group
    benchmark.pedantic(work, arguments, rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each benchmark as a multiple of its group's limits, and write the results to a file."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for bench in session.benchmarks if session else []:
        result = {"seconds": round(bench.stats.median, 6), **bench.extra_info}
        groups.setdefault(bench.group, {})[bench.name] = result
    for group, results in groups.items():
        terminalreporter.section(f"{group}: times the limit, medians")
        limits = {n: r["seconds"] for n, r in results.items() if n.startswith("test_limit")}
        for name, result in results.items():
            ratios = {limit: result["seconds"] / s for limit, s in limits.items()}
            columns = "  ".join(f"{ratio:6.2f} × {limit}" for limit, ratio in ratios.items())
            terminalreporter.write_line(f"{name:<60} {result['seconds']:9.4f} s  {columns}")
    if groups:
        _write_results(groups)


def _write_results(groups: dict[str, dict[str, dict[str, Any]]]) -> None:
    results = orjson.loads(MEASURED.read_bytes())
    for group, benchmarks in groups.items():
        results[group] = {"conditions": _conditions(), "medians": benchmarks}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    MEASURED.write_bytes(orjson.dumps(results, option=options))


def _conditions() -> dict[str, Any]:
    """When and where this run takes place, and for how many events."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date(),
        "events": EVENTS,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {memory_bytes >> 30} GiB",
        "python": platform.python_version(),
    }

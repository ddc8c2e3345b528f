"""Shared by all benchmarks: test data, measuring, and the report at the end.

Each group of benchmarks compares hoso with its limits. A limit (``test_limit_…``) is the time that
the same work would take if hoso added nothing: bytes read, JSON parsed, rows inserted. Quote the
ratios at the end of the output; seconds depend on the machine.

``HOSO_PERF_EVENTS`` is the number of events in the test data, about a million unless set. With
``QUICK=1`` it is a twentieth of that, and each call is measured once.
``report`` prints the results and writes them to a file. docs/PERFORMANCE.md says how to measure and
what was last measured.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.domain.windows import Window
from perf import report
from tests.services.fixtures import broker, postgres

__all__ = ["broker", "postgres"]

QUICK: Final = os.environ.get("QUICK") == "1"
EVENTS = int(os.environ.get("HOSO_PERF_EVENTS") or (50_000 if QUICK else 1_000_000))
EVENTS_PER_DOSSIER = 2.18  # in simulated histories
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
    """Measure a call three times, after one that is not measured; quickly, once."""
    benchmark.group, rounds = group, 1 if QUICK else 3
    benchmark.pedantic(work, arguments, rounds=rounds, warmup_rounds=rounds // 3)  # type: ignore[no-untyped-call]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each group of benchmarks as a table, and write the results to a file."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for bench in session.benchmarks if session else []:
        result = {"seconds": round(bench.stats.median, 6), **bench.extra_info}
        groups.setdefault(bench.group, {})[bench.name] = result
    if not groups:
        return
    about = report.conditions(EVENTS, quick=QUICK)
    say, width = terminalreporter.write_line, shutil.get_terminal_size().columns
    say(f"\n{about['processor']}, {about['machine']}, load {about['load']}; {EVENTS:,} events")
    for group, results in groups.items():
        say("")
        for line in report.table(group, results, width):
            say(line)
    say(f"\n{report.write_results(groups, about).relative_to(Path.cwd())}: written")

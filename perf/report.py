"""What a run of the benchmarks found: the machine, a table that fits the terminal, and a file.

A ratio is how many times the limit a benchmark took. ``perf/last.json`` has the last run, and git
ignores it; with ``RECORD=1`` results go into ``perf/measured.json``, which is committed.
"""

import os
import platform
import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

LIMIT: Final = "test_limit_"  # how the name of a benchmark begins that is a limit of its group
MEASURED: Final = Path(__file__).with_name("measured.json")
LAST: Final = Path(__file__).with_name("last.json")
NUMBERS: Final = 12  # the width of a column of numbers
MOST_LIMITS: Final = 3  # that have a column; a group has no more
VERSIONS: Final = ("hoso", "numpy", "pyarrow", "numba", "eventsourcing", "duckdb", "polars")

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]  # by group and name


def recorded() -> bool:
    """Whether the results of this run are to be committed."""
    return os.environ.get("RECORD") == "1"


def write_results(groups: Results, conditions: Mapping[str, Any]) -> Path:
    """Write results beside those of groups that were not run; returns the file."""
    target = MEASURED if recorded() else LAST
    results = orjson.loads(target.read_bytes()) if target.exists() else {}
    for group, benchmarks in groups.items():
        results[group] = {"conditions": conditions, "medians": benchmarks}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    target.write_bytes(orjson.dumps(results, option=options))
    return target


def conditions(events: int, *, quick: bool) -> dict[str, Any]:
    """When, where and with what this run takes place."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date(),
        "events": events,
        "quick": quick,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {memory_bytes >> 30} GiB",
        "processor": processor(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in VERSIONS},
    }


def processor() -> str:
    """The model of the processor, as far as the system tells."""
    with Path("/proc/cpuinfo").open() as lines:
        models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(models, platform.processor() or "not told")


def table(group: str, results: Mapping[str, Mapping[str, Any]], width: int) -> Iterator[str]:
    """The lines of a group's table, none of them longer than ``width``."""
    limits = {name: each["seconds"] for name, each in results.items() if name.startswith(LIMIT)}
    numbered = dict(list(limits.items())[:MOST_LIMITS])
    room = max(width - NUMBERS * (1 + len(numbered)), 20)
    heads = ["seconds", *(f"times ({n})" for n in range(1, len(numbered) + 1))]
    yield shortened(group, room).ljust(room) + "".join(f"{head:>{NUMBERS}}" for head in heads)
    for name, result in results.items():
        numbers = [f"{result['seconds']:.4f}"]
        numbers += [f"{result['seconds'] / limit:.2f}" for limit in numbered.values()]
        yield said(name, room).ljust(room) + "".join(f"{each:>{NUMBERS}}" for each in numbers)
    for number, name in enumerate(numbered, 1):
        yield shortened(f"  ({number}) {said(name, width)}", width)


def said(name: str, width: int) -> str:
    """The name of a benchmark as words that are no wider than ``width``."""
    return shortened(name.removeprefix("test_").replace("_", " "), width)


def shortened(text: str, width: int) -> str:
    """A text on one line of some width; what is longer ends with an ellipsis."""
    return textwrap.shorten(text, width - 1, placeholder="…")

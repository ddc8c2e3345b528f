"""How long it takes until new events show in a statement, in one process.

The store has ``HOSO_PERF_EVENTS`` events and was read before, so only the new events are folded. It
is made for each run: the late events that this module appends end in suspense for the most part,
and would slow later runs.
"""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from time import monotonic, sleep
from typing import NamedTuple

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.store.log import LogEntry, open_store
from hoso.domain.events import Event
from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.kernels import native
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.statement import statement_from
from hoso.tools.runtime.environment import office, zone
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options

GROUP = "incremental refresh of a store"
NEW_EVENTS = 10_000
EVENTS_PER_S = 20_000
BATCHES_PER_S = 10
SUSTAINED_S = 10
NUMBERS = count(os.getpid() * 1_000_000)
OFFICE = office(Policy())


@pytest.fixture(scope="module")
def refreshed(store: str) -> str:
    """The store after one refresh, with its balance sheets cached and the machine code loaded."""
    digest(store)
    assert native.COMPILABLE
    append(store, new_entries(store, 1_000))
    digest(store)
    return store


def digest(url: str, *, cache: bool = True) -> str:
    """The digest of a statement of everything in the store."""
    sheets = balance_sheets_of(url, cache=cache)
    return str(statement_from(sheets, named_window("2023-Q1"))["digest"])


def balance_sheets_of(url: str, *, cache: bool = True) -> BalanceSheets:
    """The balance sheets of everything in the store, without slices."""
    [sheets] = open_source([url], Options(OFFICE.zone, cache=cache)).balances([OFFICE], None, ())
    return sheets


def new_entries(url: str, number: int) -> list[LogEntry]:
    """New events, half of them receptions, half of them late events of dossiers in the store."""
    with open_store(url) as store:
        last = store.last_position()
        positions = (random.randrange(last) for _ in range(number))
        known = [next(store.read(position, position + 1)).event() for position in positions]
    lines = [
        orjson.dumps(_late_event(event) if n % 2 else _reception(event))
        for n, event in enumerate(known)
    ]
    return validate_messages(
        lines, str, IntakeContext("events", zone(), datetime.now(UTC), None)
    ).entries


def _late_event(event: Event) -> dict[str, object]:
    return {
        **_attributes(event, next(NUMBERS)),
        "type": "dossier.supplement_requested.v1",
        "subject": event.subject,
        "time": event.time + timedelta(hours=1),
    }


def _reception(event: Event) -> dict[str, object]:
    number = next(NUMBERS)
    return {
        **_attributes(event, number),
        "type": "dossier.received.v1",
        "subject": f"new-{number}",
        "time": event.time,
        "data": {
            "agency": "H52.01",
            "field": "Xây dựng",
            "procedure": "1.004227",
            "channel": "online",
            "allowance": {"value": 10, "unit": "working_days"},
        },
    }


def _attributes(event: Event, number: int) -> dict[str, object]:
    """The attributes of any new event from the source of ``event``."""
    return {"specversion": "1.0", "id": f"new-{number}", "source": event.source}


def append(url: str, entries: list[LogEntry]) -> None:
    with open_store(url) as store, store.writing() as writer:
        writer.append(entries)


def test_ten_thousand_new_events(benchmark: BenchmarkFixture, refreshed: str) -> None:
    """A statement after new events, half of them late events of old dossiers."""
    benchmark.group = GROUP

    def append_more() -> tuple[tuple[str], dict[str, object]]:
        append(refreshed, new_entries(refreshed, NEW_EVENTS))
        return (refreshed,), {}

    benchmark.pedantic(digest, setup=append_more, rounds=3)  # type: ignore[no-untyped-call]


def test_a_window_of_a_ready_ledger(benchmark: BenchmarkFixture, refreshed: str) -> None:
    benchmark.group = GROUP
    benchmark(statement_from, balance_sheets_of(refreshed), named_window("2023-Q1"))


class Reached(NamedTuple):
    """When the log, or a statement of it, reached a position."""

    position: int
    at_s: float


def test_sustained_intake(benchmark: BenchmarkFixture, refreshed: str) -> None:
    """The lag of statements behind a process that appends events: the median, and the maximum."""
    benchmark.group = GROUP
    batch_events = EVENTS_PER_S // BATCHES_PER_S
    batches = [new_entries(refreshed, batch_events) for _ in range(SUSTAINED_S * BATCHES_PER_S)]
    stated = [Reached(0, monotonic())]
    with ProcessPoolExecutor(1) as pool:
        intake = pool.submit(append_steadily, refreshed, batches)
        while not intake.done():
            stated.append(state_all(refreshed))
        recorded = intake.result()
    stated.append(state_all(refreshed))
    lags_s = [next(s.at_s for s in stated if s.position >= r.position) - r.at_s for r in recorded]
    took_s = recorded[-1].at_s - recorded[0].at_s
    benchmark.extra_info["lag_s_max"] = max(lags_s)
    benchmark.extra_info["lag_s_median"] = median(lags_s)
    benchmark.extra_info["events_per_s"] = round((len(recorded) - 1) * batch_events / took_s)
    benchmark.pedantic(sleep, (median(lags_s),), rounds=1)  # type: ignore[no-untyped-call]


def state_all(url: str) -> Reached:
    """Make a statement of everything in the store."""
    with open_store(url) as store:
        position = store.last_position()
    digest(url)
    return Reached(position, monotonic())


def append_steadily(url: str, batches: list[list[LogEntry]]) -> list[Reached]:
    """Append batches at an even rate."""
    start_s, recorded = monotonic(), []
    with open_store(url) as store:
        for number, entries in enumerate(batches):
            sleep(max(0.0, start_s + number / BATCHES_PER_S - monotonic()))
            with store.writing() as writer:
                writer.append(entries)
            recorded.append(Reached(store.last_position(), monotonic()))
    return recorded


def test_limit_folding_all_of_it(benchmark: BenchmarkFixture, refreshed: str) -> None:
    """A fold of the whole log without the cache, which must give the same digest."""
    benchmark.group = GROUP
    cached = digest(refreshed)
    folded = benchmark.pedantic(digest, (refreshed,), {"cache": False}, rounds=1)  # type: ignore[no-untyped-call]
    assert folded == cached

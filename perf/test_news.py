"""How soon does what is new show in a statement? In process, of a store that was read before.

``HOSO_PERF_STORE`` names a large one (it grows by some thousand events at each run); else one of
``HOSO_PERF_EVENTS`` events is made.
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

from hoso.consumers.intake.record import IntakeContext, judge
from hoso.consumers.store.log import LogEntry, open_store
from hoso.domain.events import Event
from hoso.domain.policy import Policy
from hoso.domain.windows import named
from hoso.projections.ledger.statement import statement_from
from hoso.tools.runtime.environment import office, zone
from hoso.tools.sources.store_balances import sheets_of

GROUP = "what is new in a store"
NEW = 10_000
EVENTS_PER_S = 20_000
BATCHES_PER_S = 10
SUSTAINED_S = 10
NUMBERS = count(os.getpid() * 1_000_000)
OFFICE = office(Policy())


@pytest.fixture(scope="module")
def large(request: pytest.FixtureRequest) -> str:
    """A store whose balance sheets are kept, with the compiler loaded."""
    from hoso.projections.kernels import native

    url = os.environ.get("HOSO_PERF_STORE") or str(request.getfixturevalue("store"))
    state(url)
    assert native.COMPILABLE
    append(url, news(url, 1_000))
    state(url)
    return url


def state(url: str, *, cache: bool = True) -> str:
    sheets = sheets_of(url, OFFICE, None, (), cache=cache)
    return str(statement_from(sheets, named("2023-Q1"))["digest"])


def news(url: str, number: int) -> list[LogEntry]:
    """As many new events: receptions, and late ones of dossiers that are there."""
    with open_store(url) as store:
        last = store.last_position()
        places = (random.randrange(last) for _ in range(number))
        known = [next(store.read(place, place + 1)).event() for place in places]
    lines = [orjson.dumps(_later(event) if n % 2 else _new(event)) for n, event in enumerate(known)]
    return judge(lines, str, IntakeContext("events", zone(), datetime.now(UTC), None)).entries


def _later(event: Event) -> dict[str, object]:
    return {
        **_of(event, next(NUMBERS)),
        "type": "dossier.supplement_requested.v1",
        "subject": event.subject,
        "time": event.time + timedelta(hours=1),
    }


def _new(event: Event) -> dict[str, object]:
    number = next(NUMBERS)
    return {
        **_of(event, number),
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


def _of(event: Event, number: int) -> dict[str, object]:
    """What any event of the same source bears."""
    return {"specversion": "1.0", "id": f"news-{number}", "source": event.source}


def append(url: str, entries: list[LogEntry]) -> int:
    """Append some events; the position of the last."""
    with open_store(url) as store:
        with store.writing() as writer:
            writer.append(entries)
        return store.last_position()


def test_ten_thousand_new_events(benchmark: BenchmarkFixture, large: str) -> None:
    """Half of them receptions, half of them late events of old dossiers."""
    benchmark.group = GROUP

    def some_more() -> tuple[tuple[str], dict[str, object]]:
        append(large, news(large, NEW))
        return (large,), {}

    benchmark.pedantic(state, setup=some_more, rounds=3)  # type: ignore[no-untyped-call]


def test_a_window_of_a_ready_ledger(benchmark: BenchmarkFixture, large: str) -> None:
    benchmark.group = GROUP
    sheets = sheets_of(large, OFFICE, None, ())
    benchmark(statement_from, sheets, named("2023-Q1"))


class Seen(NamedTuple):
    """When the log reached a position, or a statement told of it."""

    position: int
    at_s: float


def test_sustained_intake(benchmark: BenchmarkFixture, large: str) -> None:
    """The median of how long after it was recorded a batch shows; the worst is in its notes."""
    benchmark.group = GROUP
    batch = EVENTS_PER_S // BATCHES_PER_S
    batches = [news(large, batch) for _ in range(SUSTAINED_S * BATCHES_PER_S)]
    shown = [Seen(0, monotonic())]
    with ProcessPoolExecutor(1) as another:
        intake = another.submit(sustained, large, batches)
        while not intake.done():
            shown.append(show(large))
        recorded = intake.result()
    shown.append(show(large))
    lags = [next(s.at_s for s in shown if s.position >= r.position) - r.at_s for r in recorded]
    took_s = recorded[-1].at_s - recorded[0].at_s
    benchmark.extra_info["lag_s_max"] = max(lags)
    benchmark.extra_info["lag_s_median"] = median(lags)
    benchmark.extra_info["events_per_s"] = round((len(recorded) - 1) * batch / took_s)
    benchmark.pedantic(sleep, (median(lags),), rounds=1)  # type: ignore[no-untyped-call]


def show(url: str) -> Seen:
    """Have a statement tell of all there is."""
    with open_store(url) as store:
        position = store.last_position()
    state(url)
    return Seen(position, monotonic())


def sustained(url: str, batches: list[list[LogEntry]]) -> list[Seen]:
    """Append batches at an even pace."""
    begun, recorded = monotonic(), []
    with open_store(url) as store:
        for number, entries in enumerate(batches):
            sleep(max(0.0, begun + number / BATCHES_PER_S - monotonic()))
            with store.writing() as writer:
                writer.append(entries)
            recorded.append(Seen(store.last_position(), monotonic()))
    return recorded


def test_limit_folding_all_of_it(benchmark: BenchmarkFixture, large: str) -> None:
    """What is kept gives the digest of a fold from nothing."""
    benchmark.group = GROUP
    kept = state(large)
    fresh = benchmark.pedantic(state, (large,), {"cache": False}, rounds=1)  # type: ignore[no-untyped-call]
    assert fresh == kept

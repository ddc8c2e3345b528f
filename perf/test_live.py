"""How quickly a live ledger takes in what is new, and how far statements lag behind the log.

The store has ``HOSO_PERF_EVENTS`` events. What is new is, to a tenth, late events of old dossiers;
the others are receptions, and facts about old dossiers. ``HOSO_PERF_SECONDS`` is how long events
are appended at an even rate (10; an hour is 3600): memory is measured at its beginning and its end.
"""

import os
import random
import subprocess
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event as Stop
from time import monotonic, sleep

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.store.log import LogEntry, open_store
from hoso.domain.events import Event
from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.kernels.run import use_machine_code
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.statement import statement_from
from hoso.projections.live.files import name_for
from hoso.projections.live.ledger import LiveLedger
from hoso.tools.jobs.follow import follow
from hoso.tools.runtime.environment import office, zone
from hoso.tools.sources.live import folder_of, live_sheets
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from hoso.tools.sources.store_log import OpenLog
from perf.conftest import EVENTS, HOSO
from perf.test_refresh import BATCHES_PER_S, EVENTS_PER_S, Reached, append, append_steadily

GROUP = "live ledger of a store"
NEW_EVENTS = 10_000
LATE = 10  # one of so many new events
ROUNDS = 5
SUSTAINED_S = int(os.environ.get("HOSO_PERF_SECONDS", "10"))
OFFICE = office(Policy())
NUMBERS = count(os.getpid() * 1_000_000_000)


@pytest.fixture(scope="module")
def followed(store: str) -> str:
    """The store with a live ledger, and machine code loaded."""
    follow(store, OFFICE, Stop(), until_end=True)
    use_machine_code(EVENTS)
    return store


def opened(url: str) -> LiveLedger:
    """The live ledger that is kept of a store."""
    folder = folder_of(url, OFFICE)
    state = None if folder is None else folder.state()
    assert folder is not None
    assert state is not None
    assert state.name == name_for(OFFICE)
    ledger = folder.ledger(state, OFFICE)
    assert ledger is not None
    return ledger


def new_entries(url: str, number: int) -> list[LogEntry]:
    """New events of dossiers drawn by lot."""
    with open_store(url) as store:
        drawn = random.sample(range(1, store.last_position() + 1), number)
        known = [stored.event() for stored in store.events_at(sorted(drawn))]
    now = datetime.now(UTC)
    lines = [orjson.dumps(_new_event(event, n, now)) for n, event in enumerate(known)]
    context = IntakeContext("events", zone(), now, None)
    return validate_messages(lines, str, context).entries


def _new_event(known: Event, number: int, now: datetime) -> dict[str, object]:
    unique = f"live-{next(NUMBERS)}"
    said = {"specversion": "1.0", "id": unique, "source": known.source}
    if number % LATE == 0:
        kind, time = "supplement_requested", known.time + timedelta(hours=1)
        return {**said, "type": f"dossier.{kind}.v1", "subject": known.subject, "time": time}
    if number % 2:
        return {**said, "type": "dossier.synced.v1", "subject": known.subject, "time": now}
    data = {
        "agency": "H52.01",
        "field": "Xây dựng",
        "procedure": "1.004227",
        "channel": "online",
        "allowance": {"value": 10, "unit": "working_days"},
    }
    return {**said, "type": "dossier.received.v1", "subject": unique, "time": now, "data": data}


def test_ten_thousand_new_events_are_folded_one_by_one(
    benchmark: BenchmarkFixture, followed: str
) -> None:
    """From a ledger that is open to its new balances, the reading of the log included."""
    benchmark.group = GROUP
    ledger = opened(followed)
    ledger.sheets()

    def append_more() -> None:
        append(followed, new_entries(followed, NEW_EVENTS))

    def carry_on() -> BalanceSheets:
        with open_store(followed) as store:
            ledger.carry_on(OpenLog(store, OFFICE.zone), NEW_EVENTS)
        return ledger.sheets()

    benchmark.pedantic(carry_on, setup=append_more, rounds=ROUNDS)  # type: ignore[no-untyped-call]


def test_a_kept_ledger_is_opened(benchmark: BenchmarkFixture, followed: str) -> None:
    """All of its files are mapped and their seals compared, as after a restart."""
    from hoso.projections.live.files import MAPPED

    benchmark.group = GROUP
    benchmark.pedantic(opened, (followed,), setup=MAPPED.clear, rounds=ROUNDS)  # type: ignore[no-untyped-call]


def test_sustained_intake_while_it_is_followed(benchmark: BenchmarkFixture, followed: str) -> None:
    """The lag of statements behind a process that appends events, while another follows."""
    benchmark.group = GROUP
    batch_events = EVENTS_PER_S // BATCHES_PER_S
    batches = [new_entries(followed, batch_events) for _ in range(SUSTAINED_S * BATCHES_PER_S)]
    stated, memory_kib = [Reached(0, monotonic())], []
    with (
        subprocess.Popen(
            [HOSO, "follow", "--store", followed], stderr=subprocess.DEVNULL
        ) as keeper,
        ProcessPoolExecutor(1) as pool,
    ):
        intake = pool.submit(append_steadily, followed, batches)
        while not intake.done():
            stated.append(state_all(followed))
            memory_kib.append(memory_of(keeper.pid))
        recorded = intake.result()
        stated.append(state_all(followed))
        keeper.terminate()
    lags_s = [next(s.at_s for s in stated if s.position >= r.position) - r.at_s for r in recorded]
    took_s = recorded[-1].at_s - recorded[0].at_s
    benchmark.extra_info["lag_s_max"] = max(lags_s)
    benchmark.extra_info["lag_s_median"] = median(lags_s)
    benchmark.extra_info["events_per_s"] = round((len(recorded) - 1) * batch_events / took_s)
    benchmark.extra_info["memory_mib"] = [
        memory_kib[len(memory_kib) // 4] >> 10,
        memory_kib[-1] >> 10,
    ]
    benchmark.pedantic(sleep, (median(lags_s),), rounds=1)  # type: ignore[no-untyped-call]


def state_all(url: str) -> Reached:
    """State everything in the store, from its live ledger."""
    with open_store(url) as store:
        position = store.last_position()
    sheets = live_sheets(url, OFFICE, (), 0)
    assert sheets is not None
    statement_from(sheets, named_window("2023-Q1"))
    return Reached(position, monotonic())


def memory_of(process: int) -> int:
    """The memory that belongs to a process alone, in KiB: mapped files are the system's."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    [line] = [each for each in status.splitlines() if each.startswith("RssAnon")]
    return int(line.split()[1])


def test_limit_folding_all_of_it(benchmark: BenchmarkFixture, followed: str) -> None:
    """A fold of the whole log without the cache, which must give the same digest."""
    benchmark.group = GROUP
    live, window = live_sheets(followed, OFFICE, (), 0), named_window("2023-Q1")
    assert live is not None

    def fold() -> BalanceSheets:
        [sheets] = StoreSource(followed, Options(OFFICE.zone, cache=False)).balances(
            [OFFICE], None, ()
        )
        return sheets

    folded = benchmark.pedantic(fold, rounds=1)  # type: ignore[no-untyped-call]
    assert statement_from(live, window)["digest"] == statement_from(folded, window)["digest"]

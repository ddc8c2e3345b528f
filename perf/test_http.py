"""Events over HTTP, in batches and one by one, beside the same events by ``hoso ingest``.

The senders run on the same cores as the server. Each keeps its connection, and sends the next call
once the last one is answered. How long single events wait at ``RATE`` a second stands in the
results as ``p50_ms``, ``p99_ms`` and ``slowest_ms``.
"""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import QUICK, hoso, measure
from tests.services.postgres import Postgres
from tests.serving import Server, started

EVENTS: Final = 200_000
BATCH_EVENTS: Final = 500
SENDERS: Final = 4
RATE: Final = 500  # single events a second
SECONDS: Final = 3 if QUICK else 20
BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}
STRUCTURED: Final = {"Content-Type": "application/cloudevents+json"}

New = Callable[[], str]


@pytest.fixture(scope="module")
def lines(events_file: Path) -> list[bytes]:
    """The first events of the history."""
    with events_file.open("rb") as file:
        return [line.rstrip() for line, _ in zip(file, range(EVENTS), strict=False)]


@pytest.fixture(scope="module")
def file(lines: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same events as a file."""
    path = tmp_path_factory.mktemp("http") / "events.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> New:
    """Makes the address of an empty store."""
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        return postgres.new_database
    numbers = count()
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


def group(new: New) -> str:
    return f"events over HTTP into {urlsplit(new()).scheme}"


def test_limit_ingest(benchmark: BenchmarkFixture, file: Path, new: New) -> None:
    measure(benchmark, group(new), lambda: hoso("ingest", str(file), "--store", new()))


def test_batches(benchmark: BenchmarkFixture, lines: list[bytes], new: New, tmp_path: Path) -> None:
    starts = range(0, len(lines), BATCH_EVENTS)
    bodies = [b"[" + b",".join(lines[n : n + BATCH_EVENTS]) + b"]" for n in starts]
    with ExitStack() as running:

        def begin() -> tuple[tuple[Server, Sequence[bytes]], dict[str, object]]:
            return (running.enter_context(started(tmp_path, "--source", new())), bodies), {}

        benchmark.group = group(new)
        benchmark.pedantic(send_all, setup=begin, rounds=3)  # type: ignore[no-untyped-call]
    seconds = benchmark.stats["median"]  # type: ignore[index]
    benchmark.extra_info["events_per_second"] = round(len(lines) / seconds)


def send_all(server: Server, bodies: Sequence[bytes]) -> None:
    """Send batches by some senders at a time."""

    def send(share: Sequence[bytes]) -> None:
        connection = connected(server)
        for body in share:
            post(connection, "/events/batch", body, BATCH)

    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(send, [bodies[n::SENDERS] for n in range(SENDERS)]))


def test_single_events(
    benchmark: BenchmarkFixture, lines: list[bytes], new: New, tmp_path: Path
) -> None:
    waits: list[float] = []
    with started(tmp_path, "--source", new()) as server:
        post(
            http.client.HTTPConnection(urlsplit(server.address).netloc),
            "/events",
            lines[0],
            STRUCTURED,
        )
        benchmark.group = f"single {group(new)}"
        benchmark.pedantic(  # type: ignore[no-untyped-call]
            lambda: waits.extend(paced(server, lines[1 : RATE * SECONDS])), rounds=1
        )
    waits.sort()
    for name, share in {"p50_ms": 0.5, "p99_ms": 0.99, "slowest_ms": 1.0}.items():
        place = min(int(share * len(waits)), len(waits) - 1)
        benchmark.extra_info[name] = round(1_000 * waits[place], 1)


def paced(server: Server, lines: Sequence[bytes]) -> Iterator[float]:
    """Send single events at a steady rate; how long each took from when it was due."""
    begun = time.monotonic() + 0.1

    def send(sender: int) -> list[float]:
        connection = connected(server)
        waits = []
        for number in range(sender, len(lines), 2 * SENDERS):
            due = begun + number / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            post(connection, "/events", lines[number], STRUCTURED)
            waits.append(time.monotonic() - due)
        return waits

    with ThreadPoolExecutor(2 * SENDERS) as senders:
        for waits in senders.map(send, range(2 * SENDERS)):
            yield from waits


def connected(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.address).netloc)


def post(
    connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> None:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200

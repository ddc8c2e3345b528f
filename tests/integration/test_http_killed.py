"""Whatever becomes of a server that takes events: is each answered event there, and none twice?

A sender sends batches one after another, each until it is answered. Meanwhile its server is killed
and started again, or two servers on one store are restarted in turn.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from hoso.consumers.store.log import open_store
from tests.serving import Server, started
from tests.told import Json, received
from tests.torment.running import until

BATCH = {"Content-Type": "application/cloudevents-batch+json"}
EVENTS = 20  # in a batch
KILLS = 3
PATIENCE_S = 150


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'hoso.db'}"


def batch_of(number: int, sender: int) -> list[Json]:
    codes = range(number * EVENTS, (number + 1) * EVENTS)
    return [received("2023-03-01", 5, code=f"S{sender}-{code}") for code in codes]


class Sender:
    """Sends batches, each until it is answered, to the first of some addresses that takes it."""

    def __init__(self, number: int, addresses: Callable[[], list[str]]) -> None:
        self.answered: list[str] = []
        self.words: Counter[str] = Counter()
        self._number, self._addresses = number, addresses
        self._done = Event()
        self._thread = Thread(target=self._send)
        self._thread.start()

    def end(self) -> None:
        """Send no further batch, and wait for the answer of the last one."""
        self._done.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def _send(self) -> None:
        number = 0
        while not self._done.is_set():
            batch = batch_of(number, self._number)
            verdicts = self._answer_to(json.dumps(batch).encode())
            assert len(verdicts) == EVENTS
            self.answered += [event["id"] for event in batch]
            self.words.update(each["verdict"] for each in verdicts)
            number += 1

    def _answer_to(self, body: bytes) -> list[Json]:
        for address in self._tries():
            try:
                answer = httpx.post(f"{address}/events/batch", content=body, headers=BATCH)
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                verdicts: list[Json] = answer.json()["verdicts"]
                return verdicts
            assert answer.status_code in (429, 503), answer.text
            assert int(answer.headers["Retry-After"]) >= 1
        raise AssertionError("nobody answers")

    def _tries(self) -> Iterator[str]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            yield from self._addresses()
            time.sleep(0.05)


def answered_by(senders: list[Sender]) -> int:
    return sum(len(sender.answered) for sender in senders)


def assert_each_answered_event_is_there_once(url: str, senders: list[Sender]) -> None:
    with open_store(url) as store:
        found = Counter(json.loads(stored.state)["id"] for stored in store.read())
    assert set(found.values()) <= {1}
    for sender in senders:
        assert set(sender.answered) <= found.keys()
        assert sender.words.keys() <= {"recorded", "repeat"}
        assert sender.words["recorded"] > 0
    # What a server had recorded and could not answer any more was sent again as it was.
    assert len(found) == answered_by(senders)


def test_a_server_that_is_killed_loses_and_doubles_nothing(url: str, tmp_path: Path) -> None:
    chance = random.Random(16)
    addresses: list[str] = []
    senders = [Sender(number, lambda: addresses) for number in range(2)]
    for _ in range(KILLS):
        with started(tmp_path, "--source", url) as server:
            addresses[:] = [server.address]
            before = answered_by(senders)
            until(lambda n=before: answered_by(senders) > n, str)  # type: ignore[misc]
            time.sleep(chance.random() / 2)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            addresses.clear()
    with started(tmp_path, "--source", url) as server:
        addresses[:] = [server.address]
        for sender in senders:
            sender.end()
    assert_each_answered_event_is_there_once(url, senders)


def test_a_server_that_ends_answers_what_it_has_taken(url: str, tmp_path: Path) -> None:
    with started(tmp_path, "--source", url) as server:
        sender = Sender(0, lambda: [server.address] if server.process.poll() is None else [])
        until(lambda: bool(sender.answered), str)
        os.kill(server.process.pid, signal.SIGTERM)
        server.process.wait(PATIENCE_S)
        with started(tmp_path, "--source", url) as other:
            sender._addresses = lambda: [other.address]
            sender.end()
    assert_each_answered_event_is_there_once(url, [sender])
    assert sender.words.keys() == {"recorded"}  # nothing was recorded without an answer


def test_two_servers_on_one_store_are_restarted_in_turn(database: str, tmp_path: Path) -> None:
    with ExitStack() as running:

        def begin() -> Server:
            return running.enter_context(started(tmp_path, "--source", database))

        servers = [begin(), begin()]
        senders = [
            Sender(n, lambda n=n: [servers[n].address, servers[1 - n].address])  # type: ignore[misc]
            for n in range(2)
        ]
        for number in (0, 1):
            time.sleep(0.5)
            os.kill(servers[number].process.pid, signal.SIGTERM)
            servers[number].process.wait(PATIENCE_S)
            servers[number] = begin()
        for sender in senders:
            sender.end()
    assert_each_answered_event_is_there_once(database, senders)

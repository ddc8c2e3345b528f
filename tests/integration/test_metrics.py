"""What monitoring sees of real processes: a consumer whose store is away, and hoso follow."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.command import HOSO, done, environment
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.processes import free_port
from tests.torment.sending import lives, messages, send

PATIENCE_S = 60.0


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Callable[[str], float]]:
    """A command that serves its metrics while the context lasts; yields what says the sum of one
    (NaN while there is no answer)."""
    port = free_port()
    command = [HOSO, *words, "--metrics-port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=environment(XDG_CACHE_HOME=str(folder))) as ran:

        def measured(name: str) -> float:
            with suppress(OSError):
                connection = HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/metrics")
                page = connection.getresponse().read().decode()
                families = text_string_to_metric_families(page)
                return sum(s.value for each in families for s in each.samples if s.name == name)
            return float("nan")

        try:
            yield measured
        finally:
            ran.send_signal(signal.SIGTERM)
            assert ran.wait(PATIENCE_S) == 0


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_lag_is_told_while_the_store_is_away(
    broker: Broker, topic: str, postgres: Postgres, database: str, tmp_path: Path
) -> None:
    events = messages(lives(40))
    send(broker, topic, events[:20])
    store = ("--store", f"{database}?connect_timeout=2")
    kafka = ("--topic", topic, "--bootstrap-servers", broker.bootstrap)
    with running(tmp_path, "consume", *kafka, *store) as measured:
        eventually(lambda: measured("hoso_events_recorded_total") == 20)
        postgres.kill()
        send(broker, topic, events[20:])
        eventually(lambda: measured("hoso_away") == 1)
        eventually(lambda: measured("hoso_lag_messages") == len(events) - 20)
        postgres.start()
        eventually(lambda: measured("hoso_events_recorded_total") == len(events))
        eventually(lambda: measured("hoso_lag_messages") == measured("hoso_away") == 0)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_who_follows_tells_suspense_rejects_and_lag(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = "sqlite:///hoso.db" if kind == "sqlite" else request.getfixturevalue("database")
    events = "".join(json.dumps(event) + "\n" for event in lives(5))
    (tmp_path / "events.jsonl").write_text(events)
    done(tmp_path, "ingest", "events.jsonl", "--recorded", "time", "--store", url)
    with running(tmp_path, "follow", "--store", url) as measured:
        eventually(lambda: measured("hoso_follow_position") == events.count("\n"))
        assert measured("hoso_follow_lag_events") == measured("hoso_away") == 0
        assert measured("hoso_events_in_suspense") == measured("hoso_rejects_kept") == 0

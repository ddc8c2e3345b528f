"""Can a monitoring system tell how a consumer does: by its metrics, its health and its log?"""

import io
import json
import logging
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from hoso.consumers.kafka import consume as consuming
from hoso.consumers.kafka.consume import Batch, Waiting
from hoso.domain.errors import UserError
from hoso.tools.jobs import metrics
from hoso.tools.jobs.metrics import MOST_CLIENTS, SILENT_S, ConsumerMetrics, metrics_server
from hoso.tools.runtime import logs
from hoso.tools.runtime.stopping import stop_requested
from tests.command import hoso

Json = dict[str, Any]
Sample = tuple[str, str | None]  # its name, and its partition


def samples(page: str) -> dict[Sample, float]:
    """What a page of metrics says, read as Prometheus reads it."""
    return {
        (sample.name, sample.labels.get("partition")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def measured(counted: ConsumerMetrics) -> dict[Sample, float]:
    return samples(generate_latest(counted.registry).decode())


def lags(counted: ConsumerMetrics) -> dict[str | None, float]:
    return {
        partition: value
        for (name, partition), value in measured(counted).items()
        if name == "hoso_lag_messages"
    }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, to be changed."""
    passed = [1_000.0]
    monkeypatch.setattr(metrics, "monotonic", lambda: passed[0])
    return passed


# --- Gauges --------------------------------------------------------------------------------------


def test_what_batches_bring_is_added_up() -> None:
    counted = ConsumerMetrics()
    for batch in (Batch(5, 0, {0: 3}), Batch(0, 2, {0: 1}), Batch(7, 1, {})):
        counted.count(batch)
    assert (counted.recorded, counted.rejected) == (12, 3)
    page = measured(counted)
    assert page["hoso_events_recorded_total", None] == 12
    assert page["hoso_messages_rejected_total", None] == 3
    assert page["hoso_waits_total", None] == 0


def test_two_consumers_count_apart() -> None:
    one, other = ConsumerMetrics(), ConsumerMetrics()
    one.count(Batch(5, 0, {}))
    assert (other.recorded, measured(other)["hoso_events_recorded_total", None]) == (0, 0)


def test_the_lag_is_that_of_the_present_share() -> None:
    """A partition that is another's by now is not ours to tell of."""
    counted = ConsumerMetrics()
    assert lags(counted) == {}
    counted.count(Batch(0, 0, {0: 3, 11: 0}))
    assert lags(counted) == {"0": 3, "11": 0}
    counted.count(Batch(0, 0, {2: 8}))
    assert lags(counted) == {"2": 8}


def test_the_last_batch_is_the_last_that_recorded_anything() -> None:
    counted, last = ConsumerMetrics(), ("hoso_last_batch_timestamp_seconds", None)
    counted.count(Batch(0, 1, {}))
    assert measured(counted)[last] == 0
    counted.count(Batch(1, 0, {}))
    moment = measured(counted)[last]
    assert abs(datetime.now(UTC).timestamp() - moment) < 60
    counted.count(Batch(0, 0, {}))
    assert measured(counted)[last] == moment


WELL = {"consumer": "ok", "broker": "ok", "store": "ok"}


def test_a_consumer_is_well_as_long_as_it_polls(clock: list[float]) -> None:
    counted = ConsumerMetrics()
    counted.count(Batch(0, 0, {}))
    for _ in range(3):
        assert counted.health() == WELL
        clock[0] += SILENT_S
        counted.count(Batch(0, 0, {}))
    clock[0] += SILENT_S
    assert counted.health() == WELL
    clock[0] += 1
    assert counted.health() == {**WELL, "consumer": f"no poll for {SILENT_S + 1:.0f} s"}
    counted.count(Batch(0, 0, {}))
    assert counted.health() == WELL


def test_a_consumer_is_not_well_before_it_has_reached_the_broker_and_the_store() -> None:
    health = ConsumerMetrics().health()
    assert health == {
        "consumer": "no poll yet",
        "broker": "not reached yet",
        "store": "not reached yet",
    }


def away(
    part: consuming.Part, reason: str = "the server is away", lag: dict[int, int] | None = None
) -> Waiting:
    return Waiting(0.1, reason, part, lag or {})


def test_the_lag_grows_on_while_the_store_is_away_and_is_the_last_one_without_a_broker() -> None:
    counted = ConsumerMetrics()
    counted.count(Batch(5, 0, {0: 3, 1: 0}))
    counted.wait(away("store", lag={0: 90, 1: 7}))
    assert lags(counted) == {"0": 90, "1": 7}
    counted.wait(away("broker"))
    assert lags(counted) == {"0": 90, "1": 7}


def test_gauges_say_which_part_is_away() -> None:
    counted = ConsumerMetrics()
    assert are_away(counted) == {"broker": 0, "store": 0}
    counted.wait(away("store"))
    assert are_away(counted) == {"broker": 0, "store": 1}
    counted.count(Batch(0, 0, {}))
    assert are_away(counted) == {"broker": 0, "store": 0}


def are_away(counted: ConsumerMetrics) -> dict[str, float]:
    [family] = [each for each in counted.registry.collect() if each.name == "hoso_away"]
    return {sample.labels["part"]: sample.value for sample in family.samples}


@pytest.mark.parametrize("part", ["broker", "store"])
def test_a_consumer_that_waits_is_not_well_until_a_poll_succeeds(part: consuming.Part) -> None:
    counted = ConsumerMetrics()
    counted.count(Batch(0, 0, {}))
    counted.wait(away(part))
    counted.wait(away(part))
    waiting = {"consumer": "waits, and tries again", part: "the server is away"}
    assert counted.health() == WELL | waiting
    assert measured(counted)["hoso_waits_total", None] == 2
    counted.count(Batch(0, 0, {}))
    assert counted.health() == WELL


# --- Answers -------------------------------------------------------------------------------------


def asked(port: int, path: str) -> tuple[int, str, str]:
    """The status of an answer, its kind and its text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, str(answer.getheader("Content-Type")), answer.read().decode()


def test_metrics_are_served_as_prometheus_reads_them() -> None:
    counted = ConsumerMetrics()
    counted.count(Batch(5, 1, {0: 3}))
    with metrics_server(counted, 0) as port:
        status, kind, page = asked(port, "/metrics")
        assert (status, kind.partition(";")[0]) == (200, "text/plain")
        assert samples(page) == measured(counted)
        counted.count(Batch(5, 0, {0: 0}))
        assert samples(asked(port, "/metrics")[2])["hoso_events_recorded_total", None] == 10


def test_health_is_200_or_503_with_each_part() -> None:
    counted = ConsumerMetrics()
    with metrics_server(counted, 0) as port:
        assert asked(port, "/health")[0] == 503
        counted.count(Batch(0, 0, {}))
        assert asked(port, "/health")[::2] == (200, "consumer: ok\nbroker: ok\nstore: ok\n")
        counted.wait(away("store", "the server\n\x1b[2J is away"))
        assert asked(port, "/health")[::2] == (
            503,
            "consumer: waits, and tries again\nbroker: ok\n"
            "store: the server\\x0a\\x1b[2J is away\n",
        )
        counted.count(Batch(0, 0, {}))
        assert asked(port, "/health")[0] == 200


def test_the_server_listens_on_this_computer_only_unless_another_address_is_chosen() -> None:
    with (
        metrics_server(ConsumerMetrics(), 0) as port,
        socket.socket() as other,
        pytest.raises(ConnectionRefusedError),
    ):
        other.connect(("127.0.0.2", port))
    with metrics_server(ConsumerMetrics(), 0, "0.0.0.0") as port:
        socket.create_connection(("127.0.0.2", port)).close()


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(UserError, match=r"--metrics-port 0, --metrics-host 192\.0\.2\.1: Cannot"):
        metrics_server(ConsumerMetrics(), 0, "192.0.2.1").__enter__()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client has 0.5 s."""
    monkeypatch.setattr(metrics, "CLIENT_TIMEOUT_S", 0.5)


@pytest.mark.usefixtures("hurried")
def test_a_client_that_is_silent_is_hung_up_on() -> None:
    with metrics_server(ConsumerMetrics(), 0) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nX: ")
            assert client.recv(1) == b""
        assert asked(port, "/metrics")[0] == 200


@pytest.mark.usefixtures("hurried")
def test_a_client_that_sends_byte_by_byte_is_hung_up_on() -> None:
    begun = time.monotonic()
    with (
        metrics_server(ConsumerMetrics(), 0) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as client,
        suppress(ConnectionError),
    ):
        while time.monotonic() < begun + 20:
            client.sendall(b"x")
            client.settimeout(0.05)
            with suppress(TimeoutError):
                assert client.recv(1) == b""
                break
    assert time.monotonic() < begun + 10


def test_so_many_clients_are_served_at_a_time_and_then_others_again() -> None:
    with metrics_server(ConsumerMetrics(), 0) as port:
        address = ("127.0.0.1", port)
        held = [socket.create_connection(address, timeout=10) for _ in range(MOST_CLIENTS)]
        with socket.create_connection(address, timeout=10) as one_more:
            assert one_more.recv(1) == b""
        for client in held:
            client.close()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError):
                if asked(port, "/metrics")[0] == 200:
                    break
            time.sleep(0.02)
        assert asked(port, "/metrics")[0] == 200


@pytest.mark.parametrize("path", ["/", "/metric", "/health/x", "/../etc/passwd"])
def test_nothing_else_is_served(path: str) -> None:
    with metrics_server(ConsumerMetrics(), 0) as port:
        assert asked(port, path)[::2] == (404, "/metrics and /health are here\n")


def test_nobody_is_logged_for_asking(capsys: pytest.CaptureFixture[str]) -> None:
    with metrics_server(ConsumerMetrics(), 0) as port:
        asked(port, "/health")
        asked(port, "/nothing")
    assert capsys.readouterr() == ("", "")


def test_the_port_is_free_again_afterwards() -> None:
    with metrics_server(ConsumerMetrics(), 0) as port:
        pass
    with metrics_server(ConsumerMetrics(), port) as again:
        assert asked(again, "/metrics")[0] == 200


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_told(taken: int) -> None:
    with pytest.raises(UserError, match=f"--metrics-port {taken}: Address already in use"):
        metrics_server(ConsumerMetrics(), taken).__enter__()


def test_a_consumer_with_a_port_that_is_taken_says_so_in_one_line(
    taken: int, tmp_path: Path
) -> None:
    arguments = ("--topic", "t", "--bootstrap-servers", "127.0.0.1:1", "--metrics-port", str(taken))
    outcome = hoso(tmp_path, "consume", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == f"hoso: --metrics-port {taken}: Address already in use\n"
    assert not list(tmp_path.iterdir())


# --- The log -------------------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the service logs, as it is written."""
    written = io.StringIO()
    handler, level = logging.StreamHandler(written), logs.LOG.level
    handler.setFormatter(logs.JsonFormatter())
    logs.LOG.addHandler(handler)
    logs.LOG.setLevel(logging.INFO)
    yield written
    logs.LOG.removeHandler(handler)
    logs.LOG.setLevel(level)


def lines(logged: io.StringIO) -> list[Json]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


def test_what_happens_is_told_with_its_facts_on_a_line_of_json(logged: io.StringIO) -> None:
    logs.log_event("recorded", events=5, lag=0)
    logs.log_event("waiting", logging.WARNING, seconds=0.5, reason="Sơn La\nis away")
    first, second = lines(logged)
    moment = datetime.fromisoformat(first.pop("time"))
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    assert first == {
        "level": "info",
        "logger": "hoso",
        "event": "recorded",
        "events": 5,
        "lag": 0,
    }
    assert (second["level"], second["event"]) == ("warning", "waiting")
    assert (second["seconds"], second["reason"]) == (0.5, "Sơn La\nis away")


def test_facts_of_any_kind_can_be_told(logged: io.StringIO) -> None:
    logs.log_event(
        "stopped", folder=Path("/tmp"), when=datetime(2023, 3, 15, tzinfo=UTC), none=None
    )
    [line] = lines(logged)
    assert line["folder"] == "/tmp"
    assert line["when"] == "2023-03-15T00:00:00+00:00"
    assert line["none"] is None


def test_what_libraries_log_is_json_as_well(logged: io.StringIO) -> None:
    logs.LOG.getChild("library").error("%d of %s\nfailed", 3, "9")
    [line] = lines(logged)
    assert (line["logger"], line["level"]) == ("hoso.library", "error")
    assert line["event"] == "3 of 9\nfailed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_stop_is_not_dead_at_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_requested() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.wait(1)
    assert signal.getsignal(number) is before

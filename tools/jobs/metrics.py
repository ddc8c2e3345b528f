"""Serves the metrics and the health of a process over HTTP, on a port of their own.

``/metrics`` is in Prometheus' text format. ``/health`` has one line for each part of a process: of
a consumer the consumer, the broker, the store. It answers 200 if all are well; 503, with the
reason, before the first poll, while a part is away, or when no poll has succeeded for long.

There is no login and no encryption. So the server listens on this computer only, unless another
address is chosen. Whoever has not asked and read its answer within ``CLIENT_TIMEOUT_S``, however it
sends its bytes, is hung up on. So is whoever comes while ``MOST_CLIENTS`` are served.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread, Timer
from time import monotonic, time
from typing import Any, Final, Protocol, get_args
from urllib.parse import urlsplit

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)

from hoso.consumers.kafka.consume import Batch, Part, Waiting
from hoso.domain.errors import UserError
from hoso.tools.runtime.printable import printable

SILENT_S: Final = 60.0  # without a poll for so long, a consumer is not healthy
CLIENT_TIMEOUT_S: Final = 5.0  # for a request and its answer, from the first byte to the last
MOST_CLIENTS: Final = 16  # at a time: each takes a thread
LOOPBACK: Final = "127.0.0.1"
WELL: Final = "ok"
PARTS: Final[tuple[Part, ...]] = get_args(Part)  # that may be away


class Measured(Protocol):
    """A running process that is measured."""

    registry: CollectorRegistry

    def health(self) -> dict[str, str]:
        """How each part is: ``WELL``, or why it is not."""


class ConsumerMetrics:
    """The metrics of a running consumer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.recorded = 0
        self.rejected = 0
        self.in_conflict = 0
        self._polled = monotonic()
        self._has_polled = False
        self._away: dict[Part, str] = {}  # why a part is away
        counter, gauge = self._counter, self._gauge
        self._events = counter("hoso_events_recorded", "Events recorded in the log")
        self._rejects = counter("hoso_messages_rejected", "Messages that are no events")
        self._conflicts = gauge(
            "hoso_events_in_conflict",
            "Events recorded since the start that share another's identity",
        )
        self._waits = counter("hoso_waits", "Attempts that found the store or the broker away")
        self._kept = gauge("hoso_rejects_kept", "Rejects that the store keeps")
        self._is_away = gauge("hoso_away", "1 while this part is away", ["part"])
        for part in PARTS:
            self._is_away.labels(part).set(0)
        self._lag = gauge("hoso_lag_messages", "Messages not read yet", ["partition"])
        self._last = gauge("hoso_last_batch_timestamp_seconds", "When events were last recorded")

    def count(self, batch: Batch) -> None:
        """Count a poll that succeeded, whatever it brought."""
        self._polled, self._has_polled, self._away = monotonic(), True, {}
        for part in PARTS:
            self._is_away.labels(part).set(0)
        self.recorded += batch.recorded
        self.rejected += batch.rejects
        self._events.inc(batch.recorded)
        self._rejects.inc(batch.rejects)
        self._set_lag(batch.lag)
        if batch.recorded:
            self._last.set(time())

    def _set_lag(self, lag: Mapping[int, int]) -> None:
        self._lag.clear()
        for partition, messages in lag.items():
            self._lag.labels(str(partition)).set(messages)

    def add_conflicts(self, events: int) -> None:
        """Count events that are in conflict with an event before them."""
        self.in_conflict += events
        self._conflicts.set(self.in_conflict)

    def set_kept(self, rejects: int) -> None:
        """Say how many rejects the store keeps."""
        self._kept.set(rejects)

    def wait(self, waiting: Waiting) -> None:
        """Count an attempt that found the store or the broker away, and the lag that grows
        meanwhile."""
        self._away = {waiting.part: waiting.reason}
        for part in PARTS:
            self._is_away.labels(part).set(part == waiting.part)
        self._waits.inc()
        if waiting.lag:
            self._set_lag(waiting.lag)

    def health(self) -> dict[str, str]:
        """How each part is: ``WELL``, or why it is not."""
        return {
            "consumer": self._fault_of_polls() or WELL,
            "broker": self._part("broker"),
            "store": self._part("store"),
        }

    def _part(self, part: Part) -> str:
        if part in self._away:
            return self._away[part]
        return WELL if self._has_polled else "not reached yet"

    def _fault_of_polls(self) -> str | None:
        if self._away:
            return "waits, and tries again"
        if not self._has_polled:
            return "no poll yet"
        if (silent := monotonic() - self._polled) > SILENT_S:
            return f"no poll for {silent:.0f} s"
        return None

    def _counter(self, name: str, help_text: str) -> Counter:
        return Counter(name, help_text, registry=self.registry)

    def _gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(name, help_text, labels, registry=self.registry)


@contextmanager
def metrics_server(metrics: Measured, port: int, host: str = LOOPBACK) -> Iterator[int]:
    """Serve metrics and health on a port of an address while the context lasts; yields the port.

    Port 0 stands for any port that is free. ``host`` is an address of this computer; ``0.0.0.0``
    stands for all. Raises ``UserError`` if the port is in use, or the address is none of ours.
    """
    handler = type("Handler", (_Handler,), {"metrics": metrics})
    try:
        server = _Server((host, port), handler)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "is no address"
        where = f"--metrics-port {port}" + ("" if host == LOOPBACK else f", --metrics-host {host}")
        raise UserError(f"{where}: {reason}") from None
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def metrics_where_asked(
    metrics: Measured, port: int | None, host: str
) -> AbstractContextManager[int | None]:
    """The same where a port is given; without one, nothing is served."""
    return nullcontext() if port is None else metrics_server(metrics, port, host)


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a client that hangs does not hold up the end of the process

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._places = BoundedSemaphore(MOST_CLIENTS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a client in a thread, or hang up where too many are served."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a client, for a limited time."""
        limit = Timer(CLIENT_TIMEOUT_S, _hang_up, (request,))
        limit.daemon = True
        limit.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            limit.cancel()
            self._places.release()

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that hangs up is no fault of ours."""


def _hang_up(client: socket.socket) -> None:
    with suppress(OSError):  # it is gone already
        client.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    metrics: Measured

    def do_GET(self) -> None:  # as the standard library calls it
        path = urlsplit(self.path).path
        if path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.metrics.registry))
        elif path == "/health":
            health = self.metrics.health()
            status = 200 if {*health.values()} == {WELL} else 503
            text = "".join(f"{part}: {printable(state)}\n" for part, state in health.items())
            self._answer(status, "text/plain; charset=utf-8", text.encode())
        else:
            self._answer(404, "text/plain", b"/metrics and /health are here\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: requests are not logged."""

"""Serves the metrics and the health of a consumer over HTTP, on a port of their own.

``/metrics`` is in Prometheus' text format. ``/health`` answers 200 while the consumer makes
progress; 503, with the reason, while the store or the broker is away, or when no poll has succeeded
for long.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic, time
from typing import Any, Final
from urllib.parse import urlsplit

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)

from hoso.consumers.kafka.consume import Batch
from hoso.domain.errors import UserError

SILENT_S: Final = 60.0  # without a poll for so long, a consumer is not healthy


class ConsumerMetrics:
    """The metrics of a running consumer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.recorded = 0
        self.rejected = 0
        self._polled = monotonic()
        self._away: str | None = None
        counter, gauge = self._counter, self._gauge
        self._events = counter("hoso_events_recorded", "Events recorded in the log")
        self._rejects = counter("hoso_messages_rejected", "Messages that are no events")
        self._waits = counter("hoso_waits", "Attempts that found the store or the broker away")
        self._lag = gauge("hoso_lag_messages", "Messages not read yet", ["partition"])
        self._last = gauge("hoso_last_batch_timestamp_seconds", "When events were last recorded")

    def count(self, batch: Batch) -> None:
        """Count a poll that succeeded, whatever it brought."""
        self._polled, self._away = monotonic(), None
        self.recorded += batch.recorded
        self.rejected += batch.rejects
        self._events.inc(batch.recorded)
        self._rejects.inc(batch.rejects)
        self._lag.clear()
        for partition, messages in batch.lag.items():
            self._lag.labels(str(partition)).set(messages)
        if batch.recorded:
            self._last.set(time())

    def wait(self, reason: str) -> None:
        """Count an attempt that found the store or the broker away."""
        self._away = reason
        self._waits.inc()

    def fault(self) -> str | None:
        """Why the consumer is not healthy; None if it is."""
        if self._away:
            return self._away
        if (silent := monotonic() - self._polled) > SILENT_S:
            return f"no poll for {silent:.0f} s"
        return None

    def _counter(self, name: str, help_text: str) -> Counter:
        return Counter(name, help_text, registry=self.registry)

    def _gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(name, help_text, labels, registry=self.registry)


@contextmanager
def metrics_server(metrics: ConsumerMetrics, port: int) -> Iterator[int]:
    """Serve metrics and health on a port while the context lasts; yields the port.

    Port 0 stands for any port that is free. Raises ``UserError`` if the port is in use.
    """
    handler = type("Handler", (_Handler,), {"metrics": metrics})
    try:
        server = _Server(("", port), handler)
    except OSError as error:
        raise UserError(f"--metrics-port {port}: {error.strerror}") from None
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that hangs up is no fault of ours."""


class _Handler(BaseHTTPRequestHandler):
    metrics: ConsumerMetrics

    def do_GET(self) -> None:  # as the standard library calls it
        fault = self.metrics.fault()
        path = urlsplit(self.path).path
        if path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.metrics.registry))
        elif path == "/health":
            self._answer(503 if fault else 200, "text/plain", (fault or "ok").encode() + b"\n")
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

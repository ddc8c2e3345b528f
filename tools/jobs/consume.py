"""Runs a consumer of a Kafka topic until it is stopped: it finishes its batch, then it ends.

Its log is JSON on standard error, one object on each line. It has no secrets: stores and brokers
are named without passwords.
"""

import logging
from contextlib import closing, suppress
from functools import partial
from time import monotonic
from typing import Final, NamedTuple

from hoso.consumers.intake.conflicts import conflicts_since
from hoso.consumers.intake.keeping import tidy
from hoso.consumers.intake.national import Defaults
from hoso.consumers.intake.record import Format
from hoso.consumers.kafka import client
from hoso.consumers.kafka.consume import Assigned, Batch, Overtaken, Step, Waiting, consume
from hoso.consumers.kafka.topic import Topic
from hoso.consumers.store.backend import StoreUnavailable
from hoso.consumers.store.log import Store, open_store
from hoso.tools.jobs.metrics import LOOPBACK, ConsumerMetrics, metrics_where_asked
from hoso.tools.runtime import environment
from hoso.tools.runtime.logs import log_event
from hoso.tools.runtime.stopping import stop_requested
from hoso.tools.runtime.workers import worker_process

AS_OCCURRED: Final = "events without recordedtime count as recorded when they occurred"
RAW_KEEPING: Final = "rejects are kept as they came, with any personal data in them"
LOOK_S: Final = 60.0  # between looks for conflicts
TIDY_S: Final = 3_600.0  # between looks for rejects that are too old


class Found(NamedTuple):
    """How many messages were rejected, and how many events are in conflict with one before."""

    rejects: int
    conflicts: int


def serve(
    url: str,
    topic: str,
    servers: str,
    group: str,
    input_format: Format,
    metrics_port: int | None,
    metrics_host: str = LOOPBACK,
    *,
    until_end: bool,
    as_occurred: bool = False,
    keep_raw: bool = False,
    defaults: Defaults | None = None,
) -> Found:
    """Consume a topic into a store until the process is stopped.

    ``metrics_port`` of ``metrics_host`` serves metrics and health, where it is given. ``until_end``
    stops at the end of what was in the topic at the start. ``as_occurred``: an event that does not
    say when it was recorded counts as recorded when it occurred. ``keep_raw``: rejects are kept as
    they came. ``defaults``: what records of the national portal may lack. Returns what was found.

    Raises ``UserError`` for a fault that does not pass by itself. No message is lost then.
    """
    metrics = ConsumerMetrics()
    intake = partial(
        environment.intake_context,
        input_format,
        as_occurred=as_occurred,
        keep_raw=keep_raw,
        defaults=defaults,
    )
    with (
        worker_process() as judging,
        stop_requested() as stop,
        metrics_where_asked(metrics, metrics_port, metrics_host),
        open_store(url, create=True) as store,
        closing(Topic(topic, servers, client.consumer(servers, group))) as source,
    ):
        log_event("consuming", topic=topic, group=group, store=store.name)
        if as_occurred:
            log_event("recorded as occurred", note=AS_OCCURRED)
        if keep_raw:
            log_event("keeping raw", logging.WARNING, note=RAW_KEEPING)
        watch = _Watch(store, metrics)
        for step in consume(source, store, intake, judging, stop, until_end=until_end):
            _note(step, metrics)
            watch.note(step)
        watch.look()
    log_event(
        "stopped",
        recorded=metrics.recorded,
        rejected=metrics.rejected,
        conflicts=metrics.in_conflict,
    )
    return Found(metrics.rejected, metrics.in_conflict)


class _Watch:
    """Looks once a minute for conflicts among the events recorded since the start, and tidies the
    rejects once an hour."""

    def __init__(self, store: Store, metrics: ConsumerMetrics) -> None:
        self._store, self._metrics = store, metrics
        self._reached: int | None = None  # None until the store has its tables
        self._looked_s = monotonic()
        self._tidied_s = -TIDY_S
        self._is_away = False  # the store or the broker, so that a look would wait for it

    def note(self, step: Step) -> None:
        """Look, if it is time to; the first partitions that are assigned are the start."""
        self._is_away = isinstance(step, Waiting)
        if self._reached is None and isinstance(step, Assigned):
            with suppress(StoreUnavailable):  # partitions are assigned again after an outage
                self._reached = self._store.last_position()
                self._tidy()
        if monotonic() - self._looked_s > LOOK_S:
            self.look()

    def _tidy(self) -> None:
        if monotonic() - self._tidied_s < TIDY_S:
            return
        with suppress(StoreUnavailable):  # the next time
            tidied = tidy(self._store, environment.zone(), environment.now())
            self._tidied_s = monotonic()
            if any(tidied):
                log_event("rejects", blanked=tidied.blanked, dropped=tidied.dropped)

    def look(self) -> None:
        """Look for conflicts among the events since the last look, and log and count them."""
        self._looked_s = monotonic()
        if self._reached is None or self._is_away:
            return
        self._tidy()
        with suppress(StoreUnavailable):  # the next look sees the same events
            self._metrics.set_kept(self._store.count_rejects())
            end = self._store.last_position()
            if end == self._reached:
                return
            found = conflicts_since(self._store, self._reached)
            self._reached = end
            if found.events:
                examples = [str(each) for each in found.examples]
                log_event("conflicts", logging.WARNING, events=found.events, examples=examples)
                self._metrics.add_conflicts(found.events)


def _note(step: Step, metrics: ConsumerMetrics) -> None:
    """Count a step, and log it unless it is a poll that brought nothing."""
    match step:
        case Batch(recorded, rejects, lag):
            metrics.count(step)
            if recorded or rejects:
                level = logging.WARNING if rejects else logging.INFO
                messages = sum(lag.values())
                log_event("recorded", level, events=recorded, rejects=rejects, lag=messages)
        case Assigned(partitions, rejects):
            metrics.count(Batch(0, rejects, {}))
            level = logging.WARNING if rejects else logging.INFO
            log_event("placed", level, partitions=partitions, rejects=rejects)
        case Overtaken(reason):
            log_event("overtaken", logging.WARNING, reason=reason)
        case Waiting(seconds, reason):
            metrics.wait(step)
            log_event("waiting", logging.WARNING, seconds=seconds, reason=reason)

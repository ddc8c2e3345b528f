"""How does a consumer run for months? Told to stop, it finishes its batch; what it does, it logs.

Logs are JSON, one object a line, on standard error. Nothing in them is secret: stores and brokers
are named without passwords.
"""

import gc
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from threading import Event as Signal
from typing import Any, Final

import orjson

from hoso.consumers.intake.record import Format
from hoso.consumers.kafka import client
from hoso.consumers.kafka.consume import Assigned, Batch, Overtaken, Step, Waiting, consume
from hoso.consumers.kafka.topic import Topic
from hoso.consumers.store.log import open_store
from hoso.tools.jobs.metrics import Gauges, served
from hoso.tools.runtime import environment
from hoso.tools.runtime.workers import worker

LOG: Final = logging.getLogger("hoso")
TURN_S: Final = 0.0005  # a database that has answered is not kept waiting while messages are read
LITTER: Final = 200_000  # objects; a batch holds no circles, and looking for some takes long
STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def serve(
    url: str,
    topic: str,
    servers: str,
    group: str,
    language: Format,
    metrics_port: int | None,
    *,
    until_end: bool,
) -> int:
    """Consume a topic into a store until told to stop; returns how many messages were rejected.

    Raises ``UserError`` for what does not pass by itself, with nothing lost.
    """
    _log_as_json()
    tune()
    gauges = Gauges()
    watched = nullcontext() if metrics_port is None else served(gauges, metrics_port)
    reading = partial(environment.reading_of_streams, language)
    with (
        worker() as judging,
        stopped() as stop,
        watched,
        open_store(url, create=True) as store,
        closing(Topic(topic, servers, client.consumer(servers, group))) as source,
    ):
        tell("consuming", topic=topic, group=group, store=store.name)
        for step in consume(source, store, reading, judging, stop, until_end=until_end):
            _note(step, gauges)
    tell("stopped", recorded=gauges.recorded, rejected=gauges.rejected)
    return gauges.rejected


def tune() -> None:
    """Settings of the interpreter for one thread that reads and one that writes."""
    gc.set_threshold(LITTER)
    sys.setswitchinterval(TURN_S)


@contextmanager
def stopped() -> Iterator[Signal]:
    """A signal that is set when the process is told to stop, instead of dying at once; told once
    more, it dies."""
    stop, before = Signal(), {number: signal.getsignal(number) for number in STOPPING}

    def finish(number: int, _: Any) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in STOPPING:
        signal.signal(number, finish)
    try:
        yield stop
    finally:
        for number in STOPPING:
            signal.signal(number, before[number])


def tell(what: str, level: int = logging.INFO, **facts: Any) -> None:
    """Log what happened, and what is to be known of it."""
    LOG.log(level, what, extra={"facts": facts})


def _note(step: Step, gauges: Gauges) -> None:
    """Count and log a step; a poll that brought nothing is not worth a line."""
    match step:
        case Batch(recorded, rejects, lag):
            gauges.count(step)
            if recorded or rejects:
                level = logging.WARNING if rejects else logging.INFO
                tell("recorded", level, events=recorded, rejects=rejects, lag=sum(lag.values()))
        case Assigned(partitions, rejects):
            gauges.count(Batch(0, rejects, {}))
            level = logging.WARNING if rejects else logging.INFO
            tell("placed", level, partitions=partitions, rejects=rejects)
        case Overtaken(reason):
            tell("overtaken", logging.WARNING, reason=reason)
        case Waiting(seconds, reason):
            gauges.wait(reason)
            tell("waiting", logging.WARNING, seconds=seconds, reason=reason)


class AsJson(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """When, how grave, who, what; and the facts."""
        facts = getattr(record, "facts", {})
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        line |= {"event": record.getMessage(), **facts}
        return orjson.dumps(line, default=str).decode()


def _log_as_json() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    client.silence_kafka_log()

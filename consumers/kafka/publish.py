"""How do events get from files and logs to a topic? As they are, and each accounted for.

Intake judges every line first. The key is the dossier's code, so that one partition has all of a
dossier's events, in their order.

Published is what the broker has acknowledged, and nothing else. Where one event fails, no further
one is sent; what had been acknowledged by then is counted and told. To publish a source again
is safe: what the topic has already counts once, as its ``(source, id)`` is the same.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from kafka import KafkaProducer
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from hoso.consumers.intake import files
from hoso.consumers.intake.validate import Rejected, read
from hoso.consumers.kafka import client
from hoso.consumers.kafka.client import BrokerError, broker_errors
from hoso.consumers.store.log import open_store
from hoso.domain.errors import UserError

# What waits for its acknowledgment at a time. kafka-python itself would hold a whole file; and it
# counts the time an event waits for others, so that this much must get through in time.
WINDOW_BYTES: Final = 8_000_000
STRETCH: Final = 5_000  # events of a log, read at once
CLOSE_WITHIN_S: Final = 3.0
TOO_LARGE: Final = (MessageSizeTooLargeError, RecordListTooLargeError)


class Stretch(NamedTuple):
    """A part of a store's log."""

    url: str
    positions: range


class Outgoing(NamedTuple):
    """An event to be sent, and where a person finds it: ``events.jsonl:17``."""

    origin: str
    dossier: str
    raw: bytes


class Part(NamedTuple):
    """What a part of a source holds: events, and lines that are none."""

    events: list[Outgoing]
    rejects: list[str]


class Tally(NamedTuple):
    """What became of a source: how many events were acknowledged, and the lines that are none."""

    published: int
    rejects: list[str]


def stretches(url: str) -> list[Stretch]:
    """The log of a store, in parts. Raises ``StoreTrouble`` where there is no such store."""
    with open_store(url) as store:
        end = store.last_position()
    starts = range(1, end + 1, STRETCH)
    return [Stretch(url, range(start, min(start + STRETCH, end + 1))) for start in starts]


def judge(piece: files.Block | Stretch, now: datetime) -> Part:
    """Tell the events of a part of a source from what is none."""
    return _lines(piece, now) if isinstance(piece, files.Block) else _logged(piece)


def publish(parts: Iterable[Part], topic: str, servers: str) -> Tally:
    """Send the events of all parts, and wait until each is acknowledged.

    Raises ``UserError`` where one is not, or where a part cannot be read: with how many were.
    """
    rejects: list[str] = []
    with outbox(topic, servers) as box:
        for part in parts:
            rejects += part.rejects
            for event in part.events:
                box.send(event)
        box.settle()
    return Tally(box.acknowledged, rejects)


@contextmanager
def outbox(topic: str, servers: str) -> Iterator["Outbox"]:
    """An outbox to a topic; what is wrong within is told with how much was acknowledged."""
    _check(topic, servers)
    box = Outbox(client.producer(servers), topic, servers)
    try:
        with closing(box):
            yield box
    except UserError as wrong:
        raise UserError(
            f"{wrong}; {box.acknowledged:,} events were acknowledged: to publish them again is "
            "safe, as the same event counts once"
        ) from wrong


class Outbox:
    """Sends events to a topic, and knows which of them the broker has acknowledged."""

    def __init__(self, kafka: KafkaProducer, topic: str, servers: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._servers = servers
        self._patience_s = kafka.config["delivery_timeout_ms"] / 1_000
        self._settled = 0
        self._waiting: deque[tuple[Outgoing, Any]] = deque()
        self._waiting_bytes = 0

    @property
    def acknowledged(self) -> int:
        """How many events the broker has acknowledged."""
        return self._settled + sum(bool(future.succeeded()) for _, future in self._waiting)

    def send(self, event: Outgoing) -> None:
        """Send an event as soon as there is room for it.

        Raises ``BrokerError`` where it, or one before it, cannot be delivered.
        """
        while self._waiting_bytes > WINDOW_BYTES:
            self._settle_first()
        try:
            future = self._kafka.send(self._topic, event.raw, event.dossier.encode())
        except (KafkaError, ValueError) as error:
            raise self._undelivered(event, error) from error
        self._waiting.append((event, future))
        self._waiting_bytes += len(event.raw)

    def settle(self) -> None:
        """Wait until all is acknowledged. Raises ``BrokerError`` where something is not."""
        while self._waiting:
            self._settle_first()

    def close(self) -> None:
        """Give up what is not acknowledged, and go.

        ``KafkaProducer.close`` would wait for what cannot be delivered, and not close if it is not.
        """
        self._kafka._sender.force_close()
        with suppress(KafkaError):
            self._kafka.close(timeout=CLOSE_WITHIN_S)

    def _settle_first(self) -> None:
        event, future = self._waiting[0]
        try:
            future.get(self._patience_s)
        except KafkaError as error:
            raise self._undelivered(event, error) from error
        self._waiting.popleft()
        self._waiting_bytes -= len(event.raw)
        self._settled += 1

    def _undelivered(self, event: Outgoing, error: Exception) -> BrokerError:
        if isinstance(error, TOO_LARGE):
            return BrokerError(
                f"{event.origin}: {len(event.raw):,} bytes are more than a message of topic "
                f"{self._topic!r} may have; leave out what the language does not list"
            )
        why = " ".join(str(error).split())
        if isinstance(error, KafkaTimeoutError):
            why = f"not acknowledged within {self._patience_s:.0f} s"
        return BrokerError(f"{event.origin}: Kafka at {self._servers}: {why}")


def _check(topic: str, servers: str) -> None:
    """Raises ``BrokerError`` where there is no such topic: a producer would wait for it."""
    with closing(client.consumer(servers, group="hoso")) as kafka, broker_errors(servers):
        if not kafka.partitions_for_topic(topic):
            raise BrokerError(f"Kafka at {servers}: there is no topic {topic!r}; make it first")


def _lines(block: files.Block, now: datetime) -> Part:
    part = Part([], [])
    for line in files.lines(block):
        raw = line.raw.rstrip(b"\r")
        try:
            part.events.append(Outgoing(line.origin, read(raw, now).subject, raw))
        except Rejected as rejected:
            part.rejects.append(f"{line.origin}: {rejected}")
    return part


def _logged(stretch: Stretch) -> Part:
    first, end = stretch.positions.start, stretch.positions.stop
    with open_store(stretch.url) as store:
        log = store.read(first - 1, end - 1)
        return Part(
            [Outgoing(f"{e.store}:{e.position}", e.event().subject, e.state) for e in log], []
        )

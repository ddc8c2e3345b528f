"""Publishes events from files and from stores' logs to a Kafka topic, unchanged.

Lines of files are validated first; lines that are no events are not sent. A message's key is the
dossier's code, so one partition has all events of a dossier, in their order.

An event counts as published only when the broker has acknowledged it. If one event fails, no
further event is sent, and the error says how many were acknowledged. A source can be published
again safely: an event that the topic already has counts once, because its ``(source, id)`` is the
same.
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
from hoso.consumers.intake.validate import Rejected, parse_event
from hoso.consumers.kafka import client
from hoso.consumers.kafka.client import BrokerError, broker_errors
from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.log import open_store
from hoso.domain.errors import UserError

# The most bytes that may wait for acknowledgment. kafka-python itself would hold a whole file. It
# also counts the time that an event waits for others, so these bytes must get through in time.
MAX_UNACKNOWLEDGED_BYTES: Final = 8_000_000
RANGE_EVENTS: Final = 5_000  # events of a log that are read together
CLOSE_TIMEOUT_S: Final = 3.0
TOO_LARGE: Final = (MessageSizeTooLargeError, RecordListTooLargeError)


class LogRange(NamedTuple):
    """A range of positions in the log of a store."""

    address: StoreAddress
    positions: range


class OutgoingEvent(NamedTuple):
    """An event to send. ``origin`` is where a person finds it (``events.jsonl:17``), ``dossier``
    its dossier's code, and ``raw`` the bytes of the message."""

    origin: str
    dossier: str
    raw: bytes


class PublishBatch(NamedTuple):
    """The events of a part of a source, and one message for each line that is no event."""

    events: list[OutgoingEvent]
    rejects: list[str]


class PublishResult(NamedTuple):
    """The number of events acknowledged, and one message for each line that is no event."""

    published: int
    rejects: list[str]


def log_ranges(address: StoreAddress | str) -> list[LogRange]:
    """The log of a store, in ranges of ``RANGE_EVENTS``. Raises ``StoreError`` if there is no such
    store."""
    address = StoreAddress.parse(address)
    with open_store(address) as store:
        end = store.last_position() + 1
    starts = range(1, end, RANGE_EVENTS)
    return [LogRange(address, range(start, min(start + RANGE_EVENTS, end))) for start in starts]


def prepare_batch(part: files.Block | LogRange, now: datetime) -> PublishBatch:
    """Read the events of a part of a source. The lines of a file are validated; ``now`` is the
    time, in UTC.

    Raises ``StoreError`` if a store cannot be read.
    """
    return _batch_of_block(part, now) if isinstance(part, files.Block) else _batch_of_range(part)


def publish(batches: Iterable[PublishBatch], topic: str, servers: str) -> PublishResult:
    """Send the events of all batches, and wait until each is acknowledged.

    Raises ``UserError`` if an event is not acknowledged, or if ``batches`` raises it. Its message
    says how many events were acknowledged.
    """
    rejects: list[str] = []
    with event_sender(topic, servers) as sender:
        for batch in batches:
            rejects += batch.rejects
            for event in batch.events:
                sender.send(event)
        sender.flush()
    return PublishResult(sender.acknowledged, rejects)


@contextmanager
def event_sender(topic: str, servers: str) -> Iterator["EventSender"]:
    """A sender to a topic. Adds to a ``UserError`` raised in the context how many events were
    acknowledged.

    Raises ``BrokerError`` if there is no such topic.
    """
    _check_topic(topic, servers)
    sender = EventSender(client.producer(servers), topic, servers)
    try:
        with closing(sender):
            yield sender
    except UserError as error:
        raise UserError(
            f"{error}; {sender.acknowledged:,} events were acknowledged: to publish them again is "
            "safe, as the same event counts once"
        ) from error


class EventSender:
    """Sends events to a topic, and counts those that the broker has acknowledged."""

    def __init__(self, kafka: KafkaProducer, topic: str, servers: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._servers = servers
        self._timeout_s = kafka.config["delivery_timeout_ms"] / 1_000
        self._confirmed = 0
        self._waiting: deque[tuple[OutgoingEvent, Any]] = deque()
        self._waiting_bytes = 0

    @property
    def acknowledged(self) -> int:
        """The number of events that the broker has acknowledged."""
        return self._confirmed + sum(bool(future.succeeded()) for _, future in self._waiting)

    def send(self, event: OutgoingEvent) -> None:
        """Send an event, after waiting until fewer bytes wait for acknowledgment.

        Raises ``BrokerError`` if this event, or one before it, cannot be delivered.
        """
        while self._waiting_bytes > MAX_UNACKNOWLEDGED_BYTES:
            self._confirm_first()
        try:
            future = self._kafka.send(self._topic, event.raw, event.dossier.encode())
        except (KafkaError, ValueError) as error:
            raise self._undelivered(event, error) from error
        self._waiting.append((event, future))
        self._waiting_bytes += len(event.raw)

    def flush(self) -> None:
        """Wait until all events are acknowledged. Raises ``BrokerError`` if one is not."""
        while self._waiting:
            self._confirm_first()

    def close(self) -> None:
        """Give up the events that are not acknowledged, and close the producer.

        ``KafkaProducer.close`` alone would wait for events that cannot be delivered, and then not
        close.
        """
        self._kafka._sender.force_close()
        with suppress(KafkaError):
            self._kafka.close(timeout=CLOSE_TIMEOUT_S)

    def _confirm_first(self) -> None:
        """Wait until the event that was sent first is acknowledged."""
        event, future = self._waiting[0]
        try:
            future.get(self._timeout_s)
        except KafkaError as error:
            raise self._undelivered(event, error) from error
        self._waiting.popleft()
        self._waiting_bytes -= len(event.raw)
        self._confirmed += 1

    def _undelivered(self, event: OutgoingEvent, error: Exception) -> BrokerError:
        if isinstance(error, TOO_LARGE):
            return BrokerError(
                f"{event.origin}: {len(event.raw):,} bytes are more than a message of topic "
                f"{self._topic!r} may have; leave out what the language does not list"
            )
        reason = " ".join(str(error).split())
        if isinstance(error, KafkaTimeoutError):
            reason = f"not acknowledged within {self._timeout_s:.0f} s"
        return BrokerError(f"{event.origin}: Kafka at {self._servers}: {reason}")


def _check_topic(topic: str, servers: str) -> None:
    """Raises ``BrokerError`` if there is no such topic: a producer would wait for it."""
    with closing(client.consumer(servers, group="hoso")) as kafka, broker_errors(servers):
        if not kafka.partitions_for_topic(topic):
            raise BrokerError(f"Kafka at {servers}: there is no topic {topic!r}; make it first")


def _batch_of_block(block: files.Block, now: datetime) -> PublishBatch:
    batch = PublishBatch([], [])
    for line in files.lines(block):
        raw = line.raw.rstrip(b"\r")
        try:
            batch.events.append(OutgoingEvent(line.origin, parse_event(raw, now).subject, raw))
        except Rejected as rejected:
            batch.rejects.append(f"{line.origin}: {rejected}")
    return batch


def _batch_of_range(log_range: LogRange) -> PublishBatch:
    first, end = log_range.positions.start, log_range.positions.stop
    with open_store(log_range.address) as store:
        events = [
            OutgoingEvent(f"{e.store_name}:{e.position}", e.event().subject, e.state)
            for e in store.read(first - 1, end - 1)
        ]
    return PublishBatch(events, [])

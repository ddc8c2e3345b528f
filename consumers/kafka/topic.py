"""Reads the partitions of a topic that Kafka assigns to this consumer.

The consumers of a group divide the partitions of a topic among them. The assignment changes as
consumers come and go, and only Kafka's own thread learns of it. ``Topic.assignment_is_valid`` is
False from then on, until ``Topic.assigned`` returns the new assignment. Messages fetched under an
assignment that is no longer valid must not be recorded.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any, Final, NamedTuple

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from hoso.consumers.kafka.binary import event_in
from hoso.consumers.kafka.client import REQUEST_TIMEOUT_MS, BrokerError, broker_errors

Offsets = dict[TopicPartition, int]
MAX_IDENTITY: Final = 2**63 - 1  # the largest integer that a database stores
CLOSE_TIMEOUT_MS: Final = 5_000  # containers are killed after 10 s
SILENCE_S: Final = 10.0  # after so long without messages, ask the broker whether it is there
STREAM_PREFIX: Final = "kafka:"  # begins the name of a partition's stream in the store
NO_POSITION: Final = (NoOffsetForPartitionError, OffsetOutOfRangeError)


class PartitionMessages(NamedTuple):
    """Some messages of one partition, in its order: their offsets and their bytes; of an event in
    binary mode, those of the event in structured mode."""

    partition: TopicPartition
    offsets: list[int]
    values: list[bytes]


class Topic:
    """A topic on some servers, read by one consumer of a group.

    Methods raise ``BrokerError`` for a fault of Kafka, and ``BrokerUnavailable`` if the same call
    may succeed later.
    """

    def __init__(self, name: str, servers: str, kafka: KafkaConsumer) -> None:
        self.name = name
        self._servers = servers
        self._kafka = kafka
        self._assignment = _Assignment(kafka)
        self._identity = 0
        self._last_contact_s = monotonic()
        self._commit_request: Any = None  # kafka-python's future of the last commit
        self._uncommitted: Offsets = {}

    @property
    def assignment_is_valid(self) -> bool:
        """Whether our partitions, and the offsets from which to read them, are certain."""
        return self._assignment.is_valid

    def invalidate_assignment(self) -> None:
        """Give up the present assignment: another consumer may have read our partitions."""
        self._assignment.is_valid = False

    def subscribe(self) -> None:
        """Join the group, to have partitions assigned."""
        self._kafka.subscribe([self.name], listener=self._assignment)

    def close(self) -> None:
        """Leave the group, so that the others need not wait for the session timeout."""
        if self._uncommitted:
            with suppress(KafkaError):
                self._send_commit()
        self._kafka.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)

    def end_offsets(self) -> Offsets:
        """The offset after the last message of each partition of the topic."""
        with broker_errors(self._servers):
            return self._end_offsets(
                TopicPartition(self.name, number) for number in self._partition_numbers()
            )

    def identity(self) -> int:
        """A number that another topic of the same name does not have; 0 before Kafka 2.8."""
        topic_id = self._kafka._cluster.topic_id(self.name)  # there is no public way to it
        return topic_id.int & MAX_IDENTITY if topic_id else 0

    def assigned(self) -> dict[TopicPartition, range]:
        """The partitions that are assigned to us now, and the range of offsets that each has.

        From this call on the assignment is valid.
        """
        self._assignment.is_valid, self._uncommitted = True, {}
        with broker_errors(self._servers):
            self._partition_numbers()  # fetches the topic's metadata again if they were lost
            self._identity = self.identity()
            partitions = list(self._kafka.assignment())
            begins = self._kafka.beginning_offsets(partitions, timeout_ms=REQUEST_TIMEOUT_MS)
            ends = self._end_offsets(partitions)
        return {partition: range(begins[partition], ends[partition]) for partition in partitions}

    def seek(self, offsets: Offsets) -> None:
        """Set the offset from which to read each partition."""
        for partition, offset in offsets.items():
            try:
                self._kafka.seek(partition, offset)
            except ValueError:  # the partition was revoked at this moment
                self.invalidate_assignment()

    def fetch(self, wait_ms: int) -> list[PartitionMessages]:
        """The next messages of our partitions; none while the assignment is not valid."""
        with broker_errors(self._servers):
            try:
                polled = self._kafka.poll(timeout_ms=wait_ms)
            except NO_POSITION:
                self.invalidate_assignment()
        if self.identity() != self._identity:
            self.invalidate_assignment()
        if not self.assignment_is_valid:
            return []
        if polled or monotonic() - self._last_contact_s > SILENCE_S:
            self._confirm_contact(polled)
        return [
            PartitionMessages(
                p,
                [m.offset for m in messages],
                [event_in(m.value or b"", m.headers) for m in messages],
            )
            for p, messages in polled.items()
        ]

    def _confirm_contact(self, polled: dict[TopicPartition, Any]) -> None:
        """Note that the broker is there. Without messages, a poll does not show it, so ask.

        Raises ``BrokerUnavailable``.
        """
        if not polled:
            with broker_errors(self._servers):
                self._end_offsets(self._kafka.assignment())
        self._last_contact_s = monotonic()

    def positions(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """The next offset to read of each partition that is still ours.

        A position also moves past transaction markers and aborted messages, which are no messages
        for us.
        """
        with broker_errors(self._servers):
            return self._each(
                partitions, lambda p: self._kafka.position(p, timeout_ms=REQUEST_TIMEOUT_MS)
            )

    def last_known_ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """The offset after the last message of each partition that is still ours, as of the last
        fetch."""
        return self._each(partitions, self._kafka.highwater)

    def commit_offsets(self, last_offsets: Offsets) -> None:
        """Commit to Kafka the last offsets that were read. Only Kafka's monitoring uses them, so it
        does not matter whether the commit arrives.

        There is one request at a time: kafka-python refuses the sixth that waits for an answer, and
        that may be the request to leave the group. The group would then wait until our session
        times out.
        """
        self._uncommitted |= last_offsets
        if self._commit_request is None or self._commit_request.is_done:
            self._send_commit()

    def _send_commit(self) -> None:
        last_offsets, self._uncommitted = self._uncommitted, {}
        # Kafka's convention is to commit the next offset to read.
        offsets = {p: OffsetAndMetadata(n + 1, "", -1) for p, n in last_offsets.items()}
        self._commit_request = self._kafka.commit_async(offsets)

    def _each(
        self,
        partitions: Iterable[TopicPartition],
        offset_of: Callable[[TopicPartition], int | None],
    ) -> Offsets:
        """An offset of each partition; without those that were revoked at this moment."""
        offsets: Offsets = {}
        for partition in partitions:
            try:
                offset = offset_of(partition)
            except (IllegalStateError, *NO_POSITION):
                self.invalidate_assignment()
            else:
                if offset is not None:
                    offsets[partition] = offset
        return offsets

    def _partition_numbers(self) -> list[int]:
        """The numbers of the topic's partitions. Raises ``BrokerError`` if there is no topic."""
        numbers = self._kafka.partitions_for_topic(self.name)
        if not numbers:
            raise BrokerError(f"Kafka at {self._servers}: there is no topic {self.name!r}")
        return sorted(numbers)

    def _end_offsets(self, partitions: Iterable[TopicPartition]) -> Offsets:
        ends: Offsets = self._kafka.end_offsets(list(partitions), timeout_ms=REQUEST_TIMEOUT_MS)
        return ends


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc] # kafka has no types
    """Whether the assignment of partitions is valid. Kafka's own thread calls the methods."""

    def __init__(self, kafka: KafkaConsumer) -> None:
        self.is_valid = False
        self._kafka = kafka

    def on_partitions_assigned(self, assigned: Any) -> None:
        """We have other partitions than before, or another consumer had ours in between."""
        self.is_valid = False

    def on_partitions_revoked(self, revoked: Any) -> None:
        """The group rebalances: ask to join again. The assignment stays valid until a new one
        comes. If we write a partition that is not ours any more, the store refuses it.

        If all that kafka-python 3.0.12 knows is that the topics have changed, it may forget that it
        was joining. It is then out of the group for good, without heartbeats, in a busy loop.
        """
        self._kafka._coordinator.request_rejoin()  # there is no public way to it

    def on_partitions_lost(self, lost: Any) -> None:
        """The group took us for dead. kafka-python joins again by itself."""


def stream_name(partition: TopicPartition) -> str:
    """The name of a partition's stream in the store: ``kafka:topic:0``."""
    return f"{STREAM_PREFIX}{partition.topic}:{partition.partition}"


def partition_of_stream(name: str) -> TopicPartition:
    """The partition of a stream's name."""
    topic, _, number = name.removeprefix(STREAM_PREFIX).rpartition(":")
    return TopicPartition(topic, int(number))


def message_origin(partition: TopicPartition, offset: int | str) -> str:
    """Where a person finds a message, or a range of messages: ``kafka:topic/0@17``."""
    return f"kafka:{partition.topic}/{partition.partition}@{offset}"

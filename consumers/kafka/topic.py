"""What of a Kafka topic is ours to read, and where are we in it?

Several consumers of one group share the partitions of a topic. Which are whose changes as consumers
come and go, at moments that only Kafka's own thread learns of: ``share_is_new`` says so, until the
share has been placed. Nothing that was fetched before then may be recorded.
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

from hoso.consumers.kafka.client import ANSWER_WITHIN_MS, BrokerError, broker_errors

Offsets = dict[TopicPartition, int]
LARGEST: Final = 2**63 - 1  # what a database takes
LEAVE_WITHIN_MS: Final = 5_000  # containers are killed after 10 s
SILENCE_S: Final = 10.0
STREAMS: Final = "kafka:"  # begins the names that partitions have in the store
UNPLACED: Final = (NoOffsetForPartitionError, OffsetOutOfRangeError)


class Messages(NamedTuple):
    """Some messages of a partition, in its order: where they stand in it, and what they hold."""

    partition: TopicPartition
    offsets: list[int]
    values: list[bytes]


class Topic:
    """A topic on some servers. What is raised for what fails there is ``BrokerError``, or
    ``BrokerAway`` where it may be tried again."""

    def __init__(self, name: str, servers: str, kafka: KafkaConsumer) -> None:
        self.name = name
        self._servers = servers
        self._kafka = kafka
        self._share = _Share(kafka)
        self._identity = 0
        self._heard = monotonic()
        self._told: Any = None  # kafka-python's promise of an answer
        self._untold: Offsets = {}

    @property
    def share_is_new(self) -> bool:
        """Whether our partitions, or where to read them on, are not certain."""
        return self._share.is_new

    def doubt(self) -> None:
        """Somebody else may have read what we take for ours."""
        self._share.is_new = True

    def join(self) -> None:
        """Ask for a share of the partitions."""
        self._kafka.subscribe([self.name], listener=self._share)

    def close(self) -> None:
        """Give the share back, so that others need not wait until we are missed."""
        if self._untold:
            with suppress(KafkaError):
                self._tell()
        self._kafka.close(autocommit=False, timeout_ms=LEAVE_WITHIN_MS)

    def ends(self) -> Offsets:
        """One past the last offset of each partition, whoever reads it."""
        with broker_errors(self._servers):
            return self._ends(TopicPartition(self.name, number) for number in self._numbers())

    def identity(self) -> int:
        """A number that another topic of the same name does not have; 0 before Kafka 2.8."""
        known = self._kafka._cluster.topic_id(self.name)  # there is no public way to it
        return known.int & LARGEST if known else 0

    def share(self) -> dict[TopicPartition, range]:
        """The partitions that are ours from now on, and the offsets that each has."""
        self._share.is_new, self._untold = False, {}
        with broker_errors(self._servers):
            self._numbers()  # asks anew where it is not known, be it for a moment
            self._identity = self.identity()
            ours = list(self._kafka.assignment())
            begins = self._kafka.beginning_offsets(ours, timeout_ms=ANSWER_WITHIN_MS)
            ends = self._ends(ours)
        return {partition: range(begins[partition], ends[partition]) for partition in ours}

    def read_on(self, offsets: Offsets) -> None:
        """Where to read each partition on."""
        for partition, offset in offsets.items():
            try:
                self._kafka.seek(partition, offset)
            except ValueError:  # it was taken from us this moment
                self.doubt()

    def fetch(self, wait_ms: int) -> list[Messages]:
        """The next messages of our partitions; none while the share is new."""
        with broker_errors(self._servers):
            try:
                polled = self._kafka.poll(timeout_ms=wait_ms)
            except UNPLACED:
                self.doubt()
        if self.identity() != self._identity:
            self.doubt()
        if self.share_is_new:
            return []
        if polled or monotonic() - self._heard > SILENCE_S:
            self._hear(polled)
        return [
            Messages(p, [m.offset for m in messages], [m.value or b"" for m in messages])
            for p, messages in polled.items()
        ]

    def _hear(self, polled: dict[TopicPartition, Any]) -> None:
        """Without messages, to poll is the same whether the broker is there or not: ask it.

        Raises ``BrokerAway``.
        """
        if not polled:
            with broker_errors(self._servers):
                self._ends(self._kafka.assignment())
        self._heard = monotonic()

    def positions(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """The next offset of each that is ours still. It passes the marks of transactions, and
        what they took back, for which there are no messages."""
        with broker_errors(self._servers):
            return self._each(
                partitions, lambda p: self._kafka.position(p, timeout_ms=ANSWER_WITHIN_MS)
            )

    def known_ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """One past the last offset of each that is ours still, as of the last answer."""
        return self._each(partitions, self._kafka.highwater)

    def tell_kafka(self, reached: Offsets) -> None:
        """For its monitoring only: it does not matter whether this arrives.

        One by one: of what waits for an answer kafka-python refuses the sixth, and that may be our
        farewell to the group, which others would then wait for until we are missed.
        """
        self._untold |= reached
        if self._told is None or self._told.is_done:
            self._tell()

    def _tell(self) -> None:
        told, self._untold = self._untold, {}
        offsets = {p: OffsetAndMetadata(offset + 1, "", -1) for p, offset in told.items()}
        self._told = self._kafka.commit_async(offsets)

    def _each(
        self, partitions: Iterable[TopicPartition], ask: Callable[[TopicPartition], int | None]
    ) -> Offsets:
        answers: Offsets = {}
        for partition in partitions:
            try:
                answer = ask(partition)
            except (IllegalStateError, *UNPLACED):  # it was taken from us this moment
                self.doubt()
            else:
                if answer is not None:
                    answers[partition] = answer
        return answers

    def _numbers(self) -> list[int]:
        """Its partitions. Raises ``BrokerError`` for no topic."""
        numbers = self._kafka.partitions_for_topic(self.name)
        if not numbers:
            raise BrokerError(f"Kafka at {self._servers}: there is no topic {self.name!r}")
        return sorted(numbers)

    def _ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        ends: Offsets = self._kafka.end_offsets(list(partitions), timeout_ms=ANSWER_WITHIN_MS)
        return ends


class _Share(ConsumerRebalanceListener):  # type: ignore[misc] # kafka has no types
    """Whether our share of the partitions is new. Kafka's own thread calls this."""

    def __init__(self, kafka: KafkaConsumer) -> None:
        self.is_new = True
        self._kafka = kafka

    def on_partitions_assigned(self, assigned: Any) -> None:
        """There are others than before, or somebody else had them between."""
        self.is_new = True

    def on_partitions_revoked(self, revoked: Any) -> None:
        """The group begins to share anew, and so do we. What is not ours any more, the store
        refuses.

        kafka-python 3.0.12 may forget, in the middle, that it was joining, if all it had was that
        the topics had changed: then it is out of the group for good, without heartbeats, and spins.
        """
        self._kafka._coordinator.request_rejoin()  # there is no public way to it

    def on_partitions_lost(self, lost: Any) -> None:
        """We were taken for dead; kafka-python joins anew."""


def stream(partition: TopicPartition) -> str:
    """What the store calls a partition."""
    return f"{STREAMS}{partition.topic}:{partition.partition}"


def partition_of(name: str) -> TopicPartition:
    """The partition that the store calls so."""
    topic, _, number = name.removeprefix(STREAMS).rpartition(":")
    return TopicPartition(topic, int(number))


def place(partition: TopicPartition, offset: int | str) -> str:
    """Where a person finds a message."""
    return f"kafka:{partition.topic}/{partition.partition}@{offset}"

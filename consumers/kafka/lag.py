"""Measures the lag: up to which offset the store has read each partition, and how many messages
are left to read."""

from collections.abc import Iterable
from contextlib import closing
from typing import Final, NamedTuple

from kafka import TopicPartition

from hoso.consumers.kafka.client import REQUEST_TIMEOUT_MS, BrokerError, broker_errors, consumer
from hoso.consumers.kafka.topic import STREAM_PREFIX, Offsets, partition_of_stream
from hoso.consumers.store.log import Store

STATUS_GROUP: Final = "hoso-status"  # the name of a group is needed, but the group is never joined


class PartitionLag(NamedTuple):
    """The lag of a partition.

    ``reached`` is its last offset in the store; None if nothing has been read. ``lag`` is the
    number of messages left to read; None if the broker was not asked, or does not have the
    partition; negative if the topic was made again.
    """

    topic: str
    partition: int
    reached: int | None
    lag: int | None


def partition_lags(store: Store, topic: str | None, servers: str | None) -> list[PartitionLag]:
    """The lag of each partition of a topic, or of all topics that the store has read (None).

    Without ``servers``, the broker is not asked, and only the partitions that the store has read
    are returned.

    Raises ``BrokerError`` if the servers do not answer, or do not have the topic.
    """
    stored = {p: offset for p, offset in _stored_offsets(store).items() if topic in (None, p.topic)}
    topics = [topic] if topic else sorted({partition.topic for partition in stored})
    available = _available_offsets(servers, topics) if servers and topics else {}
    if topic and servers and not available:
        raise BrokerError(f"Kafka at {servers}: there is no topic {topic!r}")
    return [
        PartitionLag(p.topic, p.partition, stored.get(p), _lag(available.get(p), stored.get(p)))
        for p in sorted({*stored, *available})
    ]


def _stored_offsets(store: Store) -> Offsets:
    offsets = store.offsets_with_prefix(STREAM_PREFIX)  # -1: assigned, and nothing has come yet
    return {partition_of_stream(name): offset for name, offset in offsets.items() if offset >= 0}


def _available_offsets(servers: str, topics: Iterable[str]) -> dict[TopicPartition, range]:
    """The range of offsets that the broker has of each partition of the topics that it knows."""
    with broker_errors(servers), closing(consumer(servers, STATUS_GROUP)) as kafka:
        numbers = {topic: kafka.partitions_for_topic(topic) for topic in topics}
        partitions = [TopicPartition(topic, n) for topic, known in numbers.items() for n in known]
        begins = kafka.beginning_offsets(partitions, timeout_ms=REQUEST_TIMEOUT_MS)
        ends = kafka.end_offsets(partitions, timeout_ms=REQUEST_TIMEOUT_MS)
    return {partition: range(begins[partition], ends[partition]) for partition in partitions}


def _lag(available: range | None, stored: int | None) -> int | None:
    """The number of messages left to read; without those that the broker has deleted."""
    if available is None:
        return None
    return available.stop - max(available.start, 0 if stored is None else stored + 1)

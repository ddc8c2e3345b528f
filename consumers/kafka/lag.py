"""How far has each partition been read, and how many of its messages are left? What the store has
reached, beside what the broker has."""

from collections.abc import Iterable
from contextlib import closing
from typing import Final, NamedTuple

from kafka import TopicPartition

from hoso.consumers.kafka.client import ANSWER_WITHIN_MS, BrokerError, broker_errors, consumer
from hoso.consumers.kafka.topic import STREAMS, partition_of
from hoso.consumers.store.log import Store

OBSERVER: Final = "hoso-status"  # a group that is never joined


class Partition(NamedTuple):
    """A partition: its last offset in the store (None: none is), and how many messages are left to
    read (None: the broker was not asked, or has it not; below 0: it has begun anew)."""

    topic: str
    partition: int
    reached: int | None
    lag: int | None


def partitions(store: Store, topic: str | None, servers: str | None) -> list[Partition]:
    """The partitions of a topic, or of all topics that the store has read any of.

    Their lag, too, if there are servers to ask. Raises ``BrokerError`` where they do not answer,
    or do not have the topic.
    """
    reached = {p: offset for p, offset in _reached(store).items() if topic in (None, p.topic)}
    topics = [topic] if topic else sorted({partition.topic for partition in reached})
    there = _offsets(servers, topics) if servers and topics else {}
    if topic and servers and not there:
        raise BrokerError(f"Kafka at {servers}: there is no topic {topic!r}")
    return [
        Partition(p.topic, p.partition, reached.get(p), _left(there.get(p), reached.get(p)))
        for p in sorted({*reached, *there})
    ]


def _reached(store: Store) -> dict[TopicPartition, int]:
    reached = store.streams(STREAMS)  # -1: it is ours to read, and nothing has come yet
    return {partition_of(name): offset for name, offset in reached.items() if offset >= 0}


def _offsets(servers: str, topics: Iterable[str]) -> dict[TopicPartition, range]:
    """What a broker has of each partition of those topics that it knows."""
    with broker_errors(servers), closing(consumer(servers, OBSERVER)) as kafka:
        numbers = {topic: kafka.partitions_for_topic(topic) for topic in topics}
        asked = [TopicPartition(topic, n) for topic, those in numbers.items() for n in those]
        begins = kafka.beginning_offsets(asked, timeout_ms=ANSWER_WITHIN_MS)
        ends = kafka.end_offsets(asked, timeout_ms=ANSWER_WITHIN_MS)
    return {partition: range(begins[partition], ends[partition]) for partition in asked}


def _left(there: range | None, reached: int | None) -> int | None:
    """What the broker has let go by now is not left to read."""
    if there is None:
        return None
    return there.stop - max(there.start, 0 if reached is None else reached + 1)

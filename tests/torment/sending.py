"""How do messages get into a topic, and what is found of them in a store?"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from hoso.consumers.store.log import open_database, open_store
from tests.services.kafka import Broker
from tests.told import Json, received

READ_AT_ONCE = 50_000
CONTENT = ("subject", "type", "time", "data")  # what makes a conflict


class Message(NamedTuple):
    """A message, and the partition it is to stand in; None: that of its key."""

    value: bytes | None
    partition: int | None = None
    key: bytes | None = None


def lives(dossiers: int, first: int = 0) -> list[Json]:
    """The receptions of some dossiers."""
    codes = range(first, first + dossiers)
    return [received("2023-03-01", 5, code=f"D{number}") for number in codes]


def messages(events: Iterable[Json]) -> list[Message]:
    """Events as messages, each keyed by its dossier."""
    return [Message(orjson.dumps(event), key=event["subject"].encode()) for event in events]


def producer(broker: Broker, **options: object) -> KafkaProducer:
    """A producer whose messages stand there once and in order, whatever becomes of the broker."""
    return KafkaProducer(
        bootstrap_servers=broker.bootstrap,
        enable_idempotence=True,
        acks="all",
        max_request_size=4_000_000,
        linger_ms=5,
        reconnect_backoff_max_ms=500,
        **options,
    )


def send(broker: Broker, topic: str, some: Sequence[Message]) -> list[int]:
    """Have messages stand in a topic; returns the offset of each."""
    with producer(broker) as sender:
        sent = [sender.send(topic, m.value, key=m.key, partition=m.partition) for m in some]
        return [future.get(timeout=150).offset for future in sent]


def ends(broker: Broker, topic: str) -> dict[int, int]:
    """One past the last offset of each partition."""
    with KafkaConsumer(bootstrap_servers=broker.bootstrap) as consumer:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        return {p.partition: end for p, end in consumer.end_offsets(partitions).items()}


class Kept(NamedTuple):
    """What is in a store: how often each event, which rejects, how far each partition was read,
    and the dossiers whose versions have gaps."""

    events: Counter[tuple[str, str]]
    rejects: list[tuple[str, str, bytes]]
    reached: dict[int, int]
    gaps: dict[str, list[int]]


def kept(url: str) -> Kept:
    """Look into a store."""
    events: Counter[tuple[str, str]] = Counter()
    with open_store(url) as store:
        rejects = [(r.origin, r.reason, r.raw) for _, r in store.rejects()]
        reached = store.offsets_with_prefix("kafka:")
        for stored in store.read():
            document = orjson.loads(stored.state)
            events[document["source"], document["id"]] += 1
    read = {int(name.rpartition(":")[2]): offset for name, offset in reached.items() if offset >= 0}
    return Kept(events, rejects, read, gaps(url))


def gaps(url: str) -> dict[str, list[int]]:
    """The versions of each dossier, where they do not count from 1 without a gap."""
    versions = defaultdict(list)
    database = open_database(url)
    after = 0
    while rows := database.recorder.select_notifications(
        after, READ_AT_ONCE, inclusive_of_start=False
    ):
        for row in rows:
            versions[str(row.originator_id)].append(row.originator_version)
        after = rows[-1].id
    database.close()
    return {code: n for code, n in versions.items() if n != [*range(1, len(n) + 1)]}


def identities(events: Iterable[Json]) -> Counter[tuple[str, str]]:
    """How often each event is among some."""
    return Counter((event["source"], event["id"]) for event in events)


def conflicts(events: Iterable[Json]) -> int:
    """How many events differ from the first of some that has their ``(source, id)``."""
    first: dict[tuple[str, str], list[object]] = {}
    found = 0
    for event in events:
        content = [event.get(name) for name in CONTENT]
        found += content != first.setdefault((event["source"], event["id"]), content)
    return found

"""Published events are in the topic, even if the broker fails. On a real broker."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition

import hoso.consumers.kafka.client
import hoso.consumers.kafka.publish
from hoso.consumers.intake import files
from hoso.consumers.intake.validate import parse_event
from hoso.consumers.kafka.publish import (
    OutgoingEvent,
    PublishBatch,
    log_ranges,
    prepare_batch,
    publish,
)
from hoso.domain.errors import UserError
from tests.command import done
from tests.services.kafka import Broker
from tests.told import paused, received, resolved, resumed

EXAMPLE = Path(__file__).parents[2] / "docs" / "example_publisher.py"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
NOBODY = "127.0.0.1:1"


class Arrived(NamedTuple):
    """A message that stands in a topic."""

    key: bytes
    value: bytes


def arrived(broker: Broker, topic: str) -> list[Arrived]:
    """All that stands in a topic, partition by partition."""
    messages = []
    with KafkaConsumer(bootstrap_servers=broker.bootstrap) as consumer:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            for polled in consumer.poll(timeout_ms=500).values():
                messages += [Arrived(message.key, message.value) for message in polled]
    return messages


def by_dossier(messages: Sequence[Arrived]) -> dict[bytes, list[bytes]]:
    """The messages of each dossier, in their order."""
    told = defaultdict(list)
    for key, value in messages:
        told[key].append(value)
    return told


def lives(dossiers: range) -> list[OutgoingEvent]:
    """The events of some dossiers, four for each, and the dossiers' mixed."""
    codes = [f"D{number}" for number in dossiers]
    begun = [received("2023-03-01", 5, code=code) for code in codes]
    courses = (paused("2023-03-02"), resumed("2023-03-03"), resolved("2023-03-06"))
    events = begun + [
        event | {"subject": code, "id": f"{event['id']} of {code}"}
        for event in courses
        for code in codes
    ]
    return [
        OutgoingEvent(f"lives:{number}", event["subject"], orjson.dumps(event))
        for number, event in enumerate(events, start=1)
    ]


def as_sent(events: Sequence[OutgoingEvent]) -> dict[bytes, list[bytes]]:
    """What a topic should hold of some events."""
    return by_dossier([Arrived(event.dossier.encode(), event.raw) for event in events])


def part(events: Sequence[OutgoingEvent]) -> PublishBatch:
    return PublishBatch(list(events), [])


def batches_of(path: Path) -> list[PublishBatch]:
    """The lines of a file, validated."""
    return [prepare_batch(block, NOW) for block in files.blocks(str(path))]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher that soon gives up."""
    monkeypatch.setenv("HOSO_KAFKA_DELIVERY_TIMEOUT_MS", "3000")
    monkeypatch.setenv("HOSO_KAFKA_REQUEST_TIMEOUT_MS", "1000")


def why_not(parts: Iterator[PublishBatch] | list[PublishBatch], topic: str, servers: str) -> str:
    """What is said of events that cannot be published."""
    with pytest.raises(UserError) as told:
        publish(parts, topic, servers)
    text = str(told.value)
    assert text.isprintable()
    return text


def acknowledged(told: str) -> int:
    """How many events were acknowledged, as a message says."""
    count = told.partition("; ")[2].partition(" events were acknowledged")[0]
    return int(count.rpartition(" ")[2].replace(",", ""))


def test_lines_arrive_byte_for_byte_and_keyed_by_their_dossier(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    plain = orjson.dumps(received("2023-03-01", 5, field="Đất đai"))
    spaced = orjson.dumps(resolved("2023-03-02"), option=orjson.OPT_INDENT_2).replace(b"\n", b" ")
    more = orjson.dumps(received("2023-03-01", 5, code="hồ sơ 2") | {"mine": [1, {"ă": None}]})
    (tmp_path / "events.jsonl").write_bytes(b"\r\n".join([plain, b"  ", spaced + b" ", more]))
    assert publish(batches_of(tmp_path / "events.jsonl"), topic, broker.bootstrap) == (3, [])
    assert by_dossier(arrived(broker, topic)) == {
        b"D1": [plain, spaced + b" "],
        "hồ sơ 2".encode(): [more],
    }


def test_each_dossier_keeps_its_order(broker: Broker, topic: str) -> None:
    events = lives(range(500))
    assert publish([part(events[:900]), part(events[900:])], topic, broker.bootstrap)[0] == 2_000
    assert by_dossier(arrived(broker, topic)) == as_sent(events)


def test_what_is_no_event_is_not_sent_and_told_with_its_line(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    event = orjson.dumps(received("2023-03-01", 5))
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join([b"{", event, b"", b'{"type": "dossier.received.v2"}']))
    published, rejects = publish(batches_of(path), topic, broker.bootstrap)
    assert published == 1
    assert [told.partition(": ")[0] for told in rejects] == [f"{path}:1", f"{path}:4"]
    assert arrived(broker, topic) == [Arrived(b"D1", event)]


def test_the_log_of_a_store_is_an_outbox(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [event.raw for event in lives(range(10))]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(events))
    done(tmp_path, "ingest", "events.jsonl", "--recorded", "time")
    monkeypatch.setattr(hoso.consumers.kafka.publish, "RANGE_EVENTS", 7)
    log = [prepare_batch(stretch, NOW) for stretch in log_ranges(f"sqlite:///{tmp_path}/hoso.db")]
    assert len(log) == 6
    assert publish(log, topic, broker.bootstrap) == (40, [])
    there = arrived(broker, topic)
    recorded = [parse_event(value, NOW) for _, value in there]
    assert [event.subject.encode() for event in recorded] == [key for key, _ in there]
    assert {event.id for event in recorded} == {parse_event(raw, NOW).id for raw in events}
    assert all(event.recordedtime == event.time for event in recorded)


def test_a_topic_that_is_not_there_is_told(broker: Broker, topic: str) -> None:
    told = why_not([part(lives(range(1)))], f"{topic}-else", broker.bootstrap)
    assert told == (f"Kafka at {broker.bootstrap}: there is no topic '{topic}-else'; make it first")


def test_a_broker_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hoso.consumers.kafka.client, "REQUEST_TIMEOUT_MS", 300)
    told = why_not([part(lives(range(1)))], "any", NOBODY)
    assert told.startswith(f"Kafka at {NOBODY}: ")


def test_a_message_that_is_too_large_is_told_with_its_line(broker: Broker, topic: str) -> None:
    before = lives(range(3))
    large = orjson.dumps(received("2023-03-01", 5) | {"mine": "x" * 1_100_000})
    told = why_not([part([*before, OutgoingEvent("f:13", "D1", large)])], topic, broker.bootstrap)
    assert told.startswith(f"f:13: {len(large):,} bytes are more than a message of topic '{topic}'")
    assert acknowledged(told) <= len(arrived(broker, topic)) <= len(before)


def test_a_source_that_breaks_off_is_told_with_what_was_acknowledged(
    broker: Broker, topic: str
) -> None:
    def breaking_off() -> Iterator[PublishBatch]:
        yield part(lives(range(3)))
        raise UserError("events.jsonl: Input/output error")

    told = why_not(breaking_off(), topic, broker.bootstrap)
    assert told.startswith("events.jsonl: Input/output error; ")
    assert acknowledged(told) <= len(arrived(broker, topic))


def test_a_broker_killed_midway_and_started_again_has_all_of_it_once_and_in_order(
    broker: Broker, topic: str
) -> None:
    events = lives(range(1_000))

    def killing() -> Iterator[PublishBatch]:
        yield part(events[:1_500])
        broker.kill()
        Thread(target=broker.start).start()
        yield part(events[1_500:])

    assert publish(killing(), topic, broker.bootstrap) == (4_000, [])
    assert by_dossier(arrived(broker, topic)) == as_sent(events)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", ["kill", "freeze"])
def test_a_broker_that_is_gone_is_told_and_what_was_acknowledged_is_there(
    broker: Broker, topic: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoso.consumers.kafka.publish, "MAX_UNACKNOWLEDGED_BYTES", 20_000)
    events = lives(range(200))

    def ending() -> Iterator[PublishBatch]:
        yield part(events[:500])
        getattr(broker, end)()
        yield part(events[500:])

    told = why_not(ending(), topic, broker.bootstrap)
    assert "not acknowledged within 3 s; " in told or f"Kafka at {broker.bootstrap}: " in told
    assert told.endswith("is safe, as the same event counts once")
    count = acknowledged(told)
    assert 300 < count <= 500
    broker.start()
    there = by_dossier(arrived(broker, topic))
    assert sum(map(len, there.values())) >= count
    for dossier, sent in as_sent(events[:count]).items():
        assert there[dossier][: len(sent)] == sent
    assert publish([part(events)], topic, broker.bootstrap) == (800, [])
    again = by_dossier(arrived(broker, topic))
    assert {key: list(dict.fromkeys(values)) for key, values in again.items()} == as_sent(events)


@pytest.mark.usefixtures("impatient")
def test_no_more_is_held_than_waits_for_its_acknowledgment(
    broker: Broker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoso.consumers.kafka.publish, "MAX_UNACKNOWLEDGED_BYTES", 20_000)
    events = lives(range(500))
    taken: list[OutgoingEvent] = []

    def freezing() -> Iterator[PublishBatch]:
        yield part(events[:500])
        broker.freeze()
        for event in events[500:]:
            taken.append(event)
            yield part([event])

    assert acknowledged(why_not(freezing(), topic, broker.bootstrap)) <= 500
    assert sum(len(event.raw) for event in taken) < 21_000


def test_the_example_publisher_sends_events(broker: Broker, topic: str) -> None:
    command = [sys.executable, str(EXAMPLE), broker.bootstrap, topic]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    there = arrived(broker, topic)
    events = [parse_event(value, NOW) for _, value in there]
    assert [key.decode() for key, _ in there] == [event.subject for event in events]
    lives: dict[str, list[str]] = {}
    for event in events:
        lives.setdefault(event.subject, []).append(event.type.split(".")[1])
    assert sorted(lives.values()) == [
        ["received", "arrived", "reassigned", "cancelled"],
        ["received", "supplement_requested", "supplemented", "rescheduled", "resolved"],
    ]
    assert len(ran.stdout.splitlines()) == len(events)


def test_the_example_publisher_shows_what_edition_2_added() -> None:
    shown = EXAMPLE.read_text()
    added = ("online_service", "received_at", "official", "apology", "replaced_by")
    assert all(f'"{name}"' in shown for name in (*added, "arrived", "reassigned"))


def test_the_example_publisher_is_short_and_needs_nothing_of_hoso() -> None:
    lines = EXAMPLE.read_text().splitlines()
    code = lines[lines.index("import json") :]
    assert len([line for line in code if line]) <= 35
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"json", "sys", "kafka"}

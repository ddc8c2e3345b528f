"""Is each message of a topic recorded exactly once, whatever becomes of who reads it?

On a real broker, with real consumers; ``tests/torment`` has all of it at once.
"""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest
from kafka import KafkaAdminClient, TopicPartition

from tests.command import HOSO
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.processes import children, kill_at_once
from tests.told import Json
from tests.torment.nursery import AFTER_COMMIT, BEFORE_COMMIT, BEFORE_INSERT, POINTS, Strike
from tests.torment.running import Consumer, Nursery, Place, until
from tests.torment.sending import (
    Message,
    ends,
    identities,
    kept,
    lives,
    messages,
    producer,
    send,
)

LONG_SESSION = {"HOSO_KAFKA_SESSION_TIMEOUT_MS": "45000"}
LONG_SESSION_S = 45.0
FEW = 20  # messages in a batch


def publish(broker: Broker, place: Place, events: Sequence[Json]) -> list[int]:
    return send(broker, place.topic, messages(events))


def drained(nursery: Nursery, place: Place, status: int = 0) -> Consumer:
    """A consumer of a group of its own, so that it waits for nobody, has read all there is."""
    consumer = nursery.consumer(place._replace(group="another"), "--until-end")
    assert consumer.wait() == status, consumer.output()
    return consumer


def assert_each_once(broker: Broker, place: Place, events: Sequence[Json]) -> None:
    """The store holds these events and nothing else, and has read the topic to its end."""
    found = kept(place.store)
    assert found.events == identities(events)
    assert found.rejects == []
    assert found.gaps == {}
    read = {number: end - 1 for number, end in ends(broker, place.topic).items() if end}
    assert found.reached == read


def has_read_all(place: Place, events: Sequence[Json]) -> bool:
    return kept(place.store).events.total() >= len(events)


def test_what_is_there_is_recorded_and_then_it_ends(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(500)
    publish(broker, place, events)
    drained(nursery, place)
    assert_each_once(broker, place, events)
    drained(nursery, place)
    assert_each_once(broker, place, events)


def test_events_in_binary_mode_are_those_in_structured_mode(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(FEW)
    with producer(broker) as sender:
        for event in events:
            headers = [(f"ce_{n}", str(v).encode()) for n, v in event.items() if n != "data"]
            headers.append(("content-type", b"application/json"))
            sender.send(place.topic, orjson.dumps(event["data"]), headers=headers)
    publish(broker, place, events[:3])
    drained(nursery, place)
    found = kept(place.store)
    assert found.rejects == []
    assert set(found.events) == set(identities(events))
    assert found.events.total() == FEW + 3


def test_an_empty_topic_ends_at_once(broker: Broker, nursery: Nursery, place: Place) -> None:
    drained(nursery, place)
    assert_each_once(broker, place, [])


@pytest.mark.parametrize("point", POINTS)
def test_a_consumer_killed_at_a_point_of_its_batch_loses_and_doubles_nothing(
    broker: Broker, nursery: Nursery, place: Place, point: str
) -> None:
    events = lives(6 * FEW)
    publish(broker, place, events)
    strike = Strike(signal.SIGKILL, point, batch=3)
    assert nursery.consumer(place, at_most=FEW, strike=strike).wait() == -signal.SIGKILL
    drained(nursery, place)
    assert_each_once(broker, place, events)


def test_a_zombie_whose_partitions_another_has_read_records_nothing_twice_and_goes_on(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    before, after = lives(10 * FEW), lives(6 * FEW, first=10 * FEW)
    publish(broker, place, before)
    strike = Strike(signal.SIGSTOP, AFTER_COMMIT, batch=3)
    zombie = nursery.consumer(place, at_most=FEW, strike=strike)
    zombie.freezes()
    other = nursery.consumer(place, "--until-end")
    assert other.wait() == 0
    assert_each_once(broker, place, before)
    zombie.thaw()
    publish(broker, place, after)
    until(lambda: has_read_all(place, before + after), zombie.output)
    assert_each_once(broker, place, before + after)
    zombie.terminate()
    assert zombie.wait() == 0, zombie.output()


def test_a_zombie_that_holds_the_store_is_waited_for(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(10 * FEW)
    publish(broker, place, events)
    strike = Strike(signal.SIGSTOP, BEFORE_COMMIT, batch=3)
    zombie = nursery.consumer(place, at_most=FEW, strike=strike)
    zombie.freezes()
    other = nursery.consumer(place, "--until-end")
    other.tells("waiting")
    zombie.thaw()
    assert other.wait() == 0, other.output()
    assert_each_once(broker, place, events)
    zombie.terminate()
    assert zombie.wait() == 0, zombie.output()


def test_two_consumers_share_the_partitions(broker: Broker, nursery: Nursery, place: Place) -> None:
    both = [nursery.consumer(place) for _ in range(2)]
    until(lambda: len(broker.members(place.group)) == 2, both[0].output)
    events = lives(600)
    publish(broker, place, events)
    until(lambda: has_read_all(place, events), both[0].output)
    for consumer in both:
        consumer.terminate()
        assert consumer.wait() == 0, consumer.output()
        assert consumer.told("stopped")[0]["recorded"] > 0
    assert_each_once(broker, place, events)


def test_sigterm_finishes_the_batch_and_leaves_the_group(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(6 * FEW)
    publish(broker, place, events)
    strike = Strike(signal.SIGTERM, BEFORE_INSERT, batch=6)  # the first few place its share
    told = nursery.consumer(place, at_most=FEW, strike=strike, settings=LONG_SESSION)
    assert told.wait() == 0, told.output()
    recorded = told.told("stopped")[0]["recorded"]
    assert kept(place.store).events.total() == recorded >= 3
    begun = time.monotonic()
    other = nursery.consumer(place, "--until-end", settings=LONG_SESSION)
    assert other.wait() == 0, other.output()
    assert time.monotonic() - begun < LONG_SESSION_S / 4
    assert_each_once(broker, place, events)


def test_poison_is_kept_as_rejects_and_the_rest_goes_on(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(9)
    valid = orjson.dumps(lives(1)[0])
    poison = [b"", None, b"{", b"\x00", bytes(range(256)), b"x" * 900_000, b"[" * 100_000, b"null"]
    poison += [b'{"specversion": "1.0"}', b"\xff" + valid, valid.replace(b"D0", b"D" * 401)]
    poison += [
        valid.replace(b"D0", bad) for bad in (b"\\u0000", b"\\ud800", b"\x00", b"\xed\xa0\x80")
    ]
    mixed = [m._replace(partition=n % 3) for n, m in enumerate(messages(events))]
    for number, value in enumerate(poison):
        mixed.insert(number, Message(value, partition=number % 3, key=b"poison"))
    offsets = send(broker, place.topic, mixed)
    consumer = drained(nursery, place, status=1)
    assert consumer.told("stopped")[0]["rejected"] == len(poison)
    found = kept(place.store)
    assert found.events == identities(events)
    assert sorted((origin, raw) for origin, _, raw in found.rejects) == sorted(
        (f"kafka:{place.topic}/{message.partition}@{offset}", message.value or b"")
        for message, offset in zip(mixed, offsets, strict=True)
        if message.value in poison
    )
    assert all(reason.isprintable() and reason for _, reason, _ in found.rejects)


def test_repeats_are_recorded_each(broker: Broker, nursery: Nursery, place: Place) -> None:
    """They count once when they are folded; the log says what came."""
    events = lives(10) * 3
    again = [message._replace(partition=n % 3) for n, message in enumerate(messages(events))]
    send(broker, place.topic, again)
    drained(nursery, place)
    assert_each_once(broker, place, events)


def test_messages_that_the_broker_let_go_are_one_reject_and_the_rest_goes_on(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    first, gone, rest = lives(10), lives(5, first=10), lives(7, first=15)
    send(broker, place.topic, [m._replace(partition=0) for m in messages(first)])
    drained(nursery, place)
    send(broker, place.topic, [m._replace(partition=0) for m in messages(gone + rest)])
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.delete_records({TopicPartition(place.topic, 0): len(first + gone)})
    drained(nursery, place, status=1)
    found = kept(place.store)
    assert found.events == identities(first + rest)
    [(origin, reason, raw)] = found.rejects
    assert (origin, raw) == (f"kafka:{place.topic}/0@10-14", b"")
    assert "gone from the broker" in reason
    assert found.reached == {0: 21}


def test_what_a_transaction_took_back_is_not_recorded(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    kept_events, aborted = lives(30), lives(30, first=30)
    with producer(broker, transactional_id=place.topic) as sender:
        sender.init_transactions()
        for events, end in (
            (aborted[:10], sender.abort_transaction),
            (kept_events, sender.commit_transaction),
            (aborted[10:], sender.abort_transaction),
        ):
            sender.begin_transaction()
            for message in messages(events):
                sender.send(place.topic, message.value, key=message.key)
            sender.flush()
            end()
    drained(nursery, place)
    assert_each_once(broker, place, kept_events)


def test_nothing_but_what_was_taken_back(broker: Broker, nursery: Nursery, place: Place) -> None:
    with producer(broker, transactional_id=place.topic) as sender:
        sender.init_transactions()
        sender.begin_transaction()
        for message in messages(lives(30)):
            sender.send(place.topic, message.value, key=message.key)
        sender.flush()
        sender.abort_transaction()
    drained(nursery, place)
    assert_each_once(broker, place, [])


def test_a_transaction_that_is_open_is_waited_for_by_nobody(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    before, within = messages(lives(10)), messages(lives(10, first=10))
    with producer(broker, transactional_id=place.topic) as sender:
        sender.init_transactions()
        sender.begin_transaction()
        for message in before:
            sender.send(place.topic, message.value, key=message.key)
        sender.commit_transaction()
        sender.begin_transaction()
        for message in within:
            sender.send(place.topic, message.value, key=message.key)
        sender.flush()
        drained(nursery, place)
        assert kept(place.store).events == identities(lives(10))
        sender.commit_transaction()
    drained(nursery, place)
    assert_each_once(broker, place, lives(20))


def test_what_kafka_keeps_of_a_group_is_of_no_account(
    broker: Broker, nursery: Nursery, place: Place, tmp_path: Path
) -> None:
    events = lives(300)
    publish(broker, place, events)
    assert nursery.consumer(place, "--until-end").wait() == 0
    another = place._replace(store=f"sqlite:///{tmp_path / 'another.db'}")
    assert nursery.consumer(another, "--until-end").wait() == 0
    assert_each_once(broker, place, events)
    assert_each_once(broker, another, events)


def test_partitions_that_are_added_meanwhile_are_read(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(20 * FEW)
    publish(broker, place, events)
    freezing = Strike(signal.SIGSTOP, AFTER_COMMIT, batch=2)
    both = [nursery.consumer(place, "--until-end", at_most=FEW, strike=freezing)]
    both[0].freezes()
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.create_partitions({place.topic: 5})
    more = lives(100, first=len(events))
    publish(broker, place, more)
    both.append(nursery.consumer(place, "--until-end"))
    both[0].thaw()
    assert [consumer.wait() for consumer in both] == [0, 0], both[0].output() + both[1].output()
    assert_each_once(broker, place, events + more)


def test_nothing_of_a_consumer_that_was_killed_stays(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    publish(broker, place, lives(10))
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    helpers = children(consumer.process)
    consumer.kill()
    assert consumer.wait() == -signal.SIGKILL
    until(lambda: not any(Path(f"/proc/{helper}").exists() for helper in helpers), consumer.output)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_helper_that_is_killed_ends_it_and_loses_nothing(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(100)
    publish(broker, place, events[:50])
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    helpers = children(consumer.process)
    if not helpers:
        pytest.skip("with one core, it works alone")
    kill_at_once(helpers)
    publish(broker, place, events[50:])
    assert consumer.wait() == 2
    assert "was killed" in consumer.last_line()
    drained(nursery, place)
    assert_each_once(broker, place, events)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_its_processes_ends_it_in_good_order(
    broker: Broker, place: Place, tmp_path: Path, number: signal.Signals
) -> None:
    """As the keyboard's Ctrl-C does it, and a container that is stopped."""
    events = lives(100)
    publish(broker, place, events)
    with (tmp_path / "log").open("wb+") as log:
        command = [HOSO, *place.arguments()]
        process = subprocess.Popen(command, stderr=log, start_new_session=True)
        said = (tmp_path / "log").read_text
        until(lambda: '"recorded"' in said(), said)
        os.killpg(process.pid, number)
        assert process.wait(20) == 0
    assert all(line.startswith("{") for line in said().splitlines()), said()
    assert_each_once(broker, place, events)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_database_that_is_away_for_longer_than_a_member_may_be_silent_is_written_on(
    broker: Broker, postgres: Postgres, nursery: Nursery, place: Place
) -> None:
    before, after = lives(100), lives(100, first=100)
    publish(broker, place, before)
    consumer = nursery.consumer(place, settings={"HOSO_KAFKA_MAX_POLL_INTERVAL_MS": "2000"})
    consumer.tells("recorded")
    postgres.freeze()
    publish(broker, place, after)
    time.sleep(4)
    postgres.thaw()
    until(lambda: has_read_all(place, before + after), consumer.output)
    assert_each_once(broker, place, before + after)
    consumer.terminate()
    assert consumer.wait() == 0, consumer.output()


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_broker_that_is_killed_and_comes_back_is_read_on(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    before, after = lives(300), lives(300, first=300)
    publish(broker, place, before)
    consumer = nursery.consumer(place, at_most=FEW)
    consumer.tells("recorded")
    broker.kill()
    time.sleep(1)
    broker.start()
    publish(broker, place, after)
    until(lambda: has_read_all(place, before + after), consumer.output)
    assert_each_once(broker, place, before + after)
    consumer.terminate()
    assert consumer.wait() == 0, consumer.output()


@pytest.mark.parametrize("end", ["kill", "stop", "freeze"])
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_database_that_goes_and_comes_back_is_written_on(
    broker: Broker, postgres: Postgres, nursery: Nursery, place: Place, end: str
) -> None:
    before, after = lives(300), lives(300, first=300)
    publish(broker, place, before)
    consumer = nursery.consumer(place, at_most=FEW)
    consumer.tells("recorded")
    getattr(postgres, end)()
    publish(broker, place, after)
    if end != "freeze":
        consumer.tells("waiting")
    postgres.start()
    until(lambda: has_read_all(place, before + after), consumer.output)
    assert_each_once(broker, place, before + after)
    consumer.terminate()
    assert consumer.wait() == 0, consumer.output()


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_sigterm_while_the_database_is_away_ends_it(
    broker: Broker, postgres: Postgres, nursery: Nursery, place: Place
) -> None:
    events = lives(100)
    publish(broker, place, events[:50])
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    postgres.kill()
    publish(broker, place, events[50:])
    consumer.tells("waiting")
    consumer.terminate()
    assert consumer.wait(20) == 0, consumer.output()
    postgres.start()
    drained(nursery, place)
    assert_each_once(broker, place, events)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sigterm_while_the_broker_is_away_ends_it(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(100)
    publish(broker, place, events)
    consumer = nursery.consumer(place, at_most=FEW)
    consumer.tells("recorded")
    broker.kill()
    time.sleep(1)
    consumer.terminate()
    assert consumer.wait(30) == 0, consumer.output()
    broker.start()
    drained(nursery, place)
    assert_each_once(broker, place, events)

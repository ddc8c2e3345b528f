"""Does a consumer stay in its group, whoever else comes and goes?"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event as Signal

import pytest

from hoso.consumers.kafka.client import consumer
from hoso.consumers.kafka.topic import Topic
from tests.meanwhile import meanwhile
from tests.services.kafka import Broker
from tests.torment.running import SHORT_SESSION, until

GROUP = "hoso"
VISITS = 6
VISIT_S = 0.7
MISSED_S = 2 * int(SHORT_SESSION["HOSO_KAFKA_SESSION_TIMEOUT_MS"]) / 1000
SHORTEST_MS = 1  # so that a member looks away in the middle of each step of a rebalance


@contextmanager
def reading(broker: Broker, topic: str) -> Iterator[None]:
    """A member of the group reads a topic meanwhile."""

    def read(stop: Signal) -> None:
        kafka = consumer(broker.bootstrap, GROUP)
        with closing(Topic(topic, broker.bootstrap, kafka)) as source:
            source.subscribe()
            while not stop.is_set():
                source.fetch(SHORTEST_MS)

    with meanwhile(read):
        yield


def test_visitors_who_read_another_topic_drive_nobody_out_of_the_group(
    broker: Broker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SHORT_SESSION.items():
        monkeypatch.setenv(name, value)
    another = f"{topic}-another"
    broker.create_topic(another, 3)
    with reading(broker, topic), reading(broker, topic):
        for _ in range(VISITS):
            with reading(broker, another):
                time.sleep(VISIT_S)
        time.sleep(MISSED_S)  # by then, who sends no heartbeats has been missed
        until(
            lambda: broker.members(GROUP) == [[topic], [topic]],
            lambda: f"there are {broker.members(GROUP)}",
            MISSED_S,
        )

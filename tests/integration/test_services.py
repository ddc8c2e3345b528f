"""Do the real servers keep what they promised to keep, when they are killed?"""

from contextlib import closing

import psycopg
from kafka import KafkaConsumer, KafkaProducer

from tests.services.kafka import Broker
from tests.services.postgres import Postgres

PATIENCE_S = 30.0


def received(bootstrap: str, topic: str) -> bytes:
    """The first message of a topic."""
    with KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=PATIENCE_S * 1_000,
    ) as consumer:
        return bytes(next(consumer).value)


def test_a_message_survives_the_death_of_the_broker(broker: Broker, topic: str) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        producer.send(topic, b"kept").get(PATIENCE_S)
    broker.kill()
    assert not broker.running()
    broker.start()
    assert received(broker.bootstrap, topic) == b"kept"


def test_a_row_survives_the_death_of_the_database(postgres: Postgres, database: str) -> None:
    with closing(psycopg.connect(database)) as connection:
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES ('kept')")
        connection.commit()
        connection.execute("INSERT INTO words VALUES ('lost')")
        postgres.kill()
    assert not postgres.running()
    postgres.start()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT word FROM words").fetchall() == [("kept",)]

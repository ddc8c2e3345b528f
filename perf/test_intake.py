"""From Kafka into the log, on both kinds of store.

The limits are reading the topic and inserting the same rows. The eventsourcing library's own
``save`` is measured too. All work in batches of 5,000 events, each batch in one transaction.
"""

import gc
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event as Signal
from typing import Any

import psycopg
import pytest
from eventsourcing.application import Application
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from psycopg.conninfo import conninfo_to_dict
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.intake.files import blocks
from hoso.consumers.intake.ingest import validate_block
from hoso.consumers.kafka import client
from hoso.consumers.kafka.consume import Batch, consume
from hoso.consumers.kafka.topic import Topic
from hoso.consumers.store.log import open_store
from hoso.tools.runtime import environment, process
from hoso.tools.runtime.workers import worker_process
from perf.conftest import measure
from perf.test_append import CONTEXT
from tests.services.kafka import Broker
from tests.services.postgres import Postgres

GROUP = "from Kafka into the log"
BATCH_EVENTS = client.POLL_MESSAGES
PARTITIONS = 3
TABLE = (
    "CREATE TABLE rows (code TEXT, version BIGINT, topic TEXT, state {bytes}, "
    "PRIMARY KEY (code, version))"
)
Row = tuple[str, int, str, bytes]


@pytest.fixture(scope="module")
def rows(events_file: Path) -> list[Row]:
    """A history as the rows that the log stores."""
    judged = (validate_block(block, CONTEXT) for block in blocks(str(events_file)))
    entries = [entry for block in judged for entry in block.entries]
    versions: dict[str, Iterator[int]] = {}
    rows: list[Row] = [
        (code, next(versions.setdefault(code, count(1))), topic, state)
        for code, topic, state in entries
    ]
    gc.collect()
    gc.freeze()  # else every collection would look through the rows, as in no real consumer
    return rows


@pytest.fixture(scope="module")
def filled(broker: Broker, rows: list[Row]) -> str:
    """A topic that has these rows."""
    broker.create_topic("perf", PARTITIONS)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, linger_ms=20, batch_size=200_000)
    for code, _, _, state in rows:
        producer.send("perf", key=code.encode(), value=state)
    producer.flush()
    producer.close()
    return "perf"


def test_limit_bare_consumer(
    benchmark: BenchmarkFixture, broker: Broker, filled: str, rows: list[Row]
) -> None:
    def drain() -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=broker.bootstrap,
            group_id=None,
            max_poll_records=BATCH_EVENTS,
            max_partition_fetch_bytes=4_000_000,
            fetch_max_wait_ms=100,
            isolation_level="read_committed",
        )
        consumer.assign([TopicPartition(filled, number) for number in range(PARTITIONS)])
        consumer.seek_to_beginning()
        left = len(rows)
        while left:
            left -= sum(map(len, consumer.poll(timeout_ms=500).values()))
        consumer.close()

    measure(benchmark, GROUP, drain)


def test_limit_raw_inserts(benchmark: BenchmarkFixture, rows: list[Row], tmp_path: Path) -> None:
    numbers = count()

    def insert() -> None:
        database = sqlite3.connect(tmp_path / f"{next(numbers)}.db")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(TABLE.format(bytes="BLOB"))
        for batch in batches(rows):
            with database:
                database.executemany("INSERT INTO rows VALUES (?,?,?,?)", batch)
        database.close()

    measure(benchmark, GROUP, insert)


def test_limit_raw_copy(benchmark: BenchmarkFixture, rows: list[Row], postgres: Postgres) -> None:
    def insert() -> None:
        with psycopg.connect(postgres.new_database()) as database:
            database.execute(TABLE.format(bytes="BYTEA").encode())
            for batch in batches(rows):
                with database.cursor().copy("COPY rows FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types(["text", "int8", "text", "bytea"])
                    for row in batch:
                        copy.write_row(row)
                database.commit()

    measure(benchmark, GROUP, insert)


@dataclass(frozen=True)
class StoredEvent:
    """An event in the form of the library's examples."""

    originator_id: str
    originator_version: int
    state: str


def save(rows: list[Row], environment: dict[str, str]) -> None:
    """Save rows by the library as its documentation does, but in batches."""
    app: Application[str] = Application({**environment, "ORIGINATOR_ID_TYPE": "text"})
    for batch in batches(rows):
        app.save(*(StoredEvent(code, version, state.decode()) for code, version, _, state in batch))
    app.close()


def test_library_saves_into_sqlite(
    benchmark: BenchmarkFixture, rows: list[Row], tmp_path: Path
) -> None:
    numbers = count()

    def run() -> None:
        path = str(tmp_path / f"{next(numbers)}.db")
        save(rows, {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})

    measure(benchmark, GROUP, run)


def test_library_saves_into_postgres(
    benchmark: BenchmarkFixture, rows: list[Row], postgres: Postgres
) -> None:
    def run() -> None:
        parameters = conninfo_to_dict(postgres.new_database())
        names = ("dbname", "host", "port", "user")
        settings = {f"POSTGRES_{name.upper()}": str(parameters[name]) for name in names}
        module = {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_PASSWORD": ""}
        save(rows, settings | module)

    measure(benchmark, GROUP, run)


def test_kafka_into_sqlite(
    benchmark: BenchmarkFixture, broker: Broker, filled: str, rows: list[Row], tmp_path: Path
) -> None:
    urls = (f"sqlite:///{tmp_path}/{number}.db" for number in count())
    measure(benchmark, GROUP, lambda: intake(next(urls), broker, filled, len(rows)))


def test_kafka_into_postgres(
    benchmark: BenchmarkFixture, broker: Broker, filled: str, rows: list[Row], postgres: Postgres
) -> None:
    measure(benchmark, GROUP, lambda: intake(postgres.new_database(), broker, filled, len(rows)))


def intake(url: str, broker: Broker, topic: str, events: int) -> None:
    """Consume the topic to its end as ``hoso consume --until-end`` does, in this process."""
    servers = broker.bootstrap
    process.set_up_consumer()
    with worker_process() as judging, open_store(url, create=True) as store:
        source = Topic(topic, servers, client.consumer(servers, url))
        stop = Signal()
        steps = consume(source, store, reading, judging, stop, until_end=True)
        assert sum(step.recorded for step in steps if isinstance(step, Batch)) == events
        source.close()


def reading() -> Any:
    return environment.intake_context("events")


def batches(rows: list[Row]) -> Iterator[list[Row]]:
    return (rows[start : start + BATCH_EVENTS] for start in range(0, len(rows), BATCH_EVENTS))

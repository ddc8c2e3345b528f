"""Does the recipe of docs/HTTP.md bring events from a table of PostgreSQL into the log?"""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.services.debezium import Connect
from tests.services.fixtures import start
from tests.services.kafka import Broker
from tests.told import Json, paused, received, resolved
from tests.torment.running import Nursery, Place, until
from tests.torment.sending import identities, kept

PAGE = (Path(__file__).parents[2] / "docs" / "HTTP.md").read_text(encoding="utf-8")
[TABLE] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
[CONNECTOR] = re.findall(r"```properties\n(.*?)```", PAGE, re.DOTALL)
LIFE = [received("2026-11-02", 5), paused("2026-11-03"), resolved("2026-11-05")]


def settings(database: str, topic: str) -> str:
    """The settings of the page, for a server and a topic of the test's own."""
    url = urlsplit(database)
    own = {
        "database.port": url.port,
        "database.hostname": url.hostname,
        "database.user": url.username,
        "database.dbname": url.path.strip("/"),
        "slot.name": url.path.strip("/"),
    }
    lines = [line for line in CONNECTOR.splitlines() if line.partition("=")[0] not in own]
    return "\n".join([*lines, *(f"{name}={value}" for name, value in own.items())])


def insert(database: str, topic: str, *events: Json) -> None:
    """Write events into the table, each with the change that it tells of."""
    with psycopg.connect(database) as connection:
        for event in events:
            values = (topic, event["subject"], json.dumps(event))
            connection.execute(
                "INSERT INTO outbox (topic, dossier, event) VALUES (%s, %s, %s)", values
            )


@pytest.fixture
def outbox(database: str, topic: str) -> str:
    """A database with the table of the page, read by Debezium into the topic."""
    with psycopg.connect(database) as connection:
        connection.execute(TABLE.encode())
    insert(database, topic, LIFE[0])
    return database


def test_events_of_an_outbox_are_recorded(
    broker: Broker, nursery: Nursery, outbox: str, topic: str, tmp_path: Path
) -> None:
    place = Place(broker.bootstrap, topic, f"sqlite:///{tmp_path}/hoso.db")
    with Connect(broker.bootstrap, settings(outbox, topic)) as connect:
        start(connect)
        consumer = nursery.consumer(place)
        consumer.tells("placed")
        until(lambda: kept(place.store).events.total() == 1, connect.log.read_text)
        insert(outbox, topic, *LIFE[1:])
        with psycopg.connect(outbox) as connection:
            connection.execute("DELETE FROM outbox")
        until(lambda: kept(place.store).events.total() == len(LIFE), connect.log.read_text)
        consumer.terminate()
        assert consumer.wait() == 0, consumer.output()
    found = kept(place.store)
    assert found.events == identities(LIFE)
    assert found.rejects == []

"""Which real servers can a test ask for?

``topic`` and ``database`` for something fresh on a server that runs; ``broker`` and ``postgres``
for the servers themselves, one per test process, started when a test first asks. Where
``KAFKA_BOOTSTRAP_SERVERS`` or ``HOSO_TEST_POSTGRES`` names a server, it is used instead, and tests
that would stop it are skipped.
"""

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.processes import Server
from tests.services.required import Missing, need

PARTITIONS = 3


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    with Broker(os.environ.get("KAFKA_BOOTSTRAP_SERVERS")) as server:
        start(server)
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres(os.environ.get("HOSO_TEST_POSTGRES")) as server:
        start(server)
        yield server


@pytest.fixture
def topic(broker: Broker) -> Iterator[str]:
    """The name of an empty topic; the test before may have left the broker dead."""
    name = f"hoso-{secrets.token_hex(8)}"
    broker.start()
    broker.create_topic(name, PARTITIONS)
    yield name
    if broker.elsewhere:
        broker.delete_topic(name)


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database; the test before may have left the server dead."""
    postgres.start()
    with postgres.lent_database() as url:
        yield url


def start(server: Server) -> None:
    """Start a server; without it, the test cannot run."""
    try:
        server.start()
        return
    except Missing as missing:
        reason = str(missing)
    need(server.name, reason)

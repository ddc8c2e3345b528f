"""From where to where does a test have consumers read, and who starts them?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.kafka import Broker
from tests.torment.running import Nursery, Place


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("consumers")) as nursery:
        yield nursery


@pytest.fixture
def nursery(launcher: Nursery) -> Iterator[Nursery]:
    """Whom a test has started does not outlive it, whatever became of the test: consumers of one
    group have to do with each other."""
    yield launcher
    launcher.kill()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, broker: Broker, topic: str, tmp_path: Path) -> Place:
    """From an empty topic into an empty store of each kind."""
    if request.param == "postgres":
        store = str(request.getfixturevalue("database"))
    else:
        store = f"sqlite:///{tmp_path / 'hoso.db'}"
    return Place(broker.bootstrap, topic, store)

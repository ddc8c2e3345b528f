"""What the tests of pages share: a province of two years in a store, a server, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import chromium
from tests.command import hoso
from tests.pages import with_rejects
from tests.serving import EVENTS, REGISTRY, Server, started


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events of a small province, in a file and in a store, and its agencies."""
    folder = tmp_path_factory.mktemp("province")
    asked = ("--dossiers", "400", "--seed", "7", "--facts", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", EVENTS, "--registry", REGISTRY)
    hoso(folder, "ingest", "--recorded", "time", EVENTS)
    return folder


@pytest.fixture(scope="session")
def server(province: Path) -> Iterator[Server]:
    """A server of the province's store."""
    with started(province, "--registry", REGISTRY) as server:
        yield server


@pytest.fixture(scope="session")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a store with an event, a conflict, and three rejects."""
    folder = tmp_path_factory.mktemp("intake")
    with_rejects(folder)
    with started(folder) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser

"""How fast ``hoso serve`` answers on a store of about ``HOSO_PERF_EVENTS`` events, over HTTP.

One server serves all tests; its balance sheets are kept, as after the first visitor. The limit is a
static file from the same server: what HTTP alone takes. ``test_ready`` measures a start: from the
call of the command to the first page.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.conftest import EVENTS, measure
from tests.serving import Server, started

GROUP = "serve: a page from a store"
START = "serve: from its start to the first page"
WINDOW = "window=2023-Q1"
MOST_S = 0.05  # of a statement, on a million events


@pytest.fixture(scope="module")
def server(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("serve")
    with started(folder, "--source", store) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        yield client


def ask(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_limit_static_file(benchmark: BenchmarkFixture, client: httpx.Client) -> None:
    measure(benchmark, GROUP, ask, client, "/static/style.css")


@pytest.mark.parametrize(
    "path",
    [
        f"/statement?{WINDOW}",
        f"/statement?{WINDOW}&by=agency",
        f"/statement?{WINDOW}&as-of=2023-03-20",
        f"/statement.json?{WINDOW}",
        "/",
    ],
)
def test_page(benchmark: BenchmarkFixture, client: httpx.Client, path: str) -> None:
    measure(benchmark, GROUP, ask, client, path)
    if EVENTS <= 1_000_000 and benchmark.stats is not None:
        assert benchmark.stats.stats.median < MOST_S


def test_dossiers_behind_a_figure(benchmark: BenchmarkFixture, client: httpx.Client) -> None:
    path = f"/dossiers?account=resolved.overdue&{WINDOW}"
    measure(benchmark, GROUP, ask, client, path)


def test_ready(benchmark: BenchmarkFixture, store: str, tmp_path: Path) -> None:
    def start() -> None:
        with started(tmp_path, "--source", store) as server:
            assert server.get(f"/statement?{WINDOW}").status_code == 200

    measure(benchmark, START, start)

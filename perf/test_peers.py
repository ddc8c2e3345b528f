"""Do the peers, with which replay is compared, state hoso's figures?

On a simulated country, and on histories as nasty as the language allows: some hundred of them, told
apart by their codes and sources, in one archive, and asked for many windows at once.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named
from hoso.projections.archive import writer
from hoso.projections.archive.files import to_archive_rows
from hoso.projections.archive.fold import fold_archive
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, balance_sheets, replay
from hoso.projections.ledger.statement import statement_from
from hoso.tools.output import plain
from hoso.tools.runtime import environment
from perf.conftest import hoso
from tests.engine import LOCAL, Json, log_of
from tests.histories import EDGES, OFFICIAL_WINDOWS, histories, standstills

HISTORIES: Final = 300
NAMED: Final = ("2023-Q1", "2023-Q2", "2023", "2022-Q4", "2024-01")
OFFICE: Final = environment.office(Policy())
PEERS: Final = {
    "in_duckdb": "duckdb",
    "in_chdb": "chdb",
    "in_polars": "polars",
    "in_pandas": "pandas",
    "in_spark": "pyspark",
    "in_eventsourcing": "eventsourcing",
}
SPANS: Final = (0, 3, 13, 60)
LAYOUTS: Final = {  # events that come at a time, in a bucket; files in a bucket
    "one file": (1_000_000, 1_000_000, 1),
    "small buckets": (1_000_000, 900, 1),
    "several files to a bucket": (1_500, 1_500, 3),
}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "archive"
    hoso("simulate", "--dossiers", "3000", "--format", "archive", "--out", str(folder))
    return folder


@pytest.fixture(scope="module", params=[*LAYOUTS.values()], ids=[*LAYOUTS])
def nasty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ledger]:
    """An archive, and the log that it is of, replayed."""
    at_a_time, rows, files = request.param
    folder = tmp_path_factory.mktemp("nasty")
    log = log_of(event for n, events in enumerate(collected()) for event in apart(events, n))
    with patch.object(writer, "ROWS", rows), patch.object(writer, "FILES", files):
        for start in range(0, len(log), at_a_time):
            some = to_archive_rows(log.slice(start, at_a_time), LOCAL)
            writer.extend(folder, writer.current_manifest(folder, LOCAL), [some])
    return folder, replay(log, OFFICE)


@cache
def collected() -> list[list[Json]]:
    """The same histories every time."""
    found: list[list[Json]] = []

    @settings(
        max_examples=HISTORIES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(histories(), standstills()))
    def collect(events: list[Json]) -> None:
        found.append(events)

    collect()
    return found


def apart(events: Sequence[Json], number: int) -> list[Json]:
    """A history that shares no dossier and no source with those of other numbers."""
    return [
        event | {"subject": f"{event['subject']}.{number}", "source": f"{event['source']}/{number}"}
        for event in events
    ]


def expected(balance_sheets: BalanceSheets, windows: Sequence[Window]) -> list[dict[str, int]]:
    """What hoso states."""
    documents = [statement_from(balance_sheets, window) for window in windows]
    return [
        plain.flat(document["total"])
        | {f"suspense.{name}": figure for name, figure in document["suspense"].items()}
        for document in documents
    ]


def found(peer: str, folder: Path, windows: Sequence[Window]) -> list[dict[str, int]]:
    """What a peer finds, where its tool is installed."""
    pytest.importorskip(PEERS[peer])
    answer: list[dict[str, int]] = import_module(f"perf.peers.{peer}").figures(folder, windows)
    return answer


@pytest.mark.parametrize("peer", PEERS)
def test_a_country(peer: str, country: Path) -> None:
    windows = [named(name) for name in NAMED]
    assert found(peer, country, windows) == expected(
        fold_archive(country, [OFFICE]).sheets[0], windows
    )


@pytest.mark.parametrize("peer", PEERS)
def test_one_window(peer: str, country: Path) -> None:
    windows = [named("2023-Q1")]
    assert found(peer, country, windows) == expected(
        fold_archive(country, [OFFICE]).sheets[0], windows
    )


@pytest.mark.parametrize("peer", PEERS)
def test_nasty_histories(peer: str, nasty: tuple[Path, Ledger]) -> None:
    folder, ledger = nasty
    windows = [Window(*window) for window in OFFICIAL_WINDOWS] + list(around(EDGES))
    assert found(peer, folder, windows) == expected(balance_sheets(ledger), windows)


def around(days: Sequence[date]) -> Iterator[Window]:
    """Windows that begin on some days."""
    for day in days:
        for span in SPANS:
            yield Window(day, day + timedelta(days=span))

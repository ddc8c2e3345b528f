"""Every peer (``perf.peers``) finds the same figures as hoso.

This is shown on a simulated country, and on some hundred generated histories that are as difficult
as the events allow. The generated histories get codes and sources of their own, stand in one
archive, and are asked for many windows at once. No new appointment moves a due day here: of
appointments, the peers were taught no more.
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
from hoso.domain.windows import Window, named_window
from hoso.projections.archive import writer
from hoso.projections.archive.files import to_archive_rows
from hoso.projections.archive.fold import fold_archive
from hoso.projections.documents import figures
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, balance_sheets, replay
from hoso.projections.ledger.statement import statement_from
from hoso.tools.runtime import environment
from perf.conftest import SPAN, hoso
from tests.engine import LOCAL, Json, log_of
from tests.histories import EDGES, OFFICIAL_WINDOWS, histories, standstills

HISTORIES: Final = 300
WINDOWS: Final = ("2023-Q1", "2023-Q2", "2023", "2022-Q4", "2024-01")
OFFICE: Final = environment.office(Policy(reschedule="keep_original"))
PEERS: Final = ("duckdb", "polars", "eventsourcing")
WINDOW_DAYS: Final = (0, 3, 13, 60)
LAYOUTS: Final = {  # events archived at a time, events in a bucket, files in a bucket
    "one file": (1_000_000, 1_000_000, 1),
    "small buckets": (1_000_000, 900, 1),
    "several files to a bucket": (1_500, 1_500, 3),
}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "archive"
    made = ("--dossiers", "3000", "--format", "archive", "--out", str(folder))
    hoso("simulate", *SPAN, *made)
    return folder


@pytest.fixture(scope="module", params=[*LAYOUTS.values()], ids=[*LAYOUTS])
def difficult(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ledger]:
    """An archive of the generated histories, and the ledger of the same events."""
    batch, rows, files = request.param
    folder = tmp_path_factory.mktemp("difficult")
    log = log_of(
        event for number, events in enumerate(generated()) for event in renamed(events, number)
    )
    with patch.object(writer, "BUCKET_ROWS", rows), patch.object(writer, "MANY_FILES", files):
        for start in range(0, len(log), batch):
            archived = to_archive_rows(log.slice(start, batch), LOCAL)
            writer.extend(folder, writer.current_manifest(folder, LOCAL), [archived])
    return folder, replay(log, OFFICE)


@cache
def generated() -> list[list[Json]]:
    """The same histories at every call and in every run."""
    examples: list[list[Json]] = []

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
        examples.append(events)

    collect()
    return examples


def renamed(events: Sequence[Json], number: int) -> list[Json]:
    """A history that shares no dossier and no source with those of other numbers."""
    return [
        event | {"subject": f"{event['subject']}.{number}", "source": f"{event['source']}/{number}"}
        for event in events
    ]


def figures_of_hoso(
    balance_sheets: BalanceSheets, windows: Sequence[Window]
) -> list[dict[str, int]]:
    documents = [statement_from(balance_sheets, window) for window in windows]
    return [
        figures.flat(document["total"])
        | {f"suspense.{name}": figure for name, figure in document["suspense"].items()}
        for document in documents
    ]


def figures_of(peer: str, archive: Path, windows: Sequence[Window]) -> list[dict[str, int]]:
    module = import_module(f"perf.peers.in_{peer}")
    figures: list[dict[str, int]] = module.figures(archive, windows)
    return figures


@pytest.mark.parametrize("peer", PEERS)
def test_a_country(peer: str, country: Path) -> None:
    windows = [named_window(name) for name in WINDOWS]
    assert figures_of(peer, country, windows) == figures_of_hoso(
        fold_archive(country, [OFFICE]).balance_sheets[0], windows
    )


@pytest.mark.parametrize("peer", PEERS)
def test_one_window(peer: str, country: Path) -> None:
    windows = [named_window("2023-Q1")]
    assert figures_of(peer, country, windows) == figures_of_hoso(
        fold_archive(country, [OFFICE]).balance_sheets[0], windows
    )


@pytest.mark.parametrize("peer", PEERS)
def test_difficult_histories(peer: str, difficult: tuple[Path, Ledger]) -> None:
    archive, ledger = difficult
    windows = [Window(*window) for window in OFFICIAL_WINDOWS] + list(windows_from(EDGES))
    assert figures_of(peer, archive, windows) == figures_of_hoso(balance_sheets(ledger), windows)


def windows_from(days: Sequence[date]) -> Iterator[Window]:
    """Windows of several lengths that begin on some days."""
    for day in days:
        for length in WINDOW_DAYS:
            yield Window(day, day + timedelta(days=length))

"""All reports of a province's year with their spreadsheets, made from an archive in one process.

The archive has about ``HOSO_PERF_EVENTS`` events of 300 agencies, quality facts among them. The
limit is the statement of the same window, which reads the same archive and prints one table.
"""

import subprocess
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.projections.archive.files import to_archive_rows
from hoso.projections.archive.writer import current_manifest, extend
from hoso.tools.runtime.environment import zone
from hoso.tools.simulation import volume
from perf.conftest import DAYS, EVENTS, HOSO, measure

GROUP = "reports: all of a province's year"
EVENTS_PER_DOSSIER = 6.52  # in simulated histories with quality facts
PROVINCES = 15  # of 20 agencies each, put together as one province of 300
WINDOW = ("--window", "2023")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of about EVENTS events of 300 agencies."""
    folder = tmp_path_factory.mktemp("province")
    dossiers = round(EVENTS / EVENTS_PER_DOSSIER)
    with patch.object(volume, "POOL_DOSSIERS", dossiers // PROVINCES + 1):
        parts = volume.provinces(dossiers, 1, DAYS, facts=True)
        tables = [_renamed(volume.events_of(part), part.number) for part in parts]
    manifest, last = current_manifest(folder, zone()), 0
    for number, table in enumerate(tables):
        positions = pa.array(range(last + 1, last + 1 + len(table)))
        tables[number], last = table.set_column(0, "position", positions), last + len(table)
    extend(folder, manifest, (to_archive_rows(table, zone()) for table in tables), EVENTS)
    return folder


def _renamed(events: pa.Table, number: int) -> pa.Table:
    """Events with agency names that no other province has."""
    agency = events["agency"].combine_chunks()
    names = pa.array([f"{name}.{number}" for name in agency.dictionary.to_pylist()], pa.string())
    renamed = pa.DictionaryArray.from_arrays(agency.indices, names)
    return events.set_column(events.schema.get_field_index("agency"), "agency", renamed)


def run(*command: str) -> None:
    subprocess.run([HOSO, *command], check=True, stdout=subprocess.DEVNULL)


def test_limit_statement(benchmark: BenchmarkFixture, province: Path) -> None:
    options = ("--by", "agency,field", "--no-cache", "--format", "csv")
    measure(benchmark, GROUP, run, "statement", "--source", str(province), *WINDOW, *options)


def test_all_reports(benchmark: BenchmarkFixture, province: Path, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "filed"))
    measure(benchmark, GROUP, run, "report", "all", "--source", str(province), *WINDOW, *out)
    assert len(list((tmp_path / "filed").glob("*.xlsx"))) == 6

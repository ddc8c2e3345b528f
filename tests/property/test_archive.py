"""Does an archive give the figures of its log, however it has grown?"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window
from hoso.projections.archive import files, fold, sums, writer
from hoso.projections.archive.manifest import Manifest, read_manifest
from hoso.projections.archive.writer import current_manifest, extend
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from tests.archived import NEVER_MADE_ONE, archived_in
from tests.engine import LOCAL, Json, compiling, examples, log_of, office, stated
from tests.histories import as_ofs, histories, policies, standstills, windows
from tests.model import DEFAULT_RULES, Rules
from tests.told import asked, received

ANY = st.one_of(histories(), standstills())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2)
CUTS = st.lists(st.integers(0, 60), max_size=3).map(sorted)
FEW = st.integers(6, 60)


def digest(
    folder: Path, window: tuple[date, date], by: Sequence[str], rules: Rules, as_of: datetime | None
) -> str:
    [sheets] = fold.fold_archive(folder, [office(rules)], as_of, by).balance_sheets
    return str(statement_from(sheets, Window(*window))["digest"])


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
@given(data=st.data(), events=ANY, cuts=CUTS, rows=FEW, rules=policies())
@examples(25)
def test_the_figures_are_those_of_the_log(
    grown: AbstractContextManager[object],
    data: DataObject,
    events: list[Json],
    cuts: list[int],
    rows: int,
    rules: Rules,
) -> None:
    """Also where a bucket has several files: once, to read these failed for want of a column."""
    with grown, archived_in(events, cuts, rows, many_files=2) as folder:
        for _ in range(2):
            window, by, as_of = data.draw(windows(events)), data.draw(BY), data.draw(as_ofs(events))
            expected = stated(events, window, by, rules, as_of)["digest"]
            assert digest(folder, window, by, rules, as_of) == expected


@pytest.mark.parametrize("cells", [0, 8_000_000])
@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(15)
def test_compiled_and_whatever_room_there_is_they_are_the_same(
    cells: int, data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    window, as_of = data.draw(windows(events)), data.draw(as_ofs(events))
    expected = stated(events, window, by, rules, as_of)["digest"]
    with (
        archived_in(events, [], 10, 1) as folder,
        patch.object(sums, "DENSE_CELLS", cells),
        compiling(),
    ):
        assert digest(folder, window, by, rules, as_of) == expected


@given(events=ANY, cuts=CUTS, rows=FEW)
@examples(30)
def test_each_event_is_there_once_with_its_dossier_in_the_order_of_its_life(
    events: list[Json], cuts: list[int], rows: int
) -> None:
    log = log_of(events)
    with archived_in(events, cuts, rows, many_files=2) as folder:
        there = read_manifest(folder)
        whole = pa.concat_tables(
            pq.read_table(file).cast(files.ARCHIVED) for file in folder.glob("*.parquet")
        )
        assert {path.name for path in folder.glob("events-*")} == {f.name for f in there.files()}
        in_files = [read_lives(folder, file.name) for file in there.files()]
        assert_in_buckets(folder, there)
    columns = [name for name in log.schema.names if name in whole.schema.names]
    found = whole.sort_by("position").select(columns).to_pylist()
    assert found == log.select(columns).to_pylist()
    assert all(lives == sorted(lives) for lives in in_files)


def read_lives(folder: Path, name: str) -> list[tuple[object, ...]]:
    """By what each row of a file is ordered: dossier, place in the day, and the order recorded."""
    names = ("key", "type", "occurred", "recorded", "position")
    rows = pq.read_table(folder / name, columns=list(names)).to_pylist()
    keys, kinds, occurred, recorded, positions = ([row[n] for row in rows] for n in names)
    places = map(place_in_life, kinds, occurred)
    return list(zip(keys, places, recorded, positions, strict=True))


def place_in_life(kind: str, occurred: datetime) -> tuple[date, bool, bool, datetime]:
    """By the day; within it the reception, events with a time of day, then those at midnight."""
    local = occurred.astimezone(LOCAL)
    whole_second = local.replace(microsecond=0)
    at_midnight = whole_second.time() == time()
    return local.date(), kind != "received", at_midnight, whole_second if at_midnight else local


def assert_in_buckets(folder: Path, there: Manifest) -> None:
    """Each key is in the stretch of its bucket, and in one row group of a file."""
    edges = [bucket.first_key for bucket in there.buckets]
    assert edges == sorted(set(edges))
    for bucket, until in zip(there.buckets, [*edges[1:], 1 << 63], strict=True):
        for file in bucket.files:
            groups = keys_by_group(folder / file.name)
            keys = [key for group in groups for key in group]
            assert all(bucket.first_key <= key < until for key in keys)
            assert len(keys) == file.rows
            assert sum(len(set(group)) for group in groups) == len(set(keys))


def keys_by_group(path: Path) -> list[list[int]]:
    with pq.ParquetFile(path) as file:
        groups = (file.read_row_group(n, ["key"]) for n in range(file.num_row_groups))
        return [group["key"].to_pylist() for group in groups]


def test_a_bucket_that_nothing_is_in_adds_nothing() -> None:
    """Once, where much was expected and few dossiers came, such a one could not be read."""
    events = [received("2023-03-01", 5), asked("2023-03-02")]
    window = (date(2023, 1, 1), date(2023, 12, 31))
    with TemporaryDirectory() as folder:
        there = current_manifest(Path(folder), LOCAL)
        expected = 5 * writer.BUCKET_ROWS
        extend(Path(folder), there, [files.to_archive_rows(log_of(events), LOCAL)], expected)
        found = digest(Path(folder), window, (), DEFAULT_RULES, None)
    assert found == stated(events, window)["digest"]

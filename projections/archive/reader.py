"""Reads the events of a bucket, dossier by dossier, and says which of them count."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hoso.domain import validity
from hoso.projections.archive.conflicts import RowVerdicts
from hoso.projections.archive.files import ORDERED_BY, REPLAYED, life_order, opened, read_files
from hoso.projections.archive.manifest import Bucket, File, Manifest, file_errors
from hoso.projections.log.lives import Lives, Verdicts, instant
from hoso.projections.log.packing import PackedLives
from hoso.projections.log.schema import Integers, integers

BATCH_ROWS: Final = 32_768  # decoded at a time, where some rows of a row group are wanted
NOT_RECORDED: Final = -1  # the verdict on an event that was not recorded yet


class ArchiveView(NamedTuple):
    """An archive as it was known at ``as_of`` (None: all of it).

    ``verdicts`` are those on events that cannot be judged alone, by the names of their files.
    """

    folder: Path
    as_of: datetime | None
    verdicts: Mapping[str, RowVerdicts]


def bucket_events(view: ArchiveView, bucket: Bucket, columns: Sequence[str] = ()) -> pa.Table:
    """A bucket's events in the order of each life: REPLAYED, some columns, and ``verdict``
    (``domain.validity``, or NOT_RECORDED).

    Raises ``ArchiveError`` and ``FileNotFoundError`` as ``files.read_files``.
    """
    wanted = _wanted(bucket, _with_recorded(view, columns))
    tables = (read_files(view.folder, [file], wanted) for file in bucket.files)
    verdicts = (_verdicts(view, file) for file in bucket.files)
    return _in_life_order([*map(partial(_with_verdicts, view), tables, verdicts)])


def bucket_lives(view: ArchiveView, bucket: Bucket) -> Iterator[PackedLives]:
    """A bucket's events as kernels take them, some dossiers at a time: those of a row group, or all
    at once where the bucket has several files.

    Raises ``ArchiveError`` and ``FileNotFoundError`` as ``files.read_files``.
    """
    if len(bucket.files) != 1:
        yield to_lives(bucket_events(view, bucket), "verdict")
        return
    file, start = bucket.files[0], 0
    verdicts, wanted = _verdicts(view, file), _with_recorded(view, REPLAYED)
    path = view.folder / file.name
    with file_errors(path), opened(path) as parquet:
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, wanted, use_threads=False)
            verdict = _as_known(view, table, verdicts[start : start + len(table)])
            yield PackedLives(integers(table["key"]), integers(table["packed"]), verdict)
            start += len(table)


def to_lives(events: pa.Table, verdict: str) -> PackedLives:
    """The events of a table as kernels take them; ``verdict`` names the column of verdicts."""
    verdicts = np.asarray(events[verdict].combine_chunks())
    return PackedLives(integers(events["key"]), integers(events["packed"]), verdicts)


def valid_lives_in(events: pa.Table) -> Lives:
    """The lives that the valid events of ``bucket_events`` make up; rows are those of the table."""
    verdicts = np.asarray(events["verdict"].combine_chunks())
    return _lives(events, np.flatnonzero(verdicts == validity.VALID))


def _lives(events: pa.Table, rows: Integers) -> Lives:
    key, packed = (integers(events[name])[rows] for name in REPLAYED)
    return Lives(rows, key, packed)


def every_life_in(events: pa.Table) -> Lives:
    """The lives that the recorded events of ``bucket_events`` make up, annulled ones included,
    without repeats; rows are those of the table."""
    verdicts = np.asarray(events["verdict"].combine_chunks())
    return _lives(events, np.flatnonzero((verdicts >= 0) & (verdicts != validity.REPEAT)))


def buckets_with(manifest: Manifest, keys: Integers) -> list[Bucket]:
    """The buckets in which dossiers with some keys are, if the archive has them."""
    edges = [bucket.first_key for bucket in manifest.buckets[1:]]
    places = np.unique(np.searchsorted(edges, keys, "right")).tolist()
    return [manifest.buckets[place] for place in places if manifest.buckets[place].files]


def dossiers_behind(folder: Path, bucket: Bucket, position: int) -> Integers:
    """The keys of a bucket's dossiers that have events behind a position, in rising order."""
    keys = [np.zeros(0, np.int64)]
    for file in bucket.files:
        if file.last_position > position:
            table = read_files(folder, [file], ["key", "position"])
            keys.append(integers(table["key"])[integers(table["position"]) > position])
    return np.unique(np.concatenate(keys))


def events_of(folder: Path, bucket: Bucket, keys: Integers, columns: Sequence[str]) -> pa.Table:
    """All events in a bucket of the dossiers with some keys, given in rising order: REPLAYED and
    some columns, in the order of each life.

    Raises ``ArchiveError`` and ``FileNotFoundError`` as ``files.read_files``.
    """
    wanted = _wanted(bucket, columns)
    return _in_life_order([_rows_of(folder / file.name, keys, wanted) for file in bucket.files])


def _with_recorded(view: ArchiveView, columns: Sequence[str]) -> list[str]:
    """Some columns, and the one that says whether an event was known, where that is asked."""
    return [*columns] if view.as_of is None else [*columns, "recorded"]


def _verdicts(view: ArchiveView, file: File) -> Verdicts:
    """The verdict on each event of a file, as if all were recorded."""
    verdict = np.full(file.rows, validity.VALID, np.int8)
    if special := view.verdicts.get(file.name):
        verdict[special.row] = special.verdict
    return verdict


def _with_verdicts(view: ArchiveView, table: pa.Table, verdict: Verdicts) -> pa.Table:
    return table.append_column("verdict", pa.array(_as_known(view, table, verdict)))


def _as_known(view: ArchiveView, table: pa.Table, verdict: Verdicts) -> Verdicts:
    if view.as_of is not None:
        verdict[integers(table["recorded"]) > instant(view.as_of)] = NOT_RECORDED
    return verdict


def _wanted(bucket: Bucket, columns: Sequence[str]) -> list[str]:
    """REPLAYED, some columns, and what to sort by where there are several files."""
    ordered_by = ORDERED_BY if len(bucket.files) > 1 else ()
    return sorted({*REPLAYED, *columns, *ordered_by})


def _in_life_order(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of those of a bucket's files, each of which is in the order of lives already."""
    whole = pa.concat_tables(tables).unify_dictionaries()
    return whole.take(pa.array(life_order(whole))) if len(tables) > 1 else whole


def _rows_of(path: Path, keys: Integers, columns: Sequence[str]) -> pa.Table:
    with file_errors(path), opened(path) as file:
        empty = pa.schema([file.schema_arrow.field(name) for name in columns]).empty_table()
        groups = (_rows_in(file, n, keys, columns) for n in range(file.num_row_groups))
        rows = [group.select(columns) for group in groups if group is not None]
        return pa.concat_tables([empty, *rows])


def _rows_in(
    file: pq.ParquetFile, group: int, keys: Integers, columns: Sequence[str]
) -> pa.Table | None:
    """The rows of a row group that have some keys; where it has none, only its keys are read."""
    column = file.schema_arrow.get_field_index("key")
    span = file.metadata.row_group(group).column(column).statistics
    first, end = np.searchsorted(keys, span.min), np.searchsorted(keys, span.max, "right")
    if first == end:
        return None
    key = integers(file.read_row_group(group, ["key"])["key"])
    starts, ends = (np.searchsorted(key, keys[first:end], side) for side in ("left", "right"))
    if not (size := ends - starts).any():
        return None
    rows = np.repeat(ends - np.cumsum(size), size) + np.arange(size.sum())
    return _taken(file, group, rows, columns)


def _taken(file: pq.ParquetFile, group: int, rows: Integers, columns: Sequence[str]) -> pa.Table:
    """Some rows of a row group, in rising order; what stands behind the last is not decoded."""
    parts, start = [], 0
    for batch in file.iter_batches(BATCH_ROWS, [group], columns, use_threads=False):
        first, end = np.searchsorted(rows, (start, start + len(batch)))
        parts.append(batch.take(pa.array(rows[first:end] - start)))
        start += len(batch)
        if end == len(rows):
            break
    return pa.Table.from_batches(parts)

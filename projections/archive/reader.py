"""What are the events of an archive's bucket, dossier by dossier, and how does each count?"""

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
from hoso.projections.archive.files import (
    ORDERED_BY,
    REPLAYED,
    Bucket,
    File,
    archive_errors,
    life_order,
    read_files,
)
from hoso.projections.kernels.journal import PackedLives
from hoso.projections.log.lives import Verdicts, instant
from hoso.projections.log.schema import Integers, integers

NOT_RECORDED: Final = -1  # the verdict on an event that was not recorded yet


class ArchiveView(NamedTuple):
    """What is known of an archive at ``as_of`` (None: all of it): how its events count that cannot
    be judged by themselves, file by file."""

    folder: Path
    as_of: datetime | None
    judged: Mapping[str, RowVerdicts]


def bucket_events(known: ArchiveView, bucket: Bucket, columns: Sequence[str] = ()) -> pa.Table:
    """A bucket's events in the order of each life: REPLAYED, some columns, and ``verdict``
    (``domain.validity``, or NOT_RECORDED).

    Raises as ``archive.read``.
    """
    wanted = _wanted(bucket, _known_by(known, columns))
    tables = (read_files(known.folder, [file], wanted) for file in bucket.files)
    judged = (_judged(known, file) for file in bucket.files)
    return _in_life_order([*map(partial(_with_verdicts, known), tables, judged)])


def whole_lives(known: ArchiveView, bucket: Bucket) -> Iterator[PackedLives]:
    """A bucket's events as the rules read them, some dossiers at a time: those of a row group, or
    where it has several files, all at once. Raises as ``archive.read``."""
    if len(bucket.files) != 1:
        yield to_lives(bucket_events(known, bucket), "verdict")
        return
    file, start = bucket.files[0], 0
    judged, wanted = _judged(known, file), _known_by(known, REPLAYED)
    path = known.folder / file.name
    with archive_errors(path), pq.ParquetFile(path, memory_map=True) as parquet:
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, wanted, use_threads=False)
            verdict = _as_known(known, table, judged[start : start + len(table)])
            yield PackedLives(integers(table["key"]), integers(table["packed"]), verdict)
            start += len(table)


def to_lives(table: pa.Table, verdict: str) -> PackedLives:
    """The events of a table, of which a column says how they count."""
    judged = np.asarray(table[verdict].combine_chunks())
    return PackedLives(integers(table["key"]), integers(table["packed"]), judged)


def _known_by(known: ArchiveView, columns: Sequence[str]) -> list[str]:
    """Some columns, and what tells whether an event is known."""
    return [*columns] if known.as_of is None else [*columns, "recorded"]


def _judged(known: ArchiveView, file: File) -> Verdicts:
    """How the events of a file count, if they are known."""
    verdict = np.full(file.rows, validity.VALID, np.int8)
    if judged := known.judged.get(file.name):
        verdict[judged.row] = judged.verdict
    return verdict


def _with_verdicts(known: ArchiveView, table: pa.Table, verdict: Verdicts) -> pa.Table:
    return table.append_column("verdict", pa.array(_as_known(known, table, verdict)))


def _as_known(known: ArchiveView, table: pa.Table, verdict: Verdicts) -> Verdicts:
    if known.as_of is not None:
        verdict[integers(table["recorded"]) > instant(known.as_of)] = NOT_RECORDED
    return verdict


def dossiers_since(folder: Path, bucket: Bucket, position: int) -> Integers:
    """The keys of a bucket's dossiers that have events behind a position, in rising order."""
    found = [np.zeros(0, np.int64)]
    for file in bucket.files:
        if file.last_position > position:
            table = read_files(folder, [file], ["key", "position"])
            found.append(integers(table["key"])[integers(table["position"]) > position])
    return np.unique(np.concatenate(found))


def lives_of(folder: Path, bucket: Bucket, keys: Integers, columns: Sequence[str]) -> pa.Table:
    """All events of the dossiers of some keys, given in rising order, that a bucket has, in the
    order of each life: REPLAYED and some columns.

    Raises as ``archive.read``.
    """
    wanted = _wanted(bucket, columns)
    return _in_life_order([_rows_of(folder / file.name, keys, wanted) for file in bucket.files])


def _wanted(bucket: Bucket, columns: Sequence[str]) -> list[str]:
    """REPLAYED, some columns, and where there are several files, by what to order them."""
    ordered_by = ORDERED_BY if len(bucket.files) > 1 else ()
    return sorted({*REPLAYED, *columns, *ordered_by})


def _in_life_order(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of those of a bucket's files, each of which is in the order of lives already."""
    whole = pa.concat_tables(tables).unify_dictionaries()
    return whole.take(pa.array(life_order(whole))) if len(tables) > 1 else whole


def _rows_of(path: Path, keys: Integers, columns: Sequence[str]) -> pa.Table:
    with archive_errors(path), pq.ParquetFile(path, memory_map=True) as file:
        none = pa.schema([file.schema_arrow.field(name) for name in columns]).empty_table()
        groups = (_rows_in(file, n, keys, columns) for n in range(file.num_row_groups))
        return pa.concat_tables(
            [none, *(rows.select(columns) for rows in groups if rows is not None)]
        )


def _rows_in(
    file: pq.ParquetFile, group: int, keys: Integers, columns: Sequence[str]
) -> pa.Table | None:
    """The rows of a row group that have some keys; no more is read of it than tells that."""
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
    return file.read_row_group(group, columns).take(pa.array(rows))

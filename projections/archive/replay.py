"""Writes and reads the replay files of an archive: what a replay maps instead of Parquet.

A replay file has the courses of a bucket's dossiers (``courses``), each array in one cell of an
Arrow file that is not compressed. It has the events of its bucket up to a position of the log, as
they were known there. Beside them stands the table of slices, which they know by number: a row
each, a column for each dimension. Rows are added, and never change.

Parquet stays the truth. Where a bucket has no replay file, or a damaged one, a replay reads the
bucket itself.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
import pyarrow as pa
from xxhash import xxh3_64_hexdigest

from hoso.projections import atomic
from hoso.projections.archive.courses import Courses, Numbers, courses_in
from hoso.projections.archive.files import checksum
from hoso.projections.archive.manifest import (
    ArchiveError,
    Bucket,
    Manifest,
    ReplayFile,
    SealedFile,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.log.schema import TEXT, Integers

SLICES: Final = pa.schema([(dimension, TEXT) for dimension in DIMENSIONS])


class NoReplayError(ArchiveError):
    """A replay file, or the table of slices, is missing or damaged: Parquet has all that it has."""


class SliceNumbers:
    """The slices that replay files know by number, of a table of slices; several threads may ask
    for more."""

    def __init__(self, table: pa.Table) -> None:
        names = zip(*(column.to_pylist() for column in table.columns), strict=True)
        self._numbers: dict[Slice, int] = {name: number for number, name in enumerate(names)}
        self._lock = Lock()

    def of(self, names: Sequence[Slice]) -> Numbers:
        """The numbers of some slices; those that have none get one."""
        with self._lock:
            numbers = [self._numbers.setdefault(name, len(self._numbers)) for name in names]
        return np.array(numbers, np.int32)

    def table(self) -> pa.Table:
        """The table of slices: a row for each, in the order of their numbers."""
        rows = [dict(zip(DIMENSIONS, name, strict=True)) for name in self._numbers]
        return pa.Table.from_pylist(rows, SLICES)


def with_replay_files(view: ArchiveView, manifest: Manifest, threads: Executor) -> Manifest:
    """What an archive holds, with replay files for the buckets that have none, which are written
    into its folder, and with the table of their slices."""
    folder, generation, position = view.folder, manifest.generation, manifest.position
    table = _slices_there(folder, manifest)
    slices = SliceNumbers(SLICES.empty_table() if table is None else table)

    def complete(bucket: Bucket, number: int) -> Bucket:
        is_there = table is not None and bucket.replay and (folder / bucket.replay.name).exists()
        if is_there or not bucket.files:
            return bucket
        path = folder / f"replay-{generation:06d}-{number:06d}.arrow"
        replay = _write_replay(view, bucket, path, slices, position)
        return bucket.model_copy(update={"replay": replay})

    buckets = tuple(threads.map(complete, manifest.buckets, count()))
    file = _write(folder / f"slices-{generation:06d}.arrow", slices.table())
    return manifest.model_copy(update={"buckets": buckets, "slices": file})


def _slices_there(folder: Path, manifest: Manifest) -> pa.Table | None:
    try:
        return read_slices(folder, manifest)
    except NoReplayError:
        return None


def read_slices(folder: Path, manifest: Manifest) -> pa.Table:
    """The table of slices of an archive. Raises ``NoReplayError``."""
    if manifest.slices is None:
        raise NoReplayError(f"{folder}: has no replay files")
    return _read(folder, manifest.slices)


def _write_replay(
    view: ArchiveView, bucket: Bucket, path: Path, slices: SliceNumbers, position: int
) -> ReplayFile | None:
    """Write the replay file of a bucket; None where it cannot have one (``courses_in``)."""
    if (found := courses_in(bucket_events(view, bucket, DIMENSIONS))) is None:
        return None
    names, courses = found
    number = slices.of(names)
    own = {"group": number[courses.group], "apart_slice": number[courses.apart_slice]}
    table = pa.table({name: _cell(array) for name, array in (courses._asdict() | own).items()})
    return ReplayFile(**_write(path, table).model_dump(), position=position)


def _cell(array: Integers | Numbers) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array([0, len(array)], pa.int32()), pa.array(array))


def read_replay(folder: Path, file: ReplayFile) -> Courses:
    """The courses of a replay file, mapped. Raises ``NoReplayError``."""
    columns = _read(folder, file).columns
    return Courses(*(column.chunk(0).values.to_numpy() for column in columns))


def _write(path: Path, table: pa.Table) -> SealedFile:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    atomic.sync(path)
    return SealedFile(name=path.name, xxh3=checksum(path))


def _read(folder: Path, file: SealedFile) -> pa.Table:
    path = folder / file.name
    try:
        mapped = pa.memory_map(str(path)).read_buffer()
        if xxh3_64_hexdigest(mapped) == file.xxh3:
            return pa.ipc.open_file(mapped).read_all()
    except (pa.ArrowException, OSError) as error:
        raise NoReplayError(f"{path}: {error}") from None
    raise NoReplayError(f"{path}: its bytes have changed")

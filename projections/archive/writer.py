"""How does an archive grow, and stay whole whatever happens meanwhile?

New events become files of the buckets that their dossiers are in. In the end, a bucket with much
that is new is made one file again, and several buckets where it has grown large. Nothing that is
there is touched before all that is new is on disk and ``archive.json`` names it.
"""

import fcntl
import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import tzinfo
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import feather

from hoso.projections.archive import conflicts
from hoso.projections.archive.files import (
    ARCHIVED,
    FIRST_KEY,
    MANIFEST,
    ArchiveError,
    Bucket,
    File,
    Manifest,
    check_time_zone,
    file_entry,
    in_order,
    pieces,
    read_files,
    read_manifest,
    write_file,
    write_manifest,
)
from hoso.projections.log.schema import integers

ROWS: Final = 1_000_000  # in a bucket, about; a bucket is what memory holds of an archive
MOST_ROWS: Final = 4  # times that; a larger bucket is cut up at once
FILES: Final = 8  # of a bucket, before they are made one
STAGING: Final = "fresh"  # where files are written, until all are there
# What an archive's files are called: others in its folder are not ours to remove.
OURS: Final = re.compile(rf"events-\d+-\d+\.parquet|conflicts-\d+\.arrow|{MANIFEST}\.new")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else extends the archive meanwhile. Raises ``ArchiveError`` where somebody does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"{folder}: another process extends it; try again") from None
        yield


def current_manifest(folder: Path, zone: tzinfo) -> Manifest:
    """What the archive in a folder holds; nothing where there is none yet.

    Raises ``ArchiveError`` for one of another time zone, and for a folder of other things.
    """
    if (folder / MANIFEST).exists():
        there = read_manifest(folder)
        check_time_zone(folder, there, zone)
        return there
    for path in folder.iterdir():
        if path.name not in (".lock", STAGING) and not OURS.fullmatch(path.name):
            raise ArchiveError(f"{folder}: is no archive, and not empty: it holds {path.name!r}")
    return Manifest(zone=str(zone))


def extend(
    folder: Path, there: Manifest, tables: Iterable[pa.Table], expected: int = 0, cores: int = 1
) -> Manifest:
    """Put tables of events (``archive.ARCHIVED``) that follow each other in the log behind those
    that are there; returns what the archive holds then.

    ``expected`` is about how many events they have, where that is known: they are then written
    twice at most. Raises ``ArchiveError`` and ``OSError`` with the archive as it was before.
    """
    with ThreadPoolExecutor(cores) as threads:
        growth = _Growth(folder, there, expected, threads)
        try:
            for table in tables:
                growth.add(table)
            return growth.committed() if growth.has_grown else there
        finally:
            growth.clear()


def _even(number: int) -> list[Bucket]:
    """So many buckets with as many keys each: keys are evenly spread."""
    return [Bucket(first_key=(1 << 64) * n // number + FIRST_KEY) for n in range(number)]


class _Growth:
    """An archive while it grows: files that are fresh stand apart from those that are there."""

    def __init__(self, folder: Path, there: Manifest, expected: int, threads: Executor) -> None:
        self._folder = folder
        self._there = there
        self._threads = threads
        self._buckets = list(there.buckets) if there.rows else _even(expected // ROWS + 1)
        self._position, self._last_event = there.position, there.last_event
        self._numbers = count()
        self._fresh = folder / STAGING
        self.clear()  # somebody may have been killed
        self._fresh.mkdir()

    @property
    def has_grown(self) -> bool:
        """Whether there is anything new."""
        return self._position > self._there.position

    def add(self, table: pa.Table) -> None:
        """Put a table into the buckets that it belongs to."""
        last = int(np.argmax(integers(table["position"]))) if len(table) else None
        if last is None:
            return
        self._position = int(table["position"][last].as_py())
        self._last_event = int(table["event"][last].as_py())
        keys = integers(table["key"])
        edges = [bucket.first_key for bucket in self._buckets[1:]]
        cuts = [0, *np.searchsorted(keys, edges).tolist(), len(table)]
        theirs = [table.slice(start, stop - start) for start, stop in pairwise(cuts)]
        grown = self._threads.map(self._grown, self._buckets, theirs)
        self._buckets = list(chain.from_iterable(grown))

    def _grown(self, bucket: Bucket, fresh: pa.Table) -> list[Bucket]:
        if not len(fresh):
            return [bucket]
        files = (*bucket.files, self._write(fresh))
        bucket = Bucket(first_key=bucket.first_key, files=files)
        return [bucket] if bucket.rows <= MOST_ROWS * ROWS else self._made_one(bucket)

    def _compacted(self, bucket: Bucket) -> list[Bucket]:
        """A bucket as it is, or made one where replays would have much to put in order."""
        first, *later = bucket.files or (None,)
        much = first is not None and sum(file.rows for file in later) > first.rows // 8
        if much or len(later) >= FILES or bucket.rows > 2 * ROWS:
            return self._made_one(bucket)
        return [bucket]

    def _made_one(self, bucket: Bucket) -> list[Bucket]:
        """A bucket's files made one again, or one each of several buckets."""
        parts = [read_files(self._place(file), [file], ARCHIVED.names) for file in bucket.files]
        whole = in_order(
            pa.concat_tables(part.cast(ARCHIVED) for part in parts).unify_dictionaries()
        )
        cut = pieces(whole, ROWS)
        first_keys = [bucket.first_key, *(int(piece["key"][0].as_py()) for piece in cut[1:])]
        made = [
            Bucket(first_key=key, files=(self._write(piece),))
            for key, piece in zip(first_keys, cut, strict=True)
        ]
        for file in bucket.files:
            (self._fresh / file.name).unlink(missing_ok=True)
        return made

    def _write(self, table: pa.Table) -> File:
        name = f"events-{self._there.generation + 1:06d}-{next(self._numbers):06d}.parquet"
        return write_file(self._fresh, name, table)

    def _place(self, file: File) -> Path:
        fresh = self._fresh / file.name
        return self._fresh if fresh.exists() else self._folder

    def committed(self) -> Manifest:
        """Make all of it the archive."""
        generation = self._there.generation + 1
        buckets = chain.from_iterable(self._threads.map(self._compacted, self._buckets))
        grown = {
            "generation": generation,
            "position": self._position,
            "last_event": self._last_event,
            "buckets": tuple(buckets),
        }
        made = self._there.model_copy(update=grown)
        for file in made.files():
            if (self._fresh / file.name).exists():
                (self._fresh / file.name).rename(self._folder / file.name)
        table = conflicts.make_index(self._folder, self._there, made)
        made = made.model_copy(update={"conflicts": self._beside(table, generation)})
        write_manifest(self._folder, made)
        self._there = made
        return made

    def _beside(self, table: pa.Table, generation: int) -> File:
        name = f"conflicts-{generation:06d}.arrow"
        feather.write_feather(table, self._folder / name, compression="lz4")
        return file_entry(self._folder / name, table)

    def clear(self) -> None:
        """Remove what the archive does not hold: not yet, or no more."""
        held = {file.name for file in (*self._there.files(), self._there.conflicts) if file}
        for path in self._folder.iterdir():
            if OURS.fullmatch(path.name) and path.name not in held:
                path.unlink()
        shutil.rmtree(self._fresh, ignore_errors=True)

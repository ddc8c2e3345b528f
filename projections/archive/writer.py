"""Extends an archive, and keeps it whole whatever happens meanwhile.

New events become files of the buckets that their dossiers are in. At the end, a bucket with many
new events is compacted: its files are merged into one, or into one each of several buckets where it
has grown large. New files stand in a staging folder until all are on the disk; the manifest that
names them is written last.
"""

import fcntl
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import tzinfo
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import feather

from hoso.projections import atomic
from hoso.projections.archive import conflicts
from hoso.projections.archive.files import (
    ARCHIVED,
    file_entry,
    in_order,
    pieces,
    read_files,
    write_file,
)
from hoso.projections.archive.manifest import (
    FILE_NAMES,
    FIRST_KEY,
    FORMAT,
    MANIFEST,
    ArchiveError,
    Bucket,
    File,
    Manifest,
    check_name,
    check_time_zone,
    read_manifest,
    write_manifest,
)
from hoso.projections.archive.reader import ArchiveView
from hoso.projections.archive.replay import with_replay_files
from hoso.projections.log.schema import integers

BUCKET_ROWS: Final = 1_000_000  # about: what memory holds of an archive while it is compacted
SPLIT_ROWS: Final = 4 * BUCKET_ROWS  # a larger bucket is split at once
MANY_FILES: Final = 8  # of a bucket, before they are merged
STAGING: Final = "staging"  # the folder of files that the manifest does not name yet
LOCK: Final = ".lock"
KEY_FILE: Final = "archive.key"  # the key of the log, which ``hoso archive`` writes
OTHER_LOG: Final = "holds another log than {}: its event no. {} is another one; name another folder"
PARTIAL: Final = rf"{re.escape(atomic.PREFIX)}\w+{re.escape(atomic.SUFFIX)}"
# The names of an archive's own files: any other file in its folder is never removed.
OWN_FILES: Final = re.compile(rf"{FILE_NAMES}|{PARTIAL}")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and keep other processes from extending the archive in it.

    Raises ``ArchiveError`` where another process does just now, and for a name that is no UTF-8.
    """
    check_name(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"{folder}: another process extends it; try again") from None
        yield


def current_manifest(folder: Path, zone: tzinfo) -> Manifest:
    """The manifest of the archive in a folder; an empty one where there is no archive yet.

    Raises ``ArchiveError`` for an archive of another time zone, and for a folder of other things.
    """
    if (folder / MANIFEST).exists():
        manifest = read_manifest(folder)
        check_time_zone(folder, manifest, zone)
        return manifest
    for path in folder.iterdir():
        if path.name not in (LOCK, STAGING, KEY_FILE) and not OWN_FILES.fullmatch(path.name):
            raise ArchiveError(f"{folder}: is no archive, and not empty: it holds {path.name!r}")
    return Manifest(zone=str(zone))


def extend(
    folder: Path, manifest: Manifest, tables: Iterable[pa.Table], expected: int = 0, cores: int = 1
) -> Manifest:
    """Append tables of events (``files.ARCHIVED``), which follow each other in the log; returns the
    new manifest.

    ``expected`` is about how many events they have, where that is known: each event is then written
    twice at most. Raises ``ArchiveError`` and ``OSError``, with the archive as it was before.
    """
    with ThreadPoolExecutor(cores) as threads:
        extension = _Extension(folder, manifest, expected, threads)
        try:
            for table in tables:
                extension.add(table)
            return extension.commit() if extension.has_events else manifest
        finally:
            extension.remove_unnamed_files()


def rewrite(
    folder: Path,
    manifest: Manifest,
    renamed: Callable[[pa.Table], pa.Table | None],
    erasures: int,
    last_event: int,
) -> Manifest:
    """Write the files anew in which ``renamed`` changes any row (None: none); returns the new
    manifest, which says that so many codes were erased.

    Raises ``ArchiveError`` and ``OSError``, with the archive as it was before; the former also
    where the last event of the archive is another one than ``last_event``.
    """
    with ThreadPoolExecutor(1) as threads:
        extension = _Extension(folder, manifest, 0, threads)
        try:
            extension.rename(renamed)
            extension.check_last_event(last_event)
            return extension.commit(erasures)
        finally:
            extension.remove_unnamed_files()


def _even_buckets(number: int) -> list[Bucket]:
    """So many buckets with as many keys each; keys are evenly spread."""
    return [Bucket(first_key=(1 << 64) * n // number + FIRST_KEY) for n in range(number)]


class _Extension:
    """An archive while it is extended; ``_buckets`` are what it will hold."""

    def __init__(self, folder: Path, manifest: Manifest, expected: int, threads: Executor) -> None:
        self._folder = folder
        self._manifest = manifest
        self._threads = threads
        even = _even_buckets(expected // BUCKET_ROWS + 1)
        self._buckets = list(manifest.buckets) if manifest.rows else even
        self._position, self._last_event = manifest.position, manifest.last_event
        self._numbers = count()
        self._staging = folder / STAGING
        self.remove_unnamed_files()  # those of a process that was killed
        self._staging.mkdir()

    @property
    def has_events(self) -> bool:
        """Whether any event was added."""
        return self._position > self._manifest.position

    def add(self, table: pa.Table) -> None:
        """Write a table's events into the buckets that they belong to."""
        if not len(table):
            return
        last = int(np.argmax(integers(table["position"])))
        self._position = int(table["position"][last].as_py())
        self._last_event = int(table["event"][last].as_py())
        self._put(table)

    def _put(self, table: pa.Table) -> None:
        """Write rows, which are in order, into the buckets that they belong to."""
        keys = integers(table["key"])
        edges = [bucket.first_key for bucket in self._buckets[1:]]
        cuts = [0, *np.searchsorted(keys, edges).tolist(), len(table)]
        tables = [table.slice(start, stop - start) for start, stop in pairwise(cuts)]
        grown = self._threads.map(self._with_rows, self._buckets, tables)
        self._buckets = list(chain.from_iterable(grown))

    def rename(self, renamed: Callable[[pa.Table], pa.Table | None]) -> None:
        """Write the files anew in which any row changes. Rows whose dossier has another key go into
        the bucket of that key."""
        moved = []
        for place, bucket in enumerate(self._buckets):
            files = []
            for file in bucket.files:
                old = read_files(self._folder, [file], ARCHIVED.names).cast(ARCHIVED)
                if (new := renamed(old)) is None:
                    files.append(file)
                    continue
                self._note_last_event(new)
                moves = integers(new["key"]) != integers(old["key"])
                moved.append(new.filter(pa.array(moves)))
                if not moves.all():
                    files.append(self._write(new.filter(pa.array(~moves))))
            self._buckets[place] = bucket.model_copy(update={"files": tuple(files)})
        for rows in moved:
            self._put(in_order(rows))
        unchanged = set(self._manifest.buckets)
        self._buckets = [
            bucket if bucket in unchanged else bucket.model_copy(update={"replay": None})
            for bucket in self._buckets
        ]

    def _note_last_event(self, table: pa.Table) -> None:
        rows = np.flatnonzero(integers(table["position"]) == self._position)
        for row in rows.tolist():
            self._last_event = int(table["event"][row].as_py())

    def check_last_event(self, expected: int) -> None:
        """Raises ``ArchiveError`` if the last event is another one than that of its log."""
        if self._last_event != expected:
            raise ArchiveError(f"{self._folder}: {OTHER_LOG.format('this store', self._position)}")

    def _with_rows(self, bucket: Bucket, rows: pa.Table) -> list[Bucket]:
        if not len(rows):
            return [bucket]
        bucket = bucket.model_copy(update={"files": (*bucket.files, self._write(rows))})
        return [bucket] if bucket.rows <= SPLIT_ROWS else self._merged(bucket)

    def _compacted(self, bucket: Bucket) -> list[Bucket]:
        """A bucket as it is, or merged where a replay would have many rows to sort."""
        first, *later = bucket.files or (None,)
        has_much_new = first is not None and sum(file.rows for file in later) > first.rows // 8
        if has_much_new or len(later) >= MANY_FILES or bucket.rows > 2 * BUCKET_ROWS:
            return self._merged(bucket)
        return [bucket]

    def _merged(self, bucket: Bucket) -> list[Bucket]:
        """A bucket's files as one file, or as one each of several buckets."""
        tables = [
            read_files(self._folder_of(file), [file], ARCHIVED.names).cast(ARCHIVED)
            for file in bucket.files
        ]
        parts = pieces(in_order(pa.concat_tables(tables).unify_dictionaries()), BUCKET_ROWS)
        first_keys = [bucket.first_key, *(int(part["key"][0].as_py()) for part in parts[1:])]
        merged = [
            Bucket(first_key=key, files=(self._write(part),))
            for key, part in zip(first_keys, parts, strict=True)
        ]
        for file in bucket.files:
            (self._staging / file.name).unlink(missing_ok=True)
        return merged

    def _write(self, table: pa.Table) -> File:
        name = f"events-{self._manifest.generation + 1:06d}-{next(self._numbers):06d}.parquet"
        return write_file(self._staging, name, table)

    def _folder_of(self, file: File) -> Path:
        return self._staging if (self._staging / file.name).exists() else self._folder

    def commit(self, erasures: int | None = None) -> Manifest:
        """Make all that was added part of the archive; returns the new manifest. ``erasures``: how
        many codes were erased from its log; given where rows were renamed."""
        compacted = chain.from_iterable(self._threads.map(self._compacted, self._buckets))
        manifest = self._manifest.model_copy(
            update={
                "format": FORMAT,
                "generation": self._manifest.generation + 1,
                "position": self._position,
                "last_event": self._last_event,
                "buckets": tuple(compacted),
                "erasures": self._manifest.erasures if erasures is None else erasures,
            }
        )
        for file in manifest.files():
            if (self._staging / file.name).exists():
                (self._staging / file.name).rename(self._folder / file.name)
        manifest = self._with_derived_files(manifest, renamed=erasures is not None).sealed()
        write_manifest(self._folder, manifest)
        self._manifest = manifest
        return manifest

    def _with_derived_files(self, manifest: Manifest, *, renamed: bool) -> Manifest:
        """What the archive will hold, with its conflict index and its replay files."""
        if renamed:
            index = conflicts.index_of(self._folder, list(manifest.files()))
        else:
            index = conflicts.make_index(self._folder, self._manifest, manifest)
        path = self._folder / f"conflicts-{manifest.generation:06d}.arrow"
        feather.write_feather(index, path, compression="lz4")
        manifest = manifest.model_copy(update={"conflicts": file_entry(path, index)})
        view = ArchiveView(self._folder, None, conflicts.verdicts_by_file(index, None))
        return with_replay_files(view, manifest, self._threads)

    def remove_unnamed_files(self) -> None:
        """Remove the archive's own files that its manifest does not name."""
        held = chain(self._manifest.files(), self._manifest.derived_files())
        named = {file.name for file in held}
        for path in self._folder.iterdir():
            if OWN_FILES.fullmatch(path.name) and path.name not in named:
                path.unlink()
        shutil.rmtree(self._staging, ignore_errors=True)

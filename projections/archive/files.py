"""How does a history of hundreds of millions of events stay quick to replay? As an archive.

A folder of Parquet files (contract, section 9) that any tool can read, and ``archive.json``, which
says what is in them. A bucket is a stretch of keys, a key stands for a dossier: so each dossier is
in one bucket, and a bucket's file has its events together, in one row group, in the order in which
the rules read them. What came later stands in further files of the bucket until they are made one.

Beside the contract's columns: ``key`` (the dossier), ``event`` and ``annulled`` (an event's
``(source, id)``), ``day``, the local day on which it occurred, and ``packed``, all that the
rules read of an event in one number (``log.packing``): a replay reads this one and the key.

A file is never changed. What is there is what ``archive.json`` names, and that is replaced whole:
who comes after a crash reads what was there before, and who reads while it grows, does so once more
where a file is gone.
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, TypeVar
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from xxhash import xxh3_64

from hoso.domain.errors import UserError
from hoso.projections.log.lives import packed_events
from hoso.projections.log.packing import day_of
from hoso.projections.log.schema import SCHEMA, Integers, codes, integers, joined, keys_of

Answer = TypeVar("Answer")
MANIFEST: Final = "archive.json"
FEW_IN: Final = 8  # times that is all there is, at least; if more is new, all is read at once
FIRST_KEY: Final = -(1 << 63)
ROW_GROUP: Final = 262_144  # events, about: what memory holds of a bucket in one file
REPLAYED: Final = ("key", "packed")  # by a replay: as they are, neither coded nor packed
PLAIN: Final = (
    *REPLAYED,
    *("event", "annulled", "position", "occurred", "recorded", "dossier", "id", "annuls"),
)
ARCHIVED: Final = pa.schema(
    [
        *(f.with_type(pa.string()) if f.name == "dossier" else f for f in SCHEMA),
        ("day", pa.date32()),
        *(pa.field(name, pa.int64(), nullable=False) for name in REPLAYED),
    ]
)
ORDERED_BY: Final = ("occurred", "recorded", "position")  # a dossier's events
CHUNK: Final = 8_000_000  # bytes, to sum up


class ArchiveError(UserError):
    """An archive cannot be used; the message says why."""


class File(BaseModel):
    """A file of a bucket: its rows, up to which position they are, the local days they are of, and
    what its bytes sum up to."""

    model_config = ConfigDict(frozen=True)

    name: str
    rows: int
    last_position: int
    first_day: int
    last_day: int
    xxh3: str


class Bucket(BaseModel):
    """The dossiers of a stretch of keys, from ``first_key`` up to where the next one begins."""

    model_config = ConfigDict(frozen=True)

    first_key: int
    files: tuple[File, ...] = ()

    @property
    def rows(self) -> int:
        """How many events it has."""
        return sum(file.rows for file in self.files)


class Manifest(BaseModel):
    """What an archive holds: the log up to a position, in the days of a time zone."""

    model_config = ConfigDict(frozen=True)

    format: Literal[6] = 6
    zone: str
    identity: str = Field(default_factory=lambda: uuid4().hex)  # of this archive and no other
    generation: int = 0
    position: int = 0
    buckets: tuple[Bucket, ...] = (Bucket(first_key=FIRST_KEY),)
    last_event: int | None = None  # which stands at that position: an archive is of one log
    conflicts: File | None = None

    @property
    def rows(self) -> int:
        """How many events it has."""
        return sum(bucket.rows for bucket in self.buckets)

    def has_little_since(self, position: int) -> bool:
        """Whether so little of it stands behind a position that it is worth looking for."""
        return FEW_IN * (self.position - position) <= self.rows

    def files(self) -> Iterator[File]:
        """All of its files of events."""
        for bucket in self.buckets:
            yield from bucket.files


def read_manifest(folder: Path) -> Manifest:
    """What the archive in a folder holds. Raises ``ArchiveError`` where there is none."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ArchiveError(f"{folder}: holds no archive; `hoso archive` makes one") from None
    except (OSError, ValidationError) as error:
        raise ArchiveError(f"{folder / MANIFEST}: {_unreadable(error)}") from None


def _unreadable(error: OSError | ValidationError) -> str:
    if isinstance(error, ValidationError) and error.errors()[0]["loc"] == ("format",):
        made_by = f"is of another hoso (format {error.errors()[0]['input']})"
        return f"{made_by}: write the archive anew into another folder"
    return f"cannot be read: {' '.join(str(error).split())}"


def check_time_zone(folder: Path, there: Manifest, zone: tzinfo) -> None:
    """Raises ``ArchiveError`` where an archive has not the days of a time zone."""
    if there.zone != str(zone):
        raise ArchiveError(
            f"{folder}: its days are those of {there.zone}, not of {zone}: set HOSO_TIME_ZONE, "
            "or name another folder"
        )


def write_manifest(folder: Path, made: Manifest) -> None:
    """Have an archive hold this from now on, all of whose files are there."""
    _fsync(folder)
    fresh = folder / f"{MANIFEST}.new"
    with fresh.open("wb") as file:
        file.write(made.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / MANIFEST)
    _fsync(folder)


def to_archive_rows(log: pa.Table, zone: tzinfo) -> pa.Table:
    """A table of the log (``columns.SCHEMA``) as it is archived (ARCHIVED), in its order there."""
    dossiers = log["dossier"].combine_chunks().dictionary
    packed = packed_events(log, zone)
    made = {
        "dossier": log["dossier"].cast(pa.string()),
        "day": pa.array(day_of(packed).astype(np.int32), pa.int32()).cast(pa.date32()),
        "key": keys_of(dossiers, codes(log["dossier"])),
        "packed": packed,
    }
    columns = [made[name] if name in made else log[name] for name in ARCHIVED.names]
    return in_order(pa.table(columns, schema=ARCHIVED))


def in_order(table: pa.Table) -> pa.Table:
    """Dossier by dossier, each in the order of its life: as it occurred, then as recorded.

    Raises ``ArchiveError`` where two dossiers share a key: of 100 million, one chance in 3,000.
    """
    ordered = table.take(pa.array(life_order(table)))
    _refuse_shared_keys(ordered)
    return ordered


def life_order(table: pa.Table) -> Integers:
    """The order of a table's rows dossier by dossier, each in the order of its life."""
    return np.lexsort([integers(table[name]) for name in reversed(("key", *ORDERED_BY))])


def _refuse_shared_keys(ordered: pa.Table) -> None:
    key, code = integers(ordered["key"]), ordered["dossier"].combine_chunks()
    if len(key) < 2:
        return
    from pyarrow import compute as pc  # here, as who only reads need not load it

    differs = pc.not_equal(code[1:], code[:-1]).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(differs & (key[1:] == key[:-1])).tolist():
        raise ArchiveError(
            f"dossiers {code[row]} and {code[row + 1]} have the same 64-bit key: an archive "
            "cannot tell them apart; put them into archives of their own"
        )


def write_file(folder: Path, name: str, table: pa.Table) -> File:
    """Write a file of an archive's events, which are in their order there."""
    path = folder / name
    dictionaries = [name for name in table.schema.names if name not in PLAIN]
    packing = {name: "none" if name in REPLAYED else "lz4" for name in table.schema.names}
    told_of = ["key", "position", "day"]
    with pq.ParquetWriter(
        path,
        table.schema,
        compression=packing,
        use_dictionary=dictionaries,
        write_statistics=told_of,
    ) as file:
        for group in pieces(table, ROW_GROUP):
            file.write_table(group, row_group_size=len(group))
    return file_entry(path, table)


def pieces(table: pa.Table, rows: int) -> list[pa.Table]:
    """An archive's table in pieces of about so many rows; each dossier is in one of them."""
    keys = integers(table["key"])
    marks = range(rows, len(table) - rows // 2, rows)
    cuts = sorted({int(np.searchsorted(keys, keys[mark])) for mark in marks} - {0})
    return [table.slice(a, b - a) for a, b in pairwise([0, *cuts, len(table)])]


def file_entry(path: Path, table: pa.Table) -> File:
    """A file as the catalogue tells of it, once it is on disk to its last byte."""
    _fsync(path)
    days = integers(table["day"]) if len(table) else np.zeros(1, np.int64)
    return File(
        name=path.name,
        rows=len(table),
        last_position=int(integers(table["position"]).max(initial=0)),
        first_day=int(days.min()),
        last_day=int(days.max()),
        xxh3=checksum(path),
    )


def read_files(folder: Path, files: Sequence[File], columns: Sequence[str]) -> pa.Table:
    """Some columns of files, one after the other.

    Raises ``ArchiveError`` for a file that cannot be read, ``FileNotFoundError`` for one that is
    gone: then the archive has grown since its catalogue was read.
    """
    return pa.concat_tables([_read(folder / file.name, columns) for file in files])


def _read(path: Path, columns: Sequence[str]) -> pa.Table:
    with archive_errors(path):
        return pq.read_table(path, columns=list(columns), use_threads=False, memory_map=True)


@contextmanager
def archive_errors(path: Path) -> Iterator[None]:
    """Tells what a file does that cannot be read: ``FileNotFoundError``, or ``ArchiveError``."""
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    try:
        yield
    except (pa.ArrowException, OSError, KeyError) as error:
        fault = " ".join(str(error).split())
        raise ArchiveError(
            f"{path}: cannot be read: {fault}; write the archive anew into another folder"
        ) from None


def read_consistently(
    folder: Path, there: Manifest, answer: Callable[[Manifest], Answer]
) -> tuple[Manifest, Answer]:
    """An answer from what an archive holds, and what that was: it may have grown since its
    catalogue was read.

    Raises ``ArchiveError`` where it cannot be read.
    """
    while True:
        try:
            return there, answer(there)
        except FileNotFoundError as gone:
            there = reread_manifest(folder, there, gone)


def reread_manifest(folder: Path, there: Manifest, gone: FileNotFoundError) -> Manifest:
    """What an archive holds by now, of which a file is gone since its catalogue was read.

    Raises ``ArchiveError`` where it has not grown: the file is missing.
    """
    now = read_manifest(folder)
    if now.generation == there.generation:
        raise ArchiveError(f"{gone.filename}: is missing; hoso archive --verify") from None
    return now


def whole_log(folder: Path, there: Manifest) -> pa.Table:
    """All of it as the log (``columns.SCHEMA``), which takes the memory of all of it."""
    tables = [read_files(folder, [file], SCHEMA.names).cast(SCHEMA) for file in there.files()]
    return joined(tables).sort_by("position")


def checksum(path: Path) -> str:
    """The checksum of a file's bytes."""
    digest = xxh3_64()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

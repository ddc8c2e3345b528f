"""Writes and reads the files of an archive: Parquet, one row for each event.

Beside the columns of the contract (docs/CONTRACT.md, section 9) stand ``key`` (the dossier),
``event`` and ``annulled`` (an event's ``(source, id)``), ``day`` (the local day on which it
occurred), ``life`` (by which a dossier's events are ordered, ``calendar.life_key``), and
``packed``: all that the rules read of an event in one number (``log.packing``). A replay reads
``key`` and ``packed`` alone.

Rows are sorted by dossier, and within a dossier as the rules read them; each dossier is in one row
group. Pages carry checksums, which are verified when they are read.
"""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from xxhash import xxh3_64

from hoso.projections import atomic
from hoso.projections.archive.manifest import ArchiveError, File, Manifest, file_errors
from hoso.projections.log.lives import life_keys, packed_events
from hoso.projections.log.packing import day_of
from hoso.projections.log.schema import SCHEMA, Integers, codes, integers, joined, keys_of

ROW_GROUP_ROWS: Final = 262_144  # about: what memory holds of a bucket in one file
REPLAYED: Final = ("key", "packed")  # what a replay reads: neither encoded nor compressed
WITHOUT_DICTIONARY: Final = (
    *REPLAYED,
    *("event", "annulled", "position", "occurred", "recorded", "dossier", "id", "annuls", "life"),
)
WITH_STATISTICS: Final = ("key", "position", "day")
ARCHIVED: Final = pa.schema(
    [
        *(f.with_type(pa.string()) if f.name == "dossier" else f for f in SCHEMA),
        ("day", pa.date32()),
        ("life", pa.int64()),
        *(pa.field(name, pa.int64(), nullable=False) for name in REPLAYED),
    ]
)
ORDERED_BY: Final = ("life", "recorded", "position")  # a dossier's events
CHUNK_BYTES: Final = 8_000_000  # read at a time, for a checksum


def to_archive_rows(log: pa.Table, zone: tzinfo) -> pa.Table:
    """A table of the log (``schema.SCHEMA``) as it is archived (ARCHIVED), in its order there."""
    dossiers = log["dossier"].combine_chunks().dictionary
    packed = packed_events(log, zone)
    own = {
        "dossier": log["dossier"].cast(pa.string()),
        "day": pa.array(day_of(packed).astype(np.int32), pa.int32()).cast(pa.date32()),
        "key": keys_of(dossiers, codes(log["dossier"])),
        "life": life_keys(log, zone),
        "packed": packed,
    }
    columns = [own[name] if name in own else log[name] for name in ARCHIVED.names]
    return in_order(pa.table(columns, schema=ARCHIVED))


def in_order(table: pa.Table) -> pa.Table:
    """Rows dossier by dossier, each dossier's in the order of its life.

    Raises ``ArchiveError`` where two dossiers have one key: among 100 million dossiers, one chance
    in 3,000.
    """
    ordered = table.take(pa.array(life_order(table)))
    _refuse_equal_keys(ordered)
    return ordered


def life_order(table: pa.Table) -> Integers:
    """The order of a table's rows dossier by dossier, each dossier's as the rules read it."""
    return np.lexsort([integers(table[name]) for name in reversed(("key", *ORDERED_BY))])


def _refuse_equal_keys(ordered: pa.Table) -> None:
    key, code = integers(ordered["key"]), ordered["dossier"].combine_chunks()
    if len(key) < 2:
        return
    from pyarrow import compute as pc  # here, as readers need not load it

    differs = pc.not_equal(code[1:], code[:-1]).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(differs & (key[1:] == key[:-1])).tolist():
        raise ArchiveError(
            f"dossiers {code[row]} and {code[row + 1]} have the same 64-bit key: an archive "
            "cannot tell them apart; put them into archives of their own"
        )


def write_file(folder: Path, name: str, table: pa.Table) -> File:
    """Write a file of events, which are in order; returns its entry for the manifest."""
    path = folder / name
    names = table.schema.names
    with pq.ParquetWriter(
        path,
        table.schema,
        compression={name: "none" if name in REPLAYED else "lz4" for name in names},
        use_dictionary=[name for name in names if name not in WITHOUT_DICTIONARY],
        write_statistics=[*WITH_STATISTICS],
        write_page_checksum=True,
    ) as file:
        for group in pieces(table, ROW_GROUP_ROWS):
            file.write_table(group, row_group_size=len(group))
    return file_entry(path, table)


def pieces(table: pa.Table, rows: int) -> list[pa.Table]:
    """A table in pieces of about so many rows; each dossier is in one of them."""
    keys = integers(table["key"])
    marks = range(rows, len(table) - rows // 2, rows)
    cuts = sorted({int(np.searchsorted(keys, keys[mark])) for mark in marks} - {0})
    return [table.slice(a, b - a) for a, b in pairwise([0, *cuts, len(table)])]


def file_entry(path: Path, table: pa.Table) -> File:
    """The manifest's entry for a file that holds a table, once it is on the disk."""
    atomic.sync(path)
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
    """Some columns of some files, one file after the other.

    Raises ``ArchiveError`` for a file that cannot be read or is damaged, ``FileNotFoundError`` for
    one that is gone: then the archive has grown since its manifest was read.
    """
    return pa.concat_tables([_read(folder / file.name, columns) for file in files])


def row_groups(folder: Path, file: File, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Some columns of a file, a row group at a time. Raises as ``read_files``."""
    path = folder / file.name
    with file_errors(path), opened(path) as parquet:
        for group in range(parquet.num_row_groups):
            yield parquet.read_row_group(group, list(columns), use_threads=False)


def _read(path: Path, columns: Sequence[str]) -> pa.Table:
    with file_errors(path), opened(path) as parquet:
        return parquet.read(columns=list(columns), use_threads=False)


def opened(path: Path) -> pq.ParquetFile:
    """A file of an archive, whose pages are verified as they are read."""
    return pq.ParquetFile(path, memory_map=True, page_checksum_verification=True)


def whole_log(folder: Path, manifest: Manifest) -> pa.Table:
    """All of an archive as the log (``schema.SCHEMA``), which takes the memory of all of it."""
    tables = [read_files(folder, [file], SCHEMA.names).cast(SCHEMA) for file in manifest.files()]
    return joined(tables).sort_by("position")


def checksum(path: Path) -> str:
    """The checksum of a file's bytes (XXH3, 64 bits, hexadecimal)."""
    hashed = xxh3_64()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            hashed.update(chunk)
    return hashed.hexdigest()

"""How does a log become an archive, and does an archive hold what its log does?"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

from hoso.consumers.intake import files
from hoso.consumers.store.log import open_store
from hoso.projections.archive.files import (
    ArchiveError,
    Manifest,
    checksum,
    read_files,
    read_manifest,
    to_archive_rows,
)
from hoso.projections.archive.writer import current_manifest, extend, locked
from hoso.projections.log.schema import SCHEMA, joined, rows_after
from hoso.tools.runtime.progress import watched
from hoso.tools.runtime.workers import cores, shared
from hoso.tools.sources import file, store_log
from hoso.tools.sources.archive import forget_beyond

CONTRACT: Final = [name for name in SCHEMA.names if name not in ("event", "annulled")]
AT_ONCE: Final = 2_000_000  # events, put into the buckets together
LINE_BYTES: Final = 350  # of an event, about
ANOTHER: Final = "holds another log than {}: its event no. {} is another one; name another folder"


def archive(source: str, folder: Path, zone: tzinfo, *, skip_rejects: bool = False) -> Manifest:
    """Have an archive hold all that a source does; returns what it holds then.

    Raises ``UserError`` for a source that is none, or not the one that was archived there before; the
    archive is as it was then.
    """
    with locked(folder):
        there = current_manifest(folder, zone)
        forget_beyond(folder, there)
        tables = _tables(source, zone, max(there.position - 1, 0), skip_rejects)
        fresh = _behind(tables, there, f"{folder}: {ANOTHER.format(source, there.position)}")
        tables = (to_archive_rows(table, zone) for table in _gathered(fresh))
        return extend(folder, there, tables, _expected(source), cores())


def simulated(
    dossiers: int, seed: int, folder: Path, zone: tzinfo, *, facts: bool = False
) -> Manifest:
    """Make an archive of a simulated country, with quality ``facts`` if wanted. Raises
    ``ArchiveError`` where there is one."""
    from hoso.tools.simulation.volume import events_of, provinces  # here, as others need it not

    with locked(folder):
        there = current_manifest(folder, zone)
        if there.rows:
            raise ArchiveError(f"{folder}: is an archive already; name another folder")
        wanted = provinces(dossiers, seed, facts=facts)
        with shared(events_of, wanted) as parts:
            shown = watched(parts, len(wanted), "Simulating")
            tables = (to_archive_rows(table, zone) for table in _gathered(_numbered(shown)))
            expected = (7 if facts else 2) * dossiers
            return extend(folder, there, tables, expected, cores())


def _numbered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables with positions, one after the other."""
    last = 0
    for table in tables:
        position = pa.array(np.arange(last + 1, last + 1 + len(table)))
        yield table.set_column(0, "position", position)
        last += len(table)


def _expected(source: str) -> int:
    """About how many events a source has."""
    if "://" in source:
        with open_store(source) as store:
            return store.last_position()
    return (files.size_bytes(source) or 0) // LINE_BYTES


def _tables(source: str, zone: tzinfo, after: int, skip_rejects: bool) -> Iterator[pa.Table]:
    """The tables of a source behind a position in it."""
    if "://" in source:
        yield from store_log.tables(source, zone, after)
        return
    for part in file.parts(source, zone, skip_rejects=skip_rejects):
        yield rows_after(part.log, after)


def _behind(tables: Iterator[pa.Table], there: Manifest, another: str) -> Iterator[pa.Table]:
    """What follows the last event that is there, which is the first of the tables."""
    filled = (table for table in tables if len(table))
    if not there.position:
        yield from filled
        return
    first = next(filled, None)
    if first is None or (first["position"][0].as_py(), first["event"][0].as_py()) != (
        there.position,
        there.last_event,
    ):
        raise ArchiveError(another)
    yield from (table for table in chain([first.slice(1)], filled) if len(table))


def _gathered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same, in fewer tables."""
    some: list[pa.Table] = []
    for table in tables:
        some.append(table)
        if sum(map(len, some)) >= AT_ONCE:
            yield joined(some)
            some = []
    if some:
        yield joined(some)


def verify(source: str, folder: Path, zone: tzinfo, *, skip_rejects: bool = False) -> list[str]:
    """What is wrong with an archive, a line each: its files, held against its catalogue, and its
    events, held against those of the source. Raises ``UserError`` for what is no archive or no source.
    """
    there = read_manifest(folder)
    if findings := [*_strays(folder, there), *_damaged(folder, there)]:
        return findings
    tables = _tables(source, zone, 0, skip_rejects)
    logged = summed(table.filter(pc.field("position") <= there.position) for table in tables)
    held = summed(read_files(folder, [file], CONTRACT) for file in there.files())
    if logged != held:
        return [
            f"{folder}: its {held.rows:,} events are not the {logged.rows:,} of {source} up to "
            f"position {there.position:,}: write it anew into another folder"
        ]
    return []


def _strays(folder: Path, there: Manifest) -> Iterator[str]:
    held = {file.name for file in there.files()}
    for path in sorted(folder.glob("*.parquet")):
        if path.name not in held:
            yield f"{path}: is not of this archive; other tools would count it: remove it"


def _damaged(folder: Path, there: Manifest) -> Iterator[str]:
    for each in (*there.files(), *filter(None, [there.conflicts])):
        path = folder / each.name
        if not path.exists():
            yield f"{path}: is missing; write the archive anew into another folder"
        elif checksum(path) != each.xxh3:
            yield f"{path}: its bytes have changed; write the archive anew into another folder"


class Sum(NamedTuple):
    """Of some events, in any order: how many, and what they sum up to."""

    rows: int
    xxh3: int


def summed(tables: Iterable[pa.Table]) -> Sum:
    """The sum of the hashes of all events, each with all the contract's columns."""
    rows = total = 0
    for table in tables:
        columns = [table[name].to_pylist() for name in CONTRACT]
        hashes = (xxh3_64_intdigest(orjson.dumps(row)) for row in zip(*columns, strict=True))
        total = (total + sum(hashes)) % (1 << 64)
        rows += len(table)
    return Sum(rows, total)

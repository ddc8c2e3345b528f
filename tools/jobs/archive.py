"""Makes and extends archives, and verifies one against the log that was archived."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

from hoso.domain.windows import Window
from hoso.projections.archive.files import checksum, read_files, to_archive_rows
from hoso.projections.archive.manifest import WRITE_ANEW, ArchiveError, Manifest, read_manifest
from hoso.projections.archive.writer import OTHER_LOG, current_manifest, extend, locked
from hoso.projections.log.schema import SCHEMA, joined, numbered
from hoso.tools.runtime.progress import with_progress
from hoso.tools.runtime.workers import cores, process_map
from hoso.tools.sources.archive import drop_cache_beyond
from hoso.tools.sources.source import Source

CONTRACT: Final = [name for name in SCHEMA.names if name not in ("event", "annulled")]
BATCH_EVENTS: Final = 2_000_000  # put into the buckets together
NOT_FOLLOWED: Final = (
    "{0}: codes were erased from {1} that stand in this archive: hoso erase --archive {0}"
)


def archive(source: Source, folder: Path, zone: tzinfo) -> Manifest:
    """Extend the archive in a folder by all events of a source that it does not have yet; returns
    the new manifest. The archive is made where there is none.

    Raises ``UserError``, with the archive as it was, for a source that cannot be read, or that is
    not the one that was archived there before.
    """
    with locked(folder):
        manifest = current_manifest(folder, zone)
        if manifest.rows:
            _refuse_erasures(source, folder, manifest)
        manifest = manifest.model_copy(update={"erasures": max(manifest.erasures, source.erasures)})
        drop_cache_beyond(folder, manifest)
        tables = source.tables(max(manifest.position - 1, 0))
        other = f"{folder}: {OTHER_LOG.format(source.name, manifest.position)}"
        new = _behind_last_event(tables, manifest, other)
        rows = (to_archive_rows(table, zone) for table in _gathered(new))
        return extend(folder, manifest, rows, source.about_events(), cores())


def _refuse_erasures(source: Source, folder: Path, manifest: Manifest) -> None:
    if manifest.erasures < source.erasures:
        raise ArchiveError(NOT_FOLLOWED.format(folder, source.name))


def simulated(
    dossiers: int, seed: int, days: Window, folder: Path, zone: tzinfo, *, facts: bool = False
) -> Manifest:
    """Make an archive of a simulated country between two days, with quality ``facts`` if wanted.
    Raises ``ArchiveError`` where there is one."""
    from hoso.tools.simulation.volume import events_of, provinces  # here, as others need it not

    with locked(folder):
        manifest = current_manifest(folder, zone)
        if manifest.rows:
            raise ArchiveError(f"{folder}: is an archive already; name another folder")
        wanted = provinces(dossiers, seed, days, facts=facts)
        with process_map(events_of, wanted) as parts:
            shown = with_progress(parts, len(wanted), "Simulating")
            tables = (to_archive_rows(table, zone) for table in _gathered(numbered(shown)))
            expected = (7 if facts else 2) * dossiers
            return extend(folder, manifest, tables, expected, cores())


def _behind_last_event(
    tables: Iterator[pa.Table], manifest: Manifest, other_log: str
) -> Iterator[pa.Table]:
    """The events behind the last archived one, which must be the first of the tables."""
    filled = (table for table in tables if len(table))
    if not manifest.position:
        yield from filled
        return
    first = next(filled, None)
    if first is None or (first["position"][0].as_py(), first["event"][0].as_py()) != (
        manifest.position,
        manifest.last_event,
    ):
        raise ArchiveError(other_log)
    yield from (table for table in chain([first.slice(1)], filled) if len(table))


def _gathered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same events in fewer tables."""
    batch: list[pa.Table] = []
    for table in tables:
        batch.append(table)
        if sum(map(len, batch)) >= BATCH_EVENTS:
            yield joined(batch)
            batch = []
    if batch:
        yield joined(batch)


def verify(source: Source, folder: Path) -> list[str]:
    """Compare an archive's files with its manifest, and its events with those of a source.

    Returns what is wrong, a line each. Raises ``UserError`` for what is no archive, and for a
    source that cannot be read.
    """
    manifest = read_manifest(folder)
    if manifest.erasures < source.erasures:
        return [NOT_FOLLOWED.format(folder, source.name)]
    if findings := [*_strays(folder, manifest), *_damaged(folder, manifest)]:
        return findings
    known = pc.field("position") <= manifest.position
    of_source = summed(table.filter(known) for table in source.tables(0))
    of_archive = summed(read_files(folder, [file], CONTRACT) for file in manifest.files())
    if of_source != of_archive:
        return [
            f"{folder}: its {of_archive.rows:,} events are not the {of_source.rows:,} of "
            f"{source.name} up to position {manifest.position:,}: {WRITE_ANEW}"
        ]
    return []


def _strays(folder: Path, manifest: Manifest) -> Iterator[str]:
    held = {file.name for file in manifest.files()}
    for path in sorted(folder.glob("*.parquet")):
        if path.name not in held:
            yield f"{path}: is not of this archive; other tools would count it: remove it"


def _damaged(folder: Path, manifest: Manifest) -> Iterator[str]:
    for each in (*manifest.files(), *filter(None, [manifest.conflicts])):
        path = folder / each.name
        if not path.exists():
            yield f"{path}: is missing; {WRITE_ANEW}"
        elif checksum(path) != each.xxh3:
            yield f"{path}: its bytes have changed; {WRITE_ANEW}"


class Sum(NamedTuple):
    """Of some events, in any order: how many, and what they sum up to."""

    rows: int
    xxh3: int


def _plain(column: pa.ChunkedArray) -> list[object]:
    """A column's values; instants and days as numbers, as Python has none beyond the year 9999."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_date(column.type):
        return column.cast(pa.int32()).to_pylist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def summed(tables: Iterable[pa.Table]) -> Sum:
    """The sum of the hashes of all events, each with all the contract's columns."""
    rows = total = 0
    for table in tables:
        columns = [_plain(table[name]) for name in CONTRACT]
        hashes = (xxh3_64_intdigest(orjson.dumps(row)) for row in zip(*columns, strict=True))
        total = (total + sum(hashes)) % (1 << 64)
        rows += len(table)
    return Sum(rows, total)

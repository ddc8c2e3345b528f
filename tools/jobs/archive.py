"""Makes and extends archives, and verifies one against the log that was archived."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa

from hoso.domain.windows import Window
from hoso.projections.archive.files import checksum, row_groups, to_archive_rows
from hoso.projections.archive.manifest import (
    WRITE_ANEW,
    ArchiveError,
    File,
    Manifest,
    read_manifest,
)
from hoso.projections.archive.writer import OTHER_LOG, current_manifest, extend, locked
from hoso.projections.log.schema import joined, numbered, rows_until
from hoso.projections.log.sums import SUMMED, Sum, add_up, sum_of
from hoso.tools.runtime.progress import with_progress
from hoso.tools.runtime.workers import cores, process_map, thread_map
from hoso.tools.sources.archive import drop_cache_beyond
from hoso.tools.sources.archive_proofs import ArchiveProofs, keep_key
from hoso.tools.sources.source import Source

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
        made = extend(folder, manifest, rows, source.about_events(), cores())
        _keep_proofs(source, folder)
        return made


def _keep_proofs(source: Source, folder: Path) -> None:
    """Give an archive what proves its log: the log's key, and what was signed since."""
    if (key := source.log_key()) is None:
        return
    keep_key(folder, key)
    given, own = source.proofs(), ArchiveProofs(folder)
    kept = own.checkpoints()
    for note in given.checkpoints():
        if note not in kept:
            own.add_checkpoint(note)
    releases, known = given.releases(), own.releases()
    if releases[: len(known)] == known:  # else it has releases of its own
        for number, entry in enumerate(releases[len(known) :], len(known) + 1):
            own.add_release(number, entry)


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
    of_source = sum_of(rows_until(table, manifest.position) for table in source.tables(0))
    of_archive = _sum_of_files(folder, manifest)
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


def _sum_of_files(folder: Path, manifest: Manifest) -> Sum:
    """The sum of an archive's events, of several files side by side."""

    def of_file(file: File) -> Sum:
        return sum_of(row_groups(folder, file, SUMMED))

    sums = thread_map(of_file, manifest.files())
    return add_up(with_progress(sums, manifest.rows, "Verifying", lambda done: done.rows))


def _damaged(folder: Path, manifest: Manifest) -> Iterator[str]:
    files = [*manifest.files(), *manifest.derived_files()]
    for each in with_progress(files, len(files), "Reading the files"):
        path = folder / each.name
        if not path.exists():
            yield f"{path}: is missing; {WRITE_ANEW}"
        elif checksum(path) != each.xxh3:
            yield f"{path}: its bytes have changed; {WRITE_ANEW}"

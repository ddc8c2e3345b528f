"""Reads some dossiers of an archive, chosen by code or by the figures that count them, and no
others: for drill-down and explanations.

Only the buckets, and in them the row groups, that have any of these dossiers are read whole. With
them come the dossiers that share an event's identity with one of them: only together it is known
which of their events count.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.archive import conflicts
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_lives, buckets_with, events_of
from hoso.projections.ledger.drilldown import SUSPENSE, dossiers_behind
from hoso.projections.ledger.fold import journal_of
from hoso.projections.ledger.statement import told_of
from hoso.projections.log.lives import Lives
from hoso.projections.log.packing import PackedLives
from hoso.projections.log.schema import SCHEMA, Integers, dossier_key, joined


def log_of_dossiers(
    folder: Path, dossiers: Collection[str], map_buckets: MapBuckets = map
) -> pa.Table:
    """All events of some dossiers, and of those that are judged with them, as a log
    (``log.schema.SCHEMA``).

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    keys = np.unique(np.array([dossier_key(code) for code in dossiers], np.int64))
    answer = partial(_log_of, folder, keys, map_buckets)
    return read_consistently(folder, read_manifest(folder), answer)[1]


def log_behind(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    window: Window,
    figures: Sequence[str],
    map_buckets: MapBuckets = map,
) -> pa.Table:
    """All events of the dossiers that some figures of a window count (``drilldown.FIGURES``, or
    SUSPENSE), as known at ``as_of`` (None: all), and of those that are judged with them, as a log.

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, office.zone)

    def answer(manifest: Manifest) -> pa.Table:
        view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
        work = partial(_keys_behind, view, office, told_of(window, office, as_of), figures)
        keys = np.concatenate([np.zeros(0, np.int64), *map_buckets(work, manifest.buckets)])
        return _log_of(folder, np.unique(keys), map_buckets, manifest)

    return read_consistently(folder, manifest, answer)[1]


def _log_of(folder: Path, keys: Integers, map_buckets: MapBuckets, manifest: Manifest) -> pa.Table:
    keys = conflicts.judged_together(folder, manifest, keys)
    work = partial(_events_in_bucket, folder, keys)
    return joined(map_buckets(work, buckets_with(manifest, keys))).sort_by("position")


def _events_in_bucket(folder: Path, keys: Integers, bucket: Bucket) -> pa.Table:
    return events_of(folder, bucket, keys, SCHEMA.names).select(SCHEMA.names).cast(SCHEMA)


def _keys_behind(
    view: ArchiveView, office: Office, told: Window, figures: Sequence[str], bucket: Bucket
) -> Integers:
    """The keys of a bucket's dossiers that are counted; in suspense, on any day."""
    found = [np.zeros(0, np.int64)]
    for lives in bucket_lives(view, bucket) if bucket.files else ():
        own, unmatched = _valid_and_unmatched(lives)
        journal, suspended = journal_of(own, office)
        if SUSPENSE in figures:
            found += [own.dossier[suspended], unmatched]
        else:
            found.append(dossiers_behind(journal, told, figures))
    return np.unique(np.concatenate(found))


def _valid_and_unmatched(lives: PackedLives) -> tuple[Lives, Integers]:
    """The lives that valid events make up, and the dossiers of annulments that take nothing
    back."""
    dossier, packed, verdict = map(np.asarray, lives)
    rows = np.flatnonzero(verdict == validity.VALID)
    return Lives(rows, dossier[rows], packed[rows]), dossier[verdict == validity.UNMATCHED]

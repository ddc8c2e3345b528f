"""What the reassigned dossiers of an archive took along, bucket by bucket: only their events are
folded into a journal."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, valid_lives_in
from hoso.projections.ledger.along import TakenAlong, merged, taken_along
from hoso.projections.ledger.fold import journal_of_lives
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.packing import kind_of
from hoso.projections.log.schema import integers


def along_in_archive(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    by: Sequence[str],
    map_buckets: MapBuckets = map,
) -> TakenAlong:
    """What reassigned dossiers took along, as known at ``as_of`` (None: all), sliced ``by`` some of
    ``slices.DIMENSIONS``. Raises ``ArchiveError`` where the archive cannot be read."""

    def answer(manifest: Manifest) -> TakenAlong:
        view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
        filled = [bucket for bucket in manifest.buckets if bucket.files]
        return merged(map_buckets(partial(along_in_bucket, view, office, by), filled))

    return read_consistently(folder, read_manifest(folder), answer)[1]


def along_in_bucket(
    view: ArchiveView, office: Office, by: Sequence[str], bucket: Bucket
) -> TakenAlong:
    """What the reassigned dossiers of a bucket took along."""
    events = bucket_events(view, bucket, by)
    key, kind = integers(events["key"]), kind_of(integers(events["packed"]))
    reassigned = np.unique(key[kind == kinds.REASSIGNED])
    own = events.filter(pa.array(np.isin(key, reassigned)))
    folded = journal_of_lives(valid_lives_in(own), office)
    return taken_along(Ledger(own, office, view.as_of, folded), by)

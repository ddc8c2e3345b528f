"""Makes the register of an archive, bucket by bucket: memory holds a few buckets, not the history.

Rows are in the order of the archive's keys.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.manifest import (
    Bucket,
    MapBuckets,
    check_time_zone,
    manifest_after,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, valid_lives_in
from hoso.projections.ledger.register import OF_RECEPTION, SCHEMA, Moment, register_of_lives


class ArchiveGrew(Exception):
    """An archive has grown while it was read, and a file is gone: begin again."""


class RegisterJob(NamedTuple):
    """What is to be done with each bucket."""

    view: ArchiveView
    office: Office
    day: int


def register_of_archive(
    folder: Path, office: Office, moment: Moment, map_buckets: MapBuckets = map
) -> Iterator[pa.Table]:
    """The register of an archive, a table (``ledger.register.SCHEMA``) for each bucket.

    Raises ``ArchiveError`` where the archive cannot be read, ``ArchiveGrew`` where to begin again.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, office.zone)
    try:
        verdicts = conflicts.archive_verdicts(folder, manifest, moment.as_of)
        job = RegisterJob(ArchiveView(folder, moment.as_of, verdicts), office, moment.day)
        yield from map_buckets(partial(register_of_bucket, job), manifest.buckets)
    except FileNotFoundError as gone:
        manifest_after(folder, manifest, gone)
        raise ArchiveGrew from None


def register_of_bucket(job: RegisterJob, bucket: Bucket) -> pa.Table:
    """The register of a bucket's dossiers."""
    if not bucket.files:
        return SCHEMA.empty_table()
    events = bucket_events(job.view, bucket, OF_RECEPTION)
    return register_of_lives(events, valid_lives_in(events), job.office, job.day)

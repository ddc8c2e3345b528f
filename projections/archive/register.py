"""Makes the register of an archive, the list of what falls due, and its backtest, bucket by bucket:
memory holds a few buckets, not the history.

Rows are in the order of the archive's keys.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
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
from hoso.projections.archive.reader import (
    ArchiveView,
    bucket_events,
    every_life_in,
    valid_lives_in,
)
from hoso.projections.ledger import backtest, due
from hoso.projections.ledger.backtest import Backtest, Forecasts
from hoso.projections.ledger.register import OF_RECEPTION, SCHEMA, Moment, register_of_lives
from hoso.projections.log.schema import Integers, integers

R = TypeVar("R")


class ArchiveGrew(Exception):
    """An archive has grown while it was read, and a file is gone: begin again."""


def register_of_archive(
    folder: Path,
    office: Office,
    moment: Moment,
    map_buckets: MapBuckets = map,
    keys: Integers | None = None,
) -> Iterator[pa.Table]:
    """The register of an archive, a table (``ledger.register.SCHEMA``) for each bucket; of the
    dossiers with some keys, or of all.

    Raises ``ArchiveError`` where the archive cannot be read, ``ArchiveGrew`` where to begin again.
    """
    work = partial(register_of_bucket, office, moment.day, keys)
    return _each_bucket(folder, office, moment.as_of, work, map_buckets)


def due_of_archive(
    folder: Path, office: Office, moment: Moment, within: int, map_buckets: MapBuckets = map
) -> Iterator[pa.Table]:
    """What falls due of an archive within some working days, a table (``ledger.due.SCHEMA``) for
    each bucket. Raises as ``register_of_archive``."""
    work = partial(due_of_bucket, office, moment.day, within)
    return _each_bucket(folder, office, moment.as_of, work, map_buckets)


def forecasts_of_archive(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    asked: Backtest,
    map_buckets: MapBuckets = map,
) -> Forecasts:
    """The forecasts of an archive, as known at ``as_of`` (None: all of it). Raises as
    ``register_of_archive``."""
    work = partial(forecasts_of_bucket, office, asked)
    return sum(_each_bucket(folder, office, as_of, work, map_buckets), start=Forecasts())


def _each_bucket(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    work: Callable[[ArchiveView, Bucket], R],
    map_buckets: MapBuckets,
) -> Iterator[R]:
    """What some work makes of each bucket of an archive, as known at ``as_of`` (None: all)."""
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, office.zone)
    try:
        view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
        yield from map_buckets(partial(work, view), manifest.buckets)
    except FileNotFoundError as gone:
        manifest_after(folder, manifest, gone)
        raise ArchiveGrew from None


def register_of_bucket(
    office: Office, day: int, keys: Integers | None, view: ArchiveView, bucket: Bucket
) -> pa.Table:
    """The register of a bucket's dossiers, or of those with some keys."""
    if not bucket.files:
        return SCHEMA.empty_table()
    events = bucket_events(view, bucket, OF_RECEPTION)
    if keys is not None:
        events = events.filter(pa.array(np.isin(integers(events["key"]), keys)))
    return register_of_lives(events, valid_lives_in(events), office, day)


def due_of_bucket(
    office: Office, day: int, within: int, view: ArchiveView, bucket: Bucket
) -> pa.Table:
    """What falls due of a bucket's dossiers."""
    if not bucket.files:
        return due.SCHEMA.empty_table()
    events = bucket_events(view, bucket, due.READ)
    return due.due_of_lives(events, valid_lives_in(events), office, day, within)


def forecasts_of_bucket(
    office: Office, asked: Backtest, view: ArchiveView, bucket: Bucket
) -> Forecasts:
    """The forecasts of a bucket's dossiers."""
    if not bucket.files:
        return Forecasts()
    events = bucket_events(view, bucket, backtest.READ)
    return backtest.forecasts_of_lives(events, every_life_in(events), office, asked)

"""Makes the periods of reports from an archive, bucket by bucket; the archive is read once."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.archive import conflicts
from hoso.projections.archive.fold import FoldPlan, day_range, delta_of, sliced_lives
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, valid_lives_in
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, balances_of, sum_deltas
from hoso.projections.ledger.quality import EVENT_COLUMNS
from hoso.projections.reports.cube import CUBE_DIMENSIONS
from hoso.projections.reports.periods import (
    Periods,
    WindowCounts,
    counts_of_lives,
    merge_counts,
    periods_of_counts,
)


class PeriodsJob(NamedTuple):
    """What is to be done with each bucket."""

    view: ArchiveView
    office: Office
    windows: Sequence[Window]
    plan: FoldPlan


class BucketPeriods(NamedTuple):
    """What a bucket contributes to balance sheets, and to the counts of each window."""

    delta: BalanceDelta
    counts: list[WindowCounts]


def periods_of_archive(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    windows: Sequence[Window],
    map_buckets: MapBuckets = map,
) -> Periods:
    """The periods of an archive for some windows, as known at ``as_of`` (all of it if None).

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, office.zone)
    answer = partial(_periods, folder, office, as_of, windows, map_buckets)
    return read_consistently(folder, manifest, answer)[1]


def _periods(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    windows: Sequence[Window],
    map_buckets: MapBuckets,
    manifest: Manifest,
) -> Periods:
    view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
    plan = FoldPlan(day_range(manifest), manifest.rows)
    job = PeriodsJob(view, office, windows, plan)
    filled = [bucket for bucket in manifest.buckets if bucket.files]
    parts = list(map_buckets(partial(_periods_of_bucket, job), filled))
    moved, suspended = sum_deltas([part.delta for part in parts])
    return periods_of_counts(
        BalanceSheets(office, as_of, CUBE_DIMENSIONS, balances_of(moved), suspended),
        {
            window: merge_counts([part.counts[number] for part in parts])
            for number, window in enumerate(windows)
        },
    )


def _periods_of_bucket(job: PeriodsJob, bucket: Bucket) -> BucketPeriods:
    events = bucket_events(job.view, bucket, EVENT_COLUMNS)
    slices, sliced = sliced_lives(events, CUBE_DIMENSIONS, "verdict")
    delta = delta_of(sliced, slices, job.office, job.plan)
    lives = valid_lives_in(events)
    counts = [counts_of_lives(events, lives, job.office, window) for window in job.windows]
    return BucketPeriods(delta, counts)

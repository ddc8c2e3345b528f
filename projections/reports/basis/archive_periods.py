"""Makes the periods of reports from an archive, bucket by bucket; the archive is read once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hoso.domain import kinds
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
from hoso.projections.archive.reader import ArchiveView, bucket_events, valid_lives_in
from hoso.projections.archive.sums import FoldPlan, day_range, delta_of, sliced_lives
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, balances_of, sum_deltas
from hoso.projections.ledger.quality import EVENT_COLUMNS
from hoso.projections.ledger.statement import FINAL, final_day, told_of
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS
from hoso.projections.reports.basis.periods import (
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
    """What a bucket contributes to the balance sheets and to the counts of each window.

    There is one delta for all windows where no dossier was reassigned.
    """

    deltas: list[BalanceDelta]
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
    return periods_of_counts(
        dict(zip(windows, _balance_sheets(job, parts), strict=True)),
        {
            window: merge_counts([part.counts[number] for part in parts])
            for number, window in enumerate(windows)
        },
    )


def _balance_sheets(job: PeriodsJob, parts: Sequence[BucketPeriods]) -> Iterator[BalanceSheets]:
    """The balance sheets of each window; they are added up once where all are the same."""
    is_moved = any(len(part.deltas) > 1 for part in parts)
    made: BalanceSheets | None = None
    as_of = job.view.as_of
    for number, window in enumerate(job.windows):
        if made is None or is_moved:
            own = [part.deltas[number if len(part.deltas) > 1 else 0] for part in parts]
            moved, suspended = sum_deltas(own)
            balances = balances_of(moved)
            made = BalanceSheets(job.office, as_of, CUBE_DIMENSIONS, balances, suspended)
        yield made._replace(final_on=final_day(FINAL, window, job.office, as_of))


def _periods_of_bucket(job: PeriodsJob, bucket: Bucket) -> BucketPeriods:
    events = bucket_events(job.view, bucket, EVENT_COLUMNS)
    lives, as_of = valid_lives_in(events), job.view.as_of
    is_moved = bool(np.any(lives.kind == kinds.REASSIGNED))
    deltas = []
    for window in job.windows if is_moved else job.windows[:1]:
        final_on = final_day(FINAL, window, job.office, as_of)
        slices, sliced = sliced_lives(events, CUBE_DIMENSIONS, "verdict", final_on)
        deltas.append(delta_of(sliced, slices, job.office, job.plan))
    counts = [
        counts_of_lives(events, lives, job.office, told_of(window, job.office, as_of))
        for window in job.windows
    ]
    return BucketPeriods(deltas, counts)

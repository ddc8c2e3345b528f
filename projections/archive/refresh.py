"""Refreshes an archive's balance sheets by the events that are new.

As in ``ledger.refresh``, the dossiers that have new events are folded twice, as they were known and
as they are known now, and the difference is applied. So are dossiers one of whose events has the
same identity as a new event: the conflict index knows them. All other dossiers stay unread.

What was known is what stands in the log up to a position, in whatever order it was recorded.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.conflicts import Recount, verdicts_at
from hoso.projections.archive.fold import (
    FoldedArchive,
    FoldPlan,
    day_range,
    delta_of,
    sliced_lives,
)
from hoso.projections.archive.manifest import Bucket, Manifest, MapBuckets, read_consistently
from hoso.projections.archive.reader import NOT_RECORDED, buckets_with, dossiers_behind, events_of
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, sum_deltas, with_change
from hoso.projections.log.schema import Integers, integers

FOLDED_PER_NEW: Final = 6  # events, about: those of each new event's dossier, twice


class RefreshJob(NamedTuple):
    """What is to be done with each bucket."""

    folder: Path
    since: int
    recount: Recount
    office: Office
    by: Sequence[str]
    final_on: date | None
    plan: FoldPlan


def refreshed(
    folder: Path, manifest: Manifest, old: BalanceSheets, since: int, map_buckets: MapBuckets = map
) -> FoldedArchive:
    """The balance sheets of all of an archive, from those of its log up to position ``since``.

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    answer = partial(_refreshed, folder, old, since, map_buckets)
    manifest, balance_sheets = read_consistently(folder, manifest, answer)
    return FoldedArchive(manifest, [balance_sheets])


def _refreshed(
    folder: Path, old: BalanceSheets, since: int, map_buckets: MapBuckets, manifest: Manifest
) -> BalanceSheets:
    assert manifest.conflicts is not None  # every archive with events has an index
    recount = conflicts.recount(folder, manifest.conflicts, since)
    plan = FoldPlan(day_range(manifest), FOLDED_PER_NEW * (manifest.position - since))
    job = RefreshJob(folder, since, recount, old.office, old.by, old.final_on, plan)
    buckets = _buckets_to_fold(manifest, since, recount.dossiers)
    before, after = zip(*map_buckets(partial(change_in_bucket, job), buckets), strict=True)
    return with_change(old, sum_deltas(before), sum_deltas(after))


def _buckets_to_fold(manifest: Manifest, since: int, dossiers: Integers) -> list[Bucket]:
    """The buckets that have new events, or any of some dossiers."""
    concerned = {bucket.first_key for bucket in buckets_with(manifest, dossiers)}
    return [
        bucket
        for bucket in manifest.buckets
        if bucket.first_key in concerned or any(f.last_position > since for f in bucket.files)
    ]


def change_in_bucket(job: RefreshJob, bucket: Bucket) -> list[BalanceDelta]:
    """What a bucket's changed dossiers contributed before, and what they contribute now."""
    folder, since, recount, office, by, final_on, plan = job
    keys = np.union1d(dossiers_behind(folder, bucket, since), recount.dossiers)
    events = events_of(folder, bucket, keys, [*by, "position"])
    position = integers(events["position"])
    before, after = (verdicts_at(position, recount.position, v) for v in recount[1:3])
    before[position > since] = NOT_RECORDED
    events = events.append_column("before", pa.array(before)).append_column(
        "after", pa.array(after)
    )
    sliced = (sliced_lives(events, by, verdict, final_on) for verdict in ("before", "after"))
    return [delta_of(lives, slices, office, plan) for slices, lives in sliced]

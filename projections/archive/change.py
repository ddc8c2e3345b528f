"""What the changed dossiers of a bucket contributed to balance sheets before, and what they do now.

Changed are the dossiers that have events behind a position of the log, and those one of whose
events has the same identity as such an event: the conflict index knows them. All others stay
unread. What was known is what stands in the log up to that position, in whatever order it was
recorded.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.archive.conflicts import Recount, verdicts_at
from hoso.projections.archive.manifest import Bucket, Manifest
from hoso.projections.archive.reader import NOT_RECORDED, buckets_with, dossiers_behind, events_of
from hoso.projections.archive.sums import FoldPlan, delta_of, sliced_lives
from hoso.projections.ledger.balances import BalanceDelta
from hoso.projections.log.schema import Integers, integers


class ChangeJob(NamedTuple):
    """What is to be done with each bucket that has changed since a position."""

    folder: Path
    since: int
    recount: Recount
    office: Office
    by: Sequence[str]
    final_on: date | None
    plan: FoldPlan


def changed_buckets(manifest: Manifest, since: int, dossiers: Integers) -> list[Bucket]:
    """The buckets that have events behind a position, or any of some dossiers."""
    concerned = {bucket.first_key for bucket in buckets_with(manifest, dossiers)}
    return [
        bucket
        for bucket in manifest.buckets
        if bucket.first_key in concerned or any(f.last_position > since for f in bucket.files)
    ]


def change_in_bucket(job: ChangeJob, bucket: Bucket) -> list[BalanceDelta]:
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

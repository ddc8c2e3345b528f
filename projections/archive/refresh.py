"""How are an archive's balance sheets brought up to date? By what is new.

The dossiers that have new events are folded twice, with all their events: as known when the sheets
were made, and as known now. What they added then is taken out, and what they add now is put in. So
are dossiers one of whose events shares its identity with a new one: which of the two was recorded
first, and counts, may be another one than before. All others stay unread, as no dossier depends on
another.

What was known is what stands in the log up to a position, in whatever order it was recorded.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.conflicts import Recount, verdicts_at
from hoso.projections.archive.files import Bucket, Manifest, read_consistently
from hoso.projections.archive.fold import (
    FoldedArchive,
    FoldPlan,
    MapBuckets,
    day_range,
    delta_of,
    sliced_lives,
)
from hoso.projections.archive.reader import NOT_RECORDED, dossiers_since, lives_of
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, sum_deltas, with_change
from hoso.projections.ledger.fold import worth_compiling
from hoso.projections.log.schema import Integers, integers

EVENTS: Final = 6  # to be folded for each that is new, about: those of its dossier, twice


class RefreshJob(NamedTuple):
    """What is asked of each bucket of an archive."""

    folder: Path
    since: int
    recount: Recount
    office: Office
    by: Sequence[str]
    way: FoldPlan


def refreshed(
    folder: Path, there: Manifest, old: BalanceSheets, since: int, share: MapBuckets = map
) -> FoldedArchive:
    """The balance sheets of all of an archive, from those of what it held up to a position.

    Raises ``ArchiveTrouble`` where it cannot be read.
    """
    there, sheets = read_consistently(folder, there, partial(_renewed, folder, old, since, share))
    return FoldedArchive(there, [sheets])


def _renewed(
    folder: Path, old: BalanceSheets, since: int, share: MapBuckets, there: Manifest
) -> BalanceSheets:
    assert there.conflicts is not None  # as there is something new
    recount = conflicts.recount(folder, there.conflicts, since)
    events = EVENTS * (there.position - since)
    way = FoldPlan(day_range(there), worth_compiling(events))
    question = RefreshJob(folder, since, recount, old.office, old.by, way)
    parts = share(partial(change_in_bucket, question), _concerned(there, since, recount.dossiers))
    gone, come = zip(*parts, strict=True)
    return with_change(old, sum_deltas(gone), sum_deltas(come))


def _concerned(there: Manifest, since: int, dossiers: Integers) -> list[Bucket]:
    """The buckets in which there is anything new, or any of some dossiers."""
    edges = [bucket.first_key for bucket in there.buckets[1:]]
    theirs = set(np.searchsorted(edges, dossiers, "right").tolist())
    return [
        bucket
        for place, bucket in enumerate(there.buckets)
        if place in theirs or any(file.last_position > since for file in bucket.files)
    ]


def change_in_bucket(question: RefreshJob, bucket: Bucket) -> list[BalanceDelta]:
    """What a bucket's dossiers that have changed added to the balance sheets, and what they add."""
    folder, since, recount, office, by, way = question
    keys = np.union1d(dossiers_since(folder, bucket, since), recount.dossiers)
    table = lives_of(folder, bucket, keys, [*by, "position"])
    position = integers(table["position"])
    was, now = (verdicts_at(position, recount.position, v) for v in (recount.was, recount.now))
    was[position > since] = NOT_RECORDED
    table = table.append_column("was", pa.array(was)).append_column("now", pa.array(now))
    told = (sliced_lives(table, by, verdict) for verdict in ("was", "now"))
    return [delta_of(events, slices, office, way) for slices, events in told]

"""Refreshes an archive's balance sheets by the events that are new.

As in ``ledger.refresh``, the dossiers that have changed are folded twice, as they were known and as
they are known now (``change``), and the difference is applied.
"""

from functools import partial
from pathlib import Path
from typing import Final

from hoso.projections.archive import conflicts
from hoso.projections.archive.change import ChangeJob, change_in_bucket, changed_buckets
from hoso.projections.archive.fold import FoldedArchive
from hoso.projections.archive.manifest import Manifest, MapBuckets, read_consistently
from hoso.projections.archive.sums import FoldPlan, day_range
from hoso.projections.ledger.balances import BalanceSheets, sum_deltas, with_change

FOLDED_PER_NEW: Final = 6  # events, about: those of each new event's dossier, twice


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
    job = ChangeJob(folder, since, recount, old.office, old.by, old.final_on, plan)
    buckets = changed_buckets(manifest, since, recount.dossiers)
    before, after = zip(*map_buckets(partial(change_in_bucket, job), buckets), strict=True)
    return with_change(old, sum_deltas(before), sum_deltas(after))

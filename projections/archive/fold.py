"""Folds an archive into balance sheets: bucket by bucket, side by side, without a journal.

The compiled rule book writes the journal of a few dossiers at a time; each of its entries is added
to the balances of the dossier's slice at once. Memory holds a row group for each core, not the
history.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, bucket_lives, to_lives
from hoso.projections.kernels.balances import (
    MOVE_NUMBERS,
    BalanceArrays,
    DayRange,
    Workspace,
    add_balances,
)
from hoso.projections.kernels.journal import JournalArrays
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.balances import (
    BalanceDelta,
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
    sum_deltas,
)
from hoso.projections.ledger.slices import slices_in_lives
from hoso.projections.log.packing import PackedLives
from hoso.projections.log.schema import Integers

DAYS_BEYOND: Final = 400  # after the last event, within which most deadlines pass
DENSE_CELLS: Final = 8_000_000  # of one bucket's balances; with more, moves are kept one by one
SUM_FROM: Final = 4_000_000  # balances of several buckets, before they are added up


class FoldPlan(NamedTuple):
    """How events are folded: over which days in cells of their own, and of how many events in all
    they are, which decides between interpreter and machine code."""

    days: DayRange
    events: int


class FoldJob(NamedTuple):
    """What is to be done with each bucket."""

    view: ArchiveView
    offices: Sequence[Office]
    by: Sequence[str]
    final_on: date | None
    plan: FoldPlan


class FoldedArchive(NamedTuple):
    """The balance sheets of an archive, one for each office, and the manifest they are of."""

    manifest: Manifest
    balance_sheets: list[BalanceSheets]


def fold_archive(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    map_buckets: MapBuckets = map,
    final_on: date | None = None,
) -> FoldedArchive:
    """Fold an archive for some offices of one time zone, in one pass over its files.

    The balance sheets are as known at ``as_of`` (all of it if None), sliced ``by`` some of
    ``slices.DIMENSIONS``, attributed as held or as final on a day. Raises ``ArchiveError`` where
    the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, offices[0].zone)
    answer = partial(_folded, folder, offices, as_of, by, map_buckets, final_on)
    return FoldedArchive(*read_consistently(folder, manifest, answer))


def _folded(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    map_buckets: MapBuckets,
    final_on: date | None,
    manifest: Manifest,
) -> list[BalanceSheets]:
    view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
    job = FoldJob(view, offices, by, final_on, FoldPlan(day_range(manifest), manifest.rows))
    waiting: list[list[BalanceDelta]] = [[] for _ in offices]
    filled = [bucket for bucket in manifest.buckets if bucket.files]
    for deltas in map_buckets(partial(fold_bucket, job), filled):
        for own, delta in zip(waiting, deltas, strict=True):
            own.append(delta)
            if sum(len(each.moved.net) for each in own) > SUM_FROM:
                moved, suspended = sum_deltas(own)
                own[:] = [BalanceDelta(balances_of(moved).moved(), suspended)]
    return [
        BalanceSheets(office, as_of, by, balances_of(moved), suspended, final_on)
        for office, (moved, suspended) in zip(offices, map(sum_deltas, waiting), strict=True)
    ]


def day_range(manifest: Manifest) -> DayRange:
    """The days on which an archive's events occurred, and some after them."""
    files = list(manifest.files())
    first = min((file.first_day for file in files), default=0)
    last = max((file.last_day for file in files), default=0)
    return DayRange(first, last - first + DAYS_BEYOND)


def fold_bucket(job: FoldJob, bucket: Bucket) -> list[BalanceDelta]:
    """What a bucket contributes to the balance sheets of each office."""
    offices, plan = job.offices, job.plan
    slices, sliced = _sliced_lives(job, bucket)
    sums = [Accumulator(office, slices, plan, bucket.rows) for office in offices]
    for lives in sliced:
        for each in sums:
            each.add(lives)
    return [each.delta() for each in sums]


class SlicedLives(NamedTuple):
    """Some lives, and for each of their events the number of the slice in which the dossier stands,
    which counts where the event is a reception or a reassignment."""

    lives: PackedLives
    slice_of: Integers


def _sliced_lives(job: FoldJob, bucket: Bucket) -> tuple[list[Slice], Iterable[SlicedLives]]:
    """The slices in which a bucket's dossiers stand, and its events, some lives at a time."""
    if job.by:
        events = bucket_events(job.view, bucket, job.by)
        slices, lives = sliced_lives(events, job.by, "verdict", job.final_on)
        return slices, [lives]
    zeros = np.zeros(bucket.rows, np.int64)
    parts = bucket_lives(job.view, bucket)
    return [()], (SlicedLives(lives, zeros[: len(lives.dossier)]) for lives in parts)


def sliced_lives(
    events: pa.Table, by: Sequence[str], verdict: str, final_on: date | None
) -> tuple[list[Slice], SlicedLives]:
    """The slices in which a table's dossiers stand, and its events; ``verdict`` names a column."""
    lives = to_lives(events, verdict)
    slices, slice_of = slices_in_lives(events, np.asarray(lives.verdict), by, final_on)
    return slices, SlicedLives(lives, slice_of)


class Accumulator:
    """Adds up what some events contribute to the balance sheets of an office.

    ``size`` is how many events there are at most; ``slices`` are named by ``SlicedLives.slice_of``.
    """

    def __init__(self, office: Office, slices: list[Slice], plan: FoldPlan, size: int) -> None:
        self._slices, self._office = slices, office
        is_sparse = len(slices) * ACCOUNT_COUNT * plan.days.days > DENSE_CELLS
        self._days = DayRange(plan.days.first, 0) if is_sparse else plan.days
        # Memory that is never written on is never taken from the system.
        self._sums = BalanceArrays(
            np.zeros(len(slices) * ACCOUNT_COUNT * self._days.days, np.int64),
            np.empty(MOVE_NUMBERS * size, np.int64),
            np.empty(2 * size, np.int64),
        )
        journal = JournalArrays(*(np.empty(2 * size, np.int64) for _ in JournalArrays._fields))
        self._workspace = Workspace(journal, np.empty(size, np.int64))
        self._beyond = self._suspensions = 0
        self._add = kernel(add_balances, plan.events)

    def add(self, lives: SlicedLives) -> None:
        """Add up some whole lives."""
        self._beyond, self._suspensions = self._add(
            lives.lives,
            lives.slice_of,
            self._office.policy.as_rules_read_it(),
            self._office.calendar.days,
            self._days,
            self._workspace,
            self._sums,
            self._beyond,
            self._suspensions,
        )

    def delta(self) -> BalanceDelta:
        """What all lives added so far contribute."""
        # Copies, as views would keep all the room that there was.
        suspended = self._sums.suspended[: 2 * self._suspensions].reshape(-1, 2).T.copy()
        return BalanceDelta(self._moves(), Suspended(*suspended))

    def _moves(self) -> Moves:
        cells = np.flatnonzero(self._sums.net)
        out, into, day = self._sums.beyond[: 3 * self._beyond].reshape(-1, 3).T
        days = max(self._days.days, 1)
        net = self._sums.net[cells], np.full(self._beyond, -1), np.ones(self._beyond, np.int64)
        return Moves(
            self._slices,
            np.concatenate([cells // days, out, into]),
            np.concatenate([cells % days + self._days.first, day, day]),
            np.concatenate(net),
        )


def delta_of(
    lives: SlicedLives, slices: list[Slice], office: Office, plan: FoldPlan
) -> BalanceDelta:
    """What some lives contribute to the balance sheets of an office."""
    sums = Accumulator(office, slices, plan, len(lives.slice_of))
    sums.add(lives)
    return sums.delta()

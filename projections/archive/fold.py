"""How do hundreds of millions of events become balances? Bucket by bucket, without a journal.

The same rule book, compiled, writes the journal of a few dossiers at a time; each of its lines is
added to the balances of its dossier's slice at once, and forgotten. Buckets are folded side by
side on all cores, and memory holds a bucket for each, not the history.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.accounts import ALL
from hoso.domain.arrays import WritableIntArray
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.files import (
    Bucket,
    Manifest,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, to_lives, whole_lives
from hoso.projections.kernels.balances import BalanceArrays, DayRange, Workspace, add_balances
from hoso.projections.kernels.journal import JournalArrays, PackedLives
from hoso.projections.ledger.balances import (
    BalanceDelta,
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
    sum_deltas,
)
from hoso.projections.ledger.fold import worth_compiling
from hoso.projections.ledger.ledger import slices_in
from hoso.projections.log.schema import Integers

MARGIN: Final = 400  # days after the last event in which most deadlines pass
CELLS: Final = 8_000_000  # of one bucket's balances
HELD: Final = 4_000_000  # balances of several buckets, before they are added up


class FoldPlan(NamedTuple):
    """How events are added up: over which days in cells of their own, and compiled or not."""

    span: DayRange
    compiled: bool


class FoldJob(NamedTuple):
    """What is asked of each bucket of an archive."""

    known: ArchiveView
    offices: Sequence[Office]
    by: Sequence[str]
    way: FoldPlan


class FoldedArchive(NamedTuple):
    """What an archive held, and the balance sheets of that, one for each office."""

    there: Manifest
    sheets: list[BalanceSheets]


MapBuckets = Callable[
    [Callable[[Bucket], list[BalanceDelta]], Sequence[Bucket]], Iterable[list[BalanceDelta]]
]


def fold_archive(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share: MapBuckets = map,
) -> FoldedArchive:
    """The balance sheets of an archive for each of some offices of one time zone, as known at
    ``as_of`` (all of it if None), sliced ``by`` some of ``ledger.DIMENSIONS``. ``share`` has the
    buckets folded, on whatever cores.

    Raises ``ArchiveTrouble`` where it cannot be read.
    """
    there = read_manifest(folder)
    check_time_zone(folder, there, offices[0].zone)
    return FoldedArchive(
        *read_consistently(folder, there, partial(_sheets, folder, offices, as_of, by, share))
    )


def _sheets(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share: MapBuckets,
    there: Manifest,
) -> list[BalanceSheets]:
    known = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, there, as_of))
    question = FoldJob(known, offices, by, FoldPlan(day_range(there), worth_compiling(there.rows)))
    held: list[list[BalanceDelta]] = [[] for _ in offices]
    filled = [bucket for bucket in there.buckets if bucket.files]
    for parts in share(partial(fold_bucket, question), filled):
        for own, part in zip(held, parts, strict=True):
            own.append(part)
            if sum(len(one.moved.net) for one in own) > HELD:
                moved, suspended = sum_deltas(own)
                own[:] = [BalanceDelta(balances_of(moved).moved(), suspended)]
    return [
        BalanceSheets(office, as_of, by, balances_of(moved), suspended)
        for office, (moved, suspended) in zip(offices, map(sum_deltas, held), strict=True)
    ]


def day_range(there: Manifest) -> DayRange:
    """The days on which something may have occurred, and those after them."""
    files = list(there.files())
    first = min((file.first_day for file in files), default=0)
    return DayRange(first, max((file.last_day for file in files), default=0) - first + MARGIN)


def fold_bucket(question: FoldJob, bucket: Bucket) -> list[BalanceDelta]:
    """What a bucket adds to the balance sheets of each office."""
    known, offices, by, way = question
    slices, told = _told(known, bucket, by)
    books = [Accumulator(office, slices, way, bucket.rows) for office in offices]
    for lives in told:
        for book in books:
            book.add(lives)
    return [book.part() for book in books]


class SlicedLives(NamedTuple):
    """Some lives, and the slice that each of their events names, if it is a reception."""

    life: PackedLives
    slice_of: Integers


def _told(
    known: ArchiveView, bucket: Bucket, by: Sequence[str]
) -> tuple[list[Slice], Iterable[SlicedLives]]:
    """The slices that a bucket's events name, and the events, some lives at a time."""
    if by:
        slices, told = sliced_lives(bucket_events(known, bucket, by), by, "verdict")
        return slices, [told]
    none = np.zeros(bucket.rows, np.int64)
    return [()], (
        SlicedLives(life, none[: len(life.dossier)]) for life in whole_lives(known, bucket)
    )


def sliced_lives(
    table: pa.Table, by: Sequence[str], verdict: str
) -> tuple[list[Slice], SlicedLives]:
    """The events of a table, of which a column says how they count, and the slices they name."""
    slices, slice_of = slices_in(table, slice(None), by)
    return slices, SlicedLives(to_lives(table, verdict), slice_of)


class Accumulator:
    """Adds up what some events, ``size`` at most, add to the balance sheets of an office."""

    def __init__(self, office: Office, slices: list[Slice], way: FoldPlan, size: int) -> None:
        self._slices, self._terms, self._is_compiled = slices, office.policy.terms(), way.compiled
        is_wide = len(slices) * ALL * way.span.days > CELLS
        # So many cells would be empty that each line is kept instead.
        self._span = DayRange(way.span.first, 0) if is_wide else way.span
        # Room that is never written on takes no memory.
        self._sums = BalanceArrays(
            np.zeros(len(slices) * ALL * self._span.days, np.int64),
            np.empty(6 * size, np.int64),
            np.empty(2 * size, np.int64),
        )
        self._desk = _desk(size, lists=not way.compiled)
        self._beyond = self._skips = 0
        self._add, self._days = add_balances, office.calendar.days
        if way.compiled:
            from hoso.projections.kernels.native import (  # here, as it takes a while
                as_arrays,
                compiled,
            )

            self._add, self._days = compiled(add_balances), as_arrays(self._days)

    def add(self, told: SlicedLives) -> None:
        """Add up some whole lives."""
        life, slice_of = told.life, told.slice_of
        if not self._is_compiled:
            life = life.as_lists()
        room = (self._span, self._desk, self._sums, self._beyond, self._skips)
        self._beyond, self._skips = self._add(life, slice_of, self._terms, self._days, *room)

    def part(self) -> BalanceDelta:
        """What they add."""
        # Copies, as views would keep all that there was room for.
        suspended = Suspended(*self._sums.suspended[: 2 * self._skips].reshape(-1, 2).T.copy())
        return BalanceDelta(_moved(self._slices, self._sums, self._span, self._beyond), suspended)


def delta_of(told: SlicedLives, slices: list[Slice], office: Office, way: FoldPlan) -> BalanceDelta:
    """What events add to the balance sheets of an office."""
    book = Accumulator(office, slices, way, len(told.slice_of))
    book.add(told)
    return book.part()


def _desk(size: int, *, lists: bool) -> Workspace:
    """Room for lives of so many events."""

    def column(rows: int) -> WritableIntArray:
        return [0] * rows if lists else np.empty(rows, np.int64)

    return Workspace(
        JournalArrays(*(column(2 * size) for _ in JournalArrays._fields)), column(size)
    )


def _moved(slices: list[Slice], sums: BalanceArrays, span: DayRange, beyond: int) -> Moves:
    cells = np.flatnonzero(sums.net)
    out, into, day = sums.beyond[: 3 * beyond].reshape(-1, 3).T
    days = max(span.days, 1)
    return Moves(
        slices,
        np.concatenate([cells // days, out, into]),
        np.concatenate([cells % days + span.first, day, day]),
        np.concatenate([sums.net[cells], np.full(beyond, -1), np.ones(beyond, np.int64)]),
    )

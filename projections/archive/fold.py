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
from hoso.domain.arrays import Cells
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.files import (
    Bucket,
    Catalogue,
    as_it_is,
    catalogue,
    refuse_other_days,
)
from hoso.projections.archive.reader import Known, events, life_of, whole_lives
from hoso.projections.kernels.balances import Desk, Span, Sums, add_up
from hoso.projections.kernels.journal import Book, Life
from hoso.projections.ledger.balances import (
    Moved,
    Part,
    Sheets,
    Slice,
    Suspended,
    added_up,
    balanced,
)
from hoso.projections.ledger.fold import worth_compiling
from hoso.projections.ledger.ledger import slices_in
from hoso.projections.log.schema import Integers

MARGIN: Final = 400  # days after the last event in which most deadlines pass
CELLS: Final = 8_000_000  # of one bucket's balances
HELD: Final = 4_000_000  # balances of several buckets, before they are added up


class Way(NamedTuple):
    """How events are added up: over which days in cells of their own, and compiled or not."""

    span: Span
    compiled: bool


class Question(NamedTuple):
    """What is asked of each bucket of an archive."""

    known: Known
    offices: Sequence[Office]
    by: Sequence[str]
    way: Way


class Tallied(NamedTuple):
    """What an archive held, and the balance sheets of that, one for each office."""

    there: Catalogue
    sheets: list[Sheets]


Share = Callable[[Callable[[Bucket], list[Part]], Sequence[Bucket]], Iterable[list[Part]]]


def tally(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share: Share = map,
) -> Tallied:
    """The balance sheets of an archive for each of some offices of one time zone, as known at
    ``as_of`` (all of it if None), sliced ``by`` some of ``ledger.DIMENSIONS``. ``share`` has the
    buckets folded, on whatever cores.

    Raises ``ArchiveTrouble`` where it cannot be read.
    """
    there = catalogue(folder)
    refuse_other_days(folder, there, offices[0].zone)
    return Tallied(*as_it_is(folder, there, partial(_sheets, folder, offices, as_of, by, share)))


def _sheets(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share: Share,
    there: Catalogue,
) -> list[Sheets]:
    known = Known(folder, as_of, conflicts.verdicts(folder, there, as_of))
    question = Question(known, offices, by, Way(span_of(there), worth_compiling(there.rows)))
    held: list[list[Part]] = [[] for _ in offices]
    filled = [bucket for bucket in there.buckets if bucket.files]
    for parts in share(partial(fold_bucket, question), filled):
        for own, part in zip(held, parts, strict=True):
            own.append(part)
            if sum(len(one.moved.net) for one in own) > HELD:
                moved, suspended = added_up(own)
                own[:] = [Part(balanced(moved).moved(), suspended)]
    return [
        Sheets(office, as_of, by, balanced(moved), suspended)
        for office, (moved, suspended) in zip(offices, map(added_up, held), strict=True)
    ]


def span_of(there: Catalogue) -> Span:
    """The days on which something may have occurred, and those after them."""
    files = list(there.files())
    first = min((file.first_day for file in files), default=0)
    return Span(first, max((file.last_day for file in files), default=0) - first + MARGIN)


def fold_bucket(question: Question, bucket: Bucket) -> list[Part]:
    """What a bucket adds to the balance sheets of each office."""
    known, offices, by, way = question
    slices, told = _told(known, bucket, by)
    books = [Bookkeeper(office, slices, way, bucket.rows) for office in offices]
    for lives in told:
        for book in books:
            book.add(lives)
    return [book.part() for book in books]


class Told(NamedTuple):
    """Some lives, and the slice that each of their events names, if it is a reception."""

    life: Life
    slice_of: Integers


def _told(known: Known, bucket: Bucket, by: Sequence[str]) -> tuple[list[Slice], Iterable[Told]]:
    """The slices that a bucket's events name, and the events, some lives at a time."""
    if by:
        slices, told = told_in(events(known, bucket, by), by, "verdict")
        return slices, [told]
    none = np.zeros(bucket.rows, np.int64)
    return [()], (Told(life, none[: len(life.dossier)]) for life in whole_lives(known, bucket))


def told_in(table: pa.Table, by: Sequence[str], verdict: str) -> tuple[list[Slice], Told]:
    """The events of a table, of which a column says how they count, and the slices they name."""
    slices, slice_of = slices_in(table, slice(None), by)
    return slices, Told(life_of(table, verdict), slice_of)


class Bookkeeper:
    """Adds up what some events, ``size`` at most, add to the balance sheets of an office."""

    def __init__(self, office: Office, slices: list[Slice], way: Way, size: int) -> None:
        self._slices, self._terms, self._is_compiled = slices, office.policy.terms(), way.compiled
        is_wide = len(slices) * ALL * way.span.days > CELLS
        # So many cells would be empty that each line is kept instead.
        self._span = Span(way.span.first, 0) if is_wide else way.span
        # Room that is never written on takes no memory.
        self._sums = Sums(
            np.zeros(len(slices) * ALL * self._span.days, np.int64),
            np.empty(6 * size, np.int64),
            np.empty(2 * size, np.int64),
        )
        self._desk = _desk(size, lists=not way.compiled)
        self._beyond = self._skips = 0
        self._add, self._days = add_up, office.calendar.days
        if way.compiled:
            from hoso.projections.kernels.native import (  # here, as it takes a while
                as_arrays,
                compiled,
            )

            self._add, self._days = compiled(add_up), as_arrays(self._days)

    def add(self, told: Told) -> None:
        """Add up some whole lives."""
        life, slice_of = told.life, told.slice_of
        if not self._is_compiled:
            life = life.as_lists()
        room = (self._span, self._desk, self._sums, self._beyond, self._skips)
        self._beyond, self._skips = self._add(life, slice_of, self._terms, self._days, *room)

    def part(self) -> Part:
        """What they add."""
        # Copies, as views would keep all that there was room for.
        suspended = Suspended(*self._sums.suspended[: 2 * self._skips].reshape(-1, 2).T.copy())
        return Part(_moved(self._slices, self._sums, self._span, self._beyond), suspended)


def part_of(told: Told, slices: list[Slice], office: Office, way: Way) -> Part:
    """What events add to the balance sheets of an office."""
    book = Bookkeeper(office, slices, way, len(told.slice_of))
    book.add(told)
    return book.part()


def _desk(size: int, *, lists: bool) -> Desk:
    """Room for lives of so many events."""

    def column(rows: int) -> Cells:
        return [0] * rows if lists else np.empty(rows, np.int64)

    return Desk(Book(*(column(2 * size) for _ in Book._fields)), column(size))


def _moved(slices: list[Slice], sums: Sums, span: Span, beyond: int) -> Moved:
    cells = np.flatnonzero(sums.net)
    out, into, day = sums.beyond[: 3 * beyond].reshape(-1, 3).T
    days = max(span.days, 1)
    return Moved(
        slices,
        np.concatenate([cells // days, out, into]),
        np.concatenate([cells % days + span.first, day, day]),
        np.concatenate([sums.net[cells], np.full(beyond, -1), np.ones(beyond, np.int64)]),
    )

"""How do hundreds of millions of events become balances? Bucket by bucket, without a journal.

The same rule book, compiled, writes the journal of a few dossiers at a time; each of its lines is
added to the balances of its dossier's slice at once, and forgotten. Buckets are folded side by
side on all cores, and memory holds a bucket for each, not the history.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from domain.accounts import ALL
from domain.calendar import WorkingDays
from domain.office import Office
from projections import entangled
from projections.adding import Desk, Span, Sums, Told, add_up
from projections.archive import (
    READ_AT_ONCE,
    ArchiveTrouble,
    Bucket,
    Catalogue,
    catalogue,
    refuse_other_days,
)
from projections.buckets import Known, events
from projections.columns import Integers
from projections.fold import COMPILE_FROM
from projections.ledger import slices_in
from projections.posting import Book, Life
from projections.sheets import (
    Moved,
    Sheets,
    Slice,
    Suspended,
    balanced,
    suspended_in,
    together,
)

MARGIN: Final = 400  # days after the last event in which most deadlines pass
CELLS: Final = 8_000_000  # of one bucket's balances
HELD: Final = 4_000_000  # balances of several buckets, before they are added up


class Part(NamedTuple):
    """What a bucket adds to balance sheets."""

    moved: Moved
    suspended: Suspended


class Question(NamedTuple):
    """What is asked of each bucket of an archive."""

    known: Known
    offices: Sequence[Office]
    by: Sequence[str]
    span: Span
    compiled: bool


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
    while True:
        try:
            sheets = _sheets(folder, there, offices, as_of, by, share)
            return Tallied(there, sheets)
        except FileNotFoundError as gone:
            before, there = there, catalogue(folder)
            if there.generation == before.generation:
                raise ArchiveTrouble(
                    f"{gone.filename}: is missing; hoso archive --verify"
                ) from None


def _sheets(
    folder: Path,
    there: Catalogue,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share: Share,
) -> list[Sheets]:
    known = Known(folder, as_of, entangled.verdicts(folder, there, as_of))
    question = Question(known, offices, by, _span(there), there.rows >= COMPILE_FROM)
    held: list[list[Part]] = [[] for _ in offices]
    for parts in share(partial(fold_bucket, question), there.buckets):
        for own, part in zip(held, parts, strict=True):
            own.append(part)
            if sum(len(one.moved.net) for one in own) > HELD:
                own[:] = [_one_of(own)]
    return [
        Sheets(office, as_of, by, balanced(part.moved), part.suspended)
        for office, part in zip(offices, map(_one_of, held), strict=True)
    ]


def _one_of(parts: Sequence[Part]) -> Part:
    """What some parts add together."""
    moved = balanced(together([part.moved for part in parts])).moved()
    return Part(moved, suspended_in(part.suspended for part in parts))


def _span(there: Catalogue) -> Span:
    """The days on which something may have occurred, and those after them."""
    files = list(there.files())
    first = min((file.first_day for file in files), default=0)
    return Span(first, max((file.last_day for file in files), default=0) - first + MARGIN)


def fold_bucket(question: Question, bucket: Bucket) -> list[Part]:
    """What a bucket adds to the balance sheets of each office."""
    table = events(question.known, bucket, question.by)
    slices, slice_of = slices_in(table, slice(None), question.by)
    key, happening, verdict = (_array(table[name]) for name in (*READ_AT_ONCE, "verdict"))
    told = Told(key, happening, verdict, slice_of)
    return [_part(told, slices, office, question) for office in question.offices]


def _array(column: pa.ChunkedArray) -> Any:
    return np.asarray(column.combine_chunks())


def _part(told: Told, slices: list[Slice], office: Office, question: Question) -> Part:
    span, size = question.span, len(told.key)
    if len(slices) * ALL * span.days > CELLS:
        span = Span(span.first, 0)  # so many would be empty that each line is kept instead
    sums = Sums(
        np.zeros(len(slices) * ALL * span.days, np.int64),
        np.empty(6 * size, np.int64),
        np.empty(2 * size, np.int64),
    )
    add, calendar = _bookkeeper(office.calendar.days, compiled=question.compiled)
    beyond, skips = add(told, office.policy.terms(), calendar, span, _desk(size), sums)
    suspended = Suspended(*sums.suspended[: 2 * skips].reshape(-1, 2).T)
    return Part(_moved(slices, sums, span, beyond), suspended)


def _bookkeeper(
    calendar: WorkingDays, *, compiled: bool
) -> tuple[Callable[..., tuple[int, int]], WorkingDays]:
    if not compiled:
        return add_up, calendar
    from projections import compiled as compiler  # here, as it takes long to load

    return compiler.compiled(add_up), compiler.as_arrays(calendar)


def _desk(size: int) -> Desk:
    """Room for a life of so many events. What is never written on takes no memory."""

    def columns(kind: type[NamedTuple], rows: int) -> list[Integers]:
        return [np.empty(rows, np.int64) for _ in kind._fields]

    life, book = Life(*columns(Life, size)), Book(*columns(Book, 2 * size))
    return Desk(life, np.empty(size, np.int64), book, np.empty(size, np.int64))


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

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
from domain.numbers import Cells
from domain.office import Office
from projections import entangled
from projections.adding import Desk, Span, Sums, Told, add_up
from projections.archive import (
    READ_AT_ONCE,
    Bucket,
    Catalogue,
    as_it_is,
    catalogue,
    refuse_other_days,
)
from projections.buckets import Known, events
from projections.fold import COMPILE_FROM
from projections.ledger import slices_in
from projections.posting import Book, Life
from projections.sheets import (
    Moved,
    Part,
    Sheets,
    Slice,
    Suspended,
    added_up,
    balanced,
)

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
    known = Known(folder, as_of, entangled.verdicts(folder, there, as_of))
    question = Question(known, offices, by, Way(span_of(there), there.rows >= COMPILE_FROM))
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
    table = events(question.known, bucket, question.by)
    slices, told = told_in(table, question.by, "verdict")
    return [part_of(told, slices, office, question.way) for office in question.offices]


def told_in(table: pa.Table, by: Sequence[str], verdict: str) -> tuple[list[Slice], Told]:
    """The events of a table, of which a column says how they count, and the slices they name."""
    slices, slice_of = slices_in(table, slice(None), by)
    key, happening, judged = (_array(table[name]) for name in (*READ_AT_ONCE, verdict))
    return slices, Told(key, happening, judged, slice_of)


def _array(column: pa.ChunkedArray) -> Any:
    return np.asarray(column.combine_chunks())


def part_of(told: Told, slices: list[Slice], office: Office, way: Way) -> Part:
    """What events add to the balance sheets of an office."""
    span, size = way.span, len(told.key)
    if len(slices) * ALL * span.days > CELLS:
        span = Span(span.first, 0)  # so many would be empty that each line is kept instead
    sums = Sums(
        np.zeros(len(slices) * ALL * span.days, np.int64),
        np.empty(6 * size, np.int64),
        np.empty(2 * size, np.int64),
    )
    beyond, skips = (_compiled if way.compiled else _interpreted)(told, office, span, sums)
    # A copy, as a view would keep all that there was room for.
    suspended = Suspended(*sums.suspended[: 2 * skips].reshape(-1, 2).T.copy())
    return Part(_moved(slices, sums, span, beyond), suspended)


def _interpreted(told: Told, office: Office, span: Span, sums: Sums) -> tuple[int, int]:
    """From lists, of which the interpreter makes twice as much in the time as of arrays."""
    lists = Told(*(np.asarray(column).tolist() for column in told))
    desk = _desk(len(told.key), lambda rows: [0] * rows)
    return add_up(lists, office.policy.terms(), office.calendar.days, span, desk, sums)


def _compiled(told: Told, office: Office, span: Span, sums: Sums) -> tuple[int, int]:
    from projections.compiled import as_arrays, compiled  # here, as it takes long to load

    desk = _desk(len(told.key), lambda rows: np.empty(rows, np.int64))
    calendar = as_arrays(office.calendar.days)
    return compiled(add_up)(told, office.policy.terms(), calendar, span, desk, sums)


def _desk(size: int, column: Callable[[int], Cells]) -> Desk:
    """Room for a life of so many events. What is never written on of an array takes no memory."""

    def columns(kind: type[NamedTuple], rows: int) -> list[Cells]:
        return [column(rows) for _ in kind._fields]

    life, book = Life(*columns(Life, size)), Book(*columns(Book, 2 * size))
    return Desk(life, column(size), book, column(size))


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

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

from domain import kinds, rules
from domain.accounts import ALL
from domain.office import Office
from projections import entangled
from projections.adding import AT_ONCE, Span, Sums, add_up
from projections.archive import (
    ArchiveTrouble,
    Bucket,
    Catalogue,
    catalogue,
    in_order,
    read,
    refuse_other_days,
)
from projections.columns import Integers, integers, places
from projections.fold import COMPILE_FROM, Suspense
from projections.ledger import Balances, Sheets, Slice, balanced, slices_in
from projections.lives import Lives, details, instant
from projections.posting import Book

MARGIN: Final = 400  # days after the last event in which most deadlines pass
CELLS: Final = 8_000_000  # of one bucket's balances
FOLDED: Final = ("key", "type", "day", "due", "allowance", "unit", "reason")
ORDERED_BY: Final = ("occurred", "recorded", "position")
NOWHERE: Final = np.zeros(0, np.int64)


class Part(NamedTuple):
    """What a bucket adds: for each slice and account (``slice * ALL + account``) and day in which
    something moved, how much; and its suspense."""

    slices: list[Slice]
    group: Integers
    day: Integers
    net: Integers
    suspense: Suspense


class Question(NamedTuple):
    """What is asked of each bucket of an archive."""

    folder: Path
    office: Office
    as_of: datetime | None
    by: Sequence[str]
    span: Span
    out: dict[str, Integers]  # rows that have no place in a life, by file


Share = Callable[[Callable[[Bucket], Part], Sequence[Bucket]], Iterable[Part]]


def tally(
    folder: Path,
    office: Office,
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share: Share = map,
) -> Sheets:
    """The balance sheets of an archive, as known at ``as_of`` (all of it if None), sliced ``by``
    some of ``ledger.DIMENSIONS``. ``share`` has the buckets folded, on whatever cores.

    Raises ``ArchiveTrouble`` where it cannot be read.
    """
    there = catalogue(folder)
    refuse_other_days(folder, there, office.zone)
    while True:
        try:
            return _tallied(folder, there, office, as_of, by, share)
        except FileNotFoundError as gone:
            before, there = there, catalogue(folder)
            if there.generation == before.generation:
                raise ArchiveTrouble(
                    f"{gone.filename}: is missing; hoso archive --verify"
                ) from None


def _tallied(
    folder: Path,
    there: Catalogue,
    office: Office,
    as_of: datetime | None,
    by: Sequence[str],
    share: Share,
) -> Sheets:
    judged = entangled.judged(entangled.table(folder, there), as_of)
    question = Question(folder, office, as_of, by, _span(there), judged.out)
    parts = list(share(partial(fold_bucket, question), there.buckets))
    pointless = Suspense(judged.pointless_key, NOWHERE, judged.pointless_day)
    suspense = zip(*(part.suspense for part in parts), pointless, strict=True)
    return Sheets(office, as_of, by, _together(parts), Suspense(*map(np.concatenate, suspense)))


def _span(there: Catalogue) -> Span:
    """The days on which something may have occurred, and those after them."""
    files = list(there.files())
    first = min((file.first_day for file in files), default=0)
    return Span(first, max((file.last_day for file in files), default=0) - first + MARGIN)


def fold_bucket(question: Question, bucket: Bucket) -> Part:
    """What a bucket adds to the balance sheets."""
    table = _events(question, bucket)
    told = _lives(table)
    slices, slice_of = slices_in(table, told.row, question.by)
    span = question.span
    if len(slices) * ALL * span.days > CELLS:
        span = Span(span.first, 0)  # so many would be empty that each line is kept instead
    size = len(told.dossier)
    sums = Sums(
        np.zeros(len(slices) * ALL * span.days, np.int64),
        np.empty(6 * size, np.int64),
        np.empty(size, np.int64),
    )
    beyond, skips = _added_up(told, slice_of, question.office, span, sums)
    places = sums.suspended[:skips]
    suspense = Suspense(told.dossier[places], places, told.day[places])
    return Part(slices, *_moved(sums, span, beyond), suspense)


def _added_up(
    told: Lives, slice_of: Integers, office: Office, span: Span, sums: Sums
) -> tuple[int, int]:
    terms, calendar = office.policy.terms(), office.calendar.days
    longest = 2 * (AT_ONCE + _longest_life(told.dossier))
    book = Book(*(np.empty(longest, np.int64) for _ in Book._fields))
    skipped = np.empty(longest, np.int64)
    if len(told.dossier) < COMPILE_FROM:
        return add_up(told, slice_of, terms, calendar, span, book, skipped, sums)
    from projections.compiled import as_arrays, compiled  # here, as it loads the compiler

    days, add = as_arrays(calendar), compiled(add_up)
    moved: tuple[int, int] = add(told, slice_of, terms, days, span, book, skipped, sums)
    return moved


def _longest_life(dossier: Integers) -> int:
    """How many events the dossier has that has most."""
    ends = np.flatnonzero(np.append(dossier[1:] != dossier[:-1], True))
    return int(np.diff(ends, prepend=-1).max(initial=0)) if len(dossier) else 0


def _moved(sums: Sums, span: Span, beyond: int) -> tuple[Integers, Integers, Integers]:
    """Group, day and how much, of what moved."""
    cells = np.flatnonzero(sums.net)
    out, into, day = sums.beyond[: 3 * beyond].reshape(-1, 3).T
    days = max(span.days, 1)
    return (
        np.concatenate([cells // days, out, into]),
        np.concatenate([cells % days + span.first, day, day]),
        np.concatenate([sums.net[cells], np.full(beyond, -1), np.ones(beyond, np.int64)]),
    )


def _events(question: Question, bucket: Bucket) -> pa.Table:
    """A bucket's events, dossier by dossier, in the order of each life, and whether each counts."""
    several = len(bucket.files) > 1
    columns = {*FOLDED, *question.by, *(ORDERED_BY if several else ())}
    if question.as_of is not None:
        columns.add("recorded")
    tables = []
    for file in bucket.files:
        table = read(question.folder, [file], sorted(columns))
        counts = np.ones(len(table), bool)
        counts[question.out.get(file.name, NOWHERE)] = False
        if question.as_of is not None:
            counts &= integers(table["recorded"]) <= instant(question.as_of)
        tables.append(table.append_column("counts", pa.array(counts)))
    whole = pa.concat_tables(tables).unify_dictionaries()
    return in_order(whole) if several else whole


def _lives(table: pa.Table) -> Lives:
    """The lives that events make up; ``row`` is where each stands in the table."""
    kind = places(table["type"], kinds.KINDS)
    rows = np.flatnonzero(np.asarray(table["counts"].combine_chunks()))
    columns = (
        integers(table["key"]),
        kind,
        integers(table["day"]),
        integers(table["due"], rules.NOTHING),
        integers(table["allowance"], rules.NOTHING),
        details(table, kind),
    )
    if len(rows) == len(table):
        return Lives(rows, *columns)
    return Lives(rows, *(column[rows] for column in columns))


def _together(parts: Sequence[Part]) -> Balances:
    """The balances of all that is in some parts."""
    slices = sorted({name for part in parts for name in part.slices}, key=_rank)
    number = {name: place for place, name in enumerate(slices)}
    groups = [NOWHERE]
    for part in parts:
        places = np.array([number[name] for name in part.slices], np.int64)
        groups.append(places[part.group // ALL] * ALL + part.group % ALL)
    day = np.concatenate([NOWHERE, *(part.day for part in parts)])
    net = np.concatenate([NOWHERE, *(part.net for part in parts)])
    return balanced(slices, np.concatenate(groups), day, net)


def _rank(name: Slice) -> tuple[tuple[bool, str], ...]:
    return tuple((value is not None, value or "") for value in name)

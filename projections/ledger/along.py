"""What reassigned dossiers take along: the moves they had made before they came to another slice.

Balance sheets as held count a move where its dossier stood that day. With what was taken along they
can be attributed as final, too, and transfers can be told for any coarser slices: so exported
ledgers need no dossiers for either (``federation``).
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from hoso.domain import accounts
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.ledger import Ledger, reassignments, sliced
from hoso.projections.log.schema import Integers


class TakenAlong(NamedTuple):
    """Moves that dossiers had made in slice ``before`` when they were reassigned to slice ``after``
    on a day number ``until``: ``net`` as many into an ``account`` on a ``day`` number.

    ``before`` and ``after`` are numbers of ``slices``; arrays of one length. They include how each
    dossier left its account in the slice before. The receptions among them, which leave the
    outside, tell how many dossiers were transferred.
    """

    slices: list[Slice]
    until: Integers
    before: Integers
    after: Integers
    account: Integers
    day: Integers
    net: Integers


NOTHING: Final = TakenAlong([], *(np.zeros(0, np.int64) for _ in TakenAlong._fields[1:]))


def taken_along(ledger: Ledger, by: Sequence[str]) -> TakenAlong:
    """What the reassigned dossiers of a ledger took along, sliced ``by`` some of
    ``slices.DIMENSIONS``. Raises ``KeyError`` for any other dimension."""
    slices, slice_of = sliced(ledger, by)
    journal = ledger.folded.journal
    moved = np.flatnonzero(reassignments(journal))
    moved = moved[slice_of[moved - 1] != slice_of[moved]]
    entry, of_move = _entries_before(journal.out == accounts.OUTSIDE, moved)
    left = np.arange(len(moved))
    cause = moved[np.concatenate([of_move, of_move, left])]
    return summed(
        TakenAlong(
            slices,
            journal.day[cause],
            slice_of[cause - 1],
            slice_of[cause],
            np.concatenate([journal.out[entry], journal.into[entry], journal.out[moved]]),
            np.concatenate([journal.day[entry], journal.day[entry], journal.day[moved]]),
            np.repeat(np.array([-1, 1, -1]), [len(entry), len(entry), len(left)]),
        )
    )


def _entries_before(
    begins: np.ndarray[tuple[int], np.dtype[np.bool_]], moved: Integers
) -> tuple[Integers, Integers]:
    """The journal entries of each moved dossier before some entries, and for each of them the place
    among ``moved`` of the entry that it is before."""
    starts = np.flatnonzero(begins)
    start = starts[np.searchsorted(starts, moved, "right") - 1] if len(moved) else moved
    counts = moved - start
    of_move = np.repeat(np.arange(len(moved)), counts)
    within = np.arange(len(of_move)) - np.repeat(np.cumsum(counts) - counts, counts)
    return start[of_move] + within, of_move


def summed(along: TakenAlong) -> TakenAlong:
    """The same, with one row for each slice before and after, account and days; without those that
    add up to nothing."""
    keys = (along.day, along.account, along.after, along.before, along.until)
    order = np.lexsort(keys)
    ordered = [key[order] for key in keys]
    changes = [np.append(True, key[1:] != key[:-1])[: len(order)] for key in ordered]
    first = np.flatnonzero(np.logical_or.reduce(changes))
    net = np.add.reduceat(along.net[order], first) if len(first) else along.net
    first, net = first[net != 0], net[net != 0]
    day, account, after, before, until = (key[first] for key in ordered)
    return TakenAlong(along.slices, until, before, after, account, day, net)


def merged(parts: Iterable[TakenAlong]) -> TakenAlong:
    """What the dossiers of several histories took along; slices of one name become one."""
    number: dict[Slice, int] = {}
    columns: list[list[Integers]] = [[np.zeros(0, np.int64)] for _ in TakenAlong._fields[1:]]
    for slices, until, before, after, *others in parts:
        place = np.array([number.setdefault(each, len(number)) for each in slices], np.int64)
        for own, column in zip(columns, (until, place[before], place[after], *others), strict=True):
            own.append(column)
    return summed(TakenAlong([*number], *map(np.concatenate, columns)))

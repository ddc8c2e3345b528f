"""Adds up what the dossiers of an archive contribute to balance sheets, without a journal.

The compiled rule book writes the journal of a few dossiers or courses at a time; each of its
entries is added to the balances of a slice at once.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.domain.office import Office
from hoso.projections.archive.courses import Courses
from hoso.projections.archive.manifest import Manifest
from hoso.projections.archive.reader import to_lives
from hoso.projections.kernels.balances import (
    BEYOND_NUMBERS,
    EVENT_MOVES,
    BalanceArrays,
    DayRange,
    Workspace,
    add_balances,
)
from hoso.projections.kernels.courses import CourseMoves, Takers, add_courses, move_courses
from hoso.projections.kernels.journal import JournalArrays
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.balances import (
    BalanceDelta,
    Moves,
    Slice,
    Suspended,
    balances_of,
    changed,
    sum_deltas,
)
from hoso.projections.ledger.slices import slices_in_lives
from hoso.projections.log.packing import PackedLives
from hoso.projections.log.schema import Integers

DAYS_BEYOND: Final = 400  # after the last event, within which most deadlines pass
DENSE_CELLS: Final = 16_000_000  # of balances in memory; with more, moves are kept one by one
SUM_FROM: Final = 4_000_000  # moves that are kept one by one, before they are added up


class FoldPlan(NamedTuple):
    """How events are folded: over which days in cells of their own, and of how many events in all
    they are, which decides between interpreter and machine code."""

    days: DayRange
    events: int


class SlicedLives(NamedTuple):
    """Some lives, and for each of their events the number of the slice in which the dossier stands,
    which counts where the event is a reception or a reassignment."""

    lives: PackedLives
    slice_of: Integers


def day_range(manifest: Manifest) -> DayRange:
    """The days on which an archive's events occurred, and some after them."""
    files = list(manifest.files())
    first = min((file.first_day for file in files), default=0)
    last = max((file.last_day for file in files), default=0)
    return DayRange(first, last - first + DAYS_BEYOND)


def sliced_lives(
    events: pa.Table, by: Sequence[str], verdict: str, final_on: date | None
) -> tuple[list[Slice], SlicedLives]:
    """The slices in which a table's dossiers stand, and its events; ``verdict`` names a column."""
    lives = to_lives(events, verdict)
    slices, slice_of = slices_in_lives(events, np.asarray(lives.verdict), by, final_on)
    return slices, SlicedLives(lives, slice_of)


def delta_of(
    lives: SlicedLives, slices: list[Slice], office: Office, plan: FoldPlan
) -> BalanceDelta:
    """What some lives contribute to the balance sheets of an office."""
    sums = Accumulator(office, slices, plan, len(lives.slice_of))
    sums.add(lives)
    return sums.delta()


class DeltaSum:
    """What several sets of dossiers contribute, which are added up before they are too many."""

    def __init__(self) -> None:
        self._deltas: list[BalanceDelta] = []

    def add(self, delta: BalanceDelta) -> None:
        """Add what some dossiers contribute."""
        self._deltas.append(delta)
        if len(self._deltas) > 1 and sum(len(each.moved.net) for each in self._deltas) > SUM_FROM:
            moved, suspended = sum_deltas(self._deltas)
            self._deltas = [BalanceDelta(balances_of(moved).moved(), suspended)]

    def total(self) -> BalanceDelta:
        """What all of them contribute together."""
        return sum_deltas(self._deltas)


class Accumulator:
    """Adds up what some dossiers contribute to the balance sheets of an office.

    ``slices`` are those that lives and takers name by number. ``size`` is how many events are added
    at a time, at most.
    """

    def __init__(self, office: Office, slices: list[Slice], plan: FoldPlan, size: int) -> None:
        self._slices, self._office, self._events = slices, office, plan.events
        is_sparse = len(slices) * ACCOUNT_COUNT * plan.days.days > DENSE_CELLS
        self._days = DayRange(plan.days.first, 0) if is_sparse else plan.days
        # Memory that is never written on is never taken from the system.
        self._sums = BalanceArrays(
            np.zeros(len(slices) * ACCOUNT_COUNT * self._days.days, np.int32),
            np.empty(BEYOND_NUMBERS * EVENT_MOVES * size, np.int64),
            np.empty(2 * size, np.int64),
        )
        self._workspace = Workspace(_journal(size, np.int64), np.empty(size, np.int64))
        self._course_journal = _journal(size, np.int32)
        self._others = DeltaSum()
        self._changes: list[tuple[BalanceDelta, BalanceDelta]] = []

    def add(self, lives: SlicedLives) -> None:
        """Add up some whole lives."""
        beyond, suspensions = kernel(add_balances, self._events)(
            lives.lives,
            lives.slice_of,
            self._office.policy.as_rules_read_it(),
            self._office.calendar.days,
            self._days,
            self._workspace,
            self._sums,
            0,
            0,
        )
        # Copies, as views would keep all the room that there was.
        suspended = self._sums.suspended[: 2 * suspensions].reshape(-1, 2).T.copy()
        self.add_delta(BalanceDelta(self._moves_beyond(beyond), Suspended(*suspended)))

    def add_courses(self, courses: Courses, takers: Takers) -> None:
        """Add up all dossiers that took some courses."""
        events, journal = courses.packed, self._course_journal
        verdicts, end = np.zeros(len(events), np.int8), np.empty(len(courses.taken), np.int32)
        _, suspensions = kernel(move_courses, self._events)(
            PackedLives(events, events, verdicts),
            courses.lengths,
            self._office.policy.as_rules_read_it(),
            self._office.calendar.days,
            journal,
            end,
            self._workspace.suspended,
        )
        assert not suspensions  # what is suspended is so by any law, and told apart
        moves = CourseMoves(end, journal.day, journal.out, journal.into)
        beyond = kernel(add_courses, self._events)(takers, moves, self._days, self._sums, 0)
        if beyond:
            self.add_delta(BalanceDelta(self._moves_beyond(beyond), Suspended.none()))

    def add_delta(self, delta: BalanceDelta) -> None:
        """Add what other dossiers contribute."""
        if len(delta.moved.net) or len(delta.suspended.dossier):
            self._others.add(delta)

    def change(self, before: BalanceDelta, after: BalanceDelta) -> None:
        """Some dossiers contribute ``after``, not ``before`` as was added."""
        self._changes.append((before, after))

    def delta(self) -> BalanceDelta:
        """What all that was added so far contributes."""
        within = BalanceDelta(self._moves_within(), Suspended.none())
        whole = sum_deltas([within, self._others.total()])
        if not self._changes:
            return whole
        before, after = map(sum_deltas, zip(*self._changes, strict=True))
        return changed(whole, before, after)

    def _moves_within(self) -> Moves:
        cells, days = np.flatnonzero(self._sums.net), max(self._days.days, 1)
        net = self._sums.net[cells].astype(np.int64)
        return Moves(self._slices, cells // days, cells % days + self._days.first, net)

    def _moves_beyond(self, number: int) -> Moves:
        """What so many moves outside the range of days sum up to."""
        moves = self._sums.beyond[: BEYOND_NUMBERS * number].reshape(-1, BEYOND_NUMBERS)
        out, into, day, dossiers = moves.T
        group, net = np.concatenate([out, into]), np.concatenate([-dossiers, dossiers])
        each = Moves(self._slices, group, np.concatenate([day, day]), net)
        return balances_of(each).moved() if number else each


def _journal(events: int, dtype: npt.DTypeLike) -> JournalArrays:
    return JournalArrays(*(np.empty(2 * events, dtype) for _ in JournalArrays._fields))

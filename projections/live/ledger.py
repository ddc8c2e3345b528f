"""The live ledger: a log folded up to a position, and carried on by the events behind it.

An event in order, which is almost every one, costs a look-up and one step of the rule book. All
others have their dossiers replayed from the log (``part``): as they were before, to take that out,
and as they are now. What reaches across dossiers is an event with the identity of another dossier's
event: these dossiers clash, and are replayed together.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.office import Office
from hoso.projections.ledger.balances import (
    EMPTY,
    Balances,
    BalanceSheets,
    Suspended,
    balances_of,
    merge_moves,
)
from hoso.projections.ledger.refresh import EventLog, last_position
from hoso.projections.ledger.slices import DIMENSIONS, slices_in
from hoso.projections.live.order import (
    Flags,
    clashing,
    dossiers_of,
    one_of_each,
    out_of_order,
    recurring,
)
from hoso.projections.live.part import Part, carried_on, last_lives, part_of, with_tangled
from hoso.projections.live.places import Cells, Places
from hoso.projections.live.runs import Records, Run, Runs, all_of_them, last_of_each, sums
from hoso.projections.live.snapshots import nothing_known, snapshots_of
from hoso.projections.log.lives import Lives, lives_of, local_days
from hoso.projections.log.schema import Integers, codes, dossier_keys, integers, joined

SUSPENSE: Final = np.dtype([("day", "<i4"), ("net", "<i4")])
MOST_CHANGES: Final = 64  # that are kept apart until balances are brought up

By = tuple[str, ...]


class Log(EventLog, Protocol):
    """What a live ledger reads of a log."""

    def at(self, positions: Sequence[int]) -> pa.Table:
        """The events at some positions, which rise, as a table."""


class Tables(NamedTuple):
    """All that a live ledger remembers: by the key of a dossier its snapshot and its suspended
    events, by cell what moved, and by the key of an event its position."""

    snapshots: Runs
    suspended: Runs
    cells: Runs
    events: Runs


def cells_of(changes: Sequence[Cells]) -> Cells:
    """All cells of some changes."""
    return Cells(*map(np.concatenate, zip(*changes, strict=True)))


class LiveLedger:
    """A ledger of an office, up to ``position``.

    ``recorded`` is the latest instant at which an event up to there was recorded (microseconds
    since 1970); ``clashing`` has the position of one event of each dossier that shares an event's
    identity with another dossier.
    """

    def __init__(
        self,
        office: Office,
        places: Places,
        tables: Tables,
        position: int = 0,
        recorded: int = 0,
        clashing: Integers | None = None,
    ) -> None:
        self.office, self.places, self.tables = office, places, tables
        self.position, self.recorded = position, recorded
        self.clashing = np.zeros(0, np.int64) if clashing is None else clashing
        self._changes: list[Cells] = []
        self._balances: dict[By, tuple[int, Balances]] = {}
        self._suspended: Suspended | None = None

    @classmethod
    def empty(cls, office: Office) -> "LiveLedger":
        """The ledger of an empty log."""
        tables = Tables(Runs(last_of_each), Runs(suspense_sums), Runs(sums), Runs(all_of_them))
        return cls(office, Places(), tables)

    @classmethod
    def of(cls, log: pa.Table, office: Office) -> "LiveLedger":
        """The ledger of a whole log (``schema.SCHEMA``), folded from nothing."""
        ledger = cls.empty(office)
        if len(log):
            rows = clashing(integers(log["event"]), codes(log["dossier"]))
            ledger.clashing = one_of_each(log.take(rows))
            part = part_of(log, office, ledger.places)
            ledger._add(with_tangled(part, dossiers_of(log.take(rows))))
            ledger._reach(log)
        return ledger

    def carry_on(self, log: Log, most_events: int) -> None:
        """Take in the next events of a log, ``most_events`` or fewer."""
        until = min(self.position + most_events, log.last_position())
        new = log.table(self.position, until).combine_chunks()
        if len(new):
            keys = dossier_keys(new)
            snapshots, _ = self.tables.snapshots.newest(keys, nothing_known())
            replayed = out_of_order(new, snapshots, self.recorded, self.office)
            replayed[self._repeated(log, new, keys)] = True
            if len(self.clashing):
                replayed |= np.isin(keys, dossiers_of(log.at(self.clashing.tolist())))
            if replayed.any():
                self._replay(log, new, replayed)
            self._step(new, keys, snapshots, ~replayed)
            self._reach(new)
        self.position = until

    def sheets(self, by: Sequence[str] = ()) -> BalanceSheets:
        """The balance sheets, sliced ``by`` some of ``slices.DIMENSIONS``, as held."""
        if self._suspended is None:
            key, record, _ = self.tables.suspended.whole(np.zeros(0, SUSPENSE))
            every = (np.repeat(column, record["net"]) for column in (key, record["day"]))
            self._suspended = Suspended(*(column.astype(np.int64) for column in every))
        return BalanceSheets(self.office, None, by, self._balances_by(tuple(by)), self._suspended)

    def start_from(self, sheets: BalanceSheets) -> None:
        """Take balance sheets of this position for what they are, instead of adding all up."""
        self._balances[tuple(sheets.by)] = len(self._changes), sheets.balances
        self._suspended = sheets.suspended

    def _balances_by(self, by: By) -> Balances:
        """The balances, from those that were asked for last and what moved since."""
        if by in self._balances:
            since, old = self._balances[by]
            changes = self._changes[since:]
            if changes:
                moves = self.places.moves(cells_of(changes), by)
                old = balances_of(merge_moves([old.moved(), moves]))
        else:
            whole = self.tables.cells.whole(np.zeros(0, np.int64))
            old = balances_of(self.places.moves(Cells(whole.key, whole.record), by))
        self._balances[by] = len(self._changes), old
        return old

    def _repeated(self, log: Log, new: pa.Table, keys: Integers) -> Integers:
        """The dossiers of which a new event has the identity of another event, by their numbers.
        Those that clash are noted; ``keys`` are those of the dossiers."""
        event, dossier = integers(new["event"]), codes(new["dossier"])
        hits = [(EMPTY, EMPTY), *self.tables.events.found(event)]
        row, position = map(np.concatenate, zip(*hits, strict=True))
        clash = [new.take(clashing(event, dossier))]
        if len(row):
            positions, which = np.unique(position, return_inverse=True)
            known = log.at(positions.tolist())
            other = dossiers_of(known)[which] != keys[dossier[row]]
            clash += [known.take(np.unique(which[other])), new.take(np.unique(row[other]))]
        if any(map(len, clash)):
            self.clashing = one_of_each(joined([log.at(self.clashing.tolist()), *clash]))
        rows: Integers = np.union1d(row, recurring(event))
        return dossier[rows]

    def _step(self, new: pa.Table, keys: Integers, snapshots: Records, in_order: Flags) -> None:
        """Carry on the dossiers of which all new events are in order."""
        rows = np.argsort(integers(new["recorded"]), kind="stable")
        rows = rows[in_order[codes(new["dossier"])[rows]]]
        lives = lives_of(new, rows, self.office.zone)
        slice_of = self._slices_named(new, lives)
        clocks, cells, places = carried_on(lives, slice_of, snapshots, self.office)
        dossiers = np.unique(lives.dossier)
        life = last_lives(lives, new, self.office, len(keys))
        made = snapshots_of(clocks, life, np.zeros(len(keys), np.bool_))[dossiers]
        rows = lives.row[places]
        days = local_days(integers(new["occurred"])[rows], self.office.zone)
        suspended = Suspended(keys[lives.dossier[places]], days)
        self._add(Part(keys[dossiers], made, cells, suspended))

    def _slices_named(self, new: pa.Table, lives: Lives) -> Integers:
        """The number of the slice that each reception names; 0 for other events."""
        receptions = np.flatnonzero(lives.kind == kinds.RECEIVED)
        slices, which = slices_in(new, lives.row[receptions], DIMENSIONS)
        numbers = np.zeros(len(lives.row), np.int64)
        numbers[receptions] = self.places.of_slices(slices)[which]
        return numbers

    def _replay(self, log: Log, new: pa.Table, replayed: Flags) -> None:
        """Fold some dossiers of new events with all of their events, and the others that clash with
        one of them: as known before, and as known now."""
        names = new["dossier"].combine_chunks().dictionary.to_pylist()
        wanted = {names[number] for number in np.flatnonzero(replayed)}
        clash = log.at(self.clashing.tolist())
        if not wanted.isdisjoint(clash["dossier"].to_pylist()):
            wanted.update(clash["dossier"].to_pylist())
        known = log.lives(sorted(wanted), self.position)
        now = joined([known, new.filter(replayed[codes(new["dossier"])])])
        before, after = (part_of(each, self.office, self.places) for each in (known, now))
        self._add(with_tangled(after, dossiers_of(clash)), before)

    def _add(self, part: Part, before: Part | None = None) -> None:
        """Put in what some dossiers come to, in the place of what they came to before."""
        snapshots, suspended, cells, events = self.tables
        moved = part.cells if before is None else part.cells.without(before.cells)
        for sign, each in ((1, part), (-1, before)):
            if each is not None and len(each.suspended.day):
                suspended = suspended.with_more(*suspense(each.suspended, sign))
                self._suspended = None
        self.tables = Tables(
            snapshots.with_more(part.dossier, part.snapshots),
            suspended,
            cells.with_more(*moved),
            events,
        )
        self._changes.append(moved)
        if len(self._changes) >= MOST_CHANGES:
            self.forget_changes()

    def forget_changes(self) -> None:
        """Bring all balances that were asked for up to now: then no change need be kept."""
        now = {by: (0, self._balances_by(by)) for by in self._balances}
        self._balances, self._changes = now, []

    def _reach(self, new: pa.Table) -> None:
        """Note the identities of events that were taken in, and how far the ledger is now."""
        events = self.tables.events.with_more(integers(new["event"]), integers(new["position"]))
        self.tables = self.tables._replace(events=events)
        self.position = last_position(new)
        self.recorded = max(self.recorded, int(integers(new["recorded"]).max()))


def suspense(suspended: Suspended, net: int) -> tuple[Integers, Records]:
    """Suspended events as records of a run: 1 where they are put in, -1 where taken out."""
    records = np.zeros(len(suspended.day), SUSPENSE)
    records["day"], records["net"] = suspended.day, net
    return suspended.dossier, records


def suspense_sums(run: Run) -> Run:
    """Of each dossier and day one record; none where as many were taken out as were put in."""
    order = np.lexsort((run.record["day"], run.key))
    key, day, net = run.key[order], run.record["day"][order], run.record["net"][order]
    is_first = np.append(True, (key[1:] != key[:-1]) | (day[1:] != day[:-1]))[: len(key)]
    starts = np.flatnonzero(is_first)
    records = np.zeros(len(starts), SUSPENSE)
    records["day"] = day[starts]
    if len(starts):
        records["net"] = np.add.reduceat(net, starts)
    left = records["net"] != 0
    return Run(key[starts][left], records[left])

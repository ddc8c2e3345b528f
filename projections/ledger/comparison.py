"""Compares two sides: counts the dossiers behind each figure of both, and those of one side only.

A side is a window of a ledger, perhaps of some dossiers only. So two windows, two as-of instants,
two laws or two bodies are compared in one way. Each figure is counted by its journal entries; the
difference of two figures is the dossiers that only the first one counts, less those that only the
second one counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import date_of
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import EMPTY, Slice, slice_order
from hoso.projections.ledger.drilldown import (
    EVERY_DOSSIER,
    PARTS,
    TRANSFERS,
    DossierFilter,
    entries_behind,
    standing,
)
from hoso.projections.ledger.ledger import Ledger, sliced
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import HELD, final_day, instant_text, told_of
from hoso.projections.log.schema import Integers

A: Final = "a"
B: Final = "b"
NOT_RECEIVED: Final = {"account": None, "since": None}


class Side(NamedTuple):
    """One of the two things that are compared: a window of a ledger, and which dossiers count."""

    ledger: Ledger
    window: Window
    selected: DossierFilter = EVERY_DOSSIER
    attribution: str = HELD

    def asked(self) -> dict[str, Any]:
        """What the side asks for, as JSON: the same as in a statement, and which dossiers."""
        ledger, selected = self.ledger, self.selected
        until = told_of(self.window, ledger.office, ledger.as_of).last
        days = {"from": self.window.first, "to": self.window.last, "until": until}
        return {
            "window": {name: day.isoformat() for name, day in days.items()},
            "as_of": None if ledger.as_of is None else instant_text(ledger.as_of),
            "law": ledger.office.policy.as_json(),
            "calendar": {"version": ledger.office.calendar.version},
            "attribution": self.attribution,
            "only": {name: [*values] for name, values in selected.only.items()},
            "under": selected.under,
        }


class Compared(NamedTuple):
    """How many dossiers a figure counts on each side, and how many on one side only.

    ``a - b`` is ``only_a - only_b``. A dossier that a figure counts twice counts twice here.
    """

    a: int
    b: int
    only_a: int
    only_b: int


class Comparison(NamedTuple):
    """The figures of two sides: ``lines`` has those of each slice where any is not 0, in the order
    of slices, and ``total`` those of all. Both have a ``Compared`` for each figure."""

    by: Sequence[str]
    lines: Mapping[Slice, Mapping[str, Compared]]
    total: Mapping[str, Compared]


def compare(a: Side, b: Side, figures: Sequence[str], by: Sequence[str] = ()) -> Comparison:
    """Compare some figures (``drilldown.FIGURES``) of two sides, with a line for each slice ``by``
    some of ``slices.DIMENSIONS``.

    A dossier that stands in another slice on each side is a difference of both slices, and none of
    the total. Raises ``KeyError`` for an unknown dimension, and ``ValueError`` for an unknown
    figure.
    """
    both = _Both(a, b, by)
    lines: dict[Slice, dict[str, Compared]] = {name: {} for name in both.slices}
    total = {}
    for figure in figures:
        own, other = both.behind(figure)
        total[figure] = _compared(own % both.dossiers, other % both.dossiers)
        for name, found in zip(both.slices, _each_compared(own, other, both), strict=True):
            lines[name][figure] = found
    some = {name: line for name, line in lines.items() if any(map(any, line.values()))}
    return Comparison(by, some, total)


def differing(
    a: Side, b: Side, figures: Sequence[str], by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The dossiers that some figures count on one side only, those of side A first.

    Each is a row with its code, ``only`` (``a`` or ``b``), its values of ``by`` there, and how it
    stands at the end of the window of each side: account, and day since when; None where it was not
    received by then. Raises as ``compare`` does.
    """
    both = _Both(a, b, by)
    own, other = map(np.concatenate, zip(*map(both.behind, figures), strict=True))
    found = {A: _excess(own, other), B: _excess(other, own)}
    numbers = np.unique(np.concatenate([*found.values()]) % both.dossiers)
    stands = {A: both.standing(0, numbers), B: both.standing(1, numbers)}
    codes = dict(zip(numbers.tolist(), both.codes(numbers), strict=True))
    rows = [
        {
            "dossier": codes[key % both.dossiers],
            "only": side,
            **dict(zip(by, both.slices[key // both.dossiers], strict=True)),
            **{
                f"{name}_{each}": value
                for each, known in stands.items()
                for name, value in known.get(key % both.dossiers, NOT_RECEIVED).items()
            },
        }
        for side, excess in found.items()
        for key in excess.tolist()
    ]
    order = ("only", *by, "dossier")
    return sorted(rows, key=lambda row: slice_order(tuple(row[name] for name in order)))


def contributions(
    a: Side, b: Side, figures: Sequence[str], by: Sequence[str] = ()
) -> dict[tuple[Slice | None, str], dict[str, int]]:
    """By slice (None: all) and figure, the dossiers that it counts more often on side A than on
    side B, and how much more often; below zero: less. What counts as often on both is left out.

    ``figures`` and ``by`` are as in ``compare``, and so is what is raised.
    """
    both = _Both(a, b, by)
    found: dict[tuple[Slice | None, str], dict[str, int]] = {}
    for figure in figures:
        own, other = both.behind(figure)
        lines = _net(own, other)
        numbers = np.array([*lines], np.int64)
        codes = dict(zip(numbers.tolist(), both.codes(numbers % both.dossiers), strict=True))
        for key, net in lines.items():
            slice_ = both.slices[key // both.dossiers]
            found.setdefault((slice_, figure), {})[codes[key]] = net
        total = _net(own % both.dossiers, other % both.dossiers)
        if total:
            named = {key % both.dossiers: code for key, code in codes.items()}
            found[None, figure] = {named[number]: net for number, net in total.items()}
    return found


def _net(own: Integers, other: Integers) -> dict[int, int]:
    """How much more often each key is in ``own`` than in ``other``, where that is not equal."""
    keys, which = np.unique(np.concatenate([own, other]), return_inverse=True)
    net = np.bincount(which[: len(own)], minlength=len(keys))
    net = net - np.bincount(which[len(own) :], minlength=len(keys))
    moved = np.flatnonzero(net)
    return dict(zip(keys[moved].tolist(), net[moved].tolist(), strict=True))


class _Both:
    """Two sides with their dossiers and their slices numbered alike.

    A key is ``slice * dossiers + dossier``: it stands for a dossier in a slice.
    """

    def __init__(self, a: Side, b: Side, by: Sequence[str]) -> None:
        self._sides = [_Entries(a, by), _Entries(b, by)]
        names = {name for side in self._sides for name in side.values}
        self.slices = sorted(names, key=slice_order)
        own = [side.ledger.log["dossier"].combine_chunks().dictionary for side in (a, b)]
        self._codes = pc.unique(pa.concat_arrays(own))
        self.dossiers = max(len(self._codes), 1)
        place = {name: number for number, name in enumerate(self.slices)}
        self._slice_of = [np.array([place[v] for v in s.values], np.int64) for s in self._sides]
        self._number_of = [_places(codes, self._codes) for codes in own]

    def behind(self, figure: str) -> tuple[Integers, Integers]:
        """The keys behind a figure on each side."""
        found = []
        for number, side in enumerate(self._sides):
            entries, which = side.behind(figure)
            dossier = self._number_of[number][side.journal.dossier[entries]]
            found.append(self._slice_of[number][which] * self.dossiers + dossier)
        return found[0], found[1]

    def standing(self, side: int, numbers: Integers) -> dict[int, dict[str, str]]:
        """How some dossiers stand at the end of a side's window, by their numbers."""
        entries, journal = self._sides[side].standing(), self._sides[side].journal
        dossier = self._number_of[side][journal.dossier[entries]]
        wanted = np.isin(dossier, numbers)
        return {
            number: {"account": ACCOUNTS[account], "since": date_of(since).isoformat()}
            for number, account, since in zip(
                dossier[wanted].tolist(),
                journal.into[entries[wanted]].tolist(),
                journal.day[entries[wanted]].tolist(),
                strict=True,
            )
        }

    def codes(self, numbers: Integers) -> list[str]:
        """The codes of some dossiers, by their numbers."""
        listed: list[str] = self._codes.take(pa.array(numbers)).to_pylist()
        return listed


def _places(codes: pa.Array, among: pa.Array) -> Integers:
    """The place of each of some codes among others."""
    places: Integers = pc.index_in(codes, value_set=among).to_numpy().astype(np.int64)
    return places


class _Entries:
    """The journal entries of a side, and in which of ``values`` (those of ``by``) each stands."""

    def __init__(self, side: Side, by: Sequence[str]) -> None:
        ledger, selected = side.ledger, side.selected
        self.journal = ledger.folded.journal
        self._told = told_of(side.window, ledger.office, ledger.as_of)
        final_on = final_day(side.attribution, side.window, ledger.office, ledger.as_of)
        # Where a dossier stands says whether it counts, and which reassignments are transfers.
        used = [name for name in DIMENSIONS if name in {"agency", *by, *selected.only}]
        slices, self._slice_of = sliced(ledger, used, final_on)
        rows: list[dict[str, Any]] = [dict(zip(used, each, strict=True)) for each in slices]
        self.values: list[Slice] = [tuple(selected.value(row, n) for n in by) for row in rows]
        self._accepted = np.array([selected.accepts(row) for row in rows], np.bool_)
        places = [selected.place(row, by) for row in rows]
        numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
        self._place = np.array([numbers[place] for place in places], np.int64)

    def behind(self, figure: str) -> tuple[Integers, Integers]:
        """The entries that a figure counts, and the number of each one's values among ``values``:
        of a transfer out, those before it."""
        found = [self._of_one(name) for name in PARTS.get(figure, (figure,))]
        entries, which = map(np.concatenate, zip(*found, strict=True))
        return entries, which

    def _of_one(self, figure: str) -> tuple[Integers, Integers]:
        entries = entries_behind(self.journal, self._told, figure)
        if figure in TRANSFERS:
            before, after = (self._place[self._slice_of[each]] for each in (entries - 1, entries))
            entries = entries[before != after]
        which = self._slice_of[entries - (figure == "transferred.out")]
        counts = self._accepted[which]
        return entries[counts], which[counts]

    def standing(self) -> Integers:
        """The entry by which each dossier stands where it does at the end of the window."""
        return standing(self.journal, self._told.last)


def _compared(own: Integers, other: Integers) -> Compared:
    only = (len(_excess(own, other)), len(_excess(other, own)))
    return Compared(len(own), len(other), *only)


def _each_compared(own: Integers, other: Integers, both: _Both) -> list[Compared]:
    """The same for each slice."""
    parts = (own, other, _excess(own, other), _excess(other, own))
    numbers = [np.bincount(keys // both.dossiers, minlength=len(both.slices)) for keys in parts]
    return [Compared(*line) for line in np.stack(numbers, axis=1).tolist()]


def _excess(own: Integers, other: Integers) -> Integers:
    """The keys that are more often in ``own`` than in ``other``, each as often as it is more."""
    keys, often = np.unique(own, return_counts=True)
    known, known_often = np.unique(other, return_counts=True)
    if len(known):
        at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        often = np.maximum(often - np.where(known[at] == keys, known_often[at], 0), 0)
    return np.repeat(keys, often) if len(keys) else EMPTY

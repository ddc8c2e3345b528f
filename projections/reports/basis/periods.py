"""Makes the cubes of windows from a ledger: its balances and its measures of quality facts.

Balances and measures are taken by slices of CUBE_DIMENSIONS, and count where each dossier stands at
the end of the window: no report has a column for transfers. A ledger is read once for all windows.
``archive_periods`` makes the same from an archive.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.accounts import ACCOUNT_COUNT, ACCOUNTS, OPEN
from hoso.domain.agencies import LEVELS, AgencyRegistry
from hoso.domain.alphabet import alphabetical
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets, Slice, add_up, slice_order
from hoso.projections.ledger.ledger import Ledger, balance_sheets, reassignments
from hoso.projections.ledger.officials import (
    OFFICIAL_DIMENSIONS,
    OFFICIAL_FIGURES,
    count_officials,
)
from hoso.projections.ledger.quality import (
    MEASURES,
    OWN_LEVEL,
    SENT,
    MeasureCounts,
    count_measures,
)
from hoso.projections.ledger.slices import slices_in, slices_of
from hoso.projections.ledger.statement import FINAL, figures_between, final_day, told_of
from hoso.projections.log.lives import Lives, valid_lives
from hoso.projections.log.schema import Integers
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS, Cube, Dimension

AGENCY: Final = CUBE_DIMENSIONS.index("agency")
LEVEL: Final = CUBE_DIMENSIONS.index("level")
COUNTED: Final = (*MEASURES, *SENT)


class SlicedMeasures(NamedTuple):
    """The measures of a window: ``numbers`` has a row for each slice and a column for each of
    COUNTED, or of OFFICIAL_FIGURES where slices are those of officials."""

    slices: list[Slice]
    numbers: Integers


class WindowCounts(NamedTuple):
    """The measures of a window, by CUBE_DIMENSIONS, and what officials handled in it, by
    OFFICIAL_DIMENSIONS."""

    measures: SlicedMeasures
    officials: SlicedMeasures


class Periods(NamedTuple):
    """What reports need of some windows: of each its balance sheets by CUBE_DIMENSIONS, final on
    its last day, its measures, and what officials handled in it."""

    balance_sheets: Mapping[Window, BalanceSheets]
    measures: Mapping[Window, SlicedMeasures]
    officials: Mapping[Window, SlicedMeasures]


def periods_of_ledger(ledger: Ledger, windows: Sequence[Window]) -> Periods:
    """The periods of a ledger for some windows."""
    log, office = ledger.log, ledger.office
    lives = valid_lives(log, office.zone, ledger.as_of)
    counts = {
        window: counts_of_lives(log, lives, office, told_of(window, office, ledger.as_of))
        for window in windows
    }
    held = balance_sheets(ledger, CUBE_DIMENSIONS)
    is_moved = reassignments(ledger.folded.journal).any()
    sheets = {}
    for window in windows:
        final_on = final_day(FINAL, window, office, ledger.as_of)
        own = balance_sheets(ledger, CUBE_DIMENSIONS, final_on) if is_moved else held
        sheets[window] = own._replace(final_on=final_on)
    return periods_of_counts(sheets, counts)


def periods_of_sheets(balance_sheets: Mapping[Window, BalanceSheets]) -> Periods:
    """The periods of balance sheets alone: for reports that read no measures."""
    none = WindowCounts(
        SlicedMeasures([], np.zeros((0, len(COUNTED)), np.int64)),
        SlicedMeasures([], np.zeros((0, len(OFFICIAL_FIGURES)), np.int64)),
    )
    return periods_of_counts(balance_sheets, dict.fromkeys(balance_sheets, none))


def periods_of_counts(
    balance_sheets: Mapping[Window, BalanceSheets], counts: Mapping[Window, WindowCounts]
) -> Periods:
    """The periods of balance sheets and of the counts of each window."""
    return Periods(
        balance_sheets,
        {window: each.measures for window, each in counts.items()},
        {window: each.officials for window, each in counts.items()},
    )


def counts_of_lives(events: pa.Table, lives: Lives, office: Office, window: Window) -> WindowCounts:
    """The measures of a window, and what officials handled in it, by slice.

    ``events`` is an event table with ``quality.EVENT_COLUMNS``; ``lives`` are the events that
    count, and ``lives.row`` are their rows in that table.
    """
    measures = count_measures(events, lives, office, window)
    slices, slice_of = slices_of(events, measures.rows, CUBE_DIMENSIONS, measures.reception_row)
    parts = [SlicedMeasures(slices, np.zeros((len(slices), len(COUNTED)), np.int64))]
    for counts in measures.counts:
        column = COUNTED.index(counts.measure)
        slice_of_count = slice_of[counts.register_row]
        if counts.agency_row is None:
            np.add.at(parts[0].numbers[:, column], slice_of_count, counts.number)
        elif len(counts.agency_row):
            own, which = _slices_elsewhere(events, slices, slice_of_count, counts)
            numbers = np.zeros((len(own), len(COUNTED)), np.int64)
            np.add.at(numbers[:, column], which, counts.number)
            parts.append(SlicedMeasures(own, numbers))
    officials = SlicedMeasures(*count_officials(events, measures))
    return WindowCounts(merge_measures(parts, COUNTED), officials)


def _slices_elsewhere(
    events: pa.Table, slices: list[Slice], slice_of_count: Integers, counts: MeasureCounts
) -> tuple[list[Slice], Integers]:
    """The slices of what counts for another agency than the dossier's (``counts.agency_row``):
    those of the dossiers, but with that agency.

    Returns the distinct slices, and for each thing counted the number of its slice among them.
    """
    assert counts.agency_row is not None
    agencies, agency_of_count = slices_in(events, counts.agency_row, [counts.agency_column])
    pairs, which = np.unique(slice_of_count * len(agencies) + agency_of_count, return_inverse=True)
    own = []
    for pair in pairs.tolist():
        values = list(slices[pair // len(agencies)])
        values[LEVEL], values[AGENCY] = OWN_LEVEL, agencies[pair % len(agencies)][0]
        own.append(tuple(values))
    return own, which


def merge_counts(parts: Sequence[WindowCounts]) -> WindowCounts:
    """The sum of the counts of several groups of dossiers."""
    return WindowCounts(
        merge_measures([part.measures for part in parts], COUNTED),
        merge_measures([part.officials for part in parts], OFFICIAL_FIGURES),
    )


def merge_measures(parts: Sequence[SlicedMeasures], figures: Sequence[str]) -> SlicedMeasures:
    """The sum of the figures of several groups of dossiers."""
    slices = sorted({each for part in parts for each in part.slices}, key=slice_order)
    place = {each: number for number, each in enumerate(slices)}
    numbers = np.zeros((len(slices), len(figures)), np.int64)
    for part in parts:
        rows = np.array([place[each] for each in part.slices], np.int64)
        np.add.at(numbers, rows, part.numbers)
    return SlicedMeasures(slices, numbers)


def merge_periods(parts: Sequence[Periods]) -> Periods:
    """The sum of the periods of several histories that have no dossier in common.

    All parts must have the same windows; at least one part is needed.
    """
    counts = {
        window: merge_counts(
            [WindowCounts(part.measures[window], part.officials[window]) for part in parts]
        )
        for window in parts[0].measures
    }
    sheets = {window: add_up([part.balance_sheets[window] for part in parts]) for window in counts}
    return periods_of_counts(sheets, counts)


def cube_of(periods: Periods, window: Window, registry: AgencyRegistry) -> Cube:
    """The cube of one of the windows: the slices with any figure, and the agencies and levels
    that the registry gives them.

    Raises ``KeyError`` for a window that the periods do not have.
    """
    sheets, measured = periods.balance_sheets[window], periods.measures[window]
    balances, told = sheets.balances, told_of(window, sheets.office, sheets.as_of)
    opening, closing = (balances.at_end_of(d) for d in (told.first - timedelta(1), told.last))
    figures = figures_between(opening, closing)
    of_balances = [_with_level(each, {}, registry) for each in balances.slices]
    levels = {each[AGENCY]: each[LEVEL] for each in of_balances}
    of_measures = [_with_level(each, levels, registry) for each in measured.slices]
    slices = sorted({*of_balances, *of_measures}, key=slice_order)
    numbers = np.hstack(
        [
            _added_up(slices, of_balances, np.stack(list(figures.values()), axis=-1)),
            _added_up(slices, of_measures, measured.numbers),
        ]
    )
    filled = np.flatnonzero(numbers.any(axis=1))
    dimensions = _dimensions(CUBE_DIMENSIONS, [slices[row] for row in filled.tolist()], registry)
    columns = {name: column for column, name in enumerate((*figures, *COUNTED))}
    rows, since = np.arange(len(filled)), balances.since
    return Cube(window, dimensions, columns, numbers[filled], rows, since=since)


def officials_cube(periods: Periods, window: Window, registry: AgencyRegistry) -> Cube:
    """What officials handled in one of the windows, by OFFICIAL_DIMENSIONS, with the levels of the
    registry. Raises ``KeyError`` for a window that the periods do not have."""
    sheets = periods.balance_sheets[window]
    of_balances = [_with_level(each, {}, registry) for each in sheets.balances.slices]
    levels = {each[AGENCY]: each[LEVEL] for each in of_balances}
    counted = periods.officials[window]
    own = [_with_level(each, levels, registry) for each in counted.slices]
    slices = sorted(set(own), key=slice_order)
    columns = {name: column for column, name in enumerate(OFFICIAL_FIGURES)}
    return Cube(
        window,
        _dimensions(OFFICIAL_DIMENSIONS, slices, registry),
        columns,
        _added_up(slices, own, counted.numbers),
        np.arange(len(slices)),
    )


def _added_up(slices: Sequence[Slice], own: Sequence[Slice], numbers: Integers) -> Integers:
    """Rows of numbers, given for ``own`` slices, added up for each of ``slices``."""
    place = {each: number for number, each in enumerate(slices)}
    sums = np.zeros((len(slices), numbers.shape[1]), np.int64)
    np.add.at(sums, np.array([place[each] for each in own], np.int64), numbers)
    return sums


def _with_level(
    values: Slice, levels: Mapping[str | None, str | None], registry: AgencyRegistry
) -> Slice:
    """A slice with the agency that counts it, and with the level that the registry gives that one.

    ``levels`` are those of agencies that do steps, where the registry does not have them.
    """
    agency, level = values[AGENCY], values[LEVEL]
    own = registry.level(agency, levels.get(agency) if level == OWN_LEVEL else level)
    current = None if agency is None else registry.current(agency)
    replaced = {LEVEL: own, AGENCY: current}
    return tuple(replaced.get(number, value) for number, value in enumerate(values))


def _dimensions(
    names: Sequence[str], slices: Sequence[Slice], registry: AgencyRegistry
) -> dict[str, Dimension]:
    dimensions = {}
    for number, name in enumerate(names):
        of_row = [values[number] for values in slices]
        values = _in_order(name, set(of_row), registry)
        place = {value: n for n, value in enumerate(values)}
        dimensions[name] = Dimension(values, np.array([place[each] for each in of_row], np.int64))
    return dimensions


def _in_order(
    dimension: str, values: Collection[str | None], registry: AgencyRegistry
) -> list[str | None]:
    """Levels from the province down; other values by the alphabet, None first. Agencies stand by
    their names, those of one name by their codes."""
    if dimension == "level":
        return sorted(values, key=_level_order)
    name = registry.name if dimension == "agency" else str
    known = [value for value in values if value is not None]
    known.sort(key=lambda value: (alphabetical(name(value)), value))
    return [*(value for value in values if value is None), *known]


def _level_order(level: str | None) -> int:
    """From the province down; an unknown level last."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


class DailyMoves(NamedTuple):
    """The moves into and out of open accounts on the days of a window, as far as it is over; what
    had moved before stands on its first day.

    ``row`` is the row of the window's cube, ``day`` is counted from the first day on, ``net`` below
    zero where more left the account than entered it. Arrays of one length.
    """

    days: int
    row: Integers
    account: Integers
    day: Integers
    net: Integers

    def balances(self, cube: Cube) -> dict[str, Integers]:
        """The dossiers of a part of the window's cube in each open account, by the account's name,
        at the end of each day."""
        wanted = np.zeros(int(self.row.max(initial=-1)) + 1, dtype=bool)
        wanted[cube.rows[cube.rows < len(wanted)]] = True
        own = wanted[self.row]
        sums = np.zeros((self.days, len(OPEN)), np.int64)
        np.add.at(sums, (self.day[own], self.account[own]), self.net[own])
        by_account = np.cumsum(sums, axis=0).T
        return {ACCOUNTS[number]: by_day for number, by_day in enumerate(by_account)}


def daily_moves(periods: Periods, cube: Cube, registry: AgencyRegistry) -> DailyMoves:
    """The moves on the days of one of the windows, whose cube is given."""
    sheets = periods.balance_sheets[cube.window]
    moved, told = sheets.balances.moved(), told_of(cube.window, sheets.office, sheets.as_of)
    first, last = day_number(told.first), day_number(told.last)
    names = zip(*(cube.values(name) for name in CUBE_DIMENSIONS), strict=True)
    place = {each: row for row, each in enumerate(names)}
    # A slice that the cube lacks has nothing open in the window.
    rows = [place.get(_with_level(each, {}, registry), -1) for each in sheets.balances.slices]
    row, account = (
        np.array(rows, np.int64)[moved.group // ACCOUNT_COUNT],
        moved.group % ACCOUNT_COUNT,
    )
    days = last - first + 1  # none of a window that has not begun
    own = (moved.day <= last) & (row >= 0) & (account < len(OPEN)) & (days > 0)
    day = np.clip(moved.day[own], first, None) - first
    return DailyMoves(days, row[own], account[own], day, moved.net[own])

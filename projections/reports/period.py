"""What happened in some periods? Balances, and the measures of quality facts, slice by slice.

A history is read once, whatever the number of periods: as a log, or an archive bucket by bucket.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.accounts import ACCOUNT_COUNT, ACCOUNTS, OPEN
from hoso.domain.agencies import LEVELS, AgencyRegistry
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.archive import conflicts
from hoso.projections.archive.fold import FoldPlan, day_range, delta_of, sliced_lives
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, valid_lives_in
from hoso.projections.ledger.balances import (
    BalanceDelta,
    BalanceSheets,
    Slice,
    add_up,
    balances_of,
    slice_order,
    sum_deltas,
)
from hoso.projections.ledger.ledger import Ledger, balance_sheets
from hoso.projections.ledger.quality import EVENT_COLUMNS, MEASURES, WindowMeasures, count_measures
from hoso.projections.ledger.slices import slices_in
from hoso.projections.ledger.statement import figures_between
from hoso.projections.log.lives import Lives, valid_lives
from hoso.projections.log.schema import Integers
from hoso.projections.reports.cube import BY, Cube, Dimension

AGENCY: Final = BY.index("agency")
LEVEL: Final = BY.index("level")
ITS_OWN: Final = "*"  # the level of an agency that a step was transferred to: whatever it has


class Measured(NamedTuple):
    """What the measures of a window come to: a row to each slice, a column to each of MEASURES."""

    slices: list[Slice]
    numbers: Integers


class Periods(NamedTuple):
    """What a history says of some windows: balances by BY, and the measures of each window."""

    balance_sheets: BalanceSheets
    measured: Mapping[Window, Measured]


def periods_of_ledger(ledger: Ledger, windows: Sequence[Window]) -> Periods:
    """What a ledger says of some windows."""
    log, office = ledger.log, ledger.office
    lives = valid_lives(log, office.zone, ledger.as_of)
    found = zip(windows, _measured(log, lives, office, windows), strict=True)
    return Periods(balance_sheets(ledger, BY), dict(found))


class BucketPeriods(NamedTuple):
    """What a bucket of an archive contributes to its periods."""

    delta: BalanceDelta
    measured: list[Measured]


class PeriodJob(NamedTuple):
    """What is to be done with each bucket."""

    view: ArchiveView
    office: Office
    windows: Sequence[Window]
    plan: FoldPlan


def periods_of_archive(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    windows: Sequence[Window],
    map_buckets: MapBuckets = map,
) -> Periods:
    """Some windows of an archive, as known at ``as_of`` (None: all of it).

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, office.zone)
    answer = partial(_periods_of_buckets, folder, office, as_of, windows, map_buckets)
    return read_consistently(folder, manifest, answer)[1]


def _periods_of_buckets(
    folder: Path,
    office: Office,
    as_of: datetime | None,
    windows: Sequence[Window],
    map_buckets: MapBuckets,
    manifest: Manifest,
) -> Periods:
    view = ArchiveView(folder, as_of, conflicts.archive_verdicts(folder, manifest, as_of))
    job = PeriodJob(view, office, windows, FoldPlan(day_range(manifest), manifest.rows))
    filled = [bucket for bucket in manifest.buckets if bucket.files]
    buckets = list(map_buckets(partial(_periods_of_bucket, job), filled))
    moved, suspended = sum_deltas([each.delta for each in buckets])
    return Periods(
        BalanceSheets(office, as_of, BY, balances_of(moved), suspended),
        {w: _together([each.measured[n] for each in buckets]) for n, w in enumerate(windows)},
    )


def _periods_of_bucket(job: PeriodJob, bucket: Bucket) -> BucketPeriods:
    events = bucket_events(job.view, bucket, EVENT_COLUMNS)
    slices, sliced = sliced_lives(events, BY, "verdict")
    delta = delta_of(sliced, slices, job.office, job.plan)
    return BucketPeriods(delta, _measured(events, valid_lives_in(events), job.office, job.windows))


def merge_periods(parts: Sequence[Periods]) -> Periods:
    """The same windows of several histories that have no dossier in common, added up."""
    measured = {
        window: _together([part.measured[window] for part in parts]) for window in parts[0].measured
    }
    return Periods(add_up([part.balance_sheets for part in parts]), measured)


def _measured(
    events: pa.Table, lives: Lives, office: Office, windows: Sequence[Window]
) -> list[Measured]:
    return [_added(events, count_measures(events, lives, office, window)) for window in windows]


def _added(bucket_events: pa.Table, marks: WindowMeasures) -> Measured:
    """Marks added up by slice: of the dossier's reception, or of the agency whose step it was."""
    slices, of_line = slices_in(bucket_events, marks.reception_row, BY)
    numbers = np.zeros((len(slices), len(MEASURES)), np.int64)
    parts = [Measured(slices, numbers)]
    for mark in marks.counts:
        column = MEASURES.index(mark.measure)
        if mark.transfer_row is None:
            np.add.at(numbers[:, column], of_line[mark.entry], mark.number)
        elif len(mark.transfer_row):
            own, which = _elsewhere(bucket_events, slices, of_line[mark.entry], mark.transfer_row)
            parts.append(Measured(own, np.zeros((len(own), len(MEASURES)), np.int64)))
            np.add.at(parts[-1].numbers[:, column], which, mark.number)
    return _together(parts)


def _elsewhere(
    bucket_events: pa.Table, slices: list[Slice], of_line: Integers, rows: Integers
) -> tuple[list[Slice], Integers]:
    """The slices of dossiers, but of the agencies that some rows transfer them to; and which of
    them each is."""
    agencies, agency = slices_in(bucket_events, rows, ["to_agency"])
    found, which = np.unique(of_line * len(agencies) + agency, return_inverse=True)
    names = []
    for place in found.tolist():
        name = list(slices[place // len(agencies)])
        name[LEVEL], name[AGENCY] = ITS_OWN, agencies[place % len(agencies)][0]
        names.append(tuple(name))
    return names, which


def _together(parts: Sequence[Measured]) -> Measured:
    """The measures of several parts of a history."""
    slices = sorted({name for part in parts for name in part.slices}, key=slice_order)
    place = {name: n for n, name in enumerate(slices)}
    numbers = np.zeros((len(slices), len(MEASURES)), np.int64)
    for part in parts:
        np.add.at(numbers, [place[name] for name in part.slices], part.numbers)
    return Measured(slices, numbers)


def cube(history: Periods, window: Window, registry: AgencyRegistry) -> Cube:
    """The cube of one of a history's windows: the slices that have any figure; a body's level is
    the registry's.

    Raises ``KeyError`` for a window that the history was not asked about.
    """
    balances, (measured, numbers) = history.balance_sheets.balances, history.measured[window]
    opening, closing = (balances.at_end_of(d) for d in (window.first - timedelta(1), window.last))
    stated = figures_between(opening, closing)
    own = [_leveled(name, {}, registry) for name in balances.slices]
    levels = {name[AGENCY]: name[LEVEL] for name in own}
    theirs = [_leveled(name, levels, registry) for name in measured]
    slices = sorted({*own, *theirs}, key=slice_order)
    place = {name: n for n, name in enumerate(slices)}
    of_own, of_theirs = ([place[name] for name in names] for names in (own, theirs))
    standing = np.zeros((len(slices), len(stated)), np.int64)
    known = np.zeros((len(slices), len(MEASURES)), np.int64)
    np.add.at(standing, of_own, np.stack(list(stated.values()), axis=-1))
    np.add.at(known, of_theirs, numbers)
    figures = {name: column for column, name in enumerate((*stated, *MEASURES))}
    table = np.hstack([standing, known])
    there = np.flatnonzero(table.any(axis=1))
    named = [slices[row] for row in there.tolist()]
    return Cube(window, _dimensions(named), figures, table[there], np.arange(len(there)))


def _leveled(
    name: Slice, levels: Mapping[str | None, str | None], registry: AgencyRegistry
) -> Slice:
    """A slice with the level that the registry gives its agency, if it does."""
    agency, said = name[AGENCY], name[LEVEL]
    level = registry.level(agency, levels.get(agency) if said == ITS_OWN else said)
    return (*name[:LEVEL], level, *name[LEVEL + 1 :])


def _dimensions(slices: Sequence[Slice]) -> dict[str, Dimension]:
    found = {}
    for number, dimension in enumerate(BY):
        values = [name[number] for name in slices]
        names = sorted(set(values), key=_level_order if dimension == "level" else _order)
        place = {text: n for n, text in enumerate(names)}
        found[dimension] = Dimension(names, np.array([place[text] for text in values], np.int64))
    return found


def _order(value: str | None) -> tuple[bool, str]:
    return value is not None, value or ""


def _level_order(level: str | None) -> int:
    """From the province down; a level that is not known comes last."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def daily(history: Periods, window: Window) -> dict[str, Integers]:
    """How many dossiers stood in each open account at the end of each day of a window."""
    moved = history.balance_sheets.balances.moved()
    first, last = (day_number(day) for day in window)
    day = np.clip(moved.day, first, None) - first
    within = day <= last - first
    sums = np.zeros((last - first + 1, ACCOUNT_COUNT), np.int64)
    np.add.at(sums, (day[within], (moved.group % ACCOUNT_COUNT)[within]), moved.net[within])
    return {ACCOUNTS[n]: column for n, column in enumerate(np.cumsum(sums, axis=0).T[: len(OPEN)])}

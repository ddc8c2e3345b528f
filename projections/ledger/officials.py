"""Counts the dossiers and steps that each official (công chức) handled in a window.

A dossier counts for the official who is named by the event that resolved it, at the agency of the
dossier; a step counts for the official who is named by the event that ended it, at the agency that
did the step. A code of an official is known within an agency only: the same code at two agencies
is two officials. What names no official is not counted here.

Source: TT 01/2018/TT-VPCP arts 14-15.
"""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.ledger.quality import (
    OWN_LEVEL,
    STEP_MEASURES,
    MeasureCounts,
    WindowMeasures,
)
from hoso.projections.ledger.slices import DIMENSIONS, slices_in, slices_of
from hoso.projections.log.schema import Integers

OF_AGENCY: Final = ("level", "agency")
OF_DOSSIER: Final = tuple(name for name in DIMENSIONS if name not in OF_AGENCY)
STANDS_IN: Final = (*OF_AGENCY, *OF_DOSSIER)  # at the end of the window
OFFICIAL_DIMENSIONS: Final = (*STANDS_IN, "official")
RESOLVED_FIGURES: Final = ("resolved.early", "resolved.on_time", "resolved.overdue")
FACT_MEASURES: Final = (
    *("contacted.once", "contacted.more"),
    *("disputed.early", "disputed.on_time", "disputed.overdue"),
)
OFFICIAL_FIGURES: Final = (*RESOLVED_FIGURES, *FACT_MEASURES, *STEP_MEASURES)


class OfficialCounts(NamedTuple):
    """What officials handled: ``numbers`` has a row for each slice (OFFICIAL_DIMENSIONS) and a
    column for each of OFFICIAL_FIGURES."""

    slices: list[Slice]
    numbers: Integers


def count_officials(events: pa.Table, measures: WindowMeasures) -> OfficialCounts:
    """Count what each official handled in a window.

    ``events`` is an event table with ``quality.EVENT_COLUMNS``; ``measures`` are those of the
    window.
    """
    resolved = np.flatnonzero(measures.resolved_row >= 0)
    timeliness = measures.account[resolved] - accounts.RESOLVED
    handled = [
        (figure, _of_dossiers(events, measures, resolved[timeliness == number]))
        for number, figure in enumerate(RESOLVED_FIGURES)
    ]
    for counts in measures.counts:
        if counts.measure in FACT_MEASURES:
            dossiers = _of_dossiers(events, measures, counts.register_row)
            handled.append((counts.measure, dossiers))
        elif counts.done_row is not None:
            steps = _of_steps(events, measures, counts)
            handled.append((counts.measure, steps))
    return _added_up(handled)


def _of_dossiers(
    events: pa.Table, measures: WindowMeasures, register_rows: Integers
) -> list[Slice]:
    """The slice of each of some dossiers that were resolved in the window."""
    rows = {name: measures.rows[name][register_rows] for name in STANDS_IN}
    own, of_dossier = slices_of(events, rows, STANDS_IN, rows["agency"])
    officials = _officials(events, measures.resolved_row[register_rows])
    return [
        (*own[number], official)
        for number, official in zip(of_dossier.tolist(), officials, strict=True)
    ]


def _of_steps(events: pa.Table, measures: WindowMeasures, steps: MeasureCounts) -> list[Slice]:
    """The slice of each of some steps: that of its dossier, but at the agency that did the step."""
    assert steps.agency_row is not None
    assert steps.done_row is not None
    agencies, of_transfer = slices_in(events, steps.agency_row, ["to_agency"])
    rows = {name: measures.rows[name][steps.register_row] for name in OF_DOSSIER}
    own, of_dossier = slices_of(events, rows, OF_DOSSIER, steps.agency_row)
    officials = _officials(events, steps.done_row)
    return [
        (OWN_LEVEL, *agencies[agency], *own[dossier], official)
        for agency, dossier, official in zip(
            of_transfer.tolist(), of_dossier.tolist(), officials, strict=True
        )
    ]


def _officials(events: pa.Table, rows: Integers) -> list[str | None]:
    """The official that each of some events names; None where it names none."""
    named: list[str | None] = events["official"].take(pa.array(rows)).to_pylist()
    return named


def _added_up(handled: list[tuple[str, list[Slice]]]) -> OfficialCounts:
    """The counts of things handled, given with the slice of each by figure."""
    named = [(figure, [each for each in slices if each[-1]]) for figure, slices in handled]
    slices = sorted({each for _, of_figure in named for each in of_figure}, key=slice_order)
    place = {each: number for number, each in enumerate(slices)}
    numbers = np.zeros((len(slices), len(OFFICIAL_FIGURES)), np.int64)
    for figure, of_figure in named:
        rows = np.array([place[each] for each in of_figure], np.int64)
        np.add.at(numbers[:, OFFICIAL_FIGURES.index(figure)], rows, 1)
    return OfficialCounts(slices, numbers)

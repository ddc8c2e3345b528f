"""Makes the overview of integrity: what the checks saw in a window, as its report shows it."""

from typing import NamedTuple

import numpy as np

from hoso.domain.agencies import THEN, AgencyRegistry
from hoso.projections.documents.model import Document
from hoso.projections.integrity.parts import Question
from hoso.projections.ledger.officials import OFFICIAL_FIGURES
from hoso.projections.ledger.statement import FINAL, final_day
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS
from hoso.projections.reports.basis.periods import (
    COUNTED,
    Periods,
    SlicedMeasures,
    WindowCounts,
    periods_of_counts,
)
from hoso.projections.reports.basis.scope import Scope
from hoso.projections.reports.integrity.report import report
from hoso.tools.jobs.integrity import integrity
from hoso.tools.jobs.report import report_history, titled
from hoso.tools.sources.source import Source


class Asked(NamedTuple):
    """How an overview is asked for: the agencies and the day whose agencies are shown
    (``agencies.roll_up_day``), how other commands read the same history, and what calls of ``hoso
    integrity`` need besides."""

    registry: AgencyRegistry = AgencyRegistry()
    roll_up: str = THEN
    ask: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def overview(source: Source, question: Question, asked: Asked) -> Document:
    """What the checks find in a source, as the report of integrity shows it.

    Raises ``UserError`` where the source cannot be read.
    """
    seen, selected = integrity(source, question), question.selected
    periods = _without_measures(source, question)
    whole = report_history(question.window, periods, asked.registry, asked.roll_up)
    scope = Scope({name: [*values] for name, values in selected.only.items()}, selected.under)
    history = whole.within(scope, {question.window: selected.registry})
    made = report(history.current, seen, history.registry, history.about, asked.options)
    title = titled(made.title, history.bodies)
    return made._replace(title=title, ask=asked.ask, until=history.until)


def _without_measures(source: Source, question: Question) -> Periods:
    """The period of a window with its balance sheets alone, which sources keep."""
    office, as_of, window = question.office, question.as_of, question.window
    final_on = final_day(FINAL, window, office, as_of)
    [sheets] = source.balances([office], as_of, CUBE_DIMENSIONS, final_on)
    nothing = WindowCounts(
        SlicedMeasures([], np.zeros((0, len(COUNTED)), np.int64)),
        SlicedMeasures([], np.zeros((0, len(OFFICIAL_FIGURES)), np.int64)),
    )
    return periods_of_counts({window: sheets._replace(final_on=final_on)}, {window: nothing})

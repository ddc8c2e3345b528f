"""Makes the reports of a ledger as the command does, and reads their cells."""

from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window, period_before, same_period_last_year
from hoso.projections.documents.model import (
    Count,
    Document,
    DrillDown,
    Place,
    Sum,
    Table,
    Value,
    Values,
)
from hoso.projections.integrity.parts import part_of_log, question_of
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.reports.basis.inputs import Catalogue, Inputs
from hoso.projections.reports.basis.periods import periods_of_ledger
from hoso.tools.inputs import profiles
from hoso.tools.inputs.checks import checks_by
from hoso.tools.jobs.report import (
    KINDS,
    CheckedLives,
    ReportSettings,
    documents,
    report_history,
)

LEAST = ReportSettings(
    AgencyRegistry(),
    Inputs(),
    Catalogue({}),
    profiles.fold_by("default"),
    profiles.index_by("national"),
    profiles.scorecard_by("tt01-2018"),
)


def filed(
    ledger: Ledger, window: Window, given: ReportSettings = LEAST, names: Iterable[str] = KINDS
) -> dict[str, Document]:
    """Reports of a window by their names."""
    windows = list(dict.fromkeys([window, period_before(window), same_period_last_year(window)]))
    read = report_history(window, periods_of_ledger(ledger, windows), given.registry)
    lives = checked_lives(ledger, window, read.registry)
    read = read._replace(lives=lives, integrity=lives.within(given.scope, read.registry))
    return {document.name: document for document in documents([*names], read, given)}


def checked_lives(ledger: Ledger, window: Window, registry: AgencyRegistry) -> CheckedLives:
    """What the checks of integrity find in a ledger."""
    selected = DossierFilter(registry=registry)
    question = question_of(ledger.office, ledger.as_of, window, checks_by(None), selected)
    moment = Moment(ledger.as_of, day_number(question.told.last))

    def look_up(dossiers: Collection[str]) -> pa.Table:
        register = register_of_log(ledger.log, ledger.office, moment)
        return register.filter(pc.is_in(register["dossier"].cast("string"), pa.array([*dossiers])))

    return CheckedLives(question, [part_of_log(ledger.log, question)], look_up)


def table_of(report: Document, key: str) -> Table:
    """A table of a report, by its key."""
    [found] = [table for table in report.tables() if table.key == key]
    return found


def cells(report: Document, key: str) -> Mapping[Place, Value]:
    """The values in a table of a report."""
    return Values(table_of(report, key), report.rounding)


def row_of(report: Document, key: str, row: str) -> dict[str, Value]:
    """The values in a row of a table, by column."""
    return {place.column: value for place, value in cells(report, key).items() if place.row == row}


def counted(report: Document) -> Iterable[tuple[Place, Value, DrillDown]]:
    """Each figure of a report that tells what is behind it."""
    for table in report.tables():
        known = Values(table, report.rounding)
        for row in table.rows:
            for column, cell in row.cells.items():
                if isinstance(cell, Count | Sum) and isinstance(cell.behind, DrillDown):
                    yield Place(row.key, column), known[Place(row.key, column)], cell.behind

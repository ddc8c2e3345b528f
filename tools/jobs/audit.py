"""Makes hoso's own figures of the window of a published report: its statement, and its forms."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.audit.checks import Engine
from hoso.projections.audit.published import LoadedForms, LoadedReport
from hoso.projections.ledger.statement import statement_from
from hoso.tools.jobs.report import ReportSettings, reports
from hoso.tools.output import calls
from hoso.tools.sources.source import Source


class Basis(NamedTuple):
    """What hoso's own figures are made from: a history, as known at an instant, and the settings of
    forms; and the options with which ``hoso dossiers`` reads the same history, for a figure of the
    statement and for one of a form."""

    history: Source
    office: Office
    known: datetime | None
    settings: ReportSettings
    ask: tuple[str, ...]
    ask_of_form: tuple[str, ...]


def engine(report: LoadedReport, basis: Basis) -> Engine:
    """Hoso's own statement of a report's window, by channel, and its own forms of each kind that
    the report has.

    Raises ``UserError`` where the report gives no window, or the history cannot be read.
    """
    window = report.published.window
    if window is None:
        raise UserError(
            f"{report.name}: gives no window to state; write window: {{from: …, to: …}} in a .yaml "
            "file"
        )
    history, office, known, settings, ask, ask_of_form = basis
    [sheets] = history.balances([office], known, ["channel"])
    kinds = {
        each.forms[0].kind.report: None for each in report.tables if isinstance(each, LoadedForms)
    }
    made = reports(list(kinds), history, office, known, window, settings) if kinds else ()
    return Engine(
        statement_from(sheets, window),
        partial(calls.listing, ask),
        dict(zip(kinds, made, strict=True)),
        partial(calls.listing, ask_of_form),
    )

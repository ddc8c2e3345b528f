"""Lists the dossiers behind a figure, or the events in suspense; tells the life of a dossier."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from hoso.domain.calendar import day_number
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents import dossiers as documents
from hoso.projections.documents import life
from hoso.projections.documents.life import NO_MARKS, Mark, Marks
from hoso.projections.documents.model import Bilingual, Document
from hoso.projections.integrity.checks import Check, Checks
from hoso.projections.integrity.life_facts import Catalogue
from hoso.projections.integrity.marks import seen_at_events
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.drilldown import SUSPENSE
from hoso.projections.ledger.explain import Step, explain
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.quality import MEASURES
from hoso.tools.inputs.checks import checks_by
from hoso.tools.jobs.statement import Asked
from hoso.tools.sources.source import Source

FIGURE: Final = "figure"
MEASURE: Final = "measure"
KINDS: Final = {  # of figures, with those of each kind
    SUSPENSE: (SUSPENSE,),
    MEASURE: MEASURES,
    FIGURE: drilldown.FIGURES,
}


class Listed(NamedTuple):
    """The dossiers behind some figures, a row for each (``drilldown.dossiers``), or the events in
    suspense. ``kind`` is that of the figures."""

    window: Window
    figures: Sequence[str]
    by: Sequence[str]
    kind: str
    rows: Sequence[dict[str, Any]]

    def document(self, ask: tuple[str, ...] = ()) -> Document:
        """The rows as a document; ``ask`` is how ``hoso explain`` reads the same history."""
        if self.kind == SUSPENSE:
            return documents.suspended(self.rows, self.window, ask=ask)
        measured = self.kind == MEASURE
        parts = (self.rows, self.window, self.figures, self.by)
        return documents.document(*parts, measured=measured, ask=ask)


def kind_of(figures: Sequence[str]) -> str:
    """Of which kind figures are.

    Raises ``UserError`` for a figure of no kind, and for figures of several kinds.
    """
    found = {next((kind for kind in KINDS if name in KINDS[kind]), name) for name in figures}
    if unknown := sorted(found - KINDS.keys()):
        names = ", ".join([*drilldown.FIGURES, SUSPENSE])
        known = f"{names}, or a measure, as docs/REPORTS.md lists them"
        raise UserError(f"--account: no account {unknown[0]!r}: use one of {known}")
    if len(found) > 1 or list(figures).count(SUSPENSE) > 1:
        raise UserError("--account: accounts, measures and suspense are asked for one by one")
    return found.pop()


def listed(
    history: Source, office: Office, asked: Asked, window: Window, figures: Sequence[str]
) -> Listed:
    """The dossiers behind some figures of a window.

    Raises ``UserError`` for figures that cannot be asked for together, and for a body that the
    registry does not have.
    """
    kind = kind_of(figures)
    selected = asked.selected(window, office)
    history.check_listed(selected)
    rows: list[dict[str, Any]]
    if kind == MEASURE:
        ledger = history.ledger(office, asked.as_of)
        rows = drilldown.measured_dossiers(ledger, window, figures, asked.by, selected)
    elif kind == SUSPENSE:
        ledger = history.ledger_behind(office, asked.as_of, window, figures)
        rows = drilldown.suspended_events(ledger, window)
    else:
        ledger = history.ledger_behind(office, asked.as_of, window, figures)
        attribution = asked.attribution.value
        rows = drilldown.dossiers(ledger, window, figures, asked.by, selected, attribution)
    return Listed(window, figures, asked.by, kind, rows)


class Life(NamedTuple):
    """The life of a dossier: its steps, up to a day number, and the checks of integrity that saw
    something at its events."""

    code: str
    steps: Sequence[Step]
    office: Office
    today: int
    as_of: datetime | None
    marks: Marks = NO_MARKS

    def document(self) -> Document:
        """The steps as a document."""
        return life.document(self.code, self.steps, self.office, self.today, self.as_of, self.marks)


def life_of(
    history: Source,
    office: Office,
    as_of: datetime | None,
    code: str,
    current: datetime,
    checks: Checks | None = None,
    allowances: Catalogue | None = None,
) -> Life:
    """The life of a dossier as known at an instant; ``current`` is the instant now.

    ``checks`` mark its events (None: hoso's own); ``allowances`` are those of the catalogue, for
    the check that compares with it. Raises ``UnknownDossier`` where no event of it is recorded.
    """
    ledger = history.ledger_of(office, as_of, [code])
    today = day_number((as_of or current).astimezone(office.zone).date())
    steps = explain(ledger, code, today)
    marks = _marks(ledger, code, checks or checks_by(None), today, allowances)
    return Life(code, steps, office, today, as_of, marks)


def _marks(
    ledger: Ledger, code: str, checks: Checks, today: int, allowances: Catalogue | None
) -> Marks:
    """The checks that see something at the events of a dossier."""
    known = ledger.log, code, ledger.office, ledger.as_of
    seen = seen_at_events(*known, checks, today, allowances)
    return {event: [_mark(name, checks[name]) for name in names] for event, names in seen.items()}


def _mark(name: str, check: Check) -> Mark:
    title, saw = Bilingual(*check.title), Bilingual(*check.saw())
    return Mark(name, title, saw, tuple(Bilingual(*cause) for cause in check.innocent))

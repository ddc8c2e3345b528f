"""States one window as it was known at several instants."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from hoso.domain.calendar import end_of_day, local_date
from hoso.domain.office import Office
from hoso.domain.windows import Window, calendar_month
from hoso.projections.documents import vintages as documents
from hoso.projections.documents.model import Document
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.statement import final_day, outline
from hoso.projections.ledger.vintages import Vintage
from hoso.tools.jobs.statement import Asked, limits_of, scope_of, whole
from hoso.tools.sources.source import Source


def vintages(
    history: Source,
    asked: Asked,
    office: Office,
    window: Window,
    instants: Sequence[datetime],
    *,
    ask: tuple[str, ...] = (),
) -> Document:
    """The document of a window as known at some instants (``documents.vintages``), one at least, of
    what ``asked`` says but for its as-of instant.

    Raises ``UserError`` for a scope that names a body that the registry does not have.
    """
    known = [*_vintages(asked, office, window, sorted({*instants}))]
    sheets = history.vintages(office, asked.by, known)
    statements = [_stated(*each, window) for each in zip(sheets, known, strict=True)]
    stated = documents.Vintages(statements, office.zone)
    return documents.document(stated, limits_of(asked), ask)


def _stated(sheets: BalanceSheets, vintage: Vintage, window: Window) -> dict[str, Any]:
    """The statement of a vintage, as ``hoso statement --as-of`` has it as JSON."""
    scope = {} if vintage.selected is None else scope_of(vintage.selected)
    return whole(outline(sheets, window) | scope)


def _vintages(
    asked: Asked, office: Office, window: Window, instants: Sequence[datetime]
) -> Iterator[Vintage]:
    """How the dossiers count at each instant. Instants with the agencies of one day share what
    selects them."""
    filters: dict[date | None, DossierFilter] = {}
    for instant in instants:
        final_on, selected = final_day(asked.attribution.value, window, office, instant), None
        if not asked.counts_all():
            own = asked._replace(as_of=instant).selected(window, office)
            selected = filters.setdefault(own.registry.day, own)
        yield Vintage(instant, final_on, selected)


def month_ends(history: Source, window: Window, zone: tzinfo, now: datetime) -> list[datetime]:
    """The ends of all months since the window began, or since the first event was recorded if that
    is later, up to now; and the end of today."""
    first = history.first_recorded()
    day = window.first if first is None else max(window.first, local_date(first, zone))
    ends = []
    while (end := end_of_day(calendar_month(day.year, day.month).last, zone)) < now:
        ends.append(end)
        day = calendar_month(day.year, day.month).last + timedelta(1)
    return [*ends, end_of_day(local_date(now, zone), zone)]

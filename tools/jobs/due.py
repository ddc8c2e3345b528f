"""Lists what falls due of a source, as a document or a calendar, and compares it with what became
of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hoso.domain.calendar import date_of, day_number, local_date
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.archive.register import ArchiveGrew
from hoso.projections.documents import backtest, due_calendar
from hoso.projections.documents import due as documents
from hoso.projections.documents.due_calendar import DayCalendar
from hoso.projections.documents.model import Bilingual, Document
from hoso.projections.ledger.backtest import Backtest
from hoso.projections.ledger.balances import slice_order
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.due import GROUPS
from hoso.projections.ledger.register import Moment
from hoso.tools.sources.source import Source

Listed = Mapping[str, Any]


class Question(NamedTuple):
    """What is asked: the dossiers that are ``selected``, and fall due ``within`` so many working
    days, split ``by`` some dimensions."""

    within: int
    by: Sequence[str] = ()
    selected: DossierFilter = EVERY_DOSSIER


def due(
    source: Source,
    office: Office,
    moment: Moment,
    question: Question,
    *,
    ask: tuple[str, ...] = (),
) -> Document:
    """What falls due of a source, as the moment knows it.

    ``ask`` is how ``hoso explain`` reads the source. Raises ``UserError`` for a source that cannot
    be read.
    """
    rows = listed(source, office, moment, question)
    return documents.document(
        rows,
        question.by,
        question.within,
        office,
        moment,
        selected=question.selected,
        ask=ask,
        lead=None if rows or moment.as_of is None else _too_early(source, office, moment.day),
    )


def calendar(source: Source, office: Office, moment: Moment, question: Question) -> DayCalendar:
    """What falls due of a source, as the entries of a calendar. Raises as ``due``."""
    rows = listed(source, office, moment, question)
    return due_calendar.calendar(rows, moment, question.selected)


def backtested(source: Source, office: Office, as_of: datetime | None, asked: Backtest) -> Document:
    """What was said to fall due on each day of a window, and what became of it, as known at
    ``as_of`` (None: all that is recorded).

    Raises ``UserError`` for a window of which no day has been, and as ``due``.
    """
    if (today := date_of(asked.today)) < asked.window.first:
        raise UserError(
            f"--backtest: the window begins on {asked.window.first}, and it is {today}: nothing "
            "was forecast yet; take an earlier window"
        )
    while True:
        try:
            forecasts = source.forecasts(office, as_of, asked)
        except ArchiveGrew:
            continue
        until = min(day_number(asked.window.last), asked.today)
        lead = None if forecasts else _too_early(source, office, until)
        return backtest.document(forecasts, asked, office, as_of, lead)


def _too_early(source: Source, office: Office, day: int) -> Bilingual | None:
    """The sentence that no event of a source was recorded by the end of a day; None where one
    was, and where there are no events."""
    first = source.first_recorded()
    if first is None or (first_day := local_date(first, office.zone)) <= date_of(day):
        return None
    return documents.nothing_recorded(date_of(day), first_day)


def scope(source: Source, question: Question) -> str:
    """What tells the calendar of a question from other calendars: all but the day."""
    selected = question.selected
    slices = sorted((name, sorted(map(str, values))) for name, values in selected.only.items())
    return f"{source.name}\n{slices}\n{selected.under}\n{selected.bodies}"


def listed(source: Source, office: Office, moment: Moment, question: Question) -> list[Listed]:
    """The dossiers that fall due: rows of ``ledger.due.SCHEMA`` with their values of ``by`` as the
    registry has them, sorted by these values, and within them the most urgent first."""
    while True:
        try:
            rows = list(_selected(source, office, moment, question))
        except ArchiveGrew:
            continue
        return sorted(rows, key=lambda row: _order(row, question.by))


def _selected(
    source: Source, office: Office, moment: Moment, question: Question
) -> Iterable[Listed]:
    selected = question.selected
    for table in source.due(office, moment, question.within):
        for row in table.to_pylist():
            if selected.accepts(row):
                own = {name: selected.value(row, name) for name in ("agency", *question.by)}
                yield {**row, **own}


def _order(row: Listed, by: Sequence[str]) -> tuple[Any, ...]:
    values = slice_order(tuple(row[name] for name in by))
    urgency = GROUPS.index(row["group"]), row["days_left"], row["due"]
    return (*values, *urgency, *slice_order((row["agency"],)), row["dossier"])

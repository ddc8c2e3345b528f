"""Makes the reports of a period from one pass over the history."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from hoso.domain.agencies import THEN, AgencyRegistry, roll_up_day
from hoso.domain.office import Office
from hoso.domain.windows import Window, period_before, same_period_last_year
from hoso.projections.documents.model import About, Bilingual, Document
from hoso.projections.documents.statement import about
from hoso.projections.ledger.balances import BalanceSheets, unsliced
from hoso.projections.ledger.statement import statement_from
from hoso.projections.log.schema import Integers
from hoso.projections.reports import (
    annual,
    form07,
    ii06a,
    index766,
    quarterly,
    reconciliation,
    scorecard,
    summary,
)
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.folding import Folding
from hoso.projections.reports.inputs import Catalogue, Inputs
from hoso.projections.reports.periods import (
    Periods,
    cube_of,
    daily_moves,
    officials_cube,
)
from hoso.projections.reports.profiles import IndexProfile, ScorecardProfile
from hoso.tools.sources.source import Source


class ReportSettings(NamedTuple):
    """What people give beside the events: the agencies, the entered numbers, the catalogue of
    procedures, the folding of the forms, the profiles of index and scorecard, whether to list the
    codes of officials, and the day whose agencies are shown (``roll_up_day``)."""

    registry: AgencyRegistry
    inputs: Inputs
    procedures: Catalogue
    folding: Folding
    index_profile: IndexProfile
    scorecard_profile: ScorecardProfile
    list_officials: bool = False
    roll_up: str = THEN


class ReportHistory(NamedTuple):
    """What the reports of a window read of a history: a cube of the window and of each other period
    that a report compares it with, what officials handled, the open dossiers of each day, and lines
    about the basis."""

    window: Window
    cubes: Mapping[Window, Cube]
    officials: Cube
    daily: Mapping[str, Integers]
    about: tuple[About, ...]

    @property
    def current(self) -> Cube:
        """The cube of the window."""
        return self.cubes[self.window]


class Kind(NamedTuple):
    """A kind of report: how it is made, and with which other periods it compares its own."""

    make: Callable[[ReportHistory, ReportSettings], Document]
    other_periods: tuple[Callable[[Window], Window], ...] = ()


def _ii06a(history: ReportHistory, settings: ReportSettings) -> Document:
    return ii06a.report(history.current, settings.registry, settings.folding, history.about)


def _form07a(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07a(_form07_basis(history, settings))


def _form07b(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07b(_form07_basis(history, settings))


def _form07c(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07c(_form07_basis(history, settings), settings.inputs)


def _form07_basis(history: ReportHistory, settings: ReportSettings) -> form07.Basis:
    before = history.cubes[period_before(history.window)]
    return form07.Basis(history.current, before, settings.registry, settings.folding, history.about)


def _quarterly(history: ReportHistory, settings: ReportSettings) -> Document:
    scored = settings.inputs, settings.procedures, settings.scorecard_profile
    return quarterly.report(
        history.current, settings.registry, history.daily, *scored, history.about
    )


def _annual(history: ReportHistory, settings: ReportSettings) -> Document:
    earlier = history.cubes[same_period_last_year(history.window)]
    return annual.report(history.current, earlier, settings.registry, history.daily, history.about)


def _index766(history: ReportHistory, settings: ReportSettings) -> Document:
    scored = settings.inputs, settings.procedures, settings.index_profile
    return index766.report(history.current, settings.registry, *scored, history.about)


def _scorecard(history: ReportHistory, settings: ReportSettings) -> Document:
    scored = settings.inputs, settings.procedures, settings.scorecard_profile
    return scorecard.report(
        history.current,
        settings.registry,
        *scored,
        history.about,
        history.officials,
        list_officials=settings.list_officials,
    )


def _summary(history: ReportHistory, settings: ReportSettings) -> Document:
    earlier = history.cubes[period_before(history.window)]
    scored = settings.inputs, settings.procedures, settings.index_profile
    return summary.report(history.current, earlier, history.daily, *scored, history.about)


KINDS: Final = {
    "ii06a": Kind(_ii06a),
    "form07a": Kind(_form07a, (period_before,)),
    "form07b": Kind(_form07b, (period_before,)),
    "form07c": Kind(_form07c, (period_before,)),
    "quarterly": Kind(_quarterly),
    "annual": Kind(_annual, (same_period_last_year,)),
    "index766": Kind(_index766),
    "scorecard": Kind(_scorecard),
    "summary": Kind(_summary, (period_before,)),
}


FORMS: Final = {"unit": "form07a", "province": "form07b", "ministry": "form07c"}
FORM_BEFORE: Final = "ii06a"  # until 31/07/2026, of every kind of body


def form_in_force(window: Window, body: str) -> str:
    """The name of the form that a kind of body (FORMS) files for a window: the one that is in force
    on its last day."""
    return FORMS[body] if window.last >= form07.CIRCULAR.first else FORM_BEFORE


def all_reports(window: Window, body: str) -> list[str]:
    """The names of all reports of a window, of the forms only the one in force for a kind of body
    (FORMS). Last comes the reconciliation of the others."""
    forms = {FORM_BEFORE, *FORMS.values()} - {form_in_force(window, body)}
    return [*(name for name in KINDS if name not in forms), reconciliation.NAME]


def reports(
    names: Sequence[str],
    source: Source,
    office: Office,
    as_of: datetime | None,
    window: Window,
    settings: ReportSettings,
) -> Iterator[Document]:
    """Some reports (KINDS) of a window, as known at ``as_of``, from one pass over the history; each
    is made when it is asked for. ``reconciliation.NAME`` reconciles those before it.

    Raises ``UserError`` where the source cannot be read.
    """
    others = [
        period(window) for name in names if name in KINDS for period in KINDS[name].other_periods
    ]
    periods = source.periods(office, as_of, list(dict.fromkeys([window, *others])))
    history = report_history(window, periods, settings.registry, settings.roll_up)
    day = roll_up_day(settings.roll_up, window, office.last_day(as_of))
    settings = settings._replace(registry=settings.registry.on(day))
    return documents(names, history, settings)


def documents(
    names: Iterable[str], history: ReportHistory, settings: ReportSettings
) -> Iterator[Document]:
    """Some reports (KINDS) of a history, each made when it is asked for. ``reconciliation.NAME``
    reconciles those before it."""
    made: list[Document] = []
    for name in names:
        if name == reconciliation.NAME:
            yield reconciliation.report(made, history.current, settings.registry, history.about)
        else:
            made.append(KINDS[name].make(history, settings))
            yield made[-1]


def report_history(
    window: Window, periods: Periods, registry: AgencyRegistry, roll_up: str = THEN
) -> ReportHistory:
    """The history that the reports of a window read, from the periods of that window and others."""
    sheets = periods.balance_sheets[window]
    today = sheets.office.last_day(sheets.as_of)
    cubes = {
        each: cube_of(periods, each, registry.on(roll_up_day(roll_up, each, today)))
        for each in periods.measures
    }
    current = registry.on(roll_up_day(roll_up, window, today))
    officials = officials_cube(periods, window, current)
    basis = tuple(_about(periods, window, registry, roll_up))
    daily = daily_moves(periods, cubes[window], current).balances(cubes[window])
    return ReportHistory(window, cubes, officials, daily, basis)


def _about(periods: Periods, window: Window, registry: AgencyRegistry, roll_up: str) -> list[About]:
    """The basis of the reports; the statement of the same window has the same digest."""
    sheets = periods.balance_sheets[window]
    lines = [*about(statement_from(unsliced(sheets), window))]
    if registry.agencies:
        day = roll_up_day(roll_up, window, sheets.office.last_day(sheets.as_of))
        lines.append(About(Bilingual("Cơ cấu tổ chức", "Agencies"), _roll_up_text(roll_up, day)))
    if registry.agencies and (unknown := _unknown(sheets, registry)):
        names = Bilingual("Cơ quan không có trong danh mục", "Agencies not in the registry")
        lines.append(About(names, ", ".join(unknown)))
    return lines


def _roll_up_text(roll_up: str, day: date) -> Bilingual:
    if roll_up == THEN:
        return Bilingual(
            f"như ngày cuối kỳ, {day:%d/%m/%Y} (then)", f"as on the window's last day, {day} (then)"
        )
    return Bilingual(f"như hiện nay, {day:%d/%m/%Y} (now)", f"as they are now, {day} (now)")


def _unknown(sheets: BalanceSheets, registry: AgencyRegistry) -> list[str]:
    by = list(sheets.by).index("agency")
    agencies = (name[by] for name in sheets.balances.slices)
    return registry.unknown(agency for agency in agencies if agency is not None)

"""Makes the reports of a period from one pass over the history."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from hoso.domain.agencies import THEN, AgencyRegistry, roll_up_day
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window, period_before, same_period_last_year
from hoso.projections.documents.model import About, Bilingual, Document, Rounding, in_numbers
from hoso.projections.documents.statement import about
from hoso.projections.integrity.chains import LookUp
from hoso.projections.integrity.checks import Checks
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.life_facts import Catalogue as Allowances
from hoso.projections.integrity.parts import Part, Question, question_of
from hoso.projections.ledger.balances import BalanceSheets, unsliced
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.statement import statement_from, told_of
from hoso.projections.log.schema import Integers
from hoso.projections.reports import annual, quarterly, reconciliation, summary
from hoso.projections.reports.basis.bodies import bodies_in_force
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Inputs
from hoso.projections.reports.basis.periods import (
    DailyMoves,
    Periods,
    cube_of,
    daily_moves,
    officials_cube,
)
from hoso.projections.reports.basis.scope import WHOLE, Scope, scopes_of_bodies
from hoso.projections.reports.behind import Lists
from hoso.projections.reports.evaluation import index766, scorecard
from hoso.projections.reports.evaluation.profiles import IndexProfile, ScorecardProfile
from hoso.projections.reports.forms import form07, ii06a
from hoso.projections.reports.forms.folding import Folding
from hoso.projections.reports.integrity import report as integrity_report
from hoso.tools.inputs.checks import checks_by
from hoso.tools.inputs.office import OfficeProfile
from hoso.tools.jobs.integrity import look_up_in
from hoso.tools.output.folder import Set
from hoso.tools.sources.source import Source


class ReportSettings(NamedTuple):
    """What people give beside the events: the agencies, the entered numbers, the catalogue of
    procedures, the folding of the forms, the profiles of index and scorecard, whether to list the
    codes of officials, the day whose agencies are shown (``roll_up_day``), the
    scope, how ``hoso dossiers`` reads the same history, how percentages are rounded, the most
    rows that the paper holds, if there is a limit, the office that issues the reports, how
    many dossiers a figure may have for a page to hold them (0: none), the checks of integrity
    (None: hoso's own), the allowances that they compare with, and what calls of ``hoso integrity``
    need besides."""

    registry: AgencyRegistry
    inputs: Inputs
    procedures: Catalogue
    folding: Folding
    index_profile: IndexProfile
    scorecard_profile: ScorecardProfile
    list_officials: bool = False
    roll_up: str | date = THEN
    scope: Scope = WHOLE
    ask: tuple[str, ...] = ()
    rounding: Rounding = Rounding()
    most_rows: int | None = None
    office: OfficeProfile | None = None
    most_held: int = 0
    checks: Checks | None = None
    allowances: Allowances | None = None
    check_options: tuple[str, ...] = ()


class CheckedLives(NamedTuple):
    """What the checks of integrity find in a history, in parts, and how they look up dossiers."""

    question: Question
    parts: Sequence[Part]
    look_up: LookUp

    def within(self, scope: Scope, registry: AgencyRegistry) -> Integrity:
        """What they find of the dossiers of a scope."""
        selected = DossierFilter(scope.only, registry, scope.under)
        return integrity_of(self.question._replace(selected=selected), self.parts, self.look_up)


class ReportHistory(NamedTuple):
    """What the reports of a window read of a history: a cube of the window and of each other period
    that a report compares it with, what officials handled, the moves on the days of the window, and
    lines about the basis. ``registry`` has the agencies that are shown. ``bodies`` are the names of
    the bodies to which it is limited; ``until`` is the last day that figures tell of, if the window
    is not over. ``lives`` and ``integrity`` are what the checks of integrity saw; None: no report
    asks for it."""

    window: Window
    cubes: Mapping[Window, Cube]
    officials: Cube
    moves: DailyMoves
    registry: AgencyRegistry
    about: tuple[About, ...]
    bodies: tuple[str, ...] = ()
    until: date | None = None
    lives: CheckedLives | None = None
    integrity: Integrity | None = None

    @property
    def current(self) -> Cube:
        """The cube of the window."""
        return self.cubes[self.window]

    @property
    def daily(self) -> dict[str, Integers]:
        """The open dossiers at the end of each day of the window, by account."""
        return self.moves.balances(self.current)

    def within(self, scope: Scope, registries: Mapping[Window, AgencyRegistry]) -> "ReportHistory":
        """The same of a scope. ``registries`` have the agencies that each of the cubes shows."""
        return self._replace(
            cubes={each: scope.part(cube, registries[each]) for each, cube in self.cubes.items()},
            officials=scope.part(self.officials, self.registry),
            registry=scope.agencies(self.registry),
            about=(*scope.about(self.registry), *self.about),
            bodies=tuple(map(self.registry.name, scope.bodies())),
            integrity=self.lives and self.lives.within(scope, self.registry),
        )


class Kind(NamedTuple):
    """A kind of report: how it is made, with which other periods it compares its own, the
    dimensions for each value of which it has a row, if there are any, whether it tells what the
    checks of integrity saw, and whether balances are all that it needs."""

    make: Callable[[ReportHistory, ReportSettings], Document]
    other_periods: tuple[Callable[[Window], Window], ...] = ()
    rows: tuple[str, ...] = ("agency",)
    has_checks: bool = False
    of_balances: bool = False


def _ii06a(history: ReportHistory, settings: ReportSettings) -> Document:
    return ii06a.report(history.current, history.registry, settings.folding, history.about)


def _form07a(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07a(_form07_basis(history, settings))


def _form07b(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07b(_form07_basis(history, settings))


def _form07c(history: ReportHistory, settings: ReportSettings) -> Document:
    return form07.form07c(_form07_basis(history, settings), settings.inputs)


def _form07_basis(history: ReportHistory, settings: ReportSettings) -> form07.Basis:
    before = history.cubes[period_before(history.window)]
    return form07.Basis(history.current, before, history.registry, settings.folding, history.about)


def _quarterly(history: ReportHistory, settings: ReportSettings) -> Document:
    return quarterly.report(
        history.current,
        history.registry,
        history.daily,
        settings.inputs,
        settings.procedures,
        settings.scorecard_profile,
        settings.index_profile,
        history.about,
    )


def _annual(history: ReportHistory, settings: ReportSettings) -> Document:
    earlier = history.cubes[same_period_last_year(history.window)]
    return annual.report(
        history.current, earlier, history.registry, history.daily, history.about, history.until
    )


def _index766(history: ReportHistory, settings: ReportSettings) -> Document:
    scored = settings.inputs, settings.procedures, settings.index_profile
    return index766.report(history.current, history.registry, *scored, history.about)


def _scorecard(history: ReportHistory, settings: ReportSettings) -> Document:
    scored = settings.inputs, settings.procedures, settings.scorecard_profile
    return scorecard.report(
        history.current,
        history.registry,
        *scored,
        history.about,
        history.officials,
        list_officials=settings.list_officials,
    )


def _summary(history: ReportHistory, settings: ReportSettings) -> Document:
    earlier = history.cubes[period_before(history.window)]
    scored = settings.inputs, settings.procedures, settings.index_profile
    return summary.report(
        history.current, earlier, history.daily, *scored, history.integrity, history.about
    )


def _integrity(history: ReportHistory, settings: ReportSettings) -> Document:
    assert history.integrity is not None
    own = settings.check_options
    return integrity_report.report(
        history.current, history.integrity, history.registry, history.about, own
    )


KINDS: Final = {
    "ii06a": Kind(_ii06a, rows=("agency", "field"), of_balances=True),
    "form07a": Kind(_form07a, (period_before,), of_balances=True),
    "form07b": Kind(_form07b, (period_before,), rows=(), of_balances=True),
    "form07c": Kind(_form07c, (period_before,), rows=(), of_balances=True),
    "quarterly": Kind(_quarterly),
    "annual": Kind(_annual, (same_period_last_year,)),
    "index766": Kind(_index766),
    "scorecard": Kind(_scorecard),
    "integrity": Kind(_integrity, has_checks=True),
    "summary": Kind(_summary, (period_before,), rows=(), has_checks=True),
}


FINALLY: Final = Bilingual(
    "tính theo cơ quan đang giữ hồ sơ vào cuối kỳ (final)",
    "count where they stand at the end of the window (final)",
)
# The most rows of a report, by its dimensions. Known: since 01/07/2025 Viet Nam has 3,321 communes
# in 34 provinces. Estimated: with some 700 departments 4,000 rows, 44,000 with ten fields each.
# They hold for every paper, as a report is made whole; all reports take 67 kB for each agency.
MOST_ROWS: Final[Mapping[tuple[str, ...], int]] = {
    ("agency",): 10_000,
    ("agency", "field"): 50_000,
}
# A page holds no dossiers of a longer history, whose every event would have to be read for them.
MOST_EVENTS: Final = 500_000
FORMS: Final = {"unit": "form07a", "province": "form07b", "ministry": "form07c"}
FORM_BEFORE: Final = "ii06a"  # until 31/07/2026, of every kind of body


def form_in_force(window: Window, body: str) -> str:
    """The name of the form that a kind of body (FORMS) files for a window: the one that is in force
    on its last day."""
    return FORMS[body] if window.last >= form07.CIRCULAR.first else FORM_BEFORE


def whose_form(registry: AgencyRegistry, under: str | None, *, of_each: bool = False) -> str:
    """Whose form (FORMS) a report has where nobody says so: that of the province at the top of the
    registry, or of a unit, as is each body that has reports of its own (``of_each``)."""
    at_top = under is None or registry.agencies[under].parent is None
    return "province" if at_top and not of_each else "unit"


def all_reports(window: Window, body: str) -> list[str]:
    """The names of all reports of a window, of the forms only the one in force for a kind of body
    (FORMS). Last comes the reconciliation of the others."""
    forms = {FORM_BEFORE, *FORMS.values()} - {form_in_force(window, body)}
    return [*(name for name in KINDS if name not in forms), reconciliation.NAME]


def asked_reports(name: str, window: Window, body: str) -> list[str]:
    """The reports (KINDS) that are made for one that is asked for by name, which may be ``all`` or
    ``form``. The reconciliation comes after all that it reconciles."""
    match name:
        case "all" | reconciliation.NAME:
            return all_reports(window, body)
        case "form":
            return [form_in_force(window, body)]
    return [name]


def windows_of(names: Sequence[str], window: Window) -> list[Window]:
    """The windows that some reports read: their own, and those with which they compare it."""
    kinds = (KINDS[name] for name in names if name in KINDS)
    others = (period(window) for kind in kinds for period in kind.other_periods)
    return list(dict.fromkeys([window, *others]))


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

    Raises ``UserError`` where the source cannot be read, for a scope of a body that does not exist
    in the window, and where a report would have more rows than MOST_ROWS or its paper allow.
    """
    _refuse_too_many_bodies(names, window, office.last_day(as_of), settings)
    _refuse_without_events(names, source, settings)
    whole, registries = read_history(names, source, office, as_of, window, settings)
    history = whole.within(settings.scope, registries)
    _refuse_body_of_another_time(history, settings.scope)
    made = documents(names, history, settings)
    if not settings.most_held or not source.has_events or source.about_events() > MOST_EVENTS:
        return made
    lists = Lists(source.ledger(office, as_of), registries.__getitem__, history.integrity)
    return (lists.hold(report, settings.most_held) for report in made)


def reports_of_bodies(
    names: Sequence[str],
    source: Source,
    office: Office,
    as_of: datetime | None,
    window: Window,
    settings: ReportSettings,
    level: str | None = None,
) -> Iterator[Set]:
    """Some reports (KINDS) of each body, of one level or of every (None), from one pass over the
    history; each is made when it is asked for.

    Raises ``UserError`` as ``reports`` does, and where there is no such body.
    """
    _refuse_without_events(names, source, settings)
    whole, registries = read_history(names, source, office, as_of, window, settings)
    own = settings.scope
    _refuse_body_of_another_time(whole.within(own, registries), own)
    scopes = scopes_of_bodies(own, whole.current, whole.registry, level)
    if not scopes:
        raise UserError(f"--each: the window has no body{f' of level {level}' if level else ''}")
    within = ((code, whole.within(scope, registries)) for code, scope in scopes.items())
    return (
        Set(code, whole.registry.name(code), documents(names, history, settings))
        for code, history in within
    )


def documents(
    names: Sequence[str], history: ReportHistory, settings: ReportSettings
) -> Iterator[Document]:
    """Some reports (KINDS) of a history, each made when it is asked for. ``reconciliation.NAME``
    reconciles those before it."""
    _refuse_too_long(names, history.current, settings.most_rows)
    made: list[Document] = []
    for name in names:
        if name == reconciliation.NAME:
            report = reconciliation.report(made, history.current, history.registry, history.about)
        else:
            report = KINDS[name].make(history, settings)
        made.append(
            report._replace(ask=settings.ask, rounding=settings.rounding, until=history.until)
        )
        named = made[-1]._replace(title=titled(report.title, history.bodies))
        yield settings.office.issued(named) if settings.office else named


def titled(title: Bilingual, bodies: Sequence[str]) -> Bilingual:
    """A report's title; of one of some bodies, with their names."""
    vi, en = (" – ".join((text, *bodies)) for text in title)
    return Bilingual(vi, en)


def read_history(
    names: Sequence[str],
    source: Source,
    office: Office,
    as_of: datetime | None,
    window: Window,
    settings: ReportSettings,
) -> tuple[ReportHistory, Mapping[Window, AgencyRegistry]]:
    """What the reports read of all dossiers, and the agencies that each period shows."""
    kinds = [KINDS[name] for name in names if name in KINDS]
    periods = source.periods(office, as_of, windows_of(names, window))
    registries = _registries(periods, window, settings.registry, settings.roll_up)
    history = report_history(window, periods, settings.registry, settings.roll_up)
    if any(kind.has_checks for kind in kinds):
        lives = _checked_lives(source, office, as_of, window, settings, history.registry)
        history = history._replace(lives=lives)
    return history, registries


def _checked_lives(
    source: Source,
    office: Office,
    as_of: datetime | None,
    window: Window,
    settings: ReportSettings,
    registry: AgencyRegistry,
) -> CheckedLives:
    """What the checks find in all dossiers, told apart by all that scopes may ask for."""
    selected = DossierFilter(settings.scope.only, registry)
    checks = settings.checks or checks_by(None)
    question = question_of(office, as_of, window, checks, selected, settings.allowances)
    return CheckedLives(question, [*source.integrity_parts(question)], look_up_in(source, question))


def _refuse_body_of_another_time(history: ReportHistory, scope: Scope) -> None:
    """Raises ``UserError`` for a body without dossiers that does not exist on the day whose
    agencies are shown."""
    code, registry = scope.under, history.registry
    if code is None or history.current.counts_any() or registry.is_in_force(code):
        return
    agency = registry.agencies[code]
    first, last = agency.valid_from, agency.valid_to
    days = f"from {first or '…'} to {last or '…'}"
    raise UserError(f"--under: {code} existed {days} and has no dossiers in this window")


def _refuse_too_many_bodies(
    names: Sequence[str], window: Window, today: date, settings: ReportSettings
) -> None:
    """Refuse reports with a row for each of too many bodies before the history is read."""
    day = roll_up_day(settings.roll_up, window, today)
    bodies = bodies_in_force(settings.scope.agencies(settings.registry.on(day)))
    for name in names:
        by = KINDS[name].rows if name in KINDS else ()
        if by == ("agency",) and bodies > (
            most := min(MOST_ROWS[by], settings.most_rows or bodies)
        ):
            raise UserError(
                f"report {name}: {bodies:,} rows, for each body of the registry on {day}, and it "
                f"holds {most:,}: narrow it with --under"
            )


def _refuse_without_events(names: Sequence[str], source: Source, settings: ReportSettings) -> None:
    """Refuse reports that need more than balances of a source that has nothing else."""
    if source.has_events:
        return
    for name in names:
        needs = None
        if name in KINDS and not KINDS[name].of_balances:
            needs = "quality facts or dossiers"
        elif settings.folding.added:
            needs = "facts for the columns that its folding adds"
        if needs is not None:
            made = ", ".join(kind for kind in KINDS if KINDS[kind].of_balances)
            raise UserError(
                f"report {name}: needs {needs}, which exported ledgers do not have: file it where "
                f"the events are; of exported ledgers there are {made}"
            )


def _refuse_too_long(names: Sequence[str], cube: Cube, most_rows: int | None) -> None:
    """Refuse reports of too many rows before one of them is made."""
    for name in names:
        by = KINDS[name].rows if name in KINDS else ()
        if not by:
            continue
        most = min(MOST_ROWS[by], most_rows or MOST_ROWS[by])
        rows = sum(cube.combinations(*by[: depth + 1]) for depth in range(len(by)))
        if rows > most:
            raise UserError(
                f"report {name}: {rows:,} rows, for each {' and each '.join(by)} with dossiers, "
                f"and it holds {most:,}: narrow it with --under or --slice, or list all with "
                f"hoso statement --by {','.join(by)} --out FILE.csv"
            )


def report_history(
    window: Window, periods: Periods, registry: AgencyRegistry, roll_up: str | date = THEN
) -> ReportHistory:
    """The history that the reports of a window read, from the periods of that window and others."""
    registries = _registries(periods, window, registry, roll_up)
    cubes = {each: cube_of(periods, each, own) for each, own in registries.items()}
    current = registries[window]
    officials = officials_cube(periods, window, current)
    moves = daily_moves(periods, cubes[window], current)
    basis = tuple(_about(periods, window, registry, roll_up))
    sheets = periods.balance_sheets[window]
    until = told_of(window, sheets.office, sheets.as_of).last
    told = until if until < window.last else None
    return ReportHistory(window, cubes, officials, moves, current, basis, until=told)


def _registries(
    periods: Periods, window: Window, registry: AgencyRegistry, roll_up: str | date
) -> dict[Window, AgencyRegistry]:
    """The agencies that each period shows."""
    sheets = periods.balance_sheets[window]
    today = sheets.office.last_day(sheets.as_of)
    return {each: registry.on(roll_up_day(roll_up, each, today)) for each in periods.measures}


def _about(
    periods: Periods, window: Window, registry: AgencyRegistry, roll_up: str | date
) -> list[About]:
    """The basis of the reports; the statement of the same window has the same digest."""
    sheets = periods.balance_sheets[window]
    stated = statement_from(unsliced(sheets), window)
    until = told_of(window, sheets.office, sheets.as_of).last
    lines = [
        *about(stated, sheets.office.zone),
        About(Bilingual("Số liệu đến hết ngày", "Figures up to"), in_numbers(until)),
        About(Bilingual("Hồ sơ chuyển cơ quan", "Transferred dossiers"), FINALLY),
    ]
    if registry.agencies:
        day = roll_up_day(roll_up, window, sheets.office.last_day(sheets.as_of))
        lines.append(About(Bilingual("Cơ cấu tổ chức", "Agencies"), _roll_up_text(roll_up, day)))
        name = Bilingual("Mã danh mục cơ quan", "Digest of the agencies")
        lines.append(About(name, registry.digest))
    if registry.agencies and (unknown := _unknown(sheets, registry)):
        names = Bilingual("Cơ quan không có trong danh mục", "Agencies not in the registry")
        lines.append(About(names, ", ".join(unknown)))
    return lines


def _roll_up_text(roll_up: str | date, day: date) -> Bilingual:
    if roll_up == THEN:
        return Bilingual(
            f"như ngày cuối kỳ, {day:%d/%m/%Y} (then)", f"as on the window's last day, {day} (then)"
        )
    return Bilingual(f"như hiện nay, {day:%d/%m/%Y} (now)", f"as they are now, {day} (now)")


def _unknown(sheets: BalanceSheets, registry: AgencyRegistry) -> list[str]:
    by = list(sheets.by).index("agency")
    agencies = (name[by] for name in sheets.balances.slices)
    return registry.unknown(agency for agency in agencies if agency is not None)

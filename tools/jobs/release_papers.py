"""Makes the papers of a release: from a history cut at its position, by the office of then, with
the files in its folder. So the papers that are signed, and those that prove them later, are made in
one way.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from hoso.domain.agencies import roll_up_day
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents.model import Document, Rounding
from hoso.projections.ledger.ledger import balance_sheets
from hoso.projections.ledger.statement import statement_from, with_digest
from hoso.projections.releases.release import STATEMENT, Options, Release, StatedWindow
from hoso.projections.reports import reconciliation
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS
from hoso.projections.reports.basis.scope import Scope
from hoso.tools import output
from hoso.tools.inputs import agencies, profiles
from hoso.tools.inputs.allowances import allowances_if_any
from hoso.tools.inputs.checks import checks_by
from hoso.tools.inputs.office import office_profile
from hoso.tools.inputs.questions import Attribution, RollUp
from hoso.tools.jobs import histories, report, statement
from hoso.tools.output.folder import put_all, put_sets
from hoso.tools.sources.cut import CutSource

# The options of a report that may name a file.
FILES: Final = (
    *("registry", "inputs", "procedures", "office", "folding", "index_profile"),
    *("scorecard_profile", "integrity_profile"),
)
OWN_PROFILES: Final = ("folding", "index_profile", "scorecard_profile")  # have names, too
ALL_LEVELS: Final = "agency"  # of --each


class Asked(NamedTuple):
    """The question that a release answers. Files in ``options`` are named from a folder on."""

    report: str
    window: Window
    attribution: str
    by: tuple[str, ...]
    slices: Mapping[str, tuple[str | None, ...]]
    under: str | None
    options: Options
    as_of: datetime

    @classmethod
    def of(cls, release: Release) -> "Asked":
        """The question that a release says."""
        return cls(*(getattr(release, name) for name in cls._fields))


class Papers(NamedTuple):
    """What was made: the names of the reports, the digests of the statements behind them, and the
    digest of the registry (None: there is none)."""

    reports: tuple[str, ...]
    statements: tuple[StatedWindow, ...]
    registry: str | None


def make_papers(asked: Asked, history: CutSource, office: Office, files: Path, to: Path) -> Papers:
    """Make every paper of a release in the folder ``to``; its input files are named from the folder
    ``files`` on. Raises ``UserError`` as reports and statements do."""
    make = _statement_papers if asked.report == STATEMENT else _report_papers
    return make(asked, history, office, files, to)


def behind_dimensions(asked: Asked) -> tuple[str, ...]:
    """The dimensions in which the dossiers behind a release are told apart."""
    return asked.by if asked.report == STATEMENT else CUBE_DIMENSIONS


def settings_of(asked: Asked, office: Office, files: Path) -> report.ReportSettings:
    """What reports are made with: the contents of the input files, and what calls of other commands
    say, which name the files as the release does. Raises ``UserError``."""
    given = asked.options
    named = {name: _named(name, getattr(given, name), files) for name in FILES}
    allowances = allowances_if_any(named["procedures"])
    return report.ReportSettings(
        agencies.registry(named["registry"]),
        profiles.entered(named["inputs"]),
        profiles.procedures(named["procedures"]),
        profiles.fold_by(named["folding"] or given.folding),
        profiles.index_by(named["index_profile"] or given.index_profile),
        profiles.scorecard_by(named["scorecard_profile"] or given.scorecard_profile),
        given.officials,
        given.roll_up,
        Scope({name: [*values] for name, values in asked.slices.items()}, asked.under),
        _ask(asked, office),
        Rounding(given.decimals, given.rounding),
        output.MOST_ROWS[output.Paper.html],
        office_profile(named["office"], (*report.KINDS, reconciliation.NAME)),
        checks=checks_by(named["integrity_profile"]),
        allowances=allowances,
        check_options=histories.for_same_checks(
            given.integrity_profile, given.procedures if allowances else None
        ),
    )


def is_file(option: str, value: str | None) -> bool:
    """Whether the value of one of FILES names a file, not a profile of hoso's own."""
    if value is None:
        return False
    return option not in OWN_PROFILES or Path(value).suffix in profiles.YAML_ENDINGS


def _named(option: str, value: str | None, files: Path) -> str | None:
    """The value of one of FILES, with the name that a file has for this process."""
    return str(files / str(value)) if is_file(option, value) else value


def _ask(asked: Asked, office: Office) -> tuple[str, ...]:
    """How other commands ask the same. Where the events are, is not said: a release is the same
    from wherever it is made."""
    of_statement = asked.report == STATEMENT  # its drill-down names the law itself
    return histories.for_same_answer(
        asked.as_of.isoformat(),
        policy=None if of_statement else office.policy,
        registry=asked.options.registry,
        roll_up=RollUp(asked.options.roll_up),
        attribution=Attribution(asked.attribution),
    )


def _report_papers(
    asked: Asked, history: CutSource, office: Office, files: Path, to: Path
) -> Papers:
    settings, given = settings_of(asked, office, files), asked.options
    _check_bodies(asked, office, settings)
    whose = given.body or report.whose_form(
        settings.registry, asked.under, of_each=given.each is not None
    )
    names = report.asked_reports(asked.report, asked.window, whose)
    question = (names, history, office, asked.as_of, asked.window, settings)
    if given.each is None:
        made = _released(asked.report, report.reports(*question))
        written = put_all(made, given.language, str(to))
    else:
        level = None if given.each == ALL_LEVELS else given.each
        written = put_sets(report.reports_of_bodies(*question, level), given.language, str(to))
    for _ in written:
        pass  # a release tells its folder, not each of its files
    reports = (asked.report,) if asked.report == reconciliation.NAME else tuple(names)
    stated = tuple(_stated(names, asked, history, office))
    return Papers(reports, stated, settings.registry.digest if given.registry else None)


def _check_bodies(asked: Asked, office: Office, settings: report.ReportSettings) -> None:
    """Raises ``UserError`` for a body that the registry does not have, before any event is read."""
    day = roll_up_day(settings.roll_up, asked.window, office.last_day(asked.as_of))
    given = asked.options.registry, asked.under, asked.slices.get("agency", ())
    agencies.check_bodies(settings.registry.on(day), *given)


def _released(name: str, made: Iterator[Document]) -> Iterator[Document]:
    """What of the reports that were made is released: of the reconciliation only itself."""
    if name != reconciliation.NAME:
        yield from made
        return
    *_, last = made
    yield last


def _stated(
    names: list[str], asked: Asked, history: CutSource, office: Office
) -> Iterator[StatedWindow]:
    """The statements behind some reports: of their window, and of those they compare it with."""
    sheets = balance_sheets(history.ledger(office, asked.as_of))
    for window in report.windows_of(names, asked.window):
        yield StatedWindow(window=window, digest=statement_from(sheets, window)["digest"])


def _statement_papers(
    asked: Asked, history: CutSource, office: Office, files: Path, to: Path
) -> Papers:
    given = asked.options
    file = _named("registry", given.registry, files)
    bodies = statement.agencies_in(file, RollUp(given.roll_up))
    question = statement.Asked(
        asked.as_of,
        asked.by,
        Attribution(asked.attribution),
        {name: [*values] for name, values in asked.slices.items()},
        asked.under,
        bodies,
    )
    stated = statement.statements(history, question, [office], [asked.window])
    made = statement.document(stated, question, single=True, ask=_ask(asked, office))
    for _ in put_all([made], given.language, str(to)):
        pass
    [first] = map(with_digest, stated)
    digest = StatedWindow(window=asked.window, digest=first["digest"])
    return Papers((STATEMENT,), (digest,), bodies.registry.digest if given.registry else None)

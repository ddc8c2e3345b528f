"""Says what would be different in a release today, and why."""

from json import loads
from pathlib import Path
from typing import Any

from hoso.domain.agencies import roll_up_day
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import REGIMES
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.selected import Selection
from hoso.projections.ledger.statement import final_day, outline
from hoso.projections.releases import statement
from hoso.projections.releases.behind import read_behind
from hoso.projections.releases.history import Revised
from hoso.projections.releases.past import Past
from hoso.projections.releases.program import of_program
from hoso.projections.releases.release import BEHIND, STATEMENT, Release, then_office
from hoso.projections.releases.revisions import Change
from hoso.projections.releases.statement import Question
from hoso.tools.inputs.agencies import registry
from hoso.tools.inputs.laws import provisions_in
from hoso.tools.runtime import environment
from hoso.tools.sources.source import Source


def revisions(folder: Path, release: Release, source: Source) -> list[Change]:
    """Every figure of a release that is different today, with its parts and their dossiers.

    Raises ``UserError`` for a source that is shorter than what was released.
    """
    log = source.history()
    if len(log) < release.log.events:
        raise UserError(
            f"{source.name}: has {len(log):,} events, and the report was made from "
            f"{release.log.events:,}: name the log that it was released from"
        )
    now = _office_of_now(folder, release)
    then = then_office(release)._replace(asked_on=now.asked_on)
    revised = Revised(log, Past.of_first(release.log.events, log, release.as_of), then, now)
    if release.report == STATEMENT:
        return _of_statement(folder, release, source, revised)
    from hoso.tools.jobs.report_revisions import ReportRevisions

    return ReportRevisions(folder, release, source, revised).changes()


def _office_of_now(folder: Path, release: Release) -> Office:
    """The office that asks the same question today: by the same regime, or the same provisions of
    one's own, with the same pins, and by all that is published."""
    then, regime = release.law.policy(), release.law.regime
    own = {} if regime in REGIMES else {"provisions": provisions_in(str(folder / regime))}
    pinned = {name: getattr(then, name) for name in then.pinned()}
    return environment.office(Policy.model_validate({"law": regime, **own, **pinned}))


def _of_statement(folder: Path, release: Release, source: Source, revised: Revised) -> list[Change]:
    asked = _question(folder, release, revised.then)
    released = loads((folder / f"{STATEMENT}.json").read_bytes())

    def program() -> statement.Contributions:
        if asked.selects():
            return {}  # what is kept of a release is of all dossiers
        rows, hashes = read_behind(folder / BEHIND), source.proofs().code_hashes
        return of_program(revised.ledger_then, asked, rows, hashes)

    now = _stated(source, revised.now, asked)
    return statement.revisions(revised, asked, released, now, program)


def _question(folder: Path, release: Release, office: Office) -> Question:
    """What the statement was asked for. The agencies are those of then."""
    options = release.options
    file = None if options.registry is None else str(folder / options.registry)
    day = roll_up_day(options.roll_up, release.window, office.last_day(release.as_of))
    selected = DossierFilter(release.slices, registry(file).on(day), release.under)
    return Question(release.window, release.by, release.attribution, selected)


def _stated(source: Source, office: Office, asked: Question) -> dict[str, Any]:
    """The statement of today."""
    final_on = final_day(asked.attribution, asked.window, office, None)
    if asked.selects():
        selection = Selection(asked.selected, final_on)
        [sheets] = source.selected_balances(office, None, asked.by, [selection])
    else:
        [sheets] = source.balances([office], None, asked.by, final_on)
    return outline(sheets, asked.window)

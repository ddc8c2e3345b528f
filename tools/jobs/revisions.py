"""Says what would be different in a release today, and why."""

from collections.abc import Iterator, Sequence
from itertools import chain
from json import loads
from pathlib import Path
from typing import Any

from hoso.domain.agencies import roll_up_day
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import REGIMES
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.selected import Selection
from hoso.projections.ledger.statement import final_day, outline
from hoso.projections.releases import statement
from hoso.projections.releases.past import Past
from hoso.projections.releases.release import STATEMENT, Release, then_office
from hoso.projections.releases.revisions import Change
from hoso.projections.releases.statement import Question, Revised
from hoso.tools.inputs.agencies import registry
from hoso.tools.runtime import environment
from hoso.tools.sources.source import Source


def revisions(folder: Path, release: Release, source: Source) -> list[Change]:
    """Every figure of a release that is different today, with its parts and their dossiers.

    Raises ``UserError`` for a source that is shorter than what was released.
    """
    if source.about_events() < release.log.position:
        raise UserError(
            f"{source.name}: ends before position {release.log.position}, up to which the report "
            "was made: name the log that it was released from"
        )
    now = _office_of_now(release)
    then = then_office(release)._replace(asked_on=now.asked_on)
    revised = Revised(source.history(), Past(release.log.position, release.as_of), then, now)
    return list(chain.from_iterable(_of_reports(folder, release, source, revised)))


def _of_reports(
    folder: Path, release: Release, source: Source, revised: Revised
) -> Iterator[Sequence[Change]]:
    if STATEMENT in release.reports:
        asked = _question(folder, release)
        released = loads((folder / f"{STATEMENT}.json").read_bytes())
        today = _statement(source, revised.now, asked)
        yield statement.revisions(revised, asked, released, today)


def _office_of_now(release: Release) -> Office:
    """The office that asks the same question today: by the same regime and the same pins, as all
    that is published says. The provisions of a law of one's own stay as they were."""
    then = release.law.policy()
    own = {} if release.law.regime in REGIMES else {"provisions": then.provisions}
    pinned = {name: getattr(then, name) for name in then.pinned() if hasattr(then, name)}
    return environment.office(Policy.model_validate({"law": then.law, **own, **pinned}))


def _question(folder: Path, release: Release) -> Question:
    """What the statement was asked for. The agencies are those of then."""
    office, options = then_office(release), release.options
    file = None if options.registry is None else str(folder / options.registry)
    day = roll_up_day(options.roll_up, release.window, office.last_day(release.as_of))
    selected = DossierFilter(release.slices, registry(file).on(day), release.under)
    return Question(release.window, release.by, release.attribution, selected)


def _statement(source: Source, office: Office, asked: Question) -> dict[str, Any]:
    """The statement of today."""
    final_on = final_day(asked.attribution, asked.window, office, None)
    sheets: list[BalanceSheets]
    if asked.selects():
        selection = Selection(asked.selected, final_on)
        sheets = source.selected_balances(office, None, asked.by, [selection])
    else:
        sheets = source.balances([office], None, asked.by, final_on)
    return outline(sheets[0], asked.window)

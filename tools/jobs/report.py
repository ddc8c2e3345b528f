"""How does a history become the reports of a period? Read once, whatever is asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.office import Office
from hoso.domain.windows import Window, period_before, same_period_last_year
from hoso.projections.documents.model import About, Bilingual, Document
from hoso.projections.documents.statement import about
from hoso.projections.ledger.balances import BalanceSheets, unsliced
from hoso.projections.ledger.statement import statement_from
from hoso.projections.log.schema import Integers
from hoso.projections.reports import annual, ii06a, index766, quarterly, scorecard, summary
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.folding import Folding
from hoso.projections.reports.inputs import Catalogue, Inputs
from hoso.projections.reports.periods import Periods, cube_of, daily_balances
from hoso.projections.reports.profiles import IndexProfile, ScorecardProfile
from hoso.tools.sources.source import Source


class Given(NamedTuple):
    """What people give beside the events: the agencies, what was entered, the procedures, and how
    to fold and to score."""

    registry: AgencyRegistry
    inputs: Inputs
    procedures: Catalogue
    folding: Folding
    index_profile: IndexProfile
    scorecard_profile: ScorecardProfile


class Read(NamedTuple):
    """A history, read for the reports of a window: the cubes of that and of those beside it, the
    open dossiers day by day, and what all of it rests on."""

    window: Window
    cubes: Mapping[Window, Cube]
    daily: Mapping[str, Integers]
    about: tuple[About, ...]

    @property
    def now(self) -> Cube:
        """The cube of the window."""
        return self.cubes[self.window]


class Kind(NamedTuple):
    """A kind of report: how it is made, and which periods it has beside its own."""

    made: Callable[[Read, Given], Document]
    beside: tuple[Callable[[Window], Window], ...] = ()


def _ii06a(read: Read, given: Given) -> Document:
    return ii06a.report(read.now, given.registry, given.folding, read.about)


def _quarterly(read: Read, given: Given) -> Document:
    scored = given.inputs, given.procedures, given.scorecard_profile
    return quarterly.report(read.now, given.registry, read.daily, *scored, read.about)


def _annual(read: Read, given: Given) -> Document:
    then = read.cubes[same_period_last_year(read.window)]
    return annual.report(read.now, then, given.registry, read.daily, read.about)


def _index766(read: Read, given: Given) -> Document:
    scored = given.inputs, given.procedures, given.index_profile
    return index766.report(read.now, given.registry, *scored, read.about)


def _scorecard(read: Read, given: Given) -> Document:
    scored = given.inputs, given.procedures, given.scorecard_profile
    return scorecard.report(read.now, given.registry, *scored, read.about)


def _summary(read: Read, given: Given) -> Document:
    then = read.cubes[period_before(read.window)]
    scored = given.inputs, given.procedures, given.index_profile
    return summary.report(read.now, then, read.daily, *scored, read.about)


KINDS: Final = {
    "ii06a": Kind(_ii06a),
    "quarterly": Kind(_quarterly),
    "annual": Kind(_annual, (same_period_last_year,)),
    "index766": Kind(_index766),
    "scorecard": Kind(_scorecard),
    "summary": Kind(_summary, (period_before,)),
}


def reports(
    names: Sequence[str],
    source: Source,
    office: Office,
    as_of: datetime | None,
    window: Window,
    given: Given,
) -> Iterator[Document]:
    """Some reports (KINDS) of a window, as known at ``as_of``, from one pass over the history; each
    is made when it is asked for.

    Raises ``UserError`` where the source cannot be read.
    """
    beside = [period(window) for name in names for period in KINDS[name].beside]
    history = source.periods(office, as_of, list(dict.fromkeys([window, *beside])))
    read = read_for(window, history, given.registry)
    return (KINDS[name].made(read, given) for name in names)


def read_for(window: Window, history: Periods, registry: AgencyRegistry) -> Read:
    """What reports of a window are made of, from a history of that and those beside it."""
    cubes = {each: cube_of(history, each, registry) for each in history.measures}
    return Read(
        window, cubes, daily_balances(history, window), tuple(_about(history, window, registry))
    )


def _about(history: Periods, window: Window, registry: AgencyRegistry) -> list[About]:
    """What the reports rest on: the statement of the same window has the same digest."""
    lines = [*about(statement_from(unsliced(history.balance_sheets[window]), window))]
    if registry.agencies and (unknown := _unknown(history.balance_sheets[window], registry)):
        names = Bilingual("Cơ quan không có trong danh mục", "Agencies not in the registry")
        lines.append(About(names, ", ".join(unknown)))
    return lines


def _unknown(sheets: BalanceSheets, registry: AgencyRegistry) -> list[str]:
    by = list(sheets.by).index("agency")
    agencies = (name[by] for name in sheets.balances.slices)
    return registry.unknown(agency for agency in agencies if agency is not None)

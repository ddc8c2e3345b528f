"""Adds several sources up: no dossier depends on another, so their ledgers add up."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, combinations

import numpy as np
import pyarrow as pa

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.integrity.parts import Part, Question
from hoso.projections.ledger import along
from hoso.projections.ledger.along import TakenAlong
from hoso.projections.ledger.backtest import Backtest, Forecasts
from hoso.projections.ledger.balances import BalanceSheets, add_up
from hoso.projections.ledger.ledger import Ledger, merged
from hoso.projections.ledger.register import Moment
from hoso.projections.ledger.vintages import Vintage
from hoso.projections.log.schema import Integers, dossier_key, joined, numbered
from hoso.projections.reports.basis.periods import Periods, merge_periods
from hoso.tools.sources.source import Source


class SeveralSources(Source):
    """Several sources that have no dossier in common. A position counts their events in turn."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Raises ``UserError`` for sources that have a dossier in common."""
        super().__init__(" + ".join(source.name for source in sources))
        self._sources = sources
        for source in sources:
            source.rejects, source.conflicts = self.rejects, self.conflicts  # one list of all
        _refuse_common_dossiers(sources)

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        for table in numbered(chain.from_iterable(each.tables(0) for each in self._sources)):
            yield table.slice(max(0, after - int(table["position"][0].as_py()) + 1))

    def history(self) -> pa.Table:
        """All events; see ``Source``."""
        return joined(numbered(source.history() for source in self._sources))

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """One ledger of all; see ``Source``."""
        return merged([source.ledger(office, as_of) for source in self._sources])

    def ledger_of(
        self, office: Office, as_of: datetime | None, dossiers: Collection[str]
    ) -> Ledger:
        """One ledger of those that have the dossiers; see ``Source``."""
        return merged([source.ledger_of(office, as_of, dossiers) for source in self._sources])

    def ledger_behind(
        self, office: Office, as_of: datetime | None, window: Window, figures: Sequence[str]
    ) -> Ledger:
        """One ledger of all that are counted; see ``Source``."""
        parts = (each.ledger_behind(office, as_of, window, figures) for each in self._sources)
        return merged([*parts])

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets, added up; see ``Source``."""
        parts = [source.balances(offices, as_of, by, final_on) for source in self._sources]
        return [add_up(own) for own in zip(*parts, strict=True)]

    def vintages(
        self, office: Office, by: Sequence[str], vintages: Sequence[Vintage]
    ) -> Iterator[BalanceSheets]:
        """The balance sheets at each vintage, added up; see ``Source``."""
        parts = [source.vintages(office, by, vintages) for source in self._sources]
        return map(add_up, zip(*parts, strict=True))

    def periods(self, office: Office, as_of: datetime | None, windows: Sequence[Window]) -> Periods:
        """Balance sheets and measures, added up; see ``Source``."""
        return merge_periods([source.periods(office, as_of, windows) for source in self._sources])

    def taken_along(self, office: Office, as_of: datetime | None, by: Sequence[str]) -> TakenAlong:
        """What reassigned dossiers of all took along; see ``Source``."""
        return along.merged(source.taken_along(office, as_of, by) for source in self._sources)

    def register(self, office: Office, moment: Moment) -> Iterable[pa.Table]:
        """The registers one after the other; see ``Source``."""
        return chain.from_iterable(each.register(office, moment) for each in self._sources)

    def due(self, office: Office, moment: Moment, within: int) -> Iterable[pa.Table]:
        """What falls due, one source after the other; see ``Source``."""
        return chain.from_iterable(each.due(office, moment, within) for each in self._sources)

    def integrity_parts(self, question: Question) -> Iterable[Part]:
        """What the checks find in each; see ``Source``."""
        return chain.from_iterable(each.integrity_parts(question) for each in self._sources)

    def register_of(
        self, office: Office, moment: Moment, dossiers: Collection[str]
    ) -> Iterable[pa.Table]:
        """The registers of some dossiers one after the other; see ``Source``."""
        parts = (each.register_of(office, moment, dossiers) for each in self._sources)
        return chain.from_iterable(parts)

    def forecasts(self, office: Office, as_of: datetime | None, asked: Backtest) -> Forecasts:
        """Forecasts, added up; see ``Source``."""
        found = (source.forecasts(office, as_of, asked) for source in self._sources)
        return sum(found, start=Forecasts())

    def first_recorded(self) -> datetime | None:
        """When the first event of all was recorded; see ``Source``."""
        firsts = [source.first_recorded() for source in self._sources]
        return min((each for each in firsts if each is not None), default=None)

    def dossier_keys(self) -> Integers:
        """The dossiers' keys; see ``Source``."""
        return np.unique(np.concatenate([source.dossier_keys() for source in self._sources]))

    def about_events(self) -> int:
        """About how many events; see ``Source``."""
        return sum(source.about_events() for source in self._sources)

    def version(self) -> tuple[int, ...]:
        """The versions of all; see ``Source``."""
        return tuple(number for source in self._sources for number in source.version())


def _refuse_common_dossiers(sources: Sequence[Source]) -> None:
    keys = [source.dossier_keys() for source in sources]
    for (one, own), (other, others) in combinations(zip(sources, keys, strict=True), 2):
        common = np.intersect1d(own, others)
        if len(common):
            code = _code(one, int(common[0]))
            more = f" and {len(common) - 1:,} more" if len(common) > 1 else ""
            raise UserError(
                f"--source: {one.name} and {other.name} both have the dossier {code}{more}: its "
                "events would be torn apart; bring them together with hoso ingest"
            )


def _code(source: Source, key: int) -> str:
    codes = source.history()["dossier"].combine_chunks().dictionary.to_pylist()
    return str(next(code for code in codes if dossier_key(code) == key))

"""Reads exported ledgers, added up: what statements and forms need, without any event.

Who asks for dossiers is told where the events are.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pyarrow as pa

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.federation import answers, checks, file
from hoso.projections.federation.answers import Question
from hoso.projections.federation.exported import ExportedLedger
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.selected import Selection, dimensions_of
from hoso.projections.ledger.statement import FINAL, final_day
from hoso.tools.runtime.workers import thread_map
from hoso.tools.sources.source import Source, file_version

if TYPE_CHECKING:
    from hoso.projections.reports.basis.periods import Periods

NAMED: Final = 3  # of many ledgers, those that a message names


class LedgerSource(Source):
    """One exported ledger, or several of different logs. It has no events, and no positions.

    ``as_of`` is the instant as of which they were exported (None: all events count); questions
    without such an instant are answered as of then.
    """

    has_events = False

    def __init__(self, names: Sequence[str]) -> None:
        """Raises ``UserError`` for files that are no exported ledgers, or do not add up."""
        super().__init__(" + ".join(names))
        paths = [Path(name) for name in dict.fromkeys(names)]
        ledgers = thread_map(file.read, paths)
        self._ledgers: dict[str, ExportedLedger] = dict(zip(map(str, paths), ledgers, strict=True))
        abouts = {name: each.about for name, each in self._ledgers.items()}
        checks.check_together(abouts)
        self.as_of = next(iter(abouts.values())).as_of

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets, added up; see ``Source``."""
        for office in offices:
            self._check_told(office, as_of, by)
        asked = (Question(office, self.as_of, by, final_on) for office in offices)
        return [answers.balance_sheets([*self._ledgers.values()], each) for each in asked]

    def selected_balances(
        self,
        office: Office,
        as_of: datetime | None,
        by: Sequence[str],
        selections: Sequence[Selection],
    ) -> list[BalanceSheets]:
        """The balance sheets of selections, added up; see ``Source``."""
        for each in selections:
            self._check_told(office, as_of, dimensions_of(by, each.selected))
        asked, ledgers = Question(office, self.as_of, by, None), [*self._ledgers.values()]
        return [answers.selected_balance_sheets(ledgers, asked, each) for each in selections]

    def periods(
        self, office: Office, as_of: datetime | None, windows: Sequence[Window]
    ) -> "Periods":
        """The balance sheets of some windows, without any measure; see ``Source``."""
        from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS
        from hoso.projections.reports.basis.periods import periods_of_sheets

        self.check_windows(windows)
        final_on = {window: final_day(FINAL, window, office, self.as_of) for window in windows}
        sheets = {
            window: self.balances([office], as_of, CUBE_DIMENSIONS, day)[0]
            for window, day in final_on.items()
        }
        return periods_of_sheets(sheets)

    def known_at(self, now: datetime) -> datetime | None:
        """The instant as of which the ledgers were exported; see ``Source``."""
        return self.as_of

    def check_windows(self, windows: Sequence[Window]) -> None:
        """Refuse windows that begin too early; see ``Source``."""
        for name, ledger in self._ledgers.items():
            checks.check_windows(name, ledger.about, windows)

    def tables(self, after: int) -> Iterator[pa.Table]:
        """Raises ``UserError``, which says where the events are; see ``Source``."""
        self._refuse([*self._ledgers])

    def check_listed(self, selected: DossierFilter) -> None:
        """Refuse to list dossiers, and say where those that are selected are; see ``Source``."""
        self._refuse(
            [name for name, each in self._ledgers.items() if answers.has_any(each, selected)]
        )

    def _refuse(self, names: Sequence[str]) -> NoReturn:
        places = [f"{self._ledgers[name].about.source} ({name})" for name in names]
        more = f" and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
        where = (
            f"ask with --source {', '.join(places[:NAMED])}{more}" if places else "nobody has any"
        )
        fault = "an exported ledger has figures, and no dossiers"
        raise UserError(f"--source: {fault}: {where}")

    def about_events(self) -> int:
        """0: there are none; see ``Source``."""
        return 0

    def version(self) -> tuple[int, ...]:
        """The sizes of the files, and when they were written; see ``Source``."""
        return tuple(number for name in self._ledgers for number in file_version(Path(name)))

    def _check_told(self, office: Office, as_of: datetime | None, by: Sequence[str]) -> None:
        for name, ledger in self._ledgers.items():
            checks.check_told(name, ledger.about, office, as_of, by)

"""Offers a history of dossiers, folded into ledgers, balance sheets and registers."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.log.lives import EPOCH
from hoso.projections.log.schema import Integers, dossier_keys, integers, joined

if TYPE_CHECKING:
    from hoso.consumers.store.log_key import LogKey
    from hoso.projections.archive.manifest import MapBuckets
    from hoso.projections.integrity.parts import Part, Question
    from hoso.projections.ledger.along import TakenAlong
    from hoso.projections.ledger.backtest import Backtest, Forecasts
    from hoso.projections.ledger.drilldown import DossierFilter
    from hoso.projections.ledger.ledger import Ledger
    from hoso.projections.ledger.register import Moment
    from hoso.projections.ledger.selected import Selection
    from hoso.projections.ledger.vintages import Vintage
    from hoso.projections.merkle.shelf import ProofShelf
    from hoso.projections.reports.basis.periods import Periods

NO_LOG: Final = "is no log that can be proved; record its events in a store: hoso ingest"


class Source(ABC):
    """A history of dossiers.

    A kind of source says what events there are; the rest follows from that, and a kind overrides
    what it can do in less time or memory. ``name`` is what messages and papers call the source; it
    holds no secret. ``rejects`` are the lines that were left out because they are no events, and
    ``conflicts`` the events of files that do not count because another event has their identity;
    both are filled in as the source is read. ``erasures`` is how many codes had been erased from it
    when it was opened. ``appends`` says that events only ever come in behind those that are there,
    unless codes are erased; ``reads_parts`` that it has some dossiers without reading all;
    ``has_events`` that there are events at all behind its figures. Each method raises ``UserError``
    where the source cannot be read.
    """

    appends: ClassVar[bool] = False
    reads_parts: ClassVar[bool] = False
    has_events: ClassVar[bool] = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.rejects: list[str] = []
        self.conflicts: list[str] = []
        self.erasures = 0

    @abstractmethod
    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position, as tables (``log.schema.SCHEMA``), one after the other."""

    @abstractmethod
    def about_events(self) -> int:
        """About how many events there are; 0 where that is not known."""

    @abstractmethod
    def version(self) -> tuple[int, ...]:
        """Numbers that differ as soon as the source has other events than before; quick to get."""

    def history(self) -> pa.Table:
        """All events, as one table (``log.schema.SCHEMA``)."""
        return joined(self.tables(0))

    def ledger(self, office: Office, as_of: datetime | None) -> "Ledger":
        """The events folded for an office, as known at ``as_of`` (None: all): for drill-down."""
        from hoso.projections.ledger.ledger import replay

        return replay(self.history(), office, as_of)

    def ledger_of(
        self, office: Office, as_of: datetime | None, dossiers: Collection[str]
    ) -> "Ledger":
        """A ledger in which some dossiers stand as in that of all events; it may lack others."""
        return self.ledger(office, as_of)

    def ledger_behind(
        self, office: Office, as_of: datetime | None, window: Window, figures: Sequence[str]
    ) -> "Ledger":
        """A ledger in which the dossiers that some figures of a window count stand as in that of
        all events; it may lack others. Figures are ``drilldown.FIGURES``, or SUSPENSE."""
        return self.ledger(office, as_of)

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets for each of some offices of one time zone, sliced ``by`` some of
        ``slices.DIMENSIONS``, as held, or as final on a day: for statements."""
        from hoso.projections.ledger.ledger import balance_sheets

        return [balance_sheets(self.ledger(office, as_of), by, final_on) for office in offices]

    def selected_balances(
        self,
        office: Office,
        as_of: datetime | None,
        by: Sequence[str],
        selections: "Sequence[Selection]",
    ) -> list[BalanceSheets]:
        """The balance sheets of each of some selections of dossiers, among which transfers cancel,
        from one ledger."""
        from hoso.projections.ledger.selected import selected_balance_sheets

        ledger = self.ledger(office, as_of)
        return [selected_balance_sheets(ledger, by, *each) for each in selections]

    def vintages(
        self, office: Office, by: Sequence[str], vintages: "Sequence[Vintage]"
    ) -> Iterator[BalanceSheets]:
        """The balance sheets at each of some vintages, given in the order of time."""
        from hoso.projections.ledger.vintages import vintage_sheets

        return vintage_sheets(self.history(), office, by, vintages)

    def periods(
        self, office: Office, as_of: datetime | None, windows: Sequence[Window]
    ) -> "Periods":
        """The balance sheets and the measures of some windows: for reports."""
        from hoso.projections.reports.basis.periods import periods_of_ledger

        return periods_of_ledger(self.ledger(office, as_of), windows)

    def taken_along(
        self, office: Office, as_of: datetime | None, by: Sequence[str]
    ) -> "TakenAlong":
        """What reassigned dossiers took along: for exported ledgers."""
        from hoso.projections.ledger.along import taken_along

        return taken_along(self.ledger(office, as_of), by)

    def known_at(self, now: datetime) -> datetime | None:
        """The instant as of which figures are known that are asked for now (None: all events)."""
        return now

    def check_windows(self, windows: Sequence[Window]) -> None:  # noqa: B027 - most tell of all
        """Raise ``UserError`` for windows of which the source cannot tell."""

    def check_listed(self, selected: "DossierFilter") -> None:  # noqa: B027 - most have events
        """Raise ``UserError`` where selected dossiers cannot be listed for want of events."""

    def register(self, office: Office, moment: "Moment") -> Iterable[pa.Table]:
        """The register, as tables (``ledger.register.SCHEMA``). Raises ``ArchiveGrew`` where an
        archive has grown meanwhile: ask again."""
        from hoso.projections.ledger.register import register_of_log

        return [register_of_log(self.history(), office, moment)]

    def due(self, office: Office, moment: "Moment", within: int) -> Iterable[pa.Table]:
        """What falls due within some working days, as tables (``ledger.due.SCHEMA``). Raises
        ``ArchiveGrew`` where an archive has grown meanwhile: ask again."""
        from hoso.projections.ledger.due import due_of_log

        return [due_of_log(self.history(), office, moment, within)]

    def integrity_parts(self, question: "Question") -> Iterable["Part"]:
        """What the checks of integrity find, in parts."""
        from hoso.projections.integrity.parts import part_of_log

        return [part_of_log(self.history(), question)]

    def register_of(
        self, office: Office, moment: "Moment", dossiers: Collection[str]
    ) -> Iterable[pa.Table]:
        """The register of some dossiers; see ``register``."""
        import pyarrow.compute as pc

        from hoso.projections.ledger.register import register_of_log

        log = self.history()
        wanted = pc.is_in(log["dossier"].cast(pa.string()), pa.array([*dossiers], pa.string()))
        return [register_of_log(log.filter(wanted), office, moment)]

    def forecasts(self, office: Office, as_of: datetime | None, asked: "Backtest") -> "Forecasts":
        """What was said to fall due each day, and what became of it. Raises ``ArchiveGrew`` where
        an archive has grown meanwhile: ask again."""
        from hoso.projections.ledger.backtest import forecasts_of_log

        return forecasts_of_log(self.history(), office, as_of, asked)

    def first_recorded(self) -> datetime | None:
        """When the first event was recorded; None where there is no event."""
        return first_of(self.history()["recorded"])

    def proofs(self) -> "ProofShelf":
        """What is kept beside the log to prove it. Raises ``UserError`` for a source that is no
        log."""
        raise UserError(f"--source: {self.name}: {NO_LOG}")

    def log_key(self) -> "LogKey | None":
        """The key of the log; None where the source has none."""
        return None

    def dossier_keys(self) -> Integers:
        """The keys (``log.schema.dossier_key``) of all dossiers, in rising order."""
        return np.unique(dossier_keys(self.history()))


def first_of(recorded: pa.ChunkedArray) -> datetime | None:
    """The first of some instants, in microseconds since 1970; None where there is none."""
    instants = integers(recorded)
    return EPOCH + timedelta(microseconds=int(instants.min())) if len(instants) else None


def file_version(file: Path) -> tuple[int, ...]:
    """The size of a file, and when it was written, in ns. Raises ``UserError`` where it is gone."""
    try:
        status = file.stat()
    except OSError as error:
        raise UserError(f"--source: {file}: {error.strerror}") from None
    return status.st_size, status.st_mtime_ns


class Options(NamedTuple):
    """How a source is read.

    ``zone`` is the office's time zone. ``skip_rejects``: leave out lines of files that are no
    events instead of refusing the file. ``cache``: start from what was kept, and keep what was
    computed. ``map_buckets``: who folds an archive's buckets (None: the cores of this machine).
    """

    zone: tzinfo
    skip_rejects: bool = False
    cache: bool = True
    map_buckets: "MapBuckets | None" = None

"""What every kind of source offers: a history of dossiers, folded for whoever asks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyarrow as pa

from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.schema import Integers

if TYPE_CHECKING:
    from hoso.projections.archive.manifest import MapBuckets
    from hoso.projections.ledger.register import Moment
    from hoso.projections.reports.periods import Periods


class Source(Protocol):
    """A history of dossiers.

    ``name`` is what messages and papers call it; it holds no secret. ``rejects`` are the lines that
    were left out because they are no events, filled in as the source is read. Each method raises
    ``UserError`` where the source cannot be read.
    """

    @property
    def name(self) -> str: ...

    @property
    def rejects(self) -> list[str]: ...

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position, as tables (``log.schema.SCHEMA``), one after the other."""

    def history(self) -> pa.Table:
        """All events, as one table (``log.schema.SCHEMA``)."""

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded for an office, as known at ``as_of`` (None: all): for drill-down."""

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets for each of some offices of one time zone, sliced ``by`` some of
        ``slices.DIMENSIONS``, as held, or as final on a day: for statements."""

    def periods(
        self, office: Office, as_of: datetime | None, windows: Sequence[Window]
    ) -> "Periods":
        """The balance sheets and the measures of some windows: for reports."""

    def register(self, office: Office, moment: "Moment") -> Iterable[pa.Table]:
        """The register, as tables (``ledger.register.SCHEMA``). Raises ``ArchiveGrew`` where an
        archive has grown meanwhile: ask again."""

    def dossier_keys(self) -> Integers:
        """The keys (``log.schema.dossier_key``) of all dossiers, in rising order."""

    def about_events(self) -> int:
        """About how many events there are; 0 where that is not known."""


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

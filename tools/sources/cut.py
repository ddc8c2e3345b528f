"""Limits a history to the log's first positions: the events that a release was made from.

What came in later, while a release was being made or ever since, does not count in it.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.schema import integers, rows_after
from hoso.tools.sources.source import Source


class CutSource(Source):
    """The events of a log up to a position. They are read once, and the last ledger is kept: what
    makes a release asks for it several times."""

    appends = True

    def __init__(self, source: Source, position: int) -> None:
        super().__init__(source.name)
        self._source, self.position = source, position
        self.erasures = source.erasures
        self._last: tuple[Office, datetime | None, Ledger] | None = None

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        yield rows_after(self.history(), after)

    def history(self) -> pa.Table:
        """All events up to the position; see ``Source``."""
        return self._history

    @cached_property
    def _history(self) -> pa.Table:
        log = self._source.history()
        return log.slice(0, int((integers(log["position"]) <= self.position).sum()))

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded; see ``Source``."""
        if self._last is None or self._last[:2] != (office, as_of):
            self._last = (office, as_of, super().ledger(office, as_of))
        return self._last[2]

    def about_events(self) -> int:
        """The position; see ``Source``."""
        return self.position

    def version(self) -> tuple[int, ...]:
        """The position, and how many codes had been erased; see ``Source``."""
        return self.position, self.erasures

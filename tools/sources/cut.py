"""Limits a history to the log's first events: those that a release was made from.

What came in later, while a release was being made or ever since, does not count in it. The first
events are counted, as the same log may have other positions in another store.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.refresh import last_position
from hoso.projections.log.schema import rows_after
from hoso.tools.sources.source import Source


class CutSource(Source):
    """The first ``events`` of a log; None: all that are there when it is first read.

    They are read once, and the last ledger is kept: what makes a release asks for it several times.
    """

    appends = True

    def __init__(self, source: Source, events: int | None = None) -> None:
        super().__init__(source.name)
        self._source, self._events = source, events
        self.erasures = source.erasures
        self._last: tuple[Office, datetime | None, Ledger] | None = None

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        yield rows_after(self.history(), after)

    def history(self) -> pa.Table:
        """The first events; see ``Source``."""
        return self._history

    @cached_property
    def _history(self) -> pa.Table:
        return self._source.history().slice(0, self._events)

    @property
    def position(self) -> int:
        """The position of the last event; 0 where there is none."""
        return last_position(self.history())

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded; see ``Source``."""
        if self._last is None or self._last[:2] != (office, as_of):
            self._last = (office, as_of, super().ledger(office, as_of))
        return self._last[2]

    def about_events(self) -> int:
        """How many events there are; see ``Source``."""
        return len(self.history())

    def version(self) -> tuple[int, ...]:
        """How many events there are, and how many codes had been erased; see ``Source``."""
        return self.about_events(), self.erasures

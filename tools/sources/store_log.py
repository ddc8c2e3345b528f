"""Reads the log of a store that is open, as tables."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

import pyarrow as pa

from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import Store, StoredEvent
from hoso.projections.log import from_json
from hoso.projections.log.schema import SCHEMA


class OpenLog:
    """The log of an open store, as ``ledger.refresh`` and ``live.ledger`` read it."""

    def __init__(self, store: Store, zone: tzinfo) -> None:
        self._store, self._zone = store, zone

    def last_position(self) -> int:
        """The position of the last event."""
        return self._store.last_position()

    def table(self, after: int, until: int) -> pa.Table:
        """The events behind one position up to another."""
        try:
            return from_json.log_table(self._store.states(after, until), self._zone)
        except from_json.Unreadable:  # once more, to say which event it is
            return parsed(self._store.read(after, until), self._zone)

    def lives(self, dossiers: Sequence[str], until: int) -> pa.Table:
        """All events of some dossiers up to a position."""
        return parsed(self._store.events_of_dossiers(dossiers, until), self._zone)

    def at(self, positions: Sequence[int]) -> pa.Table:
        """The events at some positions, which rise."""
        return parsed(self._store.events_at(positions), self._zone)


def parsed(stored: Iterable[StoredEvent], zone: tzinfo) -> pa.Table:
    """The table of some events. Raises ``StoreError`` where the store is damaged."""
    events = list(stored)
    if not events:
        return SCHEMA.empty_table()
    try:
        return from_json.log_table(((each.position, each.state) for each in events), zone)
    except from_json.Unreadable as fault:
        for each in events:
            each.event()  # raises for the one that is damaged
        raise StoreError(f"{events[0].store_name}: its events cannot be read: {fault}") from None

"""What had been recorded when a release was made, and which dossiers know more since.

An event is later where it stands behind the release's position in the log, or was recorded after
its as-of instant. No dossier depends on another, but for one thing: which of two events with one
identity counts. So the dossiers that must be folded again are those with later events, and those
that share an identity with one of these.
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.projections.ledger.slices import Flags
from hoso.projections.log.lives import instant
from hoso.projections.log.schema import Integers, codes, integers


class Past(NamedTuple):
    """What had been recorded: the events up to a position of the log that were recorded by an
    instant."""

    position: int
    as_of: datetime

    @classmethod
    def of_first(cls, events: int, log: pa.Table, as_of: datetime) -> "Past":
        """What of a log's first events was recorded by an instant. The same log may have other
        positions in another store, but has as many events. Raises ``IndexError`` for a log that
        has fewer."""
        positions = np.sort(integers(log["position"]))
        return cls(int(positions[events - 1]) if events else 0, as_of)

    def is_later(self, log: pa.Table) -> Flags:
        """Which events of a log (``schema.SCHEMA``) are later."""
        behind = integers(log["position"]) > self.position
        later: Flags = behind | (integers(log["recorded"]) > instant(self.as_of))
        return later

    def of(self, log: pa.Table) -> pa.Table:
        """The events of a log up to the position; ``as_of`` leaves out what of them is later."""
        return log.filter(pa.array(integers(log["position"]) <= self.position))


def with_later_events(log: pa.Table, past: Past) -> pa.Table:
    """The events of all dossiers whose events may count otherwise since."""
    return lives_of_dossiers(log, codes(log["dossier"])[past.is_later(log)])


def lives_of_dossiers(log: pa.Table, dossiers: Integers) -> pa.Table:
    """The events of some dossiers, given by their numbers in the log's dictionary, and of all that
    share an identity with one of them: so each event counts as it does in the whole log."""
    dossier = codes(log["dossier"])
    chosen = np.zeros(int(dossier.max(initial=-1)) + 1, bool)
    chosen[dossiers] = True
    twins, key = _twins(log)
    while True:
        of_chosen = chosen[dossier[twins]]
        joins = np.isin(key[twins], key[twins[of_chosen]]) & ~of_chosen
        if not joins.any():
            return _encoded(log.filter(pa.array(chosen[dossier])))
        chosen[dossier[twins[joins]]] = True


def _twins(log: pa.Table) -> tuple[Integers, Integers]:
    """The rows of events that share their key with another event, and the keys of all."""
    key = integers(log["event"])
    order = np.argsort(key, kind="stable")
    equal = key[order][1:] == key[order][:-1]
    return np.unique(np.concatenate([order[1:][equal], order[:-1][equal]])), key


def _encoded(log: pa.Table) -> pa.Table:
    """A log whose dictionary of dossiers has only those that it has events of."""
    dossier = pc.dictionary_encode(log["dossier"].cast(pa.string()))
    place = log.column_names.index("dossier")
    return log.set_column(place, log.schema.field("dossier"), dossier.unify_dictionaries())

"""Tells which new events are in order, so that one step of the rule book is enough for each, and
which share their identity with another event."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.office import Office
from hoso.projections.live.runs import Records
from hoso.projections.live.snapshots import is_tangled
from hoso.projections.log.lives import life_keys
from hoso.projections.log.schema import Integers, codes, integers, keys_of, places

REPLAYED: Final = (kinds.ANNULLED, kinds.REASSIGNED)  # kinds of events that are never in order

Flags = npt.NDArray[np.bool_]


def out_of_order(new: pa.Table, snapshots: Records, recorded: int, office: Office) -> Flags:
    """Of each dossier of new events, whether any of these is not in order; ``snapshots`` are as
    they were before, when the latest event was ``recorded`` (microseconds since 1970).

    An event is in order behind the last one in the life of its dossier. Of two with the same place
    there, the one that was recorded first comes first.
    """
    dossier, life = codes(new["dossier"]), life_keys(new, office.zone)
    last = snapshots["life"][dossier]
    is_late = (life < last) | ((life == last) & (integers(new["recorded"]) < recorded))
    is_late |= np.isin(places(new["type"], kinds.KINDS), REPLAYED)
    flags = is_tangled(snapshots)
    flags[dossier[is_late]] = True
    return flags


def recurring(event: Integers) -> Integers:
    """The rows whose event key stands in another row, too."""
    order = np.argsort(event, kind="stable")
    pair = np.flatnonzero(event[order][1:] == event[order][:-1])
    return np.union1d(order[pair], order[pair + 1])


def clashing(event: Integers, dossier: Integers) -> Integers:
    """Rows of which each has the event key of a row of another dossier: at least one of each
    dossier that there is with some key."""
    order = np.lexsort((dossier, event))
    ordered, whose = event[order], dossier[order]
    pair = np.flatnonzero((ordered[1:] == ordered[:-1]) & (whose[1:] != whose[:-1]))
    return np.union1d(order[pair], order[pair + 1])


def one_of_each(events: pa.Table) -> Integers:
    """The position of one event of each dossier, in rising order."""
    _, first = np.unique(dossiers_of(events), return_index=True)
    return np.sort(integers(events["position"])[first])


def dossiers_of(events: pa.Table) -> Integers:
    """The key of each event's dossier."""
    column = events["dossier"].combine_chunks()
    return keys_of(column.dictionary, codes(events["dossier"]))

"""Refreshes balance sheets by the events that are new, instead of folding the whole log again.

No dossier depends on another. So the dossiers that have new events are folded twice, with all their
events: as known when the balance sheets were made, and as known now. What they contributed then is
taken out, and what they contribute now is put in. Late events, repeats and annulments need no case
of their own.

What reaches across dossiers is an event with the identity of another dossier's event: which of the
two was recorded first, and counts, may change. The sorted keys of all events tell that there is
such an event; then the balance sheets must be made from the whole log.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from hoso.projections.cache.shelf import Entry, reached
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, with_change
from hoso.projections.ledger.ledger import balance_sheets, replay
from hoso.projections.log.schema import Integers, integers, joined, rows_after

BATCH_EVENTS: Final = 100_000  # that are new, read at a time
FOLD_ALL_FROM: Final = 20  # where more than one event in so many is new, a whole fold is quicker
KEY: Final = np.dtype("<i8")  # in which the keys of events are kept
SEGMENT_KEYS: Final = 1_000_000  # in a full segment
MANY_SMALL: Final = 16  # segments of keys that are not full, before they are merged


class EventLog(Protocol):
    """What a refresh reads of a log."""

    def last_position(self) -> int:
        """The position of the last event; 0 in an empty log."""

    def table(self, after: int, until: int) -> pa.Table:
        """The events behind one position up to another, as a table (``schema.SCHEMA``)."""

    def lives(self, dossiers: Sequence[str], until: int) -> pa.Table:
        """All events of some dossiers up to a position, as a table."""


class Refreshed(NamedTuple):
    """Balance sheets, the position up to which they are, and the segments of event keys that are
    new or replace others."""

    balance_sheets: BalanceSheets
    until: int
    keys: list[Entry]


def is_worth_it(since: int, until: int) -> bool:
    """Whether refreshing is quicker than folding all of a log that ends at ``until``."""
    return until - since <= max(BATCH_EVENTS, until // FOLD_ALL_FROM)


def refreshed(
    old: BalanceSheets, since: int, log: EventLog, keys: Sequence[Entry], batch_events: int
) -> Refreshed | None:
    """Balance sheets of a log up to position ``since``, refreshed by ``batch_events`` or fewer.

    ``keys`` are segments of the sorted keys of the log's events from its beginning on; they must
    reach to ``since`` at least. Returns None where all must be folded.
    """
    until = min(since + batch_events, log.last_position())
    new = log.table(since, until)
    lives = joined([log.lives(new["dossier"].unique().to_pylist(), since), new])
    without_key = rows_after(new, reached(keys))
    if reached(keys) < since or _has_identity_elsewhere(keys, lives, without_key):
        return None
    return Refreshed(_with_new(old, lives, since), until, more_keys(keys, without_key))


def _with_new(old: BalanceSheets, lives: pa.Table, since: int) -> BalanceSheets:
    """Balance sheets with the change in some dossiers, of which ``lives`` has all events."""
    known = lives.slice(0, len(lives) - len(rows_after(lives, since)))
    ledgers = (replay(log, old.office) for log in (known, lives))
    before, after = (balance_sheets(ledger, old.by, old.final_on) for ledger in ledgers)
    return with_change(
        old, *(BalanceDelta(each.balances.moved(), each.suspended) for each in (before, after))
    )


def _has_identity_elsewhere(keys: Sequence[Entry], lives: pa.Table, without_key: pa.Table) -> bool:
    """Whether an event of some lives has the identity of an event that is not among them."""
    own, times = np.unique(integers(lives["event"]), return_counts=True)
    counted = np.zeros(len(own), np.int64)
    for ordered in (*map(keys_in, keys), np.sort(integers(without_key["event"]))):
        start = np.searchsorted(ordered, own)
        found = np.flatnonzero(start < len(ordered))
        found = found[ordered[start[found]] == own[found]]
        counted[found] += np.searchsorted(ordered, own[found], "right") - start[found]
    return bool(np.any(counted != times))


def keys_in(segment: Entry) -> Integers:
    """The keys of a segment, in rising order."""
    return np.frombuffer(segment.body, KEY)


def more_keys(keys: Sequence[Entry], new: pa.Table) -> list[Entry]:
    """The segments that follow ``keys`` when some events are new; the first of them may replace the
    last ones of ``keys``, so that there are few small ones."""
    if not len(new):
        return []
    small = [segment for segment in keys if len(segment.body) < SEGMENT_KEYS * KEY.itemsize]
    if len(small) < MANY_SMALL:
        return list(key_segments(reached(keys), new))
    whole = np.concatenate([*map(keys_in, small), integers(new["event"])])
    return [Entry(small[0].after, last_position(new), _sorted_bytes(whole))]


def key_segments(after: int, log: pa.Table) -> Iterator[Entry]:
    """The keys of a log's events from behind a position, in segments."""
    for start in range(0, len(log), SEGMENT_KEYS):
        piece = log.slice(start, SEGMENT_KEYS)
        until = last_position(piece)
        yield Entry(after, until, _sorted_bytes(integers(piece["event"])))
        after = until


def replaced(keys: Sequence[Entry], more: Sequence[Entry]) -> list[Entry]:
    """The segments of keys when ``more`` follow, or replace the last of them."""
    return [segment for segment in keys if not more or segment.after < more[0].after] + [*more]


def last_position(table: pa.Table) -> int:
    """The position of a table's last event; 0 where it has none."""
    return int(table["position"][-1].as_py()) if len(table) else 0


def _sorted_bytes(keys: Integers) -> bytes:
    return np.sort(keys).astype(KEY).tobytes()

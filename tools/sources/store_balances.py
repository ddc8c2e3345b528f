"""How do the balance sheets of a store keep up with its log? By what is new.

They are kept in the store, under the name of all that they depend on. The dossiers that have new
events are folded once more, with all their events, and no others; what they added is taken out as
it was and put in as it is. Beside the sheets stand the keys of all events: they tell whether a new
event bears the identity of one of another dossier. Then all is folded anew.

What is kept is never needed, as in ``stores``.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import pyarrow as pa

from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import Kind, Segment, Store, open_store
from hoso.domain.office import Office
from hoso.projections.ledger import ledger
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import replay
from hoso.projections.log import streams
from hoso.projections.log.schema import Integers, integers, joined, rows_after
from hoso.tools.sources import store_log
from hoso.tools.sources.store_log import last_position, reached, segments_of, table, unbroken

AT_ONCE: Final = 100_000  # events that are new
SHARE: Final = 20  # where more than one event in so many is new, to fold all anew is quicker
KEY: Final = np.dtype("<i8")  # as event keys are kept, in order
PIECES: Final = 16  # of the keys, before they are made one


def sheets_of(
    url: str, office: Office, as_of: datetime | None, by: Sequence[str], *, cache: bool = True
) -> BalanceSheets:
    """The balance sheets of a store; those of all there is in it are kept, and brought up to date,
    if ``cache``. Raises ``UserError`` as ``log``."""
    if as_of is not None or not cache:
        return ledger.balance_sheets(
            replay(store_log.log(url, office.zone, cache=cache), office, as_of), by
        )
    with suppress(streams.Damaged, StoreError), _nothing_collected():
        if (made := _brought_up_to_date(url, office, by)) is not None:
            return made
    log = store_log.log(url, office.zone)
    made = ledger.balance_sheets(replay(log, office), by)
    form, end = streams.segment_form(office.zone), last_position([log])
    with suppress(StoreError), open_store(url) as store:
        more = _key_segments(0, log, form) if reached(_keys(store, form)) < end else []
        _keep(store, more, streams.sheets_name(office, by), end, made)
    return made


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What is read holds no circles, and looking for some would take a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _brought_up_to_date(url: str, office: Office, by: Sequence[str]) -> BalanceSheets | None:
    """The balance sheets that are kept and what is new since; None where all is to be folded."""
    name, form = streams.sheets_name(office, by), streams.segment_form(office.zone)
    with open_store(url) as store:
        found, end = store.sheets(name), store.last_position()
        if found is None or end - found[0] > max(AT_ONCE, end // SHARE):
            return None
        since, sheets = found[0], streams.from_balance_sheets(found[1], office, by)
        if since == end:
            return sheets
        keys = _keys(store, form)
        while since < end:
            upto = min(since + AT_ONCE, end)
            new = table(store.read(since, upto), office.zone)
            log, fresh = _lives_of(store, new, since, office.zone), rows_after(new, reached(keys))
            if reached(keys) < since or _elsewhere(keys, log, fresh):
                return None
            sheets, since = ledger.refreshed(sheets, log, since), upto
            more = _extended(keys, fresh, form)
            _keep(store, more, name, since, sheets)
            keys = _instead(keys, more)
        return sheets


def _instead(keys: list[Segment], more: list[Segment]) -> list[Segment]:
    """Keys, the last of them replaced by those that are made of them and more."""
    return [segment for segment in keys if not more or segment.after < more[0].after] + more


def _keep(
    store: Store, keys: Sequence[Segment], name: str, since: int, sheets: BalanceSheets
) -> None:
    with suppress(StoreError):
        if keys:
            store.keep_segments(keys, Kind.EVENT_KEYS)
        store.keep_sheets(name, since, streams.balance_sheets(sheets))


def _lives_of(store: Store, new: pa.Table, since: int, zone: tzinfo) -> pa.Table:
    """All events of the dossiers that have some new ones, which are behind a position."""
    codes = new["dossier"].unique().to_pylist()
    return joined([table(store.lives(codes, since), zone), new])


def _keys(store: Store, form: str) -> list[Segment]:
    return unbroken(store.segments(Kind.EVENT_KEYS), form)


def _elsewhere(keys: Sequence[Segment], log: pa.Table, fresh: pa.Table) -> bool:
    """Whether any event of a log bears the identity of one that is not in there."""
    own, times = np.unique(integers(log["event"]), return_counts=True)
    counted = np.zeros(len(own), np.int64)
    for ordered in (*map(_in_segment, keys), np.sort(integers(fresh["event"]))):
        start = np.searchsorted(ordered, own)
        there = np.flatnonzero(start < len(ordered))
        there = there[ordered[start[there]] == own[there]]
        counted[there] += np.searchsorted(ordered, own[there], "right") - start[there]
    return bool(np.any(counted != times))


def _in_segment(segment: Segment) -> Integers:
    return np.frombuffer(segment.body, KEY)


def _extended(keys: Sequence[Segment], fresh: pa.Table, form: str) -> list[Segment]:
    """The last segments of keys, and what is new: few pieces, so that they are quickly read."""
    if not len(fresh):
        return []
    small = [segment for segment in keys if len(segment.body) < streams.ROWS * KEY.itemsize]
    if len(small) < PIECES:
        return _key_segments(reached(keys), fresh, form)
    whole = np.concatenate([*map(_in_segment, small), integers(fresh["event"])])
    return [Segment(small[0].after, last_position([fresh]), form, _in_order(whole))]


def _key_segments(after: int, log: pa.Table, form: str) -> list[Segment]:
    pieces = (log.slice(start, streams.ROWS) for start in range(0, len(log), streams.ROWS))
    return segments_of(pieces, form, after, lambda piece: _in_order(integers(piece["event"])))


def _in_order(keys: Integers) -> bytes:
    return np.sort(keys).astype(KEY).tobytes()

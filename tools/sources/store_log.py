"""How is a store read a second time? Its columns and their fold are kept beside the log.

What is kept is never needed: where it is missing, of another form, or damaged, it is made anew;
where it cannot be kept, because the store cannot be written just now, the answer is the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from functools import partial
from itertools import chain
from typing import Final

import pyarrow as pa

from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import Segment, Store, StoredEvent, open_store
from hoso.domain.office import Office
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.log import from_json, streams
from hoso.projections.log.schema import joined, rows_after
from hoso.tools.runtime.progress import watched
from hoso.tools.runtime.workers import shared

AT_ONCE: Final = 20_000  # events


def replayed(url: str, office: Office, as_of: datetime | None = None) -> Ledger:
    """The ledger of a store; that of all there is in it is kept. Raises ``UserError`` as ``log``."""
    whole = log(url, office.zone)
    if as_of is not None:
        return replay(whole, office, as_of)
    name, end = streams.fold_name(office), last_position([whole])
    with open_store(url) as store, suppress(streams.Damaged, StoreError):
        body = store.fold(name, end)
        if body is not None:
            return Ledger(whole, office, None, streams.from_folded(body))
    made = replay(whole, office)
    with suppress(StoreError), open_store(url) as store:
        store.keep_fold(name, end, streams.folded(made.folded))
    return made


def log(url: str, zone: tzinfo, *, cache: bool = True) -> pa.Table:
    """The table of a store's log: what is kept of it already, if ``cache``, and what is new since.

    Raises ``UserError`` where there is no such store.
    """
    if not cache:
        return joined(tables(url, zone, 0, cache=False))
    form = streams.segment_form(zone)
    with open_store(url) as store:
        whole, end = _kept(store, form), store.last_position()
    if last_position(whole) == end:
        return joined(whole)
    stretches = _stretches(last_position(whole), end)
    with shared(partial(_tabulated, url=url, zone=zone), stretches) as parts:
        tail = list(streams.segmented(chain(whole[-1:], parts)))
    with suppress(StoreError), open_store(url) as store:  # what cannot be kept is made anew
        store.keep_segments(segments_of(tail, form, last_position(whole[:-1]), streams.segment))
    return joined([*whole[:-1], *tail])


def tables(url: str, zone: tzinfo, after: int, *, cache: bool = True) -> Iterator[pa.Table]:
    """The tables of a store's log behind a position, one after the other: kept ones, as far as
    there are any, if ``cache``, then what is new since. Raises ``UserError`` as ``log``."""
    with open_store(url) as store:
        kept_ones = _kept(store, streams.segment_form(zone)) if cache else []
        end = store.last_position()
    for whole in kept_ones:
        if len(rest := rows_after(whole, after)):
            yield rest
    start = max(after, last_position(kept_ones))
    with shared(partial(_tabulated, url=url, zone=zone), _stretches(start, end)) as parts:
        yield from parts


def _stretches(after: int, end: int) -> Iterator[range]:
    """The positions behind one and up to another, some at a time."""
    starts = range(after + 1, end + 1, AT_ONCE)
    stretches = (range(start, min(start + AT_ONCE, end + 1)) for start in starts)
    return watched(stretches, end - after, "Reading the log", len)


def _tabulated(positions: range, url: str, zone: tzinfo) -> pa.Table:
    """The table of a stretch of a store's log."""
    with open_store(url) as store:
        return table(store.read(positions.start - 1, positions.stop - 1), zone)


def table(stretch: Iterable[StoredEvent], zone: tzinfo) -> pa.Table:
    """The table of some events. Raises ``StoreError`` where the store is damaged."""
    events = list(stretch)
    try:
        return from_json.log_table(((each.position, each.state) for each in events), zone)
    except from_json.Unreadable as fault:
        for each in events:
            each.event()  # tells which
        raise StoreError(f"{events[0].store}: its events cannot be read: {fault}") from None


def segments_of(
    pieces: Iterable[pa.Table], form: str, after: int, body: Callable[[pa.Table], bytes]
) -> list[Segment]:
    """What is to be kept of pieces of the log that follow each other from behind a position."""
    made = []
    for piece in pieces:
        made.append(Segment(after, last_position([piece]), form, body(piece)))
        after = made[-1].last_position
    return made


def unbroken(segments: Iterable[Segment], form: str) -> list[Segment]:
    """The segments from the first on, as far as they are of a form and without a gap."""
    found: list[Segment] = []
    for segment in segments:
        if segment.form != form or segment.after != reached(found):
            break
        found.append(segment)
    return found


def reached(segments: Sequence[Segment]) -> int:
    """The position up to which segments reach."""
    return segments[-1].last_position if segments else 0


def _kept(store: Store, form: str) -> list[pa.Table]:
    """What is kept of the columns, as far as it is whole and of this form."""
    tables: list[pa.Table] = []
    with suppress(StoreError, streams.Damaged):
        for segment in unbroken(store.segments(), form):
            tables.append(streams.from_segment(segment.body))  # noqa: PERF401 # of some, the first stay
    return tables


def last_position(tables: list[pa.Table]) -> int:
    """The position up to which tables reach."""
    return int(tables[-1]["position"][-1].as_py()) if tables and len(tables[-1]) else 0

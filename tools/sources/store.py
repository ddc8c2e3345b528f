"""Reads a history from a store, and keeps in the store's cache what is computed of it.

Kept are the log's events as columns, the fold of the whole log, and the balance sheets of each
question together with the sorted keys of all events. Balance sheets are refreshed by the events
that are new (``ledger.refresh``).
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from functools import partial
from itertools import chain
from typing import Final, TypeVar

import pyarrow as pa

from hoso.consumers.store.backend import StoreError, StoreUnavailable
from hoso.consumers.store.log import Store, open_store
from hoso.consumers.store.log_key import LogKey
from hoso.consumers.store.proofs import StoreProofs
from hoso.domain.office import Office
from hoso.projections.cache.fingerprint import fingerprint
from hoso.projections.cache.kinds import COLUMNS, EVENT_KEYS, FOLD, STORE_BALANCES
from hoso.projections.cache.seal import Damaged
from hoso.projections.cache.shelf import (
    Cache,
    Described,
    Entry,
    NoShelf,
    Unavailable,
    described,
    reached,
)
from hoso.projections.ledger import encoding, refresh
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, balance_sheets, replay
from hoso.projections.log import streams
from hoso.projections.log.schema import SCHEMA, joined, rows_after
from hoso.tools.runtime.progress import with_progress
from hoso.tools.runtime.workers import process_map
from hoso.tools.sources.source import Options, Source
from hoso.tools.sources.store_log import OpenLog

T = TypeVar("T")

BATCH_EVENTS: Final = 20_000  # read from the log and parsed at a time


class StoreSource(Source):
    """A store. A position is that of an event in its log."""

    appends = True

    def __init__(self, address: str, options: Options) -> None:
        self._address, self._zone = address, options.zone
        with open_store(address) as store:
            super().__init__(store.name)
            self.erasures = store.count_erasures()
        self._keeps = options.cache
        self.cache = Cache(StoreShelf(address, self.erasures) if options.cache else NoShelf())

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position, as far as possible from the cache; see ``Source``."""
        end = self.about_events()
        segments = self._segments() if end - after > BATCH_EVENTS else []  # few are parsed sooner
        for segment in segments:
            if len(rest := rows_after(segment, after)):
                yield rest
        start = max(after, _last_position(segments))
        with self._parsed(start, end) as tables:
            yield from tables
        self._refuse_new_erasures()

    def history(self) -> pa.Table:
        """All events; see ``Source``. What is not in the cache yet is put there."""
        log = self._history()
        self._refuse_new_erasures()
        return log

    def _history(self) -> pa.Table:
        segments, end = self._segments(), self.about_events()
        if _last_position(segments) == end:
            return joined(segments)
        with self._parsed(_last_position(segments), end) as tables:
            if not self._keeps:
                return joined(tables)
            more = list(streams.segments(chain(segments[-1:], tables)))  # the last one was not full
        self._keep_segments(_last_position(segments[:-1]), more)
        return joined([*segments[:-1], *more])

    def keep_columns(self, after: int, tables: Iterable[pa.Table]) -> None:
        """Keep the columns of all events behind a position, where those of all before are kept."""
        if reached(self.cache.read(COLUMNS, self._columns_name())) == after:
            self._keep_segments(after, streams.segments(tables))

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded; see ``Source``. The fold of all events is kept."""
        log = self.history()
        if as_of is not None:
            return replay(log, office, as_of)
        name, end = encoding.name_for(FOLD, office), refresh.last_position(log)
        entry = self.cache.last(FOLD, name)
        if entry is not None and entry.until == end:
            try:
                return Ledger(log, office, None, encoding.fold_from_bytes(entry.body))
            except Damaged:
                pass  # computed again below
        ledger = replay(log, office)
        self.cache.write(FOLD, name, _entry(end, encoding.fold_to_bytes, ledger.folded))
        return ledger

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets; see ``Source``. Those of all events are kept, and refreshed."""
        return [self._balances(office, as_of, by, final_on) for office in offices]

    def about_events(self) -> int:
        """The position of the last event, which is about how many there are."""
        with open_store(self._address) as store:
            return store.last_position()

    def version(self) -> tuple[int, ...]:
        """The position of the last event, and how many codes were erased; see ``Source``."""
        with open_store(self._address) as store:
            return store.last_position(), store.count_erasures()

    def proofs(self) -> StoreProofs:
        """What the store keeps to prove its log; see ``Source``."""
        return StoreProofs(self._address, self._zone)

    def log_key(self) -> LogKey | None:
        """The key of the log; None where the store cannot be written and has none yet."""
        try:
            return self.proofs().log_key
        except StoreError:
            return None

    def _balances(
        self, office: Office, as_of: datetime | None, by: Sequence[str], final_on: date | None
    ) -> BalanceSheets:
        if as_of is not None:
            return balance_sheets(replay(self.history(), office, as_of), by, final_on)
        if self._keeps and final_on is None:
            from hoso.tools.sources.live import live_sheets

            with collector_paused():
                live = live_sheets(self._address, office, by, self.erasures)
            if live is not None:
                self._refuse_new_erasures()
                return live
        name = encoding.name_for(STORE_BALANCES, office, by, final_on)
        with collector_paused():
            if (kept := self._refreshed(office, by, final_on, name)) is not None:
                return kept
        log = self.history()
        made, end = balance_sheets(replay(log, office), by, final_on), refresh.last_position(log)
        keys_name = self._keys_name()
        if reached(self.cache.read(EVENT_KEYS, keys_name)) < end:
            self.cache.write(EVENT_KEYS, keys_name, refresh.key_segments(0, log))
        self._keep_balances(name, end, made)
        return made

    def _refreshed(
        self, office: Office, by: Sequence[str], final_on: date | None, name: str
    ) -> BalanceSheets | None:
        """The kept balance sheets, refreshed; None where all events are to be folded."""
        entry = self.cache.last(STORE_BALANCES, name)
        if entry is None:
            return None
        with open_store(self._address) as store:
            log = OpenLog(store, self._zone)
            since, end = entry.until, log.last_position()
            try:
                sheets = encoding.balance_sheets_from_bytes(entry.body, office, by, final_on)
            except Damaged:
                return None
            if since == end:
                return sheets
            if not refresh.is_worth_it(since, end):
                return None
            keys = self.cache.read(EVENT_KEYS, self._keys_name())
            while since < end:
                step = refresh.refreshed(sheets, since, log, keys, refresh.BATCH_EVENTS)
                if step is None:
                    return None
                sheets, since, more = step
                self.cache.write(EVENT_KEYS, self._keys_name(), more)
                keys = refresh.replaced(keys, more)
        self._refuse_new_erasures()
        self._keep_balances(name, since, sheets)
        return sheets

    def _keep_balances(self, name: str, until: int, made: BalanceSheets) -> None:
        entry = _entry(until, encoding.balance_sheets_to_bytes, made)
        self.cache.write(STORE_BALANCES, name, entry)

    def _refuse_new_erasures(self) -> None:
        """Raise ``StoreUnavailable`` where a code was erased since the source was opened: some
        events of its dossier may have been read before, and others after."""
        with open_store(self._address) as store:
            erasures = store.count_erasures()
        if erasures != self.erasures:
            raise StoreUnavailable(f"{self.name}: a code was erased meanwhile; ask again")

    def _keys_name(self) -> str:
        return fingerprint(EVENT_KEYS)

    def _columns_name(self) -> str:
        return fingerprint(COLUMNS, str(SCHEMA), str(self._zone))

    def _segments(self) -> list[pa.Table]:
        """The log's events from the first on, as far as the cache has their columns."""
        tables: list[pa.Table] = []
        for entry in self.cache.read(COLUMNS, self._columns_name()):
            try:
                tables.append(streams.segment_from_bytes(entry.body))
            except Damaged:
                break
        return tables

    def _keep_segments(self, after: int, tables: Iterable[pa.Table]) -> None:
        """One by one: memory holds one segment. Each replaces what stands behind its beginning."""
        for entry in _segment_entries(after, tables):
            self.cache.write(COLUMNS, self._columns_name(), [entry])

    @contextmanager
    def _parsed(self, after: int, until: int) -> Iterator[Iterator[pa.Table]]:
        """The events behind one position up to another, parsed by all cores."""
        starts = range(after + 1, until + 1, BATCH_EVENTS)
        batches = (range(start, min(start + BATCH_EVENTS, until + 1)) for start in starts)
        shown = with_progress(batches, until - after, "Reading the log", len)
        work = partial(_parse_batch, address=self._address, zone=self._zone)
        with process_map(work, shown) as tables:
            yield tables


class StoreShelf:
    """The shelf of a store: its cache table, opened for each call. Nothing is put there once more
    codes were erased than ``erasures``."""

    def __init__(self, address: str, erasures: int | None = None) -> None:
        self._address, self._erasures = address, erasures

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """The entries; see ``cache.shelf.Shelf``."""
        with self._opened() as store:
            return [Entry(*row) for row in store.cached(kind, name)]

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Keep entries; see ``cache.shelf.Shelf``."""
        with self._opened() as store:
            store.keep_cached(kind, name, entries, names, self._erasures)

    def describe(self) -> Sequence[Described]:
        """All entries; see ``cache.shelf.Shelf``."""
        with self._opened() as store:
            return described(iter(store.describe_cache()))

    def clear(self) -> None:
        """Remove all entries; see ``cache.shelf.Shelf``."""
        with self._opened() as store:
            store.clear_cache()

    @contextmanager
    def _opened(self) -> Iterator[Store]:
        try:
            with open_store(self._address) as store:
                yield store
        except StoreError as error:
            raise Unavailable(str(error)) from None


def _entry(until: int, encode: Callable[[T], bytes], made: T) -> Iterator[Entry]:
    """The cache entry of something made of all events up to a position, when it is asked for."""
    yield Entry(0, until, encode(made))


def _segment_entries(after: int, tables: Iterable[pa.Table]) -> Iterator[Entry]:
    for table in tables:
        until = refresh.last_position(table)
        yield Entry(after, until, streams.to_bytes(table.combine_chunks()))
        after = until


def _parse_batch(positions: range, address: str, zone: tzinfo) -> pa.Table:
    with open_store(address) as store:
        return OpenLog(store, zone).table(positions.start - 1, positions.stop - 1)


def _last_position(tables: Sequence[pa.Table]) -> int:
    return refresh.last_position(tables[-1]) if tables else 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """Run without Python's search for reference cycles, which would take a quarter of the time of
    reading a cache that has none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

"""Stores events: an append-only log in a database, built on the eventsourcing library.

An event is one of the library's stored events. Its originator is the dossier's code, and a
dossier's versions count from 1 without a gap. Its state is the validated CloudEvent, with the time
at which it was recorded.

The same database holds the rejects (messages that are no events), the records that are kept of
the national portal, the offset up to which each stream of messages has been read, and a cache of
what readers computed from the log.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from pydantic import ValidationError
from xxhash import xxh3_64_intdigest

from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import SCHEMA, Cursor, Database, EventRow, StoreError
from hoso.consumers.store.pseudonyms import Kind, Pseudonyms, keyed_hash
from hoso.domain.events import EVENT, Event, describe_fault

FIRST_VERSION: Final = 1
QUERY_DOSSIERS: Final = 500  # dossiers that one query names
QUERY_EVENTS: Final = 5_000  # events that one query returns
QUERY_REJECTS: Final = 100  # rejects that one query returns; each may be large
MAX_POSITION: Final = (1 << 63) - 1  # larger than any event's position
SELECT_DOSSIERS: Final = (
    "SELECT originator_id, originator_version, state FROM stored_events "
    "WHERE originator_id IN ({}) ORDER BY originator_version"
)
# As the library's ``select_notifications``, which makes more of each event at six times the cost.
SELECT_EVENTS: Final = (
    "SELECT {0}, state FROM stored_events WHERE {0} > ? AND {0} <= ? ORDER BY {0} "
    f"LIMIT {QUERY_EVENTS}"
)
SELECT_DOSSIERS_UP_TO: Final = (
    "SELECT {0}, state FROM stored_events WHERE originator_id IN ({1}) AND {0} <= ?"
)
SELECT_KEPT_RECORDS: Final = (
    "SELECT dossier, came, body FROM kept_records WHERE dossier IN ({}) ORDER BY dossier, number"
)
SELECT_AT: Final = "SELECT {0}, state FROM stored_events WHERE {0} IN ({1}) ORDER BY {0}"
SELECT_REJECTS: Final = "SELECT number, rejected, origin, reason, raw, format, kept FROM rejects"
DROP_OLD_NAMES: Final = """
    DELETE FROM cache WHERE kind = ? AND name <> ? AND name NOT IN (
        SELECT name FROM (
            SELECT name, MAX(until) AS newest FROM cache WHERE kind = ? AND name <> ?
            GROUP BY name ORDER BY newest DESC LIMIT ?) AS others)
"""

# An event to append: its dossier's code, its type, and its JSON as the log keeps it
# (``validate.stored_json``). A plain tuple: named tuples take four times as long between processes.
LogEntry = tuple[str, str, bytes]
# A cache entry: the log positions behind which and up to which it is computed, and its bytes.
CachedRow = tuple[int, int, bytes]


# Where the JSON of an event as the log keeps it has said the event's id and source.
AFTER_IDENTITY: Final = b'","subject":"'
KEPT_RECORDS_SINCE: Final = 6  # the version of the schema that has kept records
KEYS_SINCE: Final = 5  # the version of the schema that has identity keys
ERASED_SINCE: Final = 7  # the version of the schema that has what was erased
COUNT_ERASURES: Final = "SELECT count(*) FROM erased WHERE kind IN ('dossier', 'official')"
# By this row of what was erased a store recognises its key; no event's id is a line feed.
KEY_ROW: Final[tuple[Kind, str]] = ("id", "\n")


class KeySegment(NamedTuple):
    """The identity keys (``identity_key``) of the events behind a position up to another."""

    after: int
    until: int
    keys: "array[int]"


class Superseded(Exception):
    """Another process has moved a stream's offset since this one read it. Nothing was written."""


class StoredEvent(NamedTuple):
    """An event in the log: the name of its store, its position in the log, and its JSON."""

    store_name: str
    position: int
    state: bytes

    def event(self) -> Event:
        """The event. Raises ``StoreError`` if the stored JSON is damaged."""
        return _parse_event(f"{self.store_name}: event no. {self.position}", self.state)


def _parse_event(place: str, state: bytes) -> Event:
    try:
        return EVENT.validator.validate_json(state)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise StoreError(f"{place} is damaged: {describe_fault(error)}") from None


def identity(state: bytes) -> bytes:
    """The beginning of an event's JSON as the log keeps it: its id and its source."""
    return state[: state.find(AFTER_IDENTITY)]


def identity_key(state: bytes) -> int:
    """64 bits that stand for an event's ``(source, id)``."""
    return xxh3_64_intdigest(identity(state)) - (1 << 63)


# How a reject's bytes are kept: as they came, by choice; with its values blanked
# (``intake.blanking``); or as they came, by a version that blanked nothing.
Kept = Literal["raw", "blanked", "before"]
BLANKED: Final = "blanked"
KEPT_BEFORE: Final = "before"


class Reject(NamedTuple):
    """A message that intake rejected.

    ``rejected_at`` is when. ``origin`` is where a person finds the message (``events.jsonl:17``).
    ``raw`` is its bytes, ``format`` the format in which they were read
    (``intake.record.Format``), and ``kept`` how they are kept.
    """

    rejected_at: datetime
    origin: str
    reason: str
    raw: bytes
    format: str
    kept: Kept = "raw"


class Erasure(NamedTuple):
    """The code of a dossier or an official that was erased: what stands in its place, since when,
    and the reason, as a word."""

    kind: Kind
    name: str
    erased_at: datetime
    because: str


# A reject, after the number that it has in its store.
NumberedReject = tuple[int, Reject]


class KeptRecord(NamedTuple):
    """A record of the national portal, which tells how a dossier stands: when it first came, and
    its listed fields as JSON, without the dossier's code."""

    came: datetime
    body: bytes


class Writer:
    """Writes to a store within one transaction: all of it is committed, or nothing."""

    def __init__(self, database: Database, cursor: Cursor) -> None:
        self.database = database
        self.cursor = cursor
        self._keys = array("q")
        self.begun_after = 0  # the last position before the first event that this one appended

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Append events, each as the next version of its dossier."""
        if not entries:
            return
        entries = self.known(entries)
        if not self._keys:
            self.begun_after = self.last_position()
        self._keys.extend([identity_key(state) for _, _, state in entries])
        codes = list({code for code, _, _ in entries})
        last_versions = self.database.last_versions(self.cursor, codes)
        rows: list[EventRow] = []
        for code, topic, state in entries:
            version = last_versions.get(code, FIRST_VERSION - 1) + 1
            last_versions[code] = version
            rows.append((code, version, topic, state))
        self.database.insert_events(self.cursor, rows)

    def known(self, entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
        """Events with pseudonyms in the place of codes that were erased."""
        if not (names := self.pseudonyms):
            return entries
        return [
            (names.known_as(code), topic, names.renamed(state)) for code, topic, state in entries
        ]

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """What stands in the place of codes that were erased."""
        return _pseudonyms(self.database, self.cursor)

    def keep_keys(self) -> None:
        """Keep the identity keys of the events that this transaction has appended."""
        if self._keys:
            segment = KeySegment(self.begun_after, self.last_position(), self._keys)
            _insert_keys(self.cursor, [segment])

    def last_position(self) -> int:
        """The position of the last event, this transaction's included; 0 for an empty log."""
        self.cursor.execute(f"SELECT MAX({self.database.position_column}) FROM stored_events")
        return self.cursor.fetchall()[0][0] or 0

    def key_segments(self) -> Iterator[KeySegment]:
        """The identity keys of the whole log, in its order, but for what this transaction has
        appended."""
        return self._key_segments(0, self.last_position())

    def identity_keys_after(self, position: int) -> Iterator[tuple[int, "array[int]"]]:
        """The identity keys of the events behind a position: up to which position, and the keys."""
        for after, until, keys in self._key_segments(position, self.last_position()):
            if after >= position:
                yield until, keys
            elif len(keys) == until - after:  # no position is left out
                yield until, keys[position - after :]
            else:
                yield until, self._keys_between(position, until)

    def _key_segments(self, position: int, end: int) -> Iterator[KeySegment]:
        """The segments that reach further than a position, without gaps; what no segment has, as
        the events of a desk, is read from the events."""
        self.cursor.execute(
            "SELECT after, until FROM identity_keys WHERE until > ? ORDER BY after", (position,)
        )
        reached = position
        for after, until in self.cursor.fetchall():
            if after > reached:
                yield KeySegment(reached, after, self._keys_between(reached, after))
            self.cursor.execute("SELECT body FROM identity_keys WHERE after = ?", (after,))
            yield KeySegment(after, until, array("q", bytes(self.cursor.fetchall()[0][0])))
            reached = until
        if reached < end:
            yield KeySegment(reached, end, self._keys_between(reached, end))

    def _keys_between(self, after: int, until: int) -> "array[int]":
        return array("q", map(identity_key, self.states_between(after, until)))

    def states_between(self, after: int, until: int) -> Iterator[bytes]:
        """The JSON of the events behind a position, up to and including another."""
        query = SELECT_EVENTS.format(self.database.position_column)
        while True:
            self.cursor.execute(query, (after, until))
            if not (rows := self.cursor.fetchall()):
                return
            for after, state in rows:  # noqa: B007 # the last one is where the next query begins
                yield bytes(state)

    def states_of(self, codes: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
        """The events of some dossiers, each dossier's in the order of the log: its code, the
        event's version, and its JSON. Includes what this transaction has appended."""
        remaining = iter(codes)
        while batch := list(islice(remaining, QUERY_DOSSIERS)):
            self.cursor.execute(SELECT_DOSSIERS.format(",".join("?" * len(batch))), batch)
            for code, version, state in self.cursor.fetchall():
                yield code, version, bytes(state)

    def events_of(self, codes: Iterable[str]) -> dict[str, list[Event]]:
        """The events of some dossiers, by code, in the order of the log. Includes the events that
        this transaction has appended. A dossier without events has an empty list.

        Raises ``StoreError`` if a stored event is damaged.
        """
        events: dict[str, list[Event]] = {code: [] for code in codes}
        for code, version, state in self.states_of(events):
            place = f"{self.database.name}: {code}, event no. {version}"
            events[code].append(_parse_event(place, state))
        return events

    def kept_records_of(self, codes: Iterable[str]) -> dict[str, list[KeptRecord]]:
        """The kept records of some dossiers, by code, in the order in which they first came. A
        dossier without any has an empty list."""
        return _kept_records_of(self.cursor, codes)

    def add_kept_records(self, code: str, after: int, records: Iterable[KeptRecord]) -> None:
        """Keep records of a dossier, which has had ``after`` of them so far."""
        self.cursor.executemany(
            "INSERT INTO kept_records VALUES (?,?,?,?)",
            [
                (code, number, came.isoformat(), body)
                for number, (came, body) in enumerate(records, after + 1)
            ],
        )

    def add_rejects(self, rejects: Iterable[Reject]) -> None:
        """Add messages to the list of rejects."""
        if rows := [*map(_reject_row, map(self._known_reject, rejects))]:
            self.cursor.executemany(
                "INSERT INTO rejects (rejected, origin, reason, raw, format, kept) "
                "VALUES (?,?,?,?,?,?)",
                rows,
            )

    def _known_reject(self, reject: Reject) -> Reject:
        return reject._replace(raw=self.pseudonyms.renamed(reject.raw))

    def replace_reject(self, number: int, reject: Reject) -> None:
        """Keep another reject instead of the one with a number."""
        self.cursor.execute(
            "UPDATE rejects SET rejected = ?, origin = ?, reason = ?, raw = ?, format = ?, "
            "kept = ? WHERE number = ?",
            (*_reject_row(reject), number),
        )

    def blanking_key(self) -> bytes:
        """The key of the store's keyed hashes; made when it is first asked for."""
        return self.database.blanking_key(self.cursor)

    def setting(self, name: str) -> str | None:
        """A setting of the store; None if it is not set."""
        self.cursor.execute("SELECT value FROM settings WHERE name = ?", (name,))
        rows = self.cursor.fetchall()
        return str(rows[0][0]) if rows else None

    def set_setting(self, name: str, value: str | None) -> None:
        """Keep a setting of the store; None removes it."""
        self.cursor.execute("DELETE FROM settings WHERE name = ?", (name,))
        if value is not None:
            self.cursor.execute("INSERT INTO settings VALUES (?,?)", (name, value))

    def remove_reject(self, number: int) -> bool:
        """Remove a reject from the list. Returns False if there is none with this number."""
        self.cursor.execute("DELETE FROM rejects WHERE number = ?", (number,))
        return self.cursor.rowcount == 1

    def offsets_of(self, streams: Iterable[str]) -> dict[str, int]:
        """The last offset read of each stream; without streams that were never read."""
        query = _select_offset(self.database)
        offsets: dict[str, int] = {}
        for stream in streams:
            self.cursor.execute(query, (stream,))
            offsets |= dict(map(tuple, self.cursor.fetchall()))
        return offsets

    def advance_offset(self, stream: str, expected: int | None, offset: int) -> None:
        """Record that a stream has been read up to and including ``offset``.

        This is a compare-and-set: it raises ``Superseded`` unless the stored offset is
        ``expected`` (None: the stream has never been read). So if two processes read the same
        message, only one of them records it.
        """
        if expected is None:
            self.cursor.execute(
                f"INSERT INTO {self.database.offsets_table} VALUES (?,?) ON CONFLICT DO NOTHING",
                (stream, offset),
            )
        else:
            self.cursor.execute(
                f"UPDATE {self.database.offsets_table} SET notification_id = ? "
                "WHERE application_name = ? AND notification_id = ?",
                (offset, stream, expected),
            )
        if self.cursor.rowcount != 1:
            raise Superseded(f"{stream}: another reader has been further than {expected}")


class Store:
    """A log of events, its rejects and its stream offsets, in one database.

    Close it, or use it as a context manager. Methods raise ``StoreError`` for a fault of the
    database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @property
    def name(self) -> str:
        """The name of the store in messages. It contains no secret."""
        return self._database.name

    def schema_version(self) -> int:
        """The version of the store's schema; 0 before the first transaction that writes."""
        with self._database.transaction(commit=False) as cursor:
            return self._database.schema_version(cursor)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction that writes, committed at the end of the context.

        Raises ``StoreError`` if it fails; nothing is written then.
        """
        with self._database.transaction(commit=True) as cursor:
            self._database.lock_for_writing(cursor)
            yield (writer := Writer(self._database, cursor))
            writer.keep_keys()

    def pseudonyms(self) -> Pseudonyms:
        """What stands in the place of codes that were erased."""
        with self._database.transaction(commit=False) as cursor:
            return _pseudonyms(self._database, cursor)

    def erasures(self) -> list[Erasure]:
        """The codes that were erased, in the order of time."""
        if self.schema_version() < ERASED_SINCE:
            return []
        query = "SELECT kind, name, erased, because FROM erased WHERE kind <> 'id' ORDER BY erased"
        rows = self._select(query)
        return [
            Erasure(kind, name, datetime.fromisoformat(at), why) for kind, name, at, why in rows
        ]

    def count_erasures(self) -> int:
        """How many codes were erased."""
        if self.schema_version() < ERASED_SINCE:
            return 0
        return int(self._select(COUNT_ERASURES)[0][0])

    def hash_of_value(self, text: str) -> str:
        """The keyed hash by which a reject marks a blanked value."""
        with self._database.transaction(commit=False) as cursor:
            return keyed_hash(self._database.blanking_key(cursor))(text)

    def key_and_erased(self) -> tuple[bytes, list[tuple[str, str, str]]]:
        """The key of the store's keyed hashes, and what was erased: its kind, what stands in its
        place, and the hash of what it was."""
        with self._database.transaction(commit=False) as cursor:
            cursor.execute("SELECT kind, name, hash FROM erased ORDER BY hash")
            rows = [(str(kind), str(name), str(was)) for kind, name, was in cursor.fetchall()]
            return self._database.blanking_key(cursor), rows

    def position_of(self, number: int) -> int | None:
        """The position of an event, of which so many come up to it; None if there are fewer."""
        position = self._database.position_column
        query = f"SELECT {position} FROM stored_events ORDER BY {position} LIMIT 1 OFFSET ?"
        rows = self._select(query, number - 1)
        return int(rows[0][0]) if rows else None

    def count_events(self, until: int) -> int:
        """How many events there are up to and including a position."""
        query = f"SELECT count(*) FROM stored_events WHERE {self._database.position_column} <= ?"
        return int(self._select(query, until)[0][0])

    def select_since(self, version: int, query: str, *values: int) -> list[Sequence[Any]]:
        """The rows of a query of tables that stores have since a version of their schema; none in
        an older store."""
        return self._select(query, *values) if self.schema_version() >= version else []

    def last_position(self) -> int:
        """The position of the last event; 0 for an empty log."""
        with self._database.store_errors():
            return self._database.recorder.max_notification_id() or 0

    def read(self, after: int = 0, until: int | None = None) -> Iterator[StoredEvent]:
        """The events after a position, and up to and including ``until`` if given, in the order of
        the log."""
        for position, state in self.states(after, until):
            yield StoredEvent(self.name, position, state)

    def states(self, after: int = 0, until: int | None = None) -> Iterator[tuple[int, bytes]]:
        """The positions and the JSON of the events that ``read`` gives, at a third of its cost."""
        query = SELECT_EVENTS.format(self._database.position_column)
        last = MAX_POSITION if until is None else until
        while rows := self._select_rows(query, after, last):
            yield from map(tuple, rows)
            after = rows[-1][0]

    def events_containing(self, text: bytes, one_of: Sequence[bytes]) -> Iterator[StoredEvent]:
        """The events whose JSON contains a text and one of some others, in the order of the log.
        The database reads the whole log for it."""
        position, contains = self._database.position_column, self._database.contains.format("state")
        others = " OR ".join([contains] * len(one_of))
        query = (
            f"SELECT {position}, state FROM stored_events WHERE {position} > ? AND {contains} "
            f"AND ({others}) ORDER BY {position} LIMIT {QUERY_EVENTS}"
        )
        after = 0
        while rows := self._select(query, after, text, *one_of):
            for after, state in rows:
                yield StoredEvent(self.name, after, state)

    def events_at(self, positions: Sequence[int]) -> Iterator[StoredEvent]:
        """The events at some positions, which rise, in the order of the log."""
        for start in range(0, len(positions), QUERY_DOSSIERS):
            batch = positions[start : start + QUERY_DOSSIERS]
            query = SELECT_AT.format(self._database.position_column, ",".join("?" * len(batch)))
            for position, state in self._select(query, *batch):
                yield StoredEvent(self.name, position, state)

    def offsets_of(self, streams: Sequence[str]) -> dict[str, int]:
        """The last offset read of each stream; without streams that were never read."""
        query = _select_offset(self._database)
        return dict(tuple(row) for stream in streams for row in self._select(query, stream))

    def offsets_with_prefix(self, prefix: str) -> dict[str, int]:
        """The last offset read of every stream whose name starts with ``prefix`` (``kafka:``)."""
        rows = self._select(f"SELECT * FROM {self._database.offsets_table}")
        return {stream: offset for stream, offset in rows if stream.startswith(prefix)}

    def rejects(
        self, after: int = 0, *, kept: Kept | None = None, before: datetime | None = None
    ) -> Iterator[NumberedReject]:
        """The rejects after a number, in the order in which they were rejected: those that are
        ``kept`` in a way, and were rejected before an instant, where these are given.

        Raises ``StoreError`` if the store's schema is older than this version of hoso.
        """
        self._refuse_older_schema()
        more: dict[str, str] = {}
        if kept is not None:
            more["kept = ?"] = kept
        if before is not None:
            more["rejected < ?"] = before.astimezone(UTC).isoformat()
        where = " AND ".join(["number > ?", *more])
        query = f"{SELECT_REJECTS} WHERE {where} ORDER BY number LIMIT {QUERY_REJECTS}"
        while rows := self._select(query, after, *more.values()):
            yield from map(_numbered_reject, rows)
            after = rows[-1][0]

    def find_reject(self, number: int) -> Reject | None:
        """The reject with a number; None if there is none, or no longer.

        Raises ``StoreError`` if the store's schema is older than this version of hoso.
        """
        self._refuse_older_schema()
        rows = self._select(f"{SELECT_REJECTS} WHERE number = ?", number)
        return _numbered_reject(rows[0])[1] if rows else None

    def count_rejects(self) -> int:
        """The number of rejects."""
        return int(self._select("SELECT count(*) FROM rejects")[0][0])

    def setting(self, name: str) -> str | None:
        """A setting of the store; None if it is not set."""
        self._refuse_older_schema()
        rows = self._select("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def forget(self, *tables: str) -> None:
        """Have the database overwrite what was removed from some tables."""
        self._database.forget(*tables)

    def events_of_dossiers(self, codes: Sequence[str], until: int) -> list[StoredEvent]:
        """The events of some dossiers up to and including a position, in the order of the log."""
        events: list[StoredEvent] = []
        codes = sorted(codes)  # as the index is
        for start in range(0, len(codes), QUERY_DOSSIERS):
            batch = codes[start : start + QUERY_DOSSIERS]
            marks = ",".join("?" * len(batch))
            query = SELECT_DOSSIERS_UP_TO.format(self._database.position_column, marks)
            for position, state in self._select(query, *batch, until):
                events.append(StoredEvent(self.name, position, state))
        return sorted(events, key=itemgetter(1))

    def events_of(self, codes: Iterable[str], until: int) -> dict[str, list[Event]]:
        """As ``Writer.events_of``, up to and including a position."""
        events: dict[str, list[Event]] = {code: [] for code in codes}
        for stored in self.events_of_dossiers([*events], until):
            event = stored.event()
            events[event.subject].append(event)
        return events

    def kept_records_of(self, codes: Iterable[str]) -> dict[str, list[KeptRecord]]:
        """As ``Writer.kept_records_of``; none if the store is older than these."""
        if self.schema_version() < KEPT_RECORDS_SINCE:
            return {code: [] for code in codes}
        with self._database.transaction(commit=False) as cursor:
            return _kept_records_of(cursor, codes)

    def key_ranges(self) -> list[tuple[int, int]]:
        """The positions behind which and up to which there are segments of identity keys."""
        if self.schema_version() < KEYS_SINCE:
            return []
        query = "SELECT after, until FROM identity_keys ORDER BY after"
        return [(after, until) for after, until in self._select(query)]

    def key_segment(self, after: int) -> KeySegment | None:
        """The segment of identity keys behind a position; None if it was merged into another."""
        query = "SELECT after, until, body FROM identity_keys WHERE after = ?"
        for first, until, body in self._select(query, after):
            return KeySegment(first, until, array("q", bytes(body)))
        return None

    def key_segments(self, after: int, until: int) -> list[KeySegment]:
        """The segments of identity keys from a position on, up to another."""
        query = (
            "SELECT after, until, body FROM identity_keys WHERE after >= ? AND until <= ? "
            "ORDER BY after"
        )
        rows = self._select(query, after, until)
        return [KeySegment(first, last, array("q", bytes(body))) for first, last, body in rows]

    def replace_keys(self, segments: Sequence[KeySegment]) -> None:
        """Keep segments of identity keys instead of those that they cover.

        Raises ``StoreError`` rather than wait long while another process writes.
        """
        with self._database.cache_transaction() as cursor:
            for segment in segments:
                cursor.execute(
                    "DELETE FROM identity_keys WHERE after >= ? AND until <= ?", segment[:2]
                )
            _insert_keys(cursor, segments)

    def cached(self, kind: str, name: str) -> list[CachedRow]:
        """The cache entries of a kind and a name, in the order of the log."""
        query = "SELECT after, until, body FROM cache WHERE kind = ? AND name = ? ORDER BY after"
        rows = self._select(query, kind, name)
        # SQLite keeps values of any type: a body that is no bytes is damaged, and no body seals as
        # b"".
        return [(n, m, body if isinstance(body, bytes) else b"") for n, m, body in rows]

    def keep_cached(
        self,
        kind: str,
        name: str,
        rows: Sequence[CachedRow],
        names: int,
        erasures: int | None = None,
    ) -> None:
        """Keep cache entries instead of those of this name that begin at the first one or later;
        of the kind, the ``names`` newest names stay. Nothing is kept if more codes were erased than
        ``erasures`` by now: the entries may contain them.

        Raises ``StoreError`` rather than wait long while another process holds the table.
        """
        with self._database.cache_transaction() as cursor:
            cursor.execute(
                "DELETE FROM cache WHERE kind = ? AND name = ? AND after >= ?",
                (kind, name, rows[0][0]),
            )
            if erasures is not None:
                cursor.execute(COUNT_ERASURES)
                if cursor.fetchall()[0][0] != erasures:
                    return
            values = [(kind, name, *row) for row in rows]
            cursor.executemany("INSERT INTO cache VALUES (?,?,?,?,?)", values)
            cursor.execute(DROP_OLD_NAMES, (kind, name, kind, name, names - 1))

    def describe_cache(self) -> list[tuple[str, str, int]]:
        """The kind, name and size in bytes of each cache entry."""
        query = "SELECT kind, name, length(body) FROM cache"
        return [(kind, name, size) for kind, name, size in self._select(query)]

    def clear_cache(self) -> None:
        """Remove all cache entries. Raises ``StoreError`` as ``keep_cached``."""
        with self._database.cache_transaction() as cursor:
            cursor.execute("DELETE FROM cache")

    def _refuse_older_schema(self) -> None:
        if (version := self.schema_version()) < len(SCHEMA):
            raise StoreError(
                f"{self.name}: its schema is version {version}, and this hoso reads {len(SCHEMA)}; "
                "the next `hoso ingest` or `hoso consume` upgrades it"
            )

    def _select(self, query: str, *values: str | int | bytes) -> list[Sequence[Any]]:
        return [tuple(row) for row in self._select_rows(query, *values)]

    def _select_rows(self, query: str, *values: str | int | bytes) -> list[Any]:
        """The rows as the database's driver has them."""
        with self._database.transaction(commit=False) as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()


def _kept_records_of(cursor: Cursor, codes: Iterable[str]) -> dict[str, list[KeptRecord]]:
    found: dict[str, list[KeptRecord]] = {code: [] for code in codes}
    remaining = iter(found)
    while batch := list(islice(remaining, QUERY_DOSSIERS)):
        cursor.execute(SELECT_KEPT_RECORDS.format(",".join("?" * len(batch))), batch)
        for code, came, body in cursor.fetchall():
            found[code].append(KeptRecord(datetime.fromisoformat(came), bytes(body)))
    return found


def _pseudonyms(database: Database, cursor: Cursor) -> Pseudonyms:
    """The pseudonyms of a store. Raises ``StoreError`` if they were made with another key."""
    if database.schema_version(cursor) < ERASED_SINCE:
        return Pseudonyms(str, {})
    cursor.execute("SELECT hash, name FROM erased")
    if not (known := dict(map(tuple, cursor.fetchall()))):
        return Pseudonyms(str, {})
    pseudonyms = Pseudonyms(keyed_hash(database.blanking_key(cursor)), known)
    if pseudonyms.of(*KEY_ROW) is None:
        raise StoreError(
            f"{database.name}: its key is not the one with which codes were erased: put that one "
            "back; with another one, erased codes would come back"
        )
    return pseudonyms


def _insert_keys(cursor: Cursor, segments: Sequence[KeySegment]) -> None:
    rows = [(after, until, keys.tobytes()) for after, until, keys in segments]
    cursor.executemany("INSERT INTO identity_keys VALUES (?,?,?)", rows)


def _select_offset(database: Database) -> str:
    return f"SELECT * FROM {database.offsets_table} WHERE application_name = ?"


def _numbered_reject(row: Sequence[Any]) -> NumberedReject:
    number, rejected_at, origin, reason, raw, form, kept = row
    when = datetime.fromisoformat(rejected_at)
    return number, Reject(when, origin, reason, bytes(raw), form, kept)


def _reject_row(reject: Reject) -> tuple[object, ...]:
    return (reject.rejected_at.isoformat(), *reject[1:])


def open_store(address: StoreAddress | str, *, create: bool = False) -> Store:
    """Open the store at an address: ``sqlite:///hoso.db``, ``postgresql://user@host/database``.

    With ``create``, a store that does not exist is made by the first transaction that writes.

    Raises ``StoreError`` for a text that is no store's address, for a store that does not exist,
    and for a database of another kind; ``StoreUnavailable`` if a server does not answer.
    """
    return Store(open_database(address, create=create))


def open_database(address: StoreAddress | str, *, create: bool = False) -> Database:
    """Open the database of the store at an address. Raises the same as ``open_store``."""
    address = StoreAddress.parse(address)
    if address.kind == "postgresql":
        from hoso.consumers.store.postgres import Postgres  # here, as it takes long to import

        return Postgres(address, create=create)
    from hoso.consumers.store.sqlite import SQLite

    return SQLite(address, create=create)

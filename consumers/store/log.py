"""Where do events stay? The log, on the eventsourcing library, in a database.

Events are the library's stored events: the dossier's code is the originator, its versions count
from 1 without a gap, and the state is the validated CloudEvent itself, with the time it was
recorded. In the same database stand the rejects, how far each stream of messages has been read, and
the columns, folds and balance sheets that readers made of the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from hoso.consumers.store.backend import SCHEMA, Cursor, Database, Row, StoreError
from hoso.domain.events import EVENT, Event, describe_fault

FIRST_VERSION: Final = 1
ASKED_AT_ONCE: Final = 500  # dossiers
READ_AT_ONCE: Final = 5_000  # events
FURTHEST: Final = (1 << 63) - 1  # no event's position
KNOWN: Final = (
    "SELECT originator_id, originator_version, state FROM stored_events "
    "WHERE originator_id IN ({}) ORDER BY originator_version"
)
# As the library's ``select_notifications``, which makes more of each event at six times the cost.
READ: Final = (
    "SELECT {0}, state FROM stored_events WHERE {0} > ? AND {0} <= ? ORDER BY {0} "
    f"LIMIT {READ_AT_ONCE}"
)
LIVES: Final = "SELECT {}, state FROM stored_events WHERE originator_id IN ({}) AND {} <= ?"
DROP_OLD_NAMES: Final = """
    DELETE FROM cache WHERE kind = ? AND name <> ? AND name NOT IN (
        SELECT name FROM (
            SELECT name, MAX(until) AS newest FROM cache WHERE kind = ? AND name <> ?
            GROUP BY name ORDER BY newest DESC LIMIT ?) AS others)
"""
SHOWN_AT_ONCE: Final = 100  # rejects, of any size each
REJECTS: Final = "SELECT number, rejected, origin, reason, raw, format FROM rejects"


# An event to be appended: its dossier's code, its type, and its JSON as the log keeps it
# (``intake.state_of``). Plain tuples, as named ones take four times as long between processes.
LogEntry = tuple[str, str, bytes]
# A cache entry: the log positions behind which and up to which it is computed, and its bytes.
CachedRow = tuple[int, int, bytes]


class Superseded(Exception):
    """Another reader of a stream has been further than this one knew: nothing was written."""


class StoredEvent(NamedTuple):
    """An event as it stands in the log of a store, and its position there."""

    store: str
    position: int
    state: bytes

    def event(self) -> Event:
        """The event. Raises ``StoreError`` where the store is damaged."""
        return _event(f"{self.store}: event no. {self.position}", self.state)


def _event(place: str, state: bytes) -> Event:
    try:
        return EVENT.validator.validate_json(state)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise StoreError(f"{place} is damaged: {describe_fault(error)}") from None


class Reject(NamedTuple):
    """What failed at intake: when, where from, why, the bytes as they came, and in which format
    they were read (``recording.Format``)."""

    rejected: datetime
    origin: str
    reason: str
    raw: bytes
    format: str


class Writer:
    """Writes within one transaction: all of it is kept, or none."""

    def __init__(self, database: Database, cursor: Cursor) -> None:
        self._database = database
        self._cursor = cursor

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Append events, each as its dossier's next version."""
        if not entries:
            return
        codes = list({dossier for dossier, _, _ in entries})
        last = self._database.last_versions(self._cursor, codes)
        rows: list[Row] = []
        for dossier, topic, state in entries:
            version = last[dossier] = last.get(dossier, FIRST_VERSION - 1) + 1
            rows.append((dossier, version, topic, state))
        self._database.insert(self._cursor, rows)

    def known(self, codes: Iterable[str]) -> dict[str, list[Event]]:
        """The events of some dossiers, in the order of the log, this transaction's included."""
        events: dict[str, list[Event]] = {code: [] for code in codes}
        remaining = iter(events)
        while some := list(islice(remaining, ASKED_AT_ONCE)):
            self._cursor.execute(KNOWN.format(",".join("?" * len(some))), some)
            for code, version, state in self._cursor.fetchall():
                place = f"{self._database.name}: {code}, event no. {version}"
                events[code].append(_event(place, bytes(state)))
        return events

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Keep what failed at intake."""
        rows = [(r.rejected.isoformat(), r.origin, r.reason, r.raw, r.format) for r in rejects]
        if rows:
            self._cursor.executemany(
                "INSERT INTO rejects (rejected, origin, reason, raw, format) VALUES (?,?,?,?,?)",
                rows,
            )

    def settle(self, number: int) -> bool:
        """Take a reject off the list, because it is recorded now; False where it is not on it."""
        self._cursor.execute("DELETE FROM rejects WHERE number = ?", (number,))
        return self._cursor.rowcount == 1

    def reached(self, streams: Iterable[str]) -> dict[str, int]:
        """How far each of some streams has been read: its last offset; none where not at all."""
        query = f"SELECT * FROM {self._database.tracking} WHERE application_name = ?"
        found: dict[str, int] = {}
        for stream in streams:
            self._cursor.execute(query, (stream,))
            found |= dict(map(tuple, self._cursor.fetchall()))
        return found

    def advance(self, stream: str, expected: int | None, reached: int) -> None:
        """Set down how far a stream has been read: up to the offset ``reached``.

        Compare-and-set: raises ``Superseded`` unless the stream had been read up to ``expected``
        (None: not at all), so that of two readers of one message only one records it.
        """
        if expected is None:
            self._cursor.execute(
                f"INSERT INTO {self._database.tracking} VALUES (?,?) ON CONFLICT DO NOTHING",
                (stream, reached),
            )
        else:
            self._cursor.execute(
                f"UPDATE {self._database.tracking} SET notification_id = ? "
                "WHERE application_name = ? AND notification_id = ?",
                (reached, stream, expected),
            )
        if self._cursor.rowcount != 1:
            raise Superseded(f"{stream}: another reader has been further than {expected}")


class Store:
    """A log, its rejects, and what readers made of it. Close it, or use it as a context manager."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        return self._database.name

    def schema(self) -> int:
        """Which version its schema is of; 0 before the first transaction that writes."""
        with self._database.transaction(commit=False) as cursor:
            return self._database.version(cursor)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction. Raises ``StoreError``, with nothing written, where it fails."""
        with self._database.transaction(commit=True) as cursor:
            self._database.begin(cursor)
            yield Writer(self._database, cursor)

    def last_position(self) -> int:
        """The position of the last event; 0 in an empty log."""
        with self._database.trouble():
            return self._database.recorder.max_notification_id() or 0

    def read(self, after: int = 0, upto: int | None = None) -> Iterator[StoredEvent]:
        """The events behind a position, and up to another if given, in the order of the log."""
        query = READ.format(self._database.position)
        while batch := self._select(query, after, FURTHEST if upto is None else upto):
            for after, state in batch:
                yield StoredEvent(self.name, after, state)

    def reached(self, streams: Sequence[str]) -> dict[str, int]:
        """How far each of some streams has been read: its last offset; none where not at all."""
        query = f"SELECT * FROM {self._database.tracking} WHERE application_name = ?"
        return dict(tuple(row) for stream in streams for row in self._select(query, stream))

    def streams(self, prefix: str) -> dict[str, int]:
        """How far each stream has been read that is named so (``kafka:``): its last offset."""
        rows = self._select(f"SELECT * FROM {self._database.tracking}")
        return {stream: reached for stream, reached in rows if stream.startswith(prefix)}

    def rejects(self, after: int = 0) -> Iterator[tuple[int, Reject]]:
        """What failed at intake behind a number, in the order it did, and the number of each."""
        self._refuse_older_schema()
        query = f"{REJECTS} WHERE number > ? ORDER BY number LIMIT {SHOWN_AT_ONCE}"
        while rows := self._select(query, after):
            yield from map(_numbered, rows)
            after = rows[-1][0]

    def rejected(self, number: int) -> Reject | None:
        """What failed at intake under a number; None where the list has it not, or no more."""
        self._refuse_older_schema()
        rows = self._select(f"{REJECTS} WHERE number = ?", number)
        return _numbered(rows[0])[1] if rows else None

    def count_rejects(self) -> int:
        """How many there are."""
        return int(self._select("SELECT count(*) FROM rejects")[0][0])

    def lives(self, codes: Sequence[str], upto: int) -> list[StoredEvent]:
        """All events of some dossiers up to a position, in the order of the log."""
        events: list[StoredEvent] = []
        codes = sorted(codes)  # as the index is
        for start in range(0, len(codes), ASKED_AT_ONCE):
            some = codes[start : start + ASKED_AT_ONCE]
            place = self._database.position
            query = LIVES.format(place, ",".join("?" * len(some)), place)
            for position, state in self._select(query, *some, upto):
                events.append(StoredEvent(self.name, position, state))
        return sorted(events, key=itemgetter(1))

    def cached(self, kind: str, name: str) -> list[CachedRow]:
        """The cache entries of a kind and a name, in the order of the log."""
        query = "SELECT after, until, body FROM cache WHERE kind = ? AND name = ? ORDER BY after"
        rows = self._select(query, kind, name)
        return [(after, until, bytes(body)) for after, until, body in rows]

    def keep_cached(self, kind: str, name: str, rows: Sequence[CachedRow], names: int) -> None:
        """Keep cache entries instead of those of this name that begin at the first one or later;
        of the kind, the ``names`` newest names stay.

        Raises ``StoreError`` rather than wait long while another process holds the table.
        """
        with self._database.impatient() as cursor:
            cursor.execute(
                "DELETE FROM cache WHERE kind = ? AND name = ? AND after >= ?",
                (kind, name, rows[0][0]),
            )
            values = [(kind, name, *row) for row in rows]
            cursor.executemany("INSERT INTO cache VALUES (?,?,?,?,?)", values)
            cursor.execute(DROP_OLD_NAMES, (kind, name, kind, name, names - 1))

    def describe_cache(self) -> list[tuple[str, str, int]]:
        """The kind, name and size in bytes of each cache entry."""
        query = "SELECT kind, name, length(body) FROM cache"
        return [(kind, name, size) for kind, name, size in self._select(query)]

    def clear_cache(self) -> None:
        """Remove all cache entries. Raises ``StoreError`` as ``keep_cached``."""
        with self._database.impatient() as cursor:
            cursor.execute("DELETE FROM cache")

    def _refuse_older_schema(self) -> None:
        if (version := self.schema()) < len(SCHEMA):
            raise StoreError(
                f"{self.name}: its schema is version {version}, and this hoso reads {len(SCHEMA)}; "
                "the next `hoso ingest` or `hoso consume` brings it up to date"
            )

    def _select(self, query: str, *values: str | int) -> list[Sequence[Any]]:
        with self._database.transaction(commit=False) as cursor:
            cursor.execute(query, values)
            return [tuple(row) for row in cursor.fetchall()]


def _numbered(row: Sequence[Any]) -> tuple[int, Reject]:
    number, rejected, origin, reason, raw, form = row
    return number, Reject(datetime.fromisoformat(rejected), origin, reason, bytes(raw), form)


def open_store(url: str, *, create: bool = False) -> Store:
    """The store of a URL: ``sqlite:///hoso.db`` or ``postgresql://user@host/database``; made where
    there is none if ``create``, by the first transaction that writes.

    Raises ``StoreError`` for a URL of another kind, for a store that is not there, and for a
    database that is no such store; ``StoreAway`` for a server that does not answer.
    """
    return Store(open_database(url, create=create))


def open_database(url: str, *, create: bool = False) -> Database:
    """The database beneath the store of a URL, as ``open_store`` opens it."""
    if url.startswith("sqlite:///"):
        from hoso.consumers.store.sqlite import SQLite

        return SQLite(url, create=create)
    if url.startswith(("postgresql://", "postgres://")):
        from hoso.consumers.store.postgres import Postgres  # here, as it takes long to import

        return Postgres(url, create=create)
    shown = url if "@" not in url else f"{url.partition(':')[0]}:…"  # a password may be in it
    raise StoreError(
        f"{shown}: no store that this version knows; use sqlite:///FILE or postgresql://…"
    )

"""Where do events stay? The log, on the eventsourcing library, in one SQLite file.

Events are the library's stored events: the dossier's code is the originator, its versions count
from 1 without a gap, and the state is the validated CloudEvent itself, with the time it was
recorded. In the same database stand the rejects, and the columns and folds that readers made of the
log.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from eventsourcing.persistence import PersistenceError
from eventsourcing.sqlite import (
    SQLITE3_DEFAULT_LOCK_TIMEOUT,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteProcessRecorder,
)
from pydantic import ValidationError

from domain.events import EVENT, Event, fault
from domain.wrong import Wrong

SCHEME: Final = "sqlite:///"
FIRST_VERSION: Final = 1
READ_AT_ONCE: Final = 5_000  # events
APPLICATION_ID: Final = int.from_bytes(b"hoso")
NO_STORE: Final = "there is no such store; `hoso ingest FILE` makes one"
MARK: Final = f"PRAGMA application_id = {APPLICATION_ID}"
TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS rejects (number INTEGER PRIMARY KEY, rejected TEXT NOT NULL, "
    "origin TEXT NOT NULL, reason TEXT NOT NULL, raw BLOB NOT NULL)",
    # Made of the log by its readers, kept to be read again; never needed.
    "CREATE TABLE IF NOT EXISTS columns (after INTEGER PRIMARY KEY, "
    "last_position INTEGER NOT NULL, form TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS folds (name TEXT PRIMARY KEY, last_position INTEGER NOT NULL, "
    "body BLOB NOT NULL)",
)
LAST_VERSIONS: Final = (
    "SELECT originator_id, MAX(originator_version) FROM stored_events "
    "WHERE originator_id IN (SELECT value FROM json_each(?)) GROUP BY originator_id"
)


class StoreTrouble(Wrong):
    """A store that cannot be used; the message says which, and why."""


class Entry(NamedTuple):
    """An event to be appended: its JSON as the log keeps it (``intake.to_store``)."""

    dossier: str
    type: str
    state: bytes


class Stored(NamedTuple):
    """An event as it stands in the log of a store, and its position there."""

    store: str
    position: int
    state: bytes

    def event(self) -> Event:
        """The event. Raises ``StoreTrouble`` where the store is damaged."""
        try:
            return EVENT.validate_json(self.state)
        except ValidationError as error:
            place = f"{self.store}: event no. {self.position}"
            raise StoreTrouble(f"{place} is damaged: {fault(error)}") from None


class Reject(NamedTuple):
    """What failed at intake: when, where from, why, and the bytes as they came."""

    rejected: datetime
    origin: str
    reason: str
    raw: bytes


class Segment(NamedTuple):
    """Columns made of the log from behind one position up to another; ``form`` says how."""

    after: int
    last_position: int
    form: str
    body: bytes


class DossierRecorder(SQLiteProcessRecorder):
    """The library's recorder, with the project's own tables beside its own."""

    def make_tables(self, cursor: SQLiteCursor) -> None:
        """Make what tables are not there yet, as part of the transaction that first needs them:
        the library's in a new store, the project's own in one of an older version, too."""
        cursor.execute("SELECT count(*) FROM sqlite_master")
        if not cursor.fetchone()[0]:
            self._create_table(cursor)
        for statement in TABLES:
            cursor.execute(statement)


class Writer:
    """Writes within one transaction: all of it is kept, or none."""

    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor

    def append(self, entries: Sequence[Entry]) -> None:
        """Append events, each as its dossier's next version."""
        codes = {entry.dossier for entry in entries}
        self._cursor.execute(LAST_VERSIONS, (orjson.dumps(list(codes)),))
        last: dict[str, int] = dict(self._cursor.fetchall())
        rows = []
        for dossier, topic, state in entries:
            version = last[dossier] = last.get(dossier, FIRST_VERSION - 1) + 1
            rows.append((dossier, version, topic, state))
        self._cursor.executemany("INSERT INTO stored_events VALUES (?,?,?,?)", rows)

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Keep what failed at intake."""
        rows = [(r.rejected.isoformat(), r.origin, r.reason, r.raw) for r in rejects]
        self._cursor.executemany("INSERT INTO rejects VALUES (NULL,?,?,?,?)", rows)


class Store:
    """A log, its rejects, and what readers made of it. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._trouble():
            name = _database(path)
            datastore = SQLiteDatastore(name, originator_id_type="text", pool_size=1)
            self._recorder = DossierRecorder(datastore)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.datastore.close()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction. Raises ``StoreTrouble``, with nothing written, where it fails."""
        with self._trouble(), self._recorder.datastore.transaction(commit=True) as cursor:
            cursor.execute(MARK)  # a write: waits here for other writers, not later in vain
            self._recorder.make_tables(cursor)
            yield Writer(cursor)

    def last_position(self) -> int:
        """The position of the last event; 0 in an empty log."""
        with self._trouble():
            return self._recorder.max_notification_id() or 0

    def read(self, after: int = 0, upto: int | None = None) -> Iterator[Stored]:
        """The events behind a position, and up to another if given, in the order of the log."""
        name = str(self._path)
        while True:
            with self._trouble():
                batch = self._recorder.select_notifications(
                    after, READ_AT_ONCE, stop=upto, inclusive_of_start=False
                )
            if not batch:
                return
            for event in batch:
                yield Stored(name, event.id, event.state)
            after = batch[-1].id

    def rejects(self) -> list[Reject]:
        """What failed at intake, in the order it did."""
        rows = self._select("SELECT rejected, origin, reason, raw FROM rejects ORDER BY number")
        return [Reject(datetime.fromisoformat(row[0]), *row[1:]) for row in rows]

    def segments(self) -> list[Segment]:
        """The columns kept, in the order of the log."""
        return [Segment(*row) for row in self._select("SELECT * FROM columns ORDER BY after")]

    def keep_segments(self, segments: Sequence[Segment]) -> None:
        """Keep columns, instead of those kept so far from where the first begins.

        Raises ``StoreTrouble`` at once, rather than wait, while another process is writing.
        """
        with self._impatient() as cursor:
            cursor.execute("DELETE FROM columns WHERE after >= ?", (segments[0].after,))
            cursor.executemany("INSERT INTO columns VALUES (?,?,?,?)", segments)

    def fold(self, name: str, last_position: int) -> bytes | None:
        """What is kept under a name for the log up to a position."""
        query = "SELECT body FROM folds WHERE name = ? AND last_position = ?"
        rows = self._select(query, name, last_position)
        return rows[0][0] if rows else None

    def keep_fold(self, name: str, last_position: int, body: bytes) -> None:
        """Keep what the log up to a position folds into; what was kept for another one goes.

        Raises ``StoreTrouble`` at once, rather than wait, while another process is writing.
        """
        with self._impatient() as cursor:
            cursor.execute("DELETE FROM folds WHERE last_position != ?", (last_position,))
            cursor.execute(
                "INSERT OR REPLACE INTO folds VALUES (?,?,?)", (name, last_position, body)
            )

    @contextmanager
    def _impatient(self) -> Iterator[SQLiteCursor]:
        with self._trouble(), self._recorder.datastore.transaction(commit=True) as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                yield cursor
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {1000 * SQLITE3_DEFAULT_LOCK_TIMEOUT}")

    def _select(self, query: str, *values: str | int) -> list[Sequence[Any]]:
        with self._trouble(), self._recorder.datastore.transaction(commit=False) as cursor:
            cursor.execute(query, values)
            return [tuple(row) for row in cursor.fetchall()]

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (PersistenceError, sqlite3.Error) as error:
            hint = "; another process is writing, try again" if "locked" in str(error) else ""
            raise StoreTrouble(f"{self._path}: {error}{hint}") from error


def open_store(url: str, *, create: bool = False) -> Store:
    """The store of a URL such as ``sqlite:///hoso.db``; made where there is none if ``create``.

    Raises ``StoreTrouble`` for a URL of another kind, for a store that is not there, and for a
    file that is no such store.
    """
    if not url.startswith(SCHEME) or url == SCHEME:
        raise StoreTrouble(f"{url}: no store that this version knows; use sqlite:///FILE")
    path = Path(url.removeprefix(SCHEME))
    if ":memory:" in path.name or "mode=memory" in path.name:
        raise StoreTrouble(f"{url}: a store is a file; what is in memory is lost at once")
    if path.is_file():
        _refuse_what_is_no_store(path, create=create)
    elif not create:
        raise StoreTrouble(f"{path}: {NO_STORE}")
    return Store(path)


def _database(path: Path) -> str:
    """A database as SQLite names it.

    Where this user cannot write, another may be writing: then there is a write-ahead log beside
    the database, to be read with it. Where there is none, no lock is needed, nor possible.
    """
    mode = "immutable=1"
    if os.access(path.absolute().parent, os.W_OK):
        mode = "mode=rwc"
    elif Path(f"{path}-wal").exists():
        mode = "mode=ro"
    return f"{path.absolute().as_uri()}?{mode}"


def _refuse_what_is_no_store(path: Path, *, create: bool) -> None:
    """A database of another kind is not touched; an empty one may become a store."""
    try:
        with closing(sqlite3.connect(_database(path), uri=True)) as database:
            [kind] = database.execute("PRAGMA application_id").fetchone()
            [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise StoreTrouble(f"{path}: {error}") from None
    if tables and kind != APPLICATION_ID:
        raise StoreTrouble(f"{path}: is no hoso store, but a database of another kind")
    if not tables and not create:
        raise StoreTrouble(f"{path}: {NO_STORE}")

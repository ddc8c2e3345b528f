"""What does the log need of SQLite? One file, no service: the default.

URL: ``sqlite:///hoso.db``. The file is a hoso store by its ``application_id``, of the schema that
its ``user_version`` says. Other processes may read while one writes (write-ahead log).
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import orjson
from eventsourcing.persistence import ConnectionUnavailableError, PersistenceError
from eventsourcing.sqlite import SQLiteDatastore, SQLiteProcessRecorder

from hoso.consumers.store.backend import (
    FOREIGN,
    IMPATIENT_MS,
    LOCK_TIMEOUT_S,
    NO_STORE,
    SCHEMA,
    Cursor,
    Row,
    StoreAway,
    StoreError,
    upgrade_schema,
)

SCHEME: Final = "sqlite:///"
# As fast as row by row, and the interpreter is free meanwhile for another thread to read and judge.
ROWS_AT_ONCE: Final = 500
# With 2 MB, as SQLite has by itself, to look up dossiers in a large log takes half as long again.
CACHE: Final = "PRAGMA cache_size = -32768"  # KiB
APPLICATION_ID: Final = int.from_bytes(b"hoso")
TYPES: Final = {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}
# In one statement, as another process may be making the store meanwhile.
KIND: Final = (
    "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"
)
LAST_VERSIONS: Final = (
    "SELECT originator_id, MAX(originator_version) FROM stored_events "
    "WHERE originator_id IN (SELECT value FROM json_each(?)) GROUP BY originator_id"
)


class SQLite:
    """A log in a file."""

    tracking = "tracking"
    position = "rowid"

    def __init__(self, url: str, *, create: bool) -> None:
        path = _path(url)
        if path.is_file():
            _refuse_what_is_no_store(path, create=create)
        elif not create:
            raise StoreError(f"{path}: {NO_STORE}")
        self.name = str(path)
        with self.trouble():
            self._datastore = SQLiteDatastore(
                _database(path),
                originator_id_type="text",
                pool_size=1,
                lock_timeout=LOCK_TIMEOUT_S,
            )
            self.recorder = SQLiteProcessRecorder(self._datastore)

    def close(self) -> None:
        """Let go of the file."""
        self._datastore.close()

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """One transaction, kept if ``commit``."""
        with self.trouble(), self._datastore.transaction(commit=commit) as cursor:
            cursor.execute(CACHE)
            yield cursor.sqlite_cursor

    @contextmanager
    def impatient(self) -> Iterator[Cursor]:
        """A transaction that is kept, and fails rather than wait long for other writers."""
        with self.transaction(commit=True) as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {IMPATIENT_MS}")
            try:
                yield cursor
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {1000 * LOCK_TIMEOUT_S}")

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """Tells what fails within as ``StoreError``."""
        try:
            yield
        except (PersistenceError, sqlite3.Error) as error:
            if "locked" in str(error) or isinstance(error, ConnectionUnavailableError):
                hint = "another process is writing, try again"
                raise StoreAway(f"{self.name}: {error}; {hint}") from error
            raise StoreError(f"{self.name}: {error}") from error

    def version(self, cursor: Cursor) -> int:
        """Which version of the schema the tables are of; 0 where there are none."""
        cursor.execute("PRAGMA user_version")
        return int(cursor.fetchall()[0][0])

    def upgrade(self, cursor: Cursor, version: int) -> None:
        """Make what is missing since a version."""
        cursor.execute("SELECT count(*) FROM sqlite_master")
        if not cursor.fetchall()[0][0]:
            self.recorder._create_table(cursor)  # type: ignore[arg-type] # of which it is but a shell
        for step in SCHEMA[version:]:
            for statement in step:
                cursor.execute(statement.format(**TYPES))
        cursor.execute(f"PRAGMA user_version = {len(SCHEMA)}")

    def begin(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes: whoever writes first holds the file."""
        cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        upgrade_schema(self, cursor)

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier that has any."""
        cursor.execute(LAST_VERSIONS, (orjson.dumps(codes),))
        return dict(cursor.fetchall())

    def insert(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        """Append rows to the log."""
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            cursor.execute(_insert(len(some)), tuple(chain.from_iterable(some)))


@cache
def _insert(rows: int) -> str:
    return f"INSERT INTO stored_events VALUES {','.join(['(?,?,?,?)'] * rows)}"


def _path(url: str) -> Path:
    path = Path(url.removeprefix(SCHEME))
    if url == SCHEME:
        raise StoreError(f"{url}: names no file; write sqlite:///FILE")
    if ":memory:" in path.name or "mode=memory" in path.name:
        raise StoreError(f"{url}: a store is a file; what is in memory is lost at once")
    return path


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
            kind, tables = database.execute(KIND).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from None
    if tables and kind != APPLICATION_ID:
        raise StoreError(f"{path}: {FOREIGN}")
    if not tables and not create:
        raise StoreError(f"{path}: {NO_STORE}")

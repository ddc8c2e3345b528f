"""A store in an SQLite file: one file, no service. This is the default.

Address: ``sqlite:///hoso.db``. The file's ``application_id`` marks it as a hoso store, and its
``user_version`` is the version of the schema. Other processes may read while one writes, because
the file has a write-ahead log.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import orjson
from eventsourcing.persistence import ConnectionUnavailableError, PersistenceError
from eventsourcing.sqlite import SQLiteDatastore, SQLiteProcessRecorder

from hoso.consumers.store.address import SQLITE_SCHEME, StoreAddress
from hoso.consumers.store.backend import (
    CACHE_LOCK_TIMEOUT_MS,
    KEY_BYTES,
    LOCK_TIMEOUT_S,
    NOT_A_STORE,
    NOT_FOUND,
    OTHER_KEY,
    SCHEMA,
    Cursor,
    EventRow,
    NoSuchStore,
    StoreError,
    StoreUnavailable,
    ensure_schema,
)

# Rows of one INSERT. It is as fast as row by row, and leaves the interpreter to another thread.
INSERT_ROWS: Final = 500
# With SQLite's default of 2 MB, looking up dossiers in a large log takes half as long again.
SET_CACHE_SIZE: Final = "PRAGMA cache_size = -32768"  # KiB
APPLICATION_ID: Final = int.from_bytes(b"hoso")
TYPES: Final = {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}
# One statement, because another process may be making the store at the same time.
SELECT_KIND: Final = (
    "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"
)
SELECT_LAST_VERSIONS: Final = (
    "SELECT originator_id, MAX(originator_version) FROM stored_events "
    "WHERE originator_id IN (SELECT value FROM json_each(?)) GROUP BY originator_id"
)


class SQLite:
    """A ``Database`` in a file."""

    offsets_table = "tracking"
    position_column = "rowid"
    contains = "instr({}, ?) > 0"

    def __init__(self, address: StoreAddress, *, create: bool) -> None:
        self._path = path = Path(address.reveal().removeprefix(SQLITE_SCHEME))
        self.name = str(Path(address.shown.removeprefix(SQLITE_SCHEME)))
        if path.is_file():
            _refuse_other_database(path, self.name, create=create)
        elif not create:
            raise NoSuchStore(f"{self.name}: {NOT_FOUND}")
        elif not path.parent.is_dir():
            raise StoreError(f"{self.name}: there is no folder {Path(self.name).parent}; make it")
        with self.store_errors():
            self._datastore = SQLiteDatastore(
                _database_uri(path),
                originator_id_type="text",
                pool_size=1,
                lock_timeout=LOCK_TIMEOUT_S,
            )
            self.recorder = SQLiteProcessRecorder(self._datastore)

    def blanking_key(self, cursor: Cursor) -> bytes:
        """The key, in a file beside the store that only its owner may read."""
        return self._key_made_with(os.urandom(KEY_BYTES))

    def put_blanking_key(self, cursor: Cursor, key: bytes) -> None:
        """Use a key of another store. Raises ``StoreError`` where there is another one already."""
        if self._key_made_with(key) != key:
            raise StoreError(f"{self.name}.key: {OTHER_KEY}")

    def _key_made_with(self, body: bytes) -> bytes:
        """The key that is there; where there is none, this one."""
        key = Path(f"{self._path}.key")
        try:
            with suppress(FileExistsError):
                made = os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.write(made, body)
                os.close(made)
            found = key.read_bytes()
        except OSError as error:
            raise StoreError(f"{self.name}.key: {error.strerror}") from None
        if len(found) != KEY_BYTES:
            fault = "is no key of hoso's; remove it, and another one is made"
            raise StoreError(f"{self.name}.key: {fault}")
        return found

    def empty_cache(self, cursor: Cursor) -> None:
        """Remove all cache entries; nobody else writes meanwhile."""
        cursor.execute("DELETE FROM cache")

    def forget(self, *_: str) -> None:
        """Write the file anew: pages that are free may still hold what was removed. Positions stay,
        because the log has no gaps.

        Raises ``StoreUnavailable`` while another process keeps the file from that.
        """
        with self.store_errors(), closing(sqlite3.connect(self._path)) as database:
            database.execute(f"PRAGMA busy_timeout = {1000 * LOCK_TIMEOUT_S}")
            database.execute("VACUUM")
            [(is_busy, _, _)] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if is_busy:
            raise StoreUnavailable(f"{self.name}: another process reads it, try again")

    def close(self) -> None:
        """Close the file."""
        self._datastore.close()

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """One transaction: committed at the end if ``commit``, else rolled back."""
        with self.store_errors(), self._datastore.transaction(commit=commit) as cursor:
            cursor.execute(SET_CACHE_SIZE)
            cursor.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten
            yield cursor.sqlite_cursor

    @contextmanager
    def cache_transaction(self) -> Iterator[Cursor]:
        """A transaction that is committed, and waits for other writers for a short time only."""
        with self.transaction(commit=True) as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {CACHE_LOCK_TIMEOUT_MS}")
            cursor.execute("PRAGMA secure_delete = OFF")  # a cache has what the log has
            try:
                yield cursor
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {1000 * LOCK_TIMEOUT_S}")

    @contextmanager
    def store_errors(self) -> Iterator[None]:
        """Turns a fault of the database within the context into ``StoreError``."""
        try:
            yield
        except (PersistenceError, sqlite3.Error) as error:
            if "locked" in str(error) or isinstance(error, ConnectionUnavailableError):
                hint = "another process is writing, try again"
                raise StoreUnavailable(f"{self.name}: {error}; {hint}") from error
            raise StoreError(f"{self.name}: {error}") from error

    def schema_version(self, cursor: Cursor) -> int:
        """The version of the schema that the tables have; 0 if there are no tables."""
        cursor.execute("PRAGMA user_version")
        return int(cursor.fetchall()[0][0])

    def upgrade_schema(self, cursor: Cursor, version: int) -> None:
        """Add what the schema has after a version."""
        cursor.execute("SELECT count(*) FROM sqlite_master")
        if not cursor.fetchall()[0][0]:
            self.recorder._create_table(cursor)  # type: ignore[arg-type] # it wraps this cursor
        for step in SCHEMA[version:]:
            for statement in step:
                cursor.execute(statement.format(**TYPES))
        cursor.execute(f"PRAGMA user_version = {len(SCHEMA)}")

    def lock_for_writing(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes: the first write locks the file."""
        cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        ensure_schema(self, cursor)

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier; without those that have no events."""
        cursor.execute(SELECT_LAST_VERSIONS, (orjson.dumps(codes),))
        return dict(cursor.fetchall())

    def insert_events(self, cursor: Cursor, rows: Sequence[EventRow]) -> None:
        """Append events to the log."""
        for start in range(0, len(rows), INSERT_ROWS):
            batch = rows[start : start + INSERT_ROWS]
            cursor.execute(_insert_statement(len(batch)), tuple(chain.from_iterable(batch)))


@cache
def _insert_statement(rows: int) -> str:
    return f"INSERT INTO stored_events VALUES {','.join(['(?,?,?,?)'] * rows)}"


def _database_uri(path: Path) -> str:
    """The URI with which SQLite opens a file: to write where this user can, else to read.

    If this user cannot write, another user may be writing: then there is a write-ahead log next to
    the file, and SQLite must read both. If there is none, SQLite needs no lock, and can have none.
    """
    mode = "immutable=1"
    if os.access(path.absolute().parent, os.W_OK):
        mode = "mode=rwc"
    elif Path(f"{path}-wal").exists():
        mode = "mode=ro"
    return f"{path.absolute().as_uri()}?{mode}"


def _refuse_other_database(path: Path, name: str, *, create: bool) -> None:
    """Raises ``StoreError`` for a database of another kind, and for an empty one unless
    ``create``: an empty database may become a store."""
    try:
        with closing(sqlite3.connect(_database_uri(path), uri=True)) as database:
            kind, tables = database.execute(SELECT_KIND).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{name}: {error}") from None
    if tables and kind != APPLICATION_ID:
        raise StoreError(f"{name}: {NOT_A_STORE}")
    if not tables and not create:
        raise NoSuchStore(f"{name}: {NOT_FOUND}")

"""A store in a PostgreSQL database, which many processes may write over the network.

Address: ``postgresql://user@host:5432/database?sslmode=require``. libpq also reads the environment
(``PGPASSWORD``, ``PGPASSFILE``, ``PGSSLROOTCERT`` …), so no password needs to be in the address.

The tables of events and offsets are the library's. ``hoso_schema`` holds the version of the others.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, Final

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from psycopg_pool import PoolTimeout

from hoso.consumers.store.address import StoreAddress
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

# After so long without a connection the store is away, unless the address has a connect_timeout, or
# the environment a PGCONNECT_TIMEOUT.
AWAY_AFTER_S: Final = 5
LEAST_TIMEOUT_S: Final = 2  # that libpq observes
RETRY_PAUSE_S: Final = 0.2
# libpq's settings unless the address has others: the loss of a server is noticed within a minute.
DEFAULTS: Final = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# The server ends a transaction that is idle for so long: a frozen writer keeps the log locked.
IDLE_IN_TRANSACTION_S: Final = 60
TYPES: Final = {"serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"}
CREATE_LOCK: Final = int.from_bytes(b"hoso")  # the advisory lock for making tables
EVENT_TYPE: Final = "stored_event_text"  # the library's; there is no CREATE TYPE IF NOT EXISTS
# Beginnings of the SQLSTATE codes of faults that pass: connection lost, server stopping or
# starting, no lock in time, deadlock, idle too long.
TRANSIENT_STATES: Final = ("08", "57P", "55P03", "40", "25P03")
# From the catalogue: ``to_regclass`` caches that a table was missing.
SELECT_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
SELECT_LAST_VERSIONS: Final = """
    SELECT code, last FROM unnest(?::text[]) AS code, LATERAL (
        SELECT originator_version AS last FROM stored_events
        WHERE originator_id = code ORDER BY originator_version DESC LIMIT 1) AS versions
"""
MAKE_KEY: Final = (
    "CREATE TABLE IF NOT EXISTS blanking_key "
    "(one INTEGER PRIMARY KEY CHECK (one = 1), body BYTEA NOT NULL)"
)
COPY_EVENTS: Final = """
    COPY stored_events (originator_id, originator_version, topic, state)
    FROM STDIN (FORMAT BINARY)
"""


class PostgresCursor:
    """psycopg's cursor behind the interface ``Cursor``: ``?`` stands for a value."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.wrapped = cursor

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        return self.wrapped.rowcount

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self.wrapped.execute(statement.replace("?", "%s").encode(), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""
        self.wrapped.executemany(statement.replace("?", "%s").encode(), rows)

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self.wrapped.fetchall()


class PatientRecorder(PostgresProcessRecorder):
    """The library's recorder, which tries again until the store is away, and no longer: the
    library's ten attempts wait for ten connections, one after the other."""

    def __init__(self, datastore: PostgresDatastore, away_after_s: float) -> None:
        super().__init__(datastore)
        self._away_after_s = away_after_s

    def insert_events(self, *arguments: Any, **options: Any) -> Any:
        """Append events, as the library does."""
        return self._try(PostgresProcessRecorder.insert_events, *arguments, **options)

    def select_events(self, *arguments: Any, **options: Any) -> Any:
        """The events of an originator, as the library gives them."""
        return self._try(PostgresProcessRecorder.select_events, *arguments, **options)

    def max_notification_id(self) -> int | None:
        """The last position, as the library gives it."""
        found: int | None = self._try(PostgresProcessRecorder.max_notification_id)
        return found

    def _try(self, method: Any, *arguments: Any, **options: Any) -> Any:
        """What a method of the library returns, without its own attempts."""
        end = monotonic() + self._away_after_s
        while True:
            try:
                return method.__wrapped__(self, *arguments, **options)
            except (InterfaceError, OperationalError):
                if monotonic() >= end:
                    raise
                sleep(RETRY_PAUSE_S)


class Postgres:
    """A ``Database`` on a server."""

    offsets_table = "notification_tracking"
    position_column = "notification_id"
    contains = "position(?::bytea IN {}) > 0"

    def __init__(self, address: StoreAddress, *, create: bool) -> None:
        self._parameters = _parameters(address)
        self.name = address.shown
        away_after_s = _away_after_s(self.name, self._parameters)
        with self.store_errors():
            schema = _refuse_other_database(self.name, self._parameters, create=create)
            self._datastore = PostgresDatastore(
                *("", "", "", "", ""),  # database, host, port, user, password: see below
                connect_timeout=away_after_s,  # of the pool
                idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_S,
                lock_timeout=LOCK_TIMEOUT_S,
                schema=schema,
                originator_id_type="text",
            )
            # The library passes these five on only; an address may have more, such as sslmode.
            self._datastore.pool.kwargs = {**self._parameters, "row_factory": dict_row}
            # By default, the pool would retry after an outage for as long as the outage lasted.
            self._datastore.pool.reconnect_timeout = away_after_s
            self.recorder = PatientRecorder(self._datastore, away_after_s)

    def blanking_key(self, cursor: Cursor) -> bytes:
        """The key, in a table that only its owner may read."""
        return self._key_made_with(cursor, os.urandom(KEY_BYTES))

    def put_blanking_key(self, cursor: Cursor, key: bytes) -> None:
        """Use a key of another store. Raises ``StoreError`` where there is another one already."""
        if self._key_made_with(cursor, key) != key:
            raise StoreError(f"{self.name}: {OTHER_KEY}")

    def _key_made_with(self, cursor: Cursor, made: bytes) -> bytes:
        """The key that is there; where there is none, this one."""
        cursor.execute(MAKE_KEY)
        cursor.execute("REVOKE ALL ON blanking_key FROM PUBLIC")
        cursor.execute("INSERT INTO blanking_key VALUES (1, ?) ON CONFLICT DO NOTHING", (made,))
        cursor.execute("SELECT body FROM blanking_key")
        return bytes(cursor.fetchall()[0][0])

    def empty_cache(self, cursor: Cursor) -> None:
        """Remove all cache entries, after those of other transactions that are under way."""
        cursor.execute("TRUNCATE cache")

    def forget(self, *tables: str) -> None:
        """Write some tables anew, so that their files no longer have what was removed."""
        with (
            self.store_errors(),
            psycopg.connect(**self._parameters, autocommit=True) as connection,
        ):
            for table in tables:
                connection.execute(f"VACUUM FULL {table}".encode())

    def close(self) -> None:
        """Close the connection."""
        self._datastore.close()

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """One transaction: committed at the end if ``commit``, else rolled back."""
        with (
            self.store_errors(),
            self._datastore.get_connection() as connection,
            connection.transaction(force_rollback=not commit),
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            yield PostgresCursor(cursor)

    @contextmanager
    def cache_transaction(self) -> Iterator[Cursor]:
        """A transaction that is committed, and waits for other writers for a short time only."""
        with self.transaction(commit=True) as cursor:
            # To see what was committed while this transaction waited for a lock.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(f"SET LOCAL lock_timeout = '{CACHE_LOCK_TIMEOUT_MS}ms'")
            yield cursor

    @contextmanager
    def store_errors(self) -> Iterator[None]:
        """Turns a fault of the database within the context into ``StoreError``."""
        try:
            yield
        except (PersistenceError, psycopg.Error) as error:
            cause = error.__cause__ if isinstance(error, PersistenceError) else error
            kind = StoreUnavailable if _is_transient(cause) else StoreError
            reason = self._why_no_connection() if isinstance(cause, PoolTimeout) else str(error)
            raise kind(f"{self.name}: {' '.join(reason.split())}") from error

    def _why_no_connection(self) -> str:
        """Why there is no connection; the pool does not say."""
        try:
            psycopg.connect(**self._parameters | {"connect_timeout": LEAST_TIMEOUT_S}).close()
        except psycopg.Error as error:
            return str(error)
        return "no connection in time, try again"

    def schema_version(self, cursor: Cursor) -> int:
        """The version of the schema that the tables have; 0 if there are no tables."""
        cursor.execute(SELECT_TABLES)
        if ("hoso_schema",) not in cursor.fetchall():
            return 0
        cursor.execute("SELECT version FROM hoso_schema")
        return int(cursor.fetchall()[0][0])

    def upgrade_schema(self, cursor: Cursor, version: int) -> None:
        """Add what the schema has after a version."""
        cursor.execute("SELECT pg_advisory_xact_lock(?)", (CREATE_LOCK,))
        version = self.schema_version(cursor)  # another process may have been first
        if version == 0:
            self._make_library_tables(cursor)
        for step in SCHEMA[version:]:
            for statement in step:
                cursor.execute(statement.format(**TYPES))
        cursor.execute("UPDATE hoso_schema SET version = ?", (len(SCHEMA),))

    def _make_library_tables(self, cursor: Cursor) -> None:
        """Make the library's tables as the library does, but within this transaction."""
        for statement in self.recorder.sql_create_statements:
            text = statement.as_string()
            if text.startswith("CREATE TYPE"):
                cursor.execute(f"SELECT to_regtype('{EVENT_TYPE}') IS NOT NULL")
                if cursor.fetchall()[0][0]:
                    continue
            cursor.execute(text)
        cursor.execute("CREATE TABLE hoso_schema (version INTEGER NOT NULL)")
        cursor.execute("INSERT INTO hoso_schema VALUES (0)")

    def lock_for_writing(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes. Readers do not wait.

        Because of this lock, positions are in the order of commits. So no reader passes a position
        that is committed later.
        """
        # To see what was committed while this transaction waited for the lock.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        ensure_schema(self, cursor)
        cursor.execute("LOCK TABLE stored_events IN EXCLUSIVE MODE")

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier; without those that have no events."""
        cursor.execute(SELECT_LAST_VERSIONS, (list(codes),))
        return dict(cursor.fetchall())

    def insert_events(self, cursor: Cursor, rows: Sequence[EventRow]) -> None:
        """Append events to the log, and notify the library's subscribers."""
        assert isinstance(cursor, PostgresCursor)
        with cursor.wrapped.copy(COPY_EVENTS) as copy:
            copy.set_types(["text", "int8", "text", "bytea"])
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"NOTIFY {self.recorder.channel_name}")


def _parameters(address: StoreAddress) -> dict[str, Any]:
    """libpq's connection parameters: ``DEFAULTS`` and what the address says."""
    given = conninfo_to_dict(address.reveal())  # was parsed once before, when the address was made
    timeout = {"connect_timeout": os.environ.get("PGCONNECT_TIMEOUT") or AWAY_AFTER_S}
    return DEFAULTS | timeout | {key: value for key, value in given.items() if value is not None}


def _away_after_s(name: str, parameters: dict[str, Any]) -> float:
    """After how many seconds without a connection the store is away. Raises ``StoreError``."""
    given = str(parameters["connect_timeout"])
    if not given.isdecimal() or int(given) < LEAST_TIMEOUT_S:
        fault = f"connect_timeout={given}: write seconds, {LEAST_TIMEOUT_S} or more"
        raise StoreError(f"{name}: {fault}")
    return float(given)


def _is_transient(error: BaseException | None) -> bool:
    """Whether the same statement may succeed later."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(TRANSIENT_STATES)


def _refuse_other_database(name: str, parameters: dict[str, Any], *, create: bool) -> str:
    """Raises ``StoreError`` for a database that holds another application's events, and for one
    that is no store unless ``create``: any other database may become a store.

    Returns the name of the schema that its tables are in.
    """
    with psycopg.connect(**parameters, row_factory=tuple_row) as connection:
        [(schema,)] = connection.execute("SELECT current_schema()").fetchall()
        tables = {table for (table,) in connection.execute(SELECT_TABLES)}
    is_store = "hoso_schema" in tables
    if "stored_events" in tables and not is_store:
        raise StoreError(f"{name}: {NOT_A_STORE}")
    if not is_store and not create:
        raise NoSuchStore(f"{name}: {NOT_FOUND}")
    return str(schema)

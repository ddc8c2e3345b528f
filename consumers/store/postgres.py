"""What does the log need of PostgreSQL? A database that many processes write, on a server.

URL: ``postgresql://user@host:5432/database?sslmode=require``, with all that libpq reads from the
environment (``PGPASSWORD``, ``PGPASSFILE``, ``PGSSLROOTCERT`` …), so that no secret need be in the
URL. The tables are the library's; ``hoso_schema`` says of which version the others are. No message
quotes the URL: only user, host, port and database are named.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from eventsourcing.persistence import PersistenceError
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from psycopg_pool import PoolTimeout

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

CONNECT_TIMEOUT_S: Final = 5
# What libpq is told unless the URL says otherwise. A server that vanished is missed in a minute.
DEFAULTS: Final = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# A writer that is frozen must not hold the log for ever.
IDLE_IN_TRANSACTION_S: Final = 60
TYPES: Final = {"serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"}
MAKERS: Final = int.from_bytes(b"hoso")  # the advisory lock of those who make tables
EVENT_TYPE: Final = "stored_event_text"  # the library's; there is no CREATE TYPE IF NOT EXISTS
# Connection lost, server stopping or starting, lock not had in time, deadlock, idle too long.
PASSING: Final = ("08", "57P", "55P03", "40", "25P03")
# Asked of the catalogue itself: to_regclass would remember that there was none.
TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
LAST_VERSIONS: Final = """
    SELECT code, last FROM unnest(?::text[]) AS code, LATERAL (
        SELECT originator_version AS last FROM stored_events
        WHERE originator_id = code ORDER BY originator_version DESC LIMIT 1) AS versions
"""
INSERT: Final = """
    COPY stored_events (originator_id, originator_version, topic, state)
    FROM STDIN (FORMAT BINARY)
"""


class Statements:
    """The database's own cursor, with ``?`` for a value as in the shared statements."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.own = cursor

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        return self.own.rowcount

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self.own.execute(statement.replace("?", "%s").encode(), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row."""
        self.own.executemany(statement.replace("?", "%s").encode(), rows)

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self.own.fetchall()


class Postgres:
    """A log on a server."""

    tracking = "notification_tracking"
    position = "notification_id"

    def __init__(self, url: str, *, create: bool) -> None:
        self._parameters = _parameters(url)
        self.name = _shown(self._parameters)
        with self.trouble():
            schema = _refuse_what_is_no_store(self.name, self._parameters, create=create)
            self._datastore = PostgresDatastore(
                *("", "", "", "", ""),  # database, host, port, user, password: see below
                connect_timeout=CONNECT_TIMEOUT_S,
                idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_S,
                lock_timeout=LOCK_TIMEOUT_S,
                schema=schema,
                originator_id_type="text",
            )
            # The library passes these five on only; a URL may have more, such as sslmode.
            self._datastore.pool.kwargs = {**self._parameters, "row_factory": dict_row}
            # Else, after an outage, the pool would go on waiting for as long as that had taken.
            self._datastore.pool.reconnect_timeout = CONNECT_TIMEOUT_S
            self.recorder = PostgresProcessRecorder(self._datastore)

    def close(self) -> None:
        """Let go of the connection."""
        self._datastore.close()

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """One transaction, kept if ``commit``."""
        with (
            self.trouble(),
            self._datastore.get_connection() as connection,
            connection.transaction(force_rollback=not commit),
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            yield Statements(cursor)

    @contextmanager
    def impatient(self) -> Iterator[Cursor]:
        """A transaction that is kept, and fails rather than wait long for other writers."""
        with self.transaction(commit=True) as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{IMPATIENT_MS}ms'")
            yield cursor

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """Tells what fails within as ``StoreError``."""
        try:
            yield
        except (PersistenceError, psycopg.Error) as error:
            cause = error.__cause__ if isinstance(error, PersistenceError) else error
            kind = StoreAway if _passes(cause) else StoreError
            told = self._why_not() if isinstance(cause, PoolTimeout) else str(error)
            raise kind(f"{self.name}: {' '.join(told.split())}") from error

    def _why_not(self) -> str:
        """Why there is no connection: the pool does not say."""
        try:
            psycopg.connect(**self._parameters).close()
        except psycopg.Error as error:
            return str(error)
        return "no connection in time, try again"

    def version(self, cursor: Cursor) -> int:
        """Which version of the schema the tables are of; 0 where there are none."""
        cursor.execute(TABLES)
        if ("hoso_schema",) not in cursor.fetchall():
            return 0
        cursor.execute("SELECT version FROM hoso_schema")
        return int(cursor.fetchall()[0][0])

    def upgrade(self, cursor: Cursor, version: int) -> None:
        """Make what is missing since a version."""
        cursor.execute("SELECT pg_advisory_xact_lock(?)", (MAKERS,))
        version = self.version(cursor)  # another process may have been first
        if version == 0:
            self._make_log(cursor)
        for step in SCHEMA[version:]:
            for statement in step:
                cursor.execute(statement.format(**TYPES))
        cursor.execute("UPDATE hoso_schema SET version = ?", (len(SCHEMA),))

    def _make_log(self, cursor: Cursor) -> None:
        """The library's tables, as it makes them itself, but within this transaction."""
        for statement in self.recorder.sql_create_statements:
            text = statement.as_string()
            if text.startswith("CREATE TYPE"):
                cursor.execute(f"SELECT to_regtype('{EVENT_TYPE}') IS NOT NULL")
                if cursor.fetchall()[0][0]:
                    continue
            cursor.execute(text)
        cursor.execute("CREATE TABLE hoso_schema (version INTEGER NOT NULL)")
        cursor.execute("INSERT INTO hoso_schema VALUES (0)")

    def begin(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes; whoever reads is not kept waiting.

        So positions are in the order of commits, and no reader passes over one that comes later.
        """
        cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")  # to see who was before
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        upgrade_schema(self, cursor)
        cursor.execute("LOCK TABLE stored_events IN EXCLUSIVE MODE")

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier that has any."""
        cursor.execute(LAST_VERSIONS, (list(codes),))
        return dict(cursor.fetchall())

    def insert(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        """Append rows to the log, and wake the library's subscribers."""
        assert isinstance(cursor, Statements)
        with cursor.own.copy(INSERT) as copy:
            copy.set_types(["text", "int8", "text", "bytea"])
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"NOTIFY {self.recorder.channel_name}")


def _parameters(url: str) -> dict[str, Any]:
    try:
        said = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
        return DEFAULTS | said
    except psycopg.Error:
        raise StoreError(
            "postgresql://…: is no URL that PostgreSQL knows; "
            "write postgresql://user@host:5432/database"
        ) from None


def _shown(parameters: dict[str, Any]) -> str:
    """The store as messages name it: without the password, whatever else is in the URL."""
    user = f"{parameters['user']}@" if "user" in parameters else ""
    port = f":{parameters['port']}" if "port" in parameters else ""
    return f"postgresql://{user}{parameters.get('host', '')}{port}/{parameters.get('dbname', '')}"


def _passes(error: BaseException | None) -> bool:
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(PASSING)


def _refuse_what_is_no_store(name: str, parameters: dict[str, Any], *, create: bool) -> str:
    """A database with tables of another kind is not touched; any other may become a store.

    Returns the schema that its tables are in.
    """
    with psycopg.connect(**parameters, row_factory=tuple_row) as connection:
        [(schema,)] = connection.execute("SELECT current_schema()").fetchall()
        tables = {table for (table,) in connection.execute(TABLES)}
    store, events = "hoso_schema" in tables, "stored_events" in tables
    if events and not store:
        raise StoreError(f"{name}: {FOREIGN}")
    if not store and not create:
        raise StoreError(f"{name}: {NO_STORE}")
    return str(schema)

"""What does the log need of a database? What each kind must offer, and how its faults are told.

``consumers.store.sqlite`` and ``consumers.store.postgres`` are the kinds; ``consumers.store.log`` is built on
either. Shared statements are SQL that both speak, with ``?`` for a value.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from eventsourcing.persistence import ProcessRecorder

from hoso.domain.errors import UserError

NO_STORE: Final = "there is no such store; `hoso ingest FILE` makes one"
FOREIGN: Final = "is no hoso store, but a database of another kind"
LOCK_TIMEOUT_S: Final = 5  # how long a writer waits for another
IMPATIENT_MS: Final = 200  # how long who keeps what was made of the log waits for a writer

# What each version of the schema added beside the library's own tables, from version 1 on.
SCHEMA: Final = (
    (
        "CREATE TABLE IF NOT EXISTS rejects (number {serial}, rejected TEXT NOT NULL, "
        "origin TEXT NOT NULL, reason TEXT NOT NULL, raw {bytes} NOT NULL)",
        # Made of the log by its readers, kept to be read again; never needed.
        "CREATE TABLE IF NOT EXISTS columns (after BIGINT PRIMARY KEY, "
        "last_position BIGINT NOT NULL, form TEXT NOT NULL, body {bytes} NOT NULL)",
        "CREATE TABLE IF NOT EXISTS folds (name TEXT PRIMARY KEY, "
        "last_position BIGINT NOT NULL, body {bytes} NOT NULL)",
    ),
    ("ALTER TABLE rejects ADD COLUMN format TEXT NOT NULL DEFAULT 'events'",),
    (
        "CREATE TABLE IF NOT EXISTS event_keys (after BIGINT PRIMARY KEY, "
        "last_position BIGINT NOT NULL, form TEXT NOT NULL, body {bytes} NOT NULL)",
        "CREATE TABLE IF NOT EXISTS sheets (name TEXT PRIMARY KEY, "
        "last_position BIGINT NOT NULL, body {bytes} NOT NULL)",
    ),
    (
        # One table for all that readers compute of the log and keep (hoso.projections.cache).
        "DROP TABLE IF EXISTS columns",
        "DROP TABLE IF EXISTS folds",
        "DROP TABLE IF EXISTS event_keys",
        "DROP TABLE IF EXISTS sheets",
        "CREATE TABLE IF NOT EXISTS cache (kind TEXT NOT NULL, name TEXT NOT NULL, after BIGINT NOT NULL, "
        "until BIGINT NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (kind, name, after))",
    ),
)


# An event as the library's table has it: originator, version, topic, state.
Row = tuple[str, int, str, bytes]


class StoreError(UserError):
    """A store that cannot be used; the message says which, and why."""


class StoreAway(StoreError):
    """A store that cannot be used just now; what failed may be tried again."""


class Cursor(Protocol):
    """Statements within one transaction."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> object:
        """Run a statement."""

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> object:
        """Run a statement for each row."""

    def fetchall(self) -> list[Any]:
        """The rows of the last statement, as tuples."""


class Database(Protocol):
    """A database of one kind. What it raises for what fails in it is ``StoreError``."""

    @property
    def name(self) -> str:
        """What messages call it; no secret is in it."""

    @property
    def tracking(self) -> str:
        """The library's table of how far streams have been read."""

    @property
    def position(self) -> str:
        """The column of the library's table of events that is their position."""

    @property
    def recorder(self) -> ProcessRecorder:
        """The library's own way to the log."""

    def transaction(self, *, commit: bool) -> AbstractContextManager[Cursor]:
        """One transaction, kept if ``commit``."""

    def impatient(self) -> AbstractContextManager[Cursor]:
        """A transaction that is kept, and fails rather than wait long for other writers."""

    def trouble(self) -> AbstractContextManager[None]:
        """Tells what fails within as ``StoreError``."""

    def version(self, cursor: Cursor) -> int:
        """Which version of ``SCHEMA`` the tables are of; 0 where there are none."""

    def upgrade(self, cursor: Cursor, version: int) -> None:
        """Make what is missing since a version, the library's tables in a new store included."""

    def begin(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes, let none begin before this one ends, and make
        the tables that are not there yet."""

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier that has any."""

    def insert(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        """Append rows to the log."""

    def close(self) -> None:
        """Let go of the database."""


def upgrade_schema(database: Database, cursor: Cursor) -> None:
    """Make what tables are not there yet. Raises ``StoreError`` for those of a later version."""
    version = database.version(cursor)
    if version > len(SCHEMA):
        raise StoreError(
            f"{database.name}: its schema is version {version}, and this hoso knows {len(SCHEMA)}; "
            "use a newer one"
        )
    if version < len(SCHEMA):
        database.upgrade(cursor, version)

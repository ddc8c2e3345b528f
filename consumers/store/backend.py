"""The interface between the store's log and a database: what each kind of database provides.

``consumers.store.sqlite`` and ``consumers.store.postgres`` implement ``Database``, and
``consumers.store.log`` is built on it. Statements that both kinds share are SQL that both accept,
with ``?`` for a value.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Protocol

from hoso.domain.errors import UserError

if TYPE_CHECKING:  # it takes long to import, and is not needed to catch StoreError
    from eventsourcing.persistence import ProcessRecorder

NOT_FOUND: Final = "there is no such store; `hoso ingest FILE` makes one"
NOT_A_STORE: Final = "is no hoso store, but a database of another kind"
LOCK_TIMEOUT_S: Final = 5  # how long a writer waits for another one
CACHE_LOCK_TIMEOUT_MS: Final = 200  # the same for a writer of the cache, which may also give up

# What each version of the schema, from 1 on, added to the library's own tables.
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
        "CREATE TABLE IF NOT EXISTS cache (kind TEXT NOT NULL, name TEXT NOT NULL, "
        "after BIGINT NOT NULL, until BIGINT NOT NULL, body {bytes} NOT NULL, "
        "PRIMARY KEY (kind, name, after))",
    ),
    (
        # The identity keys of the events behind one position up to another, in the log's order.
        "CREATE TABLE IF NOT EXISTS identity_keys (after BIGINT PRIMARY KEY, "
        "until BIGINT NOT NULL, body {bytes} NOT NULL)",
        # How a reject is kept (``log.Kept``); those that are there were kept as they came.
        "ALTER TABLE rejects ADD COLUMN kept TEXT NOT NULL DEFAULT 'before'",
        "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    (
        # The records of the national portal that came (``log.KeptRecord``).
        "CREATE TABLE IF NOT EXISTS kept_records (dossier TEXT NOT NULL, number BIGINT NOT NULL, "
        "came TEXT NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (dossier, number))",
    ),
    (
        # What was erased: its keyed hash, and what stands in its place (``pseudonyms``).
        "CREATE TABLE IF NOT EXISTS erased (hash TEXT PRIMARY KEY, kind TEXT NOT NULL, "
        "name TEXT NOT NULL, erased TEXT NOT NULL, because TEXT NOT NULL)",
    ),
    (
        # What proves the log (``proofs``): its tree's hashes, its signed notes, its releases.
        "CREATE TABLE IF NOT EXISTS tiles (level BIGINT NOT NULL, number BIGINT NOT NULL, "
        "body {bytes} NOT NULL, PRIMARY KEY (level, number))",
        "CREATE TABLE IF NOT EXISTS checkpoints (number BIGINT PRIMARY KEY, note TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS releases (number BIGINT PRIMARY KEY, entry {bytes} NOT NULL)",
    ),
)


# An event as the library's table has it: originator, version, topic, state.
EventRow = tuple[str, int, str, bytes]


KEY_BYTES: Final = 32
OTHER_KEY: Final = "there is another key already; name another store"


class StoreError(UserError):
    """A store cannot be used; the message says which one, and why."""


class NoSuchStore(StoreError):
    """There is no store at an address."""


class StoreUnavailable(StoreError):
    """A store cannot be used at the moment; the same call may succeed later."""


class Cursor(Protocol):
    """Runs statements within one transaction."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> object:
        """Run a statement."""

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> object:
        """Run a statement once for each row of values."""

    def fetchall(self) -> list[Any]:
        """The rows of the last statement, as tuples."""


class Database(Protocol):
    """A database of one kind. Every method raises ``StoreError`` for a fault of the database."""

    @property
    def name(self) -> str:
        """The name of the store in messages. It contains no secret."""

    @property
    def offsets_table(self) -> str:
        """The library's table of stream offsets: how far each stream has been read."""

    @property
    def position_column(self) -> str:
        """The column of the library's table of events that holds an event's position."""

    @property
    def recorder(self) -> "ProcessRecorder":
        """The library's own interface to the log."""

    @property
    def contains(self) -> str:
        """SQL that is true where the bytes of the column ``{}`` contain a value."""

    def transaction(self, *, commit: bool) -> AbstractContextManager[Cursor]:
        """One transaction: committed at the end if ``commit``, else rolled back."""

    def cache_transaction(self) -> AbstractContextManager[Cursor]:
        """A transaction that is committed. It waits for other writers for a short time only
        (``CACHE_LOCK_TIMEOUT_MS``), and fails if they are still writing then."""

    def store_errors(self) -> AbstractContextManager[None]:
        """Turns a fault of the database within the context into ``StoreError``."""

    def schema_version(self, cursor: Cursor) -> int:
        """The version of ``SCHEMA`` that the tables have; 0 if there are no tables."""

    def upgrade_schema(self, cursor: Cursor, version: int) -> None:
        """Add what ``SCHEMA`` has after a version; for version 0, the library's tables, too."""

    def lock_for_writing(self, cursor: Cursor) -> None:
        """Wait until no other transaction writes, and keep others from writing until this one
        ends. Makes the tables that are missing."""

    def last_versions(self, cursor: Cursor, codes: Sequence[str]) -> dict[str, int]:
        """The last version of each dossier; without those that have no events."""

    def insert_events(self, cursor: Cursor, rows: Sequence[EventRow]) -> None:
        """Append events to the log."""

    def blanking_key(self, cursor: Cursor) -> bytes:
        """The key of this store's keyed hashes, made when it is first asked for. Only the owner of
        the store may read it. Called while the transaction keeps others from writing."""

    def put_blanking_key(self, cursor: Cursor, key: bytes) -> None:
        """Use a key of another store. Raises ``StoreError`` where there is another one already."""

    def empty_cache(self, cursor: Cursor) -> None:
        """Remove all cache entries, also those that others are about to keep."""

    def forget(self, *tables: str) -> None:
        """Have the database overwrite what was removed from some tables."""

    def close(self) -> None:
        """Close the connection."""


def ensure_schema(database: Database, cursor: Cursor) -> None:
    """Make the tables that are missing. Raises ``StoreError`` if they are of a later version."""
    version = database.schema_version(cursor)
    if version > len(SCHEMA):
        raise StoreError(
            f"{database.name}: its schema is version {version}, and this hoso knows {len(SCHEMA)}; "
            "use a newer one"
        )
    if version < len(SCHEMA):
        database.upgrade_schema(cursor, version)

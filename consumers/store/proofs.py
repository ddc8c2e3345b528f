"""Keeps in a store what proves its log: the tiles of its tree, signed notes, the log of releases.

It is the shelf of ``hoso.projections.merkle.shelf`` for stores. The log gets an identity and a time
zone when it is first proved. They stay, and with them a mark of the key by which codes are hashed:
with another key, every leaf would be another one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from secrets import token_hex
from typing import Any, Final

from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import KEY_ROW, Store, Writer, open_store
from hoso.consumers.store.log_key import LogKey
from hoso.consumers.store.pseudonyms import CodeHashes, Kind

PROOFS_SINCE: Final = 8  # the version of the schema that has tables for them
HASH_BYTES: Final = 32
TILE_HASHES: Final = 256
IDENTITY_BYTES: Final = 8
IDENTITY, ZONE, KEY_MARK = "log_identity", "log_zone", "log_key_mark"  # settings of the store
TAKEN: Final = "taken_with_key"  # the reason of erasures in the store that a key was taken from
PUT_TILE: Final = (
    "INSERT INTO tiles VALUES (?,?,?) ON CONFLICT (level, number) DO UPDATE "
    "SET body = excluded.body WHERE length(excluded.body) > length(tiles.body)"
)


class StoreProofs:
    """What proves the log of a store. Methods raise ``StoreError`` where the store cannot be used,
    is in another time zone, or has another key than the one of its tree."""

    def __init__(self, address: StoreAddress | str, zone: tzinfo) -> None:
        self._address, self._zone = address, zone

    @property
    def identity(self) -> str:
        """The log's identity; made when it is first asked for."""
        return self.log_key.identity

    @property
    def zone(self) -> str:
        """The time zone of the log's due days."""
        return self.log_key.zone

    def code_hashes(self, kind: Kind, texts: Sequence[str]) -> bytes:
        """The keyed hashes of texts; of those that were erased, the ones of before."""
        return self._hashes.of(kind, texts)

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile; none where there is no such tile."""
        query = "SELECT body FROM tiles WHERE level = ? AND number = ?"
        return b"".join(bytes(body) for (body,) in self._select(query, level, number))

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Keep tiles, all or none; one with fewer hashes than what is there changes nothing."""
        rows = [(level, number, body) for (level, number), body in tiles.items()]
        with self._opened() as store, store.writing() as writer:
            writer.cursor.executemany(PUT_TILE, rows)

    def tree_size(self) -> int:
        """How many events the tiles have."""
        query = (
            "SELECT number, length(body) FROM tiles WHERE level = 0 ORDER BY number DESC LIMIT 1"
        )
        return sum(
            number * TILE_HASHES + size // HASH_BYTES for number, size in self._select(query)
        )

    def position_of(self, size: int) -> int:
        """The position of event no. ``size``, counted without gaps; 0 for none. Raises
        ``StoreError`` where the log has fewer events."""
        if not size:
            return 0
        with self._opened() as store:
            position = store.position_of(size)
        if position is None:
            raise StoreError(
                f"{store.name}: its log has fewer events than were there: its tree has {size:,}; "
                "hoso verify says more"
            )
        return position

    def events_up_to(self, position: int) -> int:
        """How many events the log has up to a position."""
        with self._opened() as store:
            return store.count_events(position)

    def checkpoints(self) -> list[str]:
        """The signed notes of the log, the oldest first."""
        return [
            str(note) for (note,) in self._select("SELECT note FROM checkpoints ORDER BY number")
        ]

    def add_checkpoint(self, note: str) -> None:
        """Keep a signed note."""
        with self._opened() as store, store.writing() as writer:
            writer.cursor.execute(
                "INSERT INTO checkpoints SELECT COALESCE(MAX(number), 0) + 1, ? FROM checkpoints",
                (note,),
            )

    def releases(self) -> list[bytes]:
        """The entries of the log of releases, in order."""
        return [
            bytes(entry) for (entry,) in self._select("SELECT entry FROM releases ORDER BY number")
        ]

    def add_release(self, number: int, entry: bytes) -> None:
        """Append an entry to the log of releases. Raises ``StoreError`` unless its number is the
        next one: another process was first."""
        with self._opened() as store, store.writing() as writer:
            writer.cursor.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM releases")
            if writer.cursor.fetchall()[0][0] != number:
                fault = "another process released meanwhile; release again"
                raise StoreError(f"{store.name}: {fault}")
            writer.cursor.execute("INSERT INTO releases VALUES (?,?)", (number, entry))

    @cached_property
    def log_key(self) -> LogKey:
        """The log's key; made when it is first asked for."""
        with self._opened() as store:
            return log_key(store, self._zone)

    @cached_property
    def _hashes(self) -> CodeHashes:
        return self.log_key.hashes()

    def _opened(self) -> Store:
        return open_store(self._address)

    def _select(self, query: str, *values: int) -> list[Sequence[Any]]:
        with self._opened() as store:
            return store.select_since(PROOFS_SINCE, query, *values)


def log_key(store: Store, zone: tzinfo) -> LogKey:
    """The key of a store's log, which gets an identity where it has none yet.

    Raises ``StoreError`` where the log is of another time zone, or the store's key is another one.
    """
    if store.schema_version() < PROOFS_SINCE or store.setting(IDENTITY) is None:
        with store.writing() as writer:
            _begin(writer, str(zone))
    key, erased = store.key_and_erased()
    found = LogKey(str(store.setting(IDENTITY)), str(store.setting(ZONE)), key, tuple(erased))
    if found.zone != str(zone):
        fault = f"its tree is of due days in {found.zone}, not in {zone}: set HOSO_TIME_ZONE"
        raise StoreError(f"{store.name}: {fault}")
    if _mark(key) != store.setting(KEY_MARK):
        raise StoreError(
            f"{store.name}: its key is not the one of its tree: put that one back; with another "
            "one, no event can be checked"
        )
    return found


def take_key(address: StoreAddress | str, log: LogKey, now: datetime) -> None:
    """Give an empty store the key of another one: it gets the same tree by the same events, and
    puts the same pseudonyms in the place of what was erased there.

    Raises ``StoreError`` where the store has events, or a key of its own already.
    """
    with open_store(address, create=True) as store, store.writing() as writer:
        if writer.last_position() or writer.setting(IDENTITY) is not None:
            raise StoreError(f"{store.name}: has a log of its own already; name an empty store")
        writer.database.put_blanking_key(writer.cursor, log.key)
        _keep(writer, log)
        writer.cursor.executemany(
            "INSERT INTO erased VALUES (?,?,?,?,?)",
            [(was, kind, name, now.isoformat(), TAKEN) for kind, name, was in log.erased],
        )


def _begin(writer: Writer, zone: str) -> None:
    """Give a log its identity, unless another process just has."""
    if writer.setting(IDENTITY) is None:
        _keep(writer, LogKey(token_hex(IDENTITY_BYTES), zone, writer.blanking_key()))


def _keep(writer: Writer, log: LogKey) -> None:
    writer.set_setting(IDENTITY, log.identity)
    writer.set_setting(ZONE, log.zone)
    writer.set_setting(KEY_MARK, _mark(log.key))


def _mark(key: bytes) -> str:
    """What tells a key from others: the hash of a text that no event has."""
    kind, text = KEY_ROW
    return CodeHashes(key, {}).of(kind, [text]).hex()

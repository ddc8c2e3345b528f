"""Keeps in a store what proves its log: the tiles of its tree, signed notes, the log of releases.

It is the shelf of ``hoso.projections.merkle.shelf`` for stores. The log gets an identity and a time
zone when it is first proved. They stay, and with them a mark of the key by which codes are hashed:
with another key, every leaf would be another one.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from secrets import token_hex
from typing import Any, Final, NamedTuple

from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import KEY_ROW, Store, Writer, open_store
from hoso.consumers.store.pseudonyms import CodeHashes, Kind

PROOFS_SINCE: Final = 8  # the version of the schema that has tables for them
HASH_BYTES: Final = 32
TILE_HASHES: Final = 256
IDENTITY_BYTES: Final = 8
IDENTITY, ZONE, KEY_MARK = "log_identity", "log_zone", "log_key_mark"  # settings of the store
PUT_TILE: Final = (
    "INSERT INTO tiles VALUES (?,?,?) ON CONFLICT (level, number) DO UPDATE "
    "SET body = excluded.body WHERE length(excluded.body) > length(tiles.body)"
)


class ProvedLog(NamedTuple):
    """What stays of a log that is proved: its identity, its time zone, how its codes are hashed."""

    identity: str
    zone: str
    code_hashes: CodeHashes


class StoreProofs:
    """What proves the log of a store. Methods raise ``StoreError`` where the store cannot be used,
    is in another time zone, or has another key than the one of its tree."""

    def __init__(self, address: StoreAddress | str, zone: tzinfo) -> None:
        self._address, self._zone = address, zone

    @property
    def identity(self) -> str:
        """The log's identity; made when it is first asked for."""
        return self._log.identity

    @property
    def zone(self) -> str:
        """The time zone of the log's due days."""
        return self._log.zone

    def code_hashes(self, kind: Kind, texts: Sequence[str]) -> bytes:
        """The keyed hashes of texts; of those that were erased, the ones of before."""
        return self._log.code_hashes.of(kind, texts)

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
    def _log(self) -> ProvedLog:
        with self._opened() as store:
            if store.schema_version() < PROOFS_SINCE or store.setting(IDENTITY) is None:
                with store.writing() as writer:
                    _begin(writer, str(self._zone))
            found = ProvedLog(
                str(store.setting(IDENTITY)), str(store.setting(ZONE)), store.code_hashes()
            )
            self._refuse_another(store, found)
        return found

    def _refuse_another(self, store: Store, log: ProvedLog) -> None:
        if log.zone != str(self._zone):
            fault = f"its tree is of due days in {log.zone}, not in {self._zone}"
            raise StoreError(f"{store.name}: {fault}: set HOSO_TIME_ZONE")
        if log.code_hashes.of(*_marked()).hex() != store.setting(KEY_MARK):
            raise StoreError(
                f"{store.name}: its key is not the one of its tree: put that one back; with "
                "another one, no event can be checked"
            )

    def _opened(self) -> Store:
        return open_store(self._address)

    def _select(self, query: str, *values: int) -> list[Sequence[Any]]:
        with self._opened() as store:
            return store.select_since(PROOFS_SINCE, query, *values)


def _marked() -> tuple[Kind, list[str]]:
    """A text that no event has; its hash tells a key."""
    kind, text = KEY_ROW
    return kind, [text]


def _begin(writer: Writer, zone: str) -> None:
    """Give a log its identity, unless another process just has."""
    if writer.setting(IDENTITY) is None:
        writer.set_setting(IDENTITY, token_hex(IDENTITY_BYTES))
        writer.set_setting(ZONE, zone)
        mark = CodeHashes(writer.blanking_key(), {}).of(*_marked())
        writer.set_setting(KEY_MARK, mark.hex())

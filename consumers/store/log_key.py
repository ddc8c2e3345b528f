"""What a log needs to be checked beside its events: its identity, its time zone, and its key.

Codes and ids stand in the tree as keyed hashes. So who has the events of a log without its key, as
in an archive, cannot compute the tree. Who has the key can find a code from its pseudonym.
"""

from typing import NamedTuple

import orjson

from hoso.consumers.store.backend import KEY_BYTES, StoreError
from hoso.consumers.store.pseudonyms import CodeHashes

# What was erased: its kind, what stands in its place, and the hash of what it was.
ErasedRow = tuple[str, str, str]


class LogKey(NamedTuple):
    """A log's key, and what it is of."""

    identity: str
    zone: str
    key: bytes
    erased: tuple[ErasedRow, ...] = ()

    def hashes(self) -> CodeHashes:
        """The keyed hashes of codes and ids, also of those that were erased."""
        return CodeHashes(self.key, {(kind, name): was for kind, name, was in self.erased})

    def to_bytes(self) -> bytes:
        """The key as a file, for its owner only."""
        written = self._asdict() | {"key": self.key.hex()}
        return orjson.dumps(written, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_bytes(cls, body: bytes, name: str) -> "LogKey":
        """The key in the file of a name. Raises ``StoreError`` where it is damaged."""
        found: LogKey | None = None
        try:
            read = orjson.loads(body)
            erased = tuple((str(kind), str(of), str(was)) for kind, of, was in read["erased"])
            found = cls(read["identity"], read["zone"], bytes.fromhex(read["key"]), erased)
            found.hashes()
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # said below
        if found is None or len(found.key) != KEY_BYTES:
            raise StoreError(f"{name}: is no key of a log; hoso archive writes it anew")
        return found

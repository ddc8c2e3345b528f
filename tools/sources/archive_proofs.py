"""Proves the log of an archive, with the key of the store that was archived.

Codes and ids stand in the tree as keyed hashes. ``hoso archive`` writes the key of a store's log
into ``archive.key``, which only its owner may read.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from hoso.consumers.store.log_key import LogKey
from hoso.consumers.store.pseudonyms import CodeHashes, Kind
from hoso.projections import atomic
from hoso.projections.archive.manifest import ArchiveError
from hoso.projections.archive.tiles import ArchiveTiles
from hoso.projections.archive.writer import KEY_FILE

OWNER_ONLY: Final = 0o600
NO_KEY: Final = "the key of its log is missing: hoso archive --source STORE --out FOLDER writes it"


class ArchiveProofs(ArchiveTiles):
    """What proves the log of an archive. Methods raise ``ArchiveError`` and ``StoreError`` where
    its key or a file cannot be read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._key_file = folder / KEY_FILE

    @property
    def identity(self) -> str:
        """The log's identity."""
        return self.log_key.identity

    @property
    def zone(self) -> str:
        """The time zone of the log's due days."""
        return self.log_key.zone

    def code_hashes(self, kind: Kind, texts: Sequence[str]) -> bytes:
        """The keyed hashes of texts; of those that were erased, the ones of before."""
        return self._hashes.of(kind, texts)

    @cached_property
    def log_key(self) -> LogKey:
        """The log's key."""
        try:
            return LogKey.from_bytes(self._key_file.read_bytes(), str(self._key_file))
        except FileNotFoundError:
            raise ArchiveError(f"{self._key_file}: {NO_KEY}") from None
        except OSError as error:
            raise ArchiveError(f"{self._key_file}: {error.strerror}") from None

    @cached_property
    def _hashes(self) -> CodeHashes:
        return self.log_key.hashes()


def keep_key(folder: Path, key: LogKey) -> None:
    """Write the key of its log into an archive. Raises ``ArchiveError``."""
    file = folder / KEY_FILE
    try:
        if not file.exists() or file.read_bytes() != key.to_bytes():
            atomic.write(file, key.to_bytes(), OWNER_ONLY)
    except OSError as error:
        raise ArchiveError(f"{file}: {error.strerror}") from None

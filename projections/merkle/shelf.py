"""What is kept beside a log to prove it: a place for tiles, checkpoints and releases.

A store keeps it in its tables, an archive in its folder.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hoso.projections.merkle.leaf import Kind

Tiles = Mapping[tuple[int, int], bytes]  # by level and number: hashes, one behind the other


class ProofShelf(Protocol):
    """What is kept beside one log. All raise ``UserError`` where the place cannot be used."""

    @property
    def identity(self) -> str:
        """The log's identity, at random; it stays when the log moves."""

    @property
    def zone(self) -> str:
        """The time zone that the log's due days are of."""

    def code_hashes(self, kind: Kind, texts: Sequence[str]) -> bytes:
        """The keyed hashes of texts that may be erased (``leaf.CodeHashes``)."""

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile, 32 bytes each; none where there is no such tile."""

    def put_tiles(self, tiles: Tiles) -> None:
        """Keep tiles, all or none; one that has fewer hashes than what is there changes nothing."""

    def tree_size(self) -> int:
        """How many events the tiles have."""

    def position_of(self, size: int) -> int:
        """The position in the log of its event no. ``size``, counted without gaps; 0 for none.

        Raises ``UserError`` where the log has fewer events.
        """

    def events_up_to(self, position: int) -> int:
        """How many events the log has up to a position."""

    def checkpoints(self) -> list[str]:
        """The signed notes of the log, the oldest first."""

    def add_checkpoint(self, note: str) -> None:
        """Keep a signed note."""

    def releases(self) -> list[bytes]:
        """The entries of the log of releases, in order."""

    def add_release(self, number: int, entry: bytes) -> None:
        """Append an entry. Raises ``UserError`` unless its number is the next one, counted from 1:
        another process was first."""

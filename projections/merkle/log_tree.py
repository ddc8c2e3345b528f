"""Brings the tiles beside a log forward to its end, and answers from them: roots and proofs."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from hoso.projections.log.schema import integers
from hoso.projections.merkle import proofs, tiles
from hoso.projections.merkle.leaf import hashes_of
from hoso.projections.merkle.shelf import ProofShelf

# The events behind a position, as tables of the log that follow each other.
TablesBehind = Callable[[int], Iterable[pa.Table]]


class Tree:
    """The tree of the first ``size`` events of a log, as its tiles have it.

    Where a tile is missing or ends too early, methods raise ``LookupError``.
    """

    def __init__(self, shelf: ProofShelf, size: int) -> None:
        self._shelf, self.size = shelf, size

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` events (None: all), 32 bytes."""
        return self._root_of(0, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that the event at an index (its number less one) is among the first ``size``
        events; see ``proofs.inclusion``."""
        return proofs.inclusion(index, self.size if size is None else size, self._root_of)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the tree of ``new`` events grew out of that of ``old``; see
        ``proofs.consistency``."""
        return proofs.consistency(old, self.size if new is None else new, self._root_of)

    def _root_of(self, start: int, end: int) -> bytes:
        return tiles.root_over(self._shelf.tile, start, end)


def grow(shelf: ProofShelf, behind: TablesBehind, until: int | None = None) -> Tree:
    """Put what the tiles lack of a log behind them, up to a position (None: the end); the tree up
    to there, even if the tiles reach further.

    Events that the tiles have are not read. Raises what ``behind`` and the shelf raise.
    """
    size = shelf.tree_size()
    reached = shelf.position_of(size)
    if until is not None and reached >= until:
        return Tree(shelf, shelf.events_up_to(until))
    for table in behind(reached):
        more = table if until is None else _up_to(table, until)
        hashes = hashes_of(more, range(size + 1, size + 1 + len(more)), shelf.code_hashes)
        shelf.put_tiles(tiles.grown(shelf.tile, size, hashes))
        size += len(more)
        if len(more) < len(table):
            break
    return Tree(shelf, size)


def _up_to(table: pa.Table, position: int) -> pa.Table:
    return table.slice(0, int((integers(table["position"]) <= position).sum()))

"""Compares the events of a log with the tiles that are kept beside it.

It says where the log first is another one and, as far as the tree can tell, what was done to it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from hoso.projections.merkle import tiles
from hoso.projections.merkle.hashing import HASH_BYTES, Hashes, root, to_hashes
from hoso.projections.merkle.shelf import ProofShelf
from hoso.projections.merkle.tiles import HEIGHT, WIDTH

What = Literal["changed", "inserted", "dropped", "reordered", "replaced", "truncated", "tile"]
# The hashes of the leaves of some events, by their numbers, as if they had other numbers.
HashesAs = Callable[[Sequence[int], Sequence[int]], Hashes]

NEAR: Final = 2_000  # events behind, among which one that moved is looked for
MOST: Final = 10  # differences that are told
MOVING: Final = ("inserted", "dropped", "replaced")  # what moves all events behind


class Difference(NamedTuple):
    """How a log differs from its tree: what was done to so many ``events`` from ``number`` on.

    ``reordered``: among these events, the order is another one. ``replaced``: these are others, or
    many more came before them or are gone. ``tile``: the events are as they were, and a hash over
    them in the tiles of a level was changed.
    """

    what: What
    number: int
    events: int
    level: int = 0


class FoundTree:
    """The tree that the events of a log have by themselves, without regard to what is kept."""

    def __init__(self, leaves: Hashes) -> None:
        self.leaves = leaves
        grown = tiles.grown(lambda level, number: b"", 0, leaves)
        self._upper = {place: body for place, body in grown.items() if place[0]}

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile; none where there is no such tile."""
        if level:
            return self._upper.get((level, number), b"")
        return self.leaves[number * WIDTH : (number + 1) * WIDTH].tobytes()

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` events."""
        return tiles.root_over(self.tile, 0, size)

    def behind(self, size: int) -> Mapping[tuple[int, int], bytes]:
        """The tiles that change when those of the first ``size`` events grow to these."""
        return tiles.grown(self.tile, size, self.leaves[size:])

    def upper_tiles(self, size: int) -> Iterator[tuple[int, int, bytes]]:
        """Level, number and hashes of each tile above the lowest level, as they are of the first
        ``size`` events."""
        for (level, number), body in sorted(self._upper.items()):
            hashes = (size >> HEIGHT * level) - number * WIDTH
            if hashes > 0:
                yield level, number, body[: hashes * HASH_BYTES]


def differences(shelf: ProofShelf, found: FoundTree, hashes_as: HashesAs) -> list[Difference]:
    """How the events of a log differ from its tiles, the first MOST ways of it; none where the log
    is what it was, or has more events behind."""
    size = shelf.tree_size()
    numbers = range(-(-size // WIDTH))
    kept = to_hashes(b"".join(shelf.tile(0, number) for number in numbers))[:size]
    told = list(_Comparison(shelf, found.leaves, kept, hashes_as).differences())
    missing = size - len(found.leaves)
    if missing > 0 and not any(each.what in MOVING for each in told):
        told.append(Difference("truncated", len(found.leaves) + 1, missing))
    return told or list(_in_upper_tiles(shelf, found, size))


def _in_upper_tiles(shelf: ProofShelf, found: FoundTree, size: int) -> Iterator[Difference]:
    for level, number, expected in found.upper_tiles(size):
        kept = shelf.tile(level, number)
        if kept != expected:
            pairs = zip(range(0, len(expected), HASH_BYTES), range(WIDTH), strict=False)
            place = next(
                n for at, n in pairs if kept[at : at + HASH_BYTES] != expected[at : at + HASH_BYTES]
            )
            span = WIDTH**level
            yield Difference("tile", (number * WIDTH + place) * span + 1, span, level)


class _Comparison:
    """The hashes of a log's events, and those that are kept of them."""

    def __init__(
        self, shelf: ProofShelf, leaves: Hashes, kept: Hashes, hashes_as: HashesAs
    ) -> None:
        self._shelf, self._leaves, self._kept, self._hashes_as = shelf, leaves, kept, hashes_as
        self._common = min(len(leaves), len(kept))

    def differences(self) -> Iterator[Difference]:
        """What was done, one thing after the other, until events are no longer in their places."""
        differs = (self._leaves[: self._common] != self._kept[: self._common]).any(axis=1)
        end = told = 0
        for row in np.flatnonzero(differs).tolist():
            if row < end:
                continue
            if told == MOST:
                return
            difference = self._at(row, differs)
            yield difference
            if difference.what in MOVING:
                return
            end, told = row + difference.events, told + 1

    def _at(self, row: int, differs: np.ndarray) -> Difference:
        """What was done where a row is the first that differs."""
        if self._tile_was_changed(row // WIDTH):
            return Difference("tile", row + 1, WIDTH - row % WIDTH)
        came, went = self._came_from(row), self._went_to(row)
        if came is not None and went is not None:
            return Difference("reordered", row + 1, max(came, went) + 1)
        if came is not None:
            return Difference("inserted", row + 1, came)
        if went is not None:
            return Difference("dropped", row + 1, went)
        if self._common - row > 1 and differs[row:].all():
            return Difference("replaced", row + 1, self._common - row)
        return Difference("changed", row + 1, 1)

    def _came_from(self, row: int) -> int | None:
        """How many events further on the event stands now that was in this place."""
        numbers = range(row + 2, min(len(self._leaves), row + 1 + NEAR) + 1)
        here = self._hashes_as(numbers, [row + 1] * len(numbers))
        return _first_equal(here, np.broadcast_to(self._kept[row], here.shape))

    def _went_to(self, row: int) -> int | None:
        """How many places further on the event was that stands here now."""
        numbers = range(row + 2, min(len(self._kept), row + 1 + NEAR) + 1)
        there = self._hashes_as([row + 1] * len(numbers), numbers)
        return _first_equal(there, self._kept[row + 1 : row + 1 + len(numbers)])

    def _tile_was_changed(self, number: int) -> bool:
        """Whether the events of a full tile are those over which the level above has a hash."""
        above = to_hashes(self._shelf.tile(1, number // WIDTH))
        here = self._leaves[number * WIDTH : (number + 1) * WIDTH]
        place = number % WIDTH
        return place < len(above) and len(here) == WIDTH and root(here) == above[place].tobytes()


def _first_equal(some: Hashes, others: Hashes) -> int | None:
    """The place, from 1 on, of the first row that is the same in both; None if there is none."""
    same = np.flatnonzero((some == others).all(axis=1))
    return int(same[0]) + 1 if len(same) else None

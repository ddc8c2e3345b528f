"""Keeps a tree's hashes as tiles: 256 hashes wide, eight levels of the tree high.

A tile of level 0 has the hashes of 256 leaves, one of level n + 1 the roots of 256 full tiles of
level n. The last tile of a level may have fewer. https://c2sp.org/tlog-tiles
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from hoso.projections.merkle.hashing import (
    EMPTY_ROOT,
    HASH_BYTES,
    Hashes,
    node_hash,
    parents,
    root,
    to_hashes,
)
from hoso.projections.merkle.proofs import split

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
TILE_BYTES: Final = WIDTH * HASH_BYTES

TileAt = Callable[[int, int], bytes]  # by level and number


def grown(tile_at: TileAt, size: int, hashes: Hashes) -> dict[tuple[int, int], bytes]:
    """The tiles that change when leaves come behind the first ``size`` ones, with these hashes."""
    changed: dict[tuple[int, int], bytes] = {}
    level = 0
    while len(hashes):
        first = size // WIDTH
        begun = tile_at(level, first)[: size % WIDTH * HASH_BYTES] if size % WIDTH else b""
        body = begun + hashes.tobytes()
        for n, start in enumerate(range(0, len(body), TILE_BYTES), first):
            changed[level, n] = body[start : start + TILE_BYTES]
        full = len(body) // TILE_BYTES
        hashes = _roots_of_tiles(to_hashes(body[: full * TILE_BYTES]))
        size, level = first, level + 1
    return changed


def _roots_of_tiles(hashes: Hashes) -> Hashes:
    for _ in range(HEIGHT):
        hashes = parents(hashes)
    return hashes


def root_over(tile_at: TileAt, start: int, end: int) -> bytes:
    """The root over the leaves from ``start`` up to, but not including, ``end``, as proofs need it:
    ``start`` is a multiple of the largest power of two that the leaves fill."""
    leaves = end - start
    if leaves == 0:
        return EMPTY_ROOT
    if leaves & (leaves - 1):
        middle = start + split(leaves)
        return node_hash(root_over(tile_at, start, middle), root_over(tile_at, middle, end))
    level, height = divmod(leaves.bit_length() - 1, HEIGHT)
    first, count = start >> (HEIGHT * level), 1 << height
    tile, place = divmod(first, WIDTH)
    found = to_hashes(tile_at(level, tile))[place : place + count]
    if len(found) < count:
        raise LookupError(f"tile {tile} of level {level} ends before its hash no. {place + count}")
    return root(np.ascontiguousarray(found))

"""Hashes leaves and nodes of a Merkle tree (RFC 9162, section 2.1.1), one or many at a time.

A leaf's hash is that of a zero byte and its entry; a node's, that of a one byte and its two
children. So no entry can be taken for a node.
"""

from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

from hoso.projections.kernels.run import worth_compiling
from hoso.projections.kernels.sha256 import hash_arrays, hash_messages, hashes_in

HASH_BYTES: Final = 32
OF_LEAF, OF_NODE = b"\x00", b"\x01"
AT_ONCE: Final = 4_096  # messages that stay in the processor's cache while they are hashed
EMPTY_ROOT: Final = sha256().digest()

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint8]  # one row of HASH_BYTES for each hash


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(OF_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node."""
    return sha256(OF_NODE + left + right).digest()


def leaf_hashes(entries: Bytes) -> Hashes:
    """The hashes of leaves whose entries are equally long: one row of bytes each."""
    return _hashed(OF_LEAF, entries)


def parents(hashes: Hashes) -> Hashes:
    """The hashes of the nodes above an even number of neighbours."""
    return _hashed(OF_NODE, hashes.reshape(-1, 2 * HASH_BYTES))


def root(hashes: Hashes) -> bytes:
    """The root of a tree whose leaves have these hashes; a node that has no neighbour rises."""
    if not len(hashes):
        return EMPTY_ROOT
    while len(hashes) > 1:
        paired = len(hashes) // 2 * 2
        hashes = np.concatenate((parents(hashes[:paired]), hashes[paired:]))
    return hashes.tobytes()


def to_hashes(joined: bytes) -> Hashes:
    """Hashes that stand one behind the other."""
    return np.frombuffer(joined, np.uint8).reshape(-1, HASH_BYTES)


def _hashed(mark: bytes, rows: Bytes) -> Hashes:
    marked = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    marked[:, 0], marked[:, 1:] = mark[0], rows
    return _in_lanes(marked) if worth_compiling(len(rows)) else _one_by_one(marked)


def _in_lanes(messages: Bytes) -> Hashes:
    from hoso.projections.kernels.native import compiled  # here, as it takes a while to load

    if (native := compiled(hash_messages)) is None:
        return _one_by_one(messages)
    found = np.empty((len(messages), HASH_BYTES), np.uint8)
    for start in range(0, len(messages), AT_ONCE):
        some = messages[start : start + AT_ONCE]
        arrays = hash_arrays(some)
        native(arrays)
        found[start : start + AT_ONCE] = hashes_in(arrays, len(some))
    return found


def _one_by_one(messages: Bytes) -> Hashes:
    text, width = memoryview(messages.tobytes()), messages.shape[1]
    starts = range(0, len(text), width)
    return to_hashes(b"".join([sha256(text[n : n + width]).digest() for n in starts]))

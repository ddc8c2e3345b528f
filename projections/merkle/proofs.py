"""Makes and checks the two proofs of RFC 9162: that an entry is in a log, and that a log has grown
out of an earlier one.

Who checks needs hashes only, no event and no store.
"""

from collections.abc import Callable, Sequence

from hoso.projections.merkle.hashing import node_hash

# The root over the leaves from one index up to, but not including, another.
RootOf = Callable[[int, int], bytes]


def split(leaves: int) -> int:
    """How many of two leaves or more are on the left: the largest power of two below."""
    return 1 << ((leaves - 1).bit_length() - 1)


def inclusion(index: int, size: int, root_of: RootOf) -> list[bytes]:
    """The proof that the leaf at an index (from 0 on) is in the tree of the first ``size`` leaves:
    the hashes beside its way to the root, from below. RFC 9162, section 2.1.3.1."""
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int, root_of: RootOf) -> list[bytes]:
    """The proof that the tree of the first ``old`` leaves became that of ``new`` by leaves behind
    them only. Empty where there is nothing to prove. RFC 9162, section 2.1.4.1."""
    if old in (0, new):
        return []
    start, end, path = 0, new, list[bytes]()
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    if start:
        path.append(root_of(start, end))
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a proof of inclusion leads to from a leaf's hash; None where the proof is not
    one for this index and size. RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for beside in path:
        if not last:
            return None
        if place % 2 or place == last:
            found = node_hash(beside, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    return None if last else found


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a proof of consistency leads to both roots. RFC 9162, section 2.1.4.2."""
    if not 0 < old < new:
        return not path and (old == 0 or (old, old_root) == (new, new_root))
    hashes = [old_root, *path] if old & (old - 1) == 0 else [*path]
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    of_old = of_new = hashes[0]
    for beside in hashes[1:]:
        if not last:
            return False
        if place % 2 or place == last:
            of_old, of_new = node_hash(beside, of_old), node_hash(beside, of_new)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            of_new = node_hash(of_new, beside)
        place, last = place >> 1, last >> 1
    return not last and (of_old, of_new) == (old_root, new_root)

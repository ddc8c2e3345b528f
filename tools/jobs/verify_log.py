"""Verifies a log: computes the tree of its events anew, and compares it with what is kept to prove
it, the tiles and the signed checkpoints. A log that holds is then covered up to its end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.projections.merkle import note
from hoso.projections.merkle.checkpoint import Checkpoint, log_origin, releases_origin
from hoso.projections.merkle.hashing import HASH_BYTES, Hashes
from hoso.projections.merkle.leaf import hashes_of
from hoso.projections.merkle.note import Note, NoteError, RevokedKey, UnknownKey
from hoso.projections.merkle.shelf import ProofShelf
from hoso.projections.merkle.verification import Difference, FoundTree, differences
from hoso.projections.releases.log_of_releases import ReleaseLog
from hoso.projections.releases.verification import Trust
from hoso.tools.sources.source import Source


class Verified(NamedTuple):
    """What came out, a line each: ``faults``, which do not hold; what is ``unchecked``; and
    ``facts``. ``tree`` is that of the events."""

    faults: list[str]
    unchecked: list[str]
    facts: list[str]
    tree: FoundTree


def verify_log(source: Source, trust: Trust) -> Verified:
    """Verify the log of a source, which is opened without its cache.

    Raises ``UserError`` where it cannot be checked: for a source that is no log, or lacks its key.
    """
    shelf = source.proofs()
    found, events = found_tree(source, shelf), _Events(source, shelf)
    size = shelf.tree_size()
    faults = [events.told(each) for each in differences(shelf, found, events.hashes_as)]
    verified = Verified(faults, [], [], found)
    for number, written in enumerate(shelf.checkpoints(), 1):
        _check(f"{source.name}: checkpoint no. {number}", written, shelf, trust, verified)
    if faults:
        return verified
    covered = min(size, len(found.leaves))
    verified.facts.insert(0, f"{source.name}: {covered:,} events are those of its tree")
    if new := len(found.leaves) - covered:
        shelf.put_tiles(found.behind(size))
        told = f"{source.name}: {new:,} events are new in its tree: from now on, a change shows"
        verified.facts.insert(1, told)
    return verified


def found_tree(source: Source, shelf: ProofShelf) -> FoundTree:
    """The tree of the events of a source, computed from them alone."""
    hashes = [np.zeros((0, HASH_BYTES), np.uint8)]
    number = 1
    for table in source.tables(0):
        hashes.append(hashes_of(table, range(number, number + len(table)), shelf.code_hashes))
        number += len(table)
    return FoundTree(np.concatenate(hashes))


def _check(name: str, written: str, shelf: ProofShelf, trust: Trust, into: Verified) -> None:
    """Check one kept checkpoint against the tree of the events, and say what came out."""
    try:
        signed = Note.parse(written)
        checkpoint = Checkpoint.parse(signed.text)
    except NoteError as error:
        into.faults.append(f"{name}: {error}")
        return
    size, events = checkpoint.size, len(into.tree.leaves)
    if checkpoint.origin == releases_origin(shelf.identity):
        _check_releases(name, checkpoint, signed, shelf, trust, into)
    elif checkpoint.origin != log_origin(shelf.identity, shelf.zone):
        into.faults.append(f"{name}: is of another log: {checkpoint.origin}")
    elif size > events:
        into.faults.append(f"{name}: is of {size:,} events, and the log has {events:,}")
    elif checkpoint.root != into.tree.root(size):
        into.faults.append(f"{name}: the first {size:,} events are not those that it was signed of")
    else:
        _check_signature(f"{name}, of {size:,} events", signed, trust, into)


def _check_releases(
    name: str,
    noted: Checkpoint,
    signed: Note,
    shelf: ProofShelf,
    trust: Trust,
    into: Verified,
) -> None:
    """Check a note on the log of releases against its entries."""
    if ReleaseLog(shelf.releases(), noted).fault() is not None:
        into.faults.append(f"{name}: is of other releases than are there: hoso releases says more")
    else:
        _check_signature(f"{name}, of {noted.size:,} releases", signed, trust, into)


def _check_signature(name: str, signed: Note, trust: Trust, into: Verified) -> None:
    if not trust.keys:
        into.facts.append(f"{name}: holds; signatures are not checked: --key FILE.pub")
        return
    try:
        signer = note.signer(signed, trust.keys, trust.revoked)
    except UnknownKey as error:
        into.unchecked.append(f"{name}: {error}")
        return
    except RevokedKey as error:
        into.faults.append(f"{name}: {error}")
        return
    if signer is None:
        into.faults.append(f"{name}: its signature does not hold")
    else:
        into.facts.append(f"{name}: holds, signed by {signer.name} with the key {signer.id}")


class _Events:
    """The events of a log by their numbers."""

    def __init__(self, source: Source, shelf: ProofShelf) -> None:
        self._source, self._shelf = source, shelf

    def hashes_as(self, numbers: Sequence[int], as_numbers: Sequence[int]) -> Hashes:
        """The hashes of some events' leaves as if they had other numbers."""
        if not len(numbers):
            return np.zeros((0, HASH_BYTES), np.uint8)
        first = min(numbers)
        rows = self._rows(first, max(numbers))
        return hashes_of(
            rows.take(pa.array(np.asarray(numbers) - first)), as_numbers, self._shelf.code_hashes
        )

    def told(self, difference: Difference) -> str:
        """A difference in words."""
        what, number, count, level = difference
        log, last = self._source.name, number + count - 1
        if what == "truncated":
            return f"{log}: event no. {number:,} is missing: {count:,} were taken off the end"
        if what == "tile":
            return (
                f"{log}: events no. {number:,} to {last:,} are what they were, but a hash over "
                f"them was changed in the tiles of level {level}"
            )
        event = self._event(number)
        if what == "changed":
            return f"{log}: event no. {number:,} is not what it was: {event}"
        if what == "inserted":
            return f"{log}: event no. {number:,} was not there, {count:,} were put in: {event}"
        if what == "dropped":
            return (
                f"{log}: event no. {number:,} is missing, {count:,} were taken out before {event}"
            )
        if what == "reordered":
            return f"{log}: events no. {number:,} to {last:,} stand in another order: {event}"
        return f"{log}: event no. {number:,} and all behind it are other ones: {event}"

    def _event(self, number: int) -> str:
        """An event's kind, dossier, source and id."""
        event = self._rows(number, number).to_pylist()[0]
        return "{type} of dossier {dossier}, id {id} of {source}".format(**event)

    def _rows(self, first: int, last: int) -> pa.Table:
        found: list[pa.Table] = []
        wanted = last - first + 1
        for table in self._source.tables(self._shelf.position_of(first - 1)):
            found.append(table.slice(0, wanted - sum(map(len, found))))
            if sum(map(len, found)) == wanted:
                break
        return pa.concat_tables(found).unify_dictionaries()

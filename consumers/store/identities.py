"""Tells which ``(source, id)`` a log has already, by the identity keys of all its events in memory.

A writer asks it within its transaction, so no other writer can come between the answer and what is
appended. Eight bytes stand for an event. Arrays of keys are sorted; a small one is merged into the
one before it once that is not twice as long. So a log of n events has about log2(n) arrays.

Two events may share a key by chance. Therefore the answer to "not there" is certain, and "there"
must be looked at: ``first`` reads the event itself.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoso.consumers.store.log import Writer, identity, identity_key

MOST_RECENT: Final = 50_000  # keys that are not in an array yet
Keys = NDArray[np.int64]


class IdentityIndex:
    """The identity keys of a log, as of the last ``catch_up``."""

    def __init__(self) -> None:
        self._begin_anew(0)

    def _begin_anew(self, erasures: int) -> None:
        self._arrays: list[Keys] = []
        self._recent: Counter[int] = Counter()
        self._reached = 0
        self._erasures = erasures

    def catch_up(self, writer: Writer) -> None:
        """Take in what the log has gained, whoever has recorded it. An erasure changes events that
        were there, so all keys are read again after one. Raises ``StoreError``."""
        if (erasures := len(writer.pseudonyms)) != self._erasures:
            self._begin_anew(erasures)
        for until, keys in writer.identity_keys_after(self._reached):
            self._add(keys)
            self._reached = until

    def _add(self, keys: "array[int]") -> None:
        if len(keys) < MOST_RECENT:
            self._recent.update(keys)
            if len(self._recent) < MOST_RECENT:
                return
            keys = array("q", self._recent.elements())
            self._recent = Counter()
        self._arrays.append(np.sort(np.frombuffer(keys, np.int64)))
        while len(self._arrays) > 1 and len(self._arrays[-2]) < 2 * len(self._arrays[-1]):
            last = self._arrays.pop()
            merged = np.concatenate((self._arrays[-1], last))
            merged.sort(kind="stable")  # merges what is sorted
            self._arrays[-1] = merged

    def times(self, keys: Sequence[int]) -> list[int]:
        """How many events of the log have each key."""
        asked = np.array(keys, np.int64)
        found = np.zeros(len(asked), np.int64)
        for known in self._arrays:
            found += np.searchsorted(known, asked, "right") - np.searchsorted(known, asked)
        return [n + self._recent[key] for n, key in zip(found.tolist(), keys, strict=True)]


def first(writer: Writer, state: bytes) -> bytes | None:
    """The JSON of the first event in the log with the identity of another; None if there is none.

    Raises ``StoreError`` if the store cannot be read.
    """
    wanted = identity(state)
    for found in _with_key(writer, identity_key(state)):
        if identity(found) == wanted:
            return found
    return None


def _with_key(writer: Writer, key: int) -> Iterator[bytes]:
    """The JSON of the events with a key, in the order of the log."""
    for after, until, keys in writer.key_segments():
        places = np.flatnonzero(np.frombuffer(keys, np.int64) == key).tolist()
        if len(keys) == until - after:  # no position is left out, so places tell positions
            for place in places:
                yield from writer.states_between(after + place, after + place + 1)
        elif places:
            yield from writer.states_between(after, until)

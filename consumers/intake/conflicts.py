"""Finds conflicts: events with the ``(source, id)`` of an earlier event that differ from it.

The same event again counts once, and so does a conflict: only the first event counts (contract,
section 2). Most often a system numbers the events of each dossier from 1. Events differ if their
subject, type, time or data do.

The log keeps every event, so it knows all conflicts. The store also keeps 64 bits for each
``(source, id)``: the identity key. Only events whose key is there twice are read and compared.
Keys are written in the transaction of their events. Those of other events are made here: of what a
desk recorded, and of stores from before there were keys.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

import orjson

from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import (
    KEYS_SINCE,
    KeySegment,
    Store,
    StoredEvent,
    identity,
    identity_key,
)

EXAMPLES: Final = 10
SEGMENT_KEYS: Final = 1_000_000  # in a full segment
MANY_SMALL: Final = 64  # segments that are not full, before they are merged
Range = tuple[int, int]  # positions of the log: behind the first, up to the second


class Conflict(NamedTuple):
    """An event that does not count, and the dossier of the event before it that does."""

    source: str
    id: str
    dossier: str
    first_dossier: str

    def __str__(self) -> str:
        where = "" if self.dossier == self.first_dossier else f" and {self.dossier}"
        return f"{self.source} {self.id}: {self.first_dossier}{where}"


class Conflicts(NamedTuple):
    """How many events are in conflict, and the first ``EXAMPLES`` of them."""

    events: int
    examples: list[Conflict]


NONE: Final = Conflicts(0, [])


def conflicts_since(store: Store, after: int = 0) -> Conflicts:
    """The conflicts among the events behind a position, each with an event before it in the log.

    Raises ``StoreError`` if the store cannot be read.
    """
    ranges = _segments(store)
    old = [each for each in ranges if each[1] <= after]
    new = ranges[len(old) :]
    keys = array("q")
    for each in new:
        keys.extend(_keys(store, each))
    suspects = _twice(keys)
    ranges = _add_known(store, keys, old, suspects) if keys else []
    if not suspects:
        return NONE
    return _compared(store, frozenset(suspects), [*ranges, *new], after)


def events_with_keys(store: Store, wanted: frozenset[int]) -> Iterator[StoredEvent]:
    """The events of a store that have one of some identity keys, in the order of the log."""
    if wanted:
        for each in _segments(store):
            if not wanted.isdisjoint(_keys(store, each)):
                yield from _with_keys(store, each, wanted)


def tidy_keys(store: Store) -> None:
    """Merge small segments of identity keys: each transaction that records events keeps one.

    Raises ``StoreError`` if the store cannot be read.
    """
    _segments(store)


def _twice(keys: "array[int]") -> set[int]:
    """The keys that are there twice."""
    seen = set[int]()
    return {key for key in keys if key in seen or seen.add(key)}  # type: ignore[func-returns-value]


def _add_known(
    store: Store, new: "array[int]", old: Sequence[Range], suspects: set[int]
) -> list[Range]:
    """Add to ``suspects`` the keys of ``new`` that are in old segments, too. Returns the segments
    that have any of these."""
    if not old:
        return []
    import numpy as np  # here, as most files are the first of their store

    ordered = np.sort(np.frombuffer(new, np.int64))
    ranges = []
    for each in old:
        known = np.frombuffer(_keys(store, each), np.int64)
        place = np.searchsorted(ordered, known)
        found = known[ordered[np.minimum(place, len(ordered) - 1)] == known]
        if len(found):
            suspects.update(found.tolist())
            ranges.append(each)
    return ranges


def _compared(
    store: Store, suspects: frozenset[int], ranges: Sequence[Range], after: int
) -> Conflicts:
    """The conflicts behind a position among the events that have one of some keys."""
    first: dict[bytes, tuple[str, int]] = {}
    events, examples = 0, list[Conflict]()
    for stored in chain.from_iterable(_with_keys(store, each, suspects) for each in ranges):
        event = orjson.loads(stored.state)
        content = content_of(event)
        dossier, known = first.setdefault(identity(stored.state), (event["subject"], content))
        if known != content and stored.position > after:
            events += 1
            if len(examples) < EXAMPLES:
                conflict = Conflict(event["source"], event["id"], event["subject"], dossier)
                examples.append(conflict)
    return Conflicts(events, examples)


def _with_keys(store: Store, each: Range, wanted: frozenset[int]) -> Iterable[StoredEvent]:
    """The events of a range that have one of some keys."""
    after, until = each
    keys = _keys(store, each)
    if len(keys) == until - after:  # no position is left out, so keys tell positions
        return store.events_at([after + n for n, key in enumerate(keys, 1) if key in wanted])
    return (one for one in store.read(after, until) if identity_key(one.state) in wanted)


def content_of(event: dict[str, object]) -> int:
    """A number that stands for what two events with one identity must have in common."""
    time = datetime.fromisoformat(str(event["time"]))
    data = orjson.dumps(event["data"], option=orjson.OPT_SORT_KEYS)
    return hash((event["subject"], event["type"], time, data))


def _keys(store: Store, positions: Range) -> "array[int]":
    """The keys of the events of a range."""
    segment = store.key_segment(positions[0]) if store.schema_version() >= KEYS_SINCE else None
    if segment is not None and segment.until == positions[1]:
        return segment.keys
    return array("q", [identity_key(stored.state) for stored in store.read(*positions)])


def _segments(store: Store) -> list[Range]:
    """The ranges of the log that have a segment of keys, all together from its beginning to its
    end. Segments that are missing are made, and many small ones merged."""
    kept = store.key_ranges()
    missing = _gaps(kept, store.last_position())
    ranges = sorted([*kept, *missing])
    small = [each for each in ranges if each[1] - each[0] < SEGMENT_KEYS]
    if missing or len(small) > MANY_SMALL:
        with suppress(StoreError):  # another process is writing, or we may only read
            return _tidied(store, ranges, missing)
    return ranges


def _gaps(kept: Sequence[Range], end: int) -> list[Range]:
    """What of the log up to a position is in none of some ranges."""
    gaps, reached = [], 0
    for after, until in [*kept, (end, end)]:
        gaps += [
            (start, min(start + SEGMENT_KEYS, after))
            for start in range(reached, after, SEGMENT_KEYS)
        ]
        reached = max(reached, until)
    return gaps


def _tidied(store: Store, ranges: Sequence[Range], missing: Sequence[Range]) -> list[Range]:
    """Keep the segments that are missing, and merge small ones that follow each other."""
    tidy: list[list[Range]] = []
    for each in ranges:
        last = tidy[-1] if tidy else []
        if last and each[1] - last[0][0] <= SEGMENT_KEYS:
            last.append(each)
        else:
            tidy.append([each])
    for group in tidy:
        if len(group) > 1 or group[0] in missing:
            after, until = group[0][0], group[-1][1]
            kept = {segment[:2]: segment.keys for segment in store.key_segments(after, until)}
            keys = array("q")
            for each in group:
                keys.extend(kept[each] if each in kept else _keys(store, each))
            store.replace_keys([KeySegment(after, until, keys)])
    return [(group[0][0], group[-1][1]) for group in tidy]

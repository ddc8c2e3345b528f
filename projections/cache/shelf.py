"""Reads and writes cache entries, wherever they stand.

A shelf is a place for entries: a user's folder, tables of a store, files beside an archive.
``Cache`` works on any shelf: it seals what it writes, and what it reads it checks. It never fails:
what cannot be read is missing, and what cannot be written is not kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from hoso.projections.cache.kinds import Kind
from hoso.projections.cache.seal import Damaged, sealed, unsealed


class Entry(NamedTuple):
    """A cache entry: computed from the events behind log position ``after`` up to ``until``.

    Where an entry is not about a log, both are 0.
    """

    after: int
    until: int
    body: bytes


class Described(NamedTuple):
    """What a shelf says of the entries of one kind and fingerprint."""

    kind: str
    name: str
    entries: int
    size_bytes: int


class Unavailable(Exception):
    """A shelf that cannot be read or written just now."""


class Shelf(Protocol):
    """A place for entries. Each method raises ``Unavailable`` where the place cannot be used."""

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """The entries of a kind and a name, in the order of their positions, sealed."""

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Put sealed entries in place of those of this name that begin at the first one's
        ``after`` or later, and keep the ``names`` newest names of the kind, this one included."""

    def describe(self) -> Sequence[Described]:
        """All that stands there."""

    def clear(self) -> None:
        """Remove all that stands there."""


class Cache:
    """The entries on a shelf, sealed."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def read(self, kind: Kind, name: str) -> list[Entry]:
        """The entries of a kind and a name in the order of the log: those from the first on that
        follow each other without a gap and are undamaged."""
        entries: list[Entry] = []
        with suppress(Unavailable, Damaged):
            for entry in self._shelf.read(kind.name, name):
                if entries and entry.after != entries[-1].until:
                    break
                entries.append(entry._replace(body=unsealed(entry.body)))
        return entries

    def last(self, kind: Kind, name: str) -> Entry | None:
        """The one entry of a kind of which a name has one; None where it is missing or damaged."""
        entries = self.read(kind, name)
        return entries[-1] if entries else None

    def write(self, kind: Kind, name: str, entries: Iterable[Entry]) -> None:
        """Keep entries, instead of those that begin where the first of them does, or later.

        Where nothing is kept, the entries are not even made, if they come from a generator.
        """
        if isinstance(self._shelf, NoShelf):
            return
        whole = [entry._replace(body=sealed(entry.body)) for entry in entries]
        if whole:
            with suppress(Unavailable):
                self._shelf.write(kind.name, name, whole, kind.max_names)


class NoShelf:
    """A shelf that holds nothing: for who asks for no cache, or has no place for one."""

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """Nothing."""
        return ()

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Forget it."""

    def describe(self) -> Sequence[Described]:
        """Nothing."""
        return ()

    def clear(self) -> None:
        """Nothing to do."""

    def has(self, kind: str) -> bool:
        """Whether there is any entry of a kind: there is none."""
        return False


def reached(entries: Sequence[Entry]) -> int:
    """The log position up to which entries reach; 0 where there are none."""
    return entries[-1].until if entries else 0


def described(found: Iterator[tuple[str, str, int]]) -> list[Described]:
    """Add up entries given one by one as kind, name and size in bytes."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for kind, name, size in found:
        count, total = sums.get((kind, name), (0, 0))
        sums[kind, name] = count + 1, total + size
    return [Described(*key, *value) for key, value in sorted(sums.items())]

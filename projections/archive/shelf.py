"""Keeps an archive's balance sheets in files beside it.

A file is named ``cache-KIND-ARCHIVE-NAME-POSITION``. ARCHIVE are the first digits of the archive's
identity, NAME is the entry's fingerprint, and POSITION is that of the last event the entry counts.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hoso.projections import atomic
from hoso.projections.archive.manifest import Manifest
from hoso.projections.cache.shelf import Described, Entry, Unavailable, described

CACHED: Final = re.compile(r"cache-([a-z_]+)-([0-9a-f]{8})-([0-9a-f]+)-(\d+)")
IDENTITY_DIGITS: Final = 8


class CachedFile(NamedTuple):
    """A file with an entry."""

    path: Path
    kind: str
    name: str
    until: int


class ArchiveShelf:
    """The shelf of one archive. Entries begin at the log's beginning: their ``after`` is 0."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._identity = manifest.identity[:IDENTITY_DIGITS]

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """The newest entry of a kind and a name, if there is one. Raises ``Unavailable``."""
        files = [file for file in self._files() if (file.kind, file.name) == (kind, name)]
        try:
            newest = sorted(files, key=lambda file: file.until)[-1:]
            return [Entry(0, file.until, file.path.read_bytes()) for file in newest]
        except OSError as error:
            raise Unavailable(str(error)) from None

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Keep an entry instead of older ones of its name. Raises ``Unavailable``."""
        entry = entries[-1]
        path = self._folder / f"cache-{kind}-{self._identity}-{name}-{entry.until}"
        try:
            atomic.write(path, entry.body)
            for file in self._outdated(kind, name, entry.until, names):
                file.path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _outdated(self, kind: str, name: str, until: int, names: int) -> list[CachedFile]:
        """Older entries of a name, and those of other names beyond the newest ones."""
        files = sorted(self._files(), key=lambda file: file.until, reverse=True)
        same = [f for f in files if (f.kind, f.name) == (kind, name) and f.until != until]
        others = [file for file in files if file.kind == kind and file.name != name]
        return [*same, *others[names - 1 :]]

    def drop_beyond(self, position: int) -> None:
        """Remove entries of more than the archive holds: it was restored from an older copy, and
        other events may follow now."""
        for file in self._files():
            if file.until > position:
                file.path.unlink(missing_ok=True)

    def describe(self) -> Sequence[Described]:
        """All entries beside this archive. Raises ``Unavailable``."""
        try:
            return described((f.kind, f.name, f.path.stat().st_size) for f in self._files())
        except OSError as error:
            raise Unavailable(str(error)) from None

    def clear(self) -> None:
        """Remove all entries beside this archive. Raises ``Unavailable``."""
        try:
            for file in self._files():
                file.path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _files(self) -> Iterator[CachedFile]:
        for path in list(self._folder.glob("cache-*")):
            match = CACHED.fullmatch(path.name)
            if match and match[2] == self._identity:
                yield CachedFile(path, match[1], match[3], int(match[4]))

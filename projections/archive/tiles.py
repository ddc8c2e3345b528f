"""Keeps beside an archive what proves its log: files in the folder ``proofs``.

The tiles of a level stand one behind the other in one file; checkpoints and releases are a file
each. Nothing here is named by the manifest: it stays when buckets are written anew.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from hoso.projections import atomic
from hoso.projections.archive.files import read_files
from hoso.projections.archive.manifest import ArchiveError, read_manifest
from hoso.projections.log.schema import Integers, integers
from hoso.projections.merkle.hashing import HASH_BYTES
from hoso.projections.merkle.tiles import TILE_BYTES

PROOFS: Final = "proofs"
CHECKPOINT, RELEASE = "checkpoint", "release"


class ArchiveTiles:
    """What proves the log of an archive. Methods raise ``ArchiveError`` where a file cannot be read
    or written."""

    def __init__(self, folder: Path) -> None:
        self._archive, self._folder = folder, folder / PROOFS

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile; none where there is no such tile."""
        try:
            with self._level(level).open("rb") as file:
                file.seek(number * TILE_BYTES)
                body = file.read(TILE_BYTES)
                return body[: len(body) // HASH_BYTES * HASH_BYTES]
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._fault(error) from None

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Keep tiles; one with fewer hashes than what is there changes nothing.

        Those of high levels are written first: the tree is as large as its lowest level, so it
        lacks nothing if this is interrupted.
        """
        try:
            self._folder.mkdir(exist_ok=True)
            for (level, number), body in sorted(tiles.items(), key=lambda tile: _order(*tile[0])):
                if len(body) > len(self.tile(level, number)):
                    self._write(level, number, body)
            for level in {level for level, _ in tiles}:
                atomic.sync(self._level(level))
        except OSError as error:
            raise self._fault(error) from None

    def tree_size(self) -> int:
        """How many events the tiles have."""
        lowest = self._level(0)
        return lowest.stat().st_size // HASH_BYTES if lowest.exists() else 0

    def position_of(self, size: int) -> int:
        """The position of event no. ``size``, counted without gaps; 0 for none. Raises
        ``ArchiveError`` where the archive has fewer events."""
        if size > len(self._positions):
            raise ArchiveError(
                f"{self._archive}: has fewer events than were there: its tree has {size:,}; "
                "hoso verify says more"
            )
        return int(self._positions[size - 1]) if size else 0

    def events_up_to(self, position: int) -> int:
        """How many events the archive has up to a position."""
        return int(np.searchsorted(self._positions, position, "right"))

    def checkpoints(self) -> list[str]:
        """The signed notes of the log, the oldest first."""
        return [body.decode(errors="replace") for body in self._numbered(CHECKPOINT)]

    def add_checkpoint(self, note: str) -> None:
        """Keep a signed note."""
        self._add(CHECKPOINT, len(self._numbered(CHECKPOINT)) + 1, note.encode())

    def releases(self) -> list[bytes]:
        """The entries of the log of releases, in order."""
        return self._numbered(RELEASE)

    def add_release(self, number: int, entry: bytes) -> None:
        """Append an entry to the log of releases. Raises ``ArchiveError`` unless its number is the
        next one: another process was first."""
        if number != len(self.releases()) + 1:
            raise ArchiveError(
                f"{self._archive}: another process released meanwhile; release again"
            )
        self._add(RELEASE, number, entry)

    @cached_property
    def _positions(self) -> Integers:
        """The positions of all events, in rising order."""
        files = list(read_manifest(self._archive).files())
        tables = (read_files(self._archive, [file], ["position"]) for file in files)
        found = [np.zeros(0, np.int64), *(integers(table["position"]) for table in tables)]
        return np.sort(np.concatenate(found))

    def _level(self, level: int) -> Path:
        return self._folder / f"tiles-{level}"

    def _write(self, level: int, number: int, body: bytes) -> None:
        path = self._level(level)
        path.touch()
        with path.open("r+b") as file:
            file.seek(number * TILE_BYTES)
            file.write(body)

    def _numbered(self, kind: str) -> list[bytes]:
        """The files of a kind, in the order of their numbers."""
        try:
            return [path.read_bytes() for path in sorted(self._folder.glob(f"{kind}-*"))]
        except OSError as error:
            raise self._fault(error) from None

    def _add(self, kind: str, number: int, body: bytes) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
            atomic.create(self._folder / f"{kind}-{number:06d}", body)
        except FileExistsError:
            raise ArchiveError(f"{self._archive}: another process was first; try again") from None
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> ArchiveError:
        return ArchiveError(f"{error.filename or self._folder}: {error.strerror}")


def _order(level: int, number: int) -> tuple[int, int]:
    """High levels first; within a level, one tile behind the other."""
    return -level, number

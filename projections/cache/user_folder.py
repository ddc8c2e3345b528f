"""The cache of this user: a folder that nobody else can read or write.

It is ``$XDG_CACHE_HOME/hoso``, or ``~/.cache/hoso``. Machine code is loaded from it, so it is used
only where it and each file in it belong to this user and others have no right to write them.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from hoso.projections import atomic
from hoso.projections.cache.fingerprint import fingerprint
from hoso.projections.cache.kinds import Kind
from hoso.projections.cache.shelf import (
    Cache,
    Described,
    Entry,
    NoShelf,
    Shelf,
    Unavailable,
    described,
)

OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600
OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
READ_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
ABANDONED_S: Final = 3_600  # no file takes so long to be written
ENTRIES: Final = "entries"  # below the folder, apart from what older versions left there


class UserFolder:
    """The shelf of this user: a file ``KIND-NAME`` for each entry, whose positions are 0."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """The entry of a kind and a name, if there is one. Raises ``Unavailable``."""
        try:
            check_owner(self.folder.stat())
            descriptor = os.open(self.folder / f"{kind}-{name}", READ_FILE)
            with os.fdopen(descriptor, "rb") as file:
                check_owner(os.fstat(descriptor))
                return [Entry(0, 0, file.read())]
        except OSError as error:
            raise Unavailable(str(error)) from None

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Keep an entry. Raises ``Unavailable``."""
        try:
            own_folder(self.folder)
            atomic.write(self.folder / f"{kind}-{name}", entries[-1].body, OWNER_ONLY_FILE)
            newest_first = sorted(self._files(kind), key=_modified, reverse=True)
            for file in (*newest_first[names:], *self._left_behind(ABANDONED_S)):
                file.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def has(self, kind: str) -> bool:
        """Whether there is any entry of a kind."""
        return any(self._files(kind))

    def describe(self) -> Sequence[Described]:
        """All that stands there. Raises ``Unavailable``."""
        try:
            files = [file for file in self._files() if file.is_file()]
            return described((*_kind_and_name(file), file.stat().st_size) for file in files)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def clear(self) -> None:
        """Remove all that stands there. Raises ``Unavailable``."""
        try:
            for file in (*self._files(), *self._left_behind(0)):
                file.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _files(self, kind: str = "*") -> Iterator[Path]:
        return self.folder.glob(f"{kind}-*")

    def _left_behind(self, age_s: float) -> Iterator[Path]:
        """Files of such an age that a process was writing when it was killed."""
        for file in self.folder.glob(f"{atomic.PREFIX}*{atomic.SUFFIX}"):
            if time.time() - _modified(file) >= age_s:
                yield file


def user_shelf() -> UserFolder | NoShelf:
    """The shelf of this user; an empty one for a user without a home folder."""
    base = user_base()
    return NoShelf() if base is None else UserFolder(base / ENTRIES)


def user_base() -> Path | None:
    """The folder of all that is cached for this user; None for a user without a home folder."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        # The XDG standard: a relative path is invalid and to be ignored.
        base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "hoso"


def own_folder(folder: Path) -> None:
    """Make a folder that only this user can read and write. Raises ``OSError``, also where it is
    another user's or others may write it."""
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    check_owner(folder.stat())


def kept(
    kind: Kind,
    basis: str,
    make: Callable[[], bytes],
    shelf: Shelf | None = None,
    is_good: Callable[[bytes], bool] = bool,
) -> bytes:
    """What ``make`` returns: from the user's cache where it is there, else made and kept.

    ``basis`` is a text for all that it depends on beside the sources that make it. An entry that is
    not ``is_good`` is made again.
    """
    cache, name = Cache(user_shelf() if shelf is None else shelf), fingerprint(kind, basis)
    entry = cache.last(kind, name)
    if entry is not None and is_good(entry.body):
        return entry.body
    body = make()
    cache.write(kind, name, [Entry(0, 0, body)])
    return body


def check_owner(status: os.stat_result) -> None:
    """Raises ``PermissionError`` for what is not this user's own, or what others may write."""
    if status.st_uid != os.geteuid() or status.st_mode & OTHERS_WRITE:
        raise PermissionError("others may write it")


def _kind_and_name(file: Path) -> tuple[str, str]:
    kind, _, name = file.name.partition("-")
    return kind, name


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0

"""A release is made in a folder beside its own, which gets its name when all of it is there.

What makes it a release is its entry in the log of releases. Whoever is killed before has released
nothing, and leaves a folder that the next one removes. Whoever is killed behind it has released
all: the next one who looks only gives the folder its name.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hoso.domain.errors import UserError
from hoso.projections.atomic import sync, sync_folder
from hoso.projections.releases.release import RELEASE_FILE

SUFFIX: Final = ".hoso-release"


class Staging:
    """A folder in which a release is made. ``is_released`` from when its entry may be in the log of
    releases: then the folder stays, whatever happens."""

    def __init__(self, place: Path) -> None:
        self.place, self.is_released = place, False


@contextmanager
def staged(folder: Path, entries: Sequence[bytes]) -> Iterator[Staging]:
    """A new folder for a release, which gets its name at the end; ``entries`` are those of the log
    of releases. It is removed where the block raises before the release may be in that log.

    Raises ``UserError`` where the release's folder is there already, where a killed process had
    released it, and where another process is making it.
    """
    _refuse_existing(folder)
    place = _place(folder)
    with _held(place):
        if _is_entered(place, entries):
            _name(place, folder)
            raise UserError(
                f"{folder}: had been released, and only the folder's name was missing; it is whole "
                "now: hoso verify, or name another folder"
            )
        _clear(place)
        staging = Staging(place)
        try:
            yield staging
            _name(place, folder)
        finally:
            if not staging.is_released:
                shutil.rmtree(place, ignore_errors=True)


def finish(folder: Path, entries: Sequence[bytes]) -> bool:
    """Give a release its folder's name, where a process was killed before it could. True if so."""
    place = _place(folder)
    if folder.exists() or not _is_entered(place, entries):
        return False
    with _held(place):
        _name(place, folder)
    return True


def flush(place: Path) -> None:
    """Wait until all files and folders are on the disk."""
    for path in place.rglob("*"):
        sync(path)
    sync_folder(place)


def _name(place: Path, folder: Path) -> None:
    try:
        place.rename(folder)
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}") from None
    sync_folder(folder.parent)


def _refuse_existing(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise UserError(f"--out: {folder}: is there already; a release has a folder of its own")


def _place(folder: Path) -> Path:
    whole = folder.absolute()
    return whole.with_name(f".{whole.name}{SUFFIX}")


def _is_entered(place: Path, entries: Sequence[bytes]) -> bool:
    try:
        return (place / RELEASE_FILE).read_bytes() in entries
    except OSError:
        return False


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """The folder, made if there is none, and held against other processes."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UserError(f"--out: {place}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UserError(f"--out: {place}: another process is making this release; wait") from None
    finally:
        os.close(descriptor)


def _clear(place: Path) -> None:
    """Remove what a killed process has left in the folder."""
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()

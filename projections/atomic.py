"""Writes a file whole, or not at all.

The bytes go into a new file of a unique name in the target's folder, are flushed to the disk, and
take the target's name in one step. So a reader sees the old content or the new, never a mixture;
two writers of one target do not touch each other's bytes; and a link that somebody planted in the
folder is never followed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC  # O_EXCL follows no link
PREFIX, SUFFIX = ".hoso-", ".partial"  # of a file that is being written


@contextmanager
def replacing(target: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Open a new file that replaces ``target`` when the block ends without an exception.

    ``mode`` are the file's permissions, before the umask. Raises ``OSError`` where the file cannot
    be written; the target is then as it was, and no other file is left behind.
    """
    partial = target.with_name(f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}")
    descriptor = os.open(partial, NEW_FILE, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        partial.replace(target)
        sync_folder(target.parent)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write(target: Path, body: bytes, mode: int = 0o666) -> None:
    """Write ``body`` as the whole content of ``target``. Raises ``OSError`` as ``replacing``."""
    with replacing(target, mode) as file:
        file.write(body)


def create(target: Path, body: bytes, mode: int = 0o666) -> None:
    """Write ``body`` as a new file. Raises ``FileExistsError`` where there is one already, and
    ``OSError`` where it cannot be written; nothing is left behind then."""
    partial = target.with_name(f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}")
    try:
        write(partial, body, mode)
        os.link(partial, target)  # fails where there is a file, as a rename does not
        sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so."""
    with suppress(OSError):  # some file systems cannot flush a folder
        sync(folder)

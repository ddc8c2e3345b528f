"""What does a file say? Events as JSON lines, from a file or from standard input.

A file's events count as recorded when they say so (``recordedtime``), or else when they occurred,
in line order (contract, section 8): ``domain.events.recorded_at``.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple

from hoso.domain.errors import UserError

STANDARD_INPUT = "-"
DATABASE = b"SQLite format 3\0"
BLOCK_BYTES = 4_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Unreadable(UserError):
    """A file that cannot be read; the message says which, and why."""


class Block(NamedTuple):
    """Some whole lines of a file, and the number of the first."""

    name: str
    number: int
    raw: bytes


class Line(NamedTuple):
    """A line that is not blank, without its line feed, and where it stands."""

    name: str
    number: int
    raw: bytes

    @property
    def origin(self) -> str:
        """Where a person finds it: ``events.jsonl:17``."""
        return f"{self.name}:{self.number}"


def blocks(name: str) -> Iterator[Block]:
    """A file, or standard input for ``-``, in blocks of whole lines.

    Raises ``Unreadable`` where there is no such file, or it breaks off.
    """
    try:
        with _opened(name) as file:
            number, rest = 1, _beginning(name, file.read(BLOCK_BYTES))
            while chunk := file.read(BLOCK_BYTES):
                whole, newline, rest = (rest + chunk).rpartition(b"\n")
                if not newline:
                    raise Unreadable(f"{name}:{number}: a line of over {BLOCK_BYTES:,} bytes")
                yield Block(name, number, whole)
                number += whole.count(b"\n") + 1
            yield Block(name, number, rest)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None


def lines(block: Block) -> Iterator[Line]:
    """The lines of a block that are not blank."""
    for number, raw in enumerate(block.raw.split(b"\n"), start=block.number):
        if raw and not raw.isspace():
            yield Line(block.name, number, raw)


def _beginning(name: str, raw: bytes) -> bytes:
    if raw.startswith(DATABASE):
        raise Unreadable(f"{name}: is a database; a store is named sqlite:///{name}")
    return raw.removeprefix(BYTE_ORDER_MARK)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    if name != STANDARD_INPUT:
        return Path(name).open("rb")
    if sys.stdin is None:
        raise Unreadable("-: standard input is closed")
    return nullcontext(sys.stdin.buffer)


def check(name: str) -> None:
    """Raises ``Unreadable`` for a file that is not there, or cannot be opened."""
    if name == STANDARD_INPUT or Path(name).is_fifo():  # to be opened once only
        return
    try:
        with _opened(name):
            pass
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None


def size_bytes(name: str) -> int | None:
    """How long a file is; None for standard input, and where there is no file."""
    try:
        return None if name == STANDARD_INPUT else Path(name).stat().st_size
    except OSError:
        return None

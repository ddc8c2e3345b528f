"""Reads messages from a file or from standard input: one message a line.

An event of a file counts as recorded at its ``recordedtime``, or else at the time when it occurred,
in the order of the lines (contract, section 8): ``domain.events.recorded_at``.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple

from hoso.domain.errors import UserError

STANDARD_INPUT = "-"
SQLITE_HEADER = b"SQLite format 3\0"
BLOCK_BYTES = 4_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class UnreadableFile(UserError):
    """A file cannot be read; the message says which one, and why."""


class Block(NamedTuple):
    """Some whole lines of a file. ``number`` is the number of the first one, counted from 1."""

    name: str
    number: int
    raw: bytes


class InputLine(NamedTuple):
    """A line that is not blank, without its line feed; ``number`` counts from 1."""

    name: str
    number: int
    raw: bytes

    @property
    def origin(self) -> str:
        """Where a person finds the line: ``events.jsonl:17``."""
        return f"{self.name}:{self.number}"


def blocks(name: str) -> Iterator[Block]:
    """The lines of a file, or of standard input for ``-``, in blocks of about ``BLOCK_BYTES``.

    Raises ``UnreadableFile`` if the file does not exist, cannot be read to its end, is a database,
    or has a line that is longer than a block.
    """
    try:
        with _open(name) as file:
            number, rest = 1, _without_byte_order_mark(name, file.read(BLOCK_BYTES))
            while chunk := file.read(BLOCK_BYTES):
                whole_lines, newline, rest = (rest + chunk).rpartition(b"\n")
                if not newline:
                    raise UnreadableFile(f"{name}:{number}: a line of over {BLOCK_BYTES:,} bytes")
                yield Block(name, number, whole_lines)
                number += whole_lines.count(b"\n") + 1
            yield Block(name, number, rest)
    except OSError as error:
        raise UnreadableFile(f"{name}: {error.strerror}") from None


def lines(block: Block) -> Iterator[InputLine]:
    """The lines of a block that are not blank."""
    for number, raw in enumerate(block.raw.split(b"\n"), start=block.number):
        if raw and not raw.isspace():
            yield InputLine(block.name, number, raw)


def _without_byte_order_mark(name: str, raw: bytes) -> bytes:
    """The beginning of a file without its mark. Raises ``UnreadableFile`` for a database."""
    if raw.startswith(SQLITE_HEADER):
        raise UnreadableFile(f"{name}: is a database; a store is named sqlite:///{name}")
    return raw.removeprefix(BYTE_ORDER_MARK)


def _open(name: str) -> AbstractContextManager[BinaryIO]:
    if name != STANDARD_INPUT:
        return Path(name).open("rb")
    if sys.stdin is None:
        raise UnreadableFile("-: standard input is closed")
    return nullcontext(sys.stdin.buffer)


def check_readable(name: str) -> None:
    """Raises ``UnreadableFile`` if a file does not exist or cannot be opened."""
    if name == STANDARD_INPUT or Path(name).is_fifo():  # it can be opened only once
        return
    try:
        with _open(name):
            pass
    except OSError as error:
        raise UnreadableFile(f"{name}: {error.strerror}") from None


def size_bytes(name: str) -> int | None:
    """The length of a file; None for standard input, and if there is no such file."""
    try:
        return None if name == STANDARD_INPUT else Path(name).stat().st_size
    except OSError:
        return None

"""Reads messages from a file or from standard input: one message a line.

A file that is compressed with gzip or Zstandard is unpacked as it is read.

An event of a file counts as recorded at its ``recordedtime``, or else at the time when it occurred,
in the order of the lines (contract, section 8): ``domain.events.recorded_at``.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from pydantic_core import from_json

from hoso.consumers.intake.foreign import what_it_seems
from hoso.consumers.intake.overlong import LONGEST_LINE_BYTES, OverlongLine
from hoso.consumers.store.address import harmless_part
from hoso.domain.errors import UserError

STANDARD_INPUT = "-"
SQLITE_HEADER = b"SQLite format 3\0"
BLOCK_BYTES = 4_000_000  # at most LONGEST_LINE_BYTES: only the first line of two blocks is longer
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The bytes that a compressed file begins with, and the name of the codec.
COMPRESSED: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
LONGEST_MAGIC: Final = max(map(len, COMPRESSED))


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
        return f"{shown_name(self.name)}:{self.number}"


def shown_name(name: str) -> str:
    r"""The name of a file as text. Bytes that are no UTF-8, which Python holds as surrogates, are
    escaped (``\xff``): no database and no document takes surrogates."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _in_a_message(name: str) -> str:
    """The name of a file that cannot be read. It may be a store's address, with a password."""
    return harmless_part(name) if "//" in name else name


def blocks(name: str) -> Iterator[Block]:
    """The lines of a file, or of standard input for ``-``, in blocks of about ``BLOCK_BYTES``.

    A line of over ``LONGEST_LINE_BYTES`` is a block of its own, which has the line's excerpt
    (``overlong``) for a line. So memory stays the same however long lines are.

    Raises ``UnreadableFile`` if the file does not exist, cannot be read to its end, or is a
    database.
    """
    try:
        with _open(name) as file:
            yield from _blocks(name, file)
    except OSError as error:  # a damaged compressed file as well, which has no ``strerror``
        fault = error.strerror or f"is damaged: {error}"
        raise UnreadableFile(f"{_in_a_message(name)}: {fault}") from None


def _blocks(name: str, file: BinaryIO) -> Iterator[Block]:
    first = _without_byte_order_mark(name, file.read(BLOCK_BYTES))
    second = file.read(BLOCK_BYTES)
    if not second:  # one block: nothing to be gained by several processes
        yield Block(name, 1, first)
        return
    number, rest = 1, b""  # the number of the line that ``rest`` begins
    overlong: OverlongLine | None = None
    for chunk in chain([first, second], iter(partial(file.read, BLOCK_BYTES), b"")):
        end = chunk.find(b"\n")
        length_bytes = len(rest) + (len(chunk) if end < 0 else end)
        if overlong is None and length_bytes > LONGEST_LINE_BYTES:
            overlong = OverlongLine()
            overlong.add(rest)
            rest = b""
        if overlong is not None:
            overlong.add(chunk if end < 0 else chunk[:end])
            if end < 0:
                continue
            yield Block(name, number, overlong.excerpt())
            number, overlong, chunk = number + 1, None, chunk[end + 1 :]  # noqa: PLW2901
        whole_lines, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield Block(name, number, whole_lines)
            number += whole_lines.count(b"\n") + 1
    yield Block(name, number, rest if overlong is None else overlong.excerpt())


def lines(block: Block) -> Iterator[InputLine]:
    """The lines of a block that are not blank."""
    for number, raw in enumerate(block.raw.split(b"\n"), start=block.number):
        if raw and not raw.isspace():
            yield InputLine(block.name, number, raw)


def messages(block: Block) -> list[InputLine]:
    """The lines of a block that are not blank; of a file that is one indented JSON document (at
    most ``BLOCK_BYTES``), the document as one line, for readers of other formats than events."""
    found = list(lines(block))
    if block.number == 1 and len(found) > 1 and not _is_json(found[0].raw) and _is_json(block.raw):
        return [InputLine(block.name, found[0].number, block.raw)]
    return found


def _is_json(raw: bytes) -> bool:
    """Whether some bytes are a JSON document."""
    try:
        from_json(raw)
    except ValueError:
        return False
    return True


def _without_byte_order_mark(name: str, raw: bytes) -> bytes:
    """The beginning of a file without its mark. Raises ``UnreadableFile`` for a database, and for
    a file that is none of messages."""
    _refuse_database(name, raw)
    if (seems := what_it_seems(raw)) is not None:
        fault = f"has no events: it seems to be {seems}; events are JSON, one object on each line"
        raise UnreadableFile(f"{_in_a_message(name)}: {fault}")
    return raw.removeprefix(BYTE_ORDER_MARK)


def _refuse_database(name: str, start: bytes) -> None:
    if start.startswith(SQLITE_HEADER):
        raise UnreadableFile(f"{name}: is a database; a store is named sqlite:///{name}")


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    """A file, or standard input, to be read; unpacked if it is compressed."""
    if name == STANDARD_INPUT:
        if sys.stdin is None:
            raise UnreadableFile("-: standard input is closed")
        yield _unpacked(cast(BufferedReader, sys.stdin.buffer))
        return
    with Path(name).open("rb") as file:
        yield _unpacked(file)


def _unpacked(file: BufferedReader) -> BinaryIO:
    start = file.peek(LONGEST_MAGIC)
    for magic, codec in COMPRESSED.items():
        if start.startswith(magic):
            import pyarrow as pa  # here, as few files are compressed

            return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec))
    return file


def check_readable(name: str) -> None:
    """Raises ``UnreadableFile`` if a file does not exist, cannot be opened, or is a database."""
    if name == STANDARD_INPUT or Path(name).is_fifo():  # it can be opened only once
        return
    try:
        with _open(name) as file:
            _refuse_database(name, file.read(len(SQLITE_HEADER)))
    except OSError as error:
        raise UnreadableFile(f"{_in_a_message(name)}: {error.strerror}") from None


def size_bytes(name: str) -> int | None:
    """The length of a file; None for standard input, compressed files, and if there is none."""
    if name == STANDARD_INPUT or not Path(name).is_file():
        return None
    with Path(name).open("rb") as file:
        is_compressed = file.peek(LONGEST_MAGIC).startswith(tuple(COMPRESSED))
        return None if is_compressed else Path(name).stat().st_size

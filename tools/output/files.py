"""Files are written whole or not at all, and standard output once all is made."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import orjson

from hoso.domain.errors import UserError
from hoso.projections.atomic import replacing

STANDARD_OUTPUT = "-"


def write_lines(name: str, documents: Iterable[Any]) -> None:
    """Write documents as JSON lines to a file, or to standard output for ``-``.

    Raises ``UserError`` as ``write``.
    """
    write(name, (orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents))


def write(name: str, lines: Iterable[bytes]) -> None:
    """Write lines as they are to a file, or to standard output for ``-``.

    Raises ``UserError``, with no file left behind, where it cannot be written.
    """
    if name == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(lines)
        return
    with whole(name) as file:
        file.writelines(lines)


@contextmanager
def whole(name: str) -> Iterator[BinaryIO]:
    """A file to be written, which gets its name when all of it is written; for ``-``, standard
    output gets all of it then.

    Raises ``UserError``, with no file left behind, where it cannot be written.
    """
    if name == STANDARD_OUTPUT:
        with _spooled(sys.stdout.buffer) as spool:
            yield spool
        return
    try:
        target = Path(name).resolve()
        if target.exists() and not target.is_file():
            # A pipe or a device is written to, never replaced.
            with target.open("wb") as device, _spooled(device) as spool:
                yield spool
        else:
            with replacing(target) as file:
                yield file
    except OSError as error:
        raise UserError(f"{name}: {error.strerror or error}") from None


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """A temporary file; the stream gets what is in it when all of it is written."""
    with TemporaryFile() as spool:
        yield spool
        spool.seek(0)
        shutil.copyfileobj(spool, stream)

"""How is a file written? Whole or not at all."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from domain.wrong import Wrong

STANDARD_OUTPUT = "-"


def write_lines(name: str, documents: Iterable[Any]) -> None:
    """Write documents as JSON lines to a file, or to standard output for ``-``.

    Raises ``Wrong`` as ``write``.
    """
    write(name, (orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents))


def write(name: str, lines: Iterable[bytes]) -> None:
    """Write lines as they are to a file, or to standard output for ``-``.

    Raises ``Wrong``, with no file left behind, where it cannot be written.
    """
    if name == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(lines)
        return
    try:
        target = Path(name).resolve()
        if target.exists() and not target.is_file():
            with target.open("wb") as device:  # a pipe or a device is written to, never replaced
                device.writelines(lines)
        else:
            _replace(target, lines)
    except OSError as error:
        raise Wrong(f"{name}: {error.strerror}") from None


def _replace(target: Path, lines: Iterable[bytes]) -> None:
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(lines)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)

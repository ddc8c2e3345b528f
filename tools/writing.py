"""How is a file written? Whole or not at all."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from domain.wrong import Wrong

STANDARD_OUTPUT = "-"


def write_lines(name: str, documents: Iterable[Any]) -> None:
    """Write documents as JSON lines to a file, or to standard output for ``-``.

    Raises ``Wrong``, with no file left behind, where it cannot be written.
    """
    if name == STANDARD_OUTPUT:
        _write(sys.stdout.buffer, documents)
        return
    try:
        target = Path(name).resolve()
        if target.exists() and not target.is_file():
            with target.open("wb") as device:  # a pipe or a device is written to, never replaced
                _write(device, documents)
        else:
            _replace(target, documents)
    except OSError as error:
        raise Wrong(f"{name}: {error.strerror}") from None


def _replace(target: Path, documents: Iterable[Any]) -> None:
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as file:
            _write(file, documents)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _write(file: BinaryIO, documents: Iterable[Any]) -> None:
    file.writelines(
        orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in documents
    )

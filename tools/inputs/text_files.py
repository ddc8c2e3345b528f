"""Reads text files that people write: UTF-8, with or without a byte order mark, of limited size."""

from pathlib import Path

from hoso.domain.errors import UserError


def read_text(file: Path, max_bytes: int) -> str:
    """The text of a file, with its line ends as they are.

    Raises ``UserError`` if it is larger than ``max_bytes`` or is no text in UTF-8; ``OSError`` if
    it cannot be read.
    """
    with file.open("rb") as opened:
        raw = opened.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise UserError(f"{file}: is larger than {max_bytes:,} bytes; give a smaller file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file}: is no text in UTF-8; save it as such") from None


def read_option_text(option: str, name: str, max_bytes: int) -> str:
    """The text of the file that an option names. Raises ``UserError``, which names the option, for
    a file that cannot be read."""
    if not name:
        raise UserError(f"{option}: is empty; name a file")
    try:
        return read_text(Path(name), max_bytes)
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None
    except UserError as error:
        raise UserError(f"{option}: {error}") from None

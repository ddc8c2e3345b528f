"""Makes texts and bytes of unknown origin printable: nothing in them commands the terminal, and
nothing is lost. ``say`` writes every message of a command: names of files are such texts, too."""

import sys


def printable(text: str) -> str:
    """A text on one line: each character that is not printable becomes its bytes, ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def say(text: str, *, err: bool = False) -> None:
    """Write one line to standard output, or to standard error: printable, whatever is in it."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{printable(text)}\n")
    stream.flush()


def is_text(raw: bytes) -> bool:
    """Whether bytes are UTF-8 text whose lines can all be printed as they are."""
    try:
        return all(line.isprintable() for line in raw.decode().split("\n"))
    except UnicodeDecodeError:
        return False


def content(raw: bytes) -> str:
    r"""Bytes as text, if they are text. Otherwise what cannot be printed is escaped (``\x1b``), and
    so is the backslash (``\\``), so that the two can be told apart."""
    if is_text(raw):
        return raw.decode()
    text = raw.replace(b"\\", b"\\\\").decode(errors="backslashreplace")
    return "\n".join(map(printable, text.split("\n")))


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogatepass"))

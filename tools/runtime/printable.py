"""Makes texts and bytes of unknown origin printable: nothing in them commands the terminal, and
nothing is lost. ``say`` writes every message of a command: names of files are such texts, too."""

import sys

from hoso.tools.runtime.translation import translated


def printable(text: str) -> str:
    """A text on one line: each character that is not printable becomes its bytes, ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def printable_lines(text: str) -> str:
    """A text whose lines are each made ``printable``; tabs stay."""
    odd = _odd(text)
    return text.translate({ord(c): _escaped(c) for c in odd}) if odd else text


def printable_json(raw: bytes) -> bytes:
    r"""JSON with the same values, in which each character that is not printable is written as JSON
    may write it: ``\u009b``."""
    text = raw.decode()
    odd = _odd(text)
    return text.translate({ord(c): _in_json(c) for c in odd}).encode() if odd else raw


def say(text: str, *, err: bool = False) -> None:
    """Write one line to standard output, or to standard error: in the language of the process, and
    printable, whatever is in it."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{printable(translated(text))}\n")
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


def _odd(text: str) -> set[str]:
    """The characters of a text that are not printable, but for tabs and the ends of its lines."""
    return {character for character in set(text) if not character.isprintable()} - {"\n", "\t"}


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogatepass"))


def _in_json(character: str) -> str:
    """A character as JSON escapes it: two bytes of UTF-16 at a time."""
    raw = character.encode("utf-16-be")
    return "".join(f"\\u{raw[at : at + 2].hex()}" for at in range(0, len(raw), 2))

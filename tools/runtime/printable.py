"""How are texts and bytes of unknown origin shown? So that nothing in them reaches a terminal as a
command, and nothing is lost."""


def printable(given: str) -> str:
    """A text on one line: the bytes of what is not printable are escaped."""
    return "".join(c if c.isprintable() else _escaped(c) for c in given)


def is_text(raw: bytes) -> bool:
    """Whether bytes are text that can be printed as it is, on as many lines as it has."""
    try:
        return all(line.isprintable() for line in raw.decode().split("\n"))
    except UnicodeDecodeError:
        return False


def content(raw: bytes) -> str:
    r"""Bytes as text, if they are. In others each byte that cannot be printed is escaped, as in
    ``\x1b``, and so is the backslash (``\\``): which is which can be told."""
    if is_text(raw):
        return raw.decode()
    shown = raw.replace(b"\\", b"\\\\").decode(errors="backslashreplace")
    return "\n".join(map(printable, shown.split("\n")))


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogatepass"))

"""Cuts lines that are too long to be a message: keeps their first and last bytes, length and hash.

What is kept of such a line is called its excerpt. An excerpt begins with a NUL, so it is never
valid JSON: nobody can take it for the message, also when it is retried as a reject.
"""

import hashlib
import re
from typing import Final

LONGEST_LINE_BYTES: Final = 4_000_000
KEPT_BYTES: Final = 200  # at the start of the line, and at its end
EXCERPT: Final = re.compile(rb"\0(a line of [0-9,]+ bytes, over [0-9,]+; SHA-256 [0-9a-f]{64}): ")


class OverlongLine:
    """A line that is read piece by piece, because it is too long to be held in memory."""

    def __init__(self) -> None:
        self._length_bytes = 0
        self._hash = hashlib.sha256()
        self._first = self._last = b""

    def add(self, piece: bytes) -> None:
        """Add the next bytes of the line."""
        self._length_bytes += len(piece)
        self._hash.update(piece)
        self._first += piece[: KEPT_BYTES - len(self._first)]
        self._last = (self._last + piece[-KEPT_BYTES:])[-KEPT_BYTES:]

    def excerpt(self) -> bytes:
        """What is kept of the line. ``overlong_reason`` recognises it."""
        about = f"a line of {self._length_bytes:,} bytes, over {LONGEST_LINE_BYTES:,}"
        about += f"; SHA-256 {self._hash.hexdigest()}"
        return b"\0%s: %s \0 %s" % (about.encode(), self._first, self._last)


def overlong_reason(raw: bytes) -> str | None:
    """Why an excerpt is no message, with the length and the hash of its line; None for any other
    bytes."""
    found = EXCERPT.match(raw)
    return None if found is None else found[1].decode()

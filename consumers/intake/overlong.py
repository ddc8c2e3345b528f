"""Cuts lines that are too long to be a message: keeps their length and their hash.

What is kept of such a line is called its excerpt. An excerpt begins with a NUL, so it is never
valid JSON: nobody can take it for the message, also when it is retried as a reject.
"""

import hashlib
import re
from typing import Final

LONGEST_LINE_BYTES: Final = 4_000_000
EXCERPT: Final = re.compile(rb"\0(a line of [0-9,]+ bytes, over [0-9,]+; SHA-256 [0-9a-f]{64})")
NO_JSON: Final = rb"|\0(a message of [0-9,]+ bytes that is no JSON, #[0-9a-f]+)"
NOT_KEPT: Final = re.compile(EXCERPT.pattern + NO_JSON)


class OverlongLine:
    """A line that is read piece by piece, because it is too long to be held in memory."""

    def __init__(self) -> None:
        self._length_bytes = 0
        self._hash = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        """Add the next bytes of the line."""
        self._length_bytes += len(piece)
        self._hash.update(piece)

    def excerpt(self) -> bytes:
        """What is kept of the line. ``overlong_reason`` recognises it."""
        about = f"a line of {self._length_bytes:,} bytes, over {LONGEST_LINE_BYTES:,}"
        return f"\0{about}; SHA-256 {self._hash.hexdigest()}".encode()


def overlong_reason(raw: bytes) -> str | None:
    """Why an excerpt is no message, with the length and the hash of its line; None for any other
    bytes."""
    found = EXCERPT.fullmatch(raw)
    return None if found is None else found[1].decode()


def is_excerpt(raw: bytes) -> bool:
    """Whether some bytes say what a message was that was not kept."""
    return not_kept(raw) is not None


def not_kept(raw: bytes) -> str | None:
    """What is known of a message whose bytes were not kept; None for bytes that were."""
    found = NOT_KEPT.fullmatch(raw)
    return None if found is None else (found[1] or found[2]).decode()

"""Seals bytes, so that a changed byte is noticed when they are read again."""

from typing import Final

from xxhash import xxh3_128_digest

SEAL_BYTES: Final = 16


class Damaged(Exception):
    """Bytes that are not what was sealed: the entry is to be computed again."""


def sealed(body: bytes) -> bytes:
    """``body`` with its checksum behind it."""
    return body + xxh3_128_digest(body)


def unsealed(whole: bytes) -> bytes:
    """The body of sealed bytes. Raises ``Damaged`` where any byte has changed."""
    body, checksum = whole[:-SEAL_BYTES], whole[-SEAL_BYTES:]
    if len(checksum) < SEAL_BYTES or xxh3_128_digest(body) != checksum:
        raise Damaged("its bytes have changed")
    return body

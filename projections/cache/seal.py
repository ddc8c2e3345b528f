"""Seals bytes, so that a changed byte is noticed when they are read again."""

from collections.abc import Iterable
from typing import Final, TypeVar

from xxhash import xxh3_128, xxh3_128_digest

SEAL_BYTES: Final = 16


Bytes = TypeVar("Bytes", bytes, memoryview)


class Damaged(Exception):
    """Bytes that are not what was sealed: the entry is to be computed again."""


def sealed(body: bytes) -> bytes:
    """``body`` with its checksum behind it."""
    return body + xxh3_128_digest(body)


def seal_of(parts: Iterable[memoryview]) -> bytes:
    """The checksum that seals bytes which stand in several parts."""
    hashed = xxh3_128()
    for part in parts:
        hashed.update(part)
    return hashed.digest()


def unsealed(whole: Bytes) -> Bytes:
    """The body of sealed bytes. Raises ``Damaged`` where any byte has changed."""
    body, checksum = whole[:-SEAL_BYTES], whole[-SEAL_BYTES:]
    if len(checksum) < SEAL_BYTES or xxh3_128_digest(body) != checksum:
        raise Damaged("its bytes have changed")
    return body

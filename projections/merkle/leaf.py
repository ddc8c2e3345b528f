"""Says what a leaf of a log's tree commits to: the number of an event, and all of its columns.

The entry of a leaf is made from the columns of a log (``log.schema``), so it is the same from a
store and from an archive. In turn it has, big-endian:

- the event's number in the log, from 1 on without gaps: 8 bytes
- which columns the event has, as bits: bit n for the n-th of COLUMNS: 8 bytes
- the value of each column that it has, in the order of COLUMNS: a number, a day since 1970, an
  instant (microseconds since 1970) or a truth value: 8 bytes; a text: the first 16 bytes of its
  SHA-256; the code of a dossier or an official, or an id: its keyed hash, 8 bytes.

Codes and ids may be erased later. Their keyed hash is then still known, because a pseudonym is made
of it. So an erasure breaks no proof.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from hoso.projections.log.schema import SCHEMA, codes, integers
from hoso.projections.merkle.hashing import HASH_BYTES, Bytes, Hashes, leaf_hashes

Kind = Literal["dossier", "official", "id"]
# The keyed hashes, CODE_BYTES each, of some texts of a kind; of what was erased, those of before.
CodeHashes = Callable[[Kind, Sequence[str]], bytes]

TEXT_BYTES, CODE_BYTES, NUMBER_BYTES = 16, 8, 8
CODES: Final[dict[str, Kind]] = {
    "dossier": "dossier",
    "replaced_by": "dossier",
    "official": "official",
    "id": "id",
    "annuls": "id",
}
# Their order is part of every leaf: another column comes last.
COLUMNS: Final = (
    *("dossier", "type", "occurred", "recorded", "source", "id", "due", "reason", "annuls"),
    *("agency", "field", "procedure", "channel", "level", "online_service", "received_at"),
    *("allowance", "unit", "on_the_spot", "apology", "replaced_by", "official", "part"),
    *("complete", "amount", "satisfied", "applicant_fault", "settled_in_time", "to_agency"),
    *("step", "step_due"),
)


def hashes_of(log: pa.Table, numbers: Sequence[int] | range, code_hashes: CodeHashes) -> Hashes:
    """The hashes of the leaves of some events (``log.schema.SCHEMA``), each with its number."""
    number = np.asarray(numbers, np.int64)
    has = np.zeros(len(log), np.uint64)
    values: list[Bytes] = []
    for bit, name in enumerate(COLUMNS):
        there = ~np.asarray(log[name].is_null())
        has |= there.astype(np.uint64) << np.uint64(bit)
        values.append(_values(log[name], name, code_hashes) if there.any() else NOTHING)
    return _of_patterns(_big_endian(number), has, values)


NOTHING: Final = np.zeros((0, 0), np.uint8)


def _of_patterns(number: Bytes, has: np.ndarray, values: Sequence[Bytes]) -> Hashes:
    """Leaves that have the same columns are equally long: they are hashed together."""
    found = np.empty((len(number), HASH_BYTES), np.uint8)
    patterns, which = np.unique(has, return_inverse=True)
    which = which.reshape(-1)
    for place, pattern in enumerate(patterns.tolist()):
        rows = np.flatnonzero(which == place)
        own = [values[bit] for bit in range(len(COLUMNS)) if pattern >> bit & 1]
        head = [number[rows], _big_endian(np.full(len(rows), pattern, np.int64))]
        found[rows] = leaf_hashes(np.hstack([*head, *(each[rows] for each in own)]))
    return found


def _values(column: pa.ChunkedArray, name: str, code_hashes: CodeHashes) -> Bytes:
    """The bytes of each value of a column; any bytes where there is none."""
    if name in CODES:
        return _texts(column, CODE_BYTES, lambda texts: code_hashes(CODES[name], texts))
    if pa.types.is_dictionary(SCHEMA.field(name).type):
        return _texts(column, TEXT_BYTES, lambda texts: b"".join(map(_text_digest, texts)))
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    return _big_endian(integers(column, 0))


def _texts(column: pa.ChunkedArray, width: int, digests: Callable[[list[str]], bytes]) -> Bytes:
    """The digest of each text; of those of a dictionary once."""
    if not pa.types.is_dictionary(column.type):
        found = _rows(digests(column.drop_null().to_pylist()), width)
        if not column.null_count:
            return found
        return _spread(found, np.cumsum(~np.asarray(column.is_null())) - 1)
    whole = column.combine_chunks()
    return _spread(_rows(digests(whole.dictionary.to_pylist()), width), codes(column))


def _spread(digests: Bytes, place: np.ndarray) -> Bytes:
    return np.asarray(digests[np.maximum(place, 0)])


def _rows(joined: bytes, width: int) -> Bytes:
    return np.frombuffer(joined, np.uint8).reshape(-1, width)


def _big_endian(numbers: np.ndarray) -> Bytes:
    return numbers.astype(">i8").view(np.uint8).reshape(-1, NUMBER_BYTES)


@lru_cache(maxsize=100_000)
def _text_digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:TEXT_BYTES]

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
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.projections.log.schema import Integers, codes, integers
from hoso.projections.merkle.hashing import AT_ONCE, HASH_BYTES, Bytes, Hashes, leaf_hashes

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


class Column(NamedTuple):
    """The bytes of a column: rows of ``values``, of which ``place`` has one for each event; None
    where the rows are those of the events."""

    values: Bytes
    place: Integers | None = None

    def of(self, rows: Integers) -> Bytes:
        """The bytes of some events; any bytes for one that has no value."""
        # ``take`` is seven times as fast as an index of rows.
        return self.values.take(rows if self.place is None else self.place.take(rows), axis=0)


def hashes_of(log: pa.Table, numbers: Sequence[int] | range, code_hashes: CodeHashes) -> Hashes:
    """The hashes of the leaves of some events (``log.schema.SCHEMA``), each with its number."""
    has = np.zeros(len(log), np.int64)
    columns: list[Column | None] = []
    for bit, name in enumerate(COLUMNS):
        column = log[name].combine_chunks()
        if column.null_count:
            has |= np.asarray(column.is_valid()).astype(np.int64) << bit
        else:
            has |= 1 << bit
        has_values = column.null_count < len(column)
        columns.append(_column(column, name, code_hashes) if has_values else None)
    return _hashed(_big_endian(np.asarray(numbers, np.int64)), has, columns)


def _hashed(number: Bytes, has: Integers, columns: Sequence[Column | None]) -> Hashes:
    """Leaves that have the same columns are equally long: they are hashed together."""
    found = np.empty((len(number), HASH_BYTES), np.uint8)
    order = np.argsort(has, kind="stable")
    changes = np.flatnonzero(np.diff(has[order])) + 1
    for rows in np.split(order, changes) if len(order) else ():
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            found[some] = leaf_hashes(_entries(some, number, has, columns))
    return found


def _entries(
    rows: Integers, number: Bytes, has: Integers, columns: Sequence[Column | None]
) -> Bytes:
    """The entries of leaves that have the same columns."""
    pattern = int(has[rows[0]])
    own = [each for bit, each in enumerate(columns) if each is not None and pattern >> bit & 1]
    return np.hstack(
        [number.take(rows, axis=0), _big_endian(has[rows]), *(each.of(rows) for each in own)]
    )


def _column(column: pa.Array, name: str, code_hashes: CodeHashes) -> Column:
    if kind := CODES.get(name):
        return _texts(column, CODE_BYTES, lambda texts: code_hashes(kind, texts))
    if pa.types.is_dictionary(column.type):
        return _texts(column, TEXT_BYTES, lambda texts: b"".join(map(_text_digest, texts)))
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    return Column(_big_endian(integers(pa.chunked_array([column]), 0)))


def _texts(column: pa.Array, width: int, digests: Callable[[list[str]], bytes]) -> Column:
    """The digest of each text; of those of a dictionary once."""
    if pa.types.is_dictionary(column.type):
        place = codes(pa.chunked_array([column]))
        return Column(_rows(digests(column.dictionary.to_pylist()), width), np.maximum(place, 0))
    values = _rows(digests(column.drop_null().to_pylist()), width)
    if not column.null_count:
        return Column(values)
    return Column(values, np.maximum(np.cumsum(np.asarray(column.is_valid())) - 1, 0))


def _rows(joined: bytes, width: int) -> Bytes:
    return np.frombuffer(joined, np.uint8).reshape(-1, width)


def _big_endian(numbers: Integers) -> Bytes:
    return numbers.astype(">i8").view(np.uint8).reshape(-1, NUMBER_BYTES)


@lru_cache(maxsize=100_000)
def _text_digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:TEXT_BYTES]

"""Writes an exported ledger as a file, and reads it: Arrow, compressed by zstd, sealed.

Each array is one cell of the table's only row, in the smallest type that holds it; the schema's
metadata has the rest as JSON. Arrays that rise from row to row are written as differences, which
take less room.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.projections import atomic
from hoso.projections.cache.seal import Damaged, sealed, unsealed
from hoso.projections.federation.checks import AGAIN
from hoso.projections.federation.exported import (
    FORMAT,
    About,
    AccountMoves,
    ExportedLedger,
    SliceCodes,
    Suspensions,
)
from hoso.projections.ledger.along import TakenAlong
from hoso.projections.log.schema import Integers
from hoso.projections.log.streams import arrays_from_bytes, arrays_to_bytes

ABOUT: Final = b"hoso.ledger"  # the metadata key of what the ledger is of
SLICES: Final = b"hoso.slices"  # and that of the values of each dimension
LENGTH_BYTES: Final = 8  # of the length of the ledger, before it; behind it stands the note
ALONG: Final = TakenAlong._fields[1:]  # its columns
RISING: Final = ("moved.slice", "along.until")  # columns by which rows are sorted first


class NoLedger(UserError):
    """A file that is no exported ledger, or not a whole one."""


class SignedLedger(NamedTuple):
    """An exported ledger, the SHA-256 of its bytes, and the signed note over that (``signature``);
    the note is empty where nobody signed."""

    ledger: ExportedLedger
    digest: bytes
    note: str


def write(
    target: Path, ledger: ExportedLedger, sign: Callable[[bytes], str] = lambda digest: ""
) -> int:
    """Write an exported ledger whole, or not at all; returns the file's size in bytes. ``sign``
    makes the note over the digest of its bytes. Raises ``OSError``."""
    body = to_bytes(ledger)
    note = sign(sha256(body).digest()).encode()
    whole = sealed(len(body).to_bytes(LENGTH_BYTES) + body + note)
    atomic.write(target, whole)
    return len(whole)


def read(path: Path) -> ExportedLedger:
    """Read an exported ledger, whoever signed it. Raises as ``read_signed``."""
    return read_signed(path).ledger


def read_signed(path: Path) -> SignedLedger:
    """Read an exported ledger and its note. Raises ``UserError`` for a file that cannot be read,
    that is none, or whose bytes have changed."""
    try:
        whole = unsealed(path.read_bytes())
        end = LENGTH_BYTES + int.from_bytes(whole[:LENGTH_BYTES])
        body, note = whole[LENGTH_BYTES:end], whole[end:].decode(errors="replace")
        return SignedLedger(from_bytes(body), sha256(body).digest(), note)
    except OSError as error:
        raise NoLedger(f"--source: {path}: {error.strerror}") from None
    except Damaged as error:
        fault = f"is no whole exported ledger: {error}"
        raise NoLedger(f"--source: {path}: {fault}; {AGAIN}") from None


def to_bytes(ledger: ExportedLedger) -> bytes:
    """An exported ledger as bytes."""
    values, codes = ledger.slices
    slices = {"values": values, "number": codes.shape[1]}
    about = {ABOUT: ledger.about.model_dump_json().encode(), SLICES: orjson.dumps(slices)}
    arrays = {f"slices.{number}": row for number, row in enumerate(codes)}
    for group, columns in (
        ("moved", ledger.moved._asdict()),
        ("along", {name: getattr(ledger.along, name) for name in ALONG}),
        ("suspended", ledger.suspensions._asdict()),
    ):
        arrays |= {f"{group}.{name}": column for name, column in columns.items()}
    arrays |= {name: np.diff(arrays[name], prepend=0) for name in RISING}
    small = {name: array.astype(_smallest(array)) for name, array in arrays.items()}
    return arrays_to_bytes(small, about, "zstd")


def _smallest(array: Integers) -> npt.DTypeLike:
    """The smallest type that holds all numbers of an array."""
    ends = (array.min(initial=0), array.max(initial=0))
    return np.result_type(*map(np.min_scalar_type, (-ends[1] - 1, ends[0])))


def from_bytes(body: bytes) -> ExportedLedger:
    """The exported ledger that ``to_bytes`` wrote. Raises ``Damaged`` for other bytes, and for a
    format that this hoso does not read."""
    arrays, metadata = arrays_from_bytes(body)
    try:
        about, slices = _about(metadata[ABOUT]), orjson.loads(metadata[SLICES])
        dimensions = len(slices["values"])
        codes = np.array(arrays[:dimensions], np.int64).reshape(dimensions, slices["number"])
        rest = arrays[dimensions:]
        moved = AccountMoves(np.cumsum(rest[0], dtype=np.int64), *rest[1:4])
        columns = [column.astype(np.int64) for column in rest[4:]]
        along = TakenAlong([], np.cumsum(columns[0]), *columns[1 : len(ALONG)])
        suspensions = Suspensions(*columns[len(ALONG) :])
    except (LookupError, ValueError, TypeError) as error:
        raise Damaged(str(error)) from error
    return ExportedLedger(about, SliceCodes(slices["values"], codes), moved, along, suspensions)


def _about(body: bytes) -> About:
    """What a ledger is of. Raises ``Damaged``."""
    if (written := orjson.loads(body)["format"]) != FORMAT:
        raise Damaged(f"its format is {written}, and this hoso reads {FORMAT}")
    try:
        return About.model_validate_json(body)
    except ValidationError as error:
        raise Damaged(str(error.errors()[0]["msg"])) from error

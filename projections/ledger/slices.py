"""Numbers the slices of a log: combinations of values that receptions name in some dimensions."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from hoso.projections.ledger.balances import DENSE, Slice, slice_order
from hoso.projections.log.schema import Integers, codes

DIMENSIONS: Final = ("agency", "field", "procedure", "channel", "level")


def slices_in(
    log: pa.Table, rows: Integers | slice, by: Sequence[str]
) -> tuple[list[Slice], Integers]:
    """The slices that events in some rows name, sorted by value, and which of them each does."""
    names: list[Slice] = [()]
    which: Integers = np.zeros(len(log), dtype=np.int64)[rows]
    for dimension in by:
        names, which = _refined(names, which, log[dimension], rows)
    return names, which


def _refined(
    names: list[Slice], which: Integers, column: pa.ChunkedArray, rows: Integers | slice
) -> tuple[list[Slice], Integers]:
    """Slices split by one more dimension: those that have dossiers, in order, nothing first."""
    texts = [*column.combine_chunks().dictionary.to_pylist(), None]
    values = sorted(texts, key=lambda text: slice_order((text,)))
    rank = {value: place for place, value in enumerate(values)}
    ranks = np.array([rank[text] for text in texts])[codes(column)[rows]]
    found, refined = _numbered(which * len(values) + ranks, len(names) * len(values))
    return [(*names[p // len(values)], values[p % len(values)]) for p in found], refined


def _numbered(values: Integers, end: int) -> tuple[Integers, Integers]:
    """The values there are below an end, in rising order, and which of them each is."""
    if end > DENSE * len(values):
        found, which = np.unique(values, return_inverse=True)
        return found, which
    there = np.zeros(end, np.int64)
    there[values] = 1
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]

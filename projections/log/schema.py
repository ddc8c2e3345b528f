"""Defines the table of a log: one row for each event, in the order of the log.

Its columns are those of the archive (contract, section 9) and two numeric keys: ``event`` stands
for an event's ``(source, id)``, ``annulled`` for that of the event that an annulment takes back.
Texts that recur are dictionary-encoded.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from xxhash import xxh3_64_intdigest

TEXT: Final = pa.dictionary(pa.int32(), pa.string())
INSTANT: Final = pa.timestamp("us", "UTC")
SCHEMA: Final = pa.schema(
    [
        ("position", pa.int64()),
        ("dossier", TEXT),
        ("type", TEXT),
        ("occurred", INSTANT),
        ("recorded", INSTANT),
        ("source", TEXT),
        ("id", pa.string()),
        ("event", pa.int64()),
        ("due", pa.date32()),
        ("reason", TEXT),
        ("annuls", pa.string()),
        ("annulled", pa.int64()),
        ("agency", TEXT),
        ("field", TEXT),
        ("procedure", TEXT),
        ("channel", TEXT),
        ("level", TEXT),
        ("online_service", TEXT),
        ("received_at", TEXT),
        ("allowance", pa.int16()),
        ("unit", TEXT),
        ("on_the_spot", pa.bool_()),
        ("apology", pa.bool_()),
        ("replaced_by", pa.string()),
        ("official", TEXT),
        ("part", TEXT),
        ("complete", pa.bool_()),
        ("amount", pa.int64()),
        ("satisfied", pa.bool_()),
        ("applicant_fault", pa.bool_()),
        ("settled_in_time", pa.bool_()),
        ("to_agency", TEXT),
        ("step", pa.int16()),
        ("step_due", pa.date32()),
    ]
)
OF_FACTS: Final = (  # columns that only quality facts fill; step_due is another
    *("part", "complete", "amount", "satisfied", "applicant_fault", "settled_in_time"),
    *("to_agency", "step"),
)

Integers = npt.NDArray[np.int64]


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of several that follow each other in the log."""
    return pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries()


def rows_after(table: pa.Table, position: int) -> pa.Table:
    """What of a table, in the order of the log, stands behind a position."""
    return table.slice(int((integers(table["position"]) <= position).sum()))


def rows_until(table: pa.Table, position: int) -> pa.Table:
    """What of a table, in the order of the log, stands up to a position."""
    return table.slice(0, int((integers(table["position"]) <= position).sum()))


def event_key(source: str, event_id: str) -> int:
    """64 bits that stand for ``(source, id)``; where two events share them, the texts decide."""
    return xxh3_64_intdigest(f"{source}\n{event_id}".encode()) - (1 << 63)


def dossier_key(code: str) -> int:
    """64 bits that stand for a dossier."""
    return xxh3_64_intdigest(code.encode()) - (1 << 63)


def dossier_keys(log: pa.Table) -> Integers:
    """The keys of all dossiers that have events in a log, in the order of its dictionary."""
    codes = log["dossier"].combine_chunks().dictionary
    return keys_of(codes, np.arange(len(codes)))


def numbered(tables: Iterable[pa.Table], last: int = 0) -> Iterator[pa.Table]:
    """Tables that follow each other, with positions that count all of their rows from the one
    behind ``last`` on."""
    for table in tables:
        if len(table):
            position = pa.array(np.arange(last + 1, last + 1 + len(table)))
            yield table.set_column(0, "position", position)
            last += len(table)


def keys_of(codes: pa.Array, wanted: Integers) -> Integers:
    """The keys of dossiers, of whose codes some are wanted."""
    used, which = np.unique(wanted, return_inverse=True)
    keys = [dossier_key(code) for code in codes.take(pa.array(used)).to_pylist()]
    return np.array(keys, np.int64)[which]


def integers(column: pa.ChunkedArray, nothing: int = -1) -> Integers:
    """A column of numbers, days (since 1970) or instants (microseconds since 1970)."""
    whole = column.combine_chunks()
    if pa.types.is_temporal(whole.type):
        whole = whole.view(f"int{whole.type.bit_width}")
    if whole.null_count:
        whole = whole.cast(pa.int64()).fill_null(nothing)
    return np.asarray(whole).astype(np.int64, copy=False)


def codes(column: pa.ChunkedArray) -> Integers:
    """The place of each text in its column's dictionary; -1 where there is none."""
    return integers(pa.chunked_array([column.combine_chunks().indices]))


def places(column: pa.ChunkedArray, names: Sequence[str]) -> Integers:
    """The place of each text among ``names``; -1 where it is not among them."""
    texts = column.combine_chunks().dictionary.to_pylist()
    place = np.array([names.index(t) if t in names else -1 for t in texts] + [-1])
    return np.asarray(place[codes(column)])

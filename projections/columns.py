"""What does the log look like to someone who reads all of it? A table, one row per event.

The table's columns are those of the archive (contract, section 9) and two numeric keys: ``event``
stands for an event's ``(source, id)``, ``annulled`` for that of the event an annulment takes back.
Rows stand in the order of the log; texts are dictionary-encoded.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from domain.calendar import local_date
from domain.events import KIND_OF, Event
from domain.kinds import KINDS

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
        ("allowance", pa.int16()),
        ("unit", TEXT),
    ]
)
ROWS_AT_ONCE: Final = 50_000  # what is held as Python objects at a time
NO_RECEPTION: Final = (None,) * 7

Integers = npt.NDArray[np.int64]


class Logged(NamedTuple):
    """An event of the log, its position there, and when it was recorded."""

    position: int
    event: Event
    recorded: datetime


def table(log: Iterable[Logged], zone: tzinfo) -> pa.Table:
    """The table of a log. A due instant becomes its local day in ``zone``."""
    rows = (_row(logged, zone) for logged in log)
    batches = [_batch(chunk) for chunk in iter(lambda: list(islice(rows, ROWS_AT_ONCE)), [])]
    return pa.Table.from_batches(batches, SCHEMA).unify_dictionaries()


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of several that follow each other in the log."""
    return pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries()


def _batch(rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    arrays = [
        pa.array(v, field.type) for v, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
    ]
    return pa.record_batch(arrays, SCHEMA)


def _row(logged: Logged, zone: tzinfo) -> tuple[Any, ...]:
    position, event, recorded = logged
    data = event.data.__dict__
    due: date | None = data.get("due")
    annuls = data.get("event_id")
    return (
        position,
        event.subject,
        KINDS[KIND_OF[event.type]],
        event.time,
        recorded,
        event.source,
        event.id,
        event_key(event.source, event.id),
        due and local_date(due, zone),
        data.get("reason"),
        annuls,
        None if annuls is None else event_key(event.source, annuls),
        *(_reception(data) if "agency" in data else NO_RECEPTION),
    )


def _reception(data: dict[str, Any]) -> tuple[Any, ...]:
    allowance = data["allowance"]
    return (
        data["agency"],
        data["field"],
        data["procedure"],
        data["channel"],
        data["level"],
        allowance and allowance.value,
        allowance and allowance.unit,
    )


def event_key(source: str, event_id: str) -> int:
    """64 bits that stand for ``(source, id)``; where two events share them, the texts decide."""
    return xxh3_64_intdigest(f"{source}\n{event_id}".encode()) - (1 << 63)


def integers(column: pa.ChunkedArray, nothing: int = -1) -> Integers:
    """A column of numbers, days (since 1970) or instants (microseconds since 1970)."""
    whole = column.combine_chunks()
    if pa.types.is_date32(whole.type):
        whole = whole.cast(pa.int32())
    return np.asarray(whole.cast(pa.int64()).fill_null(nothing))


def codes(column: pa.ChunkedArray) -> Integers:
    """The place of each text in its column's dictionary; -1 where there is none."""
    return integers(pa.chunked_array([column.combine_chunks().indices]))


def places(column: pa.ChunkedArray, names: Sequence[str]) -> Integers:
    """The place of each text among ``names``; -1 where it is not among them."""
    texts = column.combine_chunks().dictionary.to_pylist()
    place = np.array([names.index(t) if t in names else -1 for t in texts] + [-1])
    return np.asarray(place[codes(column)])

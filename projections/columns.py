"""What does the log look like to someone who reads all of it? A table, one row per event.

The table's columns are those of the archive (contract, section 9) and two numeric keys: ``event``
stands for an event's ``(source, id)``, ``annulled`` for that of the event an annulment takes back.
Rows stand in the order of the log; texts that recur are dictionary-encoded.
"""

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

from domain.calendar import local_date
from domain.events import KIND_OF, Event
from domain.kinds import FIRST_FACT, KINDS

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
        ("on_the_spot", pa.bool_()),
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
ROWS_AT_ONCE: Final = 10_000  # what is held as Python objects at a time
AS_GIVEN: Final = ("reason", "agency", "field", "procedure", "channel", "level", "on_the_spot")
OF_FACTS: Final = (  # what only quality facts have; step_due, too
    *("part", "complete", "amount", "satisfied", "applicant_fault", "settled_in_time"),
    *("to_agency", "step"),
)

Integers = npt.NDArray[np.int64]


Logged = tuple[int, Event]  # an event of the log, behind its position there


def table(log: Iterable[Logged], zone: tzinfo) -> pa.Table:
    """The table of a log. A due instant becomes its local day in ``zone``."""
    log = iter(log)
    chunks = iter(lambda: list(islice(log, ROWS_AT_ONCE)), [])
    batches = [_batch(chunk, zone) for chunk in chunks]
    return pa.Table.from_batches(batches, SCHEMA).unify_dictionaries()


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of several that follow each other in the log."""
    return pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries()


def behind(table: pa.Table, position: int) -> pa.Table:
    """What of a table, in the order of the log, stands behind a position."""
    return table.slice(int((integers(table["position"]) <= position).sum()))


def _batch(chunk: list[Logged], zone: tzinfo) -> pa.RecordBatch:
    events = [event for _, event in chunk]
    data: list[dict[str, Any]] = [event.data.__dict__ for event in events]
    occurred = pa.array([event.time for event in events], INSTANT)
    recorded = pa.array([event.recordedtime for event in events], INSTANT)
    source, annuls = [event.source for event in events], [fields.get("event_id") for fields in data]
    due: list[date | None] = [fields.get("due") for fields in data]
    allowance = [fields.get("allowance") for fields in data]
    columns = {
        "position": [position for position, _ in chunk],
        "dossier": [event.subject for event in events],
        "type": [KINDS[KIND_OF[event.type]] for event in events],
        "occurred": occurred,
        "recorded": pc.coalesce(recorded, occurred),
        "source": source,
        "id": [event.id for event in events],
        "event": [event_key(event.source, event.id) for event in events],
        "due": [day and local_date(day, zone) for day in due],
        "annuls": annuls,
        "annulled": [i and event_key(s, i) for s, i in zip(source, annuls, strict=True)],
        "allowance": [given and given.value for given in allowance],
        "unit": [given and given.unit for given in allowance],
        **{name: [fields.get(name) for fields in data] for name in AS_GIVEN},
        **_of_facts(events, zone),
    }
    return pa.record_batch([pa.array(columns[f.name], f.type) for f in SCHEMA], SCHEMA)


def _of_facts(events: list[Event], zone: tzinfo) -> dict[str, list[Any]]:
    """The columns that only quality facts have: most of a log has none."""
    if not any(KIND_OF[event.type] >= FIRST_FACT for event in events):
        return dict.fromkeys((*OF_FACTS, "step_due"), [None] * len(events))
    data: list[dict[str, Any]] = [event.data.__dict__ for event in events]
    due: list[date | None] = [fields.get("step_due") for fields in data]
    given = {name: [fields.get(name) for fields in data] for name in OF_FACTS}
    return {**given, "step_due": [day and local_date(day, zone) for day in due]}


def event_key(source: str, event_id: str) -> int:
    """64 bits that stand for ``(source, id)``; where two events share them, the texts decide."""
    return xxh3_64_intdigest(f"{source}\n{event_id}".encode()) - (1 << 63)


def dossier_key(code: str) -> int:
    """64 bits that stand for a dossier."""
    return xxh3_64_intdigest(code.encode()) - (1 << 63)


def keys_of(codes: pa.Array, wanted: Integers) -> Integers:
    """The keys of dossiers, of whose codes some are wanted."""
    used, which = np.unique(wanted, return_inverse=True)
    keys = [dossier_key(code) for code in codes.take(pa.array(used)).to_pylist()]
    return np.array(keys, np.int64)[which]


def integers(column: pa.ChunkedArray, nothing: int = -1) -> Integers:
    """A column of numbers, days (since 1970) or instants (microseconds since 1970)."""
    whole = column.combine_chunks()
    if pa.types.is_date32(whole.type):
        whole = whole.cast(pa.int32())
    numbers = whole.cast(pa.int64())
    return np.asarray(numbers.fill_null(nothing) if numbers.null_count else numbers)


def codes(column: pa.ChunkedArray) -> Integers:
    """The place of each text in its column's dictionary; -1 where there is none."""
    return integers(pa.chunked_array([column.combine_chunks().indices]))


def places(column: pa.ChunkedArray, names: Sequence[str]) -> Integers:
    """The place of each text among ``names``; -1 where it is not among them."""
    texts = column.combine_chunks().dictionary.to_pylist()
    place = np.array([names.index(t) if t in names else -1 for t in texts] + [-1])
    return np.asarray(place[codes(column)])

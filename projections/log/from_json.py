"""Makes the table of a log from the JSON of its events.

The JSON was validated before it was recorded (contract, section 3) and is not validated again.
Arrow reads it into columns at a fifth of the cost of pydantic.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from functools import partial
from itertools import islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from hoso.domain.calendar import local_date
from hoso.domain.kinds import KIND_OF, kind_name
from hoso.projections.log.schema import INSTANT, SCHEMA, event_key, joined

ROWS_AT_ONCE: Final = 20_000  # what is held as Python objects at a time
BLOCKS: Final = 4  # of that, read side by side
LONGEST_EVENT: Final = 1 << 17  # bytes: all of its texts are short
DAY_CHARACTERS: Final = len("2023-03-15")
PLAIN: Final = pa.string()
REQUIRED: Final = ("subject", "type", "time", "source", "id")
# Fields of ``data`` that are columns of the same name, as they are.
AS_GIVEN: Final = (
    *("reason", "agency", "field", "procedure", "channel", "level", "online_service"),
    *("received_at", "on_the_spot", "apology", "replaced_by", "official", "part"),
    *("complete", "amount", "satisfied", "applicant_fault", "settled_in_time", "to_agency", "step"),
)


def _written(name: str) -> pa.DataType:
    """The type of a column as JSON has it, whose texts are not yet numbered."""
    given = SCHEMA.field(name).type
    return PLAIN if pa.types.is_dictionary(given) else given


# What is read of an event; all else is left out.
EVENT: Final = pa.schema(
    [
        *((name, PLAIN if name != "time" else INSTANT) for name in REQUIRED),
        ("recordedtime", INSTANT),
        (
            "data",
            pa.struct(
                [
                    *((name, _written(name)) for name in AS_GIVEN),
                    ("allowance", pa.struct([("value", pa.int16()), ("unit", PLAIN)])),
                    *((name, PLAIN) for name in ("due", "step_due", "event_id")),
                ]
            ),
        ),
    ]
)
PARSING: Final = json.ParseOptions(explicit_schema=EVENT, unexpected_field_behavior="ignore")

StoredJson = tuple[
    int, bytes
]  # an event's JSON (``validate.stored_json``), after its position in the log


class Unreadable(Exception):
    """Not all of some events can be read; the message says why."""


def log_table(log: Iterable[StoredJson], zone: tzinfo) -> pa.Table:
    """The table of a log (``schema.SCHEMA``). A due instant becomes its local day in ``zone``.

    Raises ``Unreadable``.
    """
    log = iter(log)
    chunks = iter(lambda: list(islice(log, ROWS_AT_ONCE)), [])
    return joined(_table(chunk, zone) for chunk in chunks)


def _table(chunk: list[StoredJson], zone: tzinfo) -> pa.Table:
    event = _read([state for _, state in chunk])
    data = dict(zip(EVENT.field("data").type.names, event["data"].flatten(), strict=True))
    allowance, local_day = data["allowance"], partial(_local_day, zone=zone)
    texts = (event["source"], event["id"], data["event_id"])
    source, ids, annuls = (each.to_pylist() for each in texts)
    columns: dict[str, Any] = {
        **{name: data[name] for name in AS_GIVEN},
        "position": [position for position, _ in chunk],
        "dossier": event["subject"],
        "type": _each(event["type"], _kind),
        "occurred": event["time"],
        "recorded": pc.coalesce(event["recordedtime"], event["time"]),
        "source": event["source"],
        "id": event["id"],
        "event": list(map(event_key, source, ids)),
        "due": _each(data["due"], local_day),
        "annuls": data["event_id"],
        "annulled": [i and event_key(s, i) for s, i in zip(source, annuls, strict=True)],
        "allowance": allowance.field("value"),
        "unit": allowance.field("unit"),
        "step_due": _each(data["step_due"], local_day),
    }
    return pa.table([_column(columns[f.name], f.type) for f in SCHEMA], SCHEMA)


def _read(states: list[bytes]) -> pa.RecordBatch:
    """The events of some JSON texts, as EVENT has them."""
    try:
        text = b"\n".join(states)
        blocks = json.ReadOptions(block_size=len(text) // BLOCKS + LONGEST_EVENT)
        events = json.read_json(pa.BufferReader(text), blocks, PARSING)
    except (pa.ArrowException, TypeError) as error:  # the latter: not even bytes
        raise Unreadable(str(error)) from None
    if len(events) != len(states):
        raise Unreadable(f"{len(states)} texts hold {len(events)} events")
    for name in REQUIRED:
        if events[name].null_count:
            raise Unreadable(f"{name}: missing")
    return events.combine_chunks().to_batches()[0]


def _kind(published: str) -> str:
    if published not in KIND_OF:
        raise Unreadable(f"type: unknown event type {published!r}")
    return kind_name(published)


def _local_day(text: str, zone: tzinfo) -> date:
    try:
        if len(text) == DAY_CHARACTERS:
            return date.fromisoformat(text)
        return local_date(datetime.fromisoformat(text), zone)
    except ValueError as error:
        raise Unreadable(f"due: {error}") from None


def _each(texts: pa.Array, made: Callable[[str], object]) -> pa.Array:
    """What is made of each text; of those that recur, once."""
    numbered = texts.dictionary_encode()
    return pa.array([made(text) for text in numbered.dictionary.to_pylist()]).take(numbered.indices)


def _column(values: Any, type_: pa.DataType) -> pa.Array:
    if not isinstance(values, pa.Array):
        return pa.array(values, type_)
    if pa.types.is_dictionary(type_):
        return values.dictionary_encode()
    return values.cast(type_)

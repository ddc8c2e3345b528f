"""How are columns kept between two readings of a log? As Arrow streams, one per stretch of it.

A segment's ``form`` names the schema and the time zone that it was made for: columns of another
form are not read.
"""

import hashlib
from datetime import tzinfo
from typing import Final

import pyarrow as pa

from projections.columns import SCHEMA, joined

ROWS: Final = 1_000_000  # in a full segment; SQLite keeps values of up to 1 GB
OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")


def form(zone: tzinfo) -> str:
    """What segments must bear to be read under this schema and in this time zone."""
    return hashlib.sha256(f"{SCHEMA}{zone}".encode()).hexdigest()[:16]


def encoded(table: pa.Table) -> bytes:
    """A table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=OPTIONS) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


class Damaged(Exception):
    """Bytes that are no segment: the columns are to be made anew from the log."""


def decoded(body: bytes) -> pa.Table:
    """The table of an Arrow IPC stream. Raises ``Damaged`` where it is none."""
    try:
        table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
        return table.cast(SCHEMA)
    except (pa.ArrowException, OSError, TypeError, ValueError) as error:
        raise Damaged(str(error)) from error


def extended(last: pa.Table, fresh: pa.Table) -> list[pa.Table]:
    """The last segment and what follows it, in full segments and one that may not be."""
    whole = joined([last, fresh])
    return [whole.slice(start, ROWS) for start in range(0, len(whole), ROWS)]

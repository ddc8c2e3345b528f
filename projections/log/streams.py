"""Writes tables as bytes and reads them back: Arrow streams, compressed.

``segments`` cuts a log's table into the pieces in which a store's cache keeps it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.projections.cache.seal import Damaged
from hoso.projections.log.schema import SCHEMA, Integers, joined

SEGMENT_EVENTS: Final = 1_000_000  # in a full segment; SQLite keeps values of up to 1 GB
Compression = Literal["lz4", "zstd"]  # quick to write, or small


def to_bytes(table: pa.Table, compression: Compression = "lz4") -> bytes:
    """A table as an Arrow stream."""
    sink, options = pa.BufferOutputStream(), pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def from_bytes(body: bytes) -> pa.Table:
    """The table of an Arrow stream. Raises ``Damaged`` for bytes that are none."""
    try:
        return pa.ipc.open_stream(pa.py_buffer(body)).read_all()
    except (pa.ArrowException, OSError, TypeError) as error:
        raise Damaged(str(error)) from error


def arrays_to_bytes(
    arrays: Mapping[str, npt.NDArray[np.integer[Any]]],
    metadata: Mapping[bytes, bytes],
    compression: Compression = "lz4",
) -> bytes:
    """Arrays of any lengths, and some metadata, as an Arrow stream: each array is one cell."""
    table = pa.table({name: pa.array([array]) for name, array in arrays.items()})
    return to_bytes(table.replace_schema_metadata(metadata or None), compression)


def arrays_from_bytes(body: bytes) -> tuple[list[Integers], Mapping[bytes, bytes]]:
    """The arrays and the metadata that ``arrays_to_bytes`` wrote. Raises ``Damaged``."""
    table = from_bytes(body)
    try:
        arrays = [column[0].values.to_numpy() for column in table.columns]
    except (TypeError, AttributeError, IndexError, pa.ArrowException) as error:
        raise Damaged(str(error)) from error
    return arrays, table.schema.metadata or {}


def segment_from_bytes(body: bytes) -> pa.Table:
    """The table (``schema.SCHEMA``) of a segment. Raises ``Damaged`` for another table."""
    try:
        return from_bytes(body).cast(SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise Damaged(str(error)) from error


def segments(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables that follow each other in the log as full segments; the last one may be smaller.

    A few tables are joined at a time: each chunk of a joined table carries all of its texts, and
    joining hundreds of chunks would go through all texts for each of them.
    """
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        while sum(map(len, waiting)) > SEGMENT_EVENTS:
            whole = joined(waiting)
            yield _own_dictionaries(whole.slice(0, SEGMENT_EVENTS))
            waiting = [_own_dictionaries(whole.slice(SEGMENT_EVENTS))]
    if waiting:
        yield _own_dictionaries(joined(waiting))


def _own_dictionaries(piece: pa.Table) -> pa.Table:
    """A piece of a table, in one chunk, whose dictionaries hold its own texts only, in the order of
    their first appearance: so the dictionaries of a log do not depend on where it was cut."""
    columns = [
        column.cast(pa.string()).dictionary_encode()
        if pa.types.is_dictionary(column.type)
        else column
        for column in piece.combine_chunks().columns
    ]
    return pa.table(columns, schema=SCHEMA)

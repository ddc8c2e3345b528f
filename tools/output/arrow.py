"""Arrow: an IPC stream, which polars, pandas, duckdb and R read without parsing.

If a document has records for programs, these are the rows. Otherwise they are the rows of its
tables, each with the names of its table and its row, and with the columns of all tables; a column
that a table does not have is null there. Numbers with decimals are floats, as in JSON. The types of
columns follow from the values, which are put into columns block by block.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from hoso.projections.documents.model import Bilingual, Document, Language, Records, Table, Values
from hoso.tools.output import wording

BLOCK_ROWS: Final = 10_000


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """The records of a document, or the rows of its tables, as one stream."""
    if document.data is not None:
        blocks = [*_records(document.data.records, language)]
    else:
        blocks = [_table(table, document, language) for table in document.tables()]
    table = _joined(blocks)
    file = BytesIO()
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, BLOCK_ROWS)
    yield file.getvalue()


def _records(records: Records, language: Language) -> Iterator[pa.Table]:
    names = [wording.text(name, language) for name in records.columns]
    rows = iter(records.rows)
    yield _columns(names, [], language)
    while block := [*islice(rows, BLOCK_ROWS)]:
        yield _columns(names, block, language)


def _table(table: Table, document: Document, language: Language) -> pa.Table:
    values = Values(table, document.rounding)
    keys = [column.key for column in table.columns]
    rows = [
        [
            table.key,
            row.key,
            *(
                values.of(row.key, key, row.cells[key]) if key in row.cells else None
                for key in keys
            ),
        ]
        for row in table.rows
    ]
    return _columns(["table", "row", *keys], rows, language)


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]], language: Language) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.Table.from_arrays([_array(column, language) for column in columns], [*names])


def _joined(blocks: Sequence[pa.Table]) -> pa.Table:
    """All blocks as one table, with the columns of all of them."""
    fields: dict[str, pa.DataType] = {}
    for block in blocks:
        for field in block.schema:
            fields[field.name] = _common(fields.get(field.name, field.type), field.type)
    columns = {
        name: pa.chunked_array(
            [
                block[name].combine_chunks().cast(kind)
                if name in block.column_names
                else pa.nulls(len(block), kind)
                for block in blocks
            ],
            kind,
        )
        for name, kind in fields.items()
    }
    return pa.table(columns)


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """A type that holds the values of two; that of texts where nothing else does."""
    if pa.types.is_null(one) or one == other:
        return other
    if pa.types.is_null(other):
        return one
    are_numbers = all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in (one, other))
    return pa.float64() if are_numbers else pa.string()


def _array(values: Iterable[Any], language: Language) -> pa.Array:
    """A column; of texts where its values are of several kinds."""
    plain = [_plain(value, language) for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([value if value is None else str(value) for value in plain])


def _plain(value: object, language: Language) -> object:
    match value:
        case Bilingual():
            return value.to(language)
        case Decimal():
            return float(value)
        case _:
            return value

"""A document as an Arrow stream: what do programs read from it?"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Count,
    Data,
    Day,
    Document,
    Each,
    Place,
    Points,
    Records,
    Row,
    Sum,
    Table,
    Text,
    Words,
    same,
)
from hoso.tools.output import Paper, printed

NAME = Bilingual("Tên", "Name")


def read(document: Document) -> pa.Table:
    return pa.ipc.open_stream(printed(document, "vi", Paper.arrow)).read_all()


def with_records(rows: Collection[Any], *columns: Text) -> Document:
    records = Records(columns, rows)
    return Document("d", same("D"), None, (), (), data=Data({}, records))


def test_records_are_rows_and_their_values_have_types() -> None:
    rows = [[NAME, 1, Decimal("0.5"), True, None], ["b", None, Decimal(2), None, None]]
    table = read(with_records(rows, NAME, "count", "rate", "closed", "due"))
    assert table.to_pydict() == {
        "Tên": ["Tên", "b"],
        "count": [1, None],
        "rate": [0.5, 2.0],
        "closed": [True, None],
        "due": [None, None],
    }
    assert [str(kind) for kind in table.schema.types] == [
        "string",
        "int64",
        "double",
        "bool",
        "null",
    ]


@pytest.mark.parametrize(
    ("late", "kind"), [(7, "int64"), (Decimal("7.5"), "double"), ("x", "string"), (None, "null")]
)
def test_a_value_that_comes_late_decides_as_one_that_comes_first(late: object, kind: str) -> None:
    rows = Each(lambda n: [late if n == 25_000 else None], range(25_001))
    table = read(with_records(rows, "number"))
    assert str(table.schema.field("number").type) == kind
    assert table["number"].to_pylist()[-1] == late
    assert len(table) == 25_001


@pytest.mark.parametrize("values", [["a", 1], [1, "a"], [True, "a"], ["a", True], [1.5, "a"]])
def test_values_of_several_kinds_are_texts(values: list[Any]) -> None:
    table = read(with_records([[value] for value in values], "mixed"))
    assert table["mixed"].to_pylist() == [str(value) for value in values]


def test_tables_are_one_below_the_other_with_the_columns_of_all() -> None:
    columns = (Column("name", (NAME,), "text"), Column("n", (same("N"),)))
    first = Table(
        "a",
        same("A"),
        columns,
        [
            Row("x", {"name": Words("X"), "n": Count(3)}),
            Row("all", {"n": Sum((Place("x", "n"), Place("x", "n")))}),
        ],
    )
    second = Table(
        "b",
        same("B"),
        (*columns, Column("day", (same("D"),))),
        [Row("y", {"n": Points(Decimal("1.239")), "day": Day(date(2026, 11, 29))})],
    )
    table = read(Document("d", same("D"), None, (), (first, second)))
    assert table.to_pydict() == {
        "table": ["a", "a", "b"],
        "row": ["x", "all", "y"],
        "name": ["X", None, None],
        "n": [3.0, 6.0, 1.24],
        "day": [None, None, date(2026, 11, 29)],
    }


def test_what_has_no_rows_is_a_stream_as_well() -> None:
    assert read(with_records([], "a", "b")).column_names == ["a", "b"]
    assert len(read(Document("d", same("D"), None, (), ()))) == 0

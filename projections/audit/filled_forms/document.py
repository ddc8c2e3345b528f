"""The table that lays hoso's own form beside a published one.

Each row of the form has a line as published, a line as hoso counts it, and, where they differ, a
line with the differences.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from hoso.projections.audit.filled_forms.comparison import ComparedForm, ComparedRow
from hoso.projections.audit.phrases import phrase
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Exact,
    Row,
    Style,
    Table,
    Words,
)

ROW: Final = Column("row", (Bilingual("Dòng của biểu", "row of the form"),), "text", width=28)
WHOSE: Final = Column("whose", (Bilingual("Số liệu", "figures"),), "text", width=14)
CLAIMED: Final = Bilingual("công bố", "published")
ENGINE: Final = Bilingual("từ sự kiện", "the engine's")
DIFFERENCE: Final = Bilingual("chênh lệch", "difference")


def form_beside(number: int, compared: ComparedForm) -> Table:
    """The table of a compared form, the ``number``-th of an audit."""
    kind = compared.table.kind
    title = phrase(
        "Bên cạnh biểu {kind} tính từ sự kiện: {name}",
        "Beside form {kind} made by the engine: {name}",
        kind=kind.name,
        name=compared.table.name,
    )
    figures = [column for column in kind.columns if column.kind == "count"]
    columns = (ROW, WHOSE, *(column._replace(width=9) for column in figures))
    keys = {column.number.partition("=")[0]: column.key for column in figures}
    rows = [line for i, row in enumerate(compared.rows) for line in _lines(f"{i}", row, keys)]
    return Table(f"forms.{number}", title, columns, tuple(rows), (compared.note,))


def _lines(key: str, row: ComparedRow, keys: dict[str, str]) -> Iterator[Row]:
    """The lines of a row. ``keys`` has the keys of the columns by their numbers."""
    claimed: dict[str, Cell] = {"row": Words(row.row.label), "whose": Words(CLAIMED)}
    engine: dict[str, Cell] = {"whose": Words(ENGINE)}
    difference: dict[str, Cell] = {"whose": Words(DIFFERENCE)}
    for number, column in keys.items():
        if row.claimed is not None:
            claimed[column] = Exact(row.claimed[number])
        if row.engine is not None:
            engine[column] = row.engine[number]
        if row.difference(number):
            difference[column] = Exact(row.difference(number), signed=True)
    style: Style = "total" if row.row.role == "whole" else "line"
    yield Row(f"{key} claimed", claimed, style)
    yield Row(f"{key} engine", engine)
    if len(difference) > 1:
        yield Row(f"{key} difference", difference, "notice")


def form_json(compared: ComparedForm) -> dict[str, Any]:
    """A compared form for programs, cell by cell."""
    table = compared.table
    return {
        "form": table.kind.name,
        "file": table.file,
        "body": table.body,
        "cells": [
            _cell_json(compared, row, column)
            for row in compared.rows
            for column in table.kind.figures
        ],
    }


def _cell_json(compared: ComparedForm, row: ComparedRow, column: str) -> dict[str, Any]:
    """A cell; the command behind it where the two differ."""
    number, behind = (None, None) if row.engine is None else row.engine[column]
    listed = {"behind": compared.call(behind)} if behind and row.difference(column) else {}
    return {
        "row": row.row.label,
        "column": column,
        "claimed": None if row.claimed is None else _whole(row.claimed[column]),
        "engine": number,
        "difference": _whole(row.difference(column)),
        **listed,
    }


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)

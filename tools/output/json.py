"""JSON: what a document brings for programs, or each cell with its value and what it follows from.

Numbers are JSON numbers. Those with decimals are rounded as decimals before they become floats,
which keep 15 digits.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

from hoso.projections.documents.model import (
    Behind,
    Cell,
    Chart,
    Column,
    Count,
    Difference,
    Document,
    Dossier,
    Each,
    Language,
    Part,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Value,
    Values,
)
from hoso.tools.output import calls, wording
from hoso.tools.runtime.printable import printable_json

Json = dict[str, Any]


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """A document as JSON, indented, its keys always in the same order."""
    data = document.data
    return written(cells(document, language) if data is None else data.json)


def written(value: object) -> Iterator[bytes]:
    """A value as an indented JSON document, in which what is not printable is escaped; a collection
    that is no list is written item by item, as a list."""
    yield from _chunks(value, b"\n")
    yield b"\n"


def _chunks(value: object, line: bytes) -> Iterator[bytes]:
    """A value whose further lines each begin with ``line``: a line feed, and its indentation."""
    match value:
        case Collection() if _is_made(value):
            yield from _between(b"[]", ((b"", item) for item in value), line)
        case dict() if any(map(_is_made, value.values())):
            named = ((orjson.dumps(name) + b": ", item) for name, item in value.items())
            yield from _between(b"{}", named, line)
        case _:
            text = printable_json(orjson.dumps(value, option=orjson.OPT_INDENT_2))
            yield text.replace(b"\n", line)


def _is_made(value: object) -> bool:
    """Whether a value is a collection whose items are made when they are reached."""
    return isinstance(value, Collection) and not isinstance(value, str | list | tuple | dict)


def _between(
    brackets: bytes, items: Iterable[tuple[bytes, object]], line: bytes
) -> Iterator[bytes]:
    """Items, each behind its name, between brackets."""
    before, after = brackets[:1], brackets
    for name, item in items:
        yield before + line + b"  " + name
        yield from _chunks(item, line + b"  ")
        before, after = b",", line + brackets[1:]
    yield after


def cells(document: Document, language: Language) -> Json:
    """A document cell by cell."""
    window = document.window
    return {
        "report": document.name,
        "title": document.title.to(language),
        "language": language,
        "window": window and {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "about": [{"name": n, "text": text} for n, text in wording.about(document, language)],
        "rounding": document.rounding._asdict(),
        "parts": Each(partial(_part, document, language), document.parts),
    }


def _part(document: Document, language: Language, part: Part) -> Json:
    if isinstance(part, Table):
        return _table(part, document, language)
    return _chart(wording.rounded_chart(part, document.rounding), language)


def _table(table: Table, document: Document, language: Language) -> Json:
    values = Values(table, document.rounding)
    return {
        "table": table.key,
        "title": table.title.to(language),
        "columns": [_column(column, language) for column in table.columns],
        "rows": Each(lambda row: _row(row, table, values, document, language), table.rows),
        "notes": [note.to(language) for note in table.notes],
    }


def _column(column: Column, language: Language) -> Json:
    return {
        "key": column.key,
        "headings": [heading.to(language) for heading in column.headings],
        "kind": column.kind,
        "number": column.number,
    }


def _row(row: Row, table: Table, values: Values, document: Document, language: Language) -> Json:
    keys = [column.key for column in table.columns if column.key in row.cells]
    cells = {
        key: _cell(cell := row.cells[key], values.of(row.key, key, cell), document, language)
        for key in keys
    }
    return {"key": row.key, "style": row.style, "depth": row.depth, "cells": cells}


def _cell(cell: Cell, value: Value, document: Document, language: Language) -> Json:
    shown = {"value": _plain(value, language)}
    match cell:
        case Count(_, counted):
            return shown | _behind(counted, document)
        case Sum(of, counted):
            return shown | {"sum_of": _places(of)} | _behind(counted, document)
        case Difference(of, less, counted):
            terms = {"difference": {"of": _place(of), "less": _place(less)}}
            return shown | terms | _behind(counted, document)
        case Percentage(part, whole, of):
            return shown | {
                "numerator": {"places": _places(part)},
                "denominator": {"name": of.to(language), "places": _places(whole)},
                "rounding": document.rounding._asdict(),
            }
        case Points(_, how, _):
            return shown if how is None else shown | {"how": how.to(language)}
        case Dossier(code):
            return shown | {"behind": calls.explain(document.ask, code)}
        case _:
            return shown


def _behind(counted: Behind | None, document: Document) -> Json:
    return {} if counted is None else {"behind": calls.listing(document.ask, counted)}


def _places(places: Iterable[Place]) -> list[dict[str, str]]:
    return [_place(place) for place in places]


def _place(place: Place) -> dict[str, str]:
    row, column = place  # three times as quick as ``_asdict``, for tens of thousands of places
    return {"row": row, "column": column}


def _chart(chart: Chart, language: Language) -> Json:
    return {
        "chart": chart.key,
        "title": chart.title.to(language),
        "kind": chart.kind,
        "unit": chart.unit.to(language),
        "labels": [wording.text(label, language) for label in chart.labels],
        "series": [
            {
                "name": series.name.to(language),
                "numbers": [_plain(number, language) for number in series.numbers],
            }
            for series in chart.series
        ],
    }


def _plain(value: Value, language: Language) -> int | float | str | None:
    match value:
        case None | int():
            return value
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case text:
            return wording.text(text, language)

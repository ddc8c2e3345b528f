"""How does a report look to a program? Each cell with its value, and what the value follows from.

Numbers are JSON numbers. Those with decimals were rounded as decimals; made into floats then, they
keep every digit, as 15 digits survive that.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from hoso.projections.documents import model
from hoso.projections.documents.model import (
    Cell,
    Chart,
    Column,
    Count,
    Difference,
    Document,
    DrillDown,
    Language,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Value,
    Words,
)
from hoso.tools.output import calls, wording

Json = dict[str, Any]


def printed(report: Document, language: Language) -> bytes:
    """A report as a JSON document, its keys always in the same order."""
    return orjson.dumps(as_document(report, language), option=orjson.OPT_INDENT_2) + b"\n"


def as_document(report: Document, language: Language) -> Json:
    """The same, not yet in bytes."""
    return {
        "report": report.name,
        "title": report.title.to(language),
        "language": language,
        "window": {
            "from": report.window.first.isoformat(),
            "to": report.window.last.isoformat(),
        },
        "about": [{"name": n, "text": text} for n, text in wording.about(report, language)],
        "rounding": report.rounding._asdict(),
        "parts": [
            _table(part, report, language)
            if isinstance(part, Table)
            else _chart(wording.rounded_chart(part, report.rounding), language)
            for part in report.parts
        ],
    }


def _table(table: Table, report: Document, language: Language) -> Json:
    known = model.values(table, report.rounding)
    return {
        "table": table.key,
        "title": table.title.to(language),
        "columns": [_column(column, language) for column in table.columns],
        "rows": [_row(row, table, known, report, language) for row in table.rows],
        "notes": [note.to(language) for note in table.notes],
    }


def _column(column: Column, language: Language) -> Json:
    return {
        "key": column.key,
        "headings": [said.to(language) for said in column.headings],
        "kind": column.kind,
        "number": column.number,
    }


def _row(
    row: Row, table: Table, known: Mapping[Place, Value], report: Document, language: Language
) -> Json:
    keys = [column.key for column in table.columns if column.key in row.cells]
    cells = {
        key: _cell(row.cells[key], known[Place(row.key, key)], report, language) for key in keys
    }
    return {"key": row.key, "style": row.style, "depth": row.depth, "cells": cells}


def _cell(cell: Cell, known: Value, report: Document, language: Language) -> Json:
    value = {"value": _plain(known, language)}
    match cell:
        case Count(_, counted):
            return value | _behind(counted, report)
        case Sum(of, counted):
            return value | {"sum_of": _places(of)} | _behind(counted, report)
        case Difference(of, less):
            return value | {"difference": {"of": _place(of), "less": _place(less)}}
        case Percentage(part, whole, of):
            return value | {
                "numerator": {"places": _places(part)},
                "denominator": {"name": of.to(language), "places": _places(whole)},
                "rounding": report.rounding._asdict(),
            }
        case Points(_, how):
            return value if how is None else value | {"how": how.to(language)}
        case Words():
            return value


def _behind(counted: DrillDown | None, report: Document) -> Json:
    return {} if counted is None else {"behind": calls.call(report.ask, counted)}


def _places(places: Iterable[Place]) -> list[dict[str, str]]:
    return [_place(place) for place in places]


def _place(place: Place) -> dict[str, str]:
    row, column = place  # a third of what ``_asdict`` takes, some ten thousand times
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
        case text:
            return wording.text(text, language)

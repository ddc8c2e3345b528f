"""How does a report look in a terminal? Tables with their notes, and what it rests on.

Charts are left out: a terminal has no paper to draw on.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Grid
from rich.text import Text

from projections.reports import document
from projections.reports.document import Column, Language, Place, Report, Row, Share, Table, Value
from tools import readable
from tools.papers import layout, wording
from tools.papers.wording import Shares
from tools.render import ENDLESS

STYLES: Final = {"line": "", "group": "bold", "total": "bold"}


def printed(report: Report, language: Language) -> bytes:
    """A report as plain text, as wide as need be."""
    found = io.StringIO()
    console = Console(file=found, highlight=False, width=ENDLESS)
    for part in parts(report, language):
        width = Measurement.get(console, console.options, part).maximum
        console.print(part, markup=False, width=width)
    return found.getvalue().encode()


def parts(report: Report, language: Language) -> Iterator[Grid | str]:
    """What ``render.show`` is to print."""
    yield f"{_safe(report.title.to(language))}\n{wording.period(report.window, language)}\n"
    for table in report.tables():
        yield _grid(table, report, language)
        yield "\n".join([*map(_safe, wording.notes(table, report.rounding, language)), ""])
    about = wording.about(report, language)
    yield "\n".join(f"{_safe(name)}: {_safe(text)}" for name, text in about)


def _grid(table: Table, report: Report, language: Language) -> Grid:
    known, shares = document.values(table, report.rounding), wording.shares(table)
    title = Text(_safe(table.title.to(language))) if table.title != report.title else None
    grid = Grid(title=title, title_justify="left")
    rows = [[*_cells(row, table, known, shares, language)] for row in table.rows]
    for place, column in enumerate(table.columns):
        _add_column(grid, column, [row[place] for row in rows], shares, language)
    for row, cells in zip(table.rows, rows, strict=True):
        if row.style == "total":
            grid.add_section()
        grid.add_row(*map(Text, cells), style=STYLES[row.style])
    return grid


def _add_column(
    grid: Grid, column: Column, cells: Sequence[str], shares: Shares, language: Language
) -> None:
    """A column as wide as the form has it, but never so narrow that a number or a heading's word is
    broken; text is, where the terminal is narrow."""
    said = "\n".join(_safe(heading.to(language)) for heading in column.headings)
    heading = f"{said} {shares.at_heading([column.key])}\n{column.number}".strip()
    if column.kind == "text":
        width = max(column.width, wording.widest_word([heading]))
        grid.add_column(Text(heading), overflow="fold", max_width=width)
    else:  # with its width given, rich need not measure each cell, for seconds
        width = max(column.width, wording.widest_word([heading]), *map(len, cells))
        grid.add_column(Text(heading), justify="right", overflow="fold", width=width)


def _cells(
    row: Row, table: Table, known: Mapping[Place, Value], shares: Shares, language: Language
) -> Iterator[str]:
    named = table.columns[layout.names(table.columns)].key
    for column in table.columns:
        cell = row.cells.get(column.key)
        if cell is None:
            yield ""
            continue
        said = _safe(wording.shown(known[Place(row.key, column.key)], language))
        if isinstance(cell, Share):
            said = f"{said} {shares.at_cell(column.key, cell)}".rstrip()
        yield "  " * row.depth + said if column.key == named else said


def _safe(text: str) -> str:
    return readable.text(text)

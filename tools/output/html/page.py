"""How does a report look in a browser? One page that needs nothing else, on screens and on paper.

Each figure has the call that lists its dossiers as its title, and each percentage its fraction; who
clicks on one can copy it. The rows are put together here, as a template takes its time for a cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape  # of plain text, quicker than markupsafe's
from math import ceil
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hoso.projections.documents import model
from hoso.projections.documents.model import (
    Cell,
    Chart,
    Count,
    Difference,
    Document,
    Language,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Value,
)
from hoso.tools.output import calls, layout, wording
from hoso.tools.output.html import svg
from hoso.tools.output.wording import PercentMarks

TERMS: Final = 6  # of a sum that is told term by term
PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
WORDS: Final = {
    "vi": {
        "basis": "Căn cứ",
        "close": "Đóng",
        "take": "Sao chép",
        "hint": "Bấm vào một số để xem lệnh liệt kê những hồ sơ đứng sau số đó.",
        "numbers": "Số liệu của biểu đồ",
    },
    "en": {
        "basis": "What it rests on",
        "close": "Close",
        "take": "Copy",
        "hint": "Click on a figure to see the command that lists the dossiers behind it.",
        "numbers": "The chart's numbers",
    },
}


def printed(report: Document, language: Language) -> bytes:
    """A report as a page."""
    page = PAGES.get_template("page.html.jinja").render(
        language=language,
        words=WORDS[language],
        title=report.title.to(language),
        period=wording.period(report.window, language),
        about=wording.about(report, language),
        short=layout.on_one_page(report),
        parts=[
            _chart(part, report, language)
            if isinstance(part, Chart)
            else _table(part, report, language)
            for part in report.parts
        ],
    )
    return page.encode()


def _table(table: Table, report: Document, language: Language) -> dict[str, Any]:
    known = model.values(table, report.rounding)
    widths = layout.widths(table, known, language)
    return {
        "table": table.key,
        "title": table.title.to(language) if table.title != report.title else "",
        "characters": ceil(sum(widths)),
        "head": Markup("").join(_head(table, widths, language)),
        "rows": Markup("\n").join(_rows(table, known, report, language)),
        "notes": wording.notes(table, report.rounding, language),
    }


def _head(table: Table, widths: Sequence[float], language: Language) -> Iterator[Markup]:
    columns, shares = table.columns, wording.shares(table)
    names = layout.names(columns)
    headings = layout.headings(columns)
    for level in range(layout.levels(columns)):
        yield Markup("<tr>")
        for each in (heading for heading in headings if heading.level == level):
            mark = _mark(shares.at_heading(each.of))
            name = Markup(' class="name"') if each.column == names and each.of else ""
            width = sum(widths[each.column : each.column + each.columns])
            yield Markup(
                '<th scope="col{}" rowspan="{}" colspan="{}" style="--width:{}"{}>{}{}</th>'
            ).format(
                *("" if each.of else "group", each.levels, each.columns, round(width, 1), name),
                *(each.text.to(language), mark),
            )
        yield Markup("</tr>")
    if layout.numbered(columns):
        yield Markup('<tr class="numbering">')
        for place, column in enumerate(columns):
            look = Markup(' class="name"') if place == names else ""
            yield Markup("<td{}>{}</td>").format(look, column.number)
        yield Markup("</tr>")


def _rows(
    table: Table, known: Mapping[Place, Value], report: Document, language: Language
) -> Iterator[Markup]:
    shares = wording.shares(table)
    told = _Told(report, known, language)
    names = table.columns[layout.names(table.columns)].key
    for row in table.rows:
        cells = [
            _cell(row, column.key, column.kind, column.key == names, known, shares, told)
            for column in table.columns
        ]
        yield Markup(f'<tr class="{row.style}">{"".join(cells)}</tr>')  # each is escaped


def _cell(
    row: Row,
    column: str,
    kind: str,
    named: bool,
    known: Mapping[Place, Value],
    shares: PercentMarks,
    told: "_Told",
) -> str:
    cell = row.cells.get(column)
    if cell is None:
        return '<th class="name"></th>' if named else "<td></td>"
    text = escape(wording.shown(known[Place(row.key, column)], told.language), quote=False)
    if named:
        depth = f' style="--depth:{row.depth}"' if row.depth else ""
        return f'<th scope="row" class="name"{depth}>{text}</th>'
    if isinstance(cell, Percentage):
        text = f"{text}{_mark(shares.at_cell(column, cell))}"
    look = ' class="text"' if kind == "text" else ""
    title = told.of(cell)
    return f'<td{look} title="{escape(title)}">{text}</td>' if title else f"<td{look}>{text}</td>"


class _Told:
    """What is told of a cell: how its dossiers are asked for, or else what it follows from."""

    def __init__(self, report: Document, known: Mapping[Place, Value], language: Language) -> None:
        self.language: Language = language
        self._ask = report.ask
        self._known = known
        self._rounded = wording.rounded(report.rounding, language)

    def of(self, cell: Cell) -> str:
        """What is told of a cell, if anything."""
        match cell:
            case Count(_, counted) | Sum(_, counted) if counted is not None:
                return calls.call(self._ask, counted)
            case Sum(of) if len(of) <= TERMS:
                return f"= {self._terms(of)}"
            case Difference(of, less):
                return f"= {self._terms((of,))} - {self._terms((less,))}"
            case Percentage(part, whole, of):
                fraction = f"{self._total(part)} / {self._total(whole)}"
                return f"= {fraction} ({of.to(self.language)}), {self._rounded}"
            case Points(_, how) if how is not None:
                return f"= {how.to(self.language)}"
            case _:
                return ""

    def _terms(self, places: tuple[Place, ...]) -> str:
        return " + ".join(wording.shown(self._known[place], self.language) for place in places)

    def _total(self, places: tuple[Place, ...]) -> str:
        numbers = [n for p in places if isinstance(n := self._known[p], int | Decimal)]
        return wording.shown(sum(numbers) if numbers else None, self.language)


def _mark(mark: str) -> Markup:
    return Markup(" <sup>{}</sup>").format(mark) if mark else Markup("")


def _chart(exact: Chart, report: Document, language: Language) -> dict[str, Any]:
    chart = wording.rounded_chart(exact, report.rounding)
    names = [series.name.to(language) for series in chart.series]
    lines = zip(chart.labels, *(series.numbers for series in chart.series), strict=True)
    return {
        "chart": chart.key,
        "title": chart.title.to(language),
        "unit": chart.unit.to(language),
        "drawn": svg.drawn(exact, report.rounding, language),
        "legend": [(svg.swatch(chart, place), name) for place, name in enumerate(names)],
        "lines": [[wording.shown(value, language) for value in line] for line in lines],
    }

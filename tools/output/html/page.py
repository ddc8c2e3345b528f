"""A document as a page for browsers: one file that needs nothing else, on screens and on paper.

The title of a figure is the call that lists its dossiers, that of a percentage its fraction. A
click on the figure, or Enter, shows the title, to be copied; or the dossiers themselves, where the
page holds them. Rows are put together here, because a template is
slow for many cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape  # of plain text, quicker than markupsafe's
from math import ceil
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hoso.projections.documents.model import (
    MAX_INDENT,
    Cell,
    Chart,
    Count,
    Day,
    Difference,
    Document,
    Dossier,
    Language,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Value,
    Values,
)
from hoso.projections.reports.behind import MOST_DOSSIERS
from hoso.tools.output import Paper, calls, check_rows, layout, wording
from hoso.tools.output.html import svg
from hoso.tools.output.wording import PercentMarks
from hoso.tools.runtime.printable import printable_lines

TERMS: Final = 6  # the most of a sum whose terms are shown
PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
WORDS: Final[dict[str, dict[str, Any]]] = {
    "vi": {
        "basis": "Căn cứ",
        "close": "Đóng",
        "take": "Sao chép",
        "hint": "Bấm vào một số hoặc một mã hồ sơ để xem lệnh cho biết những gì đứng sau.",
        "numbers": "Số liệu của biểu đồ",
        "back": "Trở lại báo cáo",
        "command": "Lệnh liệt kê",
        "count": "hồ sơ",
        "held": "Trang này có sẵn hồ sơ của mỗi số liệu có không quá {} hồ sơ (cả trang không quá"
        " {}). Với số liệu khác, trang cho biết lệnh liệt kê.",
        "columns": [
            "Mã hồ sơ",
            "Tiếp nhận",
            "Hẹn trả",
            "Kết thúc",
            "Trạng thái cuối kỳ",
            "Quy tắc quyết định",
        ],
    },
    "en": {
        "basis": "What it rests on",
        "close": "Close",
        "take": "Copy",
        "hint": "Click on a figure or a dossier's code to see the command behind it.",
        "numbers": "The chart's numbers",
        "back": "Back to the report",
        "command": "The command",
        "count": "dossiers",
        "held": "This page holds the dossiers of each figure that has at most {} (of all together,"
        " at most {}). For other figures it says the command.",
        "columns": ["Dossier", "Received", "Due", "Closed", "At the end", "Rule that decided"],
    },
}


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """A document as a page. Raises ``UserError`` for a table that is too long for browsers."""
    parts = [
        _chart(part, document, language)
        if isinstance(part, Chart)
        else _table(part, document, language)
        for part in document.parts
    ]
    page = PAGES.get_template("page.html.jinja").render(
        language=language,
        words=WORDS[language],
        title=document.title.to(language),
        period=wording.period(document.window, language, document.until),
        lead=document.lead and document.lead.to(language),
        about=wording.about(document, language),
        short=layout.on_one_page(document),
        calls=any(part.get("calls") for part in parts),
        held=_held(document, language),
        head=document.letterhead,
        recipients=wording.RECIPIENTS.to(language),
        parts=parts,
    )
    yield printable_lines(page).encode()


def _table(table: Table, document: Document, language: Language) -> dict[str, Any]:
    check_rows(table, Paper.html)
    values = Values(table, document.rounding)
    widths, shares = layout.widths(table, values, language), wording.shares(table)
    explanations = _Explanations(document, values, language)
    return {
        "table": table.key,
        "title": table.title.to(language) if table.title != document.title else "",
        "characters": ceil(sum(widths)),
        "head": Markup("").join(_head(table, widths, shares, language)),
        "rows": Markup("\n").join(_rows(table, values, shares, explanations)),
        "calls": explanations.has_calls,
        "notes": wording.notes(table, shares, document.rounding, language),
    }


def _head(
    table: Table, widths: Sequence[float], shares: PercentMarks, language: Language
) -> Iterator[Markup]:
    columns = table.columns
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
    table: Table, values: Values, shares: PercentMarks, explanations: "_Explanations"
) -> Iterator[Markup]:
    names = table.columns[layout.names(table.columns)].key
    for row in table.rows:
        cells = [
            _cell(row, column.key, column.kind, column.key == names, values, shares, explanations)
            for column in table.columns
        ]
        yield Markup(f'<tr class="{row.style}">{"".join(cells)}</tr>')  # each is escaped


def _cell(
    row: Row,
    column: str,
    kind: str,
    named: bool,
    values: Values,
    shares: PercentMarks,
    explanations: "_Explanations",
) -> str:
    cell = row.cells.get(column)
    if cell is None:
        return '<th class="name"></th>' if named else "<td></td>"
    value = values.of(row.key, column, cell)
    text = escape(wording.cell(cell, value, explanations.language), quote=False)
    explained = explanations.of(cell)
    title = f' title="{escape(explained)}"{explanations.held(cell)}' if explained else ""
    on_one_line = isinstance(cell, Day | Dossier)
    if named:
        depth = f' style="--depth:{min(row.depth, MAX_INDENT)}"' if row.depth else ""
        look = "name whole" if on_one_line else "name"
        return f'<th scope="row" class="{look}"{depth}{title}>{text}</th>'
    if isinstance(cell, Percentage):
        text = f"{text}{_mark(shares.at_cell(column, cell))}"
    look = f' class="{"whole" if on_one_line else "text"}"' if kind == "text" else ""
    return f"<td{look}{title}>{text}</td>"


class _Explanations:
    """The explanations of cells: the call behind a cell, or what the cell follows from."""

    def __init__(
        self, document: Document, values: Mapping[Place, Value], language: Language
    ) -> None:
        self.language: Language = language
        self.has_calls = False  # whether any cell has a call behind it
        self._ask = document.ask
        self._values = values
        self._rounded = wording.rounded(document.rounding, language)
        lists = {} if document.held is None else document.held.lists
        self._held = {behind: number for number, behind in enumerate(lists)}

    def held(self, cell: Cell) -> str:
        """The attribute that says which of the lists that the page holds is behind a cell."""
        behind = cell.behind if isinstance(cell, Count | Sum | Difference) else None
        if behind is not None and behind in self._held:
            return f' data-held="{self._held[behind]}"'
        return ""

    def of(self, cell: Cell) -> str:
        """The explanation of a cell; empty where there is none."""
        match cell:
            case Count(behind=behind) | Sum(behind=behind) | Difference(behind=behind) if behind:
                self.has_calls = True
                return calls.listing(self._ask, behind)
            case Dossier(code):
                self.has_calls = True
                return calls.explain(self._ask, code)
            case Sum(of) if len(of) <= TERMS:
                return f"= {self._terms(of)}"
            case Difference(of, less):
                return f"= {self._terms((of,))} - {self._terms((less,))}"
            case Percentage(part, whole, of):
                fraction = f"{self._total(part)} / {self._total(whole)}"
                return f"= {fraction} ({of.to(self.language)}), {self._rounded}"
            case Points(_, how, _) if how is not None:
                return f"= {how.to(self.language)}"
            case _:
                return ""

    def _terms(self, places: tuple[Place, ...]) -> str:
        return " + ".join(wording.shown(self._values[place], self.language) for place in places)

    def _total(self, places: tuple[Place, ...]) -> str:
        numbers = [n for p in places if isinstance(n := self._values[p], int | Decimal)]
        return wording.shown(sum(numbers) if numbers else None, self.language)


class _HeldPart(NamedTuple):
    """The dossiers that a page holds, as JSON, and what the page says of them."""

    json: Markup
    said: str


def _held(document: Document, language: Language) -> "_HeldPart | None":
    """The dossiers that a page holds, and the lists of their places, for its script."""
    held = document.held
    if held is None:
        return None
    rows = [
        [
            each.code,
            *(wording.shown(day, language) for day in (each.received, each.due, each.closed)),
            each.account.to(language),
            each.rules.to(language),
        ]
        for each in held.dossiers
    ]
    known = {"dossiers": rows, "lists": [*held.lists.values()]}
    # In a script, "</script>" and "<!--" would end it.
    text = orjson.dumps(known).decode().replace("<", "\\u003c")
    said = WORDS[language]["held"].format(
        *(wording.numeral(number, language) for number in (held.most, MOST_DOSSIERS))
    )
    return _HeldPart(Markup(text), said)


def _mark(mark: str) -> Markup:
    return Markup(" <sup>{}</sup>").format(mark) if mark else Markup("")


def _chart(exact: Chart, document: Document, language: Language) -> dict[str, Any]:
    chart = wording.rounded_chart(exact, document.rounding)
    names = [series.name.to(language) for series in chart.series]
    lines = zip(chart.labels, *(series.numbers for series in chart.series), strict=True)
    return {
        "chart": chart.key,
        "title": chart.title.to(language),
        "unit": chart.unit.to(language),
        "drawn": svg.drawn(exact, document.rounding, language),
        "legend": [(svg.swatch(chart, place), name) for place, name in enumerate(names)],
        "lines": [[wording.shown(value, language) for value in line] for line in lines],
    }

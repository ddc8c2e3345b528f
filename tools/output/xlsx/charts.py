"""A chart on a worksheet: a chart of the spreadsheet, above the numbers that it shows.

Only the chart is printed. Its numbers are in tables, or are more than a page has room for.
"""

from decimal import Decimal
from math import ceil
from typing import Any, Final, NamedTuple

from xlsxwriter.chart import Chart as Drawing

from hoso.projections.documents.model import Chart
from hoso.tools.output import colours, layout, wording
from hoso.tools.output.xlsx.cells import HEADING, LINED, write_text
from hoso.tools.output.xlsx.grid import Grid
from hoso.tools.output.xlsx.worksheet import Worksheet

DASHES: Final = ("solid", "dash", "round_dot", "dash_dot", "long_dash", "square_dot")
ROW: Final = 20  # a row's height in pixels
COLUMN: Final = 64  # the width of a column that was given none, in pixels
WIDTH: Final = 1040
HEIGHT: Final = 620
UNDER_ROWS: Final = 17  # the rows that a chart under a table takes
LABEL: Final = 40  # the width of the longest label, in characters
NUMBER: Final = 16
SHOWN_LABELS: Final = 12
FONT: Final = {"name": "Times New Roman", "size": 10}


class Frame(NamedTuple):
    """Where a chart stands, and its size in pixels."""

    row: int
    column: int
    width: int
    height: int


def write_alone(sheet: Worksheet, chart: Chart) -> None:
    """Put a chart and its numbers on a worksheet of their own."""
    height = min(440 if chart.kind == "lines" else 160 + 28 * len(chart.labels), HEIGHT)
    texts = [wording.text(label, sheet.language) for label in chart.labels]
    longest = min(max(map(layout.breadth, texts), default=0) + 2, LABEL)
    widths = [max(longest, NUMBER), *(NUMBER for _ in chart.series)]
    sheet.set_widths(0, widths)
    bottom = ceil(height / ROW)
    _write(sheet, chart, Frame(0, 0, WIDTH, height), bottom + 2)
    beyond = ceil((WIDTH - sum(map(pixels, widths))) / COLUMN)
    sheet.paper.print_area(0, 0, bottom, len(widths) + max(beyond, 0) - 1)
    sheet.paper.fit_to_pages(1, 1)


def write_under(grid: Grid, chart: Chart, top: int) -> None:
    """Put a chart under a table, as wide as the table, and its numbers below."""
    width = sum(map(pixels, grid.widths))
    frame = Frame(top, grid.left, width, UNDER_ROWS * ROW)
    _write(grid.sheet, chart, frame, top + UNDER_ROWS + 2)


def pixels(width: float) -> int:
    """The width of a column of so many characters, in pixels."""
    return round(7 * width) + 5


def _write(sheet: Worksheet, chart: Chart, frame: Frame, top: int) -> None:
    """Put a chart into its frame, and its numbers from a row on."""
    left, language = frame.column, sheet.language
    _write_numbers(sheet, chart, top, left)
    book, name = sheet.formats.book, sheet.paper.name
    drawn = book.add_chart(
        {"type": "line"} if chart.kind == "lines" else {"type": "bar", "subtype": "stacked"}
    )
    last = top + max(len(chart.labels), 1)
    for place, column in enumerate(range(left + 1, left + 1 + len(chart.series))):
        drawn.add_series(
            {
                "name": [name, top, column],
                "categories": [name, top + 1, left, last, left],
                "values": [name, top + 1, column, last, column],
                **_look(chart, place),
            }
        )
    title = chart.title.to(language)
    drawn.set_title({"name": title, "name_font": FONT | {"size": 12}})
    drawn.set_legend({"position": "bottom", "font": FONT})
    drawn.set_size({"width": frame.width, "height": frame.height})
    drawn.show_blanks_as("gap")
    _set_axes(drawn, sheet, chart)
    sheet.paper.insert_chart(frame.row, left, drawn, {"description": title})


def _set_axes(drawn: Drawing, sheet: Worksheet, chart: Chart) -> None:
    decimals = any(isinstance(n, Decimal) for series in chart.series for n in series.numbers)
    places = sheet.document.rounding.places
    values = {
        "name": chart.unit.to(sheet.language),
        "num_format": sheet.formats.numbers(places if decimals else 0),
        "name_font": FONT | {"bold": False},
        "num_font": FONT,
        "major_gridlines": {"visible": True, "line": {"color": "#D5DAE1"}},
    }
    if chart.kind == "lines":
        every = max(len(chart.labels) // SHOWN_LABELS, 1)
        labels = {"num_font": FONT | {"rotation": -45}, "interval_unit": every}
        drawn.set_x_axis(labels | {"interval_tick": every, "label_position": "low"})
        drawn.set_y_axis(values)
    else:
        drawn.set_x_axis(values)
        drawn.set_y_axis({"num_font": FONT, "reverse": True, "crossing": "max"})


def _write_numbers(sheet: Worksheet, chart: Chart, top: int, left: int) -> None:
    formats, language = sheet.formats, sheet.language
    heading, label = formats.of(**HEADING), formats.of(**LINED, align="left")
    headings = [chart.unit, *(series.name for series in chart.series)]
    for column, heading_text in enumerate(headings, left):
        text = heading_text.to(language)
        sheet.heighten(top, layout.lines(text, NUMBER) + 0.3)
        write_text(sheet.paper, top, column, text, heading)
    for row, name in enumerate(chart.labels, top + 1):
        write_text(sheet.paper, row, left, wording.text(name, language), label)
    for column, series in enumerate(chart.series, left + 1):
        for row, number in enumerate(series.numbers, top + 1):
            places = sheet.document.rounding.places if isinstance(number, Decimal) else 0
            shown = formats.of(**LINED, num_format=formats.numbers(places))
            if number is None:
                sheet.paper.write_blank(row, column, None, shown)
            else:
                sheet.paper.write_number(row, column, float(number), shown)


def _look(chart: Chart, place: int) -> dict[str, Any]:
    colour = colours.of(place)
    if chart.kind == "bars":
        return {"fill": {"color": colour}, "gap": 40}
    dash = DASHES[place % len(DASHES)]
    return {"line": {"color": colour, "width": 2, "dash_type": dash}}

"""How does a chart look in a spreadsheet? As the spreadsheet's own, above the numbers it shows."""

from decimal import Decimal
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from projections.reports.document import Chart, Language
from tools.papers import colours, wording
from tools.papers.cells import HEADING, LINED, Formats, write_text

DASHES: Final = ("solid", "dash", "round_dot", "dash_dot", "long_dash", "square_dot")
ROW: Final = 20  # a row's height in pixels
WIDTH: Final = 1040
SHOWN_LABELS: Final = 12
FONT: Final = {"name": "Times New Roman", "size": 10}


def add(sheet: Worksheet, chart: Chart, language: Language, formats: Formats) -> None:
    """Put a chart and its numbers on a sheet that has nothing yet."""
    height = _height(chart)
    top = height // ROW + 2
    _write_numbers(sheet, chart, language, formats, top)
    drawn = formats.book.add_chart(
        {"type": "line"} if chart.kind == "lines" else {"type": "bar", "subtype": "stacked"}
    )
    last = top + max(len(chart.labels), 1)
    for place in range(1, len(chart.series) + 1):
        drawn.add_series(
            {
                "name": [sheet.name, top, place],
                "categories": [sheet.name, top + 1, 0, last, 0],
                "values": [sheet.name, top + 1, place, last, place],
                **_look(chart, place - 1),
            }
        )
    drawn.set_title({"name": chart.title.to(language), "name_font": FONT | {"size": 14}})
    drawn.set_legend({"position": "bottom", "font": FONT})
    drawn.set_size({"width": WIDTH, "height": height})
    drawn.show_blanks_as("gap")
    decimals = any(isinstance(n, Decimal) for series in chart.series for n in series.numbers)
    values = {
        "name": chart.unit.to(language),
        "num_format": formats.numbers(decimals),
        "name_font": FONT,
        "num_font": FONT,
        "major_gridlines": {"visible": True, "line": {"color": "#D5DAE1"}},
    }
    if chart.kind == "lines":
        drawn.set_x_axis(
            {"num_font": FONT, "interval_unit": _every(chart), "label_position": "low"}
        )
        drawn.set_y_axis(values)
    else:
        drawn.set_x_axis(values)
        drawn.set_y_axis({"num_font": FONT, "reverse": True, "crossing": "max"})
    alternative = {"description": chart.title.to(language)}
    sheet.insert_chart(0, 0, drawn, alternative)


def _write_numbers(
    sheet: Worksheet, chart: Chart, language: Language, formats: Formats, top: int
) -> None:
    heading, label = formats.of(**HEADING), formats.of(**LINED, align="left")
    texts = [wording.text(said, language) for said in chart.labels]
    sheet.set_column(0, 0, min(max([12, *map(len, texts)]), 40))
    sheet.set_column(1, max(len(chart.series), 1), 16)
    write_text(sheet, top, 0, chart.unit.to(language), heading)
    for row, text in enumerate(texts, top + 1):
        write_text(sheet, row, 0, text, label)
    for column, series in enumerate(chart.series, 1):
        write_text(sheet, top, column, series.name.to(language), heading)
        for row, number in enumerate(series.numbers, top + 1):
            shown = formats.of(**LINED, num_format=formats.numbers(isinstance(number, Decimal)))
            if number is None:
                sheet.write_blank(row, column, None, shown)
            else:
                sheet.write_number(row, column, float(number), shown)


def _look(chart: Chart, place: int) -> dict[str, Any]:
    colour = colours.of(place)
    if chart.kind == "bars":
        return {"fill": {"color": colour}, "gap": 40}
    dash = DASHES[place % len(DASHES)]
    return {"line": {"color": colour, "width": 2, "dash_type": dash}}


def _height(chart: Chart) -> int:
    return 440 if chart.kind == "lines" else 160 + 28 * len(chart.labels)


def _every(chart: Chart) -> int:
    return max(len(chart.labels) // SHOWN_LABELS, 1)

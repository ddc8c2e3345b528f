"""Charts as SVG: lines over days, or stacked bars, with their numbers.

Text and axes have the page's colour, so that they can be read on a dark page as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from math import ceil, floor, log10
from typing import Final, NamedTuple

from markupsafe import Markup

from hoso.projections.documents.model import NO_DATA, Chart, Language, Rounding
from hoso.tools.output import colours, wording

WIDTH: Final = 960
LINES_HEIGHT: Final = 320
BAR: Final = 30  # a bar's height, with the space under it
LABELS: Final = 240  # the width for the labels of bars
LABEL: Final = 36  # the longest label of a bar, in characters
TOP, BOTTOM, LEFT, RIGHT = 12, 34, 64, 24
SHOWN_LABELS: Final = 10
HALF_LABEL: Final = 64  # half the width of the longest label of a line chart
TICKS: Final = 5
DASHES: Final = ("none", "8 4", "2 3", "10 3 2 3", "14 5", "5 5")

Number = int | Decimal | None


class Scale(NamedTuple):
    """The places of numbers: from ``low`` at ``start`` to ``high`` at ``end``, by steps."""

    low: float
    high: float
    step: float
    start: float
    end: float

    def at(self, number: float | Decimal) -> float:
        """The place of a number."""
        share = (float(number) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[Decimal]:
        """The numbers at the ticks."""
        count = round((self.high - self.low) / self.step)
        step = Decimal(repr(self.step)).normalize()
        return [step * (round(self.low / self.step) + i) for i in range(count + 1)]


def scale(numbers: Iterable[Number], start: float, end: float) -> Scale:
    """A scale for some numbers and 0, with round numbers at its ticks."""
    every = [0.0, *(float(number) for number in numbers if number is not None)]
    reach = (max(every) - min(every)) or 1.0
    ten: float = 10.0 ** floor(log10(reach / TICKS))
    step = next(ten * times for times in (1, 2, 5, 10) if ten * times * TICKS >= reach)
    low, high = floor(min(every) / step) * step, ceil(max(every) / step) * step
    return Scale(low, high if high > low else low + step, step, start, end)


def drawn(exact: Chart, rounding: Rounding, language: Language) -> Markup:
    """A chart; its numbers are rounded, and so are the totals of the exact numbers."""
    chart = wording.rounded_chart(exact, rounding)
    if chart.kind == "lines":
        height, parts = LINES_HEIGHT, [*_lines(chart, language)]
    else:
        totals = [wording.rounded_number(total, rounding) for total in _totals(exact)]
        height, parts = _bars_height(chart), [*_bars(chart, totals, language)]
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
    ).format(
        *(WIDTH, height, chart.key, chart.key),
        *(chart.key, chart.title.to(language), chart.key, described(chart, language)),
        Markup("").join(parts),
    )


def swatch(chart: Chart, place: int) -> Markup:
    """The mark of a series in the legend."""
    if chart.kind == "bars":
        mark = Markup('<rect y="2" width="24" height="10" fill="{}"/>').format(colours.of(place))
    else:
        mark = Markup('<path d="M0 7H24" {}/>').format(_stroke(place))
    framed = Markup('<svg class="swatch" viewBox="0 0 24 14" aria-hidden="true">{}</svg>')
    return framed.format(mark)


def described(chart: Chart, language: Language) -> str:
    """A chart in words: the range of each series."""
    unit, ranges = chart.unit.to(language), []
    for series in chart.series:
        numbers = [number for number in series.numbers if number is not None]
        ends = [wording.numeral(end(numbers), language) for end in (min, max)] if numbers else []
        ranges.append(f"{series.name.to(language)}: {' – '.join(ends) or NO_DATA} {unit}")
    return "; ".join(ranges)


def _lines(chart: Chart, language: Language) -> Iterator[Markup]:
    numbers = [number for series in chart.series for number in series.numbers]
    up = scale(numbers, LINES_HEIGHT - BOTTOM, TOP)
    for tick in up.ticks():
        y = up.at(tick)
        yield Markup('<path class="grid" d="M{} {}H{}"/>').format(LEFT, y, WIDTH - RIGHT)
        yield _text(LEFT - 8, y + 4, wording.numeral(tick, language), "end")
    labels = [wording.text(label, language) for label in chart.labels]
    xs = _spread(len(labels))
    every = max(ceil(len(labels) / SHOWN_LABELS), 1)
    for x, label in [*zip(xs, labels, strict=True)][::every]:
        anchor = "end" if x > WIDTH - HALF_LABEL else "middle"
        yield _text(x, LINES_HEIGHT - BOTTOM + 20, label, anchor)
    for place, series in enumerate(chart.series):
        path = _path(xs, series.numbers, up)
        yield Markup('<path d="{}" {}/>').format(path, _stroke(place))
    yield from _labels_with_numbers(chart, xs, labels, language)


def _spread(count: int) -> list[float]:
    step = (WIDTH - LEFT - RIGHT) / max(count - 1, 1)
    return [round(LEFT + i * step, 1) for i in range(count)]


def _path(xs: Sequence[float], numbers: Sequence[Number], up: Scale) -> str:
    """A line, broken where there is no data."""
    points = zip(xs, numbers, strict=True)
    runs = groupby(points, lambda point: point[1] is None)
    return " ".join(
        "M" + "L".join(f"{x} {up.at(number)}" for x, number in run if number is not None) + "h0"
        for missing, run in runs
        if not missing
    )


def _labels_with_numbers(
    chart: Chart, xs: Sequence[float], labels: Sequence[str], language: Language
) -> Iterator[Markup]:
    """A stretch over each label; under the pointer it shows the numbers there."""
    width = (WIDTH - LEFT - RIGHT) / max(len(xs) - 1, 1)
    for place, (x, label) in enumerate(zip(xs, labels, strict=True)):
        numbers = "\n".join(
            f"{series.name.to(language)}: {wording.shown(series.numbers[place], language)}"
            for series in chart.series
        )
        yield Markup(
            '<rect class="stretch" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
        ).format(
            *(round(x - width / 2, 1), TOP, round(width, 1), LINES_HEIGHT - TOP - BOTTOM),
            f"{label}\n{numbers}",
        )


def _rows(chart: Chart) -> list[tuple[Number, ...]]:
    return [*zip(*(series.numbers for series in chart.series), strict=True)]


def _totals(chart: Chart) -> Iterator[int | Decimal]:
    for row in _rows(chart):
        yield sum(number for number in row if number is not None)


def _bars(chart: Chart, totals: Sequence[int | Decimal], language: Language) -> Iterator[Markup]:
    bottom = _bars_height(chart) - BOTTOM
    across = scale(totals, LABELS, WIDTH - 3 * RIGHT)
    for tick in across.ticks():
        x = across.at(tick)
        yield Markup('<path class="grid" d="M{} {}V{}"/>').format(x, TOP, bottom)
        yield _text(x, bottom + 20, wording.numeral(tick, language), "middle")
    for place, (label, row, total) in enumerate(
        zip(chart.labels, _rows(chart), totals, strict=True)
    ):
        y, name = TOP + place * BAR, wording.text(label, language)
        yield _text(LABELS - 10, y + 19, _short(name), "end", name)
        yield from _bar(chart, y, name, row, across, language)
        yield _text(across.at(total) + 8, y + 19, wording.numeral(total, language), "start")


def _bar(
    chart: Chart, y: int, name: str, row: Sequence[Number], across: Scale, language: Language
) -> Iterator[Markup]:
    before: int | Decimal = 0
    for place, (series, number) in enumerate(zip(chart.series, row, strict=True)):
        if not number:
            continue
        start, end = across.at(before), across.at(before + number)
        title = f"{name}\n{series.name.to(language)}: {wording.numeral(number, language)}"
        yield Markup(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>'
        ).format(start, y + 4, round(end - start, 1), BAR - 8, colours.of(place), title)
        before += number


def _bars_height(chart: Chart) -> int:
    return TOP + BAR * len(chart.labels) + BOTTOM


def _short(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _stroke(place: int) -> Markup:
    return Markup('class="line" stroke="{}" stroke-dasharray="{}"').format(
        colours.of(place), DASHES[place % len(DASHES)]
    )


def _text(x: float, y: float, text: str, anchor: str, full: str = "") -> Markup:
    title = Markup("<title>{}</title>").format(full) if full else ""
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}{}</text>').format(
        x, y, anchor, text, title
    )

"""How are values, periods and percentages worded? As Vietnamese forms do, or in English."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from string import ascii_lowercase
from typing import Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Chart,
    Column,
    Document,
    Language,
    Percentage,
    Points,
    Rounding,
    Table,
    Value,
)
from hoso.tools.output.plain import day

VIETNAMESE: Final = str.maketrans(",.", ".,")


class PercentMarks(NamedTuple):
    """Of what the percentages of a table are shares. Where there are several wholes, each has a
    mark; it stands at a column that is of one only, or else at each cell."""

    marks: Mapping[Bilingual, str]
    of_column: Mapping[str, Bilingual]

    def at_heading(self, columns: Iterable[str]) -> str:
        """The marks at the heading of some columns, if any."""
        wholes = dict.fromkeys(self.of_column[each] for each in columns if each in self.of_column)
        return "".join(self.marks[whole] for whole in wholes)

    def at_cell(self, column: str, share: Percentage) -> str:
        """The mark at a percentage, if any."""
        return "" if column in self.of_column else self.marks[share.of]


def numeral(number: int | Decimal, language: Language) -> str:
    """A number as a language writes it: 12.622 and 99,04, or 12,622 and 99.04."""
    english = f"{number:,}" if isinstance(number, int) else f"{number:,f}"
    return english.translate(VIETNAMESE) if language == "vi" else english


def text(said: str | Bilingual, language: Language) -> str:
    """Text as it stands in the data, or as the report says it in a language."""
    return said.to(language) if isinstance(said, Bilingual) else said


def shown(value: Value, language: Language) -> str:
    """A value as people read it: a dash where there is no data."""
    if value is None:
        return NO_DATA
    return numeral(value, language) if isinstance(value, int | Decimal) else text(value, language)


def period(window: Window, language: Language) -> str:
    """The days of a window."""
    first, last = window.first.isoformat(), window.last.isoformat()
    if language == "vi":
        return f"Từ ngày {day(first)} đến ngày {day(last)}"
    return f"From {first} to {last}"


def about(report: Document, language: Language) -> list[tuple[str, str]]:
    """What a report rests on: a name and a text for each line."""
    return [(line.name.to(language), text(line.text, language)) for line in report.about]


def heading(column: Column, language: Language) -> str:
    """A column's headings on one line."""
    return ": ".join(said.to(language) for said in column.headings)


def shares(table: Table) -> PercentMarks:
    """Of what the percentages of a table are shares."""
    found: dict[str, dict[Bilingual, None]] = {}
    for row in table.rows:
        for column, cell in row.cells.items():
            if isinstance(cell, Percentage):
                found.setdefault(column, {})[cell.of] = None
    wholes = dict.fromkeys(whole for in_column in found.values() for whole in in_column)
    several = len(wholes) > 1
    marks = {whole: f"({_letter(i)})" if several else "" for i, whole in enumerate(wholes)}
    return PercentMarks(marks, {c: next(iter(of)) for c, of in found.items() if len(of) == 1})


def _letter(place: int) -> str:
    times, letter = divmod(place, len(ascii_lowercase))
    return ascii_lowercase[letter] * (times + 1)


def notes(table: Table, rounding: Rounding, language: Language) -> list[str]:
    """What stands under a table: its notes, of what its percentages are shares, how it rounds."""
    return [*(note.to(language) for note in table.notes), *_of_numbers(table, rounding, language)]


def _of_numbers(table: Table, rounding: Rounding, language: Language) -> Iterator[str]:
    marks = shares(table).marks
    if marks:
        of = "; ".join(f"{mark} {whole.to(language)}".lstrip() for whole, mark in marks.items())
        yield f"Tỷ lệ (%) tính trên: {of}." if language == "vi" else f"Percentages are of: {of}."
    if marks or _has_points(table):
        said = rounded(rounding, language)
        yield f"{said[0].upper()}{said[1:]}."


def _has_points(table: Table) -> bool:
    return any(isinstance(cell, Points) for row in table.rows for cell in row.cells.values())


def rounded(rounding: Rounding, language: Language) -> str:
    """How percentages and points are rounded."""
    places, half_up = rounding.places, rounding.mode == "half_up"
    if language == "vi":
        how = "làm tròn đến" if half_up else "cắt bỏ phần sau"
        return f"{how} {places} chữ số thập phân{', từ 5 thì làm tròn lên' if half_up else ''}"
    return f"{'rounded half up to' if half_up else 'cut off after'} {places} decimals"


def rounded_chart(chart: Chart, rounding: Rounding) -> Chart:
    """A chart whose numbers are rounded where they are points."""
    series = tuple(
        each._replace(
            numbers=tuple(n if n is None else rounded_number(n, rounding) for n in each.numbers)
        )
        for each in chart.series
    )
    return chart._replace(series=series)


def rounded_number(number: int | Decimal, rounding: Rounding) -> int | Decimal:
    """A number of a chart, rounded if it is points."""
    return number if isinstance(number, int) else rounding.of(number)


def widest_word(texts: Sequence[str]) -> int:
    """The longest word of some texts, in characters."""
    return max((len(word) for each in texts for word in each.split()), default=0)

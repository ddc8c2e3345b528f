"""Numbers, days, periods and percentages in words, as Vietnamese forms write them or in English."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from string import ascii_lowercase
from typing import Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Cell,
    Chart,
    Column,
    Document,
    Exact,
    Language,
    Percentage,
    Points,
    Rounding,
    Table,
    Text,
    Value,
    in_numbers,
)

RECIPIENTS: Final = Bilingual("Nơi nhận:", "Recipients:")
VIETNAMESE: Final = str.maketrans(",.", ".,")


class PercentMarks(NamedTuple):
    """Which wholes the percentages of a table are shares of.

    Where there are several wholes, each has a mark. It stands at the heading of a column whose
    percentages are all of that whole (``of_column``), and otherwise at each cell. ``has_points``:
    the table has points, too, which are rounded as percentages are.
    """

    marks: Mapping[Bilingual, str]
    of_column: Mapping[str, Bilingual]
    has_points: bool

    def at_heading(self, columns: Iterable[str]) -> str:
        """The marks at the heading of some columns; empty where there are none."""
        wholes = dict.fromkeys(self.of_column[each] for each in columns if each in self.of_column)
        return "".join(self.marks[whole] for whole in wholes)

    def at_cell(self, column: str, share: Percentage) -> str:
        """The mark at a percentage; empty where the heading has it."""
        return "" if column in self.of_column else self.marks[share.of]


def numeral(number: int | Decimal, language: Language) -> str:
    """A number as a language writes it: 12.622 and 99,04, or 12,622 and 99.04."""
    english = f"{number:,}" if isinstance(number, int) else f"{number:,f}"
    return english.translate(VIETNAMESE) if language == "vi" else english


def text(of: Text, language: Language) -> str:
    """A text in a language."""
    return of.to(language) if isinstance(of, Bilingual) else of


def shown(value: Value, language: Language) -> str:
    """A value as people read it: a dash where there is no data, a day as 15/12/2022."""
    match value:
        case None:
            return NO_DATA
        case int() | Decimal():
            return numeral(value, language)
        case date():
            return in_numbers(value).to(language)
        case _:
            return text(value, language)


def cell(of: Cell, value: Value, language: Language) -> str:
    """The value of a cell as people read it, with its sign and its unit where it has them."""
    number = shown(value, language)
    if not isinstance(of, Exact) or of.number is None:
        return number
    sign = "+" if of.signed and of.number > 0 else ""
    return f"{sign}{number} {text(of.unit, language)}".rstrip()


def period(window: Window | None, language: Language, until: date | None = None) -> str:
    """The days of a window; empty where there is none. One that is not over says ``until`` which
    day its figures go."""
    if window is None:
        return ""
    first, last = (in_numbers(day).to(language) for day in window)
    vietnamese = language == "vi"
    days = f"Từ ngày {first} đến ngày {last}" if vietnamese else f"From {first} to {last}"
    if until is None:
        return days
    words = "số liệu đến hết ngày" if vietnamese else "figures up to"
    return f"{days} ({words} {in_numbers(until).to(language)})"


def about(document: Document, language: Language) -> list[tuple[str, str]]:
    """The basis of a document: a name and a text for each line."""
    return [(line.name.to(language), text(line.text, language)) for line in document.about]


def heading(column: Column, language: Language) -> str:
    """The headings of a column on one line."""
    return ": ".join(heading.to(language) for heading in column.headings)


def shares(table: Table) -> PercentMarks:
    """The wholes that the percentages of a table are shares of."""
    columns: dict[str, dict[Bilingual, None]] = {}
    has_points = False
    for row in table.rows:
        for column, each in row.cells.items():
            if isinstance(each, Percentage):
                columns.setdefault(column, {})[each.of] = None
            elif isinstance(each, Points):
                has_points = True
    wholes = dict.fromkeys(whole for of_column in columns.values() for whole in of_column)
    several = len(wholes) > 1
    marks = {whole: f"({_letter(i)})" if several else "" for i, whole in enumerate(wholes)}
    of_column = {c: next(iter(of)) for c, of in columns.items() if len(of) == 1}
    return PercentMarks(marks, of_column, has_points)


def _letter(place: int) -> str:
    times, letter = divmod(place, len(ascii_lowercase))
    return ascii_lowercase[letter] * (times + 1)


def notes(table: Table, shares: PercentMarks, rounding: Rounding, language: Language) -> list[str]:
    """The lines under a table: its notes, the wholes of its percentages, and how it rounds."""
    return [*(note.to(language) for note in table.notes), *_on_numbers(shares, rounding, language)]


def _on_numbers(shares: PercentMarks, rounding: Rounding, language: Language) -> Iterator[str]:
    marks = shares.marks
    if marks:
        of = "; ".join(f"{mark} {whole.to(language)}".lstrip() for whole, mark in marks.items())
        yield f"Tỷ lệ (%) tính trên: {of}." if language == "vi" else f"Percentages are of: {of}."
    if marks or shares.has_points:
        how = rounded(rounding, language)
        yield f"{how[0].upper()}{how[1:]}."


def rounded(rounding: Rounding, language: Language) -> str:
    """How percentages and points are rounded, in words."""
    places, half_up = rounding.places, rounding.mode == "half_up"
    if language == "vi":
        how = "làm tròn đến" if half_up else "cắt bỏ phần sau"
        return f"{how} {places} chữ số thập phân{', từ 5 thì làm tròn lên' if half_up else ''}"
    return f"{'rounded half up to' if half_up else 'cut off after'} {places} decimals"


def rounded_chart(chart: Chart, rounding: Rounding) -> Chart:
    """A chart with its points rounded."""
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
    """The length of the longest word in some texts, in characters."""
    return max((len(word) for each in texts for word in each.split()), default=0)

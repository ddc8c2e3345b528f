"""Reads official forms as hoso prints them and as offices type them.

The headings may stand in several rows, below titles and above the row of numbers (1), (2), (3)=…;
without that row, a form is known by its headings. Several forms may stand one under another, or on
several worksheets. Dossiers may be written 1234, 1.234 or 1,234; a blank cell and a dash are none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import normalize

from hoso.domain.errors import UserError
from hoso.domain.windows import Window, named_window, parse_day, window
from hoso.projections.audit.forms import FORMS, FormKind, FormRow, FormTable, Role
from hoso.projections.audit.published import SHOWN_CHARS, printed_number
from hoso.projections.audit.tables import comparable_key
from hoso.projections.reports.basis.bodies import WHOLE
from hoso.tools.inputs.csv_files import CsvRow
from hoso.tools.inputs.published_sheets import Sheet, read_sheets

NO_DATA: Final = ("", "-", "–", "—", "−", "…", "...", "x", "X")
THOUSANDS: Final = re.compile(r"\d{1,3}([. ,\u00a0\u202f]\d{3})+", re.ASCII)
WHOLE_NUMBER: Final = re.compile(r"(-?\d+)(?:[.,]0{1,2})?", re.ASCII)
COLUMN_NUMBER: Final = re.compile(r"\D{0,3}(\d{1,2})\D*", re.ASCII)  # also ( (8) and -8, for (8)
DIGIT: Final = re.compile(r"-?\d", re.ASCII)
ARABIC: Final = re.compile(r"\d+[.)]?", re.ASCII)
ROMAN_OR_LETTER: Final = re.compile(r"(?:[IVX]+|[A-HĐ])[.)]?")
NUMBERED_TITLE: Final = re.compile(r"([IVX]+|[A-HĐ])[.)]\s+(.+)")
TOTAL: Final = re.compile(r"tổngcộng|tổngsố|tổng$|tổng(mục|phần)|cộng|toàn(tỉnh|bộ|ngành)|total")
WHOLES: Final = frozenset(map(comparable_key, WHOLE))
PART: Final = re.compile(r"mục|phần")
SAYS_KIND: Final = re.compile(r"\b0?7\s*([abc])\b", re.IGNORECASE)
DAY: Final = r"(\d{1,2})\s*(?:[/.-]|tháng)\s*(\d{1,2})\s*(?:[/.-]|năm)\s*(\d{4})"
PERIOD: Final = re.compile(rf"từ ngày\s*{DAY}.{{0,6}}đến\s*(?:hết\s*)?ngày\s*{DAY}", re.IGNORECASE)
ENGLISH_PERIOD: Final = re.compile(r"from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)", re.IGNORECASE)
BETWEEN: Final = re.compile(rf"{DAY}\s*[–—-]\s*{DAY}(?:,.*)?")  # as a CSV of hoso says it
ENGLISH_BETWEEN: Final = re.compile(r"(\d{4}-\d\d-\d\d) – (\d{4}-\d\d-\d\d)(?:,.*)?")
NAMED_PERIOD: Final = re.compile(r"kỳ báo cáo\s*:\s*([^(;]+)", re.IGNORECASE)
REPORTED_BY: Final = re.compile(r"đơn vị báo cáo\s*:\s*(.+)", re.IGNORECASE)
NO_BODY: Final = re.compile(
    r"biểu số|form |kỳ báo cáo|period|từ ngày|from \d|đơn vị|tình hình|tổng hợp", re.IGNORECASE
)
MOST_HEADING_ROWS: Final = 4
SEQUENCE: Final = re.compile(r"\d+\. ")  # before the name of a worksheet that hoso writes


class Forms(NamedTuple):
    """The forms of a file, and the period that the file says it is of."""

    tables: list[FormTable]
    window: Window | None


class _Head(NamedTuple):
    """Where the headings of a form begin, its first row below them, and its columns: the indices of
    their cells by their numbers."""

    first: int
    below: int
    columns: Mapping[int, int]


def read_forms(file: Path, shown: str, kind: FormKind | None) -> Forms:
    """The forms in a file, which messages about figures call ``shown``.

    ``kind`` is the kind that somebody says they are; None: what the file says.

    Raises ``UserError`` for the first fault, and ``OSError`` where the file cannot be read.
    """
    sheets = read_sheets(file)
    found = [form for sheet in sheets for form in _forms(sheet, shown, kind)]
    if not found:
        raise UserError(
            f"{file}: has no form: number its columns (1), (2), (3) … up to (15), or (13) for "
            "II.06a, in a row below the headings"
        )
    found = [form._replace(has_others=len(found) > 1) for form in found]
    texts = [text for sheet in sheets for row in sheet.rows for text in row.values if text]
    try:
        return Forms(found, _window(texts))
    except ValueError as error:
        raise UserError(f"{file}: {error}") from None


def _forms(sheet: Sheet, shown: str, kind: FormKind | None) -> Iterator[FormTable]:
    """The forms of a sheet, one below another or side by side."""
    heads = _heads(sheet.rows)
    for head in heads:
        end = min((each.first for each in heads if each.first >= head.below), default=None)
        above = max((each.below for each in heads if each.below <= head.first), default=0)
        titles = [_within(row, head) for row in sheet.rows[above : head.first]]
        rows = sheet.rows[head.below : end]
        own = _kind(head, kind, titles, rows)
        body = _body(titles) or SEQUENCE.sub("", sheet.title)
        yield FormTable(shown, body, own, tuple(_form_rows(own, head, rows)))


def _within(row: CsvRow, head: _Head) -> list[str]:
    """The texts of a row in the columns of a form."""
    columns = head.columns.values()
    return [text for text in row.values[min(columns) : max(columns) + 1] if text]


def _heads(rows: Sequence[CsvRow]) -> list[_Head]:
    """The headings of all forms of a sheet."""
    numbered = [
        _Head(i, i + 1, columns) for i, row in enumerate(rows) for columns in _numbered(row)
    ]
    if numbered:
        return [head._replace(first=_first_heading(rows, head)) for head in numbered]
    return [head for i in range(len(rows)) if (head := _head_by_words(rows, i)) is not None]


def _numbered(row: CsvRow) -> Iterator[dict[int, int]]:
    """The columns of each form in a row that numbers them (1), (2), (3) … in order."""
    cells = [(i, text.partition("=")[0]) for i, text in enumerate(row.values) if text]
    forms: list[dict[int, int]] = []
    for i, text in cells:
        number = COLUMN_NUMBER.fullmatch(text)
        if number is not None and int(number[1]) == 1:
            forms.append({1: i})
        elif forms and number is not None and int(number[1]) == len(forms[-1]) + 1:
            forms[-1][len(forms[-1]) + 1] = i
        else:
            return
    fewest = min(len(kind.columns) for kind in FORMS.values())
    yield from (form for form in forms if len(form) >= fewest)


def _first_heading(rows: Sequence[CsvRow], head: _Head) -> int:
    """The first of the rows of headings above a row of numbers: those with several texts."""
    above = range(head.first - 1, max(head.first - 1 - MOST_HEADING_ROWS, -1), -1)
    headings = takewhile(lambda i: len(_within(rows[i], head)) > 1, above)
    return min(headings, default=head.first)


def _head_by_words(rows: Sequence[CsvRow], last: int) -> _Head | None:
    """The headings of a form that end at a row, known by their words; in as few rows as they can
    be, so that no title is taken for one."""
    words: dict[int, str] = {}
    for first in range(last, max(last - MOST_HEADING_ROWS, -1), -1):
        for i, text in enumerate(rows[first].values):
            words[i] = words.get(i) or comparable_key(text)
        for kind in FORMS.values():
            if _has_headings(kind, words):
                return _Head(first, last + 1, {n: n - 1 for n in range(1, len(kind.columns) + 1)})
    return None


def _has_headings(kind: FormKind, words: Mapping[int, str]) -> bool:
    """Whether the columns of a table have the innermost headings of a form, in either language."""
    return all(
        words.get(i, "").endswith(tuple(map(comparable_key, column.headings[-1])))
        for i, column in enumerate(kind.columns)
    )


def _kind(
    head: _Head, said: FormKind | None, titles: Sequence[list[str]], rows: Sequence[CsvRow]
) -> FormKind:
    """The kind of a form: what somebody says, else what its title says, else how it looks."""
    if said is not None:
        if len(head.columns) < len(said.columns):
            text = f"has {len(head.columns)} numbered columns; form {said.name} has "
            raise rows[0].fault(f"{text}{len(said.columns)}") if rows else UserError(text)
        return said
    if len(head.columns) < len(FORMS["07a"].columns):
        return FORMS["II.06a"]
    named = [SAYS_KIND.search(text) for row in titles for text in row]
    letters = [found[1].lower() for found in named if found is not None]
    if letters:
        return FORMS[f"07{letters[-1]}"]
    sections = {row.values[head.columns[1]].rstrip(".)") for row in rows}
    return FORMS["07c" if "III" in sections else "07b" if "II" in sections else "07a"]


def _body(titles: Sequence[list[str]]) -> str:
    """The body whose form it is: the title right above the headings, or who reports."""
    texts = [text for row in titles for text in row]
    reported = [found[1] for text in texts if (found := REPORTED_BY.search(text))]
    if titles and len(titles[-1]) == 1 and not NO_BODY.search(titles[-1][0]):
        return titles[-1][0]
    return reported[-1] if reported else ""


class _Line(NamedTuple):
    """A row of a form: its texts in columns (1) and (2), and its figures."""

    number: str
    name: str
    numbers: dict[str, Decimal | None]

    @property
    def has_figures(self) -> bool:
        return any(number is not None for number in self.numbers.values())


def _form_rows(kind: FormKind, head: _Head, rows: Sequence[CsvRow]) -> Iterator[FormRow]:
    """The rows with figures, each with its section."""
    lines = [line for row in rows if (line := _line(kind, head, row)) is not None]
    numbered = any(ARABIC.fullmatch(line.number) for line in lines)
    last_total = max((i for i, line in enumerate(lines) if _is_total(line)), default=-1)
    section = ""
    for i, line in enumerate(lines):
        role = _role(kind, line, is_last_total=i == last_total, has_numbers=numbered)
        if (role == "group" or not line.has_figures) and not ARABIC.fullmatch(line.number):
            section = line.number or line.name
        if line.has_figures:
            yield FormRow(role, line.name, line.number, section, line.numbers)


def _role(kind: FormKind, line: _Line, *, is_last_total: bool, has_numbers: bool) -> Role:
    if _is_total(line):
        return "whole" if is_last_total and not PART.search(line.name.lower()) else "subtotal"
    if ROMAN_OR_LETTER.fullmatch(line.number):
        return "group"
    has_bodies = kind.name == "II.06a" and has_numbers
    return "group" if has_bodies and not line.number else "line"


def _is_total(line: _Line) -> bool:
    key = comparable_key(line.name)
    return not line.number and (key in WHOLES or TOTAL.match(key) is not None)


def _line(kind: FormKind, head: _Head, row: CsvRow) -> _Line | None:
    """A row of a form; None for one that is no part of it, such as a note or a signature."""
    cells = {
        f"({n})": row.values[i] if i < len(row.values) else "" for n, i in head.columns.items()
    }
    number, name = cells["(1)"], cells["(2)"]
    if not name and not ARABIC.fullmatch(number) and not ROMAN_OR_LETTER.fullmatch(number):
        number, name = "", number  # one cell over both columns
    if not number and (title := NUMBERED_TITLE.fullmatch(name)):
        number, name = title[1], title[2]
    texts = {column: cells[column] for column in kind.figures}
    begins = any(DIGIT.match(text) for text in texts.values())
    is_counted = bool(ARABIC.fullmatch(number)) or (begins and bool(number or name))
    if not is_counted and not (number or name):
        return None
    if not is_counted and any(text not in NO_DATA for text in texts.values()):
        if not ROMAN_OR_LETTER.fullmatch(number):
            return None
        name = name or next(text for text in texts.values() if text)  # as in the annex, form 07c
    numbers = {column: _dossiers(row, column, text) for column, text in texts.items()}
    return _Line(number, name, numbers if is_counted else dict.fromkeys(texts))


def _dossiers(row: CsvRow, column: str, text: str) -> Decimal | None:
    """The dossiers in a cell; None where it is blank."""
    if text in NO_DATA:
        return None
    if THOUSANDS.fullmatch(text):
        return Decimal(re.sub(r"\D", "", text))
    whole = WHOLE_NUMBER.fullmatch(text)
    try:
        if whole is None:
            shown = repr(text[:SHOWN_CHARS])
            raise ValueError(f"{shown} is no number of dossiers: write 1234 or 1.234")
        return printed_number(Decimal(whole[1]))
    except ValueError as error:
        raise row.fault(f"column {column}: {error}") from None


def _window(texts: Sequence[str]) -> Window | None:
    """The first period that the texts of a file name."""
    for said in texts:
        text = normalize("NFC", said)
        if found := PERIOD.search(text) or BETWEEN.fullmatch(text):
            days = found.groups()
            return window(*(parse_day("/".join(each)) for each in (days[:3], days[3:])))
        if found := ENGLISH_PERIOD.search(text) or ENGLISH_BETWEEN.fullmatch(text):
            return window(parse_day(found[1]), parse_day(found[2]))
        if found := NAMED_PERIOD.search(text):
            try:
                return named_window(found[1].strip())
            except ValueError:
                continue  # the template's Tháng.../Quý...
    return None

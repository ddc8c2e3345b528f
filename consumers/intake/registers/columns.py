"""The map of columns: which column of a register has what. Finds the columns of a sheet by their
headings, wherever the row of headings is; headings may take two rows.

A map is a table of keys, as YAML files have it::

    source: /so-theo-doi
    columns:
      code: Mã hồ sơ                                # one heading: a sheet must have it
      received: Ngày, tháng, năm / Nhận hồ sơ       # of two rows of headings
      due: [Ngày hẹn trả, Hạn trả]                  # the first of these, if a sheet has any
    defaults: {channel: in_person}
    values: {status: {Đang chờ ký: in_progress}}
    code_digits: 12
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hoso.consumers.intake.registers.cells import Cell, as_name, plain
from hoso.domain.errors import UserError
from hoso.domain.events import UriReference

SOURCE: Final = "/so-theo-doi"
MOMENTS: Final = (
    *("received", "due", "rescheduled", "new_due", "supplement_requested", "supplemented"),
    *("paused", "resumed", "closed", "returned", "withdrawn"),
)
NAMES: Final = ("agency", "field", "procedure", "received_at")
STATES: Final = (
    *("unsaid", "in_progress", "awaiting", "paused", "paused_for_payment"),
    *("resolved", "refused", "returned", "withdrawn", "cancelled"),
)
MEANINGS: Final[dict[str, tuple[str, ...]]] = {
    "channel": ("online", "in_person", "post"),
    "online_service": ("full", "partial"),
    "level": ("province", "district", "commune"),
    "status": STATES,
}
FIELDS: Final = ("code", *MOMENTS, "allowance", *NAMES, *MEANINGS)
REQUIRED: Final = ("code", "received")
DEFAULTED: Final = ("agency", "field", "procedure", "channel")  # a dossier must have each of them
KEYS: Final = ("source", "columns", "defaults", "values", "code_digits", "personal")
HEADING_ROWS: Final = 60  # within which the headings of a sheet must be
PATH: Final = " / "

Words = dict[str, dict[str, str]]


class ColumnMap(NamedTuple):
    """Which columns a register has, by the fields of ``FIELDS``.

    ``headings`` are those under which a field is looked for, as ``plain`` has them; the fields in
    ``certain`` must be found. ``defaults`` stand where a cell is blank, or there is no column.
    ``words`` are the meanings of words, field by field.
    """

    source: str
    headings: dict[str, tuple[str, ...]]
    certain: frozenset[str]
    defaults: dict[str, str]
    words: Words
    code_digits: int | None
    personal: tuple[str, ...]

    def of_source(self, source: str | None) -> "ColumnMap":
        """The same map for the register of another source; None: of its own. Raises
        ``UserError``."""
        return self if source is None else self._replace(source=_source("--event-source", source))


class Headings(NamedTuple):
    """Where the headings of a sheet are: the numbers of their first and last row, and the column of
    each field, counted from 0."""

    first_row: int
    last_row: int
    columns: dict[str, int]


def parse_map(name: str, tree: Mapping[str, Any], words: Mapping[str, Any]) -> ColumnMap:
    """The map that the file ``name`` holds. ``words`` are the words that every register may have.

    Raises ``UserError``.
    """
    for key in tree:
        if key not in KEYS:
            raise UserError(f"{name}: no key {key!r}: use {', '.join(KEYS)}")
    columns = _table(name, tree, "columns", FIELDS)
    given = _table(name, tree, "defaults", (*DEFAULTED, "allowance"))
    defaults = {field: _default(name, field, text) for field, text in given.items()}
    for field in REQUIRED:
        if field not in columns:
            raise UserError(f"{name}: columns: no {field}: name the heading of its column")
    for field in DEFAULTED:
        if field not in columns and field not in defaults:
            raise UserError(f"{name}: no {field}: name its column, or give it under defaults")
    if not {"due", "allowance"} & {*columns, *defaults}:
        raise UserError(f"{name}: no due day: name the column of due or of allowance")
    return ColumnMap(
        _source(f"{name}: source", tree.get("source", SOURCE)),
        {field: _headings(name, field, given) for field, given in columns.items()},
        frozenset(field for field, given in columns.items() if isinstance(given, str)),
        defaults,
        _words(name, _table(name, tree, "values", tuple(MEANINGS)), words),
        _digits(name, tree.get("code_digits")),
        tuple(map(plain, tree.get("personal", ()))),
    )


def find_headings(rows: Sequence[tuple[int, list[Cell]]], wanted: ColumnMap) -> Headings | None:
    """Where the headings are among the first rows of a sheet, each with its number; None if no row
    has those of the code and of the reception.

    Of several places the one with most headings is taken.
    """
    found = [
        headings
        for index in range(len(rows))
        for size in (1, 2)
        if (headings := _headings_at(rows[index : index + size], wanted)) is not None
    ]
    return max(found, key=lambda each: len(each.columns), default=None)


def headings_of(rows: Iterable[Sequence[Cell]]) -> list[str]:
    """The heading of each column, of one row of headings or two: ``upper / lower``.

    An upper heading reaches over the blank cells to its right that have a lower heading.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    if len(texts) == 1:
        return texts[0]
    upper, lower = (row + [""] * (max(map(len, texts)) - len(row)) for row in texts)
    for index in range(1, len(upper)):
        if not upper[index] and lower[index]:
            upper[index] = upper[index - 1]
    return [PATH.join(dict.fromkeys(filter(None, pair))) for pair in zip(upper, lower, strict=True)]


def check_headings(place: str, rows: Iterable[Sequence[Cell]], wanted: ColumnMap) -> None:
    """Raise ``UserError`` where a heading that a map names is missing, or is there twice."""
    names = [_names(heading) for heading in headings_of(rows)]
    for field in wanted.certain:
        heading = wanted.headings[field][0]
        number = sum(heading in each for each in names)
        if number == 0:
            raise UserError(
                f"{place}: no heading {heading!r} ({field}): correct the map, or the sheet"
            )
        if number > 1:
            raise UserError(
                f"{place}: {number} columns are headed {heading!r} ({field}): name one by both of "
                "its headings, 'upper / lower', or rename the others"
            )


def _headings_at(rows: Sequence[tuple[int, list[Cell]]], wanted: ColumnMap) -> Headings | None:
    named: dict[str, int] = {}
    for index, heading in enumerate(headings_of(row for _, row in rows)):
        for name in _names(heading):
            named.setdefault(name, index)
    columns = {
        field: next(named[each] for each in headings if each in named)
        for field, headings in wanted.headings.items()
        if any(each in named for each in headings)
    }
    if any(field not in columns for field in REQUIRED):
        return None
    if columns["code"] == columns["received"]:  # a title that is merged over all columns
        return None
    return Headings(rows[0][0], rows[-1][0], columns)


def _names(heading: str) -> set[str]:
    """The names of a column: its whole heading, and the lower part of it."""
    return {name for name in (plain(heading), plain(heading.rpartition(PATH)[2])) if name}


def _text(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _table(
    name: str, tree: Mapping[str, Any], key: str, known: tuple[str, ...]
) -> Mapping[str, Any]:
    table = tree.get(key) or {}
    if not isinstance(table, Mapping):
        raise UserError(f"{name}: {key}: is no table: write a key and a value on each line")
    for field in table:
        if field not in known:
            raise UserError(f"{name}: {key}: no {field!r}: use {', '.join(known)}")
    return table


def _headings(name: str, field: str, given: object) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
        raise UserError(f"{name}: columns.{field}: write a heading, or a list of headings")
    return tuple(map(plain, texts))


def _default(name: str, field: str, given: object) -> str:
    text = str(given)
    if field in MEANINGS and text not in MEANINGS[field]:
        known = ", ".join(MEANINGS[field])
        raise UserError(f"{name}: defaults.{field}: no {text!r}: use {known}")
    if field == "allowance" and not text.isdecimal():
        raise UserError(f"{name}: defaults.allowance: write a number of working days")
    return as_name(text)


def _words(name: str, given: Mapping[str, Any], usual: Mapping[str, Any]) -> Words:
    """The meanings of words: the usual ones, and those that a map adds."""
    words: Words = {
        field: {plain(word): meaning for meaning, each in meanings.items() for word in each}
        for field, meanings in usual.items()
    }
    for field, meanings in given.items():
        for word, meaning in meanings.items():
            if meaning not in MEANINGS[field]:
                known = ", ".join(MEANINGS[field])
                raise UserError(f"{name}: values.{field}: {word!r}: no {meaning!r}: use {known}")
            words[field][plain(word)] = meaning
    return words


def _digits(name: str, given: object) -> int | None:
    if given is None:
        return None
    if not str(given).isdecimal() or not 1 <= int(str(given)) <= 30:
        raise UserError(f"{name}: code_digits: write how many digits a code has, 1 to 30")
    return int(str(given))


def _source(place: str, given: object) -> str:
    """The source of the events of a register. Raises ``UserError``."""
    from pydantic import TypeAdapter, ValidationError

    try:
        source: str = TypeAdapter(UriReference).validate_python(given)
    except ValidationError:
        raise UserError(f"{place}: is no URI reference: write {SOURCE}") from None
    return source

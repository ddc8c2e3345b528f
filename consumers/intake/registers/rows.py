"""Reads the rows of a sheet: what a register says of one dossier, as it stands.

Rows that are no dossiers are left out: blank ones, sums, headings of sections, headings repeated on
the next page, the numbers under headings. A row that cannot be read has all its faults told. Cells
of columns that are not mapped are never looked at.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

from hoso.consumers.intake.registers.cells import (
    Cell,
    WrongCell,
    as_allowance,
    as_code,
    as_moment,
    as_name,
    as_word,
    has_time,
    is_blank,
    plain,
)
from hoso.consumers.intake.registers.columns import DEFAULTED, MEANINGS, MOMENTS, NAMES, ColumnMap

CLOSED: Final = ("resolved", "refused", "returned", "withdrawn", "cancelled")
ENDS: Final = {"closed", "returned", "withdrawn"}
STEPS: Final = {"rescheduled", "supplement_requested", "supplemented", "paused", "resumed"}
NO_LETTERS: Final = re.compile(r"[\d\W]*")
CODE: Final = re.compile(r"(?=\D*\d)[!-~]+")
WRITTEN_DAY: Final = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
COLUMN_NUMBER: Final = re.compile(r"\s*[(\[]?\d{1,2}[)\]]?\s*")
SUMS: Final = ("tổng", "cộng", "total", "người lập", "lập biểu", "ghi chú", "thủ trưởng", "ngày ")


class Facts(NamedTuple):
    """What a register says of a dossier.

    ``moments`` are by the fields of ``MOMENTS``, ``names`` by those of a reception. ``state`` is
    that of ``columns.STATES``, or None where the register has no word for it.
    """

    code: str
    moments: dict[str, datetime]
    names: dict[str, str]
    allowance: int | None
    state: str | None


class Fault(NamedTuple):
    """What is wrong with a cell: the field of its column, the name of the fault, what it has."""

    field: str
    fault: str
    given: str = ""


class WrongRow(Exception):
    """A row cannot be read; ``code`` is that of its dossier, where it could be."""

    def __init__(self, faults: Sequence[Fault], code: str | None = None) -> None:
        super().__init__(faults)
        self.faults = faults
        self.code = code


class Reading(NamedTuple):
    """How the rows of a sheet are read: by which map, in which columns, in which time zone, by
    which day 0 (``cells``), as of which day."""

    wanted: ColumnMap
    columns: Mapping[str, int]
    zone: tzinfo
    epoch: date
    seen: date


def read_row(cells: Sequence[Cell], how: Reading) -> Facts | None:
    """The facts of a row; None if it is no dossier's.

    Raises ``WrongRow``.
    """
    found = {
        field: cells[column]
        for field, column in how.columns.items()
        if column < len(cells) and not is_blank(cells[column])
    }
    if _is_left_out(found, how.wanted):
        return None
    read = _Row(found, how)
    faults: list[Fault] = []
    for reading in (read.read_code, read.read_moments, read.read_names, read.read_allowance):
        faults += reading()
    faults += read.read_state()
    faults = faults or read.contradictions()
    if faults:
        raise WrongRow(faults, read.code or None)
    return Facts(read.code, read.moments, read.names, read.allowance, read.state)


def _is_left_out(found: Mapping[str, Cell], wanted: ColumnMap) -> bool:
    """Whether a row is no dossier's: it has no code and no day, or a code that is none."""
    code = found.get("code")
    if code is None:
        return not any(_may_be_day(found[field]) for field in MOMENTS if field in found)
    received = found.get("received")
    if _is_column_number(code) and _is_column_number(received):
        return True
    if not isinstance(code, str):
        return False
    heading = plain(code.rpartition(" / ")[2])
    is_section = code == received  # merged over the row
    return is_section or heading in wanted.headings["code"] or plain(code).startswith(SUMS)


def _may_be_day(cell: Cell) -> bool:
    return isinstance(cell, date) or (
        isinstance(cell, str) and WRITTEN_DAY.search(cell) is not None
    )


def _is_column_number(cell: Cell) -> bool:
    """Whether a cell is the number of a column, as it stands under headings: 3, (3)."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return COLUMN_NUMBER.fullmatch(text) is not None


class _Row:
    """A row while it is read. Each ``read_`` method returns the faults that it found."""

    def __init__(self, found: Mapping[str, Cell], how: Reading) -> None:
        self._found = found
        self._how = how
        self.code = ""
        self.moments: dict[str, datetime] = {}
        self.names: dict[str, str] = {}
        self.allowance: int | None = None
        self.state: str | None = None

    def read_code(self) -> list[Fault]:
        if "code" not in self._found:
            return [Fault("code", "no_code")]
        try:
            self.code = as_code(self._found["code"], self._how.wanted.code_digits)
        except (WrongCell, ValueError) as wrong:
            return [_fault("code", wrong)]
        return []

    def read_moments(self) -> list[Fault]:
        faults = []
        for field in MOMENTS:
            if field in self._found:
                cell = self._found[field]
                try:
                    self.moments[field] = as_moment(cell, self._how.zone, self._how.epoch)
                except WrongCell as wrong:
                    faults.append(_fault(field, wrong))
        if "received" not in self._found:
            faults.append(Fault("received", "not_received"))
        return faults

    def read_names(self) -> list[Fault]:
        faults = []
        names = self._how.wanted.defaults.items()
        self.names = {field: text for field, text in names if field in DEFAULTED}
        for field in (*NAMES, "channel", "online_service", "level"):
            if field in self._found:
                try:
                    self.names[field] = self._name(field)
                except (WrongCell, ValueError) as wrong:
                    faults.append(_fault(field, wrong))
        missing = (field for field in DEFAULTED if field not in self.names)
        wrong_fields = {fault.field for fault in faults}
        faults += [Fault(f, "blank") for f in missing if f not in wrong_fields]
        if self.names.get("channel") != "online":
            self.names.pop("online_service", None)
        return faults

    def _name(self, field: str) -> str:
        cell, words = self._found[field], self._how.wanted.words
        return as_name(cell) if field in NAMES else as_word(cell, words[field])

    def read_allowance(self) -> list[Fault]:
        default = self._how.wanted.defaults.get("allowance")
        try:
            if "allowance" in self._found:
                self.allowance = as_allowance(self._found["allowance"])
            elif default is not None:
                self.allowance = int(default)
        except WrongCell as wrong:
            return [] if "due" in self._found else [_fault("allowance", wrong)]
        if self.allowance is None and "due" not in self._found:
            return [Fault("due", "no_due")]
        return []

    def read_state(self) -> list[Fault]:
        if "status" not in self._found:
            return []
        try:
            state = as_word(self._found["status"], self._how.wanted.words["status"])
        except WrongCell as wrong:
            return [_fault("status", wrong)]
        self.state = None if state == "unsaid" else state
        return []

    def contradictions(self) -> list[Fault]:
        """What of the row cannot be true at the same time."""
        moments, faults = self.moments, list[Fault]()
        received, seen = moments["received"], self._how.seen
        for field, moment in moments.items():
            if field in ("due", "new_due"):
                continue
            if moment.date() > seen:
                faults.append(Fault(field, "after_export", f"{moment:%d/%m/%Y}"))
            elif is_before(moment, received):
                faults.append(Fault(field, "before_received", f"{moment:%d/%m/%Y}"))
        ended = moments.keys() & ENDS
        end = min((moments[field].date() for field in ended), default=None)
        for field in moments.keys() & STEPS:
            if end is not None and moments[field].date() > end:
                faults.append(Fault(field, "after_closing", f"{moments[field]:%d/%m/%Y}"))
        if self.state in CLOSED and not ended:
            faults.append(Fault("closed", "no_closing_day"))
        if self.state is not None and self.state not in CLOSED and ended:
            faults.append(Fault("status", "open_and_closed"))
        return faults


def is_before(moment: datetime, other: datetime) -> bool:
    """Whether a moment is before another one, as far as the register tells: on one day only if
    both have a time of day."""
    if moment.date() != other.date():
        return moment.date() < other.date()
    return has_time(moment) and has_time(other) and moment < other


def is_harmless(field: str, text: str) -> bool:
    """Whether what a cell has can be shown: a name or a word of a column of such, a code, or what
    has no letters. Anything else may be personal data in the wrong column."""
    if field in (*NAMES, *MEANINGS):
        return True
    return bool(CODE.fullmatch(text) if field == "code" else NO_LETTERS.fullmatch(text))


def _fault(field: str, error: Exception) -> Fault:
    if not isinstance(error, WrongCell):
        return Fault(field, "blank")
    given = error.given
    return Fault(field, error.fault, given if is_harmless(field, given) else f"({len(given)})")

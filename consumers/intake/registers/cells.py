"""Reads cells of a register: codes, days with or without a time, times allowed, words and names.

What is wrong with a cell is raised as ``WrongCell``, with the name of the fault. Where the register
writes a day without a time, the moment is 00:00:00: of that day, at no known hour.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from hoso.domain.events import LONGEST_ALLOWANCE_DAYS, LONGEST_TEXT_CHARS, TEXT_PATTERN
from hoso.domain.events import one_spelling as spelled
from hoso.domain.windows import YEARS


class Uncomputed:
    """Stands for the value of a formula that the file does not have."""


UNCOMPUTED: Final = Uncomputed()
Cell = str | int | float | bool | datetime | date | time | timedelta | Uncomputed | None

EPOCH_1900: Final = date(1899, 12, 30)  # day 0 of the serial numbers of Excel
EPOCH_1904: Final = date(1904, 1, 1)  # the same in workbooks that count from 1904
SERIALS: Final = range(18_000, 90_000)  # numbers that may be days: the years 1949 to 2146
LONGEST_CODE_CHARS: Final = 100
EXACT_DIGITS: Final = 15  # a number of Excel has no more
SHOWN_CHARS: Final = 40
SCIENTIFIC: Final = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
CONTROL_FREE: Final = re.compile(TEXT_PATTERN)

_CLOCK: Final = (
    r"(?P<hour{0}>\d{{1,2}}) ?(?::|h|g|giờ) ?(?P<minute{0}>\d{{2}})(?: ?(?::|phút|p) ?"
    r"(?P<second{0}>\d{{2}})(?:[.,]\d+)?)?(?: ?(?:phút|p))?(?: ?(?P<half{0}>am|pm|sa|ch))?"
)
MOMENT: Final = re.compile(
    rf"(?:{_CLOCK.format(1)}[ ,]+)?(?:ngày )?"
    r"(?:(?P<day>\d{1,2}) ?(?:[/.-]|tháng) ?(?P<month>\d{1,2}) ?(?:[/.-]|năm) ?(?P<year>\d{2,4})"
    r"|(?P<iso>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}))"
    rf"(?:(?:[ ,]+|t){_CLOCK.format(2)})?"
)
ALLOWANCE: Final = re.compile(r"(\d{1,5})(?:[.,]0+)? ?(ngày(?: làm việc)?)?")


class WrongCell(Exception):
    """A cell cannot be read. ``fault`` is the name of the fault, which
    ``tools.jobs.import_document`` has in words; ``given`` is what the cell has, cut short."""

    def __init__(self, fault: str, given: object = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.given = str(given)[:SHOWN_CHARS]


def is_blank(cell: Cell) -> bool:
    """Whether a cell has nothing in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """A text as headings and words are compared: without case, marks around it, numbers in
    brackets at its end, and blanks that are one too many."""
    one_line = " ".join(normalize("NFC", text).casefold().split())
    return re.sub(r"\s*\(\d+\)$", "", one_line).strip(" .:*;-–")


def as_code(cell: Cell, digits: int | None) -> str:
    """A dossier's code. ``digits`` says that codes are numbers of so many digits, so that zeros
    that Excel removed at their beginning can be put back."""
    if isinstance(cell, str):
        text = spelled(cell)
        if SCIENTIFIC.fullmatch(text):
            raise WrongCell("code_digits_lost", text)
        if len(text) > LONGEST_CODE_CHARS or not CONTROL_FREE.match(text):
            raise WrongCell("code_too_long", text)
        return text.zfill(digits) if digits and text.isdecimal() else text
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise WrongCell("code_is_day" if isinstance(cell, date) else "no_text", _shown(cell))
    if cell != int(cell) or abs(cell) >= 10**EXACT_DIGITS:
        raise WrongCell("code_digits_lost", _shown(cell))
    if digits is None:
        raise WrongCell("code_is_number", _shown(cell))
    return str(int(cell)).zfill(digits)


def as_name(cell: Cell) -> str:
    """The name of an agency, a field or a procedure."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise WrongCell("no_text", _shown(cell))
    text = spelled(_shown(cell))
    if len(text) > LONGEST_TEXT_CHARS or not CONTROL_FREE.match(text):
        raise WrongCell("text_too_long", text)
    return text


def as_word(cell: Cell, words: Mapping[str, str]) -> str:
    """What a word means; ``words`` has the meanings by words as ``plain`` has them."""
    text = _shown(cell)
    meaning = words.get(plain(text))
    if meaning is None:
        raise WrongCell("unknown_word", text)
    return meaning


def as_allowance(cell: Cell) -> int:
    """The working days allowed: ``15``, ``15 ngày``, ``15 ngày làm việc``."""
    match = ALLOWANCE.fullmatch(plain(_shown(cell)))
    if match is None or int(match[1]) > LONGEST_ALLOWANCE_DAYS:
        raise WrongCell("no_allowance", _shown(cell))
    return int(match[1])


def as_moment(cell: Cell, zone: tzinfo, epoch: date) -> datetime:
    """The moment that a cell says, in the time zone of the office.

    ``epoch`` is day 0 of the numbers that stand for days.
    """
    if isinstance(cell, datetime):
        moment = _whole_second(cell).replace(tzinfo=zone)
    elif isinstance(cell, date):
        moment = datetime.combine(cell, time(), zone)
    elif isinstance(cell, str):
        moment = _written(cell.strip(), zone)
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and _is_serial(cell, epoch):
        naive = datetime.combine(epoch, time()) + timedelta(days=cell)
        moment = _whole_second(naive).replace(tzinfo=zone)
    else:
        raise WrongCell("no_day", _shown(cell))
    if moment.year not in YEARS:
        raise WrongCell("no_such_day", _shown(cell))
    return moment


def has_time(moment: datetime) -> bool:
    """Whether a moment says more than a day."""
    return (moment.hour, moment.minute, moment.second) != (0, 0, 0)


@lru_cache(maxsize=65_536)
def _written(text: str, zone: tzinfo) -> datetime:
    """The moment that a text writes."""
    if "T" in text[:11] or text.endswith("Z"):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise WrongCell("no_day", text) from None
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    match = MOMENT.fullmatch(plain(text))
    if match is None:
        raise WrongCell("no_day", text)
    if match["iso"]:
        year, month, day = map(int, re.split("[-/.]", match["iso"]))
    else:
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        if len(match["year"]) != 4:
            raise WrongCell("year_of_two_digits", text)
        if month > 12 >= day:
            raise WrongCell("month_first", text)
    if match["hour1"] and match["hour2"]:
        raise WrongCell("no_day", text)
    try:
        return datetime(year, month, day, *_clock(match), tzinfo=zone)
    except ValueError:
        raise WrongCell("no_such_day", text) from None


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    """The hour, minute and second of a written moment; zeros if it has none."""
    which = "1" if match["hour1"] else "2"
    if match[f"hour{which}"] is None:
        return 0, 0, 0
    hour, minute = int(match[f"hour{which}"]), int(match[f"minute{which}"])
    half = match[f"half{which}"]
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half in ("pm", "ch"))
    return hour, minute, int(match[f"second{which}"] or 0)


def _is_serial(number: float, epoch: date) -> bool:
    return int(number) + (epoch - EPOCH_1900).days in SERIALS


def _whole_second(moment: datetime) -> datetime:
    """The nearest whole second: a fraction of a day is never exact."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _shown(cell: Cell) -> str:
    """What a cell has, as text. A whole number has no decimals."""
    if isinstance(cell, Uncomputed):
        raise WrongCell("uncomputed")
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return str(cell)

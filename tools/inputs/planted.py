"""Reads the list of planted faults that ``hoso simulate --planted`` writes."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, NamedTuple

from hoso.domain.windows import parse_day
from hoso.tools.inputs.csv_files import MAX_BYTES, CsvRow, csv_table
from hoso.tools.inputs.text_files import read_option_text

NEEDED: Final = ("check", "dossier", "day")
SHOWN_CHARS: Final = 60  # of a wrong value, in messages


class PlantedFault(NamedTuple):
    """A dossier that shows the pattern of a check on a day."""

    check: str
    dossier: str
    day: date


def planted_faults(name: str, checks: Collection[str]) -> list[PlantedFault]:
    """The planted faults in a file, each of one of the ``checks``.

    Raises ``UserError`` for a file that is no such list.
    """
    return list(_faults(name, checks))


def _faults(name: str, checks: Collection[str]) -> Iterator[PlantedFault]:
    table = csv_table(name, read_option_text("--planted", name, MAX_BYTES))
    headings = table.headings.values
    for column in NEEDED:
        if column not in headings:
            raise table.headings.fault(f"there is no column {column!r}: add it")
    for row in table.rows:
        values = dict(zip(headings, row.values, strict=True))
        check, dossier, day = (values[column] for column in NEEDED)
        if check not in checks:
            raise row.fault(f"no check {check[:SHOWN_CHARS]!r}; use {', '.join(checks)}")
        yield PlantedFault(check, dossier, _day(row, day))


def _day(row: CsvRow, text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise row.fault(f"day: {error}") from None

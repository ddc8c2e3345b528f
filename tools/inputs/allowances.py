"""Reads the allowances of procedures (thời hạn giải quyết) from the catalogue of procedures.

The catalogue is a CSV with the columns ``procedure`` and ``allowance`` (days), and ``unit``
(``working_days``, the default, or ``calendar_days``). Other columns are left to the reports.
"""

from collections.abc import Iterable
from typing import Final

from hoso.domain.events import Allowance, one_spelling
from hoso.tools.inputs.csv_files import MAX_BYTES, CsvRow, csv_table
from hoso.tools.inputs.text_files import read_option_text

OPTION: Final = "--procedures"
FAULT: Final = (
    "allowance: write a whole number of days, up to 32767; unit: working_days or calendar_days"
)
NEEDED: Final = ("procedure", "allowance")


def allowances(name: str) -> dict[str, Allowance]:
    """The allowance of each procedure, by its code; none for rows without an allowance.

    Raises ``UserError`` if the file cannot be read, lacks a column, or gives a procedure two
    allowances.
    """
    headings, rows, _ = csv_table(name, read_option_text(OPTION, name, MAX_BYTES))
    for column in NEEDED:
        if column not in headings.values:
            raise headings.fault(f"there is no column {column!r}: add it")
    return _allowances(headings, rows)


def allowances_if_any(name: str | None) -> dict[str, Allowance] | None:
    """The same of a catalogue that reports take; None where it has no allowances.

    Raises ``UserError`` if the file cannot be read, or gives a procedure two allowances.
    """
    if name is None:
        return None
    headings, rows, _ = csv_table(name, read_option_text(OPTION, name, MAX_BYTES))
    return _allowances(headings, rows) if {*NEEDED} <= {*headings.values} else None


def _allowances(headings: CsvRow, rows: Iterable[CsvRow]) -> dict[str, Allowance]:
    found: dict[str, Allowance] = {}
    for row in rows:
        values = dict(zip(headings.values, row.values, strict=True))
        code, days = values["procedure"], values["allowance"]
        if not code or not days:
            continue
        unit = values.get("unit") or "working_days"
        try:
            given = Allowance.model_validate({"value": int(days), "unit": unit})
        except ValueError:  # a ValidationError is one
            raise row.fault(FAULT) from None
        if found.setdefault(one_spelling(code), given) != given:
            raise row.fault(f"allowance: {code[:60]!r} has two allowances: leave one out")
    return found

"""Reads files of windows and of policies, for a statement of each: one on every line."""

import re
from collections.abc import Sequence
from typing import Final

from hoso.domain.errors import UserError
from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.windows import Window, named_window, parse_day, window
from hoso.tools.inputs.csv_files import CsvRow, csv_table
from hoso.tools.inputs.laws import law_settings, policy_of
from hoso.tools.inputs.text_files import read_option_text

SETTINGS: Final = ("law", "law_as_of", *PINNABLE)
SEPARATORS: Final = re.compile(r"[\s,;]+")  # between two days
LIKE_A_DAY: Final = re.compile(r"\d+[-/]\d+[-/]\d+")
MAX_BYTES: Final = 10_000_000
SHOWN_CHARS: Final = 60  # of a wrong value, in error messages


def windows_in(name: str) -> list[Window]:
    """The windows of a file, one on each line: its name, or its first and its last day.

    ``#`` begins a comment. Raises ``UserError`` for the first line that is no window.
    """
    found = []
    text = read_option_text("--windows", name, MAX_BYTES)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if words := [word for word in SEPARATORS.split(line.partition("#")[0]) if word]:
            try:
                found.append(_window(*words))
            except ValueError as error:
                raise UserError(f"{name}:{number}: {error}") from None
    if not found:
        raise UserError(f"{name}: asks for no window; write one to a line: 2023-Q1")
    return found


def _window(*words: str) -> Window:
    line = " ".join(words)
    days = len(words) > 1 and any(map(LIKE_A_DAY.fullmatch, words))
    if len(line) > SHOWN_CHARS or (days and len(words) > 2):
        shown = line[:SHOWN_CHARS]
        raise ValueError(f"no window {shown!r}: write 2023-Q1, or the first and the last day")
    return window(*map(parse_day, words)) if days else named_window(line)


def policies_in(name: str) -> list[Policy]:
    """The policies of a CSV file, one on each row.

    The headings name the law, the day as of which it was known, and parameters that are pinned;
    what is left empty is not.

    Raises ``UserError`` for the first row that is no policy.
    """
    table = csv_table(name, read_option_text("--policies", name, MAX_BYTES))
    _check_headings(table.headings)
    policies = [_policy(table.headings.values, row) for row in table.rows]
    if not policies:
        raise UserError(f"{name}: gives no policy; write a heading, supplement_limit, and a row: 1")
    return policies


def _check_headings(headings: CsvRow) -> None:
    for number, heading in enumerate(headings.values):
        if heading not in SETTINGS:
            known = ", ".join(SETTINGS)
            raise headings.fault(f"no parameter {heading[:SHOWN_CHARS]!r}: use {known}")
        if heading in headings.values[:number]:
            raise headings.fault(f"{heading} is given twice: leave one out")


def _policy(headings: Sequence[str], row: CsvRow) -> Policy:
    given = dict(zip(headings, row.values, strict=True))
    filled = {name: value for name, value in given.items() if value}
    try:
        return policy_of(filled | law_settings(filled.get("law")))
    except ValueError as error:
        raise row.fault(str(error)) from None

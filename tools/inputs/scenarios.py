"""Which windows, and which rules, does a file ask for? One question to a line."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named_window, parse_day, window

BETWEEN: Final = re.compile(r"[\s,;]+")  # two days
SHOWN: Final = 60  # characters, of what is not understood


def windows_in(name: str) -> list[Window]:
    """The windows of a file, one to a line: ``2023-Q1``, or its first and its last day.

    What follows ``#`` is a remark. Raises ``UserError`` for the first line that is none.
    """
    found = []
    for number, line in enumerate(_lines("--windows", name), 1):
        if said := [part for part in BETWEEN.split(line.partition("#")[0]) if part]:
            try:
                found.append(_window(*said))
            except ValueError as error:
                raise UserError(f"{name}:{number}: {error}") from None
    if not found:
        raise UserError(f"{name}: asks for no window; write one to a line: 2023-Q1")
    return found


def _window(first: str, *last: str) -> Window:
    said = " ".join([first, *last])
    if len(last) > 1 or len(said) > SHOWN:
        shown = said[:SHOWN]
        raise ValueError(f"no window {shown!r}: write 2023-Q1, or the first and the last day")
    return window(parse_day(first), parse_day(last[0])) if last else named_window(first)


def policies_in(name: str) -> list[Policy]:
    """The policies of a CSV file, one to a row, with a heading for each parameter that it gives;
    the others are as ever. Raises ``UserError`` for the first row that is none."""
    lines = _lines("--policies", name)
    delimiter = ";" if ";" in next(filter(str.strip, lines), "") else ","
    rows = csv.reader(lines, delimiter=delimiter)
    headings: list[str] = []
    found = []
    try:
        for row in rows:
            values, place = [value.strip() for value in row], f"{name}:{rows.line_num}"
            if not any(values):
                continue  # a blank line, as spreadsheets write it too
            if headings:
                found.append(_policy(place, headings, values))
            else:
                headings = _headings(place, values)
    except csv.Error as error:
        raise UserError(f"{name}:{rows.line_num}: {error}") from None
    if not found:
        raise UserError(f"{name}: gives no policy; write a heading, supplement_limit, and a row: 1")
    return found


def _headings(place: str, said: list[str]) -> list[str]:
    known = ", ".join(Policy.model_fields)
    for number, heading in enumerate(said):
        if heading not in Policy.model_fields:
            raise UserError(f"{place}: no parameter {heading[:SHOWN]!r}: use {known}")
        if heading in said[:number]:
            raise UserError(f"{place}: {heading} stands there twice: leave one out")
    return said


def _policy(place: str, headings: Sequence[str], values: Sequence[str]) -> Policy:
    if len(values) != len(headings):
        fault = f"the headings are {len(headings)}, the values {len(values)}: write one for each"
        raise UserError(f"{place}: {fault}")
    try:
        return Policy.model_validate(dict(zip(headings, values, strict=True)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        fault = f"{first['loc'][0]}: {first['msg']} (given: {first['input'][:SHOWN]!r})"
        raise UserError(f"{place}: {fault}") from None


def _lines(option: str, name: str) -> list[str]:
    if not name:
        raise UserError(f"{option}: is empty; name a file")
    try:
        return Path(name).read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{option}: {name}: is no text in UTF-8; save it as such") from None

"""Which windows, and which rules, does a file ask for? One question to a line."""

import csv
import re
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from domain.policy import Policy
from domain.windows import Window, day, named, window
from domain.wrong import Wrong

BETWEEN: Final = re.compile(r"[\s,;]+")  # two days


def windows_in(name: str) -> list[Window]:
    """The windows of a file, one to a line: ``2023-Q1``, or its first and its last day.

    What follows ``#`` is a remark. Raises ``Wrong`` for the first line that is none.
    """
    found = []
    for number, line in enumerate(_lines("--windows", name), 1):
        if said := line.partition("#")[0].strip():
            try:
                found.append(_window(said))
            except ValueError as error:
                raise Wrong(f"{name}:{number}: {error}") from None
    if not found:
        raise Wrong(f"{name}: asks for no window; write one to a line: 2023-Q1")
    return found


def _window(said: str) -> Window:
    first, *last = BETWEEN.split(said)
    if not last:
        return named(first)
    if len(last) > 1:
        raise ValueError(f"no window {said!r}: write 2023-Q1, or the first and the last day")
    return window(day(first), day(last[0]))


def policies_in(name: str) -> list[Policy]:
    """The policies of a CSV file, one to a row, with a heading for each parameter that it gives;
    the others are as ever. Raises ``Wrong`` for the first row that is none."""
    lines = _lines("--policies", name)
    delimiter = ";" if ";" in "".join(lines[:1]) else ","
    rows = csv.DictReader(lines, delimiter=delimiter)
    unknown = [heading for heading in rows.fieldnames or () if heading not in Policy.model_fields]
    if unknown:
        known = ", ".join(Policy.model_fields)
        raise Wrong(f"{name}:1: no parameter {unknown[0]!r}: use {known}")
    found = [_policy(f"{name}:{rows.line_num}", row) for row in rows]
    if not found:
        raise Wrong(f"{name}: gives no policy; write a heading, supplement_limit, and a row: 1")
    return found


def _policy(place: str, row: dict[str, Any]) -> Policy:
    if None in row or None in row.values():
        raise Wrong(f"{place}: has not as many values as the first line has headings")
    try:
        return Policy.model_validate({name: said.strip() for name, said in row.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        fault = f"{first['loc'][0]}: {first['msg']} (given: {first['input']!r})"
        raise Wrong(f"{place}: {fault}") from None


def _lines(option: str, name: str) -> list[str]:
    try:
        return Path(name).read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise Wrong(f"{option}: {name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Wrong(f"{option}: {name}: is no text in UTF-8") from None

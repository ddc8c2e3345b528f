"""Reads the law that ``--law`` names, a regime or a file of provisions of one's own, and the
parameters that a policy pins.

A file is a CSV table with the columns of HEADINGS, as ``hoso law --format csv`` prints it. It says
what each parameter is on every day: without a gap, and once.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, get_args

from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.domain.provisions import (
    IN_FORCE,
    PARAMETERS,
    REGIMES,
    Certainty,
    InvalidProvisions,
    Provision,
    Value,
    check,
)
from hoso.domain.windows import parse_day
from hoso.tools.inputs.csv_files import MAX_BYTES, CsvRow, csv_table
from hoso.tools.inputs.text_files import read_option_text

HEADINGS: Final = (
    *("parameter", "value", "first", "last", "published", "act", "article", "certainty"),
)
CERTAINTIES: Final[tuple[Certainty, ...]] = get_args(Certainty)
SHOWN_CHARS: Final = 60  # of a wrong value, in error messages


def law_settings(name: str | None) -> dict[str, Any]:
    """The settings of ``policy.Policy`` that say which law: of a regime (None: the one in force),
    or of a file. Raises ``UserError`` for a file that is no law."""
    if name is None or name in REGIMES:
        return {"law": name or IN_FORCE}
    return {"law": name, "provisions": provisions_in(name)}


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """The policy with some settings, by the names of its attributes.

    Raises ``ValueError`` with one line: which setting is wrong, and what it may be.
    """
    try:
        return Policy.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wrong = str(first["input"])[:SHOWN_CHARS]
        raise ValueError(f"{first['loc'][0]}: {first['msg']} (given: {wrong!r})") from None


def provisions_in(name: str) -> tuple[Provision, ...]:
    """The provisions of a file. Raises ``UserError``: what is wrong, where, and how to mend it."""
    try:
        text = read_option_text("--law", name, MAX_BYTES)
    except UserError as error:
        known = ", ".join(REGIMES)
        raise UserError(f"{error}; or name a regime: {known}") from None
    provisions = tuple(_provisions(name, text))
    try:
        check(provisions)
    except InvalidProvisions as error:
        raise UserError(f"{name}: {error}") from None
    return provisions


def _provisions(name: str, text: str) -> Iterator[Provision]:
    table = csv_table(name, text.removeprefix("\ufeff"))
    headings = table.headings.values
    if sorted(headings) != sorted(HEADINGS):
        shown = ",".join(headings)[:SHOWN_CHARS]
        raise table.headings.fault(f"the headings are {shown!r}: write {','.join(HEADINGS)}")
    for row in table.rows:
        yield _provision(row, dict(zip(headings, row.values, strict=True)))


def _provision(row: CsvRow, cells: dict[str, str]) -> Provision:
    parameter, certainty = cells["parameter"], cells["certainty"] or "inferred"
    if parameter not in PARAMETERS:
        shown = parameter[:SHOWN_CHARS]
        raise row.fault(f"no parameter {shown!r}: use {', '.join(PARAMETERS)}")
    known = next((each for each in CERTAINTIES if each == certainty), None)
    if known is None:
        shown = certainty[:SHOWN_CHARS]
        raise row.fault(f"certainty: {shown!r} is none: use {', '.join(CERTAINTIES)}")
    first, last, published = (_day(row, name, cells[name]) for name in HEADINGS[2:5])
    value, act, article = _value(cells["value"]), cells["act"], cells["article"]
    provision = Provision(parameter, value, first, last, published, act, article, known)
    try:
        provision.check()
    except InvalidProvisions as error:
        raise row.fault(str(error)) from None
    return provision


def _value(text: str) -> Value:
    if text.isascii() and text.isdigit():
        return int(text)
    return text or None


def _day(row: CsvRow, name: str, text: str) -> date | None:
    try:
        return parse_day(text) if text else None
    except ValueError as error:
        raise row.fault(f"{name}: {error}") from None

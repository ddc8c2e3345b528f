"""What does an office report for a window? Two balance sheets, subtracted.

Carried over + received = resolved + returned + cancelled + carried forward, in every line, by
construction; it is checked all the same where it is stated. Contract, sections 6 and 7.

Sources: TT 01/2020/TT-VPCP, form II.06a; NĐ 09/2019/NĐ-CP art. 12.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import orjson

from hoso.domain.accounts import (
    ACCOUNTS,
    CLOSED,
    CLOSED_GROUPS,
    OPEN,
    OPEN_GROUPS,
    OUTSIDE,
    members,
)
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets, Slice, Suspended
from hoso.projections.ledger.ledger import Ledger, balance_sheets
from hoso.projections.log.schema import Integers

Figures = dict[str, Any]


class Unbalanced(Exception):
    """A line whose two sides differ: a fault of this program, never of the data."""


def statement(ledger: Ledger, window: Window, by: Sequence[str] = ()) -> dict[str, Any]:
    """The statement of a window, as the JSON document of the contract.

    Raises ``Unbalanced`` rather than state figures that do not add up, and ``KeyError`` for a
    dimension in ``by`` that is none (``ledger.DIMENSIONS``).
    """
    return stated(balance_sheets(ledger, by), window)


def stated(balance_sheets: BalanceSheets, window: Window) -> dict[str, Any]:
    """The statement of a window, from balance sheets. Raises ``Unbalanced``."""
    opening = balance_sheets.balances.at_end_of(window.first - timedelta(1))
    closing = balance_sheets.balances.at_end_of(window.last)
    document = {
        "window": {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "as_of": None if balance_sheets.as_of is None else written(balance_sheets.as_of),
        "by": list(balance_sheets.by),
        "policy": balance_sheets.office.policy.as_json(),
        "calendar": {"version": balance_sheets.office.calendar.version},
        "lines": _lines(balance_sheets.balances.slices, balance_sheets.by, opening, closing),
        "total": figures(opening.sum(axis=0), closing.sum(axis=0)),
        "suspense": _suspense(balance_sheets.suspended, window.last),
    }
    return document | {"digest": digest(document)}


def _lines(
    slices: list[Slice], by: Sequence[str], opening: Integers, closing: Integers
) -> list[Figures]:
    """A line for each slice that has any figure; without slices, the one line there is."""
    stated = [
        {"slice": dict(zip(by, names, strict=True)), **figures(*balance_sheets)}
        for names, *balance_sheets in zip(slices, opening, closing, strict=True)
    ]
    return [line for line in stated if line["total"] or not by]


def figures(opening: Integers, closing: Integers) -> Figures:
    """The figures between two balance sheets: one number for each account and the outside."""
    found = {name: int(number) for name, number in between(opening, closing).items()}
    return {
        "carried_over": found["carried_over"],
        "received": found["received"],
        "total": found["carried_over"] + found["received"],
        **{group: _group(group, found) for group in (*CLOSED_GROUPS, *OPEN_GROUPS)},
        "carried_forward": found["carried_forward"],
    }


def between(opening: Integers, closing: Integers) -> dict[str, Integers]:
    """What moved between two balance sheets, or stands at the end, by its name in a statement: for
    one slice, or many (rows). Raises ``Unbalanced``."""
    moved = closing - opening
    carried_over, carried_forward = (sheet[..., OPEN].sum(axis=-1) for sheet in (opening, closing))
    received, went_out = -moved[..., OUTSIDE], moved[..., CLOSED].sum(axis=-1)
    if np.any(carried_over + received != went_out + carried_forward):
        raise Unbalanced(f"{carried_over} + {received} came in, {went_out} + {carried_forward}")
    return {
        "carried_over": carried_over,
        "received": received,
        **{ACCOUNTS[i]: (closing if i in OPEN else moved)[..., i] for i in range(OUTSIDE)},
        "carried_forward": carried_forward,
    }


def _group(group: str, found: dict[str, int]) -> dict[str, int]:
    parts = {ACCOUNTS[i].partition(".")[2]: found[ACCOUNTS[i]] for i in members(group)}
    return parts | {"total": sum(parts.values())}


def _suspense(suspended: Suspended, last: date) -> dict[str, int]:
    until = suspended.day <= day_number(last)
    is_first = np.append(True, suspended.dossier[1:] != suspended.dossier[:-1])[: len(until)]
    return {"events": int(until.sum()), "dossiers": int((until & is_first).sum())}


def written(instant: datetime) -> str:
    """An instant as statements write it: RFC 3339, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of a document's canonical JSON: keys sorted, no white space, UTF-8 (as RFC 8785)."""
    canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"

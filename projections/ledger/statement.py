"""States what an office reports for a window: the difference between two balance sheets.

A statement has a line for each slice, and a total. In each of them

    carried over + received = resolved + returned + cancelled + carried forward.

This follows from double entry: each move leaves one account and enters another. It is checked
nevertheless wherever figures are stated. Contract, sections 6 and 7.

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

Figures = dict[
    str, Any
]  # one line of a statement; accounts by group: {"resolved": {"early": 3, …}}


class Unbalanced(Exception):
    """The two sides of a line differ. This is a fault of the program, never of the data."""


def statement(ledger: Ledger, window: Window, by: Sequence[str] = ()) -> dict[str, Any]:
    """State a window of a ledger, with a line for each slice ``by`` some of ``slices.DIMENSIONS``.

    Returns the JSON document of the contract. Raises ``Unbalanced`` when figures do not add up and
    ``KeyError`` for an unknown dimension.
    """
    return statement_from(balance_sheets(ledger, by), window)


def statement_from(sheets: BalanceSheets, window: Window) -> dict[str, Any]:
    """State a window from balance sheets, with a line for each of their slices.

    Returns the JSON document of the contract. Raises ``Unbalanced`` when figures do not add up.
    """
    opening = sheets.balances.at_end_of(window.first - timedelta(1))
    closing = sheets.balances.at_end_of(window.last)
    document = {
        "window": {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "as_of": None if sheets.as_of is None else instant_text(sheets.as_of),
        "by": list(sheets.by),
        "policy": sheets.office.policy.as_json(),
        "calendar": {"version": sheets.office.calendar.version},
        "lines": _lines(sheets.balances.slices, sheets.by, opening, closing),
        "total": line_figures(opening.sum(axis=0), closing.sum(axis=0)),
        "suspense": _suspense(sheets.suspended, window.last),
    }
    return document | {"digest": digest(document)}


def _lines(
    slices: list[Slice], by: Sequence[str], opening: Integers, closing: Integers
) -> list[Figures]:
    """A line for each slice with any dossier; without dimensions, the only line there is."""
    lines = [
        {"slice": dict(zip(by, values, strict=True)), **line_figures(at_opening, at_closing)}
        for values, at_opening, at_closing in zip(slices, opening, closing, strict=True)
    ]
    return [line for line in lines if line["total"] or not by]


def line_figures(opening: Integers, closing: Integers) -> Figures:
    """The figures of one line, from its opening and closing balances.

    Both have a number of dossiers for each account and, last, for the outside. Raises
    ``Unbalanced`` when the figures do not add up.
    """
    numbers = {name: int(number) for name, number in figures_between(opening, closing).items()}
    return {
        "carried_over": numbers["carried_over"],
        "received": numbers["received"],
        "total": numbers["carried_over"] + numbers["received"],
        **{group: _group(group, numbers) for group in (*CLOSED_GROUPS, *OPEN_GROUPS)},
        "carried_forward": numbers["carried_forward"],
    }


def figures_between(opening: Integers, closing: Integers) -> dict[str, Integers]:
    """The figures between opening and closing balances, by name.

    The last axis of both has the accounts and the outside; axes before it, such as slices, are
    kept. Returns ``carried_over``, ``received``, one figure for each account, and
    ``carried_forward``: the balance of open accounts at the end, the growth of closed ones. Raises
    ``Unbalanced`` when the figures do not add up.
    """
    moved = closing - opening
    carried_over, carried_forward = (
        balances[..., OPEN].sum(axis=-1) for balances in (opening, closing)
    )
    received, closed = -moved[..., OUTSIDE], moved[..., CLOSED].sum(axis=-1)
    if np.any(carried_over + received != closed + carried_forward):
        raise Unbalanced(
            f"{carried_over} carried over + {received} received, but {closed} closed +"
            f" {carried_forward} carried forward"
        )
    return {
        "carried_over": carried_over,
        "received": received,
        **{ACCOUNTS[i]: (closing if i in OPEN else moved)[..., i] for i in range(OUTSIDE)},
        "carried_forward": carried_forward,
    }


def _group(group: str, numbers: dict[str, int]) -> dict[str, int]:
    accounts = {ACCOUNTS[i].partition(".")[2]: numbers[ACCOUNTS[i]] for i in members(group)}
    return accounts | {"total": sum(accounts.values())}


def _suspense(suspended: Suspended, last: date) -> dict[str, int]:
    """How many events, and dossiers, are in suspense at the end of day ``last``."""
    until = suspended.day <= day_number(last)
    is_first = np.append(True, suspended.dossier[1:] != suspended.dossier[:-1])[: len(until)]
    return {"events": int(until.sum()), "dossiers": int((until & is_first).sum())}


def instant_text(instant: datetime) -> str:
    """An instant as statements write it: RFC 3339, in UTC, ``2023-03-20T10:00:00Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of a document's canonical JSON (RFC 8785): sorted keys, no white space, UTF-8."""
    canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"

"""States what an office reports for a window: the difference between two balance sheets.

A statement has a line for each slice, and a total. In each of them

    carried over + received + transferred in
        = resolved + returned + cancelled + transferred out + carried forward.

This follows from double entry: each move leaves one account and enters another. It is checked
nevertheless wherever figures are stated. No figure tells of a day that has not been: a window that
is not over is stated up to the last day of which anything can be known. Contract, sections 6 and 7.

Sources: TT 09/2026/TT-BTP, forms 07a-c, before it TT 01/2020/TT-VPCP, form II.06a; NĐ 09/2019/NĐ-CP
art. 12.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import orjson

from hoso.domain.accounts import (
    ACCOUNTS,
    CLOSED,
    CLOSED_GROUPS,
    OPEN,
    OPEN_GROUPS,
    OUTSIDE,
    TRANSFERRED_IN,
    TRANSFERRED_OUT,
    members,
)
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets, Slice, Suspended
from hoso.projections.ledger.ledger import Ledger, balance_sheets
from hoso.projections.log.schema import Integers

# One line of a statement; accounts by group: {"resolved": {"early": 3, …}}.
Figures = dict[str, Any]
HELD: Final = "held"  # each move counts where the dossier stood that day
FINAL: Final = "final"  # all count where it stands at the end of the window
ATTRIBUTIONS: Final = (HELD, FINAL)


class Unbalanced(Exception):
    """The two sides of a line differ. This is a fault of the program, never of the data."""


def statement(
    ledger: Ledger, window: Window, by: Sequence[str] = (), attribution: str = HELD
) -> dict[str, Any]:
    """State a window of a ledger, with a line for each slice ``by`` some of ``slices.DIMENSIONS``.

    ``attribution`` is one of ATTRIBUTIONS. Returns the JSON document of the contract. Raises
    ``Unbalanced`` when figures do not add up and ``KeyError`` for an unknown dimension.
    """
    final_on = final_day(attribution, window, ledger.office, ledger.as_of)
    return statement_from(balance_sheets(ledger, by, final_on), window)


def statement_from(sheets: BalanceSheets, window: Window) -> dict[str, Any]:
    """State a window from balance sheets, with a line for each of their slices.

    Balance sheets that are final on a day are good for windows of which that is the last one told.
    Returns the JSON document of the contract. Raises ``Unbalanced`` when figures do not add up.
    """
    told = told_of(window, sheets.office, sheets.as_of)
    opening = sheets.balances.at_end_of(told.first - timedelta(1))
    closing = sheets.balances.at_end_of(told.last)
    days = {"from": window.first, "to": window.last, "until": told.last}
    document = {
        "window": {name: day.isoformat() for name, day in days.items()},
        "as_of": None if sheets.as_of is None else instant_text(sheets.as_of),
        "by": list(sheets.by),
        "law": sheets.office.policy.as_json(),
        "calendar": {"version": sheets.office.calendar.version},
        "attribution": HELD if sheets.final_on is None else FINAL,
        "lines": _lines(sheets.balances.slices, sheets.by, opening, closing),
        "total": line_figures(opening.sum(axis=0), closing.sum(axis=0)),
        "suspense": _suspense(sheets.suspended, told.last),
    }
    return document | {"digest": digest(document)}


def told_of(window: Window, office: Office, as_of: datetime | None) -> Window:
    """The part of a window of which figures can tell; without any day where none has been."""
    last = office.last_day(as_of)
    if last < window.first:
        return Window(last + timedelta(1), last)
    return Window(window.first, min(window.last, last))


def final_day(
    attribution: str, window: Window, office: Office, as_of: datetime | None
) -> date | None:
    """The day on which the slice of each dossier is final; None for figures as held."""
    return None if attribution == HELD else told_of(window, office, as_of).last


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

    Both have a number of dossiers for each account, for the outside and for transfers. Raises
    ``Unbalanced`` when the figures do not add up.
    """
    numbers = {name: int(number) for name, number in figures_between(opening, closing).items()}
    return {
        "carried_over": numbers["carried_over"],
        "received": numbers["received"],
        "transferred": {side: numbers[f"transferred.{side}"] for side in ("in", "out")},
        "total": numbers["carried_over"] + numbers["received"] + numbers["transferred.in"],
        **{group: _group(group, numbers) for group in (*CLOSED_GROUPS, *OPEN_GROUPS)},
        "carried_forward": numbers["carried_forward"],
    }


def figures_between(opening: Integers, closing: Integers) -> dict[str, Integers]:
    """The figures between opening and closing balances, by name.

    The last axis of both has the accounts, the outside and the transfers; axes before it, such as
    slices, are kept. Returns ``carried_over``, ``received``, ``transferred.in`` and
    ``transferred.out``, one figure for each account, and ``carried_forward``: the balance of open
    accounts at the end, the growth of closed ones.

    Raises ``Unbalanced`` when the figures do not add up.
    """
    moved = closing - opening
    carried_over, carried_forward = (
        balances[..., OPEN].sum(axis=-1) for balances in (opening, closing)
    )
    received, closed = -moved[..., OUTSIDE], moved[..., CLOSED].sum(axis=-1)
    come, gone = -moved[..., TRANSFERRED_IN], moved[..., TRANSFERRED_OUT]
    if np.any(carried_over + received + come != closed + gone + carried_forward):
        raise Unbalanced(
            f"{carried_over} carried over + {received} received + {come} transferred in, but "
            f"{closed} closed + {gone} transferred out + {carried_forward} carried forward"
        )
    return {
        "carried_over": carried_over,
        "received": received,
        "transferred.in": come,
        "transferred.out": gone,
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

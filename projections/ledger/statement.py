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
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

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
from hoso.projections.ledger.balances import BalanceSheets, Suspended
from hoso.projections.log.schema import Integers

if TYPE_CHECKING:
    from hoso.projections.ledger.ledger import Ledger

# One line of a statement; accounts by group: {"resolved": {"early": 3, …}}.
Figures = dict[str, Any]
HELD: Final = "held"  # each move counts where the dossier stood that day
FINAL: Final = "final"  # all count where it stands at the end of the window
ATTRIBUTIONS: Final = (HELD, FINAL)
TOTAL: Final = ("carried_over", "received", "transferred.in")  # what the total of a line adds up
# The accounts of each group of a line, by the part of their name that the line has.
GROUPS: Final = {
    group: {ACCOUNTS[i].partition(".")[2]: ACCOUNTS[i] for i in members(group)}
    for group in (*CLOSED_GROUPS, *OPEN_GROUPS)
}
BLOCK_LINES: Final = 4_096  # that are taken from the columns at once


class Unbalanced(Exception):
    """The two sides of a line differ. This is a fault of the program, never of the data."""


def statement(
    ledger: "Ledger", window: Window, by: Sequence[str] = (), attribution: str = HELD
) -> dict[str, Any]:
    """State a window of a ledger, with a line for each slice ``by`` some of ``slices.DIMENSIONS``.

    ``attribution`` is one of ATTRIBUTIONS. Returns the JSON document of the contract. Raises
    ``Unbalanced`` when figures do not add up and ``KeyError`` for an unknown dimension.
    """
    # Here, as a statement from kept balance sheets folds nothing.
    from hoso.projections.ledger.ledger import balance_sheets

    final_on = final_day(attribution, window, ledger.office, ledger.as_of)
    return statement_from(balance_sheets(ledger, by, final_on), window)


def statement_from(sheets: BalanceSheets, window: Window) -> dict[str, Any]:
    """State a window from balance sheets, with a line for each of their slices.

    Balance sheets that are final on a day are good for windows of which that is the last one told.
    Returns the JSON document of the contract. Raises ``Unbalanced`` when figures do not add up.
    """
    document = with_digest(outline(sheets, window))
    return document | {"lines": [*document["lines"]]}


def outline(sheets: BalanceSheets, window: Window) -> dict[str, Any]:
    """The same statement, without its digest, and with ``Lines`` that are made when they are read.

    So statements of very many slices and windows take little memory.
    """
    told = told_of(window, sheets.office, sheets.as_of)
    opening, closing = _balances(sheets, told)
    days = {"from": window.first, "to": window.last, "until": told.last}
    return {
        "window": {name: day.isoformat() for name, day in days.items()},
        "as_of": None if sheets.as_of is None else instant_text(sheets.as_of),
        "by": list(sheets.by),
        "law": sheets.office.policy.as_json(),
        "calendar": {"version": sheets.office.calendar.version},
        "attribution": HELD if sheets.final_on is None else FINAL,
        "lines": Lines(sheets, told, len(_stated(sheets, figures_between(opening, closing)))),
        "total": line_figures(opening.sum(axis=0), closing.sum(axis=0)),
        "suspense": _suspense(sheets.suspended, told.last),
    }


class Lines(Collection[Figures]):
    """The lines of a statement: one for each slice with any dossier; without dimensions, the only
    line there is. Lines are made from the balance sheets each time they are read."""

    def __init__(self, sheets: BalanceSheets, told: Window, number: int) -> None:
        self._sheets, self._told, self._number = sheets, told, number

    def __len__(self) -> int:
        """The number of lines."""
        return self._number

    def __iter__(self) -> Iterator[Figures]:
        """Make the lines one after another."""
        sheets = self._sheets
        figures = figures_between(*_balances(sheets, self._told))
        slices = _stated(sheets, figures)
        for block in np.split(slices, range(BLOCK_LINES, len(slices), BLOCK_LINES)):
            columns = (figures[name][block].tolist() for name in figures)
            for number, *numbers in zip(block.tolist(), *columns, strict=True):
                values = sheets.balances.slices[number]
                named = dict(zip(sheets.by, values, strict=True))
                yield {"slice": named, **_line(dict(zip(figures, numbers, strict=True)))}

    def __contains__(self, line: object) -> bool:
        """Whether there is such a line."""
        return any(line == each for each in self)


def _balances(sheets: BalanceSheets, told: Window) -> tuple[Integers, Integers]:
    """The opening and the closing balances of a window, a row for each slice."""
    balances = sheets.balances
    return balances.at_end_of(told.first - timedelta(1)), balances.at_end_of(told.last)


def _stated(sheets: BalanceSheets, figures: dict[str, Integers]) -> Integers:
    """The numbers of the slices that have a line."""
    if not sheets.by:
        return np.arange(len(sheets.balances.slices))
    return np.flatnonzero(sum(figures[name] for name in TOTAL))


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


def line_figures(opening: Integers, closing: Integers) -> Figures:
    """The figures of one line, from its opening and closing balances.

    Both have a number of dossiers for each account, for the outside and for transfers. Raises
    ``Unbalanced`` when the figures do not add up.
    """
    numbers = figures_between(opening, closing)
    return _line({name: int(number) for name, number in numbers.items()})


def _line(numbers: Mapping[str, int]) -> Figures:
    """The figures of a line, by group, and their sums."""
    groups = {}
    for group, accounts in GROUPS.items():
        groups[group] = {part: numbers[account] for part, account in accounts.items()}
        groups[group]["total"] = sum(groups[group].values())
    return {
        "carried_over": numbers["carried_over"],
        "received": numbers["received"],
        "transferred": {"in": numbers["transferred.in"], "out": numbers["transferred.out"]},
        "total": sum(numbers[name] for name in TOTAL),
        **groups,
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


def _suspense(suspended: Suspended, last: date) -> dict[str, int]:
    """How many events, and dossiers, are in suspense at the end of day ``last``."""
    until = suspended.day <= day_number(last)
    is_first = np.append(True, suspended.dossier[1:] != suspended.dossier[:-1])[: len(until)]
    return {"events": int(until.sum()), "dossiers": int((until & is_first).sum())}


def instant_text(instant: datetime) -> str:
    """An instant as statements write it: RFC 3339, in UTC, ``2023-03-20T10:00:00Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def with_digest(statement: Figures) -> Figures:
    """A statement with its digest: SHA-256 of its canonical JSON (RFC 8785): sorted keys, no white
    space, UTF-8; of all but the digest itself. Its lines are read one by one."""
    rest = {name: value for name, value in statement.items() if name != "digest"}
    before, lines, after = _canonical(rest | {"lines": []}).partition(b'"lines":[')
    digest = hashlib.sha256(before + lines)
    for number, line in enumerate(rest["lines"]):
        digest.update(b"," * bool(number) + _canonical(line))
    digest.update(after)
    return rest | {"digest": f"sha256:{digest.hexdigest()}"}


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

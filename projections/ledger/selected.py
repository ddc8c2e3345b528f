"""Balance sheets of selected dossiers: of some slices, or of a body and all bodies under it.

A move within the selection, from one selected agency to another, moves nothing in or out of it. So
the balance sheets of a body are not the sum of those of its agencies: transfers among them cancel.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.projections.ledger.balances import BalanceSheets, Moves, Slice, balances_of, slice_order
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import Ledger, moves_between, sliced, suspended_in


class Selection(NamedTuple):
    """The dossiers that are selected, and the day on which they stand where they are counted; None:
    they are counted where they were held."""

    selected: DossierFilter
    final_on: date | None = None


def selected_balance_sheets(
    ledger: Ledger, by: Sequence[str], selected: DossierFilter, final_on: date | None = None
) -> BalanceSheets:
    """The balance sheets of the selected dossiers, sliced ``by`` some of ``slices.DIMENSIONS`` as
    the registry of ``selected`` rolls them up, and attributed as ``ledger.balances``.

    Events in suspense are those of the whole ledger: they stand in no slice. Raises ``KeyError``
    for an unknown dimension.
    """
    dimensions = dimensions_of(by, selected)
    parts, part_of = sliced(ledger, dimensions, final_on)
    names, place_of_part = places_of(parts, dimensions, by, selected)
    moved = moves_between(ledger.folded.journal, [*names, ()], place_of_part[part_of])
    own = moved.group < len(names) * ACCOUNT_COUNT  # the last place is outside the selection
    within = Moves(names, *(column[own] for column in (moved.group, moved.day, moved.net)))
    suspended = suspended_in(ledger)
    return BalanceSheets(ledger.office, ledger.as_of, by, balances_of(within), suspended, final_on)


def dimensions_of(by: Sequence[str], selected: DossierFilter) -> tuple[str, ...]:
    """The dimensions that tell which dossiers are selected, and in which slices they are."""
    return tuple(dict.fromkeys((*by, *selected.only, "agency", "level")))


def places_of(
    parts: Sequence[Slice], dimensions: Sequence[str], by: Sequence[str], selected: DossierFilter
) -> tuple[list[Slice], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The slices of the selected dossiers, and for each part which of them it belongs to; the place
    behind the last one for a part that is not selected."""
    rows = [dict(zip(dimensions, part, strict=True)) for part in parts]
    own = [
        tuple(selected.value(row, name) for name in by) if selected.accepts(row) else None
        for row in rows
    ]
    found = {name for name in own if name is not None} or ({()} if not by else set())
    names = sorted(found, key=slice_order)
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([len(names) if n is None else place[n] for n in own], np.int64)

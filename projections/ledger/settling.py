"""Says how much a figure was revised from vintage to vintage, and when it settled.

While a window lasts, its figures grow because days pass. A revision is what comes afterwards: the
difference between two vintages at which the window was over. A figure has settled at the first
vintage from which on it stays the same; where the last vintage still changed it, nobody knows yet.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple


class Settling(NamedTuple):
    """How a figure was revised over some vintages.

    ``first`` and ``last`` are its values at the first and the last of them at which the window was
    over, ``times`` says how often it changed from one to the next, ``mean`` is the mean of all
    changes without their signs, ``largest`` the change that was largest, with its sign.
    ``settled_on`` is the local day of the vintage at which the figure settled, ``days`` how many
    days after the window's last day that is. None: not known.
    """

    first: int | None
    last: int | None
    times: int
    mean: Decimal | None
    largest: int | None
    settled_on: date | None
    days: int | None


UNKNOWN = Settling(None, None, 0, None, None, None, None)


def settling(values: Sequence[int], days: Sequence[date], end: date) -> Settling:
    """How a figure was revised that had these values at vintages of these local days, in the order
    of time; ``end`` is the last day of its window."""
    over = [(value, day) for value, day in zip(values, days, strict=True) if day >= end]
    if not over:
        return UNKNOWN
    known = [value for value, _ in over]
    changes = [later - earlier for earlier, later in pairwise(known)]
    if not changes:
        return UNKNOWN._replace(first=known[0], last=known[-1])
    settled_on = _settled_on(known, [day for _, day in over])
    return Settling(
        known[0],
        known[-1],
        sum(change != 0 for change in changes),
        Decimal(sum(map(abs, changes))) / len(changes),
        max(changes, key=abs),
        settled_on,
        None if settled_on is None else (settled_on - end).days,
    )


def _settled_on(values: Sequence[int], days: Sequence[date]) -> date | None:
    """The day from which on all values are the last one; None where only the last one is."""
    same = 1
    while same < len(values) and values[-same - 1] == values[-1]:
        same += 1
    return None if same == 1 else days[-same]

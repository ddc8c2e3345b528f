"""How does an event stand in an archive, for the rules to read at once? As one number.

The fields of ``rules.Happening`` in 64 bits, from the lowest on: the kind in 4, the detail in 1,
the allowance in 16, the due day in 22 and the day in 21, below the sign. Where a field may be
missing, 0 says so and all else is one more. Days count from the year 1, and reach the year 9999
where they are due, 5741 where something occurs.

Plain functions over plain numbers, as in ``posting``: the compiler understands them too.
"""

from typing import Final

from domain import rules
from projections.columns import Integers
from projections.posting import Life

DAYS: Final = 719_170  # from the year 1 to 1970, and a few
DETAIL, ALLOWANCE, DUE, DAY = 4, 5, 21, 43  # the bits below


def packed(
    kind: Integers, day: Integers, due: Integers, allowance: Integers, detail: Integers
) -> Integers:
    """Events as numbers: ``rules.Happening`` column by column, where nothing is NOTHING."""
    number: Integers = kind | (day + DAYS) << DAY
    number |= (detail == 1).astype(number.dtype) << DETAIL
    number |= (allowance + 1) * (allowance != rules.NOTHING) << ALLOWANCE
    number |= (due + DAYS) * (due != rules.NOTHING) << DUE
    return number


def unpack(number: int, life: Life, place: int, dossier: int) -> None:
    """Write an event into a place of a life."""
    allowance = (number >> ALLOWANCE) & 0xFFFF
    due = (number >> DUE) & 0x3FFFFF
    life.dossier[place] = dossier
    life.kind[place] = number & 0xF
    life.detail[place] = (number >> DETAIL) & 1
    life.allowance[place] = allowance - 1 if allowance else rules.NOTHING
    life.due[place] = due - DAYS if due else rules.NOTHING
    life.day[place] = day_of(number)


def day_of(number: int) -> int:
    """The day on which an event occurred."""
    return (number >> DAY) - DAYS

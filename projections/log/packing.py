"""How does an event stand in the log, for the rules to read at once? As one number.

The fields of ``rules.PlainEvent`` in 64 bits, from the lowest on: the kind in 4 (to the rules one
quality fact is as good as another: each stands as the first), the detail in 1, the allowance in 16,
the due day in 22 and the day in 21, below the sign. Where a field may be missing, 0 says so and all
else is one more. Days count from the year 1, and reach the year 9999 where they are due, 5741 where
something occurs.

Plain functions over plain numbers, as in ``posting``: the compiler understands them too.
"""

from typing import Any, Final

import numpy as np

from hoso.domain import kinds, rules
from hoso.projections.log.schema import Integers

DAYS: Final = 719_170  # from the year 1 to 1970, and a few
DETAIL, ALLOWANCE, DUE, DAY = 4, 5, 21, 43  # the bits below each


def packed(
    kind: Integers, day: Integers, due: Integers, allowance: Integers, detail: Integers
) -> Integers:
    """Events as numbers: ``rules.PlainEvent`` column by column, where nothing is NOTHING."""
    number: Integers = np.minimum(kind, kinds.FIRST_FACT) | (day + DAYS) << DAY
    number |= (detail == 1).astype(number.dtype) << DETAIL
    number |= (allowance + 1) * (allowance != rules.NOTHING) << ALLOWANCE
    number |= (due + DAYS) * (due != rules.NOTHING) << DUE
    return number


def unpacked(number: Any) -> rules.PlainEvent:
    """The event of a number; or of an array of numbers, where each field is an array, too."""
    allowance, due = (number >> ALLOWANCE) & 0xFFFF, (number >> DUE) & 0x3FFFFF
    return rules.PlainEvent(
        kind_of(number),
        day_of(number),
        due - DAYS + (due == 0) * (rules.NOTHING + DAYS),
        allowance - 1 + (allowance == 0) * (rules.NOTHING + 1),
        (number >> DETAIL) & 1,
    )


def kind_of(number: Any) -> Any:
    """The kind of an event; that of quality facts is FIRST_FACT."""
    return number & 0xF


def day_of(number: Any) -> Any:
    """The day on which an event occurred."""
    return (number >> DAY) - DAYS

"""Packs all that the rules read of an event into one 64-bit number.

The fields of ``rules.PlainEvent``, from the lowest bit up: the kind in 4 bits (the rules treat all
quality facts alike, so each is packed as FIRST_FACT), the detail in 1, the allowance in 16, the due
day in 22, and the day in 21, below the sign bit. A field that may be missing is stored plus one,
and 0 says that it is missing. Days count from the year 1; a due day reaches the year 9999, the day
of an event the year 5741.

These are plain functions over numbers, so that the compiler can inline them into a kernel.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from hoso.domain import kinds, rules
from hoso.domain.arrays import IntArray
from hoso.projections.log.schema import Integers

DAYS: Final = 719_170  # at least the days from 0001-01-01 to 1970-01-01, so no day is below 0
DETAIL, ALLOWANCE, DUE, DAY = 4, 5, 21, 43  # the number of bits below each field


class PackedLives(NamedTuple):
    """Events dossier by dossier, each dossier's in the order of its life.

    Three columns of one length: ``dossier`` says whose event it is (any number that differs from
    the neighbours'), ``packed`` is the event (see the module), ``verdict`` whether it counts
    (``domain.validity``).
    """

    dossier: IntArray
    packed: IntArray
    verdict: IntArray

    def as_lists(self) -> "PackedLives":
        """The same as lists, which the interpreter reads twice as fast as arrays."""
        return PackedLives(*(np.asarray(column).tolist() for column in self))


def packed(
    kind: Integers, day: Integers, due: Integers, allowance: Integers, detail: Integers
) -> Integers:
    """Events as packed numbers, from the columns of ``rules.PlainEvent``; NOTHING is missing."""
    number: Integers = np.minimum(kind, kinds.FIRST_FACT) | (day + DAYS) << DAY
    number |= (detail == 1).astype(number.dtype) << DETAIL
    number |= (allowance + 1) * (allowance != rules.NOTHING) << ALLOWANCE
    number |= (due + DAYS) * (due != rules.NOTHING) << DUE
    return number


def unpacked(number: Any) -> rules.PlainEvent:
    """The event of a packed number. An array gives an event whose fields are arrays."""
    allowance, due = (number >> ALLOWANCE) & 0xFFFF, (number >> DUE) & 0x3FFFFF
    return rules.PlainEvent(
        kind_of(number),
        day_of(number),
        due - DAYS + (due == 0) * (rules.NOTHING + DAYS),
        allowance - 1 + (allowance == 0) * (rules.NOTHING + 1),
        (number >> DETAIL) & 1,
    )


def kind_of(number: Any) -> Any:
    """The kind of a packed event; FIRST_FACT for every quality fact."""
    return number & 0xF


def day_of(number: Any) -> Any:
    """The day number of a packed event."""
    return (number >> DAY) - DAYS

"""Packs all that the rules read of an event into one 64-bit number.

The fields of ``rules.PlainEvent``, from the lowest bit up: the kind in 4 bits (the rules treat all
quality facts alike, so each is packed as FIRST_FACT), the detail in 2, the allowance in 16, the due
day in 22, and the day in 20. A field that may be missing is stored plus one, and 0 says that it is
missing. Days count from 1 January of the year 1. The day of an event reaches the year 2871; a later
one is packed as the last of these.

These are plain functions over numbers, so that the compiler can inline them into a kernel.
"""

from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from hoso.domain import kinds, rules
from hoso.domain.arrays import IntArray
from hoso.domain.calendar import day_number
from hoso.projections.log.schema import Integers

FIRST_DAY: Final = day_number(date.min)
LAST_DAY: Final = FIRST_DAY + (1 << 20) - 1
LAST_DUE: Final = day_number(date.max)
DETAIL, ALLOWANCE, DUE, DAY = 4, 6, 22, 44  # the number of bits below each field
DETAIL_MASK, ALLOWANCE_MASK, DUE_MASK, DAY_MASK = 0x3, 0xFFFF, 0x3FFFFF, 0xFFFFF


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


class KnownLives(NamedTuple):
    """Events dossier by dossier, each dossier's in the order of its life, and when each counted.

    ``dossier`` and ``packed`` are those of ``PackedLives``. An event counts at the ends of the days
    from ``since`` on and before ``until``; one that was taken back, and later not, stands there
    twice. ``names`` says what a reassignment names beside the agency (``kernels.forecasts``).
    """

    dossier: IntArray
    packed: IntArray
    since: IntArray
    until: IntArray
    names: IntArray

    def as_lists(self) -> "KnownLives":
        """The same as lists."""
        return KnownLives(*(np.asarray(column).tolist() for column in self))


def packed(
    kind: Integers, day: Integers, due: Integers, allowance: Integers, detail: Integers
) -> Integers:
    """Events as packed numbers, from the columns of ``rules.PlainEvent``; NOTHING is missing."""
    number: Integers = np.minimum(kind, kinds.FIRST_FACT)
    number |= (np.clip(day, FIRST_DAY, LAST_DAY) - FIRST_DAY) << DAY
    number |= detail.astype(number.dtype) << DETAIL
    number |= (allowance + 1) * (allowance != rules.NOTHING) << ALLOWANCE
    number |= (np.clip(due, FIRST_DAY, LAST_DUE) - FIRST_DAY + 1) * (due != rules.NOTHING) << DUE
    return number


def unpacked(number: Any) -> rules.PlainEvent:
    """The event of a packed number. An array gives an event whose fields are arrays."""
    allowance, due = (number >> ALLOWANCE) & ALLOWANCE_MASK, (number >> DUE) & DUE_MASK
    return rules.PlainEvent(
        kind=kind_of(number),
        day=day_of(number),
        due=due - 1 + FIRST_DAY + (due == 0) * (rules.NOTHING + 1 - FIRST_DAY),
        allowance=allowance - 1 + (allowance == 0) * (rules.NOTHING + 1),
        detail=(number >> DETAIL) & DETAIL_MASK,
    )


def kind_of(number: Any) -> Any:
    """The kind of a packed event; FIRST_FACT for every quality fact."""
    return number & 0xF


def day_of(number: Any) -> Any:
    """The day number of a packed event."""
    return ((number >> DAY) & DAY_MASK) + FIRST_DAY

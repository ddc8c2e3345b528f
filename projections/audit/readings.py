"""How may a percentage have come about? Of several denominators, rounded and truncated."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

from hoso.projections.audit.published import decimals
from hoso.projections.documents.model import Bilingual

HALF: Final = Fraction(1, 2)
ROUNDED: Final = Bilingual("làm tròn", "rounded")
CUT_OFF: Final = Bilingual("cắt bỏ", "truncated")


class Reading(NamedTuple):
    """A way in which a percentage comes about: of what, printed with how many decimals."""

    denominator: str
    printed: int
    rounded: bool
    truncated: bool

    def rounding(self) -> Bilingual:
        """How it was brought to its decimals."""
        if self.rounded and self.truncated:
            return Bilingual("làm tròn hoặc cắt bỏ", "rounded or truncated")
        return ROUNDED if self.rounded else CUT_OFF


def rounded(share: Fraction, places: int) -> Decimal:
    """A share in percent, half up."""
    return Decimal(floor(share * 100 * 10**places + HALF)).scaleb(-places)


def truncated(share: Fraction, places: int) -> Decimal:
    """A share in percent, cut off."""
    return Decimal(floor(share * 100 * 10**places)).scaleb(-places)


def readings(
    count: Decimal, percent: Decimal, denominators: Mapping[str, Decimal], finest: int
) -> list[Reading]:
    """The denominators that reproduce a percentage.

    A number loses its last zeros: 0.3 among percentages of two decimals is 0.30. Only where nothing
    is rounded to that, it is taken as it stands; and only where nothing is rounded, it is cut.
    """
    printed = decimals(percent)
    ways = [
        [
            Reading(name, places, rounded(share, places) == percent, cut == percent)
            for name, of in denominators.items()
            if of and of >= count
            for share in [Fraction(count) / Fraction(of)]
            for cut in [truncated(share, places)]
            if percent in (rounded(share, places), cut)
        ]
        for places in (max(finest, printed), printed)
    ]
    by_rounding = [found for found in ways if any(reading.rounded for reading in found)]
    return next(iter(by_rounding or filter(None, ways)), [])

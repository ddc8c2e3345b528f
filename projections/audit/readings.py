"""Finds how a percentage may have been calculated: of which denominator, rounded or truncated."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

from hoso.projections.audit.published import decimal_places
from hoso.projections.documents.model import Bilingual

HALF: Final = Fraction(1, 2)
ROUNDED: Final = Bilingual("làm tròn", "rounded")
TRUNCATED: Final = Bilingual("cắt bỏ", "truncated")


class Reading(NamedTuple):
    """A calculation that gives a printed percentage.

    ``places`` is the number of decimals it is printed with. ``rounded`` and ``truncated`` say
    which of the two gives the printed number; both may.
    """

    denominator: str
    places: int
    rounded: bool
    truncated: bool

    def rounding(self) -> Bilingual:
        """Which rounding gives the printed number, in words."""
        if self.rounded and self.truncated:
            return Bilingual("làm tròn hoặc cắt bỏ", "rounded or truncated")
        return ROUNDED if self.rounded else TRUNCATED


def rounded(share: Fraction, places: int) -> Decimal:
    """A share (0 to 1) in percent, rounded half up to ``places`` decimals."""
    return Decimal(floor(share * 100 * 10**places + HALF)).scaleb(-places)


def truncated(share: Fraction, places: int) -> Decimal:
    """A share (0 to 1) in percent, truncated to ``places`` decimals."""
    return Decimal(floor(share * 100 * 10**places)).scaleb(-places)


def readings(
    count: Decimal, percent: Decimal, denominators: Mapping[str, Decimal], finest: int
) -> list[Reading]:
    """The readings of a percentage: the denominators of which ``count`` is ``percent``.

    ``finest`` is the largest number of decimals among the percentages printed with this one. Files
    drop trailing zeros, so 0.3 among percentages of two decimals is read as 0.30 first, and as 0.3
    only if no denominator gives 0.30. Rounding is preferred to truncation in the same way.
    """
    printed = decimal_places(percent)
    candidates = [
        _with_places(count, percent, denominators, places)
        for places in (max(finest, printed), printed)
    ]
    by_rounding = [found for found in candidates if any(reading.rounded for reading in found)]
    return next(iter(by_rounding or filter(None, candidates)), [])


def _with_places(
    count: Decimal, percent: Decimal, denominators: Mapping[str, Decimal], places: int
) -> list[Reading]:
    """The readings of a percentage that is printed with so many decimals."""
    found = []
    for name, denominator in denominators.items():
        if denominator and denominator >= count:
            share = Fraction(count) / Fraction(denominator)
            is_rounded = rounded(share, places) == percent
            is_truncated = truncated(share, places) == percent
            if is_rounded or is_truncated:
                found.append(Reading(name, places, is_rounded, is_truncated))
    return found

"""Writes exact numbers, such as points and rates, as cells and in sentences.

Points stay exact fractions until they are printed; only then are they rounded.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from hoso.projections.documents.model import Bilingual, DrillDown, Points, Rounding


def to_decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal of 28 digits, which rounds as the fraction does."""
    return Decimal(number.numerator) / number.denominator


def points_cell(
    number: Fraction | None, how: Bilingual | None = None, reads: Iterable[DrillDown] = ()
) -> Points:
    """A cell with points; None: no data. ``how`` is the calculation in words, ``reads`` are the
    figures that it follows from."""
    exact = None if number is None else to_decimal(number)
    return Points(exact, how, tuple(dict.fromkeys(reads)))


@lru_cache(maxsize=4096)  # a report says few numbers, and says them of many bodies
def number_text(number: Fraction, places: int = 2) -> Bilingual:
    """A number for a sentence: rounded to ``places`` decimals, without trailing zeros."""
    rounded = Rounding(places).of(to_decimal(number))
    text = f"{rounded:f}".rstrip("0").rstrip(".") if places else f"{rounded:f}"
    return Bilingual(text.replace(".", ","), text)

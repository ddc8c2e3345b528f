"""Do parts add up to a whole? Dossiers exactly, scores within what rounding may make of them."""

from collections.abc import Iterable
from decimal import Decimal

from projections.audit.published import decimals


def total_of(parts: Iterable[Decimal]) -> Decimal:
    """The sum of parts, without zeros behind its last decimal."""
    total = sum(parts, Decimal(0)).normalize()
    return total.quantize(Decimal(1)) if total == total.to_integral_value() else total


def slack(whole: Iterable[Decimal], parts: Iterable[Decimal], many: int) -> Decimal:
    """How far a whole may be from the sum of so many parts, as all are rounded to the decimals
    that they are printed with. Whole numbers are not rounded."""
    return many * _half_a_unit(parts) + _half_a_unit(whole)


def _half_a_unit(numbers: Iterable[Decimal]) -> Decimal:
    printed = max(map(decimals, numbers), default=0)
    return Decimal(5).scaleb(-printed - 1) if printed else Decimal(0)

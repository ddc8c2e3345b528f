"""Do parts add up to a whole? Dossiers exactly, scores within what rounding may make of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from hoso.projections.audit import causes
from hoso.projections.audit.findings import Check, Finding, Holds
from hoso.projections.audit.published import Listing, Published, decimals
from hoso.projections.audit.words import PLUS, joined, words
from hoso.projections.documents.model import Bilingual


def added_up(
    place: str,
    check: Check,
    whole: Decimal,
    parts: Mapping[Bilingual, Decimal],
    missing: Sequence[Bilingual] = (),
) -> Holds | Finding:
    """Whether a figure is the sum of its parts; a report leaves out what is ``missing``."""
    numbers = parts.values()
    follows = total_of(numbers)
    if abs(whole - follows) > slack([whole], numbers, len(parts)):
        cause = causes.of_a_sum(whole, parts, missing)
        return Finding(place, check, whole, follows, cause)
    summed = joined(numbers, PLUS)
    if whole == follows:
        return Holds(place, check, words("{whole} = {sum}", whole=whole, sum=summed))
    how = words(
        "{whole} ≈ {follows} = {sum}: lệch do làm tròn",
        "{whole} ≈ {follows} = {sum}: no more off than rounding makes it",
        whole=whole,
        follows=follows,
        sum=summed,
    )
    return Holds(place, check, how)


def listed(published: Published, listing: Listing) -> Holds | Finding:
    """Whether the parts of a list add up to the figure that they are parts of."""
    parts = {Bilingual(name, name): part for name, part in listing.items.items()}
    return added_up(listing.name, Check.listing, published.whole(listing), parts)


def total_of(parts: Iterable[Decimal]) -> Decimal:
    """The sum of parts, without zeros behind its last decimal."""
    total = sum(parts, Decimal(0)).normalize()
    return total.quantize(Decimal(1)) if total == total.to_integral_value() else total


def slack(whole: Collection[Decimal], parts: Collection[Decimal], many: int) -> Decimal:
    """How far a whole may be from the sum of so many parts, as all are rounded to the decimals
    that they are printed with. Whole numbers are not rounded."""
    return many * _half_a_unit(parts) + _half_a_unit(whole)


def _half_a_unit(numbers: Collection[Decimal]) -> Decimal:
    printed = max(map(decimals, numbers), default=0)
    return Decimal(5).scaleb(-printed - 1) if printed else Decimal(0)

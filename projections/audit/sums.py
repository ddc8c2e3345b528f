"""Checks that parts add up to a whole: dossiers exactly, scores within the error of rounding."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from hoso.projections.audit.causes import cause_of_sum
from hoso.projections.audit.findings import Check, Finding, Holds, Note
from hoso.projections.audit.phrases import PLUS, joined, phrase
from hoso.projections.audit.published import ItemList, PublishedReport, decimal_places
from hoso.projections.documents.model import Bilingual


def check_sum(
    place: str,
    check: Check,
    whole: Decimal,
    parts: Mapping[Bilingual, Decimal],
    missing: Sequence[Bilingual] = (),
) -> Holds | Note | Finding:
    """Check that a figure is the sum of its parts. ``missing`` are parts that the report omits."""
    numbers = parts.values()
    follows = sum_of(numbers)
    if abs(whole - follows) > rounding_slack([whole], numbers, len(parts)):
        return Finding(place, check, whole, follows, cause_of_sum(whole, parts, missing))
    if whole == follows:
        summed = joined(numbers, PLUS)
        return Holds(place, check, phrase("{whole} = {sum}", whole=whole, sum=summed))
    return rounding_note(place, check, whole, list(numbers))


def rounding_note(place: str, check: Check, whole: Decimal, parts: Sequence[Decimal]) -> Note:
    """The note on a whole that is off its parts by no more than their rounding explains."""
    follows = sum_of(parts)
    how = phrase(
        "{whole} ≈ {follows} = {sum}: lệch do làm tròn các số hạng",
        "{whole} ≈ {follows} = {sum}: no more off than the rounding of the parts makes it",
        whole=whole,
        follows=follows,
        sum=joined(parts, PLUS),
    )
    return Note(place, check, whole, follows, how)


def check_list(report: PublishedReport, item_list: ItemList) -> Holds | Note | Finding:
    """Check that the items of a list add up to the figure that it names."""
    items = {Bilingual(label, label): number for label, number in item_list.items.items()}
    return check_sum(item_list.name, Check.listing, report.list_total(item_list), items)


def sum_of(numbers: Iterable[Decimal]) -> Decimal:
    """The sum of numbers, without trailing zeros after the point."""
    total = sum(numbers, Decimal(0)).normalize()
    return total.quantize(Decimal(1)) if total == total.to_integral_value() else total


def rounding_slack(wholes: Collection[Decimal], parts: Collection[Decimal], terms: int) -> Decimal:
    """How far a whole may be from the sum of its ``terms`` parts if all are rounded.

    Each number may be off by half a unit of its last decimal; whole numbers are not rounded.
    """
    return terms * _half_a_unit(parts) + _half_a_unit(wholes)


def _half_a_unit(numbers: Collection[Decimal]) -> Decimal:
    places = max(map(decimal_places, numbers), default=0)
    return Decimal(5).scaleb(-places - 1) if places else Decimal(0)

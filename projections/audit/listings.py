"""Do the parts of a list add up to the figure that they are parts of?"""

from decimal import Decimal

from projections.audit import causes
from projections.audit.findings import Check, Finding, Holds, Outcome
from projections.audit.published import Listing, Published
from projections.audit.sums import slack, total_of
from projections.audit.words import added, words
from projections.reports.document import Said


def whole(published: Published, listing: Listing) -> Decimal:
    """What a list is to add up to. Raises ``KeyError`` for a figure that is not given."""
    if isinstance(listing.of, Decimal):
        return listing.of
    name, _, figure = listing.of.rpartition(".")
    return published.blocks[name].counts()[figure]


def listed(published: Published, listing: Listing) -> Outcome:
    """Whether a list holds."""
    claimed, parts = whole(published, listing), list(listing.items.values())
    follows = total_of(parts)
    if claimed == follows:
        how = words("{whole} = {sum}", "{whole} = {sum}", whole=claimed, sum=added(parts))
        return Holds(listing.name, Check.listing, how)
    if abs(claimed - follows) <= slack([claimed], parts, len(parts)):
        how = words(
            "{whole} ≈ {sum} = {follows}: lệch do làm tròn",
            "{whole} ≈ {sum} = {follows}: no more off than rounding makes it",
            whole=claimed,
            sum=added(parts),
            follows=follows,
        )
        return Holds(listing.name, Check.listing, how)
    named = {Said(name, name): part for name, part in listing.items.items()}
    cause = causes.of_a_sum(claimed, named, [])
    return Finding(listing.name, Check.listing, claimed, follows, cause)

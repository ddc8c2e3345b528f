"""Do the figures of a block balance? What came in, what was resolved, and all categories."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from projections.audit import causes
from projections.audit.findings import Check, Finding, Holds, Outcome, Outcomes, Unchecked
from projections.audit.published import Block
from projections.audit.words import FIGURES, added, plus, words
from projections.reports.document import Said


class Identity(NamedTuple):
    """A figure that is the sum of others."""

    check: Check
    whole: str
    parts: tuple[str, ...]


IDENTITIES: Final = (
    Identity(Check.inflow, "total", ("carried_over", "received")),
    Identity(Check.timely, "early_and_on_time", ("early", "on_time")),
    Identity(Check.resolved, "resolved", ("early", "on_time", "overdue")),
    Identity(Check.in_progress, "in_progress", ("in_progress_in_time", "in_progress_overdue")),
)
PAUSED: Final = "paused_or_awaiting_supplement"
PAUSED_INSIDE: Final = Said(
    "thừa đúng bằng số tạm dừng hoặc chờ bổ sung: đã nằm trong số đang giải quyết "
    "(paused_inside_in_progress: true)",
    "the surplus is what is paused or awaiting supplement: it is counted in progress already "
    "(paused_inside_in_progress: true)",
)
OPEN_PARTS: Final = ("in_progress_in_time", "in_progress_overdue")


def followed(counts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The figures that are given, and those that follow from all of their parts."""
    found = dict(counts)
    for _, whole, parts in IDENTITIES:
        if whole not in found and all(part in found for part in parts):
            found[whole] = sum((found[part] for part in parts), Decimal(0))
    if "resolved" not in found and {"early_and_on_time", "overdue"} <= found.keys():
        found["resolved"] = found["early_and_on_time"] + found["overdue"]
    return found


def balances(name: str, block: Block) -> Outcomes:
    """What holds of the sums of a block, and what does not."""
    counts = block.counts()
    for identity in IDENTITIES:
        yield from _identity(name, _as_given(identity, counts), counts, block)
    yield from _categories(name, block, counts)


def _as_given(identity: Identity, counts: Mapping[str, Decimal]) -> Identity:
    """Who prints early and on time as one figure need not print them apart."""
    together = "early_and_on_time" in counts and not {"early", "on_time"} <= counts.keys()
    if identity.check is Check.resolved and together:
        return identity._replace(parts=("early_and_on_time", "overdue"))
    return identity


def _identity(
    name: str, identity: Identity, counts: Mapping[str, Decimal], block: Block
) -> Outcomes:
    check, whole, parts = identity
    given = [part for part in parts if part in counts]
    missing = [part for part in parts if part not in counts]
    if whole not in counts or not given:
        return
    place = f"{name}.{whole}"
    if missing and sum(counts[part] for part in given) <= counts[whole]:
        why = words(
            "không nêu: {missing}",
            "not given: {missing}",
            missing=[FIGURES[part] for part in missing],
        )
        yield Unchecked(place, check, why)
        return
    outcome = _sum(place, check, counts, whole, given)
    if check is Check.in_progress and block.paused_inside_in_progress and PAUSED in counts:
        inside = _sum(place, check, counts, whole, [*given, PAUSED])
        yield inside if isinstance(inside, Holds) else outcome
    else:
        yield outcome


def _sum(
    place: str, check: Check, counts: Mapping[str, Decimal], whole: str, parts: Sequence[str]
) -> Outcome:
    numbers = [counts[part] for part in parts]
    if counts[whole] == sum(numbers):
        how = words("{whole} = {sum}", "{whole} = {sum}", whole=counts[whole], sum=added(numbers))
        return Holds(place, check, how)
    named = {FIGURES[part]: counts[part] for part in parts}
    cause = causes.of_a_sum(counts[whole], named, [])
    return Finding(place, check, counts[whole], sum(numbers, Decimal(0)), cause)


def _categories(name: str, block: Block, counts: Mapping[str, Decimal]) -> Outcomes:
    """All that came in is somewhere: resolved, returned, cancelled or still open."""
    known = followed(counts)
    place = f"{name}.total"
    if "total" not in known or not known.keys() - {"total", "carried_over", "received"}:
        return
    categories = expected(block)
    given = {FIGURES[each]: known[each] for each in categories if each in known}
    missing = [FIGURES[each] for each in categories if each not in known]
    total, reached = known["total"], sum(given.values(), Decimal(0))
    if total == reached:
        how = words(
            "{total} = {sum} ({names})",
            "{total} = {sum} ({names})",
            total=total,
            sum=added(list(given.values())),
            names=plus(list(given)),
        )
        yield Holds(place, Check.categories, how)
    elif total > reached and not _is_meant_whole(known):
        why = words(
            "còn {n} hồ sơ; không nêu: {missing}",
            "{n} dossiers remain; not given: {missing}",
            n=total - reached,
            missing=missing,
        )
        yield Unchecked(place, Check.categories, why)
    else:
        inside = known.get(PAUSED) == reached - total and "in_progress" in known
        cause = PAUSED_INSIDE if inside else causes.of_a_sum(total, given, missing)
        yield Finding(place, Check.categories, total, reached, cause)


def expected(block: Block) -> list[str]:
    """The categories in which a dossier stands once. Paused ones that are counted in process stand
    there."""
    counts = block.counts()
    parts_only = "in_progress" not in counts and any(part in counts for part in OPEN_PARTS)
    in_process = OPEN_PARTS if parts_only else ("in_progress",)
    paused = () if block.paused_inside_in_progress else (PAUSED,)
    return ["resolved", *in_process, *paused, "returned", "cancelled_or_withdrawn"]


def _is_meant_whole(known: Mapping[str, Decimal]) -> bool:
    """Whether a block names what is closed and what is open: else it is an excerpt."""
    return "resolved" in known and any(part in known for part in ("in_progress", *OPEN_PARTS))

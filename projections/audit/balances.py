"""Do the figures of a block balance? What came in, what was resolved, and all categories."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from hoso.projections.audit.findings import Check, Holds, Outcomes, Unchecked
from hoso.projections.audit.published import Block
from hoso.projections.audit.sums import added_up
from hoso.projections.audit.words import FIGURES, PLUS, joined, words
from hoso.projections.documents.model import Bilingual


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
TOGETHER: Final = Identity(Check.resolved, "resolved", ("early_and_on_time", "overdue"))
PAUSED: Final = "paused_or_awaiting_supplement"
PAUSED_INSIDE: Final = Bilingual(
    "thừa đúng bằng số tạm dừng hoặc chờ bổ sung: đã nằm trong số đang giải quyết "
    "(paused_inside_in_progress: true)",
    "the surplus is what is paused or awaiting supplement: it is counted in progress already "
    "(paused_inside_in_progress: true)",
)
OPEN_PARTS: Final = ("in_progress_in_time", "in_progress_overdue")


def followed(counts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The figures that are given, and those that follow from all of their parts."""
    found = dict(counts)
    for _, whole, parts in _identities(counts):
        if whole not in found and all(part in found for part in parts):
            found[whole] = sum((found[part] for part in parts), Decimal(0))
    return found


def balances(name: str, block: Block) -> Outcomes:
    """What holds of the sums of a block, and what does not."""
    counts = block.counts()
    for identity in _identities(counts):
        yield from _identity(name, identity, counts, block)
    yield from _categories(name, block, counts)


def _identities(counts: Mapping[str, Decimal]) -> Iterator[Identity]:
    """Who prints early and on time as one figure need not print them apart."""
    together = "early_and_on_time" in counts and not {"early", "on_time"} <= counts.keys()
    for identity in IDENTITIES:
        yield TOGETHER if together and identity.check is Check.resolved else identity


def _identity(
    name: str, identity: Identity, counts: Mapping[str, Decimal], block: Block
) -> Outcomes:
    check, whole, parts = identity
    given = {FIGURES[part]: counts[part] for part in parts if part in counts}
    missing = [FIGURES[part] for part in parts if part not in counts]
    if whole not in counts or not given:
        return
    place = f"{name}.{whole}"
    if missing and sum(given.values()) <= counts[whole]:
        why = words("không nêu: {missing}", "not given: {missing}", missing=missing)
        yield Unchecked(place, check, why)
        return
    ways = [given]
    if check is Check.in_progress and block.paused_inside_in_progress and PAUSED in counts:
        ways.append({**given, FIGURES[PAUSED]: counts[PAUSED]})
    outcomes = [added_up(place, check, counts[whole], way) for way in ways]
    yield next((each for each in outcomes if isinstance(each, Holds)), outcomes[0])


def _categories(name: str, block: Block, counts: Mapping[str, Decimal]) -> Outcomes:
    """All that came in is somewhere: resolved, returned, cancelled or still open."""
    known, place, categories = followed(counts), f"{name}.total", expected(block)
    given = {FIGURES[each]: known[each] for each in categories if each in known}
    missing = [FIGURES[each] for each in categories if each not in known]
    if "total" not in known or not given:
        return
    rest = known["total"] - sum(given.values())
    if rest > 0 and not _is_meant_whole(known):
        why = words(
            "còn {n} hồ sơ; không nêu: {missing}",
            "{n} dossiers remain; not given: {missing}",
            n=rest,
            missing=missing,
        )
        yield Unchecked(place, Check.categories, why)
        return
    outcome = added_up(place, Check.categories, known["total"], given, missing)
    if isinstance(outcome, Holds):
        names = joined(given, PLUS)
        yield outcome._replace(how=words("{how} ({names})", how=outcome.how, names=names))
    elif given.get(FIGURES[PAUSED]) == -rest and "in_progress" in known:
        yield outcome._replace(cause=PAUSED_INSIDE)
    else:
        yield outcome


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

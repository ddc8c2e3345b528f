"""Checks the sums of a block: what was received, what was resolved, and all categories together."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from hoso.projections.audit.figures import FIGURE_NAMES
from hoso.projections.audit.findings import Check, Finding, Holds, Outcomes, Unchecked
from hoso.projections.audit.phrases import PLUS, joined, phrase
from hoso.projections.audit.published import Block
from hoso.projections.audit.sums import check_sum
from hoso.projections.documents.model import Bilingual


class Equation(NamedTuple):
    """A figure that is the sum of other figures."""

    check: Check
    whole: str
    parts: tuple[str, ...]


EQUATIONS: Final = (
    Equation(Check.inflow, "total", ("carried_over", "received")),
    Equation(Check.timely, "early_and_on_time", ("early", "on_time")),
    Equation(Check.resolved, "resolved", ("early", "on_time", "overdue")),
    Equation(Check.in_progress, "in_progress", ("in_progress_in_time", "in_progress_overdue")),
)
# In place of Check.resolved where a block gives early and on time as one figure only.
RESOLVED_TOGETHER: Final = Equation(Check.resolved, "resolved", ("early_and_on_time", "overdue"))
PAUSED: Final = "paused_or_awaiting_supplement"
IN_PROGRESS_PARTS: Final = ("in_progress_in_time", "in_progress_overdue")
PAUSED_COUNTED_TWICE: Final = Bilingual(
    "thừa đúng bằng số tạm dừng hoặc chờ bổ sung: đã nằm trong số đang giải quyết "
    "(paused_inside_in_progress: true)",
    "the surplus is what is paused or awaiting supplement: it is counted in progress already "
    "(paused_inside_in_progress: true)",
)


def check_balance(name: str, block: Block) -> Outcomes:
    """Check the sums of the block ``name``."""
    counts = block.counts()
    for equation in _equations(counts):
        yield from _check_equation(name, equation, counts, block)
    yield from _check_categories(name, block, counts)


def with_derived(counts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Figures, with those added that follow because all of their parts are given."""
    figures = dict(counts)
    for _, whole, parts in _equations(counts):
        if whole not in figures and all(part in figures for part in parts):
            figures[whole] = sum((figures[part] for part in parts), Decimal(0))
    return figures


def expected_categories(block: Block) -> list[str]:
    """The figures of which each dossier is counted in exactly one.

    Paused dossiers are no category of their own where ``in_progress`` includes them.
    """
    counts = block.counts()
    parts_only = "in_progress" not in counts and any(part in counts for part in IN_PROGRESS_PARTS)
    in_progress = IN_PROGRESS_PARTS if parts_only else ("in_progress",)
    paused = () if block.paused_inside_in_progress else (PAUSED,)
    return ["resolved", *in_progress, *paused, "returned", "cancelled_or_withdrawn"]


def _equations(counts: Mapping[str, Decimal]) -> Iterator[Equation]:
    """The equations of a block with these figures."""
    together = "early_and_on_time" in counts and not {"early", "on_time"} <= counts.keys()
    for equation in EQUATIONS:
        yield RESOLVED_TOGETHER if together and equation.check is Check.resolved else equation


def _check_equation(
    name: str, equation: Equation, counts: Mapping[str, Decimal], block: Block
) -> Outcomes:
    """Check one equation; yields nothing if its whole, or all of its parts, are not given."""
    check, whole, parts = equation
    given = {FIGURE_NAMES[part]: counts[part] for part in parts if part in counts}
    missing = [FIGURE_NAMES[part] for part in parts if part not in counts]
    if whole not in counts or not given:
        return
    place = f"{name}.{whole}"
    if missing and sum(given.values()) <= counts[whole]:
        why = phrase("không nêu: {missing}", "not given: {missing}", missing=missing)
        yield Unchecked(place, check, why)
        return
    ways = [given]
    if check is Check.in_progress and block.paused_inside_in_progress and PAUSED in counts:
        ways.append({**given, FIGURE_NAMES[PAUSED]: counts[PAUSED]})
    outcomes = [check_sum(place, check, counts[whole], way) for way in ways]
    yield next((each for each in outcomes if isinstance(each, Holds)), outcomes[0])


def _check_categories(name: str, block: Block, counts: Mapping[str, Decimal]) -> Outcomes:
    """Check that the total is the sum of resolved, returned, cancelled and open dossiers."""
    known, place, categories = with_derived(counts), f"{name}.total", expected_categories(block)
    given = {FIGURE_NAMES[each]: known[each] for each in categories if each in known}
    missing = [FIGURE_NAMES[each] for each in categories if each not in known]
    if "total" not in known or not given:
        return
    rest = known["total"] - sum(given.values())
    if rest > 0 and not _is_complete(known):
        why = phrase(
            "còn {n} hồ sơ; không nêu: {missing}",
            "{n} dossiers remain; not given: {missing}",
            n=rest,
            missing=missing,
        )
        yield Unchecked(place, Check.categories, why)
        return
    outcome = check_sum(place, Check.categories, known["total"], given, missing)
    if isinstance(outcome, Holds):
        names = joined(given, PLUS)
        yield outcome._replace(how=phrase("{how} ({names})", how=outcome.how, names=names))
    elif (
        isinstance(outcome, Finding)
        and given.get(FIGURE_NAMES[PAUSED]) == -rest
        and "in_progress" in known
    ):
        yield outcome._replace(cause=PAUSED_COUNTED_TWICE)
    else:
        yield outcome


def _is_complete(known: Mapping[str, Decimal]) -> bool:
    """Whether a block gives closed and open dossiers. One that does not is only an excerpt."""
    return "resolved" in known and any(
        figure in known for figure in ("in_progress", *IN_PROGRESS_PARTS)
    )

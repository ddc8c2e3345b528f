"""Does a published report hold, all in all?"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hoso.projections.audit.balances import balances
from hoso.projections.audit.beside import Compared, beside, differing
from hoso.projections.audit.findings import Finding, Holds, Outcomes, Unchecked
from hoso.projections.audit.percentages import online_share, percentages
from hoso.projections.audit.published import LoadedTable, Published
from hoso.projections.audit.sums import listed
from hoso.projections.audit.tables import table


class Audit(NamedTuple):
    """What was found of a report, by itself and beside the engine's statement, if that is given."""

    findings: list[Finding]
    holds: list[Holds]
    unchecked: list[Unchecked]
    beside: list[Compared]
    statement: dict[str, Any] | None


def audited(
    published: Published, tables: Sequence[LoadedTable], statement: dict[str, Any] | None = None
) -> Audit:
    """Hold a report against itself, and against its window's statement by channel if given."""
    outcomes = list(_outcomes(published, tables))
    compared = [] if statement is None else list(beside(published, statement))
    found = [each for each in outcomes if isinstance(each, Finding)]
    return Audit(
        findings=[*found, *differing(compared)],
        holds=[each for each in outcomes if isinstance(each, Holds)],
        unchecked=[each for each in outcomes if isinstance(each, Unchecked)],
        beside=compared,
        statement=statement,
    )


def _outcomes(published: Published, tables: Sequence[LoadedTable]) -> Outcomes:
    for name, block in published.blocks.items():
        yield from balances(name, block)
        yield from percentages(name, block)
    yield from online_share(published)
    yield from (listed(published, listing) for listing in published.lists)
    for laid in tables:
        yield from table(laid)

"""Runs every check of an audit on a published report, or on two of consecutive periods."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from hoso.projections.audit.balances import check_balance
from hoso.projections.audit.comparison import FigureComparison, compare, comparison_findings
from hoso.projections.audit.consecutive import check_consecutive
from hoso.projections.audit.findings import Finding, Holds, Note, Outcome, Outcomes, Unchecked
from hoso.projections.audit.form_checks import check_form
from hoso.projections.audit.percentages import check_online_share, check_percentages
from hoso.projections.audit.published import Loaded, LoadedForms, LoadedReport, PublishedReport
from hoso.projections.audit.sums import check_list
from hoso.projections.audit.tables import check_table


class Audit(NamedTuple):
    """The result of an audit: outcomes by kind and, if a statement was given of each report, the
    comparison with it."""

    findings: list[Finding]
    holds: list[Holds]
    notes: list[Note]
    unchecked: list[Unchecked]
    comparisons: list[FigureComparison]
    statements: list[dict[str, Any]]


def audit_report(
    report: PublishedReport,
    tables: Sequence[Loaded],
    statement: dict[str, Any] | None = None,
) -> Audit:
    """Audit a report with its tables.

    ``statement`` is the statement of the report's window by channel; without it the report is only
    checked against itself.
    """
    outcomes = list(_outcomes(report, tables))
    comparisons = [] if statement is None else list(compare(report, statement))
    return Audit(
        findings=[*_of(outcomes, Finding), *comparison_findings(comparisons)],
        holds=_of(outcomes, Holds),
        notes=_of(outcomes, Note),
        unchecked=_of(outcomes, Unchecked),
        comparisons=comparisons,
        statements=[] if statement is None else [statement],
    )


def audit_together(
    earlier: LoadedReport,
    later: LoadedReport,
    statements: Sequence[dict[str, Any] | None] = (None, None),
) -> Audit:
    """Audit two reports of consecutive periods, each by itself and the later against the earlier.

    ``statements`` are those of their windows. The place of each outcome begins with its report.
    """
    both = [
        _named(report.name, audit_report(report.published, report.tables, statement))
        for report, statement in zip((earlier, later), statements, strict=True)
    ]
    together = [*check_consecutive(earlier, later)]
    return Audit(
        findings=[*_of(together, Finding), *(each for one in both for each in one.findings)],
        holds=[*_of(together, Holds), *(each for one in both for each in one.holds)],
        notes=[each for one in both for each in one.notes],
        unchecked=[*_of(together, Unchecked), *(each for one in both for each in one.unchecked)],
        comparisons=[each for one in both for each in one.comparisons],
        statements=[each for one in both for each in one.statements],
    )


Kind = TypeVar("Kind", Finding, Holds, Note, Unchecked)


def _of(outcomes: Sequence[Outcome], kind: type[Kind]) -> list[Kind]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]


def _named(name: str, audit: Audit) -> Audit:
    """An audit whose places begin with the name of the report; those of a form do already."""

    def named(place: str) -> str:
        return place if place.startswith(name) else f"{name}: {place}"

    return Audit(
        findings=[each._replace(place=named(each.place)) for each in audit.findings],
        holds=[each._replace(place=named(each.place)) for each in audit.holds],
        notes=[each._replace(place=named(each.place)) for each in audit.notes],
        unchecked=[each._replace(place=named(each.place)) for each in audit.unchecked],
        comparisons=[each._replace(block=named(each.block)) for each in audit.comparisons],
        statements=audit.statements,
    )


def _outcomes(report: PublishedReport, tables: Sequence[Loaded]) -> Outcomes:
    for name, block in report.blocks.items():
        yield from check_balance(name, block)
        yield from check_percentages(name, block)
    yield from check_online_share(report)
    yield from (check_list(report, item_list) for item_list in report.lists)
    for table in tables:
        if isinstance(table, LoadedForms):
            for form in table.forms:
                yield from check_form(form)
        else:
            yield from check_table(table)

"""Runs every check of an audit on a published report."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hoso.projections.audit.balances import check_balance
from hoso.projections.audit.comparison import FigureComparison, compare, comparison_findings
from hoso.projections.audit.findings import Finding, Holds, Note, Outcomes, Unchecked
from hoso.projections.audit.form_checks import check_form
from hoso.projections.audit.percentages import check_online_share, check_percentages
from hoso.projections.audit.published import Loaded, LoadedForms, PublishedReport
from hoso.projections.audit.sums import check_list
from hoso.projections.audit.tables import check_table


class Audit(NamedTuple):
    """The result of an audit: outcomes by kind and, if a statement was given, the comparison with
    it."""

    findings: list[Finding]
    holds: list[Holds]
    notes: list[Note]
    unchecked: list[Unchecked]
    comparisons: list[FigureComparison]
    statement: dict[str, Any] | None


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
    findings = [outcome for outcome in outcomes if isinstance(outcome, Finding)]
    return Audit(
        findings=[*findings, *comparison_findings(comparisons)],
        holds=[outcome for outcome in outcomes if isinstance(outcome, Holds)],
        notes=[outcome for outcome in outcomes if isinstance(outcome, Note)],
        unchecked=[outcome for outcome in outcomes if isinstance(outcome, Unchecked)],
        comparisons=comparisons,
        statement=statement,
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

"""Runs every check of an audit on a published report, or on two of consecutive periods."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from hoso.projections.audit.balances import check_balance
from hoso.projections.audit.comparison import Call, FigureComparison, compare, comparison_findings
from hoso.projections.audit.filled_forms.checks import check_forms
from hoso.projections.audit.filled_forms.comparison import (
    ComparedForm,
    compare_forms,
    form_findings,
)
from hoso.projections.audit.filled_forms.consecutive import check_consecutive
from hoso.projections.audit.findings import Finding, Holds, Note, Outcome, Outcomes, Unchecked
from hoso.projections.audit.percentages import check_online_share, check_percentages
from hoso.projections.audit.published import Loaded, LoadedForms, LoadedReport, PublishedReport
from hoso.projections.audit.sums import check_list
from hoso.projections.audit.tables import check_table
from hoso.projections.documents.model import Document


class Engine(NamedTuple):
    """What hoso itself makes of the window of a report: the statement by channel, and the forms by
    the names of their reports; and the commands that list the dossiers behind a figure of each."""

    statement: dict[str, Any]
    behind_statement: Call
    forms: Mapping[str, Document]
    behind_form: Call


class Audit(NamedTuple):
    """The result of an audit: outcomes by kind and, where hoso has made its own figures of each
    report, the comparison with them."""

    findings: list[Finding]
    holds: list[Holds]
    notes: list[Note]
    unchecked: list[Unchecked]
    comparisons: list[FigureComparison]
    compared_forms: list[ComparedForm]
    statements: list[dict[str, Any]]


def audit_report(
    report: PublishedReport,
    tables: Sequence[Loaded],
    engine: Engine | None = None,
) -> Audit:
    """Audit a report with its tables. Without ``engine`` it is only checked against itself."""
    outcomes = list(_outcomes(report, tables))
    comparisons: list[FigureComparison] = []
    compared_forms: list[ComparedForm] = []
    if engine is not None:
        comparisons += compare(report, engine.statement)
        outcomes += comparison_findings(comparisons, engine.behind_statement)
        for each in _compared(tables, engine):
            if isinstance(each, Unchecked):
                outcomes.append(each)
            else:
                compared_forms.append(each)
                outcomes += form_findings(each)
    return Audit(
        findings=_of(outcomes, Finding),
        holds=_of(outcomes, Holds),
        notes=_of(outcomes, Note),
        unchecked=_of(outcomes, Unchecked),
        comparisons=comparisons,
        compared_forms=compared_forms,
        statements=[] if engine is None else [engine.statement],
    )


def _compared(tables: Sequence[Loaded], engine: Engine) -> Iterator[ComparedForm | Unchecked]:
    for table in tables:
        if isinstance(table, LoadedForms):
            made = engine.forms[table.forms[0].kind.report]
            yield from compare_forms(table.forms, made, engine.behind_form)


def audit_together(
    earlier: LoadedReport,
    later: LoadedReport,
    engines: Sequence[Engine | None] = (None, None),
) -> Audit:
    """Audit two reports of consecutive periods, each by itself and the later against the earlier.

    ``engines`` have hoso's own figures of their windows. The place of each outcome begins with its
    report.
    """
    both = [
        _named(report.name, audit_report(report.published, report.tables, engine))
        for report, engine in zip((earlier, later), engines, strict=True)
    ]
    together = [*check_consecutive(earlier, later)]
    return Audit(
        findings=[*_of(together, Finding), *(each for one in both for each in one.findings)],
        holds=[*_of(together, Holds), *(each for one in both for each in one.holds)],
        notes=[each for one in both for each in one.notes],
        unchecked=[*_of(together, Unchecked), *(each for one in both for each in one.unchecked)],
        comparisons=[each for one in both for each in one.comparisons],
        compared_forms=[each for one in both for each in one.compared_forms],
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
        compared_forms=audit.compared_forms,
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
            yield from check_forms(table.forms)
        else:
            yield from check_table(table)

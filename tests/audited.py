"""Helpers to audit a report that a test makes up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hoso.projections.audit.checks import Audit, audit_report
from hoso.projections.audit.findings import Check, Finding, Holds, Note, Outcome, Unchecked
from hoso.projections.audit.published import LoadedTable, PublishedReport, TableRow

Json = dict[str, Any]
Cells = Sequence[float | str | None]


def exact(said: Any) -> Any:
    """A document with exact decimals in place of floats."""
    if isinstance(said, dict):
        return {name: exact(value) for name, value in said.items()}
    if isinstance(said, list):
        return [exact(value) for value in said]
    return Decimal(str(said)) if isinstance(said, float) else said


def report(**said: Any) -> PublishedReport:
    """A published report with these keys."""
    return PublishedReport.model_validate(exact(said))


def audit(*tables: LoadedTable, **said: Any) -> Audit:
    """The audit of a report."""
    return audit_report(report(**said), tables)


def block(**figures: Any) -> Audit:
    """The audit of a report of one block, ``b``."""
    return audit(blocks={"b": figures})


def findings(of: Audit, check: Check) -> list[Finding]:
    """The findings of one check."""
    return [found for found in of.findings if found.check is check]


def held(of: Audit, check: Check) -> list[Holds]:
    """What holds of one check."""
    return [found for found in of.holds if found.check is check]


def unchecked(of: Audit, check: Check) -> list[Unchecked]:
    """What cannot be checked of one check."""
    return [found for found in of.unchecked if found.check is check]


def english(said: Outcome) -> str:
    """The English text of an outcome."""
    if isinstance(said, Finding):
        return said.cause.en
    return said.how.en if isinstance(said, Holds | Note) else said.why.en


def numbers(found: Finding) -> tuple[str | None, str, str | None]:
    """What was claimed, what follows, and the difference."""
    difference = None if found.difference is None else f"{found.difference:f}"
    claimed = None if found.claimed is None else f"{found.claimed:f}"
    return claimed, f"{found.follows:f}", difference


def rows(columns: Sequence[str], cells: Sequence[Cells]) -> list[TableRow]:
    """Rows named A, B, C …"""
    return [
        TableRow(
            chr(ord("A") + place),
            {n: None if c is None else Decimal(str(c)) for n, c in zip(columns, row, strict=True)},
        )
        for place, row in enumerate(cells)
    ]

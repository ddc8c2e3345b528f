"""The command that checks a report which somebody published: audit."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_rejects

if TYPE_CHECKING:
    from datetime import datetime

    from hoso.domain.policy import Policy
    from hoso.projections.audit.published import PublishedReport
    from hoso.tools.sources.source import Source


class Stated(NamedTuple):
    """A statement by channel, and the lines of its source that were left out as rejects."""

    document: dict[str, Any] | None
    rejects: list[str]


def audit(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The published figures: a .yaml file, as docs/REPORTS.md shows, or a form 07a, "
            "07b, 07c or II.06a as .xlsx or .csv.",
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            rich_help_panel=options.HISTORY,
            help="Compare the report with the statement of its window, from these events: a file "
            "of JSON lines (- is standard input), a store, or an archive's folder.",
        ),
    ] = None,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
    cache: options.CacheOption = True,
) -> None:
    """Check the sums and percentages of a published report, and name likely causes of errors."""
    policy = options.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = None if as_of is None else options.instant(as_of)
    if source is None and (known is not None or policy != type(policy)()):
        raise UserError("--as-of and the rules: are for --source; name the events they apply to")
    target = output.target(out, paper)
    from hoso.projections.audit.checks import audit_report
    from hoso.projections.audit.document import document
    from hoso.tools.inputs import published

    report, tables = published.read(name)
    stated = Stated(None, [])
    if source is not None:
        history = options.opened([source], skip_rejects=skip_rejects, cache=cache)
        stated = _stated(name, report, history, known, policy)
    found = audit_report(report, tables, stated.document)
    output.put(document(report, found), language.value, *target)
    report_rejects(stated.rejects)
    if found.findings:
        raise typer.Exit(1)


def _stated(
    name: str,
    report: "PublishedReport",
    history: "Source",
    known: "datetime | None",
    policy: "Policy",
) -> Stated:
    """The statement of a report's window, by channel."""
    if report.window is None:
        raise UserError(f"{name}: gives no window to state; write window: {{from: …, to: …}}")
    from hoso.projections.ledger.statement import statement_from
    from hoso.tools.runtime import environment

    office = environment.office(policy)
    [sheets] = history.balances([office], known, ["channel"])
    return Stated(statement_from(sheets, report.window), history.rejects)

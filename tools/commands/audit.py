"""The command that checks reports which somebody published: audit."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_rejects

if TYPE_CHECKING:
    from datetime import datetime

    from hoso.domain.policy import Policy
    from hoso.domain.windows import Window
    from hoso.projections.audit.published import LoadedReport
    from hoso.tools.sources.source import Source


class Stated(NamedTuple):
    """A statement by channel, and the lines of its source that were left out as rejects."""

    document: dict[str, Any] | None
    rejects: list[str]


def audit(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE [LATER]",
            help="The published figures: a .yaml file, as docs/REPORTS.md shows, or a form 07a, "
            "07b, 07c or II.06a as .xlsx or .csv. Two files: two consecutive periods, the earlier "
            "first.",
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
    from hoso.projections.audit.checks import audit_report, audit_together
    from hoso.projections.audit.document import document

    reports = _read(names)
    stated = [Stated(None, [])] * len(reports)
    if source is not None:
        history = options.opened([source], skip_rejects=skip_rejects, cache=cache)
        stated = [_stated(each, history, known, policy) for each in reports]
    statements = [each.document for each in stated]
    if len(reports) == 1:
        found = audit_report(reports[0].published, reports[0].tables, statements[0])
    else:
        found = audit_together(reports[0], reports[1], statements)
    output.put(document(reports, found), language.value, *target)
    report_rejects(stated[0].rejects)
    if found.findings:
        raise typer.Exit(1)


def _read(names: list[str]) -> "list[LoadedReport]":
    """One report, or two of consecutive periods. Raises ``UserError`` for any others."""
    if len(names) > 2:
        raise UserError(f"{len(names)} files are too many: give one, or two consecutive periods")
    from hoso.projections.audit.consecutive import are_consecutive
    from hoso.tools.inputs import published

    are_alike = len({PurePath(name).name for name in names}) < len(names)
    reports = [published.read(name, name if are_alike else None) for name in names]
    windows = [each.published.window for each in reports]
    if len(reports) == 2 and not are_consecutive(*windows):
        first, second = (
            f"{name} is of {_days(window)}" for name, window in zip(names, windows, strict=True)
        )
        raise UserError(
            f"{first}, {second}: not consecutive; give first the report of the period that ends on "
            "the day before the other begins"
        )
    return reports


def _days(window: "Window | None") -> str:
    return "" if window is None else f"{window.first} to {window.last}"


def _stated(
    report: "LoadedReport",
    history: "Source",
    known: "datetime | None",
    policy: "Policy",
) -> Stated:
    """The statement of a report's window, by channel."""
    window = report.published.window
    if window is None:
        raise UserError(
            f"{report.name}: gives no window to state; write window: {{from: …, to: …}}"
        )
    from hoso.projections.ledger.statement import statement_from
    from hoso.tools.runtime import environment

    office = environment.office(policy)
    [sheets] = history.balances([office], known, ["channel"])
    return Stated(statement_from(sheets, window), history.rejects)

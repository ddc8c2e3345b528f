"""The command that lists the reports that are due next: windows."""

from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.inputs import questions


def windows(
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="List the reports that are due within a year from this day: 2026-12-15 or "
            "15/12/2026. Default: today.",
        ),
    ] = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """List which reports are due next, from when to when, by when and by which circular."""
    target = output.target(out, paper)
    from hoso.domain.reporting import next_reports
    from hoso.projections.documents import windows
    from hoso.tools.runtime.calendar import calendar

    day = questions.day_or_today("--on", on)
    document = windows.document(next_reports(day), day, calendar().days)
    output.put(document, language.value, *target)

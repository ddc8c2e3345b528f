"""The command that lists the reports that are due next: windows."""

from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options

if TYPE_CHECKING:
    from datetime import date


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

    day = _day(on)
    document = windows.document(next_reports(day), day, calendar().days)
    output.put(document, language.value, *target)


def _day(text: str | None) -> "date":
    """The day that --on names, or today at the office. Raises ``UserError``."""
    from hoso.domain.calendar import local_date
    from hoso.domain.windows import parse_day, window
    from hoso.tools.runtime import environment

    if text is None:
        return local_date(environment.now(), environment.zone())
    try:
        day = parse_day(text)
        return window(day, day).first
    except ValueError as error:
        raise UserError(f"--on: {error}") from None

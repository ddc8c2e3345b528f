"""The command that lists what falls due: due."""

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.domain.windows import Window, named_window
from hoso.tools import output
from hoso.tools.commands import engines, options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.output import Paper, files

CALENDAR: Final = ".ics"


class DueFormat(StrEnum):
    """How the list is shown: on a paper, or as a calendar."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    docx = "docx"
    arrow = "arrow"
    ics = "ics"


def due(
    within: Annotated[
        int,
        typer.Option(
            "--within",
            metavar="DAYS",
            min=0,
            max=questions.MOST_WITHIN,
            help="List the dossiers that become overdue within so many working days, if nobody "
            "acts. Those that are overdue already are listed, too.",
            rich_help_panel=options.WINDOW,
        ),
    ] = questions.WITHIN,
    backtest: Annotated[
        str | None,
        typer.Option(
            "--backtest",
            metavar="WINDOW",
            help="Compare what was said to fall due on each day of a window with what became of "
            "it, each day as known at its end: 2023-Q1, or as --window of hoso statement.",
            rich_help_panel=options.WINDOW,
        ),
    ] = None,
    source: options.SourceOption = None,
    by: options.ByOption = "",
    only: options.SliceOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    under: options.UnderOption = None,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    engine: options.EngineOption = options.Engine.local,
    master: options.MasterOption = None,
    form: Annotated[
        DueFormat | None,
        typer.Option(
            "--format",
            help="How the output looks. Default: a table, or as the ending of --out says.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The file to write; its ending says how: .txt .json .csv .xlsx .html .docx "
            ".arrow, or .ics, a calendar to subscribe to, with an entry for each day.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """List what is overdue and what falls due, and what each dossier waits for."""
    target = _target(out, form)
    span = None if backtest is None else _window(backtest, target)
    slices, chosen = questions.dimensions(by), questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = None if as_of is None else questions.instant(as_of)
    from hoso.domain.calendar import day_number, local_date
    from hoso.projections.ledger.backtest import Backtest
    from hoso.projections.ledger.register import Moment
    from hoso.tools.inputs import agencies
    from hoso.tools.jobs import due
    from hoso.tools.output import icalendar
    from hoso.tools.runtime import environment

    office, now = environment.office(policy), environment.now()
    day, today = (local_date(each, office.zone) for each in (known or now, now))
    shown_on = day if roll_up is questions.RollUp.then else today
    meant = agencies.within(chosen, registry, under, shown_on)
    question = due.Question(within, slices, meant)
    cluster = engines.cluster(engine, master)
    history = histories.opened(source, skip_rejects=skip_rejects, map_buckets=cluster)
    moment = Moment(known, day_number(day))
    if span is not None and target is not None:
        asked = Backtest(span, within, moment.day, tuple(slices), meant)
        output.put(due.backtested(history, office, known, asked), language.value, *target)
    elif target is None:
        calendar = due.calendar(history, office, moment, question)
        entries = icalendar.printed(
            calendar, language.value, due.scope(history, question), known or now
        )
        with files.whole(files.STANDARD_OUTPUT if out is None else out) as file:
            file.writelines(entries)
    else:
        ask = histories.for_same_history(source, as_of, skip_rejects=skip_rejects, policy=policy)
        document = due.due(history, office, moment, question, ask=ask)
        output.put(document, language.value, *target)
    engines.report_cluster(cluster)
    report_source(history)


def _target(out: str | None, form: DueFormat | None) -> output.Target | None:
    """Where the list goes as a paper; ``None``: it is shown as a calendar."""
    if _is_calendar(out, form):
        return None
    return output.target(out, _paper(form), beside=(CALENDAR,))


def _is_calendar(out: str | None, form: DueFormat | None) -> bool:
    """Whether the list is shown as a calendar."""
    if form is None:
        return out is not None and PurePath(out).suffix.lower() == CALENDAR
    return form is DueFormat.ics


def _window(name: str, target: output.Target | None) -> Window:
    """The window of a backtest. Raises ``UserError`` for a name of none, and for a calendar."""
    if target is None:
        raise UserError("--backtest: is no calendar of coming days: take another --format")
    try:
        return named_window(name)
    except ValueError as error:
        raise UserError(f"--backtest: {error}") from None


def _paper(form: DueFormat | None) -> Paper | None:
    return None if form is None else Paper(form)

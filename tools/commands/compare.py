"""The command that sets two windows, as-of instants, laws or bodies side by side: compare."""

from typing import Annotated, Final

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories

AGAINST: Final = "Compared with"


def compare(
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    against_first: Annotated[
        str | None,
        typer.Option(
            "--against-from",
            metavar="DAY",
            help="The first day of the other window.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_last: Annotated[
        str | None,
        typer.Option(
            "--against-to",
            metavar="DAY",
            help="The last day of the other window.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_window: Annotated[
        str | None,
        typer.Option(
            "--against-window",
            metavar="WINDOW",
            help="The other window, by its name.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_as_of: Annotated[
        str | None,
        typer.Option(
            "--against-as-of",
            metavar="INSTANT",
            help="What had been recorded by then.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_law: Annotated[
        str | None,
        typer.Option(
            "--against-law",
            metavar="LAW",
            help="Another law, as --law takes it.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_law_as_of: Annotated[
        str | None,
        typer.Option(
            "--against-law-as-of",
            metavar="DAY",
            help="The law and the days off as published by this day.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_pin: Annotated[
        list[str] | None,
        typer.Option(
            "--against-pin",
            metavar="PARAMETER=VALUE",
            help="Another value of a parameter of the rules.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_only: Annotated[
        list[str] | None,
        typer.Option(
            "--against-slice",
            metavar="DIMENSION=VALUE",
            help="Other dossiers: in place of --slice and --under.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    against_under: Annotated[
        str | None,
        typer.Option(
            "--against-under",
            metavar="CODE",
            help="Another body: in place of --under and --slice.",
            rich_help_panel=AGAINST,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE,…",
            help="List the dossiers that this figure counts on one side only: resolved.overdue …",
        ),
    ] = None,
    by: options.ByOption = "",
    only: options.SliceOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    under: options.UnderOption = None,
    attribution: options.AttributionOption = questions.Attribution.held,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    pin: options.PinOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Compare two windows, as-of instants, laws or bodies, figure by figure, down to dossiers.

    Side A is what the options say. Side B is the same, but for what --against-… says.
    """
    target, slices = output.target(out, paper), questions.dimensions(by)
    from hoso.tools.jobs import sides
    from hoso.tools.jobs.compare import compared
    from hoso.tools.jobs.statement import agencies_in

    texts = sides.SideTexts
    own = texts(
        first, last, window, as_of, law, law_as_of, (*(pin or ()),), (*(only or ()),), under
    )
    against = texts(
        against_first,
        against_last,
        against_window,
        against_as_of,
        against_law,
        against_law_as_of,
        (*(against_pin or ()),),
        (*(against_only or ()),),
        against_under,
    )
    figures = [] if account is None else sides.compared_figures(account)
    both = sides.two_sides(own, against, agencies_in(registry, roll_up))
    history = histories.opened(source, skip_rejects=skip_rejects)
    ask = histories.for_same_history(
        source,
        None,
        skip_rejects=skip_rejects,
        registry=registry,
        roll_up=roll_up,
        attribution=attribution,
    )
    document = compared(history, both, figures, slices, attribution.value, ask)
    output.put(document, language.value, *target)
    report_source(history)

"""The command that states one window as it was known at several instants: vintages."""

from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories


def vintages(
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    as_of: Annotated[
        list[str] | None,
        typer.Option(
            "--as-of",
            metavar="INSTANT",
            help="An instant at which the figures were known: 2023-03-20T17:00:00+07:00, or a day, "
            "for the end of it. Given several times. Default: every month end since the window "
            "began, and today.",
            rich_help_panel=options.HISTORY,
        ),
    ] = None,
    by: options.ByOption = "",
    only: options.SliceOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    under: options.UnderOption = None,
    attribution: options.AttributionOption = questions.Attribution.held,
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
) -> None:
    """State one window as it was known at several instants, and how much its figures were revised.

    As CSV: a line for each vintage and figure.
    """
    target, span = output.target(out, paper), questions.window(first, last, window)
    slices, chosen = questions.dimensions(by), questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = [questions.instant(text) for text in as_of or []]
    from hoso.tools.jobs import statement, vintages
    from hoso.tools.runtime import environment

    office, agencies = environment.office(policy), statement.agencies_in(registry, roll_up)
    asked = statement.Asked(None, slices, attribution, chosen, under, agencies)
    history = histories.opened(source, skip_rejects=skip_rejects)
    ask = histories.for_same_history(
        *(source, None),
        skip_rejects=skip_rejects,
        registry=registry,
        roll_up=roll_up,
        attribution=attribution,
    )
    instants = known or vintages.month_ends(history, span, office.zone, environment.now())
    document = vintages.vintages(history, asked, office, span, instants, ask=ask)
    output.put(document, language.value, *target)
    report_source(history)

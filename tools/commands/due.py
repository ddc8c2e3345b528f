"""The command that lists what falls due: due."""

from typing import Annotated, Final

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories

WITHIN: Final = 5  # working days: a week
MOST_WITHIN: Final = 250  # working days: a year


def due(
    within: Annotated[
        int,
        typer.Option(
            "--within",
            metavar="DAYS",
            min=0,
            max=MOST_WITHIN,
            help="List the dossiers that become overdue within so many working days, if nobody "
            "acts. Those that are overdue already are listed, too.",
            rich_help_panel=options.WINDOW,
        ),
    ] = WITHIN,
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
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """List what is overdue and what falls due, and what each dossier waits for."""
    target = output.target(out, paper)
    slices, chosen = questions.dimensions(by), questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = None if as_of is None else questions.instant(as_of)
    from hoso.domain.calendar import day_number, local_date
    from hoso.projections.ledger.register import Moment
    from hoso.tools.inputs import agencies
    from hoso.tools.jobs import due
    from hoso.tools.runtime import environment

    office = environment.office(policy)
    today = local_date(environment.now(), office.zone)
    day = today if known is None else local_date(known, office.zone)
    shown_on = day if roll_up is questions.RollUp.then else today
    question = due.Question(within, slices, agencies.within(chosen, registry, under, shown_on))
    history = histories.opened(source, skip_rejects=skip_rejects)
    ask = histories.for_same_history(source, as_of, skip_rejects=skip_rejects, policy=policy)
    moment = Moment(known, day_number(day))
    document = due.due(history, office, moment, question, ask=ask)
    output.put(document, language.value, *target)
    report_source(history)

"""The command for integrity: patterns that make figures better than the work was."""

from functools import partial
from typing import Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import engines, options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories


def integrity(
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            "--check",
            metavar="NAME",
            help="List the dossiers that this check saw. Given several times: these checks.",
            rich_help_panel=options.CHECKS,
        ),
    ] = None,
    profile: options.CheckProfileOption = None,
    procedures: options.CatalogueOption = None,
    planted: Annotated[
        str | None,
        typer.Option(
            "--planted",
            metavar="FILE",
            help="Instead, measure how good each check is: its recall and precision against the "
            "faults that hoso simulate --planted wrote into this file.",
            rich_help_panel=options.CHECKS,
        ),
    ] = None,
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
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Find patterns that make figures better than the work was, with the dossiers that show them.

    No check accuses anybody: each says what it saw, and which innocent causes that may have.
    """
    target = output.target(out, paper)
    span, chosen = questions.window(first, last, window), questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    from hoso.tools.inputs.allowances import allowances
    from hoso.tools.inputs.checks import check_named, checks_by

    names, checks = [check_named(name) for name in check or []], checks_by(profile)
    catalogue = None if procedures is None else allowances(procedures)
    if planted is not None and (chosen or under):
        raise UserError("--planted: measures all dossiers; leave --slice and --under out")
    from hoso.domain.agencies import roll_up_day
    from hoso.projections.integrity.parts import question_of
    from hoso.tools.inputs import agencies
    from hoso.tools.runtime import environment

    known, office = None if as_of is None else questions.instant(as_of), environment.office(policy)
    day = roll_up_day(roll_up.value, span, office.last_day(known))
    meant = agencies.within(chosen, registry, under, day)
    cluster = engines.cluster(engine, master)
    history = histories.opened(source, skip_rejects=skip_rejects, map_buckets=cluster)
    question = question_of(office, known, span, checks, meant, catalogue)
    same = partial(
        histories.for_same_history, source, as_of, skip_rejects=skip_rejects, policy=policy
    )
    from hoso.tools.jobs import integrity

    if planted is not None:
        from hoso.tools.jobs.planted import measurement

        document = measurement(integrity.found(history, question, names), planted)
    elif target.paper is output.Paper.json or (target.paper is output.Paper.csv and not names):
        document = integrity.for_programs(history, question, names)
    elif names:
        ask = (*same(), *histories.for_same_checks(profile, procedures))
        document = integrity.listing(history, question, names, ask)
    else:
        from hoso.tools.jobs.integrity_overview import Asked, overview

        shown, ask = agencies.registry(registry), same(registry=registry, roll_up=roll_up)
        asked = Asked(shown, roll_up.value, ask, histories.for_same_checks(profile, procedures))
        document = overview(history, question, asked)
    output.put(document, language.value, *target)
    engines.report_cluster(cluster)
    report_source(history)

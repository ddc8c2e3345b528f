"""The commands for figures and what they consist of: statement, dossiers, explain, register."""

from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import engines, options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.output.files import STANDARD_OUTPUT
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hoso.domain.office import Office
    from hoso.domain.policy import Policy


def statement(
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowsOption = None,
    windows: options.WindowsFileOption = None,
    by: options.ByOption = "",
    only: options.SliceOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    under: options.UnderOption = None,
    attribution: options.AttributionOption = questions.Attribution.held,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    policies: options.PoliciesOption = None,
    engine: options.EngineOption = options.Engine.local,
    master: options.MasterOption = None,
    against: options.AgainstOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
    cache: options.CacheOption = True,
) -> None:
    """State a window: carried over, received, resolved, returned, cancelled, carried forward.

    Several windows, or several sets of rules, give one long table.
    """
    target = output.target(out, paper)
    spans, slices = questions.windows(first, last, window or [], windows), questions.dimensions(by)
    chosen = questions.slices(only or [])
    given = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    judged_by = questions.policies(given, policies)
    known, offices = _basis(as_of, judged_by)
    from hoso.tools.jobs import statement

    agencies = statement.agencies_in(registry, roll_up)
    asked = statement.Asked(known, slices, attribution, chosen, under, agencies)
    cluster = engines.cluster(engine, master)
    history = histories.opened(source, skip_rejects=skip_rejects, cache=cache, map_buckets=cluster)
    stated = statement.statements(history, asked, offices, spans)
    single = windows is None and policies is None and len(spans) == 1
    ask = histories.for_same_history(
        *(source, as_of),
        skip_rejects=skip_rejects,
        registry=registry,
        roll_up=roll_up,
        attribution=attribution,
    )
    if against is None:
        document = statement.document(stated, asked, single=single, ask=ask)
    elif single:
        from hoso.tools.jobs.against import Basis, Former

        digest = agencies.registry.digest if registry else None
        basis = Basis(attribution.value, roll_up.value, digest)
        former = Former.read(against, spans[0], chosen, under, basis)
        document = former.beside_statement(statement.whole(stated[0]), asked, ask)
    else:
        raise UserError("--against: takes one window and one set of rules")
    output.put(document, language.value, *target)
    engines.report_cluster(cluster, engines.SELECTED if chosen or under else engines.KEPT)
    report_source(history)


def dossiers(
    account: Annotated[
        str,
        typer.Option(
            metavar="FIGURE,…",
            help="The figure: resolved.overdue, in_progress, received, carried_over … Or suspense, "
            "for events that do not apply; or a measure of quality: synced, paid.online …",
        ),
    ],
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    by: options.ByOption = "",
    only: options.SliceOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    under: options.UnderOption = None,
    attribution: options.AttributionOption = questions.Attribution.held,
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
    """List the dossiers behind one figure of a statement, or the events in suspense."""
    target = output.target(out, paper)
    span, slices = questions.window(first, last, window), questions.dimensions(by)
    chosen = questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known, [office] = _basis(as_of, [policy])
    from hoso.tools.jobs import dossiers, statement

    figures = [name.strip() for name in account.split(",")]
    dossiers.kind_of(figures)
    agencies = statement.agencies_in(registry, roll_up)
    asked = statement.Asked(known, slices, attribution, chosen, under, agencies)
    asked.selected(span, office)
    history = histories.opened(source, skip_rejects=skip_rejects)
    ask = histories.for_same_history(source, as_of, skip_rejects=skip_rejects, policy=policy)
    listed = dossiers.listed(history, office, asked, span, figures)
    output.put(listed.document(ask), language.value, *target)
    report_source(history)


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier's code (mã hồ sơ).")],
    source: options.SourceOption = None,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    profile: options.CheckProfileOption = None,
    procedures: options.CatalogueOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Tell one dossier's life: each event, what it did to clock and account, and by which rule.

    Events at which a check of integrity sees something are marked.
    """
    target = output.target(out, paper)
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known, [office] = _basis(as_of, [policy])
    history = histories.opened(source, skip_rejects=skip_rejects)
    from hoso.tools.inputs.checks import checks_by
    from hoso.tools.jobs import dossiers
    from hoso.tools.runtime import environment

    checks = checks_by(profile)
    catalogue = None
    if procedures is not None:
        from hoso.tools.inputs.allowances import allowances

        catalogue = allowances(procedures)
    life = dossiers.life_of(history, office, known, code, environment.now(), checks, catalogue)
    output.put(life.document(), language.value, *target)
    report_source(history)


def register(
    source: options.SourceOption = None,
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
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The file to write; its ending says how it looks: .parquet .csv .json .txt "
            ".xlsx .html .arrow.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    language: options.LanguageOption = options.Language.vi,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Write a file with a row for each dossier, as it stands at the end of the day of --as-of."""
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known, [office] = _basis(as_of, [policy])
    cluster = engines.cluster(engine, master)
    history = histories.opened(source, skip_rejects=skip_rejects, map_buckets=cluster)
    ask = histories.for_same_history(source, as_of, skip_rejects=skip_rejects, policy=policy)
    from hoso.domain.calendar import date_of
    from hoso.projections.ledger.register import Moment
    from hoso.tools.jobs import register

    moment = Moment(known, _day(office, known))
    rows = register.register(
        out, history, office, moment, paper=paper, language=language.value, ask=ask
    )
    if out not in (None, STANDARD_OUTPUT):
        say(f"{out}: {rows:,} dossiers at the end of {date_of(moment.day)}")
    engines.report_cluster(cluster)
    report_source(history)


def _basis(
    as_of: str | None, policies: "Sequence[Policy]"
) -> tuple["datetime | None", "list[Office]"]:
    """As of when events are known, and the offices that judge them."""
    known = None if as_of is None else questions.instant(as_of)
    from hoso.tools.runtime import environment

    return known, [environment.office(policy) for policy in policies]


def _day(office: "Office", known: "datetime | None") -> int:
    """The number of the local day of an instant, or of today."""
    from hoso.domain.calendar import day_number, local_date
    from hoso.tools.runtime import environment

    return day_number(local_date(known or environment.now(), office.zone))

"""The command that makes the reports which an office files: report."""

from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import engines, options, report_options
from hoso.tools.commands.found import report_source
from hoso.tools.commands.report_options import REPORT, Each, Mode, Name
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.output.files import STANDARD_OUTPUT
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hoso.projections.documents.model import Document
    from hoso.tools.output.folder import Set


def report(
    name: Annotated[
        Name,
        typer.Argument(
            metavar="REPORT",
            help="form (the one in force at the end of the window), or a form by name: ii06a, "
            "form07a, form07b, form07c; quarterly or annual (evaluations), index766, "
            "scorecard, integrity (what only looks on time), summary; reconciliation of these; or "
            "all of them, into a folder.",
        ),
    ],
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    registry: options.RegistryOption = None,
    under: options.UnderOption = None,
    only: options.SliceOption = None,
    each: report_options.EachOption = None,
    body: report_options.BodyOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    inputs: report_options.InputsOption = None,
    procedures: report_options.ProceduresOption = None,
    office_file: report_options.OfficeOption = None,
    folding: report_options.FoldingOption = "default",
    index_profile: report_options.IndexProfileOption = "national",
    scorecard_profile: report_options.ScorecardProfileOption = "tt01-2018",
    integrity_profile: report_options.IntegrityProfileOption = None,
    officials: report_options.OfficialsOption = False,
    held: Annotated[
        int,
        typer.Option(
            "--dossiers",
            min=0,
            max=2_000,
            metavar="NUMBER",
            help="For a page (.html) of one report: it holds the dossiers behind each figure that "
            "has at most so many of them. 0: none.",
            rich_help_panel=REPORT,
        ),
    ] = 200,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    engine: options.EngineOption = options.Engine.local,
    master: options.MasterOption = None,
    against: options.AgainstOption = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The file to write; its ending chooses the format. For all reports: a folder.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    paper: options.PaperOption = None,
    language: options.LanguageOption = options.Language.vi,
    decimals: report_options.DecimalsOption = 2,
    rounding: report_options.RoundingOption = Mode.half_up,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Make the reports that an office files: forms, evaluations, the index and others."""
    span = questions.window(first, last, window)
    to_folder = name is Name.all or each is not None
    target = _folder(out, paper) if to_folder else output.target(out, paper)
    slices = questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    from hoso.domain.agencies import roll_up_day
    from hoso.projections.documents.model import Rounding
    from hoso.projections.reports.basis.scope import Scope
    from hoso.tools.inputs import agencies, profiles
    from hoso.tools.inputs.allowances import allowances_if_any
    from hoso.tools.inputs.checks import checks_by
    from hoso.tools.inputs.office import office_profile
    from hoso.tools.jobs import report
    from hoso.tools.runtime import environment

    cluster = engines.cluster(engine, master)
    history = histories.opened(source, skip_rejects=skip_rejects, map_buckets=cluster)
    if as_of is None:  # the instant to which calls are pinned
        known = history.known_at(environment.now())
        as_of = None if known is None else known.isoformat()
    else:
        known = questions.instant(as_of)
    office = environment.office(policy)
    known_agencies = agencies.registry(registry)
    day = roll_up_day(roll_up.value, span, office.last_day(known))
    agencies.check_bodies(known_agencies.on(day), registry, under, slices.get("agency", ()))
    ask = histories.for_same_history(
        source,
        as_of,
        skip_rejects=skip_rejects,
        policy=policy,
        registry=registry,
        roll_up=roll_up,
        attribution=questions.Attribution.final,  # as in periods
    )
    allowances = allowances_if_any(procedures)
    given = report.ReportSettings(
        known_agencies,
        profiles.entered(inputs),
        profiles.procedures(procedures),
        profiles.fold_by(folding),
        profiles.index_by(index_profile),
        profiles.scorecard_by(scorecard_profile),
        officials,
        roll_up.value,
        Scope(slices, under),
        ask,
        Rounding(decimals, rounding.value),
        output.MOST_ROWS.get(
            target.paper if isinstance(target, output.Target) else output.Paper.html
        ),
        office_profile(office_file, (*report.KINDS, "reconciliation")),
        held if isinstance(target, output.Target) and target.paper is output.Paper.html else 0,
        checks=checks_by(integrity_profile),
        allowances=allowances,
        check_options=histories.for_same_checks(
            integrity_profile, procedures if allowances else None
        ),
    )
    whose = body or report.whose_form(known_agencies, under, of_each=each is not None)
    names = report.asked_reports(name, span, whose)
    asked = names, history, office, known, span, given
    former = None
    if against is not None:
        from hoso.tools.jobs.against import Basis, Former

        digest = known_agencies.digest if registry else None
        basis = Basis(questions.Attribution.final.value, roll_up.value, digest, folding)
        former = Former.read(against, span, slices, under, basis)
    if each is None:
        made = report.reports(*asked)
        _put(former.beside_each(made) if former else made, target, language)
    else:
        level = None if each is Each.agency else each.value
        sets = report.reports_of_bodies(*asked, level)
        _put_bodies(former.beside_sets(sets) if former else sets, str(target), language)
    engines.report_cluster(cluster)
    report_source(history)


def _folder(out: str | None, paper: output.Paper | None) -> str:
    """The folder that all reports go to. Raises ``UserError``."""
    if out is None or out == STANDARD_OUTPUT:
        raise UserError("--out: name a folder, for the reports go there")
    if paper is not None:
        raise UserError("--format: the reports go on every paper; leave it out")
    return out


def _put(
    made: "Iterator[Document]", target: output.Target | str, language: options.Language
) -> None:
    if isinstance(target, output.Target):
        *_, last = made  # the reconciliation comes after all that it reconciles
        output.put(last, language.value, *target)
        return
    from hoso.tools.output.folder import put_all

    for file in put_all(made, language.value, target):
        say(file)


def _put_bodies(sets: "Iterator[Set]", folder: str, language: options.Language) -> None:
    from hoso.tools.output.folder import put_sets

    for file in put_sets(sets, language.value, folder):
        say(file)

"""The command that makes the reports which an office files: report."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.output.files import STANDARD_OUTPUT
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hoso.domain.agencies import AgencyRegistry
    from hoso.domain.windows import Window
    from hoso.projections.documents.model import Document
    from hoso.tools.output.folder import Set


REPORT: Final = "Report"


class Name(StrEnum):
    """The reports, the form that is in force, or all of them."""

    form = "form"
    ii06a = "ii06a"
    form07a = "form07a"
    form07b = "form07b"
    form07c = "form07c"
    quarterly = "quarterly"
    annual = "annual"
    index766 = "index766"
    scorecard = "scorecard"
    integrity = "integrity"
    summary = "summary"
    reconciliation = "reconciliation"
    all = "all"


class KindOfBody(StrEnum):
    """Whose form it is."""

    unit = "unit"
    province = "province"
    ministry = "ministry"


class Each(StrEnum):
    """The bodies that have a set of reports each."""

    agency = "agency"
    province = "province"
    district = "district"
    commune = "commune"


class Mode(StrEnum):
    """How percentages and points are rounded."""

    half_up = "half_up"
    truncate = "truncate"


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
    each: Annotated[
        Each | None,
        typer.Option(
            "--each",
            help="The reports of each body, or of each of one level, into a folder of its own.",
            rich_help_panel=options.WINDOW,
        ),
    ] = None,
    body: Annotated[
        KindOfBody | None,
        typer.Option(
            "--body",
            help="For form and all: whose form it is. A unit resolves dossiers itself. Default: a "
            "province; a unit with --each, and with --under a body below the top.",
            rich_help_panel=REPORT,
        ),
    ] = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs",
            metavar="FILE",
            help="What people enter beside the events: a .yaml or a CSV file (docs/REPORTS.md).",
            rich_help_panel=REPORT,
        ),
    ] = None,
    procedures: Annotated[
        str | None,
        typer.Option(
            "--procedures",
            metavar="FILE",
            help="The catalogue of procedures: a CSV file, procedure,online,payable[,agency].",
            rich_help_panel=REPORT,
        ),
    ] = None,
    office_file: Annotated[
        str | None,
        typer.Option(
            "--office",
            metavar="FILE",
            help="Who issues the report: letterhead, signatory and recipients, office.yaml "
            "(docs/REPORTS.md). Letters, pages and spreadsheets have them.",
            rich_help_panel=REPORT,
        ),
    ] = None,
    folding: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How accounts become columns of the forms: default, lenient, extended (with the "
            "columns that offices add), or a .yaml file.",
            rich_help_panel=REPORT,
        ),
    ] = "default",
    index_profile: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the index is scored: national (as the portal in 2026), portal-2024, local, "
            "or a .yaml file.",
            rich_help_panel=REPORT,
        ),
    ] = "national",
    scorecard_profile: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the scorecard is scored: tt01-2018, provincial, or a .yaml file.",
            rich_help_panel=REPORT,
        ),
    ] = "tt01-2018",
    integrity_profile: Annotated[
        str | None,
        typer.Option(
            "--integrity-profile",
            metavar="FILE",
            help="Other thresholds of the integrity checks: a YAML file, as hoso integrity takes "
            "it.",
            rich_help_panel=REPORT,
        ),
    ] = None,
    officials: Annotated[
        bool,
        typer.Option(
            "--officials",
            help="List the officials of the scorecard one by one, with their codes.",
            rich_help_panel=REPORT,
        ),
    ] = False,
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
    decimals: Annotated[
        int,
        typer.Option(
            min=0,
            max=10,
            metavar="NUMBER",
            help="How many decimals percentages and points have.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = 2,
    rounding: Annotated[
        Mode,
        typer.Option(
            "--rounding",
            help="How the last decimal is found.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = Mode.half_up,
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

    as_of = as_of or environment.now().isoformat()  # the instant to which calls are pinned
    known, office = questions.instant(as_of), environment.office(policy)
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
    history = histories.opened(source, skip_rejects=skip_rejects)
    names = _names(name, span, body or _kind_of_body(known_agencies, under, each))
    asked = names, history, office, known, span, given
    if each is None:
        _put(report.reports(*asked), target, language)
    else:
        level = None if each is Each.agency else each.value
        _put_bodies(report.reports_of_bodies(*asked, level), str(target), language)
    report_source(history)


def _kind_of_body(registry: "AgencyRegistry", under: str | None, each: Each | None) -> KindOfBody:
    """Whose form it is where nobody says so."""
    from hoso.tools.jobs.report import whose_form

    return KindOfBody.unit if each is not None else KindOfBody(whose_form(registry, under))


def _names(name: Name, window: "Window", body: KindOfBody) -> list[str]:
    """The names of the reports that are asked for."""
    from hoso.tools.jobs import report

    match name:
        case Name.all | Name.reconciliation:
            return report.all_reports(window, body)
        case Name.form:
            return [report.form_in_force(window, body)]
    return [name.value]


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

"""The command that checks reports which somebody published: audit."""

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories

if TYPE_CHECKING:
    from hoso.domain.windows import Window
    from hoso.projections.audit.checks import Engine
    from hoso.projections.audit.published import LoadedReport
    from hoso.tools.sources.source import Source

DEFAULT_FOLDING: Final = "default"


def audit(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The published figures: a .yaml file, as docs/REPORTS.md shows, or a form 07a, "
            "07b, 07c or II.06a as .xlsx or .csv.",
        ),
    ],
    later: Annotated[
        str | None,
        typer.Argument(
            metavar="LATER",
            help="The same of the next period, to be audited together.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            rich_help_panel=options.HISTORY,
            help="Compare the report with the statement of its window, and a form with hoso's own, "
            "from these events: a file of JSON lines (- is standard input), a store, or an "
            "archive's folder.",
        ),
    ] = None,
    as_of: options.AsOfOption = None,
    registry: options.RegistryOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    folding: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="For forms: how accounts become columns: default, lenient, or a .yaml file.",
            rich_help_panel=options.HISTORY,
        ),
    ] = DEFAULT_FOLDING,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs",
            metavar="FILE",
            help="For form 07c: the sections of agencies, a .yaml or a CSV file.",
            rich_help_panel=options.HISTORY,
        ),
    ] = None,
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
    cache: options.CacheOption = True,
) -> None:
    """Check the sums and percentages of a published report, and name likely causes of errors."""
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = None if as_of is None else questions.instant(as_of)
    if source is None and (known is not None or policy != type(policy)()):
        raise UserError("--as-of and the rules: are for --source; name the events they apply to")
    if source is None and (registry or inputs or folding != DEFAULT_FOLDING):
        raise UserError("--registry, --folding and --inputs: are for --source; name the events")
    target = output.target(out, paper)
    from hoso.projections.audit.checks import audit_report, audit_together
    from hoso.projections.audit.document import document

    reports = _read([file] if later is None else [file, later])
    engines: list[Engine | None] = [None] * len(reports)
    history: Source | None = None
    ask_of_form: tuple[str, ...] = ()
    if source is not None:
        from hoso.tools.inputs import agencies, profiles
        from hoso.tools.jobs.audit import Basis, engine
        from hoso.tools.jobs.report import ReportSettings
        from hoso.tools.runtime import environment

        history = histories.opened([source], skip_rejects=skip_rejects, cache=cache)
        settings = ReportSettings(
            agencies.registry(registry),
            profiles.entered(inputs),
            profiles.procedures(None),
            profiles.fold_by(folding),
            profiles.index_by("national"),
            profiles.scorecard_by("tt01-2018"),
            roll_up=roll_up.value,
        )
        asked = partial(
            histories.for_same_history, [source], as_of, skip_rejects=skip_rejects, policy=policy
        )
        ask = asked()
        ask_of_form = asked(
            registry=registry, roll_up=roll_up, attribution=questions.Attribution.final
        )
        basis = Basis(history, environment.office(policy), known, settings, ask, ask_of_form)
        engines = [engine(each, basis) for each in reports]
    if len(reports) == 1:
        found = audit_report(reports[0].published, reports[0].tables, engines[0])
    else:
        found = audit_together(reports[0], reports[1], engines)
    made = document(reports, found)
    output.put(made._replace(ask=ask_of_form), language.value, *target)
    if history is not None:
        report_source(history)
    if found.findings:
        raise typer.Exit(1)


def _read(names: list[str]) -> "list[LoadedReport]":
    """One report, or two. Raises ``UserError`` where their periods are not consecutive."""
    from hoso.projections.audit.filled_forms.consecutive import are_consecutive
    from hoso.tools.inputs import published

    are_alike = len({PurePath(name).name for name in names}) < len(names)
    reports = [published.read(name, name if are_alike else None) for name in names]
    windows = [each.published.window for each in reports]
    if len(reports) == 2 and not are_consecutive(*windows):
        first, second = (
            f"{name} is of {_days(window)}" for name, window in zip(names, windows, strict=True)
        )
        raise UserError(
            f"{first}, {second}: not consecutive; give first the report of the period that ends on "
            "the day before the other begins"
        )
    return reports


def _days(window: "Window | None") -> str:
    return "" if window is None else f"{window.first} to {window.last}"

"""The commands for reports as they were signed: release, releases."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options, report_options
from hoso.tools.commands.report_options import Mode
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from hoso.projections.releases.release import Options
    from hoso.tools.jobs.release import Correction

SIGNING: Final = "Signing"
STATEMENT: Final = "statement"
NAMES: Final = (*report_options.Name, STATEMENT)
# The options of reports that a statement has, too.
OF_BOTH: Final = {"registry", "roll_up", "language"}


def release(
    name: Annotated[
        str,
        typer.Argument(
            metavar="REPORT",
            help="The report: any that hoso report makes, all of them, or statement.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="DIR",
            help="The folder of the release; it must not be there yet.",
            rich_help_panel=options.OUTPUT,
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="The key that signs (hoso key makes one). Default: $HOSO_SIGNING_KEY.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    supersedes: Annotated[
        int | None,
        typer.Option(
            "--supersedes",
            metavar="NUMBER",
            min=1,
            help="The release of the same report and window that this one corrects.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    because: Annotated[
        str | None,
        typer.Option(
            "--because",
            metavar="REASON",
            help="Why it is corrected; with --supersedes.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    timestamp: Annotated[
        str | None,
        typer.Option(
            "--timestamp",
            metavar="URL",
            help="A time-stamp authority (RFC 3161), which says when it saw the signature.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    by: options.ByOption = "",
    registry: options.RegistryOption = None,
    under: options.UnderOption = None,
    only: options.SliceOption = None,
    each: report_options.EachOption = None,
    body: report_options.BodyOption = None,
    roll_up: options.RollUpOption = questions.RollUp.then,
    attribution: options.AttributionOption = questions.Attribution.held,
    inputs: report_options.InputsOption = None,
    procedures: report_options.ProceduresOption = None,
    office_file: report_options.OfficeOption = None,
    folding: report_options.FoldingOption = "default",
    index_profile: report_options.IndexProfileOption = "national",
    scorecard_profile: report_options.ScorecardProfileOption = "tt01-2018",
    integrity_profile: report_options.IntegrityProfileOption = None,
    officials: report_options.OfficialsOption = False,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    language: options.LanguageOption = options.Language.vi,
    decimals: report_options.DecimalsOption = 2,
    rounding: report_options.RoundingOption = Mode.half_up,
) -> None:
    """Release a report as it is signed: every paper, and a receipt that proves it, in a folder.

    hoso verify DIR proves it again. The law that it is made by is the one published by today.
    """
    if name not in NAMES:
        raise UserError(f"REPORT: no report {name!r}: use {', '.join(NAMES)}")
    span, dimensions = questions.window(first, last, window), questions.dimensions(by)
    slices = questions.slices(only or [])
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    correction = _correction(supersedes, because)
    from hoso.projections.releases.release import Options
    from hoso.tools.inputs.signing_keys import signing_key
    from hoso.tools.jobs import release as jobs
    from hoso.tools.jobs.release_papers import Asked
    from hoso.tools.runtime import environment

    signer, now = signing_key(key), environment.now().replace(microsecond=0)
    given = Options(
        each=each,
        body=body,
        roll_up=roll_up.value,
        registry=registry,
        inputs=inputs,
        procedures=procedures,
        office=office_file,
        folding=folding,
        index_profile=index_profile,
        scorecard_profile=scorecard_profile,
        integrity_profile=integrity_profile,
        officials=officials,
        language=language.value,
        decimals=decimals,
        rounding=rounding.value,
    )
    _check_options(name, given, dimensions)
    asked = Asked(
        name,
        span,
        attribution.value if name == STATEMENT else questions.Attribution.final.value,
        tuple(dimensions),
        {dimension: tuple(values) for dimension, values in slices.items()},
        under,
        given,
        # The second that is running, to its end: what was recorded just now counts.
        now + timedelta(seconds=1) if as_of is None else questions.instant(as_of),
    )
    signing = jobs.Signing(signer, now, correction, _stamping(timestamp))
    log = histories.opened(source, cache=False)  # what was kept of events is not signed
    made = jobs.release(asked, policy, log, signing, Path(out))
    say(f"{out}: release {made.number}, signed with {signer.public.name} ({signer.public.id})")


def _correction(supersedes: int | None, because: str | None) -> "Correction | None":
    """What is corrected, and why. Raises ``UserError`` for one without the other."""
    if (supersedes is None) != (because is None):
        raise UserError("--supersedes: say why, with --because REASON; both or neither")
    if supersedes is None or because is None:
        return None
    from hoso.tools.jobs.release import Correction

    if not because.strip():
        raise UserError("--because: is empty: say why")
    return Correction(supersedes, because.strip())


def _check_options(name: str, given: "Options", by: list[str]) -> None:
    """Raises ``UserError`` for an option that the report has not."""
    if name != STATEMENT:
        if by:
            raise UserError("--by: is for release statement: a report has rows of its own")
        return
    others = given.model_fields_set - OF_BOTH
    default = type(given)()
    for option in sorted(others):
        if getattr(given, option) != getattr(default, option):
            raise UserError(f"--{option.replace('_', '-')}: is for reports, not for statement")


def _stamping(url: str | None) -> "Callable[[bytes], bytes] | None":
    if url is None:
        return None
    from functools import partial

    from hoso.tools.inputs.timestamps import stamped

    return partial(stamped, url)


def releases(
    source: options.SourceOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """List the releases of a log: what was released when, and which one replaces which.

    The exit status is 1 where one was dropped.
    """
    target = output.target(out, paper)
    from hoso.projections.releases.log_of_releases import document
    from hoso.tools.jobs.release import release_log

    log = release_log(histories.opened(source).proofs())
    output.put(document(log), language.value, *target)
    if log.fault() is not None:
        raise typer.Exit(1)

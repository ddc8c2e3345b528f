"""The options of reports, which hoso report and hoso release share."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from hoso.tools.commands import options

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


EachOption = Annotated[
    Each | None,
    typer.Option(
        "--each",
        help="The reports of each body, or of each of one level, into a folder of its own.",
        rich_help_panel=options.WINDOW,
    ),
]
BodyOption = Annotated[
    KindOfBody | None,
    typer.Option(
        "--body",
        help="For form and all: whose form it is. A unit resolves dossiers itself. Default: a "
        "province; a unit with --each, and with --under a body below the top.",
        rich_help_panel=REPORT,
    ),
]
InputsOption = Annotated[
    str | None,
    typer.Option(
        "--inputs",
        metavar="FILE",
        help="What people enter beside the events: a .yaml or a CSV file (docs/REPORTS.md).",
        rich_help_panel=REPORT,
    ),
]
ProceduresOption = Annotated[
    str | None,
    typer.Option(
        "--procedures",
        metavar="FILE",
        help="The catalogue of procedures: a CSV file, procedure,online,payable[,agency].",
        rich_help_panel=REPORT,
    ),
]
OfficeOption = Annotated[
    str | None,
    typer.Option(
        "--office",
        metavar="FILE",
        help="Who issues the report: letterhead, signatory and recipients, office.yaml "
        "(docs/REPORTS.md). Letters, pages and spreadsheets have them.",
        rich_help_panel=REPORT,
    ),
]
FoldingOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="How accounts become columns of the forms: default, lenient, extended (with the "
        "columns that offices add), or a .yaml file.",
        rich_help_panel=REPORT,
    ),
]
IndexProfileOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="How the index is scored: national (as the portal in 2026), portal-2024, local, "
        "or a .yaml file.",
        rich_help_panel=REPORT,
    ),
]
ScorecardProfileOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="How the scorecard is scored: tt01-2018, provincial, or a .yaml file.",
        rich_help_panel=REPORT,
    ),
]
IntegrityProfileOption = Annotated[
    str | None,
    typer.Option(
        "--integrity-profile",
        metavar="FILE",
        help="Other thresholds of the integrity checks: a YAML file, as hoso integrity takes it.",
        rich_help_panel=REPORT,
    ),
]
OfficialsOption = Annotated[
    bool,
    typer.Option(
        "--officials",
        help="List the officials of the scorecard one by one, with their codes.",
        rich_help_panel=REPORT,
    ),
]
DecimalsOption = Annotated[
    int,
    typer.Option(
        min=0,
        max=10,
        metavar="NUMBER",
        help="How many decimals percentages and points have.",
        rich_help_panel=options.OUTPUT,
    ),
]
RoundingOption = Annotated[
    Mode,
    typer.Option(
        "--rounding",
        help="How the last decimal is found.",
        rich_help_panel=options.OUTPUT,
    ),
]

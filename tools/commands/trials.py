"""The commands for trying hoso out without data of one's own: simulate, demo."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools.inputs import questions
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.domain.windows import Window


class Simulated(StrEnum):
    lines = "lines"
    archive = "archive"


def simulate(
    dossiers: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="How many dossiers to make up.")
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="The file to write (- is standard output); for an archive, its folder.",
        ),
    ],
    seed: Annotated[
        int,
        typer.Option(metavar="NUMBER", help="The same seed and days give the same bytes."),
    ] = 0,
    from_day: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="The first day: 2024-12-15 or 15/12/2024. Default: the reporting year of the "
            "last day and the one before it.",
        ),
    ] = None,
    to_day: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="The last day. Default: today."),
    ] = None,
    form: Annotated[
        Simulated,
        typer.Option(
            "--format",
            help="JSON lines of one province, or an archive of a whole country.",
        ),
    ] = Simulated.lines,
    facts: Annotated[
        bool,
        typer.Option("--facts", help="Add quality facts: digitised, paid, rated …"),
    ] = False,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the registry of its agencies, too, with the days on which they began or "
            "ended: for --registry of the reports.",
        ),
    ] = None,
    procedures: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the catalogue of its procedures, too, with their allowances: for "
            "--procedures of the reports and of hoso integrity.",
        ),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Plant known faults: a YAML file says which patterns of hoso integrity, in which "
            "bodies, and in what share of their dossiers. Needs --planted.",
        ),
    ] = None,
    planted: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write where the faults were planted, as CSV: with --faults."
        ),
    ] = None,
) -> None:
    """Make up realistic events of a province, by default of the last two years up to today.

    The province goes through the reform of 1 July 2025.
    """
    days = _days(from_day, to_day)
    if (faults is None) != (planted is None):
        raise UserError("--faults and --planted: give both, or none")
    if form is Simulated.lines:
        _simulate_province(dossiers, seed, days, out, facts, faults, planted)
    elif faults is not None:
        raise UserError("--faults: not with --format archive; make it of the lines: hoso archive")
    else:
        _simulate_country(dossiers, seed, days, out, facts)
    _write_entered(registry, procedures)


def _days(first: str | None, last: str | None) -> "Window":
    """The days of the history. Raises ``UserError``."""
    from hoso.domain.windows import window
    from hoso.tools.simulation.history import last_two_years

    to_day = questions.day_or_today("--to", last)
    if first is None:
        return last_two_years(to_day)
    try:
        return window(questions.day_or_today("--from", first), to_day)
    except ValueError as error:
        raise UserError(f"--from: {error}") from None


def _simulate_province(
    dossiers: int,
    seed: int,
    days: "Window",
    out: str,
    facts: bool,
    faults: str | None,
    planted: str | None,
) -> None:
    from hoso.tools.jobs import simulate as job

    wanted = job.Wanted(dossiers, seed, days, facts)
    if faults is None or planted is None:
        job.province(wanted, out)
    else:
        job.province_with_faults(wanted, out, faults, planted)


def _simulate_country(dossiers: int, seed: int, days: "Window", out: str, facts: bool) -> None:
    from pathlib import Path

    from hoso.tools.jobs import archive
    from hoso.tools.runtime import environment

    made = archive.simulated(dossiers, seed, days, Path(out), environment.zone(), facts=facts)
    say(f"{out}: {made.rows:,} events")


def _write_entered(registry: str | None, procedures: str | None) -> None:
    """Write what people give beside the events of the province."""
    from hoso.tools.output import csv
    from hoso.tools.output.files import write
    from hoso.tools.simulation import province

    if registry is not None:
        write(registry, csv.keyed(province.registry()))
    if procedures is not None:
        write(procedures, csv.keyed(province.catalogue()))


def demo(
    keep: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep the demo's events in this file, as JSON lines."),
    ] = None,
    reports: Annotated[
        str | None,
        typer.Option(
            "--reports",
            metavar="FOLDER",
            help="Write all reports of a made-up province's newest full year into this folder "
            "instead.",
        ),
    ] = None,
) -> None:
    """Show the main job on a real quarter: from Sơn La's events to its published figures."""
    from hoso.tools.jobs.demo import file_a_year, play

    if reports is not None:
        file_a_year(reports, questions.day_or_today("--to", None))
    elif not play(keep):
        raise typer.Exit(1)

"""The commands for trying hoso out without data of one's own: simulate, demo."""

from enum import StrEnum
from typing import Annotated

import typer

from hoso.tools.runtime.printable import say


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
        int, typer.Option(metavar="NUMBER", help="The same seed gives the same bytes.")
    ] = 0,
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
) -> None:
    """Make up realistic events of a province's year, September 2022 to August 2023."""
    if form is Simulated.archive:
        _simulate_country(dossiers, seed, out, facts)
        return
    from hoso.tools.output.files import write_lines
    from hoso.tools.runtime.calendar import calendar
    from hoso.tools.runtime.progress import with_progress
    from hoso.tools.simulation.year import simulate as simulated

    events = simulated(dossiers, seed, calendar().days, facts=facts)
    write_lines(out, with_progress(events, None, "Simulating"))


def _simulate_country(dossiers: int, seed: int, out: str, facts: bool) -> None:
    from pathlib import Path

    from hoso.tools.jobs import archive
    from hoso.tools.runtime import environment

    made = archive.simulated(dossiers, seed, Path(out), environment.zone(), facts=facts)
    say(f"{out}: {made.rows:,} events")


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
            help="Write all reports of a made-up province's year into this folder instead.",
        ),
    ] = None,
) -> None:
    """Show the main job on a real quarter: from Sơn La's events to its published figures."""
    from hoso.tools.jobs.demo import file_a_year, play

    if reports is not None:
        file_a_year(reports)
    elif not play(keep):
        raise typer.Exit(1)

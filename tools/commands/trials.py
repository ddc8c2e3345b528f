"""What can be tried without any data of one's own? simulate, demo."""

from enum import StrEnum
from typing import Annotated

import typer


class Simulated(StrEnum):
    lines = "lines"
    archive = "archive"


def simulate(
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers.")],
    out: Annotated[str, typer.Option(help="The file, or folder; - is standard output.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    form: Annotated[
        Simulated,
        typer.Option("--format", help="JSON lines of one province; or an archive of a country."),
    ] = Simulated.lines,
    facts: Annotated[
        bool, typer.Option("--facts", help="Quality facts, too: digitised, paid, rated …")
    ] = False,
) -> None:
    """Realistic events of a province's year, September 2022 to August 2023."""
    if form is Simulated.archive:
        _simulate_country(dossiers, seed, out, facts)
        return
    from hoso.tools.output.files import write_lines
    from hoso.tools.runtime.calendar import calendar
    from hoso.tools.runtime.progress import watched
    from hoso.tools.simulation.year import simulate as simulated

    events = simulated(dossiers, seed, calendar().days, facts=facts)
    write_lines(out, watched(events, None, "Simulating"))


def _simulate_country(dossiers: int, seed: int, out: str, facts: bool) -> None:
    from pathlib import Path

    from hoso.tools.jobs import archive
    from hoso.tools.runtime import environment

    made = archive.simulated(dossiers, seed, Path(out), environment.zone(), facts=facts)
    typer.echo(f"{out}: {made.rows:,} events")


def demo(
    keep: Annotated[
        str | None, typer.Option(help="A file to keep the demo's events in, as JSON lines.")
    ] = None,
    reports: Annotated[
        str | None,
        typer.Option("--reports", help="A folder: file a made-up province's year there, too."),
    ] = None,
) -> None:
    """A quarter at a provincial one-stop centre: Sơn La's published figures from their events."""
    from hoso.tools.jobs.demo import file_a_year, play

    if reports is not None:
        file_a_year(reports)
    elif not play(keep):
        raise typer.Exit(1)

"""What can be tried without any data of one's own? simulate, demo."""

from typing import Annotated

import typer


def simulate(
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers.")],
    out: Annotated[str, typer.Option(help="The file to write; - is standard output.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
) -> None:
    """Realistic events of a province's year, September 2022 to August 2023."""
    from projections.vietnam import calendar
    from tools.progress import watched
    from tools.simulation.year import simulate as simulated
    from tools.writing import write_lines

    events = simulated(dossiers, seed, calendar().days)
    write_lines(out, watched(events, None, "Simulating"))


def demo(
    keep: Annotated[
        str | None, typer.Option(help="A file to keep the demo's events in, as JSON lines.")
    ] = None,
) -> None:
    """A quarter at a provincial one-stop centre: Sơn La's published figures from their events."""
    from tools.demo import play

    if not play(keep):
        raise typer.Exit(1)

"""What was found beside what was asked for? Then the exit status is 1."""

from typing import Final

import typer

SHOWN: Final = 10  # rejects


def report_rejects(rejects: list[str]) -> None:
    """Say which lines are no events, if any, and leave with status 1."""
    if not rejects:
        return
    for reject in rejects[:SHOWN]:
        typer.echo(f"rejected: {reject}", err=True)
    more = f", the first {SHOWN} shown" if len(rejects) > SHOWN else ""
    typer.echo(f"{len(rejects):,} lines rejected{more}", err=True)
    raise typer.Exit(1)

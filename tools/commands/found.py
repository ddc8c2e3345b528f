"""Reports the lines of a source that are no events; the exit status is 1 if there are any."""

from typing import Final

import typer

SHOWN: Final = 10  # rejects


def report_rejects(rejects: list[str]) -> None:
    """Write the rejects to standard error, if there are any, and exit with status 1."""
    if not rejects:
        return
    for reject in rejects[:SHOWN]:
        typer.echo(f"rejected: {reject}", err=True)
    more = f", the first {SHOWN} shown" if len(rejects) > SHOWN else ""
    typer.echo(f"{len(rejects):,} lines rejected{more}", err=True)
    raise typer.Exit(1)

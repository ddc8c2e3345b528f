"""Reports the lines of a source that are no events; the exit status is 1 if there are any."""

from typing import Final

import typer

from hoso.tools.runtime.printable import say

SHOWN: Final = 10  # rejects


def report_rejects(rejects: list[str], number: int | None = None) -> None:
    """Write the first rejects to standard error, if there are any, and exit with status 1.

    ``number`` is how many there are in all, where ``rejects`` has only the first ones.
    """
    if not rejects:
        return
    for reject in rejects[:SHOWN]:
        say(f"rejected: {reject}", err=True)
    number = len(rejects) if number is None else number
    more = f", the first {SHOWN} shown" if number > SHOWN else ""
    say(f"{number:,} lines rejected{more}", err=True)
    raise typer.Exit(1)

"""Reports what was found in a source: lines that are no events, and events that are in conflict.

The exit status is 1 if there is anything.
"""

from typing import TYPE_CHECKING, Final

import typer

from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.consumers.intake.conflicts import Conflicts
    from hoso.consumers.intake.keeping import Tidied
    from hoso.tools.sources.source import Source

SHOWN: Final = 10  # rejects, or conflicts
WHAT_CONFLICTS_ARE: Final = (
    "with the (source, id) of another event and another content: only the first one counts; "
    "ids must be unique within their source, not within a dossier"
)


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


def report_source(source: "Source") -> None:
    """Write what was found in a source to standard error; exit with status 1 if there is any."""
    show_conflicts(source.conflicts[:SHOWN], len(source.conflicts))
    report_rejects(source.rejects)
    if source.conflicts:
        raise typer.Exit(1)


def report_intake(rejects: list[str], rejected: int, conflicts: "Conflicts") -> None:
    """Write what intake found to standard error, and exit with status 1 if there is any.

    ``rejected`` is how many rejects there are in all, where ``rejects`` has only the first ones.
    """
    show_conflicts([*map(str, conflicts.examples)], conflicts.events)
    report_rejects(rejects, rejected)
    if conflicts.events:
        raise typer.Exit(1)


def report_consumed(rejects: int, conflicts: int) -> None:
    """Write how many messages of a topic were rejected, and how many events are in conflict, and
    exit with status 1 if there is any."""
    if rejects:
        say(f"{rejects:,} messages rejected: hoso rejects list", err=True)
    if conflicts:
        say(f"{conflicts:,} events {WHAT_CONFLICTS_ARE}: hoso status", err=True)
    if rejects or conflicts:
        raise typer.Exit(1)


def show_conflicts(examples: list[str], number: int) -> None:
    """Write some conflicts to standard error, and how many there are, if there are any."""
    for example in examples:
        say(f"conflict: {example}", err=True)
    if number:
        more = f", the first {len(examples)} shown" if number > len(examples) else ""
        say(f"{number:,} events {WHAT_CONFLICTS_ARE}{more}", err=True)


def say_tidied(name: str, tidied: "Tidied") -> None:
    """Say what became of rejects that a store had kept from before, if anything did."""
    if tidied.blanked:
        say(f"{name}: {tidied.blanked:,} rejects of an older version: their values are blanked now")
    if tidied.dropped:
        say(f"{name}: {tidied.dropped:,} rejects dropped: they are older than rejects retention")

"""The command that writes an archive, for histories of many millions of events: archive."""

from typing import Annotated

import typer

from hoso.tools.commands import options
from hoso.tools.jobs import histories
from hoso.tools.runtime.printable import say


def archive(
    out: Annotated[
        str,
        typer.Option(metavar="FOLDER", help="The archive's folder. It is made, or extended."),
    ],
    source: options.SourceOption = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Change nothing: compare the archive with the log."),
    ] = False,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """Write the log as a folder of Parquet files, or add to one what is new in the log."""
    from pathlib import Path

    from hoso.tools.jobs import archive
    from hoso.tools.runtime import environment

    history = histories.opened(source, skip_rejects=skip_rejects)
    folder = Path(out)
    if verify:
        findings = archive.verify(history, folder)
        for finding in findings:
            say(finding)
        if findings:
            raise typer.Exit(1)
        say(f"{out}: whole, and its events are those of the log")
        return
    made = archive.archive(history, folder, environment.zone())
    say(f"{out}: {made.rows:,} events, up to position {made.position:,}")

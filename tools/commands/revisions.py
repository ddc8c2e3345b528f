"""The command that says what would be different in a release today, and why: revisions."""

from pathlib import Path
from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.jobs import histories


def revisions(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The folder of a release, as hoso release made it."),
    ],
    source: options.SourceOption = None,
    out: options.OutOption = None,
    paper: options.PaperOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Say what would be different in a release today: each figure, split into what was recorded
    since, the law and the program, down to dossiers and events. Exit status 1: something is."""
    target = output.target(out, paper)
    from hoso.projections.releases.document import document
    from hoso.projections.releases.folder import read_release
    from hoso.tools.jobs.revisions import revisions as revisions_of

    release = read_release(folder)
    history = histories.opened(source)
    changes = revisions_of(folder, release, history)
    ask = histories.for_same_history(source, None, skip_rejects=False)
    output.put(document(release, changes, ask), language.value, *target)
    report_source(history)
    if changes:
        raise typer.Exit(1)

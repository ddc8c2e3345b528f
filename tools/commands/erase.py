"""The command that erases the code of a dossier or an official: erase."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import options
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.consumers.store.erase import CodeKind, Erased
    from hoso.consumers.store.log import Store


def erase(
    dossier: Annotated[
        str | None, typer.Option(metavar="CODE", help="The code of the dossier to erase.")
    ] = None,
    official: Annotated[
        str | None, typer.Option(metavar="CODE", help="The code of the official to erase.")
    ] = None,
    because: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Why, as one word such as request or court_order."),
    ] = None,
    archive: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER",
            help="Also in this archive of the store's log. It may be given several times.",
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Change nothing: list what was erased, when and why.")
    ] = False,
    store: options.StoreOption = None,
) -> None:
    """Put a pseudonym in the place of a code, everywhere in the store. Figures stay the same."""
    kind, code = _wanted(dossier, official, because)
    folders = [Path(folder) for folder in archive or []]
    if code is None and not folders and not listed:
        raise UserError("say what: --dossier CODE, --official CODE, --archive FOLDER or --list")
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import erase
    from hoso.tools.runtime import environment

    zone = environment.zone()
    with open_store(store or environment.store_url()) as log:
        if code is not None:
            _say_erased(log, erase.erase_code(log, kind, code, because or "", folders))
        for folder in folders:
            erase.follow(log, folder, zone)
            say(f"{folder}: has all erasures of {log.name}")
        for erasure in log.erasures() if listed else []:
            say(erase.line(erasure, zone))


def _wanted(
    dossier: str | None, official: str | None, because: str | None
) -> "tuple[CodeKind, str | None]":
    """What to erase, and its code, if any. Raises ``UserError``."""
    if dossier is not None and official is not None:
        raise UserError("give --dossier or --official, not both")
    code = official if dossier is None else dossier
    if code is None:
        return "dossier", None
    if not code.strip():
        raise UserError("the code is empty")
    from hoso.domain.events import one_spelling
    from hoso.tools.jobs.erase import check_reason

    check_reason(because or "")
    return "official" if dossier is None else "dossier", one_spelling(code)


def _say_erased(log: "Store", erased: "Erased | str") -> None:
    """Say what became of a code, and where it may still stand; exit with status 1 if the database
    could not overwrite it."""
    from hoso.tools.jobs import erase

    for line in erase.outcome(log, erased):
        say(line)
    fault = erase.overwrite(log)
    say(erase.REMAINS)
    for place in (*erase.places(log), "the history of this shell"):
        say(f"- {place}")
    if fault is not None:
        say(f"not overwritten yet: {fault}; then run the same command again", err=True)
        raise typer.Exit(1)

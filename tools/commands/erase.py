"""The command that erases the code of a dossier or an official: erase."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import options
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.consumers.store.erase import CodeKind, Erased
    from hoso.consumers.store.log import Store

REASON: Final = re.compile("[a-z_]{1,40}")  # as reasons of events
ELSEWHERE: Final = (
    "backups and snapshots of the store and of archives",
    "archives that were not named (hoso archive does not extend them until they are)",
    "papers, lists and registers that were made before",
    "files of events, other stores, and the systems that sent the events",
    "rejects that are no JSON and were kept with --keep-raw after this",
    "the history of this shell",
)


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
    if because is None or not REASON.fullmatch(because):
        raise UserError("--because: give the reason as one word of a to z and _, such as request")
    from hoso.domain.events import one_spelling

    return "official" if dossier is None else "dossier", one_spelling(code)


def _say_erased(log: "Store", erased: "Erased | str") -> None:
    """Say what became of a code, and where it may still stand; exit with status 1 if the database
    could not overwrite it."""
    from hoso.tools.jobs import erase

    if isinstance(erased, str):
        say(f"{log.name}: was erased before, as {erased}")
    else:
        say(f"{log.name}: erased, now {erased.pseudonym}")
        say(f"{erased.events:,} events and {erased.rejects:,} rejects changed; no figure did")
        if erased.elsewhere:
            say(f"{erased.elsewhere:,} events of it have the code in a source or a name still")
    fault = erase.overwrite(log)
    say("The code may still stand in:")
    for place in (*erase.places(log), *ELSEWHERE):
        say(f"- {place}")
    if fault is not None:
        say(f"not overwritten yet: {fault}; then run the same command again", err=True)
        raise typer.Exit(1)

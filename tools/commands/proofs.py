"""The commands that prove a log: key, checkpoint, verify."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.jobs import histories
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.projections.releases.verification import Trust
    from hoso.tools.sources.source import Source

SIGNING: Final = "Signing"


def key(
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="A new file for the key, for its owner only.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who signs with it. Default: the name of the file."),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            "--of",
            metavar="SOURCE",
            help="Write the key of this log instead, by which its codes are hashed: to keep it "
            "safe, or to give it to another store.",
        ),
    ] = None,
    take: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Take the key of a log from a file that --of wrote."),
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="STORE", help="The empty store that takes it.")
    ] = None,
) -> None:
    """Make a key that signs checkpoints and releases, and FILE.pub for those who check them."""
    from hoso.domain.errors import UserError
    from hoso.tools.inputs import signing_keys
    from hoso.tools.jobs import log_keys

    if take is not None and into is not None and (out, name, log) == (None, None, None):
        say(f"{into}: has the key of the log {log_keys.take(take, into)} now")
    elif out is None or take is not None or into is not None or None not in (log, name):
        raise UserError(
            "hoso key: write --out FILE [--name NAME], --out FILE --of SOURCE, or --take FILE "
            "--into STORE"
        )
    elif log is not None:
        log_keys.write(histories.opened([log]), Path(out))
        say(f"{out}: the key of the log of {log}; who has it can find codes that were erased")
    else:
        public = signing_keys.make(Path(out), name)
        say(f"{out}: signs; keep it safe, and nowhere near a store")
        say(f"{out}.pub: give it to those who check: {public}")


def checkpoint(
    source: options.SourceOption = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="The key that signs (hoso key makes one). Default: $HOSO_SIGNING_KEY.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Write it into a file.")] = None,
) -> None:
    """Sign how many events the log has, and the root of their tree. Keep it where others are."""
    from hoso.projections import atomic
    from hoso.tools.inputs import signing_keys
    from hoso.tools.jobs import checkpoints

    signer = signing_keys.signing_key(key)
    log = histories.opened(source, cache=False)  # what was kept of events is not signed
    signed = checkpoints.sign_checkpoint(log, signer)
    if out is None:
        typer.echo(signed.note, nl=False)
        return
    atomic.write(Path(out), signed.note.encode())
    say(f"{out}: {signed.checkpoint.size:,} events, signed by {signer.name}")


def verify(
    folder: Annotated[
        str | None,
        typer.Argument(
            metavar="DIR",
            help="The folder of a release. Without it, the log itself is verified.",
        ),
    ] = None,
    source: options.SourceOption = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="A file of public keys (FILE.pub) whose signatures are believed.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    revoked: Annotated[
        str | None,
        typer.Option(
            "--revoked",
            metavar="FILE",
            help="A file with the ids of keys that are believed no more, one a line.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    authority: Annotated[
        str | None,
        typer.Option(
            "--timestamp-ca",
            metavar="FILE",
            help="The certificates (PEM) of the time-stamp authority.",
            rich_help_panel=SIGNING,
        ),
    ] = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Prove a release again, from its folder and from the log; or the log from its own proofs.

    The exit status is 1 where something does not hold, and 2 where something cannot be checked.
    """
    target = output.target(out, paper)
    from hoso.tools.inputs.signing_keys import trust

    believed = trust(keys or [], revoked)
    if folder is None:
        _verify_log(histories.opened(source, cache=False), believed)
        return
    from hoso.projections.releases.verification import document, status_of
    from hoso.tools.jobs.verify_release import verify as verified

    log = None
    if source or _has_default_store():
        log = histories.opened(source, cache=False)  # what was kept of events proves nothing
    found = verified(Path(folder), log, believed, authority)
    output.put(document(*found), language.value, *target)
    if status := status_of(found.findings):
        raise typer.Exit(status)


def _verify_log(source: "Source", trust: "Trust") -> None:
    """Say what was found of a log, and exit as ``verify`` does."""
    from hoso.tools.jobs.verify_log import verify_log

    found = verify_log(source, trust)
    for line in (*found.facts, *found.unchecked):
        say(line)
    for line in found.faults:
        say(line, err=True)
    if found.faults or found.unchecked:
        raise typer.Exit(1 if found.faults else 2)


def _has_default_store() -> bool:
    """Whether the store that is meant where --source is not given is named, or is there."""
    from hoso.tools.runtime.environment import DEFAULT_STORE

    return "HOSO_STORE" in os.environ or Path(DEFAULT_STORE.removeprefix("sqlite:///")).exists()

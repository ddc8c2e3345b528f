"""The commands for ledgers that leave the machine whose log they are of: ledger export, verify."""

from typing import Annotated

import typer

from hoso.domain.errors import UserError
from hoso.projections.federation import SUFFIX
from hoso.tools.commands import options
from hoso.tools.commands.found import report_source
from hoso.tools.commands.parser import Command, CommandGroup
from hoso.tools.inputs import questions
from hoso.tools.jobs import histories
from hoso.tools.runtime.printable import say

app = typer.Typer(
    cls=CommandGroup,
    name="ledger",
    help="Export ledgers, which add up to those of a country.",
    rich_markup_mode=None,
)


@app.command(cls=Command)
def export(
    out: Annotated[
        str,
        typer.Option(metavar="FILE", help="The file to write; its name ends with .ledger."),
    ],
    source: options.SourceOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="DIMENSION,…",
            help="What the figures can be split by later: agency, field … Default: all that "
            "statements can be split by.",
        ),
    ] = "",
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="The first day of which windows can tell; a later one makes the file smaller. "
            "Default: all days.",
        ),
    ] = None,
    as_of: options.AsOfOption = None,
    law: options.LawOption = None,
    law_as_of: options.LawAsOfOption = None,
    after_supplement: options.AfterSupplementOption = None,
    supplement_limit: options.SupplementLimitOption = None,
    reschedule: options.RescheduleOption = None,
    pin: options.PinOption = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Sign it with this key (hoso key makes one). A store's log is signed as well.",
        ),
    ] = None,
    skip_rejects: options.SkipRejectsOption = False,
    cache: options.CacheOption = True,
) -> None:
    """Write a file with all balances, and no dossier, for who adds up the ledgers of many.

    hoso statement --source a.ledger --source b.ledger reads such files.
    """
    if not out.endswith(SUFFIX):
        raise UserError(f"--out: {out}: the name of an exported ledger ends with {SUFFIX}")
    slices = questions.dimensions(by)
    first = None if since is None else questions.day("--since", since)
    policy = questions.policy(law, law_as_of, supplement_limit, after_supplement, reschedule, pin)
    known = None if as_of is None else questions.instant(as_of)
    from pathlib import Path

    from hoso.projections.ledger.slices import DIMENSIONS
    from hoso.tools.inputs.signing_keys import signing_key
    from hoso.tools.jobs import ledger
    from hoso.tools.runtime import environment

    # What was kept of events is not signed.
    history = histories.opened(source, skip_rejects=skip_rejects, cache=cache and key is None)
    asked = ledger.Asked(environment.office(policy), known, tuple(slices or DIMENSIONS), first)
    signer = None if key is None else signing_key(key)
    made = ledger.export(history, asked, Path(out), signer)
    size = f"{made.size_bytes:,} bytes, {made.slices:,} slices, {made.moves:,} moves"
    say(f"{out}: {size}, by {', '.join(asked.by)}")
    report_source(history)


@app.command(cls=Command)
def verify(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Exported ledgers.")],
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="A file of public keys (FILE.pub) whose signatures are believed.",
        ),
    ] = None,
    revoked: Annotated[
        str | None,
        typer.Option(
            "--revoked",
            metavar="FILE",
            help="A file with the ids of keys that are believed no more, one a line.",
        ),
    ] = None,
) -> None:
    """Say who signed exported ledgers.

    The exit status is 1 where something does not hold, and 2 where something cannot be checked.
    """
    from hoso.tools.inputs.signing_keys import trust
    from hoso.tools.jobs import ledger

    believed = trust(key or [], revoked)
    found = [ledger.verify(name, believed) for name in files]
    for each in found:
        say(each.said, err=not each.holds)
    if not all(each.holds for each in found):
        raise typer.Exit(1 if any(each.is_told and not each.holds for each in found) else 2)

"""The commands for messages that are no valid events: rejects list, show, retry, export, drop,
retention."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.parser import Command, CommandGroup
from hoso.tools.runtime.printable import say
from hoso.tools.runtime.translation import translated

if TYPE_CHECKING:
    from hoso.consumers.store.log import NumberedReject, Reject, Store

HOW_KEPT: Final = {
    "raw": "as it came",
    "blanked": "with blanked values",
    "before": "as it came, by an older version",
}
LARGEST: Final = 2**63 - 1  # that a store can number
SHOWN: Final = 10  # of those left out
HOW_TO_MEND: Final = (
    "mend them where they came from, send them again, then hoso rejects drop --mended"
)

Number = Annotated[
    int,
    typer.Argument(metavar="NUMBER", min=1, max=LARGEST, help="Its number in hoso rejects list."),
]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="NUMBER",
        min=1,
        max=LARGEST,
        help="Their numbers in hoso rejects list. Default: all.",
    ),
]

app = typer.Typer(
    cls=CommandGroup,
    name="rejects",
    help="List, show, retry, export or drop the messages that are no valid events.",
    rich_markup_mode=None,
)


@app.command("list", cls=Command)
def listed(
    value: Annotated[
        str | None,
        typer.Option(metavar="VALUE", help="Only those in which this value was blanked."),
    ] = None,
    store: options.StoreOption = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """List the rejects: when and where from they came, in which format, and what is wrong."""
    target = output.target(out, paper)
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import rejects
    from hoso.tools.runtime import environment

    with open_store(store or environment.store_url()) as log:
        stored = rejects.StoredRejects(log, environment.zone(), value)
        listing = rejects.document(stored)
        output.put(listing, language.value, *target)


@app.command(cls=Command)
def show(number: Number, store: options.StoreOption = None) -> None:
    """Show one reject with its bytes, as text or escaped."""
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import rejects
    from hoso.tools.runtime import environment, printable

    zone = environment.zone()
    with open_store(store or environment.store_url()) as log:
        reject = _one(log, number)
    for name, fact in rejects.facts(number, reject, zone).items():
        say(f"{translated(name):<9} {translated(str(fact))}")
    say(f"{translated('kept'):<9} {translated(HOW_KEPT[reject.kept])}")
    escaped = "" if printable.is_text(reject.raw) else ", escaped"
    say(f"{len(reject.raw):,} bytes{escaped}:")
    typer.echo(printable.content(reject.raw))


@app.command(cls=Command)
def retry(
    numbers: Numbers = None,
    store: options.StoreOption = None,
    channel: options.ChannelOption = None,
    procedures: options.AllowancesOption = None,
) -> None:
    """Judge rejects again; those that are valid now are recorded and leave the list."""
    from functools import partial

    from hoso.consumers.intake import retry
    from hoso.tools.runtime import environment

    defaults = options.national_defaults(channel, procedures)
    context = partial(environment.intake_context, defaults=defaults)
    with _tidied(store) as log:
        rejects = _chosen(log, numbers or [])
        recorded, remain, blanked = retry.retry(log, rejects, context)
        say(f"{log.name}: {recorded:,} recorded, {remain:,} still rejected")
    if blanked:
        say(f"{blanked:,} of these have blanked values: {HOW_TO_MEND}")
    if remain:
        raise typer.Exit(1)


@app.command(cls=Command)
def drop(
    numbers: Numbers = None,
    reason: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Those whose reason contains these words.")
    ] = None,
    older_than: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="Those rejected before so many days.")
    ] = None,
    mended: Annotated[
        bool,
        typer.Option(
            "--mended", help="Those whose event (source, id, dossier) is recorded by now."
        ),
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    store: options.StoreOption = None,
) -> None:
    """Remove rejects for good: those that are all that the options say."""
    if not (numbers or reason or mended or everything) and older_than is None:
        raise UserError("say which: NUMBER, --reason, --older-than, --mended or --all")
    from datetime import timedelta

    from hoso.consumers.intake import keeping
    from hoso.tools.jobs.rejects import in_both_languages
    from hoso.tools.runtime import environment

    before = None if older_than is None else environment.now() - timedelta(days=older_than)
    with _tidied(store) as log:
        chosen = (
            one
            for one in _chosen(log, numbers or [])
            if (reason is None or any(reason in told for told in in_both_languages(one[1].reason)))
            and (before is None or one[1].rejected_at < before)
        )
        found = keeping.mended(log, chosen) if mended else [number for number, _ in chosen]
        say(f"{log.name}: {keeping.drop(log, found):,} rejects dropped")


@app.command(cls=Command)
def retention(
    days: Annotated[
        int | None,
        typer.Argument(metavar="DAYS", min=1, help="For how many days the store keeps a reject."),
    ] = None,
    forever: Annotated[
        bool, typer.Option("--forever", help="Keep rejects until they are dropped: the default.")
    ] = False,
    store: options.StoreOption = None,
) -> None:
    """Say, or set, for how many days the store keeps rejects; older ones are dropped."""
    if days is not None and forever:
        raise UserError("give DAYS or --forever, not both")
    from hoso.consumers.intake import keeping

    with _tidied(store) as log:
        if days is not None or forever:
            keeping.set_retention(log, days)
        kept = keeping.retention(log)
        until = "until they are dropped" if kept is None else f"for {kept:,} days"
        say(f"{log.name}: rejects are kept {until}")
    if days is not None:
        with _tidied(store):
            pass  # what is too old goes at once


@contextmanager
def _tidied(store: str | None) -> "Iterator[Store]":
    """A store to be written, whose rejects are blanked and none too old; says what was done."""
    from hoso.consumers.intake.keeping import tidy
    from hoso.consumers.store.log import open_store
    from hoso.tools.commands.found import say_tidied
    from hoso.tools.runtime import environment

    with open_store(store or environment.store_url()) as log:
        with log.writing():
            pass  # upgrades a store of an older version
        say_tidied(log.name, tidy(log, environment.zone(), environment.now()))
        yield log


@app.command(cls=Command)
def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The file to write; - is standard output.")
    ],
    numbers: Numbers = None,
    store: options.StoreOption = None,
) -> None:
    """Write the bytes of rejects to a file, one on each line, to mend and hoso ingest."""
    from hoso.consumers.store.log import open_store
    from hoso.tools.output import files
    from hoso.tools.runtime import environment

    left_out: list[str] = []
    with open_store(store or environment.store_url()) as log:
        form = _format_of(_chosen(log, numbers or []))
        alike = (one for one in _chosen(log, numbers or []) if one[1].format == form)
        files.write(file, _lines(alike, left_out))
    for one in left_out[:SHOWN]:
        say(f"left out: {one}", err=True)
    if left_out:
        say(f"{len(left_out):,} left out", err=True)


def _one(log: "Store", number: int) -> "Reject":
    reject = log.find_reject(number)
    if reject is None:
        raise UserError(f"{log.name}: there is no reject {number}: see hoso rejects list")
    return reject


def _chosen(log: "Store", numbers: list[int]) -> Iterable["NumberedReject"]:
    """The rejects of some numbers, or all. Raises ``UserError`` for a number that none has."""
    if not numbers:
        return log.rejects()
    return [(number, _one(log, number)) for number in sorted(set(numbers))]


def _format_of(rejects: Iterable["NumberedReject"]) -> str | None:
    """The format of some rejects. Raises ``UserError`` for two: a file is read in one format."""
    first: dict[str, int] = {}
    for number, reject in rejects:
        first.setdefault(reject.format, number)
    if len(first) > 1:
        two = ", ".join(f"{number} of {form}" for form, number in first.items())
        raise UserError(
            f"a file has messages of one format, not {two}: give the numbers of one format"
        )
    return next(iter(first), None)


def _lines(rejects: Iterable["NumberedReject"], left_out: list[str]) -> Iterator[bytes]:
    """Rejects as the lines of a file. Those that cannot be one line are added to ``left_out``."""
    from hoso.consumers.intake.overlong import not_kept
    from hoso.tools.runtime.printable import printable

    for number, reject in rejects:
        if not reject.raw.strip():
            left_out.append(f"{number}, {printable(reject.origin)}: it is empty")
        elif reason := not_kept(reject.raw):
            left_out.append(
                f"{number}, {printable(reject.origin)}: {reason}; it was not kept whole"
            )
        elif (line := _line(reject.raw)) is None:
            reason = f"several lines, and no JSON: hoso rejects show {number}"
            left_out.append(f"{number}, {printable(reject.origin)}: {reason}")
        else:
            yield line


def _line(raw: bytes) -> bytes | None:
    """A message as one line; None if it has several lines and is no JSON.

    In JSON, line ends are blanks between tokens, so spaces can replace them.
    """
    from pydantic_core import from_json

    if b"\n" in raw:
        try:
            from_json(raw)
        except ValueError:
            return None
        raw = b" ".join(raw.splitlines())
    return raw + b"\n"

"""What can a person ask? The ``hoso`` command line (contract, section 8).

Exit status: 0 done; 1 done, and something was found; 2 the call or its input is wrong, with one
line that says what and where. Heavy packages are imported by the commands that need them.
"""

import os
import sys
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Annotated, Final

import typer

from domain.wrong import Wrong

if TYPE_CHECKING:
    from datetime import datetime

    from domain.policy import Policy
    from domain.windows import Window
    from projections.ledger import Ledger

SHOWN: Final = 10  # rejects
SUSPENSE: Final = "suspense"

app = typer.Typer(
    name="hoso",
    help="The life of administrative dossiers: from their events to the figures an office reports.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


class AfterSupplement(StrEnum):
    restart = "restart"
    extend = "extend"


class Reschedule(StrEnum):
    keep_original = "keep_original"
    accept_once = "accept_once"


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="A file of events as JSON lines (- is standard input) or a store, "
        "sqlite:///FILE. Default: $HOSO_STORE, or sqlite:///hoso.db.",
    ),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="First day: 2022-12-15 or 15/12/2022.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day, included.")]
WindowOption = Annotated[
    str | None,
    typer.Option("--window", help="2023-Q1, 2023-H1, 2023-9M, 2023 (from 15/12) or 2024-09."),
]
ByOption = Annotated[
    str,
    typer.Option("--by", help="Slices: agency, field, procedure, channel, level; a,b for both."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Only what was recorded by then: 2023-03-20T17:00:00+07:00."),
]
AfterSupplementOption = Annotated[
    AfterSupplement, typer.Option(help="The time runs anew in full, or goes on where it stopped.")
]
SupplementLimitOption = Annotated[
    int,
    typer.Option(min=0, max=1_000_000, help="More supplement requests than this count as overdue."),
]
RescheduleOption = Annotated[
    Reschedule, typer.Option(help="Whether the first new appointment moves the due day.")
]
FormatOption = Annotated[Format, typer.Option("--format")]
SkipRejectsOption = Annotated[
    bool, typer.Option("--skip-rejects", help="Leave out lines that are no events, and count them.")
]


@app.command()
def statement(
    source: SourceOption = None,
    first: FromOption = None,
    last: ToOption = None,
    window: WindowOption = None,
    by: ByOption = "",
    as_of: AsOfOption = None,
    after_supplement: AfterSupplementOption = AfterSupplement.restart,
    supplement_limit: SupplementLimitOption = 1,
    reschedule: RescheduleOption = Reschedule.keep_original,
    form: FormatOption = Format.table,
    skip_rejects: SkipRejectsOption = False,
) -> None:
    """The statement of a window: carried over, received, resolved ..., carried forward."""
    span, slices = _window(first, last, window), _dimensions(by)
    policy = _policy(supplement_limit, after_supplement, reschedule)
    ledger, rejects = _ledger(source, as_of, policy, skip_rejects)
    from projections.statement import statement as stated
    from tools import render

    document = stated(ledger, span, slices)
    if form is Format.json:
        _print_json(document)
    elif form is Format.csv:
        sys.stdout.write(render.statement_csv(document))
    else:
        render.show(render.statement_table(document), render.basis(document))
    _report_rejects(rejects)


@app.command()
def dossiers(
    account: Annotated[
        str,
        typer.Option(help="The figure: resolved.overdue, in_progress, received, carried_over …"),
    ],
    source: SourceOption = None,
    first: FromOption = None,
    last: ToOption = None,
    window: WindowOption = None,
    by: ByOption = "",
    only: Annotated[
        list[str] | None, typer.Option("--slice", help="Of one slice only: channel=online.")
    ] = None,
    as_of: AsOfOption = None,
    after_supplement: AfterSupplementOption = AfterSupplement.restart,
    supplement_limit: SupplementLimitOption = 1,
    reschedule: RescheduleOption = Reschedule.keep_original,
    form: FormatOption = Format.table,
    skip_rejects: SkipRejectsOption = False,
) -> None:
    """The dossiers behind one figure of a statement, or the events in suspense."""
    span, slices, kept = _window(first, last, window), _dimensions(by), _slice(only or [])
    policy = _policy(supplement_limit, after_supplement, reschedule)
    _known_figure(account)
    ledger, rejects = _ledger(source, as_of, policy, skip_rejects)
    from projections import listing
    from tools import render

    if account == SUSPENSE:
        listed, columns = listing.suspended(ledger, span), ["dossier", "day", "event", "id"]
    else:
        listed = listing.dossiers(ledger, span, account, slices, kept)
        columns = ["dossier", *slices, "received", "account", "since"]
    if form is Format.json:
        _print_json(listed)
    elif form is Format.csv:
        sys.stdout.write(render.rows_csv(listed, columns))
    else:
        render.show(render.rows_table(listed, columns), f"{account}: {len(listed)}")
    _report_rejects(rejects)


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="The dossier's code (mã hồ sơ).")],
    source: SourceOption = None,
    as_of: AsOfOption = None,
    after_supplement: AfterSupplementOption = AfterSupplement.restart,
    supplement_limit: SupplementLimitOption = 1,
    reschedule: RescheduleOption = Reschedule.keep_original,
    skip_rejects: SkipRejectsOption = False,
) -> None:
    """One dossier's life: each event, what it did to clock and account, and by which rule."""
    policy = _policy(supplement_limit, after_supplement, reschedule)
    ledger, rejects = _ledger(source, as_of, policy, skip_rejects)
    from domain.calendar import day_number, local_date
    from projections.explain import explain as explained
    from tools import bootstrap, render

    today = day_number(local_date(ledger.as_of or bootstrap.now(), ledger.office.zone))
    steps = explained(ledger, code, today)
    render.show(render.life_table(code, steps), render.standing(steps[-1], ledger.office, today))
    _report_rejects(rejects)


@app.command()
def ingest(
    names: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="Events as JSON lines; - is standard input."),
    ],
    store: Annotated[
        str | None, typer.Option(help="Default: $HOSO_STORE, or sqlite:///hoso.db.")
    ] = None,
) -> None:
    """Record the events of files in the store; what is no event is kept as a reject."""
    from functools import partial
    from itertools import chain

    from consumers import files
    from consumers.ingest import ingest as record
    from consumers.ingest import judge
    from consumers.store import open_store
    from tools import bootstrap
    from tools.sources import blocks_of
    from tools.workers import shared

    url = store or bootstrap.store_url()
    for name in names:
        files.check(name)  # what cannot be read is told of before the store is touched
    blocks = chain.from_iterable(map(blocks_of, names))
    work = partial(judge, now=bootstrap.now())
    with shared(work, blocks) as judged, open_store(url, create=True) as log:
        tally = record(log, judged)
    typer.echo(f"{url}: {tally.recorded:,} events recorded")
    _report_rejects([f"{reject.origin}: {reject.reason}" for reject in tally.rejects])


@app.command()
def simulate(
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers.")],
    out: Annotated[str, typer.Option(help="The file to write; - is standard output.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
) -> None:
    """Realistic events of a province's year, September 2022 to August 2023."""
    from projections.vietnam import calendar
    from tools.progress import watched
    from tools.simulation.year import simulate as simulated
    from tools.writing import write_lines

    events = simulated(dossiers, seed, calendar().days)
    write_lines(out, watched(events, None, "Simulating"))


@app.command()
def demo(
    keep: Annotated[
        str | None, typer.Option(help="A file to keep the demo's events in, as JSON lines.")
    ] = None,
) -> None:
    """A quarter at a provincial one-stop centre: Sơn La's published figures from their events."""
    from tools.demo import play

    if not play(keep):
        raise typer.Exit(1)


def _window(first: str | None, last: str | None, name: str | None) -> "Window":
    from domain import windows

    if (name is None) == (first is None) or (first is None) != (last is None):
        raise Wrong("which window? give --from and --to, or --window")
    try:
        if name is not None:
            return windows.named(name)
        return windows.window(windows.day(str(first)), windows.day(str(last)))
    except ValueError as error:
        option = "--window" if name is not None else "--from/--to"
        raise Wrong(f"{option}: {error}") from None


def _dimensions(by: str) -> list[str]:
    chosen = [_dimension("--by", name.strip()) for name in by.split(",") if name.strip()]
    if len(set(chosen)) < len(chosen):
        raise Wrong(f"--by: {by!r} names a dimension twice")
    return chosen


def _dimension(option: str, name: str) -> str:
    from projections.ledger import DIMENSIONS

    if name not in DIMENSIONS:
        raise Wrong(f"{option}: no dimension {name!r}: use {', '.join(DIMENSIONS)}")
    return name


def _slice(pairs: list[str]) -> dict[str, str | None]:
    chosen: dict[str, str | None] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Wrong(f"--slice: {pair!r} is no slice; write channel=online")
        if _dimension("--slice", name) in chosen:
            raise Wrong(f"--slice: {name} is given twice; a dossier is in one slice only")
        chosen[name] = value or None
    return chosen


def _known_figure(name: str) -> None:
    from projections.listing import FIGURES

    if name not in (*FIGURES, SUSPENSE):
        raise Wrong(f"--account: no account {name!r}: use one of {', '.join(FIGURES)}, {SUSPENSE}")


def _policy(limit: int, after: AfterSupplement, reschedule: Reschedule) -> "Policy":
    from domain.policy import Policy

    return Policy(supplement_limit=limit, after_supplement=after.value, reschedule=reschedule.value)


def _ledger(
    source: str | None, as_of: str | None, policy: "Policy", skip_rejects: bool
) -> tuple["Ledger", list[str]]:
    known = None if as_of is None else _instant(as_of)
    from tools import bootstrap, sources

    name = bootstrap.store_url() if source is None else source
    office = bootstrap.office(policy)
    return sources.replayed(name, office, known, skip_rejects=skip_rejects)


def _instant(text: str) -> "datetime":
    from datetime import UTC

    import orjson
    from pydantic import TypeAdapter, ValidationError

    from domain.events import Instant

    try:
        instant: datetime = TypeAdapter(Instant).validate_json(orjson.dumps(text))
        return instant.astimezone(UTC)
    except (ValidationError, OverflowError, orjson.JSONEncodeError):
        raise Wrong(
            f"--as-of: no instant {text!r}: write 2023-03-20T17:00:00+07:00, with the offset"
        ) from None


def _print_json(document: object) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def _report_rejects(rejects: list[str]) -> None:
    """Say which lines are no events, if any, and leave with status 1."""
    if not rejects:
        return
    for reject in rejects[:SHOWN]:
        typer.echo(f"rejected: {reject}", err=True)
    more = f", the first {SHOWN} shown" if len(rejects) > SHOWN else ""
    typer.echo(f"{len(rejects):,} lines rejected{more}", err=True)
    raise typer.Exit(1)


def main() -> None:
    """Run the command line; whatever goes wrong becomes one line and exit status 2.

    Whoever stops reading the output (``| head``) does no wrong: 0. An interrupt: 130.
    """
    _make_streams_fit()
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the latter is what a broken pipe becomes in libraries
        _write_no_more()
        status = 0
    except KeyboardInterrupt:
        status = 130
    except Exception as error:
        sys.stderr.write(f"hoso: {' '.join(_told(error).split())}\n")
        _write_no_more()
        status = 2
    sys.exit(status)


def _make_streams_fit() -> None:
    """UTF-8 whatever the locale; and somewhere to write to, where a stream was closed."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _told(error: Exception) -> str:
    if isinstance(error, Wrong):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror}"
    if (told := getattr(error, "format_message", None)) is not None:
        return f"{told()} (hoso --help)"
    frame = extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"a fault of hoso's own, in {place}: {type(error).__name__}: {error}"


def _write_no_more() -> None:
    """What is not written yet is not to be, at exit either: nobody reads it, or it has no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""The commands for a system that sends events: publish them to Kafka, check files beforehand."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import SHOWN, report_rejects
from hoso.tools.jobs import histories
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hoso.consumers.intake.files import Block
    from hoso.consumers.kafka.publish import LogRange


def publish(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Files of events as JSON lines; - is standard input. Or a store, whose log is "
            "sent: sqlite:///FILE or postgresql://….",
        ),
    ],
    topic: Annotated[
        str, typer.Option(metavar="TOPIC", help="The topic to send to. It must exist.")
    ],
    servers: options.ServersOption,
) -> None:
    """Send events to a Kafka topic, keyed by their dossier, and leave out what is no event."""
    import logging
    from functools import partial
    from itertools import chain

    from hoso.consumers.kafka.publish import prepare_batch
    from hoso.consumers.kafka.publish import publish as send
    from hoso.tools.runtime import environment
    from hoso.tools.runtime.workers import process_map

    logging.getLogger("kafka").addHandler(logging.NullHandler())  # hoso reports faults itself
    pieces = chain.from_iterable([_pieces(name) for name in names])
    work = partial(prepare_batch, now=environment.now())
    with process_map(work, pieces) as parts:
        tally = send(parts, topic, servers)
    say(f"{topic}: {tally.published:,} events published")
    report_rejects(tally.rejects)


def _pieces(name: str) -> "Iterator[Block | LogRange]":
    """The parts of a file, or of a store's log. Raises ``UserError`` where it is not there."""
    from hoso.consumers.intake import files
    from hoso.consumers.kafka.publish import log_ranges
    from hoso.tools.runtime.progress import with_progress
    from hoso.tools.sources.file import blocks_of

    if "://" not in name:
        files.check_readable(name)
        return blocks_of(name)
    log = log_ranges(name)
    total = sum(len(stretch.positions) for stretch in log)
    return with_progress(log, total, "Reading the log", lambda stretch: len(stretch.positions))


class CheckFormat(StrEnum):
    """How the quality of files is shown; and what --format said before --from-format was there."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    events = "events"
    national = "national"


OLD_SPELLINGS: Final = (CheckFormat.events, CheckFormat.national)


def check(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Files with one message on each line; - is standard input.",
        ),
    ],
    from_format: options.InputFormatOption = None,
    channel: options.ChannelOption = None,
    procedures: options.AllowancesOption = None,
    form: Annotated[
        CheckFormat | None,
        typer.Option(
            "--format",
            metavar="<table|json|csv|xlsx|html>",
            help="How the output looks; json names every line.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="STORE",
            help="Judge the files as what would be added to this store now.",
        ),
    ] = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Say what would become of each line of files, and how good they are; record nothing."""
    old_spelling = options.InputFormat(form) if form in OLD_SPELLINGS else None
    input_format = options.input_format(from_format, old_spelling)
    paper = None if form is None or old_spelling else output.Paper(form)
    target = output.target(out, paper)
    from hoso.consumers.intake import files
    from hoso.domain.policy import Policy
    from hoso.tools.jobs import check
    from hoso.tools.runtime import environment

    for name in names:
        files.check_readable(name)
    records = None
    if input_format is options.InputFormat.national:
        defaults = options.national_defaults(channel, procedures)
        records = environment.intake_context("national", defaults=defaults)
    judged = check.judge_files(names, environment.office(Policy()), store, records)
    on_screen = target == output.SCREEN
    quality = check.measure_quality(judged, SHOWN if on_screen else None)
    whole_files = input_format is options.InputFormat.events and "-" not in names
    readable = whole_files and store is None
    ask = histories.for_same_history(names, None, skip_rejects=bool(judged.rejects))
    document = check.document(quality, rejects=not on_screen, ask=ask if readable else ())
    output.put(document, language.value, *target)
    if on_screen:
        report_rejects([f"{reject['line']}: {reject['reason']}" for reject in judged.rejects])
    if not check.is_spotless(quality):
        raise typer.Exit(1)

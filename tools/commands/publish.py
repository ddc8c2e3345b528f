"""How does a one-stop system get its events to whoever counts them? publish, check."""

from typing import TYPE_CHECKING, Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.commands.found import SHOWN, report_rejects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hoso.consumers.intake.files import Block
    from hoso.consumers.kafka.publish import LogRange


def publish(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="Events as JSON lines; - is standard input. Or a store, whose log is sent: "
            "sqlite:///FILE or postgresql://….",
        ),
    ],
    topic: Annotated[str, typer.Option(help="The topic to send to; it must be there.")],
    servers: Annotated[
        str, typer.Option("--bootstrap-servers", help="Kafka: host:port, several with commas.")
    ],
) -> None:
    """Send events to a Kafka topic, keyed by their dossier; what is no event is not sent."""
    import logging
    from functools import partial
    from itertools import chain

    from hoso.consumers.kafka.publish import prepare_batch
    from hoso.consumers.kafka.publish import publish as send
    from hoso.tools.runtime import environment
    from hoso.tools.runtime.workers import shared

    logging.getLogger("kafka").addHandler(logging.NullHandler())  # what is wrong is told here, once
    pieces = chain.from_iterable([_pieces(name) for name in names])
    work = partial(prepare_batch, now=environment.now())
    with shared(work, pieces) as parts:
        tally = send(parts, topic, servers)
    typer.echo(f"{topic}: {tally.published:,} events published")
    report_rejects(tally.rejects)


def _pieces(name: str) -> "Iterator[Block | LogRange]":
    """The parts of a file, or of a store's log. Raises ``UserError`` where it is not there."""
    from hoso.consumers.intake import files
    from hoso.consumers.kafka.publish import log_ranges
    from hoso.tools.runtime.progress import watched
    from hoso.tools.sources.file import blocks_of

    if "://" not in name:
        files.check_readable(name)
        return blocks_of(name)
    log = log_ranges(name)
    total = sum(len(stretch.positions) for stretch in log)
    return watched(log, total, "Reading the log", lambda stretch: len(stretch.positions))


def check(
    names: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="Events as JSON lines; - is standard input."),
    ],
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.TongueOption = options.Tongue.vi,
) -> None:
    """What would become of the events of files, line by line, and a score; nothing is recorded."""
    target = output.target(out, paper)
    from hoso.consumers.intake import files
    from hoso.domain.policy import Policy
    from hoso.tools.jobs import check
    from hoso.tools.runtime import environment

    for name in names:
        files.check_readable(name)
    judged = check.judged(names, environment.office(Policy()))
    on_screen = target == output.SCREEN
    whole = check.quality(judged, SHOWN if on_screen else None)
    output.put(check.document(whole, rejects=not on_screen), language.value, *target)
    if on_screen:
        report_rejects([f"{reject['line']}: {reject['reason']}" for reject in judged.rejects])
    if not check.is_spotless(whole):
        raise typer.Exit(1)

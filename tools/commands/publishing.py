"""How does a one-stop system get its events to whoever counts them? publish, check."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tools.commands.found import SHOWN, report_rejects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consumers.files import Block
    from consumers.publish import Stretch


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

    from consumers.publish import judge
    from consumers.publish import publish as send
    from tools import bootstrap
    from tools.workers import shared

    logging.getLogger("kafka").addHandler(logging.NullHandler())  # what is wrong is told here, once
    pieces = chain.from_iterable([_pieces(name) for name in names])
    work = partial(judge, now=bootstrap.now())
    with shared(work, pieces) as parts:
        tally = send(parts, topic, servers)
    typer.echo(f"{topic}: {tally.published:,} events published")
    report_rejects(tally.rejects)


def _pieces(name: str) -> "Iterator[Block | Stretch]":
    """The parts of a file, or of a store's log. Raises ``Wrong`` where it is not there."""
    from consumers import files
    from consumers.publish import stretches
    from tools.lines import blocks_of
    from tools.progress import watched

    if "://" not in name:
        files.check(name)
        return blocks_of(name)
    log = stretches(name)
    total = sum(len(stretch.positions) for stretch in log)
    return watched(log, total, "Reading the log", lambda stretch: len(stretch.positions))


class Form(StrEnum):
    """How the quality of files is shown."""

    table = "table"
    json = "json"


def check(
    names: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="Events as JSON lines; - is standard input."),
    ],
    form: Annotated[Form, typer.Option("--format", help="json names all lines.")] = Form.table,
) -> None:
    """What would become of the events of files, line by line, and a score; nothing is recorded."""
    from consumers import files
    from domain.policy import Policy
    from tools import bootstrap, plain, quality, render

    for name in names:
        files.check(name)
    judged = quality.judged(names, bootstrap.office(Policy()))
    if form is Form.json:
        whole = quality.quality(judged)
        plain.print_json(whole)
    else:
        whole = quality.quality(judged, SHOWN)
        render.show(quality.summary(whole), *quality.details(whole))
        report_rejects([f"{reject['line']}: {reject['reason']}" for reject in judged.rejects])
    if not quality.is_spotless(whole):
        raise typer.Exit(1)

"""How does what one-stop systems say get into the store? ingest, consume."""

from typing import Annotated

import typer

from hoso.tools.commands import options
from hoso.tools.commands.found import report_rejects


def ingest(
    names: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="One message a line; - is standard input."),
    ],
    store: options.StoreOption = None,
    language: options.LanguageOption = options.Language.events,
) -> None:
    """Record the events of files in the store; what is no event is kept as a reject."""
    from functools import partial
    from itertools import chain

    from hoso.consumers.intake import files
    from hoso.consumers.intake.ingest import ingest as record
    from hoso.consumers.intake.ingest import validate_block
    from hoso.consumers.store.log import open_store
    from hoso.tools.runtime import environment
    from hoso.tools.runtime.workers import shared
    from hoso.tools.sources.file import blocks_of

    url = store or environment.store_url()
    for name in names:
        files.check_readable(name)  # what cannot be read is told of before the store is touched
    blocks = chain.from_iterable(map(blocks_of, names))
    reading = environment.reading_of_files(language.value)
    work = partial(validate_block, context=reading)
    with shared(work, blocks) as judged, open_store(url, create=True) as log:
        tally = record(log, judged, reading)
        typer.echo(f"{log.name}: {tally.recorded:,} events recorded")
    report_rejects([f"{reject.origin}: {reject.reason}" for reject in tally.rejects])


def consume(
    topic: Annotated[str, typer.Option(help="The topic to read.")],
    servers: Annotated[
        str, typer.Option("--bootstrap-servers", help="Kafka: host:port, several with commas.")
    ],
    store: options.StoreOption = None,
    language: options.LanguageOption = options.Language.events,
    group: Annotated[
        str, typer.Option(help="Processes of one group share the topic's partitions.")
    ] = "hoso",
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Stop at the end of what was there at the start.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Serve /metrics (Prometheus) and /health there."),
    ] = None,
) -> None:
    """Record the events of a Kafka topic in the store, each exactly once, until told to stop."""
    from hoso.tools.jobs.consume import serve
    from hoso.tools.runtime import environment

    url = store or environment.store_url()
    rejects = serve(url, topic, servers, group, language.value, metrics_port, until_end=until_end)
    if rejects:
        typer.echo(f"{rejects:,} messages rejected: hoso rejects list", err=True)
        raise typer.Exit(1)

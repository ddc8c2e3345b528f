"""The status of a store: status."""

from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options


def status(
    store: options.StoreOption = None,
    topic: Annotated[
        str | None, typer.Option(help="Only this one. Default: all that were read.")
    ] = None,
    servers: Annotated[
        str | None,
        typer.Option("--bootstrap-servers", help="Kafka: to be asked how much is left to read."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.TongueOption = options.Tongue.vi,
) -> None:
    """How the store stands: log, suspense, rejects, what comes in, how far topics were read."""
    target = output.target(out, output.Paper.json if as_json else paper)
    from hoso.consumers.kafka import client, lag
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import status
    from hoso.tools.runtime import environment

    client.silence_kafka_log()
    url = store or environment.store_url()
    condition = status.condition(url)
    with open_store(url) as log:
        condition["partitions"] = [one._asdict() for one in lag.partition_lags(log, topic, servers)]
    output.put(status.document(condition), language.value, *target)

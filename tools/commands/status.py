"""The command that shows in what condition a store is: status."""

from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.jobs import histories


def status(
    store: options.StoreOption = None,
    topic: Annotated[
        str | None,
        typer.Option(metavar="TOPIC", help="Only this topic. Default: all that were read."),
    ] = None,
    servers: Annotated[
        str | None,
        typer.Option(
            "--bootstrap-servers",
            metavar="HOST:PORT,…",
            help="Ask these brokers of Kafka how many messages are not read yet.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Show the condition of the store: its events and rejects, and how far topics are read."""
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
    ask = histories.for_same_history([url], None, skip_rejects=False)
    output.put(status.document(condition, ask), language.value, *target)

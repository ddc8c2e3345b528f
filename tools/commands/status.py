"""The command that shows in what condition a store is: status."""

from typing import Annotated, Any

import typer

from hoso.tools.commands import options


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the condition of the store: its events and rejects, and how far topics are read."""
    from hoso.consumers.kafka import client, lag
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs.status import condition
    from hoso.tools.output import plain, render
    from hoso.tools.runtime import environment

    client.silence_kafka_log()
    url = store or environment.store_url()
    document = condition(url)
    with open_store(url) as log:
        partitions = [one._asdict() for one in lag.partition_lags(log, topic, servers)]
    if as_json:
        plain.print_json(document | {"partitions": partitions})
        return
    for name, fact in _told(document):
        typer.echo(f"{name:<13} {fact}")
    if partitions:
        render.show(render.rows_table(partitions, lag.PartitionLag._fields))


def _told(document: dict[str, Any]) -> list[tuple[str, str]]:
    suspense = document["suspense"]
    return [
        ("store", f"{document['store']} ({document['kind']}, schema {document['schema']})"),
        ("log position", f"{document['position']:,}"),
        ("events", f"{document['events']:,} of {document['dossiers']:,} dossiers"),
        ("in suspense", f"{suspense['events']:,} events of {suspense['dossiers']:,} dossiers"),
        ("last recorded", document["last_recorded"] or "–"),
        ("rejects", f"{document['rejects']:,}"),
        ("comes in", f"{document['events_per_second']:,} events per second"),
    ]

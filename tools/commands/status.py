"""How does it run? status."""

from typing import Annotated, Any

import typer

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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """How the store stands: log, suspense, rejects, what comes in, how far topics were read."""
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

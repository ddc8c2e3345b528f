"""The command that keeps the live ledger of a store: follow."""

from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import options
from hoso.tools.commands.found import report_consumed
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from hoso.tools.jobs.consume import Found


def follow(
    store: options.StoreOption = None,
    topic: Annotated[
        str | None,
        typer.Option(metavar="TOPIC", help="Also record the events of this topic in the store."),
    ] = None,
    servers: Annotated[
        str | None,
        typer.Option(
            "--bootstrap-servers", metavar="HOST:PORT,…", help="Kafka's brokers, for --topic."
        ),
    ] = None,
    group: options.GroupOption = "hoso",
    until_end: Annotated[
        bool,
        typer.Option("--until-end", help="Stop once everything is folded that was there at first."),
    ] = False,
    metrics_port: options.MetricsPortOption = None,
    metrics_host: options.MetricsHostOption = "127.0.0.1",
) -> None:
    """Keep the live ledger of the store: fold new events as they come, until it is stopped.

    Statements and pages read it, and are up to date at once.
    """
    if (topic is None) != (servers is None):
        raise UserError("--topic and --bootstrap-servers: give both, or neither")
    from hoso.domain.policy import Policy
    from hoso.tools.jobs import follow
    from hoso.tools.jobs.follow_metrics import FollowMetrics
    from hoso.tools.jobs.metrics import metrics_where_asked
    from hoso.tools.runtime import environment
    from hoso.tools.runtime.logs import log_as_json
    from hoso.tools.runtime.stopping import stop_requested

    log_as_json()
    url, office = store or environment.store_url(), environment.office(Policy())
    metrics, rejects, conflicts = FollowMetrics(), 0, 0
    with metrics_where_asked(metrics, metrics_port, metrics_host):
        if topic is None or servers is None:
            with stop_requested() as stop:
                differed = follow.follow(url, office, stop, metrics, until_end=until_end)
        else:
            consume = _consuming(url, topic, servers, group, until_end=until_end)
            (rejects, conflicts), differed = follow.consume_and_follow(
                url, office, consume, metrics
            )
    if differed:
        say(f"{differed:,} dossiers differed from a fold from nothing: hoso status", err=True)
    report_consumed(rejects, conflicts)
    if differed:
        raise typer.Exit(1)


def _consuming(
    url: str, topic: str, servers: str, group: str, *, until_end: bool
) -> "Callable[[], Found]":
    """What consumes a topic into a store, each message an event."""
    from functools import partial

    from hoso.consumers.kafka.client import silence_kafka_log
    from hoso.tools.jobs import consume
    from hoso.tools.runtime import process

    silence_kafka_log()
    process.set_up_consumer()
    return partial(consume.serve, url, topic, servers, group, "events", None, until_end=until_end)

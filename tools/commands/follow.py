"""The command that keeps the live ledger of a store: follow."""

from typing import Annotated

import typer

from hoso.tools.commands import options
from hoso.tools.runtime.printable import say


def follow(
    store: options.StoreOption = None,
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
    from hoso.domain.policy import Policy
    from hoso.tools.jobs.follow import follow
    from hoso.tools.jobs.follow_metrics import FollowMetrics
    from hoso.tools.jobs.metrics import metrics_where_asked
    from hoso.tools.runtime import environment
    from hoso.tools.runtime.logs import log_as_json
    from hoso.tools.runtime.stopping import stop_requested

    log_as_json()
    url, office = store or environment.store_url(), environment.office(Policy())
    metrics = FollowMetrics()
    with stop_requested() as stop, metrics_where_asked(metrics, metrics_port, metrics_host):
        differed = follow(url, office, stop, metrics, until_end=until_end)
    if differed:
        say(f"{differed:,} dossiers differed from a fold from nothing: hoso status", err=True)
        raise typer.Exit(1)

"""The commands that record events in the store, from files and from Kafka: ingest, consume."""

from typing import Annotated

import typer

from hoso.tools.commands import options
from hoso.tools.commands.found import report_consumed, report_intake, say_tidied
from hoso.tools.runtime.printable import say


def ingest(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Files with one message on each line; - is standard input.",
        ),
    ],
    store: options.StoreOption = None,
    from_format: options.InputFormatOption = None,
    old_format: options.OldInputFormatOption = None,
    recorded: options.RecordedOption = options.Recorded.now,
    channel: options.ChannelOption = None,
    procedures: options.AllowancesOption = None,
    keep_raw: options.KeepRawOption = False,
) -> None:
    """Record the events of files in the store, and keep lines that are no events as rejects."""
    input_format = options.input_format(from_format, old_format)
    from hoso.consumers.intake import files
    from hoso.tools.jobs import ingest as jobs
    from hoso.tools.runtime import environment

    url = store or environment.store_url()
    for name in names:
        files.check_readable(name)  # before the store is opened
    as_occurred = options.as_occurred(recorded)
    keep_raw = options.keeps_raw(keep_raw)
    context = environment.intake_context(
        input_format.value,
        as_occurred=as_occurred,
        keep_raw=keep_raw,
        defaults=options.national_defaults(channel, procedures),
    )
    store_name, tally = jobs.ingest(url, names, context)
    say(f"{store_name}: {tally.recorded:,} events recorded")
    say_tidied(store_name, tally.tidied)
    first = [f"{reject.origin}: {reject.reason}" for reject in tally.first_rejects]
    report_intake(first, tally.rejected, tally.conflicts)


def consume(
    topic: Annotated[str, typer.Option(metavar="TOPIC", help="The topic to read.")],
    servers: options.ServersOption,
    store: options.StoreOption = None,
    from_format: options.InputFormatOption = None,
    old_format: options.OldInputFormatOption = None,
    recorded: options.RecordedOption = options.Recorded.now,
    channel: options.ChannelOption = None,
    procedures: options.AllowancesOption = None,
    keep_raw: options.KeepRawOption = False,
    group: options.GroupOption = "hoso",
    until_end: Annotated[
        bool,
        typer.Option("--until-end", help="Stop once everything is read that was there at first."),
    ] = False,
    metrics_port: options.MetricsPortOption = None,
    metrics_host: options.MetricsHostOption = "127.0.0.1",
) -> None:
    """Record the events of a Kafka topic in the store, each exactly once, until it is stopped."""
    input_format = options.input_format(from_format, old_format)
    from hoso.consumers.kafka.client import silence_kafka_log
    from hoso.tools.jobs.consume import serve
    from hoso.tools.runtime import environment, process
    from hoso.tools.runtime.logs import log_as_json

    log_as_json()
    silence_kafka_log()
    process.set_up_consumer()
    url = store or environment.store_url()
    found = serve(
        url,
        topic,
        servers,
        group,
        input_format.value,
        metrics_port,
        metrics_host,
        until_end=until_end,
        as_occurred=recorded is options.Recorded.time,
        keep_raw=keep_raw,
    )
    report_consumed(*found)

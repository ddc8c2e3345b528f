"""The command that serves pages for browsers and programs: serve."""

from pathlib import Path
from typing import Annotated, Final

import typer

from hoso.tools.commands import options

WHO: Final = "Who may come in"


def serve(
    source: options.SourceOption = None,
    registry: options.RegistryOption = None,
    releases: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="The folder in which those of releases are: pages say what is different in them.",
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="The address on which the server listens."),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(min=0, max=65_535, metavar="NUMBER", help="The port; 0: any that is free."),
    ] = 8400,
    public_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            rich_help_panel=WHO,
            help="The address that visitors type, such as https://hoso.example.vn.",
        ),
    ] = None,
    users: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=WHO,
            help="The file of users; hoso users writes it.",
        ),
    ] = None,
    openid: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=WHO,
            help="Let people in by OpenID Connect, as this YAML file says.",
        ),
    ] = None,
    proxy_users: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=WHO,
            help="Let the proxy say who asks, by the headers that this YAML file names.",
        ),
    ] = None,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            rich_help_panel=WHO,
            help="The address of a proxy whose headers are believed. It may be given several "
            "times.",
        ),
    ] = None,
    tls_certificate: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", rich_help_panel=WHO, help="The certificate for HTTPS, as PEM."
        ),
    ] = None,
    tls_key: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", rich_help_panel=WHO, help="The key of the certificate, as PEM."
        ),
    ] = None,
    log_codes: Annotated[
        bool,
        typer.Option(
            "--log-codes",
            rich_help_panel=WHO,
            help="Write whole addresses into the access log, with the codes of dossiers.",
        ),
    ] = False,
    channel: options.ChannelOption = None,
    procedures: options.AllowancesOption = None,
    skip_rejects: options.SkipRejectsOption = False,
    cache: options.CacheOption = True,
    language: options.OwnLanguageOption = None,
) -> None:
    """Serve every figure as a page: http://127.0.0.1:8400."""
    from hoso.tools.serve.access.entrance import Entrance
    from hoso.tools.serve.server import run, serving

    entrance = Entrance(
        host,
        port,
        public_url,
        users,
        openid,
        proxy_users,
        behind_proxy or (),
        tls_certificate,
        tls_key,
        log_codes,
    )
    defaults = options.national_defaults(channel, procedures)
    served = serving(source, registry, skip_rejects=skip_rejects, cache=cache, releases=releases)
    run(served, entrance, defaults)

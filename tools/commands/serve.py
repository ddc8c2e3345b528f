"""The command that serves pages for browsers and programs: serve."""

from typing import Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import options

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def serve(
    source: options.SourceOption = None,
    registry: options.RegistryOption = None,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="The address on which the server listens."),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(min=0, max=65_535, metavar="NUMBER", help="The port; 0: any that is free."),
    ] = 8400,
    skip_rejects: options.SkipRejectsOption = False,
    cache: options.CacheOption = True,
    language: options.OwnLanguageOption = None,
) -> None:
    """Serve every figure as a page: http://127.0.0.1:8400."""
    if host not in LOOPBACK:
        raise UserError(f"--host: {host}: only this computer is served without accounts")
    from hoso.tools.serve.server import run, serving

    run(serving(source, registry, skip_rejects=skip_rejects, cache=cache), host, port)

"""The command that shows and empties caches: cache."""

from typing import Annotated

import typer

from hoso.tools import output
from hoso.tools.commands import options


def cache(
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            help="Also the cache of this store or archive. It may be given several times.",
        ),
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Empty the caches. What is needed is computed again.")
    ] = False,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Show what the caches hold, and how large they are, or empty them."""
    target = output.target(out, paper)
    from hoso.tools.jobs import cache

    made = cache.document(cache.shelves(source or []), clear=clear)
    output.put(made, language.value, *target)

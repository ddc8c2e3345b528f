"""The command for the law: which provisions are in force, and what changed between two editions."""

from typing import Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.inputs import questions


def law(
    name: options.LawOption = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="DAY",
            help="Only what is in force on this day. Default: all that was ever in force.",
            rich_help_panel=options.RULES,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            "--law-as-of",
            metavar="DAY",
            help="Only what had been published by this day.",
            rich_help_panel=options.RULES,
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--diff",
            metavar="DAY DAY",
            help="What changed between the law as published by one day and by another.",
            rich_help_panel=options.RULES,
        ),
    ] = None,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Print the provisions by which dossiers are judged: article, days in force, certainty."""
    target = output.target(out, paper)
    if compare is not None and as_of is not None:
        raise UserError("--diff: names two days of publication; leave --as-of out")
    from hoso.domain.policy import Policy
    from hoso.projections.documents.law import difference, document
    from hoso.tools.inputs.laws import law_settings

    day = None if on is None else questions.day("--on", on)
    settings = law_settings(name)
    if compare is not None:
        days = (questions.day("--diff", text) for text in compare)
        before, after = (Policy(**settings, law_as_of=each) for each in days)
        output.put(difference(before, after, day), language.value, *target)
        return
    known = None if as_of is None else questions.day("--as-of", as_of)
    output.put(document(Policy(**settings, law_as_of=known), day), language.value, *target)

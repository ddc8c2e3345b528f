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
    against_on: Annotated[
        str | None,
        typer.Option(
            "--against-on",
            metavar="DAY",
            help="What is in force on the day of --on and was not on this day, or the other way "
            "round.",
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
    if against_on is not None and (on is None or compare is not None):
        raise UserError("--against-on: needs the other day, --on, and no --diff")
    from hoso.domain.policy import Policy
    from hoso.projections.documents.law import change, difference, document
    from hoso.tools.inputs.laws import law_settings

    day = None if on is None else questions.day("--on", on)
    settings = law_settings(name)
    if compare is not None:
        days = (questions.day("--diff", text) for text in compare)
        before, after = (Policy(**settings, law_as_of=each) for each in days)
        output.put(difference(before, after, day), language.value, *target)
        return
    known = None if as_of is None else questions.day("--as-of", as_of)
    policy = Policy(**settings, law_as_of=known)
    if against_on is not None and day is not None:
        changed = change(policy, questions.day("--against-on", against_on), day)
        output.put(changed, language.value, *target)
        return
    output.put(document(policy, day), language.value, *target)

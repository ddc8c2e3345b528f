"""The command that records dossier registers (sổ theo dõi hồ sơ) from spreadsheets: import."""

from typing import Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools import output
from hoso.tools.commands import options
from hoso.tools.inputs import questions

SHOWN_WRONG: Final = 50  # on the terminal; files have all


def import_(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A spreadsheet with one row for each dossier: .xlsx, .ods or .csv.",
        ),
    ],
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="MAP",
            help="Which column has what: a YAML file, which --suggest writes, or form06 (the "
            "register of TT 01/2018) or usual (headings that exports often have). Default: usual.",
        ),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", help="Write a map of the columns, to be corrected by hand, and end."
        ),
    ] = False,
    as_it_stood: Annotated[
        str | None,
        typer.Option(
            "--as-it-stood",
            metavar="DAY",
            help="The day that the file is of. A state that the file does not date counts from "
            "then. Default: today.",
        ),
    ] = None,
    event_source: Annotated[
        str | None,
        typer.Option(
            "--event-source",
            metavar="URI",
            help="The register's name, as its events have it. Each register needs its own. "
            "Default: as the map has it, or /so-theo-doi.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be recorded, and record nothing.")
    ] = False,
    store: options.StoreOption = None,
    recorded: options.RecordedOption = options.Recorded.now,
    paper: options.PaperOption = None,
    out: options.OutOption = None,
    language: options.LanguageOption = options.Language.vi,
) -> None:
    """Record a dossier register (sổ theo dõi hồ sơ) from a spreadsheet; next month, its changes."""
    from pathlib import Path

    from hoso.consumers.store.address import StoreAddress
    from hoso.tools.inputs.column_maps import USUAL, column_map
    from hoso.tools.runtime import environment

    if suggest:
        return _suggest(name, columns, out)
    target = output.target(out, paper)
    from hoso.tools.jobs import import_document
    from hoso.tools.jobs.import_register import import_register, preview

    seen = questions.day_or_today("--as-it-stood", as_it_stood)
    if seen > questions.day_or_today("--as-it-stood", None):
        raise UserError(f"--as-it-stood: {seen:%d/%m/%Y} has not been yet")
    wanted = column_map(columns or USUAL).of_source(event_source)
    url = store or environment.store_url()
    context = environment.intake_context(
        "events", as_occurred=options.as_occurred(recorded) and not dry_run
    )
    made = (preview if dry_run else import_register)(Path(name), wanted, seen, context, url)
    shown = StoreAddress.parse(url).shown
    most = SHOWN_WRONG if target == output.SCREEN else None
    document = import_document.document(made, name, seen, shown, preview=dry_run, most_wrong=most)
    output.put(document, language.value, *target)
    if made.rows.counted["wrong"]:
        raise typer.Exit(1)
    return None


def _suggest(name: str, columns: str | None, out: str | None) -> None:
    """Write the map of a spreadsheet's columns."""
    from pathlib import Path

    from hoso.tools.inputs.column_maps import USUAL, column_map
    from hoso.tools.jobs.suggest_columns import suggestion
    from hoso.tools.output import files

    text = suggestion(Path(name), column_map(columns or USUAL))
    with files.whole(out or files.STANDARD_OUTPUT) as file:
        file.write(text.encode())

"""What does hoso do? The main job, on a real quarter: from events to the statement, and on.

The events of Sơn La's provincial one-stop centre go from a file into a store, and from there into
the statement of quarter 1 of 2023, which is held against the published report. Then the same
history is replayed into windows that the office never reported. Or, a made-up province's year
becomes all the reports that are filed of it.
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.table import Table

from hoso.consumers.intake.files import blocks
from hoso.consumers.intake.ingest import ingest, validate_block
from hoso.consumers.store.log import open_store
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named_window, parse_day
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.statement import statement
from hoso.tools.inputs import agencies, profiles
from hoso.tools.jobs.report import KINDS, Given, reports
from hoso.tools.output import plain, render
from hoso.tools.output.files import write, write_lines
from hoso.tools.output.folder import made_folder, put_all
from hoso.tools.runtime import environment
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.workers import process_map
from hoso.tools.simulation.bodies import catalogue, registry
from hoso.tools.simulation.son_la import FIGURES, IN_NO_CATEGORY, PUBLISHED, WINDOW, son_la_quarter
from hoso.tools.simulation.year import simulate
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options

YEAR: Final = named_window("2023")
YEAR_DOSSIERS: Final = 12_000
YEAR_SEED: Final = 1
YEAR_FILES: Final = ("events.jsonl", "agencies.csv", "procedures.csv")
NEXT: Final = named_window("2023-Q2")
SHIFTED: Final = Window(parse_day("01/01/2023"), parse_day("31/03/2023"))  # a calendar quarter
HEADINGS: Final = {
    "carried_over": "carried over",
    "received": "received",
    "resolved.early": "resolved early",
    "resolved.on_time": "resolved on time",
    "resolved.overdue": "resolved overdue",
    "in_progress.in_time": "in progress, in time",
    "paused or awaiting_supplement": "paused or awaiting a supplement",
    "cancelled": "cancelled or withdrawn",
}
ASSUMPTION: Final = """\
The published report does not balance: {all} ({online} online) of its dossiers are in no category.
Assumption: this demo counts them as in progress and overdue, for which the report has no line.
The report prints figures, no dossiers: the events behind them are made up to give those figures."""


def play(keep: str | None) -> bool:
    """Run the demo on the terminal; returns whether every figure came out as published.

    ``keep`` names a file for the events, which are gone at the end otherwise.
    """
    with TemporaryDirectory() as folder:
        file = keep or str(Path(folder) / "son-la-2023-q1.jsonl")
        write_lines(file, son_la_quarter(calendar().days))
        url = f"sqlite:///{folder}/hoso.db"
        context = environment.intake_from_files("events")
        work = partial(validate_block, context=context)
        with process_map(work, blocks(file)) as judged, open_store(url, create=True) as store:
            recorded = ingest(store, judged, context).recorded
        office = environment.office(Policy())
        ledger = open_source([url], Options(office.zone)).ledger(office, None)
    steps = "file → log (SQLite) → columns → fold → ledger"
    render.show(f"{plain.number(recorded)} events: {steps}\n")
    return _published_quarter(ledger) and _other_windows(ledger)


def file_a_year(folder: str) -> None:
    """File all reports of a made-up province's year into a folder, beside its events and what
    people give with them, so that each call behind a figure can be tried.

    Raises ``UserError`` where they cannot be written.
    """
    place = made_folder(folder)
    events, known, offered = (str(place / name) for name in YEAR_FILES)
    write_lines(events, simulate(YEAR_DOSSIERS, YEAR_SEED, calendar().days, facts=True))
    for file, rows in ((known, list(registry())), (offered, list(catalogue()))):
        write(file, [plain.rows_csv(rows, [*rows[0]]).encode()])
    given = Given(
        agencies.registry(known),
        profiles.entered(None),
        profiles.procedures(offered),
        profiles.fold_by("default"),
        profiles.index_by("national"),
        profiles.scorecard_by("tt01-2018"),
    )
    office = environment.office(Policy())
    source = open_source([events], Options(office.zone))
    made = reports([*KINDS], source, office, None, YEAR, given)
    ask = ("--source", events, "--registry", known)
    for file in put_all((each._replace(ask=ask) for each in made), "vi", folder):
        render.show(file)


def _published_quarter(ledger: Ledger) -> bool:
    """The statement of the quarter, and the published figures beside it."""
    stated = statement(ledger, WINDOW, ["channel"])
    render.show(render.statement_table(stated), f"{plain.basis(stated)}\n")
    [online] = [line for line in stated["lines"] if line["slice"]["channel"] == "online"]
    table = Table(title="Sơn La, quarter 1 of 2023: published (22/03/2023) and derived")
    table.add_column("figure")
    for block in PUBLISHED:
        table.add_column(f"{block}: published", justify="right")
        table.add_column("derived", justify="right")
    derived = {"all channels": plain.flat(stated["total"]), "online": plain.flat(online)}
    agrees = True
    for name, heading in HEADINGS.items():
        row = [(PUBLISHED[block][name], _sum(derived[block], name)) for block in PUBLISHED]
        table.add_row(heading, *(plain.number(figure) for pair in row for figure in pair))
        agrees &= all(published == figure for published, figure in row)
    overdue = [derived[block]["in_progress.overdue"] for block in PUBLISHED]
    table.add_row(
        "in progress, overdue", "–", plain.number(overdue[0]), "–", plain.number(overdue[1])
    )
    render.show(table)
    render.show(
        ASSUMPTION.format(all=IN_NO_CATEGORY["all channels"], online=IN_NO_CATEGORY["online"])
    )
    render.show("Every published figure is met.\n" if agrees else "FIGURES DIFFER.\n")
    return agrees


def _sum(figures: dict[str, int], name: str) -> int:
    return sum(figures[account] for account in FIGURES.get(name, (name,)))


def _other_windows(ledger: Ledger) -> bool:
    """The same history in windows of the analyst's own, and how the balances meet."""
    quarter, following, shifted = (statement(ledger, w) for w in (WINDOW, NEXT, SHIFTED))
    table = Table(title="The same history, replayed into other windows")
    table.add_column("window")
    columns = ("carried_over", "received", "total", "resolved", "returned", "cancelled")
    for name in (*columns, "carried_forward"):
        table.add_column(name.replace("_", " "), justify="right")
    for stated in (quarter, following, shifted):
        table.add_row(*_balance(stated, (*columns, "carried_forward")))
    render.show(table)
    forward, over = quarter["total"]["carried_forward"], following["total"]["carried_over"]
    meets = "=" if forward == over else "≠"
    render.show(
        f"The balances meet: carried forward on {quarter['window']['to']} {meets} carried over on "
        f"{following['window']['from']}: {plain.number(forward)} {meets} {plain.number(over)}."
    )
    return bool(forward == over)


def _balance(stated: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    figures = [stated["total"][name] for name in columns]
    totals = [figure["total"] if isinstance(figure, dict) else figure for figure in figures]
    return [" – ".join(map(plain.day, stated["window"].values())), *map(plain.number, totals)]

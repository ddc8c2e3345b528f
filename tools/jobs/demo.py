"""Runs the demo: a quarter that was published, from its events to its figures.

``play`` records the events of Sơn La's provincial one-stop centre in a store, states quarter 1 of
2023, and compares the statement with the published report. Then it states windows that the office
never reported. ``file_a_year`` simulates a province and makes all reports of its newest full year.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hoso.consumers.intake.files import blocks
from hoso.consumers.intake.ingest import ingest, validate_block
from hoso.consumers.store.log import open_store
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, administrative_year, named_window, parse_day
from hoso.projections.documents.figures import figure, flat, headings, in_words
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Document,
    Exact,
    Row,
    Table,
    Words,
)
from hoso.projections.documents.statement import document, window_of
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.statement import statement
from hoso.projections.reports import reconciliation
from hoso.tools.inputs import agencies, profiles
from hoso.tools.jobs.report import KINDS, ReportSettings, reports
from hoso.tools.output import csv
from hoso.tools.output.files import write, write_lines
from hoso.tools.output.folder import make_folder, put_all
from hoso.tools.output.terminal import show
from hoso.tools.runtime import environment
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.printable import say
from hoso.tools.runtime.workers import process_map
from hoso.tools.simulation.history import last_two_years, simulate
from hoso.tools.simulation.province import catalogue, registry
from hoso.tools.simulation.son_la import FIGURES, IN_NO_CATEGORY, PUBLISHED, WINDOW, son_la_quarter
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options

PROVINCE_DOSSIERS: Final = 30_000
PROVINCE_SEED: Final = 1
PROVINCE_FILES: Final = ("events.jsonl", "agencies.csv", "procedures.csv")
NEXT: Final = named_window("2023-Q2")
SHIFTED: Final = Window(parse_day("01/01/2023"), parse_day("31/03/2023"))  # a calendar quarter
# The terms of the vocabulary by the names of published figures.
TERM_OF: Final = {
    "carried_over": "carried_over",
    "received": "received",
    "resolved.early": "resolved.early",
    "resolved.on_time": "resolved.on_time",
    "resolved.overdue": "resolved.overdue",
    "in_progress.in_time": "in_progress.in_time",
    "paused or awaiting_supplement": "standing",
    "cancelled": "cancelled.total",
}
NOT_PUBLISHED: Final = "in_progress.overdue"
COMPARED: Final = Bilingual(
    "Sơn La, quý 1 năm 2023: công bố (22/03/2023) và suy ra từ sự kiện",
    "Sơn La, quarter 1 of 2023: published (22/03/2023) and derived",
)
BLOCKS: Final = {
    "all channels": Bilingual("Tất cả các kênh", "All channels"),
    "online": Bilingual("Trực tuyến", "Online"),
}
OTHER_WINDOWS: Final = Bilingual(
    "Cùng lịch sử ấy, tính lại cho các kỳ khác", "The same history, replayed into other windows"
)
WINDOW_FIGURES: Final = (
    *("carried_over", "received", "total", "resolved.total", "returned.total", "cancelled.total"),
    "carried_forward",
)
ASSUMPTION: Final = """\
The published report does not balance: {0} ({1} online) of its dossiers are in no category.
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
        context = environment.intake_context("events", as_occurred=True)
        work = partial(validate_block, context=context)
        with process_map(work, blocks(file)) as judged, open_store(url, create=True) as store:
            recorded = ingest(store, judged, context).recorded
        office = environment.office(Policy())
        ledger = open_source([url], Options(office.zone)).ledger(office, None)
    steps = "file → log (SQLite) → columns → fold → ledger"
    say(f"{recorded:,} events: {steps}")
    say("")
    return _published_quarter(ledger) and _other_windows(ledger)


def file_a_year(folder: str, today: date) -> None:
    """File all reports of the newest full year of a made-up province into a folder, beside its
    events and what people give with them, so that each call behind a figure can be tried.

    The history begins a year before that year and goes on up to today. Raises ``UserError`` where
    they cannot be written.
    """
    place = make_folder(folder)
    events, known, offered = (str(place / name) for name in PROVINCE_FILES)
    year = named_window(str(administrative_year(today) - 1))
    days = Window(last_two_years(year.last).first, today)
    history = simulate(PROVINCE_DOSSIERS, PROVINCE_SEED, calendar().days, days, facts=True)
    write_lines(events, history)
    write(known, csv.keyed(registry()))
    write(offered, csv.keyed(catalogue()))
    now = environment.now()
    pinned = ("--as-of", now.isoformat(), "--attribution", "final")
    given = ReportSettings(
        agencies.registry(known),
        profiles.entered(None),
        profiles.procedures(offered),
        profiles.fold_by("default"),
        profiles.index_by("national"),
        profiles.scorecard_by("tt01-2018"),
        ask=("--source", events, "--registry", known, *pinned),
    )
    office = environment.office(Policy())
    source = open_source([events], Options(office.zone))
    for file in put_all(
        reports([*KINDS, reconciliation.NAME], source, office, now, year, given), "vi", folder
    ):
        say(file)


def _published_quarter(ledger: Ledger) -> bool:
    """The statement of the quarter, and the published figures beside it."""
    stated = statement(ledger, WINDOW, ["channel"])
    show(document([stated], single=True), "vi")
    say("")
    [online] = [line for line in stated["lines"] if line["slice"]["channel"] == "online"]
    derived = {"all channels": flat(stated["total"]), "online": flat(online)}
    show(_comparison(derived), "vi")
    for line in ASSUMPTION.splitlines():
        say(line.format(IN_NO_CATEGORY["all channels"], IN_NO_CATEGORY["online"]))
    agrees = all(
        PUBLISHED[block][name] == _sum(figures, name)
        for block, figures in derived.items()
        for name in TERM_OF
    )
    say("Every published figure is met." if agrees else "FIGURES DIFFER.")
    say("")
    return agrees


def _comparison(derived: Mapping[str, Mapping[str, int]]) -> Document:
    """The published figures, and those derived from the events."""
    columns = [Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=30)]
    for block, heading in BLOCKS.items():
        columns += [
            Column(f"{block}.published", (heading, Bilingual("công bố", "published"))),
            Column(f"{block}.derived", (heading, Bilingual("suy ra", "derived"))),
        ]
    rows = []
    for name, term in {**TERM_OF, NOT_PUBLISHED: NOT_PUBLISHED}.items():
        cells: dict[str, Cell] = {"figure": Words(in_words(term))}
        for block, figures in derived.items():
            cells[f"{block}.published"] = Exact(PUBLISHED[block].get(name))
            cells[f"{block}.derived"] = Count(_sum(figures, name))
        rows.append(Row(name, cells))
    table = Table("comparison", COMPARED, tuple(columns), tuple(rows))
    return Document("comparison", COMPARED, None, (), (table,))


def _sum(figures: Mapping[str, int], name: str) -> int:
    return sum(figures[account] for account in FIGURES.get(name, (name,)))


def _other_windows(ledger: Ledger) -> bool:
    """The same history in windows of the analyst's own, and how the balances meet."""
    quarter, following, shifted = (statement(ledger, w) for w in (WINDOW, NEXT, SHIFTED))
    columns = (
        Column("window", (Bilingual("Kỳ", "Window"),), "text", width=24),
        *(Column(name, headings(name)) for name in WINDOW_FIGURES),
    )
    rows = []
    for stated in (quarter, following, shifted):
        first, last = (f"{day:%d/%m/%Y}" for day in window_of(stated))
        cells: dict[str, Cell] = {"window": Words(f"{first} – {last}")}
        cells |= {name: Count(figure(stated["total"], name)) for name in WINDOW_FIGURES}
        rows.append(Row(first, cells))
    table = Table("windows", OTHER_WINDOWS, columns, tuple(rows))
    show(Document("windows", OTHER_WINDOWS, None, (), (table,)), "vi")
    forward, over = quarter["total"]["carried_forward"], following["total"]["carried_over"]
    meets = "=" if forward == over else "≠"
    say(
        f"The balances meet: carried forward on {quarter['window']['to']} {meets} carried over on "
        f"{following['window']['from']}: {forward:,} {meets} {over:,}."
    )
    return bool(forward == over)

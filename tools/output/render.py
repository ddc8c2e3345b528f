"""How does a statement look to a person? As a table."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hoso.domain import rules
from hoso.domain.accounts import ACCOUNTS, IN_PROGRESS, OUTSIDE
from hoso.domain.calendar import date_of
from hoso.domain.office import Office
from hoso.projections.ledger.explain import Step
from hoso.tools.output.plain import HEADINGS, day, figure, flat, number, question

# Where there are too many slices to stand side by side, each is a row of these.
ROW_FIGURES: Final = (
    "carried_over",
    "received",
    "resolved.early",
    "resolved.on_time",
    "resolved.overdue",
    "returned.total",
    "cancelled.total",
    "in_progress.in_time",
    "in_progress.overdue",
    "awaiting_supplement.total",
    "paused.total",
    "carried_forward",
)
SIDE_BY_SIDE: Final = 6
WIDE: Final = 250  # characters, where there is no terminal to fit into
ENDLESS: Final = 10_000


def show(*parts: Table | str) -> None:
    """Print tables and lines; where there is no terminal, or it is too narrow, as wide as need be.

    A table squeezed into too narrow a terminal would lose digits.
    """
    terminal, endless = Console(highlight=False), Console(highlight=False, width=ENDLESS)
    for part in parts:
        needed = Measurement.get(endless, endless.options, part).minimum
        fits = terminal.is_terminal and needed <= terminal.width
        wide = Console(highlight=False, width=max(WIDE, needed))
        (terminal if fits else wide).print(part, markup=False)


def statement_table(statement: dict[str, Any]) -> Table:
    """A statement: its figures down and its slices across, or the other way round if many."""
    if len(statement["lines"]) <= SIDE_BY_SIDE:
        return _figures_down(statement)
    return _slices_down(statement)


def _title(statement: dict[str, Any]) -> str:
    window = statement["window"]
    return f"Tình hình giải quyết hồ sơ, {day(window['from'])} – {day(window['to'])}"


def _figures_down(statement: dict[str, Any]) -> Table:
    table = Table(title=_title(statement), title_justify="left")
    table.add_column("Chỉ tiêu")
    table.add_column("figure", style="dim")
    columns = [flat(line) for line in statement["lines"]] if statement["by"] else []
    for line in statement["lines"] if statement["by"] else []:
        table.add_column(_slice_name(line), justify="right", overflow="fold")
    table.add_column("Tổng", justify="right", style="bold")
    columns.append(flat(statement["total"]))
    for name, (vietnamese, english) in HEADINGS.items():
        indent = "  " if "." in name and not name.endswith(".total") else ""
        figures = [number(column[name]) for column in columns]
        style = "" if indent else "bold"
        table.add_row(Text(indent + vietnamese, style), indent + english, *figures)
    return table


def _slices_down(statement: dict[str, Any]) -> Table:
    table = Table(title=_title(statement), title_justify="left")
    for dimension in statement["by"]:
        table.add_column(dimension, overflow="fold")
    for name in ROW_FIGURES:
        table.add_column(_row_heading(name), justify="right", overflow="fold")
    for line in statement["lines"]:
        table.add_row(*_row(line))
    table.add_section()
    total = [number(figure(statement["total"], name)) for name in ROW_FIGURES]
    table.add_row("Tổng", *[""] * (len(statement["by"]) - 1), *total, style="bold")
    return table


def _row_heading(name: str) -> str:
    group, _, part = name.partition(".")
    whole = HEADINGS.get(f"{group}.total", HEADINGS[name])[0]
    return whole if part in ("", "total") else f"{whole}: {HEADINGS[name][0]}"


def _slice_name(line: dict[str, Any]) -> Text:
    return Text(", ".join("–" if value is None else value for value in line["slice"].values()))


def long_table(statements: Sequence[dict[str, Any]]) -> Table:
    """The lines of many statements, a row to each; only the names of slices are ever broken."""
    asked, by = [question(each) for each in statements], statements[0]["by"]
    rows = [
        [*map(str, question.values()), *_row(line)]
        for question, statement in zip(asked, statements, strict=True)
        for line in statement["lines"]
    ]
    headings = [*asked[0], *by, *ROW_FIGURES]
    table = Table(title="Tình hình giải quyết hồ sơ", title_justify="left")
    for place, name in enumerate(headings):
        heading = _row_heading(name) if name in ROW_FIGURES else name.replace("_", " ")
        words = " ".join([heading, *(str(row[place]) for row in rows)]).split()
        table.add_column(
            heading,
            justify="right" if name in ROW_FIGURES else "left",
            overflow="fold",
            width=None if name in by else max(map(len, words)),
        )
    for row in rows:
        table.add_row(*row)
    return table


def _row(line: dict[str, Any]) -> list[str | Text]:
    names = [Text("–" if value is None else value) for value in line["slice"].values()]
    return [*names, *(number(figure(line, name)) for name in ROW_FIGURES)]


def rows_table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Table:
    """Rows as a table, nothing shown as a dash."""
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("–" if row[c] is None else Text(str(row[c])) for c in columns))
    return table


def life_table(code: str, steps: Sequence[Step]) -> Table:
    """A dossier's life: a row for each event, and for each deadline as it passed."""
    table = Table(title=Text(f"Hồ sơ {code}"), title_justify="left")
    for column in ("day", "event", "what it did", "account", "due", "rule (source)"):
        table.add_column(column, overflow="fold")
    for step in steps:
        received = step.clock.phase != rules.NONE
        account = ACCOUNTS[step.account] if step.account != OUTSIDE else "–"
        table.add_row(
            date_of(step.day).isoformat(),
            Text(step.event_type if step.event is None else f"{step.event_type}\n{step.event}"),
            Text(step.effect),
            account,
            date_of(step.clock.due).isoformat() if received else "–",
            Text("\n".join(f"{rule.name} ({rule.source})" for rule in step.law)),
            style="yellow" if step.suspense else "",
        )
    return table


def standing(last: Step, office: Office, today: int) -> str:
    """Where a dossier stands today, and when its time runs out, if it still runs."""
    account = rules.account(last.clock, office.policy.terms(), today)
    if account == OUTSIDE:
        return "Not received yet."
    stands = f"{date_of(today)}: {ACCOUNTS[account]}"
    if account == IN_PROGRESS:
        return f"{stands}; the time runs out at the end of {date_of(last.clock.due)}"
    if last.clock.phase in (rules.AWAITING, rules.PAUSED):
        return f"{stands}; the clock has stood since {date_of(last.clock.stopped)}"
    return stands

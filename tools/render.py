"""How does a statement look to a person, and to a spreadsheet?"""

import csv
import io
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from domain import rules
from domain.accounts import ACCOUNTS, IN_PROGRESS, OUTSIDE
from domain.calendar import date_of
from domain.office import Office
from projections.explain import Step

# figure: (Vietnamese heading, English heading); indented below its group's total.
HEADINGS: Final = {
    "carried_over": ("Kỳ trước chuyển sang", "carried over"),
    "received": ("Tiếp nhận trong kỳ", "received"),
    "total": ("Tổng số", "total"),
    "resolved.total": ("Đã giải quyết", "resolved"),
    "resolved.early": ("trước hạn", "early"),
    "resolved.on_time": ("đúng hạn", "on time"),
    "resolved.overdue": ("quá hạn", "overdue"),
    "returned.total": ("Trả lại", "returned"),
    "returned.early": ("trước hạn", "early"),
    "returned.on_time": ("đúng hạn", "on time"),
    "returned.overdue": ("quá hạn", "overdue"),
    "cancelled.total": ("Rút, hủy", "cancelled"),
    "cancelled.withdrawn": ("rút", "withdrawn"),
    "cancelled.voided": ("hủy", "voided"),
    "in_progress.total": ("Đang giải quyết", "in progress"),
    "in_progress.in_time": ("trong hạn", "in time"),
    "in_progress.overdue": ("quá hạn", "overdue"),
    "awaiting_supplement.total": ("Chờ bổ sung", "awaiting supplement"),
    "awaiting_supplement.in_time": ("trong hạn", "in time"),
    "awaiting_supplement.overdue": ("quá hạn", "overdue"),
    "paused.total": ("Tạm dừng", "paused"),
    "paused.in_time": ("trong hạn", "in time"),
    "paused.overdue": ("quá hạn", "overdue"),
    "carried_forward": ("Chuyển kỳ sau", "carried forward"),
}
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


def flat(line: dict[str, Any]) -> dict[str, int]:
    """A line's figures by their dotted names, in the order of HEADINGS."""
    return {name: _figure(line, name) for name in HEADINGS}


def _figure(line: dict[str, Any], name: str) -> int:
    group, _, part = name.partition(".")
    return int(line[group][part] if part else line[group])


def number(figure: int) -> str:
    """A number as Vietnamese forms write it: 12.622."""
    return f"{figure:,}".replace(",", ".")


def day(iso: str) -> str:
    """A day as Vietnamese forms write it: 15/12/2022."""
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


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
    total = [number(_figure(statement["total"], name)) for name in ROW_FIGURES]
    table.add_row("Tổng", *[""] * (len(statement["by"]) - 1), *total, style="bold")
    return table


def _row_heading(name: str) -> str:
    group, _, part = name.partition(".")
    whole = HEADINGS.get(f"{group}.total", HEADINGS[name])[0]
    return whole if part in ("", "total") else f"{whole}: {HEADINGS[name][0]}"


def _slice_name(line: dict[str, Any]) -> Text:
    return Text(", ".join("–" if value is None else value for value in line["slice"].values()))


def basis(statement: dict[str, Any]) -> str:
    """What a statement rests on, in a few lines under it."""
    policy, suspense = statement["policy"], statement["suspense"]
    return (
        f"as of: {statement['as_of'] or 'all that is recorded'}; rules {policy['version']}: "
        f"supplement limit {policy['supplement_limit']}, after supplement "
        f"{policy['after_supplement']}, reschedule {policy['reschedule']}\n"
        f"working days: {statement['calendar']['version']}; "
        f"in suspense: {suspense['events']} events of {suspense['dossiers']} dossiers\n"
        f"{statement['digest']}"
    )


def statement_csv(statements: Sequence[dict[str, Any]], *, single: bool) -> str:
    """The lines of statements, a figure to a column (``resolved.early``), without the totals; each
    behind its window and its policy, unless it is a ``single`` one."""
    about = [] if single else [*_question(statements[0])]
    rows = [
        {**({} if single else _question(each)), **line["slice"], **flat(line)}
        for each in statements
        for line in each["lines"]
    ]
    return rows_csv(rows, [*about, *statements[0]["by"], *HEADINGS])


def _question(statement: dict[str, Any]) -> dict[str, str | int]:
    """Of which window, and under which policy, a statement is."""
    policy = {name: said for name, said in statement["policy"].items() if name != "version"}
    return {**statement["window"], **policy}


def long_table(statements: Sequence[dict[str, Any]]) -> Table:
    """The lines of many statements, a row to each; only the names of slices are ever broken."""
    asked, by = [_question(each) for each in statements], statements[0]["by"]
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
    return [*names, *(number(_figure(line, name)) for name in ROW_FIGURES)]


def rows_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180), nothing where a row has no value."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


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
            Text(step.what if step.event is None else f"{step.what}\n{step.event}"),
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


def print_json(document: object) -> None:
    """Write a document to standard output, for machines and people."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")

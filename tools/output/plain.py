"""How does a statement look to a program, and in plain words? As JSON, as CSV, as numbers and days.

What draws tables is in ``render``: it takes longer to load than many an answer to be found.
"""

import csv
import io
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson

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


def flat(line: dict[str, Any]) -> dict[str, int]:
    """A line's figures by their dotted names, in the order of HEADINGS."""
    return {name: figure(line, name) for name in HEADINGS}


def figure(line: dict[str, Any], name: str) -> int:
    """A line's figure by its dotted name."""
    group, _, part = name.partition(".")
    return int(line[group][part] if part else line[group])


def number(figure: int) -> str:
    """A number as Vietnamese forms write it: 12.622."""
    return f"{figure:,}".replace(",", ".")


def day(iso: str) -> str:
    """A day as Vietnamese forms write it: 15/12/2022."""
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


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
    about = [] if single else [*question(statements[0])]
    rows = [
        {**({} if single else question(each)), **line["slice"], **flat(line)}
        for each in statements
        for line in each["lines"]
    ]
    return rows_csv(rows, [*about, *statements[0]["by"], *HEADINGS])


def question(statement: dict[str, Any]) -> dict[str, str | int]:
    """Of which window, and under which policy, a statement is."""
    policy = {name: said for name, said in statement["policy"].items() if name != "version"}
    return {**statement["window"], **policy}


def rows_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180), nothing where a row has no value."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def print_json(document: object) -> None:
    """Write a document to standard output, for machines and people."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")

"""Does LibreOffice see in a report's spreadsheet what the report says, and work it out alike?

It is started twice, each time for all workbooks at once.
"""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl import Workbook

from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named_window
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Difference,
    Document,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Value,
    Values,
    Words,
)
from hoso.tools.inputs import agencies
from hoso.tools.jobs.report import KINDS, reports
from hoso.tools.output import Paper, csv, printed, wording
from hoso.tools.runtime import environment
from hoso.tools.simulation.province import registry
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.command import SPAN, asked
from tests.filed import LEAST
from tests.services.required import need

PATIENCE_S: Final = 120
BODIES: Final = [*registry()]
KEYS: Final = ("early", "late", "all", "share", "points", "change")
COLUMNS: Final = (
    Column("name", (Bilingual("Cơ quan", "Agency"),), "text", width=24),
    *(
        Column(key, (Bilingual("Đã giải quyết", "Resolved"), Bilingual(key, key)), width=4)
        for key in KEYS
    ),
)


def row(key: str, early: Cell, late: Cell, points: Decimal | None) -> Row:
    parts = Place(key, "early"), Place(key, "late")
    cells: dict[str, Cell] = {
        "name": Words(f"Sở {key}"),
        "early": early,
        "late": late,
        "all": Sum(parts),
        "share": Percentage(
            parts[:1], (Place(key, "all"),), Bilingual("đã giải quyết", "resolved")
        ),
        "points": Points(points),
        "change": Difference(Place(key, "points"), Place(key, "share")),
    }
    return Row(key, cells)


def made() -> Document:
    """A report with ties, dashes, large and negative numbers."""
    lines = [
        row("a", Count(12_370), Count(120), Decimal("17.456")),
        row("b", Count(1), Count(799), Decimal("-3.005")),
        row("c", Count(0), Count(0), None),
        row("d", Count(12_345_678_901), Count(-5), Decimal(0)),
    ]
    early, late = (
        Sum(tuple(Place(line.key, column) for line in lines)) for column in ("early", "late")
    )
    title = Bilingual("Kết quả", "Results")
    table = Table("t", title, COLUMNS, (*lines, row("total", early, late, None)))
    window = Window(date(2022, 12, 15), date(2023, 3, 14))
    return Document("made", title, window, (), (table,))


@pytest.fixture(scope="module")
def office() -> str:
    found = shutil.which("soffice")
    if found is None:
        need("libreoffice", "soffice is not here: apt install libreoffice-calc")
    return found


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """All that is filed of a small province's year, and the report made above, by their names."""
    folder = tmp_path_factory.mktemp("province")
    asked(
        folder, "simulate", *SPAN, "--dossiers", "600", "--seed", "3", "--facts", "--out", "p.jsonl"
    )
    bodies = b"".join(csv.written([BODIES[0], *(body.values() for body in BODIES)]))
    (folder / "agencies.csv").write_bytes(bodies)
    given = LEAST._replace(registry=agencies.registry(str(folder / "agencies.csv")))
    office = environment.office(Policy())
    source = open_source([str(folder / "p.jsonl")], Options(office.zone))
    found = reports([*KINDS], source, office, None, named_window("2023"), given)
    return {report.name: report for report in (*found, made())}


@pytest.fixture(scope="module")
def converted(
    office: str, filed: dict[str, Document], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with what LibreOffice makes of workbooks whose formulas have no values: a page of
    the report made above, and workbooks of all reports."""
    folder = tmp_path_factory.mktemp("office")
    for name, report in filed.items():
        (folder / f"{name}.xlsx").write_bytes(without_values(printed(report, "vi", Paper.xlsx)))
    convert(office, folder, "html", ["made.xlsx"])
    convert(office, folder, "xlsx", [f"{name}.xlsx" for name in filed])
    return folder / "out"


def convert(office: str, folder: Path, to: str, files: Sequence[str]) -> None:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", to, "--outdir", "out", *files],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )


def without_values(workbook: bytes) -> bytes:
    """A copy of a workbook whose formulas are still to be worked out."""
    copy = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as given, ZipFile(copy, "w") as stripped:
        for name in given.namelist():
            content = given.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            stripped.writestr(name, content)
    return copy.getvalue()


@pytest.mark.parametrize("name", [*KINDS, "made"])
def test_formulas_are_worked_out_to_what_the_report_says(
    converted: Path, filed: dict[str, Document], name: str
) -> None:
    report = filed[name]
    written = openpyxl.load_workbook(converted.parent / f"{name}.xlsx")
    read = openpyxl.load_workbook(converted / f"{name}.xlsx", data_only=True)
    for table, sheet, top, left in placed(report, written):
        known = Values(table, report.rounding)
        for line, row in enumerate(table.rows, top):
            for column, told in enumerate(table.columns, left):
                if told.key in row.cells:
                    seen = read[sheet].cell(line, column).value
                    assert same(seen, known[Place(row.key, told.key)]), (row.key, told.key)


def placed(report: Document, book: Workbook) -> Iterator[tuple[Table, str, int, int]]:
    """Each table of a report, the name of its sheet, and where its first row begins: the tables of
    a short report stand side by side."""
    tops = [int(re.sub(r"\D", "", sheet.freeze_panes or "0")) for sheet in book.worksheets]
    if len(tops) == len(report.parts) + 1:
        for part, sheet, top in zip(report.parts, book.sheetnames, tops, strict=False):
            if isinstance(part, Table):
                yield part, sheet, top, 1
        return
    left = 1
    for table in report.tables():
        yield table, book.sheetnames[0], tops[0], left
        left += len(table.columns) + 1


def same(seen: object, value: Value) -> bool:
    if isinstance(value, int | Decimal):
        return isinstance(seen, int | float) and seen == pytest.approx(float(value), abs=1e-9)
    if isinstance(value, date) and isinstance(seen, datetime):
        return seen.date() == value
    return seen == ("–" if value is None else wording.shown(value, "vi"))


def test_numbers_are_shown_as_vietnamese_forms_have_them(converted: Path) -> None:
    report = made()
    [table] = report.tables()
    known = Values(table, report.rounding)
    expected = [
        [wording.shown(known[Place(row.key, column.key)], "vi") for column in table.columns]
        for row in table.rows
    ]
    assert expected[0] == ["Sở a", "12.370", "120", "12.490", "99,04", "17,46", "-81,58"]
    assert expected[1][4] == "0,13"  # a tie: 0,125
    assert expected[2] == ["Sở c", "0", "0", "0", "–", "–", "–"]
    rows = shown(converted / "made.html")
    start = next(i for i, cells in enumerate(rows) if cells[0] == "Sở a")
    assert [cells[: len(table.columns)] for cells in rows[start : start + 5]] == expected


def shown(page: Path) -> list[list[str]]:
    """The cells of a workbook, row by row, as LibreOffice shows them."""
    rows = re.findall(r"<tr.*?</tr>", page.read_text(encoding="utf-8"), re.DOTALL)
    return [[_text(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]


def _text(cell: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", cell)).strip()

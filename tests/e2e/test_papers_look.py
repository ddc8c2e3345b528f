"""Does LibreOffice see in a report's spreadsheet what the report says, and work it out alike?"""

import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from domain.windows import Window
from projections.reports.document import (
    Cell,
    Column,
    Count,
    Difference,
    Place,
    Points,
    Report,
    Row,
    Said,
    Share,
    Sum,
    Table,
    Words,
    values,
)
from tests.services.required import need
from tools.papers import Paper, printed, wording

PATIENCE_S: Final = 120
KEYS: Final = ("early", "late", "all", "share", "points", "change")
COLUMNS: Final = (
    Column("name", (Said("Cơ quan", "Agency"),), "text", width=24),
    *(Column(key, (Said("Đã giải quyết", "Resolved"), Said(key, key)), width=4) for key in KEYS),
)


def row(key: str, early: Cell, late: Cell, points: Decimal | None) -> Row:
    parts = Place(key, "early"), Place(key, "late")
    cells: dict[str, Cell] = {
        "name": Words(f"Sở {key}"),
        "early": early,
        "late": late,
        "all": Sum(parts),
        "share": Share(parts[:1], (Place(key, "all"),), Said("đã giải quyết", "resolved")),
        "points": Points(points),
        "change": Difference(Place(key, "points"), Place(key, "share")),
    }
    return Row(key, cells)


def made() -> Report:
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
    title = Said("Kết quả", "Results")
    table = Table("t", title, COLUMNS, (*lines, row("total", early, late, None)))
    window = Window(date(2022, 12, 15), date(2023, 3, 14))
    return Report("t", title, window, (), (table,))


@pytest.fixture(scope="module")
def office() -> str:
    found = shutil.which("soffice")
    if found is None:
        need("libreoffice", "soffice is not here: apt install libreoffice-calc")
    return found


def seen(office: str, file: Path) -> list[list[str]]:
    """The cells of a workbook, row by row, as LibreOffice shows them."""
    profile = f"-env:UserInstallation=file://{file.parent}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "html", file.name],
        cwd=file.parent,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    page = file.with_suffix(".html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return [[_text(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]


def _text(cell: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", cell)).strip()


def without_values(file: Path, target: Path) -> Path:
    """A copy of a workbook with formulas whose values are still to be worked out."""
    with ZipFile(file) as given, ZipFile(target, "w") as stripped:
        for name in given.namelist():
            content = given.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            stripped.writestr(name, content)
    return target


def test_numbers_are_shown_as_vietnamese_forms_have_them_and_worked_out_alike(
    office: str, tmp_path: Path
) -> None:
    report = made()
    [table] = report.tables()
    known = values(table, report.rounding)
    expected = [
        [wording.shown(known[Place(row.key, column.key)], "vi") for column in table.columns]
        for row in table.rows
    ]
    assert expected[0] == ["Sở a", "12.370", "120", "12.490", "99,04", "17,46", "-81,58"]
    assert expected[1][4] == "0,13"  # a tie: 0,125
    assert expected[2] == ["Sở c", "0", "0", "0", "–", "–", "–"]
    file = tmp_path / "report.xlsx"
    file.write_bytes(printed(report, "vi", Paper.xlsx))
    for workbook in (file, without_values(file, tmp_path / "stripped.xlsx")):
        rows = seen(office, workbook)
        start = next(i for i, cells in enumerate(rows) if cells[0] == "Sở a")
        assert [cells[: len(table.columns)] for cells in rows[start : start + 5]] == expected

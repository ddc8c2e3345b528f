"""Writes registers as the spreadsheets that offices have: .xlsx, .ods and .csv."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

Row = Sequence[Any]
HEADINGS = (
    *("STT", "Mã hồ sơ", "Tên TTHC", "Lĩnh vực", "Họ tên người nộp", "Địa chỉ"),
    *("Cơ quan giải quyết", "Hình thức tiếp nhận", "Ngày tiếp nhận", "Ngày hẹn trả"),
    *("Ngày yêu cầu bổ sung", "Ngày bổ sung", "Ngày có kết quả", "Trạng thái"),
)
NAME = "Nguyễn Văn An"
DAY_FORMAT, MOMENT_FORMAT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"


def dossier(number: int = 1, **cells: Any) -> list[Any]:
    """A row below ``HEADINGS``: a dossier that is open, with the cells that are given."""
    usual: dict[str, Any] = dict.fromkeys(HEADINGS)
    usual |= {
        "STT": number,
        "Mã hồ sơ": f"000.00.00.H52-230301-{number:04}",
        "Tên TTHC": "Cấp giấy phép xây dựng",
        "Lĩnh vực": "Xây dựng",
        "Họ tên người nộp": NAME,
        "Địa chỉ": f"0912345678, nhà {NAME}",
        "Cơ quan giải quyết": "Sở Xây dựng",
        "Hình thức tiếp nhận": "Trực tiếp",
        "Ngày tiếp nhận": datetime(2023, 3, 1, 8, 12),  # noqa: DTZ001 # as Excel has it
        "Ngày hẹn trả": date(2023, 3, 15),
        "Trạng thái": "Đang giải quyết",
    }
    named = {name.replace("_", " "): value for name, value in cells.items()}
    assert named.keys() <= usual.keys(), named
    return [*(usual | named).values()]


def closed(number: int, day: Any, **cells: Any) -> list[Any]:
    """A row of a dossier that is resolved on a day."""
    return dossier(number, Ngày_có_kết_quả=day, Trạng_thái="Đã trả kết quả", **cells)


def write_xlsx(path: Path, rows: Iterable[Row], sheet: str = "Sổ", **options: Any) -> Path:
    """A workbook with one sheet."""
    book = xlsxwriter.Workbook(path, options)
    put(book, book.add_worksheet(sheet), rows)
    book.close()
    return path


def put(book: Any, sheet: Any, rows: Iterable[Row], first: int = 0) -> None:
    """Write rows into a worksheet, days as days."""
    day, moment = (book.add_format({"num_format": f}) for f in (DAY_FORMAT, MOMENT_FORMAT))
    for number, row in enumerate(rows, first):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value)


def write_csv(path: Path, rows: Iterable[Row], separator: str = ";") -> Path:
    """CSV as a spreadsheet that is set to Vietnamese saves it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([[as_text(v) for v in row] for row in rows])
    path.write_text("\ufeff" + text.getvalue(), encoding="utf-8")
    return path


def as_text(value: Any) -> str:
    """A cell as CSV has it."""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body>"
    "</office:document-content>"
)


def write_ods(path: Path, rows: Iterable[Row], extra: str = "") -> Path:
    """An OpenDocument spreadsheet with one sheet; ``extra`` is XML of further rows."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods, row))}</table:table-row>" for row in rows)
    table = f'<table:table table:name="Sổ">{lines}{extra}</table:table>'
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        packed.writestr("content.xml", ODS.format(table))
    return path


def _ods(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = escape(value)
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )


WRITERS: dict[str, Callable[[Path, Iterable[Row]], Path]] = {
    ".xlsx": write_xlsx,
    ".ods": write_ods,
    ".csv": write_csv,
}

"""Writes the register that docs/VAN-PHONG.md works with: 2,000 dossiers that are made up, as they
stood at the end of two months, with the faults that registers have.

``python -m tests.sample_registers docs/mau`` writes the files anew; the same each time.
"""

import csv
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from tests.command import asked
from tests.registers import HEADINGS, register_on
from tests.spreadsheets import as_text, put

FIRST, MONTHS = date(2026, 9, 1), (date(2026, 10, 14), date(2026, 11, 14))
DOSSIERS, SEED = 2_000, 2026
TITLE = "SỔ THEO DÕI HỒ SƠ"
FAMILY, MIDDLE = ("Nguyễn", "Trần", "Lò", "Quàng", "Cà", "Vì"), ("Văn", "Thị", "Đức", "Minh")
GIVEN = ("An", "Bình", "Chung", "Dung", "Hà", "Hoa", "Lan", "Nam", "Phúc", "Sơn", "Tâm", "Yến")
PERSONAL = ("Tên cá nhân, tổ chức", "Địa chỉ, số điện thoại")
UPPER = "Ngày, tháng, năm"  # over all days
COLUMNS = ("STT", *HEADINGS[:1], *PERSONAL, *HEADINGS[1:], "Ghi chú")


def main(folder: Path) -> None:
    """Write the register of each month into a folder."""
    with TemporaryDirectory() as made:
        names, events = _simulated(Path(made))
        for day in MONTHS:
            _, *rows = register_on(events, day)
            if day is MONTHS[-1]:
                del rows[7]  # a dossier that disappears
            lines = [_line(number, row, names) for number, row in enumerate(rows, 1)]
            _spoil(lines, last=day is MONTHS[-1])
            _write(folder / f"so-thang-{day.month}.xlsx", day, lines)


def _simulated(folder: Path) -> tuple[dict[str, str], Path]:
    """The names of agencies by their codes, and the events of the dossiers."""
    days = ("--from", str(FIRST), "--to", str(MONTHS[-1]))
    files = ("--out", "all.jsonl", "--registry", "agencies.csv")
    asked(folder, "simulate", "--dossiers", str(DOSSIERS), "--seed", str(SEED), *days, *files)
    with (folder / "agencies.csv").open(encoding="utf-8-sig", newline="") as opened:
        names = {row["code"]: row["name"] for row in csv.DictReader(opened)}
    return names, folder / "all.jsonl"


def _line(number: int, row: list[Any], names: dict[str, str]) -> dict[str, Any]:
    """A row of the register, with an applicant who is made up."""
    chance = Random(row[0])
    cells = dict(zip(HEADINGS, row, strict=True))
    if not cells["Ngày hẹn trả"] and not cells["Thời hạn giải quyết"]:
        cells["Ngày hẹn trả"] = cells["Ngày tiếp nhận"].date() + timedelta(30)
    cells["Cơ quan giải quyết"] = names[cells["Cơ quan giải quyết"]]
    person = " ".join(chance.choice(part) for part in (FAMILY, MIDDLE, GIVEN))
    return {
        "STT": number,
        PERSONAL[0]: person,
        PERSONAL[1]: f"Bản {chance.randint(1, 30)}, 09{chance.randint(10**7, 10**8 - 1)}",
        "Ghi chú": f"Gọi lại cho ông/bà {person}" if chance.random() < 0.05 else None,
        **cells,
    }


def _spoil(lines: list[dict[str, Any]], *, last: bool) -> None:
    """Make the faults of a register: some that hoso reads all the same, and some that it tells."""
    lines[20]["Mã hồ sơ"] = 1.23456789e15
    lines[33]["Ngày hẹn trả"] = "31/11/2026"
    turned = next(each for each in lines[41:] if each["Ngày tiếp nhận"].day > 12)
    turned["Ngày tiếp nhận"] = f"{turned['Ngày tiếp nhận']:%m/%d/%Y}"
    unseen = next(each for each in lines[44:] if 4 < each["Ngày tiếp nhận"].day < 9)
    moment = unseen["Ngày tiếp nhận"]
    unseen["Ngày tiếp nhận"] = moment.replace(month=moment.day, day=moment.month)
    for line in lines[10:700:23]:  # days as text
        line["Ngày tiếp nhận"] = as_text(line["Ngày tiếp nhận"])
    for line in lines[12:700:31]:
        line["Ngày hẹn trả"] = as_text(line["Ngày hẹn trả"])
    lines[57]["Cơ quan giải quyết"] = None
    for line in lines[60:500]:
        if line["Trạng thái"] == "Đang xử lý":
            line["Trạng thái"] = "Đang chờ ký số"
    closed = next(line for line in lines[70:] if line["Ngày kết thúc"])
    closed["Ngày kết thúc"] = None
    if last:
        lines.append({**lines[100]})  # twice, word for word
        lines.append({**lines[101], "Lĩnh vực": "Lĩnh vực khác"})


def _write(path: Path, day: date, lines: list[dict[str, Any]]) -> None:
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime.combine(day, datetime.min.time())})
    sheet = book.add_worksheet(f"Tháng {day.month}")
    bold = book.add_format(
        {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, TITLE, bold)
    sheet.merge_range(1, 0, 1, len(COLUMNS) - 1, f"Đến hết ngày {day:%d/%m/%Y}", bold)
    days = [index for index, name in enumerate(COLUMNS) if name.startswith("Ngày")]
    for index, name in enumerate(COLUMNS):
        if not days[0] <= index <= days[-1]:
            sheet.merge_range(3, index, 4, index, name, bold)
        else:
            sheet.write(4, index, name, bold)
    sheet.merge_range(3, days[0], 3, days[-1], UPPER, bold)
    put(book, sheet, [[line.get(name) for name in COLUMNS] for line in lines], 5)
    sheet.write(len(lines) + 5, 1, f"Tổng cộng: {len(lines)} hồ sơ", bold)
    sheet.write(len(lines) + 8, 1, "Người lập biểu", bold)
    for number in range(205, 215):
        sheet.set_row(number, None, None, {"hidden": True})
    sheet.freeze_panes(5, 2)
    sheet.set_column(0, len(COLUMNS) - 1, 16)
    other = book.add_worksheet("Danh mục")
    put(book, other, [["Mã", "Hình thức"], [1, "Trực tuyến"], [2, "Trực tiếp"], [3, "Bưu chính"]])
    book.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

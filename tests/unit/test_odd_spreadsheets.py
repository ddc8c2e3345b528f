"""Registers as offices really have them: each is read right, or refused in one line."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from hoso.consumers.intake.registers.columns import ColumnMap
from hoso.domain.errors import UserError
from hoso.tools.inputs.column_maps import column_map
from hoso.tools.jobs.import_document import FAULTS, FIELDS
from hoso.tools.jobs.register_rows import RegisterRows, read_register
from tests.spreadsheets import (
    HEADINGS,
    WRITERS,
    Row,
    closed,
    dossier,
    put,
    write_csv,
    write_ods,
    write_xlsx,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SEEN = date(2023, 3, 31)
RECEIVED = datetime(2023, 3, 1, 8, 12, tzinfo=ZONE)
CODES = ["000.00.00.H52-230301-0001", "000.00.00.H52-230301-0002"]
TWO: list[Row] = [HEADINGS, dossier(1), closed(2, date(2023, 3, 10))]
DAYS: dict[str, Any] = {"Ngày_tiếp_nhận": date(2023, 3, 1)}


def read(path: Path, wanted: ColumnMap | None = None) -> RegisterRows:
    return read_register(path, wanted or column_map("usual"), ZONE, SEEN)


def codes(found: RegisterRows) -> list[str]:
    return [facts.code for _, facts in found.facts]


def right(path: Path) -> RegisterRows:
    """A register that has the two dossiers and nothing wrong."""
    found = read(path)
    assert (codes(found), found.wrong) == (CODES, [])
    assert found.facts[0][1].moments["received"] == RECEIVED
    assert found.facts[1][1].moments["closed"].date() == date(2023, 3, 10)
    return found


def faults(path: Path) -> list[tuple[int, str, str]]:
    """The row, the field and the name of each fault; there are words for all of them."""
    found = [(each.row, each.fault.field, each.fault.fault) for each in read(path).wrong]
    assert all(field in FIELDS and fault in FAULTS for _, field, fault in found)
    return found


def refused(path: Path) -> str:
    """The line with which a file is refused."""
    with pytest.raises(UserError) as error:
        read(path)
    text = str(error.value)
    assert path.name in text
    assert "\n" not in text
    return text


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Makes a workbook by a function that writes into it."""

    def make(write: Callable[[Any], None], **options: Any) -> Path:
        path = tmp_path / "book.xlsx"
        made = xlsxwriter.Workbook(path, options)
        write(made)
        made.close()
        return path

    return make


# --- Headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", WRITERS)
def test_each_kind_of_file(tmp_path: Path, ending: str) -> None:
    right(WRITERS[ending](tmp_path / f"a{ending}", TWO))


@pytest.mark.parametrize("ending", WRITERS)
def test_a_title_above_the_headings(tmp_path: Path, ending: str) -> None:
    above: list[Row] = [["SỔ THEO DÕI HỒ SƠ"], [], [None, "Tháng 3/2023"], []]
    right(WRITERS[ending](tmp_path / f"a{ending}", [*above, *TWO]))


def two_rows_of_headings() -> list[Row]:
    upper = ["" if name.startswith("Ngày") else name for name in HEADINGS]
    upper[HEADINGS.index("Ngày tiếp nhận")] = "Ngày, tháng, năm"
    lower = [name if name.startswith("Ngày") else "" for name in HEADINGS]
    return [upper, lower, *TWO[1:]]


@pytest.mark.parametrize("ending", WRITERS)
def test_two_rows_of_headings(tmp_path: Path, ending: str) -> None:
    right(WRITERS[ending](tmp_path / f"a{ending}", two_rows_of_headings()))


def test_merged_headings(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet("Sổ")
        put(made, sheet, two_rows_of_headings(), 3)
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "SỔ THEO DÕI HỒ SƠ Mã hồ sơ")
        for index, name in enumerate(HEADINGS):
            if not name.startswith("Ngày"):
                sheet.merge_range(3, index, 4, index, name)
        sheet.merge_range(3, 8, 3, 12, "Ngày, tháng, năm")

    right(book(write))


def test_a_title_that_is_merged_over_all_columns_is_no_heading(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "Mã hồ sơ")
        put(made, sheet, TWO, 1)

    right(book(write))


def test_headings_in_another_order_and_spelling(tmp_path: Path) -> None:
    spelled = [f"  {name.upper()}\n ({number}) " for number, name in enumerate(HEADINGS)]
    rows = [[*reversed(row)] for row in (spelled, *TWO[1:])]
    right(write_xlsx(tmp_path / "a.xlsx", rows))


def test_headings_in_decomposed_letters(tmp_path: Path) -> None:
    right(write_csv(tmp_path / "a.csv", [[normalize("NFD", h) for h in HEADINGS], *TWO[1:]]))


def test_numbers_under_the_headings(tmp_path: Path) -> None:
    numbers = [f"({number})" for number in range(1, 15)]
    assert (
        right(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, numbers, *TWO[1:]])).counted["left_out"]
        == 1
    )
    right(write_xlsx(tmp_path / "b.xlsx", [HEADINGS, [*range(1, 15)], *TWO[1:]]))


def test_headings_again_on_the_next_page(tmp_path: Path) -> None:
    right(write_xlsx(tmp_path / "a.xlsx", [TWO[0], TWO[1], HEADINGS, TWO[2]]))


def test_several_sheets_and_one_without_headings(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        put(made, made.add_worksheet("Tháng 2"), TWO[:2])
        put(made, made.add_worksheet("Danh mục"), [["Mã", "Tên"], ["1", "Sở Xây dựng"]])
        put(made, made.add_worksheet("Tháng 3"), [["x"], HEADINGS, TWO[2]])

    found = right(book(write))
    assert found.skipped == ["Danh mục"]
    assert [(p.sheet, p.row) for p in found.sheets] == [("Tháng 2", 1), ("Tháng 3", 2)]


def test_no_headings_at_all(tmp_path: Path) -> None:
    assert "--suggest" in refused(write_xlsx(tmp_path / "a.xlsx", TWO[1:]))


# --- Rows ----------------------------------------------------------------------------------------


def test_blank_rows_sections_sums_and_signatures(tmp_path: Path) -> None:
    section = ["I", None, "Lĩnh vực xây dựng"]
    total = ["Tổng cộng", "Tổng cộng: 2 hồ sơ"]
    signed: Row = [None, "Người lập biểu", None, None, None, None, None, None, "Ngày 31 tháng 3"]
    rows: list[Row] = [HEADINGS, section, TWO[1], [], TWO[2], total, signed]
    right(write_xlsx(tmp_path / "a.xlsx", rows))


def test_a_section_that_is_merged_over_the_row(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, [HEADINGS, [], *TWO[1:]])
        sheet.merge_range(1, 0, 1, len(HEADINGS) - 1, "I. Lĩnh vực xây dựng")

    right(book(write))


def test_an_agency_that_is_merged_over_rows(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, [HEADINGS, dossier(1, Cơ_quan_giải_quyết=None), [*TWO[2]]])
        sheet.merge_range(1, 6, 2, 6, "Sở Xây dựng")

    found = right(book(write))
    assert {facts.names["agency"] for _, facts in found.facts} == {"Sở Xây dựng"}


def test_hidden_rows_are_read_and_counted(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, TWO)
        sheet.set_row(2, None, None, {"hidden": True})

    assert right(book(write)).counted["hidden"] == 1


def test_a_day_without_a_code_is_no_sum(tmp_path: Path) -> None:
    rows = [HEADINGS, [None] * 9 + [date(2023, 3, 5)], [None] * 8 + [25, 24]]
    assert faults(write_xlsx(tmp_path / "a.xlsx", rows))[:2] == [
        (2, "code", "no_code"),
        (2, "received", "not_received"),
    ]
    assert {row for row, *_ in faults(tmp_path / "a.xlsx")} == {2}


def test_the_same_row_twice_counts_once(tmp_path: Path) -> None:
    assert right(write_xlsx(tmp_path / "a.xlsx", [*TWO, TWO[1]])).counted["repeated"] == 1


def test_a_code_with_two_contents_is_wrong(tmp_path: Path) -> None:
    other = dossier(1, Lĩnh_vực="Đất đai")
    assert faults(write_xlsx(tmp_path / "a.xlsx", [*TWO, other])) == [(4, "code", "twice")]


def test_all_faults_of_a_row_are_told(tmp_path: Path) -> None:
    row = dossier(1, Ngày_tiếp_nhận="hôm qua", Ngày_hẹn_trả=None, Trạng_thái="Lạ")
    assert faults(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, row])) == [
        (2, "received", "no_day"),
        (2, "due", "no_due"),
        (2, "status", "unknown_word"),
    ]


def test_a_row_without_a_code_is_wrong(tmp_path: Path) -> None:
    rows = [HEADINGS, dossier(1, Mã_hồ_sơ=None)]
    assert faults(write_xlsx(tmp_path / "a.xlsx", rows)) == [(2, "code", "no_code")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (closed(1, date(2023, 2, 1)), ("closed", "before_received")),
        (closed(1, date(2023, 4, 1)), ("closed", "after_export")),
        (closed(1, None), ("closed", "no_closing_day")),
        (dossier(1, Ngày_có_kết_quả=date(2023, 3, 9)), ("status", "open_and_closed")),
        (
            closed(1, date(2023, 3, 9), Ngày_yêu_cầu_bổ_sung=date(2023, 3, 10)),
            ("supplement_requested", "after_closing"),
        ),
    ],
)
def test_what_cannot_be_true(tmp_path: Path, row: Row, fault: tuple[str, str]) -> None:
    assert faults(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, row])) == [(2, *fault)]


# --- Days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "01/03/2023 08:12",
        "1/3/2023 8:12:00",
        "01-03-2023 08:12",
        "01.03.2023 08h12",
        "08:12 01/03/2023",
        "08:12:00, 01/03/2023",
        "01/03/2023 08:12 AM",
        "01/03/2023 8:12 SA",
        "2023-03-01 08:12:00",
        "2023-03-01T08:12:00",
        "2023-03-01T01:12:00Z",
        "8 giờ 12 phút, ngày 01 tháng 3 năm 2023",
        " 01/03/2023  08:12 ",
    ],
)
@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_days_as_text(tmp_path: Path, text: str, ending: str) -> None:
    rows = [HEADINGS, dossier(1, Ngày_tiếp_nhận=text), TWO[2]]
    right(WRITERS[ending](tmp_path / f"a{ending}", rows))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("03/15/2023", "month_first"),
        ("01/03/23", "year_of_two_digits"),
        ("31/02/2023", "no_such_day"),
        ("01/03/2023 25:00", "no_such_day"),
        ("0001-01-01", "no_such_day"),
        ("tháng 3", "no_day"),
        (15, "no_day"),
        (True, "no_day"),
    ],
)
def test_what_is_no_day(tmp_path: Path, text: Any, fault: str) -> None:
    rows = [HEADINGS, dossier(1, Ngày_tiếp_nhận=text)]
    assert faults(write_xlsx(tmp_path / "a.xlsx", rows)) == [(2, "received", fault)]


def test_days_as_numbers_of_excel(tmp_path: Path) -> None:
    rows = [HEADINGS, dossier(1, Ngày_tiếp_nhận=44986 + (8 * 60 + 12) / 1440), TWO[2]]
    right(write_xlsx(tmp_path / "a.xlsx", rows))


def test_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    right(write_xlsx(tmp_path / "a.xlsx", TWO, date_1904=True))
    number = 44986 - 1462 + (8 * 60 + 12) / 1440
    rows = [HEADINGS, dossier(1, Ngày_tiếp_nhận=number), TWO[2]]
    right(write_xlsx(tmp_path / "b.xlsx", rows, date_1904=True))


# --- Codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (123456, "code_is_number"),
        (1.23e15, "code_digits_lost"),
        ("1.23E+15", "code_digits_lost"),
        ("1,23E+15", "code_digits_lost"),
        (date(2023, 3, 1), "code_is_day"),
        ("x" * 101, "code_too_long"),
    ],
)
def test_codes_that_excel_made_something_else(tmp_path: Path, code: Any, fault: str) -> None:
    rows = [HEADINGS, dossier(1, Mã_hồ_sơ=code)]
    assert faults(write_xlsx(tmp_path / "a.xlsx", rows)) == [(2, "code", fault)]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_zeros_that_excel_removed_are_put_back_where_the_map_says_so(
    tmp_path: Path, ending: str
) -> None:
    wanted = column_map("usual")._replace(code_digits=8)
    rows = [HEADINGS, dossier(1, Mã_hồ_sơ=123), dossier(2, Mã_hồ_sơ="00000124")]
    found = read(WRITERS[ending](tmp_path / f"a{ending}", rows), wanted)
    assert (codes(found), found.wrong) == (["00000123", "00000124"], [])


# --- Formulas, macros, sizes ---------------------------------------------------------------------


def test_a_formula_has_the_value_that_was_saved(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, TWO)
        sheet.write_formula(1, 1, '="000.00.00."&"H52-230301-0001"', None, CODES[0])

    right(book(write))


def without_values(path: Path) -> Path:
    """A workbook without the saved values of its formulas, as programs write it."""
    made = path.with_name("bare.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", old.read(name)))
    return made


def test_a_formula_without_its_value_is_wrong(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, TWO)
        sheet.write_formula(1, 8, "=TODAY()")
        sheet.write_formula(2, 0, "=ROW()")  # not mapped: nobody minds

    assert faults(without_values(book(write))) == [(2, "received", "uncomputed")]


def test_a_workbook_with_a_macro_is_read_and_nothing_runs(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", TWO)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"\0" * 100)
    right(path.rename(tmp_path / "a.xlsm"))


def test_the_last_row_that_a_sheet_may_have(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, TWO[:2])
        put(made, sheet, TWO[2:], 1_048_575)

    assert right(book(write)).facts[1][0].row == 1_048_576


def test_a_cell_in_the_last_column_and_a_false_size(book: Callable[..., Path]) -> None:
    def write(made: Any) -> None:
        sheet = made.add_worksheet()
        put(made, sheet, TWO)
        sheet.write(1, 16_383, "xa")

    path = book(write)
    right(path)
    lying = path.with_name("lying.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(lying, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(name, raw.replace(b'<dimension ref="A1:XFD3"', b'<dimension ref="A1:A1"'))
    right(lying)


def test_rows_far_beyond_a_sheet_are_not_waited_for(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", TWO)
    far = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            end = b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>'
            new.writestr(name, old.read(name).replace(b"</sheetData>", end))
    right(far)


def test_an_opendocument_sheet_with_a_million_blank_rows(tmp_path: Path) -> None:
    blank = (
        '<table:table-row table:number-rows-repeated="1048573">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    right(write_ods(tmp_path / "a.ods", TWO, blank))


def test_comments_of_an_opendocument_sheet_are_not_read(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", TWO)
    noted = tmp_path / "noted.ods"
    note = "<office:annotation><text:p>Nguyễn Văn An</text:p></office:annotation><text:p>Xây dựng"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(noted, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("<text:p>Xây dựng".encode(), note.encode()))
    assert right(noted).facts[0][1].names["field"] == "Xây dựng"


# --- What is refused -----------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("empty.xlsx", b"", "is empty"),
        ("blank.csv", b"\n \n", "is empty"),
        ("old.xls", OLE, "old format of Excel"),
        ("password.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("report.xlsx", b"%PDF-1.7\n...", "seems to be a PDF"),
        ("export.xls", b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        ("cut.xlsx", b"PK\x03\x04" + b"\0" * 100, "damaged"),
        ("latin.csv", "Mã hồ sơ;Ngày tiếp nhận\n1;2\n".encode("utf-16-le"), "UTF-8"),
        ("unicode.txt", "\ufeffMã hồ sơ\tNgày nhận\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_spreadsheet(tmp_path: Path, name: str, raw: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert told in refused(path)


def test_other_documents_in_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", "<document/>")
    assert "no spreadsheet" in refused(path)


def test_an_opendocument_file_with_a_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        packed.writestr("content.xml", b"\x8f\x01\x02")
    assert "password" in refused(path)


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_a_file_that_was_cut_off_or_damaged_is_refused(tmp_path: Path, ending: str) -> None:
    raw = WRITERS[ending](tmp_path / f"whole{ending}", TWO).read_bytes()
    path = tmp_path / f"part{ending}"
    path.write_bytes(raw[: len(raw) // 2])
    assert "damaged" in refused(path)
    sheet = "xl/worksheets/sheet1.xml" if ending == ".xlsx" else "content.xml"
    with zipfile.ZipFile(tmp_path / f"whole{ending}") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, body[: len(body) * 2 // 3] if name == sheet else body)
    assert "damaged" in refused(path)


def test_an_unclosed_quotation_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Mã hồ sơ,Ngày tiếp nhận\n"1,2\n')
    refused(path)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_any_separator(tmp_path: Path, separator: str) -> None:
    right(write_csv(tmp_path / "a.csv", TWO, separator))


# --- Attacks -------------------------------------------------------------------------------------


def test_a_table_of_texts_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", TWO)
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, True, 1) as new,
    ):
        for name in old.namelist():
            if name != "xl/sharedStrings.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/sharedStrings.xml", "w") as texts:
            for _ in range(301):
                texts.write(bytes(1_000_000))
    assert bomb.stat().st_size < 3_000_000
    assert "too large when unpacked" in refused(bomb)


def test_entities_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", TWO)
    names = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    grown = f'<!DOCTYPE x [<!ENTITY e0 "Nguyễn">{"".join(names)}]>'
    laughing = tmp_path / "laughing.ods"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(laughing, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "content.xml":
                text = grown + text.replace("Xây dựng", "&e11;")
            new.writestr(name, text)
    assert "damaged" in refused(laughing)


def test_a_row_that_an_opendocument_sheet_repeats_counts_once(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", TWO)
    repeated = tmp_path / "repeated.ods"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(repeated, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            head, row, rest = text.rpartition("<table:table-row>")
            often = '<table:table-row table:number-rows-repeated="20000">'
            new.writestr(name, f"{head}{often if row else ''}{rest}")
    assert right(repeated).counted["repeated"] == 19_999

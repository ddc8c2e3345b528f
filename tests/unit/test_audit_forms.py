"""Audits of forms 07a, 07b, 07c and II.06a as offices type them, and what they find."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from hoso.domain.errors import UserError
from hoso.domain.windows import named_window
from hoso.projections.audit.checks import Audit, audit_report
from hoso.projections.audit.findings import Check
from hoso.projections.audit.forms import form_kind
from hoso.projections.audit.published import LoadedReport
from hoso.tools.inputs.published import read
from tests.audited import english, findings, numbers, unchecked

# As in the annex of TT 09/2026/TT-BTP: titles, headings over three rows, the row of numbers.
ANNEX = """\
Biểu số {form}/BTP/KSTT,"TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",,,,,,,,,,,,,
"Kỳ báo cáo: Tháng 10/2026
(Từ ngày 15/9/2026 đến ngày 14/10/2026)",,,,,,,,,,,,,,
- Đơn vị báo cáo: {body},,,,,,,,,,,,,,
STT,Lĩnh vực giải quyết,Số lượng hồ sơ tiếp nhận,,,,,,Số lượng hồ sơ đã giải quyết,,,,\
Số lượng hồ sơ đang giải quyết,,
,,Tổng số,Trong kỳ,,,,Từ kỳ trước,Tổng số,Trước hạn,Đúng hạn,Quá hạn,Tổng số,Trong hạn,Quá hạn
,,,Trực tuyến toàn trình,Trực tuyến một phần,Qua dịch vụ bưu chính,Trực tiếp,,,,,,,,
(1),(2),(3)=(4)+(5) +(6)+(7)+(8),(4),(5),(6),(7),( (8),9)=(10)+(11) +(12),(10),(11),(12),\
(13)=(14)+ (15),(14),(15)
{rows}
Lưu ý: số liệu đến hết ngày 14/10/2026,,,,,,,,,,,,,,
NGƯỜI LẬP BIỂU,,,,,,,,THỦ TRƯỞNG ĐƠN VỊ,,,,,,
"""
CIVIL = "1,Hộ tịch,1.234,1.000,200,-,30,4,1.200,1.100,90,10,34,30,4"
LAND = '2,"Đất đai, nhà ở",20,,,5,10,5,12,10,2,,8,5,3'
WHOLE = "TỔNG CỘNG,,1.254,1.000,200,5,40,9,1.212,1.110,92,10,42,35,7"
PROVINCE = [
    "I.,Thuộc phạm vi thẩm quyền của UBND cấp tỉnh,,,,,,,,,,,,,",
    CIVIL,
    "2,Lĩnh vực…,,,,,,,,,,,,,",
    "II.,Thuộc phạm vi thẩm quyền của UBND cấp xã,,,,,,,,,,,,,",
    LAND.replace("2,", "1,", 1),
    WHOLE,
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(
    rows: Sequence[str], form: str = "07b", body: str = "UBND tỉnh Sơn La", name: str = "form.csv"
) -> str:
    """The name of a file in which an office has typed a form."""
    Path(name).write_text(ANNEX.format(form=form, body=body, rows="\n".join(rows)))
    return name


def read_and_audited(name: str) -> tuple[LoadedReport, Audit]:
    report = read(name)
    return report, audit_report(report.published, report.tables)


def audited(rows: Sequence[str], form: str = "07b") -> Audit:
    return read_and_audited(typed(rows, form))[1]


def places(found: Audit) -> list[str]:
    return [each.place for each in found.findings]


@pytest.mark.usefixtures("folder")
def test_a_form_as_an_office_types_it_holds() -> None:
    report, found = read_and_audited(typed(PROVINCE))
    assert (found.findings, found.unchecked) == ([], [])
    assert report.published.window == named_window("2026-M10")
    [loaded] = report.tables
    assert loaded.forms[0].kind.name == "07b"  # type: ignore[union-attr]
    assert [english(each) for each in found.holds] == [
        "3 rows: (3) = (4) + (5) + (6) + (7) + (8)",
        "3 rows: (3) = (9) + (13)",
        "3 rows: (9) = (10) + (11) + (12)",
        "3 rows: (13) = (14) + (15)",
        "13 columns: the sum of 2 rows",
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("row", "before", "after", "place", "figures"),
    [
        (1, ",34,30,4", ",35,30,4", "form.csv: I.1. Hộ tịch: (13)", ("35", "34", "1")),
        (1, "1.234,1.000", "1.324,1.000", "form.csv: I.1. Hộ tịch: (3)", ("1324", "1234", "90")),
        (4, ",5,10,5,12", ",5,11,5,12", "form.csv: II.1. Đất đai, nhà ở: (3)", ("20", "21", "-1")),
        (5, "1.254", "1.255", "form.csv: TỔNG CỘNG: (3)", ("1255", "1254", "1")),
    ],
)
def test_what_does_not_hold_is_named_by_row_and_column(
    row: int, before: str, after: str, place: str, figures: tuple[str, str, str]
) -> None:
    rows = [*PROVINCE]
    assert before in rows[row]
    rows[row] = rows[row].replace(before, after)
    [first, *_] = [each for each in audited(rows).findings if each.place == place]
    assert numbers(first) == figures


@pytest.mark.usefixtures("folder")
def test_the_one_cell_that_explains_all_that_fails_is_the_cause() -> None:
    rows = [PROVINCE[0], CIVIL.replace("1.000", "1.090"), *PROVINCE[2:]]
    found = audited(rows)
    assert places(found) == ["form.csv: I.1. Hộ tịch: (3)", "form.csv: TỔNG CỘNG: (4)"]
    assert {english(each) for each in found.findings} == {
        "(4) of “I.1. Hộ tịch” is printed as 1,090 and should be 1,000 (one digit is wrong): then "
        "all sums with it hold"
    }
    swapped = [PROVINCE[0], CIVIL.replace("1.234", "1.324"), *PROVINCE[2:]]
    assert "đúng ra là 1.234 (đảo hai chữ số)" in audited(swapped).findings[0].cause.vi


@pytest.mark.usefixtures("folder")
def test_a_blank_cell_is_nothing_and_a_blank_total_of_something_is_a_finding() -> None:
    assert audited([LAND, "TỔNG CỘNG,,20,,,5,10,5,12,10,2,,8,5,3"], "07a").findings == []
    blank = audited([LAND, "TỔNG CỘNG,,20,,,5,10,5,12,10,2,,–,5,3"], "07a")
    assert [numbers(each) for each in findings(blank, Check.column_sum)] == [(None, "8", None)]
    cause = "(13) of “TỔNG CỘNG” is blank and should be 8: then all sums with it hold"
    assert {english(each) for each in blank.findings} == {cause}


@pytest.mark.usefixtures("folder")
def test_sections_and_subtotals_with_figures_add_up_their_own_lines() -> None:
    figures = CIVIL.removeprefix("1,Hộ tịch,")
    land = LAND.partition('",')[2]
    sections = [
        f"I.,Cấp tỉnh,{figures}",
        *PROVINCE[1:3],
        f"II.,Cấp xã,{land}",
        *PROVINCE[4:],
    ]
    assert audited(sections).findings == []
    sections[0] = sections[0].replace("1.200", "1.201")
    assert "form.csv: I. Cấp tỉnh: (9)" in places(audited(sections))
    subtotals = [*PROVINCE[:3], f",Cộng mục I,{figures}", *PROVINCE[3:5], f",Cộng mục II,{land}"]
    assert audited([*subtotals, WHOLE]).findings == []
    subtotals[3] = subtotals[3].replace("1.200", "1.201")
    assert "form.csv: Cộng mục I: (9)" in places(audited([*subtotals, WHOLE]))


@pytest.mark.usefixtures("folder")
def test_columns_that_slipped_by_a_row_are_found_in_a_form() -> None:
    lines = [
        f"{n},F{n},{t},{a},0,0,0,0,{t},{t},0,0,0,0,0"
        for n, t, a in [(1, 5, 0), (2, 17, 5), (3, 29, 17), (4, 41, 29), (5, 53, 41)]
    ]
    found = audited([*lines, "TỔNG CỘNG,,145,145,0,0,0,0,145,145,0,0,0,0,0"], "07a")
    [shift] = findings(found, Check.row_shift)
    assert "columns (4) stand below their own rows, by 1" in english(shift)
    assert findings(found, Check.row_sum) == []


@pytest.mark.usefixtures("folder")
def test_a_form_without_a_total_says_so() -> None:
    found = audited([CIVIL, LAND], "07a")
    assert english(*unchecked(found, Check.column_sum)) == "the form has no row of totals"


@pytest.mark.usefixtures("folder")
def test_bodies_below_bodies_are_added_up() -> None:
    numbers_row = ",".join(f"({n})" for n in range(1, 14))
    rows = [
        "STT,Lĩnh vực,a,b,c,d,e,f,g,h,i,j,k",
        numbers_row,
        ",Sở A,30,10,10,10,20,10,5,5,10,6,4",
        "1,Đất đai,10,4,3,3,8,4,2,2,2,1,1",
        ",Chi cục A1,20,6,7,7,12,6,3,3,8,5,3",
        "1,Đất đai,15,5,5,5,9,5,2,2,6,4,2",
        "2,Môi trường,5,1,2,2,3,1,1,1,2,1,1",
        ",Sở B,3,1,1,1,3,1,1,1,0,0,0",
        "1,Đất đai,3,1,1,1,3,1,1,1,0,0,0",
        ",Tổng cộng,33,11,11,11,23,11,6,6,10,6,4",
    ]
    Path("a.csv").write_text("\n".join(rows))
    assert read_and_audited("a.csv")[1].findings == []
    Path("a.csv").write_text("\n".join(rows).replace(",Sở A,30,10,10", ",Sở A,30,11,10"))
    assert set(places(read_and_audited("a.csv")[1])) == {"a.csv: Sở A: (3)", "a.csv: Sở A: (4)"}


@pytest.mark.usefixtures("folder")
def test_forms_may_stand_side_by_side() -> None:
    rows = [
        ["Sở A", *[""] * 15, "Sở B", *[""] * 14],
        [*(f"({n})" for n in range(1, 16)), "", *(f"({n})" for n in range(1, 16))],
        [*LAND.replace('"Đất đai, nhà ở"', "Đất đai").split(","), "", *CIVIL.split(",")],
        ["", "Tổng cộng", *CIVIL.split(",")[2:], "", "", "Tổng cộng", *CIVIL.split(",")[2:]],
    ]
    Path("a.csv").write_text("\n".join(map(",".join, rows)))
    report, found = read_and_audited("a.csv")
    assert [form.body for form in report.tables[0].forms] == ["Sở A", "Sở B"]  # type: ignore[union-attr]
    assert {place.rpartition(": ")[0] for place in places(found)} == {"a.csv: Sở A: Tổng cộng"}


def workbook(name: str, rows: Sequence[Sequence[object]]) -> str:
    """The name of a workbook with these rows on its first worksheet."""
    book = openpyxl.Workbook()
    [sheet] = book.worksheets
    for row in rows:
        sheet.append(list(row))
    book.save(name)
    return name


@pytest.mark.usefixtures("folder")
def test_a_workbook_that_an_office_typed_is_read() -> None:
    """Merged titles, (1) that became -1, numbers as numbers and as texts, the total at the top."""
    book = openpyxl.Workbook()
    [sheet] = book.worksheets
    sheet["A1"] = "BIỂU 07b"
    sheet.merge_cells("A1:O1")
    sheet["A2"] = "(Từ ngày 15 tháng 9 năm 2026 đến ngày 14 tháng 10 năm 2026)"
    sheet["A4"], sheet["B4"], sheet["C4"] = "STT", "Lĩnh vực", "Tiếp nhận"
    sheet.merge_cells("C4:H4")
    sheet.append([-number for number in range(1, 16)])
    sheet.append(["Tổng số", None, "1.254", 1000, 200, 5, 40, 9, "1 212", 1110, 92, 10, 42, 35, 7])
    sheet.append(["I", "Cấp tỉnh"])
    sheet.append([1, "Hộ tịch", 1234, 1000, 200, "-", 30, 4, "1,200", 1100, 90, 10, 34, 30, 4])
    sheet.append(["II", "Cấp xã"])
    sheet.append([1, "Đất đai", 20, None, None, 5, 10, 5, 12, 10, 2, None, 8, 5, 3])
    sheet.append([])
    sheet.append([None, "Người lập biểu", None, None, None, None, None, None, "Thủ trưởng"])
    book.create_sheet("Ghi chú")["A1"] = "Không có biểu ở đây"
    book.save("form.xlsx")
    report, found = read_and_audited("form.xlsx")
    assert (found.findings, found.unchecked) == ([], [])
    assert report.published.window == named_window("2026-M10")
    assert report.tables[0].forms[0].kind.name == "07b"  # type: ignore[union-attr]
    assert len(report.tables[0].forms[0].rows) == 3  # type: ignore[union-attr]


@pytest.mark.usefixtures("folder")
def test_a_free_table_may_be_a_workbook() -> None:
    workbook("x.xlsx", [["agency", "t", "p", "q"], ["A", 15.98, 7.99, 7.98], ["B", 9, 4, 4]])
    Path("r.yaml").write_text("tables: [{file: x.xlsx, total: t, parts: [p, q]}]")
    found = read_and_audited("r.yaml")[1]
    assert [note.place for note in found.notes] == ["x.xlsx: A"]
    assert places(found) == ["x.xlsx: B"]


@pytest.mark.usefixtures("folder")
def test_a_worksheet_with_a_cell_in_its_last_corner_is_refused_at_once() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["XFD1048576"] = 1
    book.save("form.xlsx")
    with pytest.raises(UserError, match=r"^form.xlsx: Sheet: has cells beyond 50,000 rows"):
        read("form.xlsx")


@pytest.mark.usefixtures("folder")
def test_a_report_names_its_forms_and_says_which_they_are() -> None:
    typed(PROVINCE, name="x.csv")
    Path("r.yaml").write_text("title: T\ntables:\n  - {file: x.csv, form: 07b}\n")
    report, found = read_and_audited("r.yaml")
    assert report.published.window == named_window("2026-M10")
    assert found.findings == []
    Path("r.yaml").write_text("tables: [{file: x.csv, form: II.06a}]")
    assert read("r.yaml").tables[0].forms[0].kind.name == "II.06a"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["07b", "7B", "07b/BTP/KSTT", "Biểu số 07b", "form07b"])
def test_a_form_may_be_named_as_people_do(name: str) -> None:
    assert form_kind(name).name == "07b"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("STT,a\n1,2\n", "form.csv: has no form: number its columns (1), (2), (3) … up to (15)"),
        (
            ANNEX.format(form="07a", body="X", rows=CIVIL.replace("1.000", "nhiều")),
            "form.csv:9: column (4): 'nhiều' is no number of dossiers: write 1234 or 1.234",
        ),
        (
            ANNEX.format(form="07a", body="X", rows=CIVIL.replace("1.000", "1.5")),
            "column (4): '1.5' is no number of dossiers",
        ),
        (
            ANNEX.format(form="07a", body="X", rows=CIVIL.replace("1.000", "-5")),
            "form.csv:9: column (4): '-5' is negative",
        ),
    ],
)
def test_what_is_wrong_in_a_form_is_told(text: str, line: str) -> None:
    Path("form.csv").write_text(text)
    with pytest.raises(UserError) as error:
        read("form.csv")
    assert line in str(error.value)


@pytest.mark.usefixtures("folder")
def test_what_is_no_workbook_is_told() -> None:
    Path("form.xlsx").write_text("x")
    with pytest.raises(UserError, match=r"^form.xlsx: is no workbook; save it as .xlsx"):
        read("form.xlsx")
    with ZipFile("form.xlsx", "w") as packed:
        packed.writestr("a.txt", "x")
    with pytest.raises(UserError, match=r"^form.xlsx: is a damaged workbook \(KeyError\)"):
        read("form.xlsx")
    Path("r.yaml").write_text("tables: [{file: form.xlsx, form: 08a}]")
    with pytest.raises(UserError, match=r"tables\[1\].form: '08a' is no form: use II.06a"):
        read("r.yaml")

"""Forms 07a, 07b and 07c/BTP/KSTT (TT 09/2026/TT-BTP), by a history counted by hand.

The window is October 2026: 15/09 to 14/10. Two bodies: the department H52.01 and the commune
H52.21. One dossier goes from the department to the commune within the window.
"""

from datetime import date
from typing import Any

import pytest

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named_window
from hoso.projections.documents.model import Document, Value
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.reports.basis.inputs import Entered, Inputs
from hoso.projections.reports.forms.form07 import COLUMNS
from hoso.tools.inputs import profiles
from hoso.tools.jobs.report import ReportSettings, all_reports, form_in_force
from tests.engine import LOCAL, VIETNAM, Json, log_of
from tests.filed import LEAST, filed, row_of, table_of
from tests.told import received, resolved, said

OCTOBER = named_window("2026-M10")
LATER = "2026-12-01"
CIVIL, LAND = "Hộ tịch", "Đất đai"


def department(code: str, when: str, channel: str, due: str, **data: Any) -> Json:
    own = {"agency": "H52.01", "level": "province", "field": CIVIL}
    return received(when, code=code, channel=channel, due=due, **{**own, **data})


def commune(code: str, when: str, channel: str, due: str, **data: Any) -> Json:
    own = {"agency": "H52.21", "level": "commune", "field": CIVIL}
    return received(when, code=code, channel=channel, due=due, **{**own, **data})


HISTORY = [
    department("early", "2026-09-01", "online", LATER, online_service="full"),
    resolved("2026-09-20", code="early"),
    department("on_time", "2026-09-20", "online", "2026-09-25", online_service="partial"),
    resolved("2026-09-25", code="on_time"),
    department("unsaid", "2026-09-21", "online", LATER),
    department("overdue", "2026-09-22", "post", "2026-09-28", field=LAND),
    resolved("2026-09-30", code="overdue"),
    department("moved", "2026-09-10", "in_person", LATER, field=LAND),
    said("reassigned", "2026-10-01", code="moved", agency="H52.21", level="commune"),
    commune("late", "2026-09-22", "in_person", "2026-09-24"),
    commune("returned", "2026-09-23", "in_person", LATER),
    said("returned", "2026-09-24", code="returned", reason="not_eligible"),
    commune("withdrawn", "2026-09-23", "post", LATER),
    said("cancelled", "2026-09-24", code="withdrawn", reason="withdrawn"),
    commune("paused", "2026-09-23", "online", LATER, online_service="full"),
    said("paused", "2026-09-24", code="paused", reason="awaiting_authority"),
]
#                     (3)(4)(5)(6)(7)(8)  (9)(10)(11)(12)  (13)(14)(15)
DEPARTMENT_CIVIL = [3, 0, 2, 0, 0, 1, 2, 1, 1, 0, 1, 1, 0]
DEPARTMENT_LAND = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0]
DEPARTMENT = [4, 0, 2, 1, 0, 1, 3, 1, 1, 1, 1, 1, 0]
COMMUNE_CIVIL = [4, 1, 0, 1, 2, 0, 2, 1, 1, 0, 2, 1, 1]
COMMUNE_LAND = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0]
COMMUNE = [5, 1, 0, 1, 2, 1, 2, 1, 1, 0, 3, 2, 1]
WHOLE = [9, 1, 2, 2, 2, 2, 5, 2, 2, 1, 4, 3, 1]


def ledger_of(history: list[Json]) -> Ledger:
    return replay(log_of(history), Office(LOCAL, VIETNAM, Policy(), date(2027, 12, 31)), None)


def form(
    name: str,
    window: Window = OCTOBER,
    given: ReportSettings = LEAST,
    history: list[Json] = HISTORY,
) -> Document:
    return filed(ledger_of(history), window, given, [name])[name]


def rows(document: Document, key: str) -> list[tuple[str, list[Value]]]:
    """The rows of a form: what stands in column (2), and the figures that stand in the others."""
    listed = []
    for row in table_of(document, key).rows:
        values = row_of(document, key, row.key)
        name = values["field"]
        figures = [values[column.key] for column in COLUMNS[2:] if column.key in values]
        listed.append((name if isinstance(name, str) else name.vi, figures))  # type: ignore[union-attr]
    return listed


def notes(document: Document, key: str) -> str:
    return "\n".join(note.vi for note in table_of(document, key).notes)


def test_a_province_reports_its_own_dossiers_and_those_of_its_communes() -> None:
    assert rows(form("form07b"), "form07b") == [
        ("Tình hình, kết quả giải quyết TTHC thuộc phạm vi thẩm quyền của UBND cấp tỉnh", []),
        (LAND, DEPARTMENT_LAND),
        (CIVIL, DEPARTMENT_CIVIL),
        (
            "Tổng hợp tình hình, kết quả giải quyết TTHC thuộc phạm vi thẩm quyền của UBND cấp xã",
            [],
        ),
        (LAND, COMMUNE_LAND),
        (CIVIL, COMMUNE_CIVIL),
        ("TỔNG CỘNG", WHOLE),
    ]


def test_each_body_that_resolves_has_a_form_of_its_own() -> None:
    document = form("form07a")
    assert [table.title.vi for table in document.tables()] == ["H52.01", "H52.21"]
    assert rows(document, "form07a.H52.01") == [
        (LAND, DEPARTMENT_LAND),
        (CIVIL, DEPARTMENT_CIVIL),
        ("TỔNG CỘNG", DEPARTMENT),
    ]
    assert rows(document, "form07a.H52.21") == [
        (LAND, COMMUNE_LAND),
        (CIVIL, COMMUNE_CIVIL),
        ("TỔNG CỘNG", COMMUNE),
    ]


def test_a_ministry_reports_in_four_sections() -> None:
    given = LEAST._replace(inputs=Inputs(agencies={"H52.01": Entered(section="II")}))
    figures = [each for _, each in rows(form("form07c", given=given), "form07c")]
    civil, land = DEPARTMENT_CIVIL, DEPARTMENT_LAND
    assert figures == [[], [], land, civil, [], [], COMMUNE_LAND, COMMUNE_CIVIL, WHOLE]
    by_level = [each for _, each in rows(form("form07c"), "form07c")]
    assert by_level == [[], [], [], land, civil, [], COMMUNE_LAND, COMMUNE_CIVIL, WHOLE]


def test_a_body_is_in_the_section_of_the_body_above_it() -> None:
    given = LEAST._replace(
        registry=AgencyRegistry(
            [
                Agency("G", "Cục", "province", None),
                Agency("H52.01", "Chi cục", "province", "G"),
                Agency("H52.21", "Đội", "commune", "G"),
            ]
        ),
        inputs=Inputs(agencies={"G": Entered(section="I"), "H52.21": Entered(section="III")}),
    )
    keys = [row.key for row in table_of(form("form07c", given=given), "form07c").rows]
    assert keys == [
        *("section I", f"I/{LAND}", f"I/{CIVIL}", "section II"),
        *("section III", f"III/{LAND}", f"III/{CIVIL}", "section IV", "whole"),
    ]


def test_dossiers_of_no_section_stand_outside_and_count_in_the_total() -> None:
    history = [
        department("a", "2026-09-20", "in_person", LATER, level="district"),
        commune("b", "2026-09-20", "in_person", LATER),
    ]
    document = form("form07b", history=history)
    keys = [row.key for row in table_of(document, "form07b").rows]
    assert keys[-3:] == ["section outside", f"outside/{CIVIL}", "whole"]
    assert row_of(document, "form07b", "whole")["received"] == 2


def test_the_note_names_rows_whose_column_8_is_not_column_13_of_the_period_before() -> None:
    said_under = notes(form("form07b"), "form07b")
    assert "khác cột (13) của kỳ trước (15/08/2026 – 14/09/2026)" in said_under
    assert f"I. {LAND} 0, kỳ trước 1; II. {LAND} 1, kỳ trước 0." in said_under
    assert CIVIL not in said_under
    assert f"{LAND} 1, kỳ trước 0." in notes(form("form07a"), "form07a.H52.21")


def test_the_note_says_so_where_columns_8_and_13_are_equal() -> None:
    stayed = [event for event in HISTORY if event["type"] != "dossier.reassigned.v1"]
    said_under = notes(form("form07b", history=stayed), "form07b")
    assert "Cột (8) bằng cột (13) của kỳ trước (15/08/2026 – 14/09/2026) ở mọi dòng." in said_under


def test_a_body_whose_dossiers_all_went_elsewhere_still_has_a_form() -> None:
    moved = [event for event in HISTORY if event["subject"] == "moved"]
    document = form("form07a", history=moved)
    assert rows(document, "form07a.H52.01") == [("TỔNG CỘNG", [0] * 13)]
    assert f"{LAND} 0, kỳ trước 1." in notes(document, "form07a.H52.01")


def test_the_form_says_how_many_online_dossiers_do_not_say_which_service() -> None:
    said_under = notes(form("form07b"), "form07b")
    assert "Cột (5) gồm 1 hồ sơ trực tuyến không ghi toàn trình hay một phần." in said_under


@pytest.mark.parametrize(
    ("name", "key", "due", "by"),
    [
        ("form07a", "form07a.H52.01", "20/10/2026", "UBND cấp xã; cơ quan chuyên môn thuộc UBND"),
        ("form07b", "form07b", "23/10/2026", "UBND cấp tỉnh. Đơn vị nhận báo cáo: Bộ Tư pháp."),
        ("form07c", "form07c", "23/10/2026", "bộ, cơ quan ngang bộ; Ngân hàng Chính sách xã hội"),
    ],
)
def test_the_form_says_who_sends_it_to_whom_and_by_when(
    name: str, key: str, due: str, by: str
) -> None:
    said_under = notes(form(name), key)
    assert f"Đơn vị báo cáo: {by}" in said_under
    assert f"Hạn gửi: chậm nhất ngày {due} (TT 09/2026/TT-BTP, Điều 11" in said_under


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("2026-M08", "23/08/2026 (TT 09/2026/TT-BTP, Điều 11 khoản 2; suy ra, vì kỳ bắt đầu"),
        ("2026", "chậm nhất ngày 23/12/2026"),
        ("2026-Q4", "Hạn gửi: không có"),
        ("2026-M07", "Biểu này áp dụng từ ngày 01/08/2026"),
    ],
)
def test_the_day_on_which_it_is_due_depends_on_the_window(window: str, expected: str) -> None:
    assert expected in notes(form("form07b", named_window(window)), "form07b")


@pytest.mark.parametrize(
    ("window", "period"),
    [("2026-M10", "Tháng 10/2026"), ("2027-Q1", "Quý I/2027"), ("2026", "Năm 2026")],
)
def test_the_form_names_its_reporting_period(window: str, period: str) -> None:
    lead = form("form07b", named_window(window)).lead
    assert lead is not None
    assert lead.vi == f"Kỳ báo cáo: {period}"
    assert form("form07b", named_window("2026-Q4")).lead is None


def test_form_07b_says_where_its_section_ii_comes_from() -> None:
    assert "Mục II: số liệu được tổng hợp từ báo cáo" in notes(form("form07b"), "form07b")
    assert "Mục II" not in notes(form("form07c"), "form07c")


def test_the_folding_names_the_columns_of_the_form() -> None:
    assert "hồ sơ rút, hủy tính vào cột (11) đúng hạn" in notes(form("form07b"), "form07b")
    assert "TT 09/2026/TT-BTP, biểu số 07b/BTP/KSTT" in notes(form("form07b"), "form07b")
    lenient = form("form07b", given=LEAST._replace(folding=profiles.fold_by("lenient")))
    assert "chờ bổ sung tính vào cột (14) trong hạn" in notes(lenient, "form07b")
    assert row_of(lenient, "form07b", f"II/{CIVIL}")["on_time"] == 2  # returned and withdrawn


def test_headings_are_those_of_the_annex() -> None:
    heads = [" / ".join(said.vi for said in column.headings) for column in COLUMNS]
    received, resolved, in_process = (
        f"Số lượng hồ sơ {what} / " for what in ("tiếp nhận", "đã giải quyết", "đang giải quyết")
    )
    assert heads == [
        "STT",
        "Lĩnh vực giải quyết",
        f"{received}Tổng số",
        f"{received}Trong kỳ / Trực tuyến toàn trình",
        f"{received}Trong kỳ / Trực tuyến một phần",
        f"{received}Trong kỳ / Qua dịch vụ bưu chính",
        f"{received}Trong kỳ / Trực tiếp",
        f"{received}Từ kỳ trước",
        *(f"{resolved}{each}" for each in ("Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn")),
        *(f"{in_process}{each}" for each in ("Tổng số", "Trong hạn", "Quá hạn")),
    ]
    assert [column.number.partition("=")[0] for column in COLUMNS] == [
        f"({number})" for number in range(1, 16)
    ]


@pytest.mark.parametrize(
    ("window", "body", "expected"),
    [
        (Window(date(2026, 7, 1), date(2026, 7, 31)), "province", "ii06a"),
        (Window(date(2026, 7, 1), date(2026, 7, 31)), "ministry", "ii06a"),
        (Window(date(2026, 7, 15), date(2026, 8, 1)), "unit", "form07a"),
        (Window(date(2026, 7, 15), date(2026, 8, 1)), "province", "form07b"),
        (Window(date(2026, 7, 15), date(2026, 8, 1)), "ministry", "form07c"),
    ],
)
def test_the_form_is_the_one_in_force_at_the_end_of_the_window(
    window: Window, body: str, expected: str
) -> None:
    assert form_in_force(window, body) == expected
    forms = [name for name in all_reports(window, body) if name.startswith(("ii06a", "form"))]
    assert forms == [expected]


def test_a_form_of_a_history_without_any_dossier_has_no_data() -> None:
    for name in ("form07a", "form07b", "form07c"):
        assert row_of(form(name, history=[]), name, "whole")["received"] is None

"""Two reports of consecutive periods: what the later carried over against what the earlier left."""

from pathlib import Path
from typing import Any

import pytest

from hoso.domain.windows import Window, named_window
from hoso.projections.audit.checks import Audit, audit_together
from hoso.projections.audit.filled_forms.consecutive import are_consecutive
from hoso.projections.audit.findings import Check
from hoso.projections.audit.published import LoadedReport
from hoso.tools.inputs.published import read
from tests.audited import english, findings, held, numbers, report, unchecked

ROW = "{stt},{name},{total},{total_in},0,0,0,{over},{done},{done},0,0,{left},{left},0"
HEADS = ",".join(f"({n})" for n in range(1, 16))


def blocks(**figures: Any) -> LoadedReport:
    """A report of one block."""
    return LoadedReport("r.yaml", report(blocks={"all": figures}), [])


def together(earlier: LoadedReport, later: LoadedReport) -> Audit:
    return audit_together(earlier, later)


def line(stt: str, name: str, over: int, came: int, done: int) -> str:
    """A row of form 07: carried over, received and resolved."""
    left, total = over + came - done, over + came
    return ROW.format(
        stt=stt, name=name, total=total, total_in=came, over=over, done=done, left=left
    )


def form(folder: Path, name: str, *rows: str) -> LoadedReport:
    """A form with these rows, and their total."""
    figures = [[int(each) for each in row.split(",")[2:]] for row in rows if "," * 12 not in row]
    total = ",".join(str(sum(column)) for column in zip(*figures, strict=True))
    (folder / name).write_text("\n".join([HEADS, *rows, f",TỔNG CỘNG,{total}"]))
    return read(str(folder / name))


def carried(found: Audit) -> list[tuple[str, tuple[str | None, str, str | None]]]:
    return [(each.place, numbers(each)) for each in findings(found, Check.carried)]


EARLIER: dict[str, Any] = {
    "total": 100,
    "resolved": 80,
    "in_progress": 15,
    "paused_or_awaiting_supplement": 5,
}


def test_what_is_carried_over_is_what_was_left_open() -> None:
    found = together(blocks(**EARLIER), blocks(total=50, carried_over=20, received=30))
    assert carried(found) == []
    assert english(*held(found, Check.carried)) == (
        "20 = in progress + paused or awaiting supplement of the period before"
    )


def test_what_is_closed_tells_as_well_what_was_left_open() -> None:
    before = blocks(total=100, resolved=70, returned=5, cancelled_or_withdrawn=5)
    found = together(before, blocks(carried_over=20))
    assert "20 = total − resolved − returned − cancelled" in english(*held(found, Check.carried))


def test_a_block_that_carries_over_another_number_is_a_finding() -> None:
    found = together(blocks(**EARLIER), blocks(carried_over=15))
    assert carried(found) == [("r.yaml: all.carried_over", ("15", "20", "-5"))]
    assert english(*findings(found, Check.carried)) == (
        "the shortage is paused or awaiting supplement of the period before itself: it was not "
        "carried over"
    )
    other = together(blocks(**EARLIER), blocks(carried_over=18))
    assert "restated them after bodies changed" in english(*findings(other, Check.carried))


def test_what_cannot_be_compared_is_told() -> None:
    unsaid = together(blocks(**EARLIER), blocks(total=7))
    assert "not given: carried over" in english(unchecked(unsaid, Check.carried)[0])
    empty = together(blocks(**EARLIER), LoadedReport("x.yaml", report(), []))
    assert "no block and no form in common" in english(unchecked(empty, Check.carried)[0])
    assert "taken to be consecutive" in english(unchecked(empty, Check.carried)[1])


def test_forms_are_compared_in_total_and_row_by_row(tmp_path: Path) -> None:
    before = form(tmp_path, "a.csv", line("1", "Hộ tịch", 3, 9, 7), line("2", "Đất đai", 0, 4, 2))
    now = form(tmp_path, "b.csv", line("1", "Đất đai", 2, 1, 1), line("2", "Hộ tịch", 5, 1, 1))
    found = together(before, now)
    assert found.findings == []
    assert [english(each) for each in held(found, Check.carried)] == [
        "7 = (13) of the period before",
        "2 rows: (8) = (13) of the period before",
    ]
    wrong = form(tmp_path, "b.csv", line("1", "Đất đai", 2, 1, 1), line("2", "Hộ tịch", 4, 1, 1))
    found = together(before, wrong)
    assert carried(found) == [
        ("b.csv: TỔNG CỘNG: (8)", ("6", "7", "-1")),
        ("b.csv: 2. Hộ tịch: (8)", ("4", "5", "-1")),
    ]
    assert english(found.findings[0]) == "one row makes the difference: b.csv: 2. Hộ tịch: (8)"


def test_a_row_that_has_vanished_is_named(tmp_path: Path) -> None:
    before = form(tmp_path, "a.csv", line("1", "Hộ tịch", 3, 9, 7), line("2", "Đất đai", 0, 4, 2))
    found = together(before, form(tmp_path, "b.csv", line("1", "Hộ tịch", 5, 1, 1)))
    assert ("b.csv: 2. Đất đai: (8)", ("0", "2", "-2")) in carried(found)


def test_what_only_moved_between_rows_may_be_restated(tmp_path: Path) -> None:
    sections = ("I.,Cấp tỉnh,,,,,,,,,,,,,", "II.,Cấp xã,,,,,,,,,,,,,")
    before = [
        sections[0],
        line("1", "Đất đai", 0, 9, 4),
        sections[1],
        line("1", "Đất đai", 0, 3, 2),
    ]
    now = [sections[0], line("1", "Đất đai", 4, 1, 1), sections[1], line("1", "Đất đai", 2, 1, 1)]
    found = together(form(tmp_path, "a.csv", *before), form(tmp_path, "b.csv", *now))
    assert carried(found) == [
        ("b.csv: I.1. Đất đai: (8)", ("4", "5", "-1")),
        ("b.csv: II.1. Đất đai: (8)", ("2", "1", "1")),
    ]
    assert {english(each)[:39] for each in found.findings} == {
        "the total agrees: perhaps nobody is wro"
    }


def test_forms_of_several_bodies_are_compared_body_by_body(tmp_path: Path) -> None:
    def bodies(name: str, **rows: str) -> LoadedReport:
        heads = (
            "STT,Lĩnh vực giải quyết,Tổng số,Trực tuyến toàn trình,Trực tuyến một phần,Qua dịch vụ "
            "bưu chính,Trực tiếp,Từ kỳ trước,Tổng số,Trước hạn,Đúng hạn,Quá hạn,Tổng số,Trong hạn,"
            "Quá hạn"
        )
        parts = [f"{body}\n{heads}\n{row}\n" for body, row in rows.items()]
        totals = [
            part + "," + "TỔNG CỘNG," + part.split("\n")[2].split(",", 2)[2] for part in parts
        ]
        (tmp_path / name).write_text("\n\n".join(totals))
        return read(str(tmp_path / name))

    before = bodies("a.csv", A=line("1", "Đất đai", 0, 9, 4), B=line("1", "Đất đai", 0, 3, 1))
    same = bodies("b.csv", A=line("1", "Đất đai", 5, 1, 1), B=line("1", "Đất đai", 2, 3, 1))
    assert together(before, same).findings == []
    merged = bodies("b.csv", A=line("1", "Đất đai", 7, 1, 1))
    found = together(before, merged)
    assert carried(found) == [
        ("b.csv: TỔNG CỘNG: (8)", ("7", "5", "2")),
        ("b.csv: 1. Đất đai: (8)", ("7", "5", "2")),
        ("a.csv: B: (8)", ("0", "2", "-2")),
    ]
    assert "the body is in the earlier report only: new, merged" in english(found.findings[-1])
    assert "all forms together: 7 = (13)" in english(held(found, Check.carried)[0])


def test_the_form_before_august_2026_is_compared_in_total(tmp_path: Path) -> None:
    heads = ",".join(f"({n})" for n in range(1, 14))
    rows = ["1,Đất đai,9,9,0,0,4,4,0,0,5,5,0", ",Tổng cộng,9,9,0,0,4,4,0,0,5,5,0"]
    (tmp_path / "a.csv").write_text("\n".join([heads, *rows]))
    before = read(str(tmp_path / "a.csv"))
    right = together(before, form(tmp_path, "b.csv", line("1", "Đất đai", 5, 1, 1)))
    assert right.findings == []
    wrong = together(before, form(tmp_path, "b.csv", line("1", "Đất đai", 6, 1, 1)))
    assert carried(wrong) == [("b.csv: (8)", ("6", "5", "1"))]


@pytest.mark.parametrize(
    ("earlier", "later", "follow"),
    [
        ("2026-Q1", "2026-Q2", True),
        ("2025", "2026-Q1", True),
        ("2026-Q1", "2026-Q3", False),
        ("2026-Q2", "2026-Q1", False),
        ("2026-Q1", "2026-H1", False),
    ],
)
def test_periods_follow_each_other_day_by_day(earlier: str, later: str, follow: bool) -> None:
    windows: list[Window | None] = [named_window(earlier), named_window(later)]
    assert are_consecutive(*windows) is follow
    assert are_consecutive(windows[0], None)

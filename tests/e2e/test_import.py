"""The import of a register as an office runs it: what is recorded, told, and never kept."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.command import Outcome, answered, asked, hoso
from tests.spreadsheets import HEADINGS, NAME, Row, closed, dossier, write_csv, write_xlsx

MARCH, APRIL = ("--as-it-stood", "31/03/2023"), ("--as-it-stood", "30/04/2023")
FIRST: list[Row] = [HEADINGS, dossier(1), closed(2, date(2023, 3, 10)), dossier(3)]
WINDOW = ("--window", "2023-Q2", "--format", "json")


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    """What an import that has nothing to complain of tells as JSON."""
    document: dict[str, Any] = json.loads(asked(folder, "import", *arguments, "--format", "json"))
    return document


def imported(folder: Path, rows: list[Row], *arguments: str) -> dict[str, Any]:
    write_xlsx(folder / "a.xlsx", rows)
    return told(folder, "a.xlsx", *(arguments or MARCH))


def complained(folder: Path, rows: list[Row], *arguments: str) -> Outcome:
    write_xlsx(folder / "a.xlsx", rows)
    return answered(folder, "import", "a.xlsx", *MARCH, *arguments)


def events(folder: Path) -> int:
    status: dict[str, Any] = json.loads(asked(folder, "status", "--format", "json"))
    return int(status["events"])


def test_a_register_becomes_a_statement(tmp_path: Path) -> None:
    first = imported(tmp_path, FIRST)
    assert first["dossiers"] == {"new": 3, "changed": 0, "same": 0}
    assert first["added"] == {"received": 3, "resolved": 1}
    total = json.loads(asked(tmp_path, "statement", "--window", "2023-03", "--format", "json"))[
        "total"
    ]
    assert (total["received"], total["resolved"]["early"], total["carried_forward"]) == (3, 1, 2)


def test_the_next_month_adds_only_what_changed(tmp_path: Path) -> None:
    imported(tmp_path, FIRST)
    second = imported(
        tmp_path,
        [*FIRST[:3], closed(3, date(2023, 4, 3)), dossier(4, Ngày_tiếp_nhận=date(2023, 4, 1))],
        *APRIL,
    )
    assert second["dossiers"] == {"new": 1, "changed": 1, "same": 2}
    assert second["added"] == {"received": 1, "resolved": 1}
    assert second["untold"]["maybe_paused"] == 1  # the third: closed after its due day


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    imported(tmp_path, FIRST)
    again = imported(tmp_path, FIRST, *APRIL)
    assert (again["added"], again["annulled"]) == ({}, {})


def test_dossiers_that_disappear_are_told_the_open_ones_by_name(tmp_path: Path) -> None:
    imported(tmp_path, FIRST)
    second = imported(tmp_path, [HEADINGS, dossier(1)], *APRIL)
    code = "000.00.00.H52-230301-0003"
    assert second["gone"] == {"dossiers": 2, "open": 1, "examples": [code]}


def test_an_export_from_before_the_last_one_is_refused(tmp_path: Path) -> None:
    imported(tmp_path, FIRST, *APRIL)
    outcome = complained(tmp_path, FIRST)
    assert (outcome.status, "30/04/2023" in outcome.err) == (2, True)
    assert complained(tmp_path, FIRST, "--dry-run").status == 2


def test_another_register_has_a_name_of_its_own(tmp_path: Path) -> None:
    imported(tmp_path, FIRST, *APRIL)
    other = imported(tmp_path, [HEADINGS, dossier(9)], *MARCH, "--event-source", "/so-xa")
    assert (other["dossiers"]["new"], other["gone"]["dossiers"]) == (1, 0)


def test_a_dossier_of_another_source_is_wrong(tmp_path: Path) -> None:
    imported(tmp_path, FIRST)
    outcome = complained(tmp_path, [HEADINGS, dossier(1)], "--event-source", "/so-xa")
    assert outcome.status == 1
    assert "nguồn khác" in outcome.out


def test_a_preview_says_what_would_be_and_leaves_no_store(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", FIRST)
    preview = told(tmp_path, "a.xlsx", *MARCH, "--dry-run")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    done = told(tmp_path, "a.xlsx", *MARCH)
    assert {**preview, "gone": done["gone"]} == done
    write_xlsx(tmp_path / "b.xlsx", [HEADINGS, closed(1, date(2023, 4, 3))])
    before = (tmp_path / "hoso.db").read_bytes()
    preview = told(tmp_path, "b.xlsx", *APRIL, "--dry-run")
    assert (tmp_path / "hoso.db").read_bytes() == before
    assert told(tmp_path, "b.xlsx", *APRIL) == preview


def test_wrong_rows_are_told_by_place_and_the_others_are_recorded(tmp_path: Path) -> None:
    rows = [*FIRST, dossier(5, Ngày_hẹn_trả="30/02/2023"), dossier(6, Trạng_thái="Lạ lùng")]
    outcome = complained(tmp_path, rows, "--format", "csv")
    assert outcome.status == 1
    assert [line.split(",")[1:] for line in outcome.out.splitlines()[1:]] == [
        ["5", "J", "due", "no_such_day", "30/02/2023"],
        ["6", "N", "status", "unknown_word", "Lạ lùng"],
    ]
    assert events(tmp_path) == 4
    table = complained(tmp_path, rows).out
    assert "không có ngày này" in table
    assert "J · ngày hẹn trả" in table


def test_a_wrong_row_does_not_make_its_dossier_disappear(tmp_path: Path) -> None:
    imported(tmp_path, FIRST)
    rows = [*FIRST[:3], dossier(3, Ngày_tiếp_nhận="hôm qua")]
    outcome = complained(tmp_path, rows, "--format", "json")
    assert json.loads(outcome.out)["gone"]["dossiers"] == 0


def test_nothing_is_recorded_of_a_file_that_breaks_off(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [*FIRST, *[dossier(n) for n in range(10, 300)]])
    with (tmp_path / "a.csv").open("a") as file:
        file.write('x;"')
    assert answered(tmp_path, "import", "a.csv", *MARCH).status == 2
    assert not (tmp_path / "hoso.db").exists()


def test_names_in_columns_that_are_not_mapped_end_up_nowhere(tmp_path: Path) -> None:
    rows: list[Row] = [
        [*HEADINGS, "Ghi chú", NAME],
        [*dossier(1), f"Gọi {NAME}", NAME],
        [*closed(2, date(2023, 3, 10)), NAME, NAME],
        [*dossier(3, Ngày_tiếp_nhận=f"{NAME} nộp", Ngày_hẹn_trả=NAME), NAME],
        [None, NAME],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    outcomes = [
        answered(tmp_path, "import", path.name, *MARCH, *options)
        for options in (
            ("--dry-run",),
            ("--format", "json"),
            (),
            ("--out", "wrong.html"),
            ("--suggest",),
        )
    ]
    assert [outcome.status for outcome in outcomes] == [1, 1, 1, 1, 0]
    asked(tmp_path, "explain", "000.00.00.H52-230301-0001", "--out", "life.json")
    path.unlink()
    text = "".join(outcome.out + outcome.err for outcome in outcomes).replace(f": {NAME}", "")
    assert "Văn An" not in text  # but for the heading itself, which --suggest lists
    assert "0912345678" not in text
    for kept in tmp_path.rglob("*"):
        raw = kept.read_bytes()
        assert not any(trace in raw for trace in (NAME.encode(), b"0912345678", b"V\\u0103n"))


def test_history_may_count_as_recorded_when_it_occurred(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", FIRST)
    outcome = answered(tmp_path, "import", "a.xlsx", *MARCH, "--recorded", "time")
    assert outcome.out.startswith("--recorded time: ")
    as_of = ("--as-of", "2023-03-05T00:00:00+07:00")
    total = json.loads(asked(tmp_path, "statement", *WINDOW, *as_of))["total"]
    assert (total["carried_over"], total["resolved"]["total"]) == (3, 0)


def test_a_map_of_columns_is_suggested_corrected_and_used(tmp_path: Path) -> None:
    headings = [*HEADINGS]
    headings[HEADINGS.index("Ngày có kết quả")] = "Xong ngày"
    rows: list[Row] = [headings, dossier(1, Trạng_thái="Đang chờ ký số"), dossier(2)]
    write_xlsx(tmp_path / "a.xlsx", rows)
    asked(tmp_path, "import", "a.xlsx", "--suggest", "--out", "map.yaml")
    text = (tmp_path / "map.yaml").read_text()
    assert "000.00.00.H52-230301-0001" in text
    assert "Xong ngày" in text
    assert "Họ tên người nộp (dữ liệu cá nhân)" in text
    assert NAME not in text
    refused = answered(tmp_path, "import", "a.xlsx", "--columns", "map.yaml", *MARCH)
    assert (refused.status, "Đang chờ ký số" in refused.err) == (2, True)
    text = text.replace('"Đang chờ ký số": "?"', '"Đang chờ ký số": in_progress')
    text = text.replace("columns:\n", "columns:\n  closed: Xong ngày\n")
    (tmp_path / "map.yaml").write_text(text)
    assert told(tmp_path, "a.xlsx", "--columns", "map.yaml", *MARCH)["dossiers"]["new"] == 2


def test_a_day_that_differs_from_that_of_the_code_is_told(tmp_path: Path) -> None:
    turned = dossier(2, Ngày_tiếp_nhận=date(2023, 1, 3))
    assert imported(tmp_path, [HEADINGS, dossier(1), turned])["other_day"] == [
        "000.00.00.H52-230301-0002"
    ]


def test_form_06_is_read_by_its_own_map(tmp_path: Path) -> None:
    upper = ["TT", "Mã hồ sơ", "Tên TTHC", "Số lượng hồ sơ (bộ)", "Tên cá nhân, tổ chức"]
    upper += ["Địa chỉ, số điện thoại", "Cơ quan chủ trì giải quyết", "Ngày, tháng, năm", "", ""]
    lower = [*[""] * 7, "Nhận hồ sơ", "Hẹn trả kết quả", "Trả kết quả"]
    row = [1, "H52-1", "Khai sinh", 1, NAME, NAME, "UBND xã A", *["01/03/2023"] * 2, "02/03/2023"]
    write_csv(tmp_path / "so.csv", [["SỔ THEO DÕI HỒ SƠ"], upper, lower, [*range(1, 11)], row])
    document = told(tmp_path, "so.csv", "--columns", "form06", *MARCH)
    assert document["added"] == {"received": 1, "resolved": 1}
    assert document["untold"] == {
        "dossiers": 1,
        "maybe_paused": 1,
        "one_supplement": 0,
        "observed": 0,
        "moved": 0,
        "no_time": 1,
        "unfit": 0,
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("columns: {}", "no code"),
        ("columns: {code: Mã hồ sơ, received: Ngày nhận}", "no agency"),
        ("colums: {}", "no key 'colums'"),
        ("columns: {code: Mã hồ sơ, phone: SĐT}", "no 'phone'"),
        ("source: so theo doi", "no URI reference"),
        ("code_digits: nhiều", "code_digits"),
        ("values: {status: {Lạ: xong}}", "no 'xong'"),
        ("defaults: {channel: email}", "no 'email'"),
        ("columns: [", "YAML"),
    ],
)
def test_a_map_that_is_wrong_gets_one_line(tmp_path: Path, text: str, fault: str) -> None:
    usual = "columns: {code: Mã hồ sơ, received: Ngày tiếp nhận, due: Ngày hẹn trả}\n"
    full = "defaults: {agency: a, field: f, procedure: p, channel: post}\n"
    key = text.partition(":")[0]
    more = "".join(line for line in (usual, full) if not line.startswith((key, "colums")))
    (tmp_path / "map.yaml").write_text(f"{text}\n{more if text != 'columns: [' else ''}")
    write_xlsx(tmp_path / "a.xlsx", FIRST)
    if "no agency" in fault:
        (tmp_path / "map.yaml").write_text(text)
    outcome = answered(tmp_path, "import", "a.xlsx", "--columns", "map.yaml")
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert fault in outcome.err


def test_a_heading_that_the_map_names_must_be_there_once(tmp_path: Path) -> None:
    text = "columns: {code: Mã hồ sơ, received: Ngày tiếp nhận, due: Hạn}\n"
    text += "defaults: {agency: a, field: f, procedure: p, channel: post}\n"
    (tmp_path / "map.yaml").write_text(text)
    columns = ("--columns", "map.yaml")
    assert "no heading 'hạn'" in complained(tmp_path, FIRST, *columns).err
    twice = complained(tmp_path, [[*HEADINGS, "Hạn", "Hạn"], dossier(1)], *columns)
    assert "2 columns are headed 'hạn'" in twice.err


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("none.xlsx",), "none.xlsx: No such file"),
        (("a.xlsx", "--columns", "form07"), "form06, usual"),
        (("a.xlsx", "--as-it-stood", "31/12/2199"), "has not been yet"),
        (("a.xlsx", "--event-source", "so xã"), "--event-source"),
        (("a.xlsx", "--store", "mysql://x"), "mysql"),
    ],
)
def test_calls_that_are_wrong(tmp_path: Path, arguments: tuple[str, ...], fault: str) -> None:
    write_xlsx(tmp_path / "a.xlsx", FIRST)
    outcome = hoso(tmp_path, "import", *arguments)
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert fault in outcome.err


def test_times_of_day_are_kept(tmp_path: Path) -> None:
    row = closed(1, datetime(2023, 3, 1, 16, 30), Ngày_hẹn_trả=date(2023, 3, 1))  # noqa: DTZ001
    assert imported(tmp_path, [HEADINGS, row])["untold"]["no_time"] == 0
    life = asked(tmp_path, "explain", "000.00.00.H52-230301-0001", "--format", "json")
    assert "2023-03-01" in life

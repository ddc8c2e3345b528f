"""``hoso windows``: the reports that are due next, on every paper, and names given to --window."""

import csv
import io
import json
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from hoso.domain.reporting import CIRCULARS
from hoso.domain.windows import NAMES, full_name, named_window
from hoso.projections.documents.windows import in_words
from tests.command import asked, hoso

REPORTED: Final = [each for circular in CIRCULARS for each in circular.periods]
ON: Final = ("windows", "--on", "29/11/2026")
COLUMNS: Final = (
    *("window", "from", "to", "due_superior", "due_ministry_of_justice"),
    *("circular", "articles", "certainty"),
)
FIRST: Final = (
    *("2026", "2025-12-15", "2026-12-14", "2026-12-20", "2026-12-23"),
    *("TT 09/2026/TT-BTP", "9-11", "inferred"),
)


def test_as_json_it_is_a_list_of_reports(tmp_path: Path) -> None:
    reports = json.loads(asked(tmp_path, *ON, "--format", "json"))
    assert len(reports) == 12
    assert reports[0] == {
        "window": "2026",
        "from": "2025-12-15",
        "to": "2026-12-14",
        "due": {"superior": "2026-12-20", "ministry_of_justice": "2026-12-23"},
        "circular": "TT 09/2026/TT-BTP",
        "articles": "9-11",
        "certainty": "inferred",
    }
    assert reports[1]["window"] == "2027-M01"
    assert reports[1]["certainty"] == "text read"


def test_as_csv_it_has_a_row_for_each_report(tmp_path: Path) -> None:
    text = asked(tmp_path, *ON, "--format", "csv")
    assert text.startswith("\ufeff")
    headings, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert tuple(headings) == COLUMNS
    assert tuple(rows[0]) == FIRST
    assert len(rows) == 12


def test_as_a_table_it_says_what_to_know_in_both_languages(tmp_path: Path) -> None:
    text = asked(tmp_path, *ON)
    for words in ("Các kỳ báo cáo sắp đến hạn", "│ Năm 2026 ", "│ Quý III/2027 ", "2027-M10"):
        assert words in text
    assert "TT 09/2026/TT-BTP, Điều 9–11" in text
    assert "Hạn rơi vào ngày nghỉ: 20/12/2026, 23/01/2027," in text  # a Sunday and a Saturday
    english = asked(tmp_path, *ON, "--lang", "en")
    for words in ("Reports that are due next", "│ Year 2026 ", "Due on a day off: 2026-12-20"):
        assert words in english


@pytest.mark.parametrize("ending", ["xlsx", "html", "txt", "csv", "json"])
def test_it_is_written_into_a_file(tmp_path: Path, ending: str) -> None:
    asked(tmp_path, *ON, "--out", f"windows.{ending}")
    file = tmp_path / f"windows.{ending}"
    if ending == "xlsx":
        sheets = openpyxl.load_workbook(file).worksheets
        rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        assert any("2027-M10" in row for row in rows)
    else:
        assert "2027-M10" in file.read_text(encoding="utf-8-sig")


def test_without_a_day_it_starts_today(tmp_path: Path) -> None:
    reports = json.loads(asked(tmp_path, "windows", "--format", "json"))
    assert len(reports) == 12


def test_what_was_due_by_a_circular_that_nobody_has_read_is_said(tmp_path: Path) -> None:
    note = "Đến hết ngày 31/07/2026 áp dụng TT 01/2020/TT-VPCP."
    assert note in asked(tmp_path, "windows", "--on", "2026-07-31")
    assert note not in asked(tmp_path, "windows", "--on", "2026-08-01")
    assert json.loads(asked(tmp_path, "windows", "--on", "2020-01-01", "--format", "json")) == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("tomorrow", "--on: no date 'tomorrow': write 2022-12-15 or 15/12/2022"),
        ("2026-02-30", "--on: no such day: 2026-02-30"),
        ("9999-12-31", "--on: the year 9999 is not within 1900 to 2199"),
        ("0001-01-01", "--on: the year 0001 is not within 1900 to 2199"),
    ],
)
def test_a_day_that_is_none_is_refused_in_one_line(tmp_path: Path, day: str, words: str) -> None:
    assert hoso(tmp_path, "windows", "--on", day) == (2, "", f"hoso: {words}\n")


@pytest.mark.parametrize("period", sorted({"Q2", "Q4", "M12", *REPORTED}))
def test_a_report_in_words_is_a_name_that_window_reads(period: str) -> None:
    name = full_name(2027, period)
    assert named_window(in_words(name).vi) == named_window(name)


# --- Names given to --window ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("quý I/2023", "2022-12-15", "2023-03-14"),
        ("q1/2023", "2022-12-15", "2023-03-14"),
        ("tháng 10/2026", "2026-09-15", "2026-10-14"),
        ("6T/2023", "2022-12-15", "2023-06-14"),
        ("năm 2023", "2022-12-15", "2023-12-14"),
        ("2024-c3", "2024-07-01", "2024-09-30"),
    ],
)
def test_a_window_may_be_named_as_people_write_it(
    tmp_path: Path, name: str, first: str, last: str
) -> None:
    words = ("statement", "--source", "-", "--window", name, "--format", "json")
    outcome = hoso(tmp_path, *words)
    assert (outcome.status, outcome.err) == (0, "")
    window = json.loads(outcome.out)["window"]
    assert (window["from"], window["to"]) == (first, last)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("quý 5/2023", NAMES),
        ("10/2026", "2026-M10 (15/09/2026 to 14/10/2026) or 2026-10 (the calendar month)"),
    ],
)
def test_a_wrong_name_is_refused_with_the_names_that_there_are(
    tmp_path: Path, name: str, names: str
) -> None:
    words = ("statement", "--source", "-", "--window", name)
    line = f"hoso: --window: no window {name!r}: use {names}\n"
    assert hoso(tmp_path, *words) == (2, "", line)


def test_a_file_of_windows_has_such_names(tmp_path: Path) -> None:
    file = tmp_path / "windows.txt"
    file.write_text("quý I năm 2023  # the first\ntháng 10/2026\n15/12/2022 14/03/2023\nnăm 2023\n")
    words = ("statement", "--source", "-", "--windows", "windows.txt", "--format", "json")
    outcome = hoso(tmp_path, *words)
    assert (outcome.status, outcome.err) == (0, "")
    found = [(each["window"]["from"], each["window"]["to"]) for each in json.loads(outcome.out)]
    assert found == [
        ("2022-12-15", "2023-03-14"),
        ("2026-09-15", "2026-10-14"),
        ("2022-12-15", "2023-03-14"),
        ("2022-12-15", "2023-12-14"),
    ]

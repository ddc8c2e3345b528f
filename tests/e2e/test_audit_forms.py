"""``hoso audit`` on forms that hoso printed, and on two of consecutive periods."""

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.command import asked, hoso
from tests.unit.test_form07 import HISTORY

EVENTS = "events.jsonl"
KNOWN = ("--source", EVENTS, "--as-of", "2027-01-01T00:00:00+07:00")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with events, and with the forms of September and October 2026; ``bare`` ones do not
    say their period."""
    folder = tmp_path_factory.mktemp("office")
    events = [event | {"recordedtime": event["time"]} for event in HISTORY]
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    (folder / EVENTS).write_text("\n".join(lines))
    for month in ("09", "10"):
        for file in (f"{month}.xlsx", f"{month}.csv"):
            window = ("--window", f"2026-M{month}")
            asked(folder, "report", "form07b", *KNOWN, *window, "--out", file)
        rows, _, _ = (folder / f"{month}.csv").read_text().partition("Kỳ báo cáo")
        (folder / f"{month}-bare.csv").write_text(rows)
    return folder


def found(office: Path, *arguments: str) -> Any:
    return json.loads(hoso(office, "audit", *arguments, "--format", "json").out)


def changed(office: Path, before: str, after: str) -> str:
    """October's form with another text in it, as a CSV file."""
    text = (office / "10.csv").read_text()
    assert before in text
    (office / "changed.csv").write_text(text.replace(before, after, 1))
    return "changed.csv"


@pytest.mark.parametrize("file", ["10.xlsx", "10.csv"])
def test_a_form_that_hoso_printed_leaves_status_0(office: Path, file: str) -> None:
    assert hoso(office, "audit", file).status == 0


def test_a_finding_stands_on_every_paper(office: Path) -> None:
    file = changed(office, "1,Đất đai,1,0,0,1", "1,Đất đai,1,0,0,3")
    outcome = hoso(office, "audit", file)
    assert outcome.status == 1
    assert "đúng ra là 1" in outcome.out
    rows = list(csv.reader(io.StringIO(hoso(office, "audit", file, "--format", "csv").out)))
    assert [row[0] for row in rows[1:]] == [
        "changed.csv: I.1. Đất đai: (3)",
        "changed.csv: TỔNG CỘNG: (6)",
    ]
    for paper in ("xlsx", "html", "txt"):
        assert hoso(office, "audit", file, "--out", f"audit.{paper}").status == 1
        assert (office / f"audit.{paper}").stat().st_size > 0
    sheet = openpyxl.load_workbook(office / "audit.xlsx").worksheets[0]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "changed.csv: I.1. Đất đai: (3)" in texts
    assert "changed.csv: I.1. Đất đai: (3)" in (office / "audit.html").read_text()


def test_two_periods_are_audited_together(office: Path) -> None:
    told = found(office, "09.xlsx", "10.xlsx")
    carried = [each["place"] for each in told["findings"]]
    assert carried == ["10.xlsx: I.1. Đất đai: (8)", "10.xlsx: II.1. Đất đai: (8)"]
    assert {each["cause"]["en"][:16] for each in told["findings"]} == {"the total agrees"}
    assert [each["window"]["from"] for each in told["reports"]] == ["2026-08-15", "2026-09-15"]


def test_a_form_without_a_period_is_taken_at_its_word(office: Path) -> None:
    told = found(office, "09-bare.csv", "10-bare.csv")
    assert [each["place"] for each in told["unchecked"]] == ["09-bare.csv", "10-bare.csv"]


def test_a_form_as_csv_has_its_period(office: Path) -> None:
    told = found(office, "09.csv", "10.csv")
    assert told["unchecked"] == []
    assert [each["window"]["from"] for each in told["reports"]] == ["2026-08-15", "2026-09-15"]
    assert hoso(office, "audit", "10.csv", "09.csv").status == 2


def test_periods_that_do_not_follow_each_other_are_refused_in_one_line(office: Path) -> None:
    outcome = hoso(office, "audit", "10.xlsx", "09.xlsx")
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "09.xlsx is of 2026-08-15 to 2026-09-14: not consecutive" in outcome.err
    assert hoso(office, "audit", "09.xlsx", "09.xlsx", "10.xlsx").status == 2


def test_reports_of_one_name_are_told_apart_by_their_folders(office: Path) -> None:
    for month in ("09", "10"):
        (office / month).mkdir(exist_ok=True)
        (office / month / "b.xlsx").write_bytes((office / f"{month}.xlsx").read_bytes())
    told = found(office, "09/b.xlsx", "10/b.xlsx")
    assert told["findings"][0]["place"] == "10/b.xlsx: I.1. Đất đai: (8)"


def test_the_engines_form_is_laid_beside_a_form(office: Path) -> None:
    told = found(office, "10.xlsx", *KNOWN)
    assert told["findings"] == []
    [beside] = told["forms"]
    cells = {(each["row"], each["column"]): each for each in beside["cells"]}
    assert len(cells) == 5 * 13
    whole = cells["TỔNG CỘNG", "(3)"]
    assert (whole["claimed"], whole["engine"], whole["difference"]) == (9, 9, 0)
    assert not any("behind" in each for each in beside["cells"])


def test_where_a_cell_differs_the_call_lists_the_dossiers(office: Path) -> None:
    changed(office, "1,Đất đai,1,0,0,1", "1,Đất đai,1,0,0,3")
    (office / "r.yaml").write_text(
        "window: {from: 2026-09-15, to: 2026-10-14}\ntables: [{file: changed.csv, form: 07b}]\n"
    )
    told = found(office, "r.yaml", *KNOWN)
    [engine] = [each for each in told["findings"] if each["check"] == "engine"]
    assert (engine["place"], engine["claimed"], engine["follows"]) == (
        "changed.csv: I.1. Đất đai: (6)",
        3,
        1,
    )
    [cell] = [each for each in told["forms"][0]["cells"] if "behind" in each]
    assert cell["behind"] in engine["cause"]["vi"]
    assert "--attribution final" in cell["behind"]
    program, *call = shlex.split(cell["behind"])
    assert program == "hoso"
    assert len(json.loads(asked(office, *call, "--format", "json"))) == 1
    for paper in ("xlsx", "html", "txt", "csv"):
        assert hoso(office, "audit", "r.yaml", *KNOWN, "--out", f"beside.{paper}").status == 1
        if paper in ("html", "csv"):
            assert "--attribution final" in (office / f"beside.{paper}").read_text()


def test_a_row_that_the_form_leaves_out_is_named_by_the_engine(office: Path) -> None:
    lines = (office / "10.csv").read_text().splitlines()
    left = [line for line in lines if not line.startswith("1,Đất đai,1,0,0,1")]
    (office / "left.csv").write_text("\n".join(left))
    (office / "r.yaml").write_text(
        "window: {from: 2026-09-15, to: 2026-10-14}\ntables: [{file: left.csv, form: 07b}]\n"
    )
    told = found(office, "r.yaml", *KNOWN)
    missing = [each for each in told["findings"] if each["claimed"] is None]
    assert [(each["place"], each["follows"]) for each in missing] == [
        ("left.csv: I.1. Đất đai: (3)", 1)
    ]
    assert missing[0]["cause"]["vi"].startswith("biểu không có dòng này; xem từng hồ sơ: hoso ")


def test_a_body_is_found_by_its_name_or_its_code(office: Path) -> None:
    window = ("--window", "2026-M10")
    asked(office, "report", "form07a", *KNOWN, *window, "--out", "07a.xlsx")
    told = found(office, "07a.xlsx", *KNOWN)
    assert told["findings"] == told["unchecked"] == []
    assert [each["body"] for each in told["forms"]] == ["H52.01", "H52.21"]
    (office / "registry.csv").write_text("code,name,level,parent\nH52.01,Sở A,province,\n")
    told = found(office, "07a.xlsx", *KNOWN, "--registry", "registry.csv")
    assert told["findings"] == told["unchecked"] == []
    (office / "registry.csv").write_text("code,name,level,parent\nX,Sở A,province,\n")
    book = openpyxl.load_workbook(office / "07a.xlsx", data_only=True)
    book.worksheets[0]["A5"].value = "Sở Không Có"
    book.save(office / "07a.xlsx")
    told = found(office, "07a.xlsx", *KNOWN)
    assert "“Sở Không Có”" in told["unchecked"][0]["why"]["vi"]


def test_what_is_for_a_source_needs_one(office: Path) -> None:
    outcome = hoso(office, "audit", "10.xlsx", "--folding", "lenient")
    assert outcome.status == 2
    assert "--registry, --folding and --inputs: are for --source" in outcome.err
    assert "gives no window to state" in hoso(office, "audit", "10-bare.csv", *KNOWN).err
    assert hoso(office, "audit", "10.xlsx", *KNOWN, "--folding", "lenient").status in (0, 1)

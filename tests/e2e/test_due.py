"""What does a person get who asks what falls due: a list, a calendar, a backtest, or one line?"""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from icalendar import Calendar

from tests.command import SPAN, answered, done, hoso

SOURCES = ("events.jsonl", "sqlite:///hoso.db", "archive")
OF_MARCH = ("--as-of", "2023-03-14T17:00:00+07:00")
KEYS = ["dossier", "agency", "due", "days_left", "account", "waits_for"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with events as a file, a store and an archive, and with a registry."""
    folder = tmp_path_factory.mktemp("due")
    done(
        folder,
        *("simulate", *SPAN, "--dossiers", "2000", "--seed", "3", "--out", "events.jsonl"),
        *("--registry", "agencies.csv"),
    )
    done(folder, "ingest", "events.jsonl", "--recorded", "time", "--store", "sqlite:///hoso.db")
    done(folder, "archive", "--source", "events.jsonl", "--out", "archive")
    return folder


def listed(folder: Path, *arguments: str, source: str = "archive") -> list[dict[str, Any]]:
    question = ("due", "--source", source, *OF_MARCH, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(done(folder, *question, *arguments))
    return rows


def test_it_is_the_list_of_the_contract_from_every_source(folder: Path) -> None:
    answers = [listed(folder, source=source) for source in SOURCES]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) > 10
    assert all(list(row) == KEYS for row in answers[0])
    assert all((row["days_left"] < 0) == row["account"].endswith(".overdue") for row in answers[0])
    assert all(row["days_left"] <= 5 for row in answers[0] if row["waits_for"] == "result")


def test_what_is_overdue_already_is_listed_whatever_is_asked(folder: Path) -> None:
    open_and_late = ("in_progress.overdue", "awaiting_supplement.overdue", "paused.overdue")
    question = ("--source", "archive", "--from", "2022-09-01", "--to", "2023-03-14", *OF_MARCH)
    overdue = json.loads(
        done(
            folder, "dossiers", *question, "--account", ",".join(open_and_late), "--format", "json"
        )
    )
    rows = listed(folder, "--within", "0")
    late = {row["dossier"]: row for row in rows if row["account"] in open_and_late}
    assert late.keys() == {row["dossier"] for row in overdue}
    for row in overdue:
        assert late[row["dossier"]]["due"] == row["due"]
        assert late[row["dossier"]]["days_left"] == row["days_left"]


def test_fewer_days_give_fewer_dossiers(folder: Path) -> None:
    numbers = [len(listed(folder, "--within", str(days))) for days in (0, 1, 5, 250)]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[2] < numbers[3]


def test_the_most_urgent_stand_first_within_each_slice(folder: Path) -> None:
    rows = listed(folder, "--by", "channel", "--slice", "channel=online", "--slice", "channel=post")
    assert list(rows[0]) == ["dossier", "agency", "channel", *KEYS[2:]]
    assert list(dict.fromkeys(row["channel"] for row in rows)) == ["online", "post"]
    left = [row["days_left"] for row in rows if row["channel"] == "online" and row["days_left"] < 5]
    assert left[0] == min(left)


def test_a_body_has_the_dossiers_of_all_that_are_under_it(folder: Path) -> None:
    with (folder / "agencies.csv").open(encoding="utf-8-sig") as file:
        parents = {row["code"]: row["parent"] for row in csv.DictReader(file)}
    [root] = [code for code, parent in parents.items() if not parent]
    under = ("--registry", "agencies.csv", "--under")
    assert listed(folder, *under, root) == listed(folder)
    districts = Counter(parents[row["agency"]] for row in listed(folder))
    district = next(code for code in districts if code != root)
    own = listed(folder, *under, district)
    assert {row["agency"] for row in own} <= {
        district,
        *(c for c in parents if parents[c] == district),
    }
    assert 0 < len(own) < len(listed(folder))


def test_papers_have_the_figures_and_the_list(folder: Path, tmp_path: Path) -> None:
    rows = listed(folder)
    for ending in ("csv", "xlsx", "html", "docx", "txt"):
        out = str(tmp_path / f"due.{ending}")
        done(folder, "due", "--source", "archive", *OF_MARCH, "--by", "agency", "--out", out)
    text = (tmp_path / "due.csv").read_text(encoding="utf-8-sig")
    assert [row["dossier"] for row in csv.DictReader(io.StringIO(text))] != []
    page = (tmp_path / "due.html").read_text()
    assert all(row["dossier"] in page for row in rows)
    assert "Đã quá hạn" in page
    sheets = openpyxl.load_workbook(tmp_path / "due.xlsx").worksheets
    cells = {cell for sheet in sheets for line in sheet.values for cell in line}
    assert {row["dossier"] for row in rows} <= cells
    overdue = sum(row["days_left"] < 0 for row in rows)
    assert f"{overdue} hồ sơ đã quá hạn" in (tmp_path / "due.txt").read_text()
    in_english = done(folder, "due", "--source", "archive", *OF_MARCH, "--lang", "en")
    assert f"{overdue} overdue" in in_english


def test_a_calendar_counts_what_the_list_has(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "due.ics"
    done(folder, "due", "--source", "archive", *OF_MARCH, "--out", str(out))
    calendar: Any = Calendar.from_ical(out.read_bytes())
    rows = [row for row in listed(folder) if row["account"] == "in_progress.in_time"]
    days = Counter(row["due"] for row in rows if row["days_left"] <= 5)
    told = {
        event["DTSTART"].dt.isoformat(): int(str(event["SUMMARY"]).split()[0])
        for event in calendar.walk("VEVENT")
    }
    assert told == {"2023-03-14": 0} | days
    as_text = done(folder, "due", "--source", "archive", *OF_MARCH, "--format", "ics")
    assert as_text.encode() == out.read_bytes()


@pytest.mark.parametrize("form", ["html", "ics"])
def test_an_agency_has_its_name_where_the_registry_has_one(folder: Path, form: str) -> None:
    with (folder / "agencies.csv").open(encoding="utf-8-sig") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    question = ("due", "--source", "archive", *OF_MARCH, "--by", "agency", "--format", form)
    text = done(folder, *question, "--registry", "agencies.csv")
    if form == "ics":
        events = Calendar.from_ical(text).walk("VEVENT")
        text = "\n".join(str(event["DESCRIPTION"]) for event in events)
    codes = {row["agency"] for row in listed(folder)}
    assert len(codes) > 1
    assert all(f"{names[code]} ({code})" in text for code in codes)


def test_a_backtest_is_the_same_from_every_source(folder: Path) -> None:
    question = ("due", "--backtest", "2023-Q1", "--by", "agency", *OF_MARCH, "--format", "json")
    answers = [json.loads(done(folder, *question, "--source", source)) for source in SOURCES]
    assert answers[0] == answers[1] == answers[2]
    last = [row for row in answers[0]["forecasts"] if row["day"] == "2023-03-13"]
    evening = ("--as-of", "2023-03-13T23:59:59.999999+07:00")
    rows = json.loads(done(folder, "due", "--source", "archive", *evening, "--format", "json"))
    falls_due = [r for r in rows if r["account"] == "in_progress.in_time" and r["days_left"] <= 5]
    assert sum(row["forecast"] for row in last) == len(falls_due) > 0


def test_a_backtest_of_a_window_that_is_not_over_says_up_to_when(folder: Path) -> None:
    question = ("due", "--source", "archive", "--backtest", "2023-Q2", "--as-of", "2023-04-01")
    told = json.loads(done(folder, *question, "--format", "json"))
    assert told["window"] == {"from": "2023-03-15", "to": "2023-06-14", "until": "2023-04-01"}
    assert any(row["open"] for row in told["forecasts"])
    assert all(row["day"] <= "2023-04-01" for row in told["forecasts"])


@pytest.mark.parametrize("source", ["late", "sqlite:///late.db", "two"])
@pytest.mark.parametrize("asked", [OF_MARCH, ("--backtest", "2023-Q1")])
def test_of_a_history_recorded_later_the_paper_says_so_and_how_to_load_it(
    folder: Path, source: str, asked: tuple[str, str]
) -> None:
    if not (folder / "late").exists():
        lines = (folder / "events.jsonl").read_text().splitlines()
        kept = [json.loads(line) for line in lines]
        for each in kept:
            each.pop("recordedtime", None)
        (folder / "late.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in kept))
        done(folder, "ingest", "late.jsonl", "--store", "sqlite:///late.db")
        done(folder, "archive", "--source", "sqlite:///late.db", "--out", "late")
        (folder / "none.jsonl").write_text("")
    sources = ["late", "none.jsonl"] if source == "two" else [source]
    question = ("due", *(word for each in sources for word in ("--source", each)), *asked)
    said = " ".join(done(folder, *question).split())
    assert "chưa ghi nhận sự kiện nào" in said
    assert "--recorded time" in said
    assert "Nothing was recorded by the end of" in done(folder, *question, "--lang", "en")
    assert "--recorded time" not in done(folder, "due", "--source", source.replace("two", "late"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--within", "-1"], ["--within", "0"]),
        (["--within", "100000"], ["--within", "250"]),
        (["--within", "x"], ["--within", "integer"]),
        (["--within", "1", "--within", "2"], ["--within", "2 times"]),
        (["--under", "H52.99", "--registry", "agencies.csv"], ["--under", "H52.99"]),
        (["--under", "H52"], ["--under", "--registry"]),
        (["--by", "colour"], ["--by", "'colour'"]),
        (["--slice", "channel=fax"], ["--slice", "fax"]),
        (["--as-of", "yesterday"], ["--as-of", "'yesterday'"]),
        (["--format", "pdf"], ["--format", "pdf"]),
        (["--out", "due.pdf"], ["due.pdf", ".xlsx"]),
        (["--backtest", "T3/2026"], ["--backtest"]),
        (["--backtest", "2023-Q2", "--as-of", "2023-03-14"], ["--backtest", "2023-03-15"]),
        (["--backtest", "2023-Q1", "--out", "due.ics"], ["--backtest", "calendar"]),
        (["--backtest", "2023-Q1", "--format", "ics"], ["--backtest", "calendar"]),
        (["--source", "no.jsonl"], ["no.jsonl"]),
    ],
)
def test_bad_input_gets_one_line(folder: Path, arguments: list[str], said: list[str]) -> None:
    source = () if "--source" in arguments else ("--source", "archive")
    outcome = answered(folder, "due", *source, *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    for words in said:
        assert words in outcome.err
    assert not (folder / "due.ics").exists()


def test_an_ending_that_is_refused_is_told_that_of_the_calendar(folder: Path) -> None:
    refused = answered(folder, "due", "--source", "archive", "--out", "due.pdf")
    assert refused.err.endswith(", .arrow, .ics\n")


def test_help_lists_it_among_the_figures(folder: Path) -> None:
    told = hoso(folder, "--help").out
    figures = told[told.index("Figures:") : told.index("Reports:")]
    assert "\n  due " in figures

"""``hoso report`` of one body, of some slices and of each body, and as of when it is made."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from hoso.tools.output.folder import file_name
from tests.command import asked, count_behind, hoso
from tests.e2e.test_reform import HISTORY, REGISTRY, cells
from tests.integration.test_transfers import event, received

WINDOW = ("--window", "2025-Q3")
GIVEN = ("--source", "events.jsonl", "--registry", "agencies.csv")
REPORTS = ("ii06a", "form07a", "form07b", "quarterly", "annual", "index766", "scorecard", "summary")
POST = {"channel": "post", "received_at": "H52.31"}
MORE = [
    received("P1", "2025-07-07", "H52.12", level="province", **POST),
    event("P1", "resolved", "2025-07-08", outcome="granted", official="cb-01"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scopes")
    lines = [orjson.dumps(each) + b"\n" for each in [*HISTORY, *MORE]]
    (folder / "events.jsonl").write_bytes(b"".join(lines))
    (folder / "agencies.csv").write_text(REGISTRY)
    return folder


def made(office: Path, name: str, *options: str) -> Any:
    return json.loads(asked(office, "report", name, *GIVEN, *options, "--format", "json"))


def about(document: Any) -> dict[str, str]:
    return {line["name"]: line["text"] for line in document["about"]}


def row(document: Any, key: str = "whole") -> Any:
    table = next(part for part in document["parts"] if "table" in part)
    return next(row["cells"] for row in table["rows"] if row["key"] == key)


def some(document: Any, number: int = 25) -> Iterator[Any]:
    """Some of the figures with a call behind them, each call once."""
    behind = {cell["behind"]: cell for cell in cells(document)}
    calls = sorted(behind)
    return (behind[call] for call in calls[:: max(1, len(calls) // number)])


@pytest.mark.parametrize("scope", [("--under", "H52.31"), ("--slice", "channel=post")])
def test_integrity_of_a_scope_counts_as_the_statement_of_it(
    office: Path, scope: tuple[str, str]
) -> None:
    """The report of a body, or of some dossiers, has their on-time rate and their findings."""
    told = made(office, "integrity", *WINDOW, *scope)
    [table] = [part for part in told["parts"] if part.get("table") == "checks"]
    values = {row["key"]: row["cells"]["count"]["value"] for row in table["rows"][:2]}
    given = (*GIVEN, *WINDOW, *scope, "--format", "json")
    stated = json.loads(asked(office, "statement", *given))["total"]["resolved"]
    assert values == {
        "resolved": stated["total"],
        "in_time": stated["early"] + stated["on_time"],
    }
    seen = {
        check["check"]: check["count"]
        for check in json.loads(asked(office, "integrity", *given))["checks"]
    }
    assert {
        row["key"]: row["cells"]["count"]["value"] for row in table["rows"] if row["key"] in seen
    } == seen


def test_each_body_has_its_own_report_of_integrity(office: Path) -> None:
    then = (*WINDOW, "--as-of", "2025-12-01T00:00:00+07:00")
    asked(office, "report", "integrity", *GIVEN, *then, "--each", "commune", "--out", "own")
    bodies = [folder for folder in (office / "own").iterdir() if folder.is_dir()]
    assert bodies
    for body in bodies:
        own = json.loads((body / "integrity.json").read_text())
        told = made(office, "integrity", *then, "--under", body.name)
        assert own["parts"][0]["rows"] == told["parts"][0]["rows"]


# --- As of the instant of making ---------------------------------------------------------------


def test_a_report_says_as_of_when_and_by_what_it_was_made(office: Path) -> None:
    before = datetime.now(UTC)
    told = about(made(office, "quarterly", *WINDOW))
    [instant] = re.findall(r"\((.*Z)\)", told["Số liệu tính đến"])
    assert before <= datetime.fromisoformat(instant) <= datetime.now(UTC)
    assert told["Số liệu đến hết ngày"] == "14/09/2025"
    assert told["Quy định"].startswith("có hiệu lực từng ngày (")
    assert told["Lịch làm việc"]
    assert told["Hồ sơ chuyển cơ quan"].endswith("(final)")
    assert told["Cơ cấu tổ chức"].endswith("(then)")
    assert re.fullmatch(r"[0-9a-f]{12}", told["Mã danh mục cơ quan"])


def test_a_window_that_is_not_over_says_up_to_which_day_it_goes(office: Path) -> None:
    then = ("--as-of", "2025-07-02T10:00:00+07:00")
    told = made(office, "quarterly", *WINDOW, *then)
    assert about(told)["Số liệu đến hết ngày"] == "02/07/2025"
    assert about(told)["Số liệu tính đến"] == "10:00:00 ngày 02/07/2025 (2025-07-02T03:00:00Z)"
    chart = next(part for part in told["parts"] if part.get("chart") == "balance")
    assert (chart["labels"][0], chart["labels"][-1]) == ("15/06/2025", "02/07/2025")
    assert {len(series["numbers"]) for series in chart["series"]} == {len(chart["labels"])}


@pytest.mark.parametrize("ending", ["txt", "xlsx", "html"])
def test_a_form_of_a_window_that_is_not_over_says_so_in_its_head(office: Path, ending: str) -> None:
    then, out = ("--as-of", "2025-07-02T10:00:00+07:00"), f"unfinished.{ending}"
    asked(office, "report", "form", *WINDOW, *GIVEN, *then, "--out", out)
    text = texts_of(office / out) if ending == "xlsx" else (office / out).read_text()
    assert "đến ngày 14/09/2025 (số liệu đến hết ngày 02/07/2025)" in text


def test_an_annual_report_of_a_year_that_is_not_over_says_what_it_compares(office: Path) -> None:
    def notes(as_of: str) -> str:
        told = made(office, "annual", "--window", "2025", "--as-of", f"{as_of}T10:00:00+07:00")
        return " ".join(next(part["notes"] for part in told["parts"] if "notes" in part))

    assert "số liệu đến hết ngày 02/07/2025; năm trước là số liệu của cả kỳ" in notes("2025-07-02")
    assert "chưa kết thúc" not in notes("2026-02-03")


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "xlsx", "html"])
def test_every_paper_says_as_of_when_it_was_made(office: Path, ending: str) -> None:
    then = ("--as-of", "2026-02-03T10:00:00+07:00", "--out", f"one.{ending}")
    asked(office, "report", "summary", *WINDOW, *GIVEN, *then)
    if ending == "xlsx":
        text = texts_of(office / "one.xlsx")
    else:
        text = (office / f"one.{ending}").read_text()
    assert "2026-02-03T03:00:00Z" in text


def texts_of(workbook: Path) -> str:
    from zipfile import ZipFile

    with ZipFile(workbook) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist() if "xml" in name)


def test_what_is_ingested_later_changes_no_figure_behind_a_call(office: Path) -> None:
    asked(office, "ingest", "events.jsonl", "--store", "sqlite:///later.db")
    store = ("--source", "sqlite:///later.db", "--registry", "agencies.csv")
    report = ("report", "quarterly", *WINDOW, *store, "--format", "json")
    first = json.loads(asked(office, *report))
    cell = row(first, "received")["all"]
    late = received("L1", "2025-07-09", "H52.12", level="province")
    now = datetime.now(UTC).isoformat()
    (office / "late.jsonl").write_bytes(orjson.dumps(late | {"recordedtime": now}))
    asked(office, "ingest", "late.jsonl", "--store", "sqlite:///later.db")
    assert row(json.loads(asked(office, *report)), "received")["all"]["value"] == cell["value"] + 1
    for each in some(first):
        assert "--as-of " in each["behind"]
        assert count_behind(office, each["behind"]) == each["value"]


def test_a_call_is_pinned_to_the_law_and_the_agencies_of_its_report(office: Path) -> None:
    asks = ("--law", "nd61-2018", "--pin", "supplement_limit=0", "--roll-up", "now")
    told = made(office, "ii06a", *WINDOW, *asks)
    for each in some(told, 5):
        for words in (
            "--registry agencies.csv --roll-up now --as-of 2",
            " --law nd61-2018 --pin supplement_limit=0 --attribution final",
        ):
            assert words in each["behind"]


# --- One body, some slices ---------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    "scope",
    [
        ("--under", "H52.12"),
        ("--under", "H52.21"),
        ("--slice", "channel=post", "--slice", "received_at=H52.31"),
        ("--under", "H52", "--slice", "level=commune", "--slice", "level=province"),
        ("--slice", "agency=H52.31", "--slice", "agency=H52.12", "--slice", "channel=online"),
    ],
    ids=" ".join,
)
def test_behind_each_figure_of_a_scope_stand_as_many_dossiers(
    office: Path, name: str, scope: tuple[str, ...]
) -> None:
    told = made(office, name, *WINDOW, *scope)
    for each in some(told, 12):
        assert count_behind(office, each["behind"]) == (each["value"] or 0), each["behind"]


def test_a_body_is_reported_alone(office: Path) -> None:
    whole, alone = (made(office, "ii06a", *WINDOW, *o) for o in ((), ("--under", "H52.12")))
    assert row(alone)["received"]["value"] == row(whole, "H52.12")["received"]["value"] == 4
    table = alone["parts"][0]
    assert [r["key"] for r in table["rows"] if r["style"] == "group"] == ["H52.12"]
    assert about(alone)["Đơn vị"] == "Sở Tài chính (H52.12)"
    assert alone["title"] == f"{whole['title']} – Sở Tài chính"
    assert "Đơn vị" not in about(whole)


def test_slices_combine(office: Path) -> None:
    def received_in(*slices: str) -> Any:
        options = [word for each in slices for word in ("--slice", each)]
        return row(made(office, "quarterly", *WINDOW, *options), "total")["all"]["value"]

    post, online = received_in("channel=post"), received_in("channel=online")
    assert (post, online) == (1, 7)
    assert received_in("channel=post", "channel=online") == 8
    assert received_in("channel=post", "agency=H52.12") == 1
    assert received_in("channel=post", "agency=H52.31") == 0
    told = about(made(office, "quarterly", *WINDOW, "--slice", "channel=post"))
    assert told["Chỉ tính hồ sơ"] == "Kênh: Bưu chính"


def test_a_chart_has_the_dossiers_of_the_scope(office: Path) -> None:
    def last_day(*scope: str) -> int:
        told = made(office, "summary", *WINDOW, *scope)
        chart = next(part for part in told["parts"] if part.get("chart") == "balance")
        return sum(series["numbers"][-1] for series in chart["series"])

    assert (last_day(), last_day("--under", "H52.32"), last_day("--under", "H52.21")) == (2, 1, 0)


def test_officials_of_a_slice_are_scored_alone(office: Path) -> None:
    def scored(*scope: str) -> Any:
        told = made(office, "scorecard", *WINDOW, *scope)
        table = next(part for part in told["parts"] if part.get("table") == "officials")
        return table["rows"][-1]["cells"]["scored"]["value"]

    assert scored("--slice", "channel=post") == 1
    assert scored("--slice", "channel=online") is None


@pytest.mark.parametrize(
    ("scope", "fault"),
    [
        (("--under", "H52.99"), "--under: the registry agencies.csv has no body 'H52.99'"),
        (
            ("--under", "H52.02"),
            "--under: H52.02 has ended before 2025-09-14 and counts in H52.12: write H52.12",
        ),
        (("--slice", "agency=H52.03"), "--slice: H52.03 has ended before 2025-09-14 and counts"),
        (("--slice", "place=x"), "--slice: no dimension 'place': use agency, "),
        (("--slice", "level=huyen"), "--slice: no level 'huyen': use province, district, commune"),
        (("--slice", "channel"), "--slice: 'channel' is no slice; write channel=online"),
    ],
)
def test_a_scope_that_is_none_is_told_in_one_line(
    office: Path, scope: tuple[str, ...], fault: str
) -> None:
    left = hoso(office, "report", "ii06a", *WINDOW, *GIVEN, *scope)
    assert (left.status, left.out, left.err.count("\n")) == (2, "", 1)
    assert left.err.startswith(f"hoso: {fault}")


def test_a_body_of_another_time_is_told_in_one_line(office: Path) -> None:
    ended = ("--under", "H52.21", "--window", "2026-M02")
    left = hoso(office, "report", "ii06a", *GIVEN, *ended)
    assert (left.status, left.out) == (2, "")
    assert left.err == (
        "hoso: --under: H52.21 existed from … to 2025-06-30 and has no dossiers in this window\n"
    )


def test_the_form_of_a_body_below_the_province_is_that_of_a_unit(office: Path) -> None:
    window = ("--window", "2026-M09", "--as-of", "2026-10-01T00:00:00+07:00")
    assert made(office, "form", *window)["report"] == "form07b"
    assert made(office, "form", *window, "--under", "H52")["report"] == "form07b"
    assert made(office, "form", *window, "--under", "H52.12")["report"] == "form07a"
    ministry = made(office, "form", *window, "--under", "H52.12", "--body", "ministry")
    assert ministry["report"] == "form07c"


# --- Each body ---------------------------------------------------------------------------------


def test_each_body_has_a_folder_of_its_own(office: Path) -> None:
    printed = asked(
        office, "report", "all", *WINDOW, *GIVEN, "--each", "agency", "--out", "each"
    ).split()
    codes = ("H52.12", "H52.21", "H52.21.01", "H52.31", "H52.32")
    assert {*printed} == {f"each/{code}/index.html" for code in codes} | {"each/index.html"}
    page = (office / "each/index.html").read_text()
    for code in codes:
        assert f'href="{code}/index.html"' in page
        files = {each.name for each in (office / "each" / code).iterdir()}
        assert {"ii06a.xlsx", "quarterly.html", "annual.json", "index.html"} <= files
        own = json.loads((office / f"each/{code}/quarterly.json").read_text())
        alone = made(office, "quarterly", *WINDOW, "--under", code)
        assert [each["value"] for each in cells(own)] == [each["value"] for each in cells(alone)]


def test_each_body_of_a_level_has_one_report(office: Path) -> None:
    window = ("--window", "2025-Q4", "--out", "communes", "--each", "commune")
    asked(office, "report", "summary", *GIVEN, *window)
    folders = {each.name for each in (office / "communes").iterdir() if each.is_dir()}
    assert folders == {"H52.31", "H52.32"}
    assert (office / "communes/H52.31/summary.xlsx").exists()


def test_without_a_registry_each_agency_has_its_reports(office: Path) -> None:
    source = ("--source", "events.jsonl", "--window", "2025-Q4", "--out", "alone")
    asked(office, "report", "ii06a", *source, "--each", "agency")
    assert {each.name for each in (office / "alone").iterdir()} == {
        *("H52.02", "H52.12", "H52.32", "index.html"),
    }


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--each", "agency"), "--out: name a folder, for the reports go there"),
        (
            ("--each", "agency", "--out", "x", "--format", "csv"),
            "--format: the reports go on",
        ),
        (
            ("--each", "district", "--out", "x", "--under", "H52.12"),
            "--each: the window has no body of level district",
        ),
    ],
)
def test_each_body_needs_a_folder_and_a_body(
    office: Path, options: tuple[str, ...], fault: str
) -> None:
    left = hoso(office, "report", "ii06a", *WINDOW, *GIVEN, *options)
    assert (left.status, left.out, left.err.count("\n")) == (2, "", 1)
    assert left.err.startswith(f"hoso: {fault}")
    assert not (office / "x").exists()


def test_a_code_is_a_folder_within_the_folder() -> None:
    assert file_name("000.00.00.H52") == "000.00.00.H52"
    assert file_name("UBND xã Ba") == "UBND xã Ba"
    assert file_name("../a/b") == "%2E.%2Fa%2Fb"
    assert file_name("..") == "%2E."

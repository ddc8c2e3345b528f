"""Reports through the reform of 1 July 2025: districts end on 30/06/2025, communes begin, and two
departments merge."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.command import asked, hoso
from tests.integration.test_transfers import event, received

REPORTS = ("ii06a", "quarterly", "annual", "index766", "scorecard", "summary")
# Before the reform, across it, and after it.
WINDOWS = ("2025-H1", "2025-Q3", "2025-Q4")
REGISTRY = """\
code,name,level,parent,valid_from,valid_to,successor
H52,UBND tỉnh,province,,,,
H52.02,Sở Kế hoạch,province,H52,,30/06/2025,H52.12
H52.03,Sở Tài chính cũ,province,H52,,30/06/2025,H52.12
H52.12,Sở Tài chính,province,H52,01/07/2025,,
H52.21,UBND huyện Một,district,H52,,30/06/2025,
H52.21.01,UBND xã Hai,commune,H52.21,,30/06/2025,
H52.31,UBND xã Ba,commune,H52,01/07/2025,,
H52.32,UBND xã Bốn,commune,H52,01/07/2025,,
"""
PROVINCE, COMMUNE = {"level": "province"}, {"level": "commune"}
HISTORY = [
    # Before the reform.
    received("A1", "2025-03-03", "H52.02", **PROVINCE),
    event("A1", "resolved", "2025-03-10", outcome="granted"),
    received("A2", "2025-04-01", "H52.03", **PROVINCE),
    event("A2", "resolved", "2025-05-20", outcome="granted"),
    received("D1", "2025-05-05", "H52.21"),
    event("D1", "returned", "2025-05-06", reason="not_eligible"),
    received("C1", "2025-06-02", "H52.21.01", **COMMUNE),
    # Across it: the departments' dossiers stay by their old code or go to the new department, and
    # the district's go to the communes.
    event("C1", "resolved", "2025-06-25", outcome="granted"),
    received("A3", "2025-06-16", "H52.02", **PROVINCE),
    event("A3", "resolved", "2025-06-18", outcome="granted"),
    received("A4", "2025-06-25", "H52.03", **PROVINCE),
    event("A4", "reassigned", "2025-07-01", agency="H52.12"),
    event("A4", "resolved", "2025-07-03", outcome="granted"),
    received("A5", "2025-06-26", "H52.02", **PROVINCE),
    received("D2", "2025-06-03", "H52.21"),
    event("D2", "reassigned", "2025-07-01", agency="H52.31", level="commune"),
    event("D2", "resolved", "2025-07-07", outcome="granted"),
    received("D3", "2025-06-24", "H52.21"),
    event("D3", "paused", "2025-06-26", reason="other"),
    event("D3", "reassigned", "2025-07-01", agency="H52.32", level="commune"),
    received("D4", "2025-06-17", "H52.21"),
    event("D4", "resolved", "2025-06-19", outcome="granted"),
    # After it.
    received("A6", "2025-09-16", "H52.12", **PROVINCE),
    event("D3", "resumed", "2025-09-17"),
    event("D3", "resolved", "2025-09-18", outcome="granted"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reform")
    (folder / "events.jsonl").write_bytes(b"".join(orjson.dumps(e) + b"\n" for e in HISTORY))
    (folder / "agencies.csv").write_text(REGISTRY)
    return folder


def made(office: Path, name: str, window: str, roll_up: str) -> Any:
    given = ("--source", "events.jsonl", "--registry", "agencies.csv", "--roll-up", roll_up)
    return json.loads(asked(office, "report", name, "--window", window, *given, "--format", "json"))


def rows_of(document: Any) -> dict[str, Any]:
    """The rows of a report's first table, by key."""
    table = next(part for part in document["parts"] if "table" in part)
    return {row["key"]: row["cells"] for row in table["rows"]}


def cells(document: Any) -> Iterator[Any]:
    """Each cell of a report that says what is behind it."""
    if isinstance(document, dict):
        if "behind" in document:
            yield document
        for part in document.values():
            yield from cells(part)
    elif isinstance(document, list):
        for part in document:
            yield from cells(part)


def test_before_the_reform_then_has_the_departments_and_now_the_merged_one(office: Path) -> None:
    then, now = (rows_of(made(office, "ii06a", "2025-H1", r)) for r in ("then", "now"))
    assert then["H52.02"]["received"]["value"] == then["H52.03"]["received"]["value"] == 1
    assert "H52.12" not in then
    assert now["H52.12"]["received"]["value"] == 2
    assert not {"H52.02", "H52.03"} & now.keys()
    assert then["H52.21"]["field"]["value"] == "UBND huyện Một"
    assert now["H52.21"]["field"]["value"] == "UBND huyện Một (đến 30/06/2025)"
    for rows in (then, now):
        assert rows["H52.21"]["received"]["value"] == 3
        assert rows["H52.21.01"]["received"]["value"] == 1


def test_across_the_reform_bodies_that_ended_keep_what_nobody_took_over(office: Path) -> None:
    rows = rows_of(made(office, "ii06a", "2025-Q3", "then"))
    received = {code: cells["received"]["value"] for code, cells in rows.items()}
    assert received["H52.12"] == 3  # A3 and A5 of the old code, and A4
    assert received["H52.21"] == 2  # D4, and C1 of its commune
    assert received["H52.31"] == received["H52.32"] == 1
    assert received["H52"] == received["whole"] == 7


def test_after_the_reform_a_body_that_has_ended_has_no_row(office: Path) -> None:
    document = json.dumps(made(office, "index766", "2025-Q4", "then"), ensure_ascii=False)
    assert "UBND huyện Một" not in document
    assert "UBND xã Ba" in document
    before = json.dumps(made(office, "index766", "2025-H1", "then"), ensure_ascii=False)
    assert "UBND huyện Một" in before
    assert "UBND xã Ba" not in before


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_the_totals_are_the_same_under_both(office: Path, name: str, window: str) -> None:
    then, now = (made(office, name, window, roll_up) for roll_up in ("then", "now"))
    assert _totals(then) == _totals(now) != []


def _totals(document: Any) -> list[Any]:
    """The values in the rows of the whole."""
    return [
        (part["table"], column, cell["value"])
        for part in document["parts"]
        if "table" in part
        for row in part["rows"]
        if row["key"] in ("whole", "total")
        for column, cell in row["cells"].items()
    ]


@pytest.mark.parametrize("roll_up", ["then", "now"])
@pytest.mark.parametrize("name", ["ii06a", "annual"])
def test_the_call_behind_a_figure_rolls_up_alike(office: Path, name: str, roll_up: str) -> None:
    for window in WINDOWS[:2]:
        behind = {
            cell["behind"]: cell["value"] for cell in cells(made(office, name, window, roll_up))
        }
        for call in list(behind)[:: max(1, len(behind) // 25)]:
            program, *arguments = shlex.split(call)
            assert program == "hoso"
            listed = json.loads(asked(office, *arguments, "--format", "json"))
            assert sum(row.get("number", 1) for row in listed) == behind[call], call


def test_a_report_says_which_agencies_it_shows(office: Path) -> None:
    then = json.dumps(made(office, "summary", "2025-Q3", "then"), ensure_ascii=False)
    assert "như ngày cuối kỳ, 14/09/2025 (then)" in then
    given = ("--registry", "agencies.csv", "--as-of", "2026-02-01T00:00:00+07:00")
    text = asked(
        office, "report", "ii06a", "--source", "events.jsonl", "--window", "2025-Q3", *given,
        "--roll-up", "now", "--lang", "en",
    )  # fmt: skip
    assert "Agencies: as they are now, 2026-02-01 (now)" in text


def test_a_merged_body_is_asked_for_by_its_successor(office: Path) -> None:
    asks = ("dossiers", "--source", "events.jsonl", "--window", "2025-H1", "--account", "received")
    given = ("--registry", "agencies.csv", "--format", "json")
    then = json.loads(asked(office, *asks, *given, "--under", "H52.02"))
    assert [row["dossier"] for row in then] == ["A1"]
    now = json.loads(asked(office, *asks, *given, "--under", "H52.12", "--roll-up", "now"))
    assert [row["dossier"] for row in now] == ["A1", "A2"]
    left = hoso(office, *asks, *given, "--under", "H52.02", "--roll-up", "now")
    assert (left.status, left.out, left.err.count("\n")) == (2, "", 1)
    assert "counts in H52.12: write H52.12, or another --roll-up" in left.err


def listed(office: Path, *options: str) -> list[str]:
    """The dossiers that a drill-down lists."""
    asks = ("dossiers", "--source", "events.jsonl", *options, "--format", "json")
    return [row["dossier"] for row in json.loads(asked(office, *asks))]


def test_what_goes_from_a_merged_body_to_its_successor_is_no_transfer(office: Path) -> None:
    asks = ("--window", "2025-Q3", "--account", "transferred", "--by", "agency")
    assert listed(office, *asks) == ["A4", "A4", "D2", "D3", "D2", "D3"]
    assert listed(office, *asks, "--registry", "agencies.csv") == ["D2", "D3", "D2", "D3"]
    by_levels = ("--window", "2025-Q3", "--account", "transferred.in", "--by", "level")
    assert listed(office, *by_levels, "--registry", "agencies.csv") == ["D2", "D3"]


def test_what_moves_under_one_body_is_no_transfer_of_it(office: Path) -> None:
    asks = ("--window", "2025-Q3", "--account", "transferred", "--registry", "agencies.csv")
    assert listed(office, *asks, "--under", "H52") == []
    assert listed(office, *asks, "--under", "H52.31") == ["D2"]


def test_the_total_lists_what_was_reassigned_before_the_window(office: Path) -> None:
    days = ("--from", "2025-07-02", "--to", "2025-07-31", "--account", "total")
    assert listed(office, *days) == ["A4", "A5", "D2", "D3"]
    assert listed(office, *days, "--by", "agency") == ["A5", "A4", "D2", "D3"]


# --- A whole province ---------------------------------------------------------------------------

SINCE = "2026-11-29"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up province with its registry."""
    folder = tmp_path_factory.mktemp("province")
    made = ("--dossiers", "1500", "--seed", "3", "--facts", "--to", SINCE)
    asked(folder, "simulate", *made, "--out", "events.jsonl", "--registry", "agencies.csv")
    return folder


@pytest.mark.parametrize("window", ["2025", "2026", "2025-Q3", "2026-M9"])
def test_every_report_of_a_province_can_be_made(province: Path, window: str) -> None:
    given = ("--source", "events.jsonl", "--registry", "agencies.csv", "--window", window)
    asked(province, "report", "all", *given, "--out", f"filed-{window}")
    pages = {page.stem: page for page in (province / f"filed-{window}").glob("*.html")}
    assert pages.keys() >= {"quarterly", "annual", "index766", "scorecard", "summary"}
    for page in pages.values():
        assert ">H52." not in page.read_text(), "an agency that the registry lacks"


@pytest.mark.parametrize("name", ["index766", "quarterly", "scorecard"])
def test_districts_that_once_sent_facts_are_in_no_report_of_a_later_year(
    province: Path, name: str
) -> None:
    given = ("--source", "events.jsonl", "--registry", "agencies.csv", "--window")
    text = asked(province, "report", name, *given, "2026-M9")
    assert "Cấp xã" in text
    assert "Cấp huyện" not in text
    assert "Cấp huyện" in asked(province, "report", name, *given, "2025-Q3")


def test_nothing_is_wrong_with_a_provinces_events(province: Path) -> None:
    found = json.loads(hoso(province, "check", "events.jsonl", "--format", "json").out)
    assert found["rejects"]["lines"] == found["suspense"]["lines"] == 0
    # Only what every system has: some events come twice or late.
    assert found["score"] > 95


def test_every_line_of_a_province_balances(province: Path) -> None:
    ask = ("statement", "--source", "events.jsonl", "--window", "2025-Q3", "--by", "agency")
    stated = json.loads(asked(province, *ask, "--format", "json"))
    for line in (*stated["lines"], stated["total"]):
        closed = sum(line[name]["total"] for name in ("resolved", "returned", "cancelled"))
        left = line["transferred"]["out"] + line["carried_forward"]
        assert line["carried_over"] + line["received"] + line["transferred"]["in"] == closed + left
    assert stated["total"]["transferred"]["in"] == stated["total"]["transferred"]["out"] > 0
    assert stated["suspense"]["events"] == 0


def test_form_07b_takes_levels_from_the_agencies_of_the_chosen_day(office: Path) -> None:
    """A district's unit goes over to a commune: a district's by the day, a commune's today."""
    registry = f"{REGISTRY}H52.22,Phòng Tư pháp huyện,district,H52,,30/06/2025,H52.31\n"
    (office / "with_unit.csv").write_text(registry)
    events = [received("U1", "2025-06-03", "H52.22"), event("U1", "resolved", "2025-06-04")]
    events[1]["data"] = {"outcome": "granted"}
    (office / "unit.jsonl").write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in events))
    given = ("--source", "unit.jsonl", "--registry", "with_unit.csv", "--window", "2025-M06")

    def filled(roll_up: str) -> set[str]:
        form = ("report", "form07b", *given, "--roll-up", roll_up, "--format", "json")
        return {
            key.split("/")[0] for key in rows_of(json.loads(asked(office, *form))) if "/" in key
        }

    assert filled("then") == {"outside"}
    assert filled("now") == {"II"}

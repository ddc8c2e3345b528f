"""``hoso report``, and the commands that list the dossiers behind its figures."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.command import asked, count_behind, hoso
from tests.offices import EVENTS, SOURCES, equip

REPORTS = (
    *("ii06a", "quarterly", "annual", "index766", "scorecard", "integrity", "summary"),
    "reconciliation",
)
WINDOW = ("--window", "2023-Q1")
REGISTRY = """\
code,name,level,parent
H52,UBND tỉnh,province,
H52.01,Sở Tư pháp,province,H52
H52.21,"UBND huyện Một, Hai",district,H52
H52.21.01,UBND xã Ba,commune,H52.21
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = equip(tmp_path_factory.mktemp("office"))
    (folder / "agencies.csv").write_text(REGISTRY)
    return folder


def document(office: Path, name: str, *options: str) -> Any:
    return json.loads(asked(office, "report", name, *WINDOW, *options, "--format", "json"))


@pytest.mark.parametrize("name", REPORTS)
def test_every_source_gives_the_same_report(office: Path, name: str) -> None:
    then = ("--as-of", "2023-12-31T00:00:00+07:00")
    from_file, *others = (document(office, name, *then, "--source", source) for source in SOURCES)
    for other in others:
        assert _without_calls(other) == _without_calls(from_file)


def _without_calls(document: Any) -> Any:
    """A document without what names its source."""
    if isinstance(document, dict):
        return {key: _without_calls(value) for key, value in document.items() if key != "behind"}
    return [_without_calls(each) for each in document] if isinstance(document, list) else document


@pytest.mark.parametrize("name", REPORTS)
def test_the_call_behind_a_figure_lists_as_many_dossiers(office: Path, name: str) -> None:
    told = document(office, name, "--source", EVENTS, "--registry", "agencies.csv")
    found = dict(_calls(told))
    assert found
    for call in list(found)[:: max(1, len(found) // 12)]:
        assert count_behind(office, call) == found[call]


def _calls(document: Any) -> Any:
    if isinstance(document, dict):
        if "behind" in document:
            yield document["behind"], document["value"]
        for value in document.values():
            yield from _calls(value)
    elif isinstance(document, list):
        for value in document:
            yield from _calls(value)


def test_a_report_is_as_of_the_moment_and_by_the_rules_that_are_asked_for(office: Path) -> None:
    options = ("--as-of", "2023-02-01T00:00:00+07:00", "--supplement-limit", "0")
    stated = json.loads(
        asked(office, "statement", *WINDOW, "--source", EVENTS, *options, "--format", "json")
    )
    told = document(office, "quarterly", "--source", EVENTS, *options)
    assert stated["digest"] in json.dumps(told)
    call = next(iter(dict(_calls(told))))
    assert "--as-of 2023-02-01T00:00:00+07:00 --pin supplement_limit=0" in call


def test_agencies_that_the_registry_does_not_have_are_listed(office: Path) -> None:
    told = json.dumps(
        document(office, "ii06a", "--source", EVENTS, "--registry", "agencies.csv"),
        ensure_ascii=False,
    )
    assert "UBND huyện Một, Hai" in told
    assert "Cơ quan không có trong danh mục" in told
    assert "H52.02" in told


def test_all_reports_go_into_a_folder_with_a_page_that_lists_them(office: Path) -> None:
    listed = asked(office, "report", "all", *WINDOW, "--source", EVENTS, "--out", "filed")
    expected = {f"filed/{n}.{e}" for n in REPORTS for e in ("html", "docx", "xlsx", "csv", "json")}
    assert set(listed.split()) == {*expected, "filed/index.html"}
    page = (office / "filed/index.html").read_text()
    for file in expected:
        assert (office / file).stat().st_size > 0
        assert Path(file).name in page


@pytest.mark.parametrize("profile", ["national", "portal-2024", "local"])
def test_the_index_is_scored_by_the_profile_that_is_named(office: Path, profile: str) -> None:
    told = document(office, "index766", "--source", EVENTS, "--index-profile", profile)
    on_time = next(part for part in told["parts"] if part.get("table") == "on_time")
    columns = {column["key"] for column in on_time["columns"]}
    assert ("cancelled_overdue" in columns) == (profile == "national")


def test_officials_are_counted_and_listed_only_where_that_was_asked_for(office: Path) -> None:
    counted, listed = (
        [
            part["table"]
            for part in document(office, "scorecard", "--source", EVENTS, *option)["parts"]
        ]
        for option in ((), ("--officials",))
    )
    assert counted == ["scorecard", "cases", "ranks", "officials", "criteria"]
    assert listed == [*counted[:-1], "official_scores", "criteria"]


def test_entered_parts_of_a_whole_are_exact(office: Path) -> None:
    inputs = "agency,fees_paid_online,procedures_paid_online,procedures_with_fees\n"
    (office / "parts.csv").write_text(f"{inputs},145/165,8/12,8/12\n")
    (office / "odd_part.csv").write_text(f"{inputs},165/145,,\n")
    told = document(office, "index766", "--source", EVENTS, "--inputs", "parts.csv")
    whole = next(row for row in told["parts"][0]["rows"] if row["key"] == "whole")
    assert whole["cells"]["points.payment"]["value"] == 8.61
    wrong = hoso(
        office, "report", "index766", *WINDOW, "--source", EVENTS, "--inputs", "odd_part.csv"
    )
    assert wrong.status == 2
    assert "odd_part.csv:2: fees_paid_online: '165/145' is no part of a whole" in wrong.err


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "xlsx", "html"])
def test_a_files_ending_says_on_which_paper(office: Path, ending: str) -> None:
    file = f"one.{ending}"
    asked(office, "report", "summary", *WINDOW, "--source", EVENTS, "--out", file)
    assert (office / file).stat().st_size > 0


def test_headings_are_vietnamese_or_english(office: Path) -> None:
    vietnamese, english = (
        asked(office, "report", "ii06a", *WINDOW, "--source", EVENTS, "--lang", language)
        for language in ("vi", "en")
    )
    assert "Lĩnh vực giải quyết" in vietnamese
    assert "Field" in english


def test_percentages_are_rounded_as_asked(office: Path) -> None:
    def shares(*options: str) -> list[float]:
        told = document(office, "quarterly", "--source", EVENTS, *options)
        cells = [row["cells"] for row in told["parts"][0]["rows"]]
        return [cell["all_share"]["value"] for cell in cells if "all_share" in cell]

    exact, cut = shares("--decimals", "4"), shares("--decimals", "1", "--rounding", "truncate")
    assert cut == [int(share * 10) / 10 for share in exact]
    assert shares() != shares("--decimals", "1")


FAULTS = {
    ("report", "ii06a"): "which window? give --from and --to, or --window",
    ("report", "all", *WINDOW): "--out: name a folder",
    ("report", "ii06a", *WINDOW, "--out", "x.doc"): "x.doc: no paper has the ending '.doc'",
    ("report", "ii06a", *WINDOW, "--folding", "mine"): "--folding: no profile 'mine': use default",
    ("report", "ii06a", *WINDOW, "--folding", "none.yaml"): "--folding: none.yaml: No such file",
    ("report", "ii06a", *WINDOW, "--folding", "half.yaml"): "half.yaml: ",
    ("report", "ii06a", *WINDOW, "--registry", "none.csv"): "--registry: none.csv: No such file",
    ("report", "ii06a", *WINDOW, "--registry", "odd.csv"): "odd.csv: the headings are 'code,name'",
    ("report", "ii06a", *WINDOW, "--registry", "lost.csv"): "lost.csv:2: H1: its parent 'H0'",
    ("report", "index766", *WINDOW, "--index-profile", "mine"): "use local, national",
    ("report", "index766", *WINDOW, "--inputs", "odd.csv"): "odd.csv:2: ",
    ("report", "scorecard", *WINDOW, "--scorecard-profile", "half.yaml"): "half.yaml: ",
    ("report", "summary", *WINDOW, "--procedures", "odd.csv"): "odd.csv:2: there is no column",
    ("report", "summary", *WINDOW, "--procedures", "empty.csv"): "empty.csv: has no rows; write",
    ("report", "index766", *WINDOW, "--inputs", "wide.yaml"): "wide.yaml: overall.published: ",
    ("dossiers", *WINDOW, "--account", "early"): "--account: no account 'early'",
    ("dossiers", *WINDOW, "--account", "resolved,synced"): "--account: accounts, measures",
    ("dossiers", *WINDOW, "--account", "resolved", "--under", "H52"): "--under: needs --registry",
}


@pytest.mark.parametrize("arguments", FAULTS, ids=" ".join)
def test_bad_input_is_told_in_one_line(office: Path, arguments: tuple[str, ...]) -> None:
    (office / "odd.csv").write_text("code,name\nH1,Sở\n")
    (office / "lost.csv").write_text("code,name,level,parent\nH1,Sở,province,H0\n")
    (office / "empty.csv").write_text("procedure,online,payable\n")
    (office / "wide.yaml").write_text("overall: {published: 120}\n")
    (office / "half.yaml").write_text("title: {vi: Nửa, en: Half}\n")
    left = hoso(office, *arguments, "--source", EVENTS)
    assert (left.status, left.out) == (2, "")
    assert FAULTS[arguments] in left.err
    assert left.err.count("\n") == 1


def test_a_report_that_cannot_be_written_leaves_nothing_behind(office: Path) -> None:
    (office / "taken").write_text("a file")
    left = hoso(office, "report", "all", *WINDOW, "--source", EVENTS, "--out", "taken/here")
    assert left.status == 2
    assert "taken/here:" in left.err


def test_the_sums_of_the_reconciliation_are_formulas_on_a_landscape_sheet(office: Path) -> None:
    asked(office, "report", "reconciliation", *WINDOW, "--source", EVENTS, "--out", "r.xlsx")
    sheet = openpyxl.load_workbook(office / "r.xlsx").worksheets[0]
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    rows = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[-2], int | float)]
    assert len(rows) > 60
    assert all(str(row[-3]).startswith("=") and str(row[-1]).startswith("=") for row in rows)

"""``hoso report form`` and forms 07a, 07b, 07c: commands, papers, and the calls behind figures."""

import json
import shlex
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.command import asked, hoso
from tests.unit.test_form07 import HISTORY

EVENTS = "events.jsonl"
KNOWN = ("--as-of", "2027-01-01T00:00:00+07:00")
OCTOBER = ("--source", EVENTS, "--window", "2026-M10", *KNOWN)
FORMS = ("form07a", "form07b", "form07c")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    events = [event | {"recordedtime": event["time"]} for event in HISTORY]
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    (folder / EVENTS).write_text("\n".join(lines))
    asked(folder, "ingest", EVENTS)
    asked(folder, "archive", "--source", EVENTS, "--out", "archive")
    return folder


def document(office: Path, *question: str) -> Any:
    return json.loads(asked(office, "report", *question, "--format", "json"))


def figures(document: Any) -> Any:
    return [
        {key: cell["value"] for key, cell in row["cells"].items()}
        for part in document["parts"]
        for row in part["rows"]
    ]


@pytest.mark.parametrize("name", FORMS)
def test_every_source_gives_the_same_form(office: Path, name: str) -> None:
    from_file = document(office, name, *OCTOBER)
    for source in ("sqlite:///hoso.db", "archive"):
        other = document(office, name, "--source", source, *OCTOBER[2:])
        assert figures(other) == figures(from_file)


@pytest.mark.parametrize("name", FORMS)
def test_the_call_behind_a_figure_lists_as_many_dossiers(office: Path, name: str) -> None:
    calls = {
        cell["behind"]: cell["value"]
        for part in document(office, name, *OCTOBER)["parts"]
        for row in part["rows"]
        for cell in row["cells"].values()
        if "behind" in cell
    }
    moved = [call for call in calls if "field='Đất đai'" in call]
    for call in [*moved, *list(calls)[::7]]:
        program, *arguments = shlex.split(call)
        assert program == "hoso"
        assert len(json.loads(asked(office, *arguments, "--format", "json"))) == calls[call], call


@pytest.mark.parametrize(
    ("question", "title"),
    [
        (("2026-M10",), "07b/BTP/KSTT"),
        (("2026-M10", "--body", "province"), "07b/BTP/KSTT"),
        (("2026-M10", "--body", "unit"), "07a/BTP/KSTT"),
        (("2026-M10", "--body", "ministry"), "07c/BTP/KSTT"),
        (("2026-M07",), "II.06a/VPCP/KSTT"),
        (("2026-M07", "--body", "unit"), "II.06a/VPCP/KSTT"),
    ],
)
def test_the_form_is_the_one_in_force(office: Path, question: tuple[str, ...], title: str) -> None:
    printed = asked(office, "report", "form", "--source", EVENTS, *KNOWN, "--window", *question)
    assert f"Biểu số {title}: " in printed


def test_all_reports_have_the_form_in_force_and_no_other(office: Path) -> None:
    asked(office, "report", "all", *OCTOBER, "--body", "unit", "--out", "filed")
    forms = {file.stem for file in (office / "filed").iterdir()} & {"ii06a", *FORMS}
    assert forms == {"form07a"}


def test_the_spreadsheet_has_headings_merged_as_the_annex_and_sums_as_formulas(
    office: Path,
) -> None:
    asked(office, "report", "form", *OCTOBER, "--out", "form.xlsx")
    sheet = openpyxl.load_workbook(office / "form.xlsx").worksheets[0]
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    top = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "STT")
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    heads = (
        "A{0}:A{2}",
        "B{0}:B{2}",
        "C{0}:H{0}",
        "I{0}:L{0}",
        "M{0}:O{0}",
        "C{1}:C{2}",
        "D{1}:G{1}",
    )
    assert {each.format(top, top + 1, top + 2) for each in heads} <= merged
    numbers = [sheet.cell(top + 3, column).value for column in range(1, 16)]
    assert numbers[:3] == ["(1)", "(2)", "(3)=(4)+(5)+(6)+(7)+(8)"]
    section, land, civil = top + 4, top + 5, top + 6
    assert sheet.cell(section, 1).value == "I."
    assert f"B{section}:O{section}" in merged
    assert sheet.cell(civil, 3).value == f"=SUM(D{civil}:H{civil})"
    assert sheet.cell(civil, 9).value == f"=SUM(J{civil}:L{civil})"
    assert sheet.cell(civil, 13).value == f"=SUM(N{civil}:O{civil})"
    assert sheet.cell(civil, 5).value == 2
    whole = top + 10
    assert sheet.cell(whole, 2).value == "TỔNG CỘNG"
    assert sheet.cell(whole, 5).value == f"=SUM(E{land}:E{civil},E{civil + 2}:E{civil + 3})"


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "xlsx", "html"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_form_goes_on_every_paper(office: Path, ending: str, language: str) -> None:
    file = f"form07c.{language}.{ending}"
    asked(office, "report", "form07c", *OCTOBER, "--lang", language, "--out", file)
    assert (office / file).stat().st_size > 0


def test_a_section_is_entered_in_a_file(office: Path) -> None:
    (office / "sections.csv").write_text("agency,section\nH52.01,II\n")
    told = document(office, "form07c", *OCTOBER, "--inputs", "sections.csv")
    assert [row["key"] for row in told["parts"][0]["rows"]][:3] == [
        *("section I", "section II", "II/Đất đai")
    ]


def test_a_wrong_section_or_body_is_refused_in_one_line(office: Path) -> None:
    (office / "wrong.csv").write_text("agency,section\nH52.01,V\n")
    left = hoso(office, "report", "form07c", *OCTOBER, "--inputs", "wrong.csv")
    assert (left.status, left.err.count("\n")) == (2, 1)
    assert "wrong.csv:2: section: " in left.err
    assert hoso(office, "report", "form", *OCTOBER, "--body", "bank").status == 2

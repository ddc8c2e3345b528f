"""Does ``--against FOLDER`` print what was released, what it is now, and the difference?"""

import csv
import io
import json
import re
import shlex
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from hoso.domain.windows import named_window
from tests.command import SPAN, answered, asked, count_behind
from tests.released import release_of
from tests.releasing import WINDOW, ReleasingOffice

Json = dict[str, Any]

EVENTS = "events.jsonl"
SOURCE = ("--source", EVENTS)
REGISTRY = ("--registry", "agencies.csv")
NAME = "2023-Q2"
QUARTER = (*SOURCE, "--window", NAME)
OF_ONE = ("--under", "H52.01", "--each", "agency")
STORE = ("--source", "sqlite:///hoso.db")
DAYS = ("--from", str(WINDOW.first), "--to", str(WINDOW.last))
ALL_OF_IT = ("report", "all", *STORE, *DAYS)
HALF_WAY = datetime.fromisoformat("2026-08-01T00:00:00+07:00")
SIGNED = datetime.fromisoformat("2023-06-20T17:00:00+07:00")
REPORTS = ("ii06a", "quarterly", "index766", "scorecard")


def late(event: Json, number: int) -> Json:
    """An event; every seventh one was recorded forty days after it occurred."""
    moment = datetime.fromisoformat(event["time"])
    known = datetime.fromtimestamp(moment.timestamp() + 40 * 86_400, moment.tzinfo)
    return event | {"recordedtime": (known if number % 7 == 0 else moment).isoformat()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events of a year, of which some came in late, and with releases of the
    second quarter: of each of REPORTS, of statements, of all bodies of a level."""
    folder = tmp_path_factory.mktemp("office")
    made = ("--dossiers", "150", "--seed", "7", "--facts", "--out", EVENTS)
    asked(folder, "simulate", *SPAN, *made, *REGISTRY)
    file = folder / EVENTS
    events = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    lines = [json.dumps(late(event, number)) + "\n" for number, event in enumerate(events)]
    file.write_text("".join(lines), encoding="utf-8")
    window = named_window(NAME)
    asking = (*SOURCE, *REGISTRY)
    for name in REPORTS:
        release_of(folder, name, ("report", name, *asking), window, SIGNED)
    each = ("report", "quarterly", *asking, *OF_ONE)
    release_of(folder, "each", each, window, SIGNED, under="H52.01")
    release_of(folder, "whole", ("statement", *SOURCE), window, SIGNED)
    by_agency = ("statement", *SOURCE, "--by", "agency")
    release_of(folder, "by-agency", by_agency, window, SIGNED, by=("agency",))
    return folder


def as_json(folder: Path, *arguments: str) -> Json:
    document: Json = json.loads(asked(folder, *arguments, "--format", "json"))
    return document


@pytest.mark.parametrize("release", ["whole", "by-agency"])
def test_a_statement_has_the_figures_of_then_and_of_now(office: Path, release: str) -> None:
    by = ("--by", "agency") if release == "by-agency" else ()
    found = as_json(office, "statement", *QUARTER, *by, "--against", release)
    now = as_json(office, "statement", *QUARTER, *by)
    then = as_json(office, "statement", *QUARTER, *by, "--as-of", SIGNED.isoformat())
    total = found["total"]["resolved.overdue"]
    assert total["now"] == now["total"]["resolved"]["overdue"]
    assert total["released"] == then["total"]["resolved"]["overdue"]
    for figures in [found["total"], *(line["figures"] for line in found["lines"])]:
        assert all(n["now"] - n["released"] == n["difference"] for n in figures.values())
    assert any(figure["difference"] for figure in found["total"].values())
    assert len(found["lines"]) == (len(set(slices_of(now) | slices_of(then))) if by else 0)


def slices_of(statement: Json) -> set[str]:
    return {json.dumps(line["slice"]) for line in statement["lines"]}


def test_as_csv_a_statement_has_a_line_for_each_figure(office: Path) -> None:
    text = asked(office, "statement", *QUARTER, "--against", "whole", "--format", "csv")
    rows = [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]
    assert [*rows[0]] == ["figure", "released", "now", "difference"]
    assert rows[0]["figure"] == "carried_over"


@pytest.mark.parametrize("name", REPORTS)
def test_each_number_of_a_report_stands_beside_the_released_one(office: Path, name: str) -> None:
    given = (*QUARTER, *REGISTRY)
    found = as_json(office, "report", name, *given, "--against", name)
    now = cells_of(as_json(office, "report", name, *given))
    then = cells_of(json.loads((office / name / f"{name}.json").read_text(encoding="utf-8")))
    beside = cells_of(found)
    assert now.items() <= beside.items()  # nothing of the report itself is different
    for place, value in then.items():
        table, row, column = place
        released = beside.get((table, row, f"{column}.released"))
        if (table, row, f"{column}.difference") in beside:
            assert released == value, place
            difference = beside[table, row, f"{column}.difference"]
            if isinstance(value, int | float) and isinstance(now.get(place), int | float):
                assert difference == pytest.approx(now[place] - value)
        elif isinstance(value, int | float):  # a number in a column of texts
            assert value == now.get(place) or released == value
    assert any(value for (_, _, column), value in beside.items() if column.endswith(".difference"))


def cells_of(document: Json) -> dict[tuple[str, str, str], Any]:
    return {
        (part["table"], row["key"], column): cell["value"]
        for part in document["parts"]
        for row in part.get("rows", ())
        for column, cell in row["cells"].items()
    }


def test_the_calls_behind_its_numbers_list_as_many_dossiers(office: Path) -> None:
    given = (*QUARTER, *REGISTRY, "--against", "quarterly", "--lang", "en")
    page = asked(office, "report", "quarterly", *given, "--format", "html")
    found = re.findall(r'title="(hoso [^"]*)"[^>]*>(-?[\d,]+)<', page)
    calls = [(unescape(call), int(number.replace(",", ""))) for call, number in found]
    then = [(call, number) for call, number in calls if "2023-06-20T10:00:00Z" in call]
    listed = [each for each in then if each[0].startswith("hoso dossiers") and each[1]]
    for call, number in listed[:: max(len(listed) // 2, 1)]:
        assert count_behind(office, call) == number
    differences = [each for each in then if each[0].startswith("hoso compare") and each[1]]
    assert differences
    for call, number in differences[:: max(len(differences) // 2, 1)]:
        rows = json.loads(asked(office, *call_of(call), "--format", "json"))
        only = [sum(row["only"] == side for row in rows) for side in ("a", "b")]
        assert only[0] - only[1] == number


def call_of(call: str) -> list[str]:
    return shlex.split(call)[1:]


def test_the_reports_of_each_body_stand_beside_their_own(office: Path) -> None:
    given = ("report", "quarterly", *QUARTER, *REGISTRY, *OF_ONE)
    asked(office, *given, "--against", "each", "--out", "beside")
    papers = sorted((office / "beside").rglob("*.json"))
    assert len(papers) == len([*(office / "each").rglob("quarterly.json")]) > 0
    for paper in papers:
        then = office / "each" / paper.relative_to(office / "beside")
        beside = cells_of(json.loads(paper.read_text(encoding="utf-8")))
        for (table, row, column), value in cells_of(json.loads(then.read_text("utf-8"))).items():
            if (table, row, f"{column}.difference") in beside:
                assert beside[table, row, f"{column}.released"] == value


@pytest.mark.parametrize("ending", ["txt", "xlsx", "html", "docx"])
@pytest.mark.parametrize("report", [("statement", "by-agency"), ("report", "quarterly")])
def test_every_paper_takes_it(office: Path, ending: str, report: tuple[str, str]) -> None:
    command, release = report
    more = {"by-agency": ("--by", "agency"), "quarterly": REGISTRY}.get(release, ())
    name = ("quarterly",) if command == "report" else ()
    file = f"beside.{ending}"
    given = (command, *name, *QUARTER, *more, "--against", release, "--out", file)
    asked(office, *given)
    assert (office / file).stat().st_size > 500


WRONG = {
    ("statement", *QUARTER, "--against", "nowhere"): "nowhere: holds no release",
    ("statement", *SOURCE, "--window", "2023-Q1", "--against", "whole"): (
        "--against: whole: is a release of 2023-03-15 to 2023-06-14"
    ),
    (
        "statement",
        *QUARTER,
        "--against",
        "quarterly",
    ): "is a release of quarterly, not of statement",
    (
        "report",
        "summary",
        *QUARTER,
        *REGISTRY,
        "--against",
        "quarterly",
    ): "quarterly, not of summary",
    ("statement", *QUARTER, "--against", "by-agency"): "of other slices, --by agency",
    ("statement", *QUARTER, "--slice", "channel=online", "--against", "whole"): (
        "is a release of other dossiers"
    ),
    ("statement", *QUARTER, "--window", "2023-Q1", "--against", "whole"): "takes one window",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_is_wrong_is_said_in_one_line(office: Path, arguments: tuple[str, ...]) -> None:
    outcome = answered(office, *arguments)
    [line] = outcome.err.splitlines()
    assert (outcome.status, outcome.out) == (2, "")
    assert WRONG[arguments] in line


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> ReleasingOffice:
    """An office that really released all reports of a quarter, when half of it was recorded."""
    made = ReleasingOffice(tmp_path_factory.mktemp("signed"), dossiers=20)
    registry = str(made.folder / "agencies.csv")
    made.release("signed", "all", as_of=HALF_WAY, options={"registry": registry})
    return made


def test_all_reports_stand_beside_a_real_release(signed: ReleasingOffice) -> None:
    asked(signed.folder, *ALL_OF_IT, *REGISTRY, "--against", "signed", "--out", "beside")
    papers = sorted((signed.folder / "signed").glob("*.json"))
    differences = 0
    for paper in papers:
        if paper.name == "release.json":
            continue
        then = cells_of(json.loads(paper.read_text(encoding="utf-8")))
        beside = cells_of(json.loads((signed.folder / "beside" / paper.name).read_text("utf-8")))
        for (table, row, column), value in then.items():
            if (table, row, f"{column}.difference") in beside:
                assert beside[table, row, f"{column}.released"] == value, (paper, table, row)
                differences += bool(beside[table, row, f"{column}.difference"])
    assert differences


OTHERWISE: dict[tuple[str, ...], str] = {
    ("--roll-up", "now"): "a release with --roll-up then: give the same",
    ("--folding", "extended"): "a release with another folding: give --folding default",
}


@pytest.mark.parametrize("given", OTHERWISE)
def test_a_release_by_another_basis_is_refused(
    signed: ReleasingOffice, given: tuple[str, ...]
) -> None:
    call = (*ALL_OF_IT, *REGISTRY, "--against", "signed", "--out", "refused", *given)
    assert OTHERWISE[given] in answered(signed.folder, *call).err


def test_a_release_with_another_registry_is_refused(signed: ReleasingOffice) -> None:
    lines = (signed.folder / "agencies.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (signed.folder / "fewer.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    for given in ((), ("--registry", "fewer.csv")):
        call = (*ALL_OF_IT, *given, "--against", "signed", "--out", "refused")
        told = answered(signed.folder, *call).err
        assert "another registry: give --registry signed/inputs/registry.csv" in told


def test_a_statement_by_another_attribution_is_refused(office: Path) -> None:
    call = ("statement", *QUARTER, "--attribution", "final", "--against", "whole")
    assert "a release with --attribution held: give the same" in answered(office, *call).err

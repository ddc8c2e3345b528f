"""Does ``hoso vintages`` say what statements as of each instant say, run as people run it?"""

import csv
import io
import json
import re
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.command import SPAN, answered, asked, count_behind
from tests.told import annulled, received, recorded, resolved

Json = dict[str, Any]

EVENTS = "events.jsonl"
REGISTRY = ("--registry", "agencies.csv")
QUARTER = ("--window", "2023-Q2")
INSTANTS = ("2023-04-30", "2023-06-14", "2023-06-20T17:00:00+07:00", "2023-09-30")
AS_OF = tuple(word for each in INSTANTS for word in ("--as-of", each))
SCOPES = {
    "all": (),
    "by": ("--by", "agency,channel"),
    "slice": ("--slice", "channel=online"),
    "under": (*REGISTRY, "--under", "H52"),
    "level": (*REGISTRY, "--by", "level", "--roll-up", "now"),
    "final": ("--by", "agency", "--attribution", "final"),
    "law": ("--law", "portal-2026", "--pin", "supplement_limit=0"),
}


def late(event: Json, number: int) -> Json:
    """An event that was recorded a while after it occurred: every fifth one, by up to 80 days."""
    moment = datetime.fromisoformat(event["time"])
    days = number % 81 if number % 5 == 0 else 0
    known = moment.timestamp() + days * 86_400
    return event | {"recordedtime": datetime.fromtimestamp(known, moment.tzinfo).isoformat()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events of a year, of which some came in late, in every kind of source, and
    the registry of their agencies."""
    folder = tmp_path_factory.mktemp("office")
    made = ("--dossiers", "150", "--seed", "7", "--out", EVENTS)
    asked(folder, "simulate", *SPAN, *made, *REGISTRY)
    file = folder / EVENTS
    events = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    lines = [json.dumps(late(event, number)) + "\n" for number, event in enumerate(events)]
    file.write_text("".join(lines), encoding="utf-8")
    halves = [[line for line in lines if hash_of(line) == half] for half in (0, 1)]
    for name, half in zip("ab", halves, strict=True):
        (folder / f"{name}.jsonl").write_text("".join(half), encoding="utf-8")
    asked(folder, "ingest", EVENTS)
    asked(folder, "archive", "--out", "archive")
    return folder


def hash_of(line: str) -> int:
    """Into which of two files the dossier of an event goes."""
    subject: str = json.loads(line)["subject"]
    return sum(subject.encode()) % 2


def as_json(folder: Path, *arguments: str) -> Any:
    return json.loads(asked(folder, *arguments, "--format", "json"))


@pytest.mark.parametrize("scope", SCOPES)
def test_each_vintage_is_the_statement_as_of_its_instant(office: Path, scope: str) -> None:
    given = ("--source", EVENTS, *QUARTER, *SCOPES[scope])
    found = as_json(office, "vintages", *given, *AS_OF)["vintages"]
    alone = [as_json(office, "statement", *given, "--as-of", each) for each in INSTANTS]
    assert found == alone
    assert len({each["digest"] for each in alone}) == len(INSTANTS)


@pytest.mark.parametrize(
    "source", [(), ("--source", "archive"), ("--source", "a.jsonl", "--source", "b.jsonl")]
)
def test_every_kind_of_source_has_the_same_vintages(office: Path, source: tuple[str, ...]) -> None:
    given = (*QUARTER, *AS_OF, "--by", "agency")
    assert as_json(office, "vintages", *source, *given) == as_json(
        office, "vintages", "--source", EVENTS, *given
    )


def test_as_csv_it_is_one_long_table(office: Path) -> None:
    given = ("--source", EVENTS, *QUARTER, *AS_OF)
    text = asked(office, "vintages", *given, "--format", "csv").removeprefix("\ufeff")
    rows = [*csv.DictReader(io.StringIO(text))]
    assert [*rows[0]] == ["vintage", "window", "figure", "value"]
    stated = as_json(office, "vintages", *given)["vintages"]
    assert {row["window"] for row in rows} == {"2023-Q2"}
    assert [*dict.fromkeys(row["vintage"] for row in rows)] == [each["as_of"] for each in stated]
    values = {(row["vintage"], row["figure"]): int(row["value"]) for row in rows}
    for each in stated:
        assert values[each["as_of"], "received"] == each["total"]["received"]
        overdue = each["total"]["resolved"]["overdue"]
        assert values[each["as_of"], "resolved.overdue"] == overdue


def test_slices_are_columns_of_the_long_table(office: Path) -> None:
    given = ("--source", EVENTS, "--from", "2023-04-02", "--to", "2023-05-07", *AS_OF)
    text = asked(office, "vintages", *given, "--by", "level", "--format", "csv")
    rows = [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]
    assert [*rows[0]] == ["vintage", "window", "level", "figure", "value"]
    assert {row["window"] for row in rows} == {"2023-04-02/2023-05-07"}


def test_without_instants_it_takes_month_ends_and_now(office: Path) -> None:
    found = as_json(office, "vintages", "--source", EVENTS, *QUARTER)["vintages"]
    known = [each["as_of"] for each in found]
    assert known[:3] == [
        "2023-03-31T16:59:59.999999Z",
        "2023-04-30T16:59:59.999999Z",
        "2023-05-31T16:59:59.999999Z",
    ]
    everything = as_json(office, "statement", "--source", EVENTS, *QUARTER)
    assert found[-1]["total"] == everything["total"]


def test_month_ends_begin_when_something_was_recorded(tmp_path: Path) -> None:
    event = recorded(received("2023-03-01", 5), "2023-05-02")
    (tmp_path / EVENTS).write_text(json.dumps(event), encoding="utf-8")
    found = as_json(tmp_path, "vintages", "--source", EVENTS, "--window", "2023-03")["vintages"]
    assert found[0]["as_of"] == "2023-05-31T16:59:59.999999Z"


def test_revisions_are_counted_from_the_end_of_the_window(tmp_path: Path) -> None:
    closed = recorded(resolved("2023-03-03"), "2023-04-10")
    events = [
        recorded(received("2023-03-01", 5), "2023-03-01"),
        recorded(received("2023-03-02", 5, code="D2"), "2023-04-20"),
        closed,
        recorded(annulled(closed, "2023-05-05"), "2023-05-05"),
    ]
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (tmp_path / EVENTS).write_text(lines, encoding="utf-8")
    ends = ("2023-03-15", "2023-03-31", "2023-04-30", "2023-05-31", "2023-06-30")
    as_of = [word for each in ends for word in ("--as-of", each)]
    found = as_json(tmp_path, "vintages", "--source", EVENTS, "--window", "2023-03", *as_of)
    by_figure = {each["figure"]: each for each in found["revisions"]}
    assert by_figure["received"] == {
        "slice": {},
        "figure": "received",
        "first": 1,
        "last": 2,
        "times": 1,
        "mean": 0.33,
        "largest": 1,
        "settled_on": "2023-04-30",
        "days": 30,
    }
    early = by_figure["resolved.early"]
    assert [early[name] for name in ("first", "last", "times", "days")] == [0, 0, 2, 61]


def test_the_calls_behind_its_cells_list_as_many_dossiers(office: Path) -> None:
    given = ("--source", EVENTS, *QUARTER, *REGISTRY, "--under", "H52", *AS_OF[:4])
    cells = page_cells(asked(office, "vintages", *given, "--format", "html"))
    assert len({call.partition("--as-of ")[2].split()[0] for call, _ in cells}) == 2
    for call, number in cells[:: max(len(cells) // 8, 1)]:
        assert count_behind(office, call) == number


def page_cells(page: str) -> list[tuple[str, int]]:
    """The calls behind the cells of a page that are not 0, and their numbers."""
    found = re.findall(r'title="(hoso [^"]*)"[^>]*>([\d.]+)<', page)
    numbers = [(unescape(call), int(number.replace(".", ""))) for call, number in found]
    return [(call, number) for call, number in numbers if number]


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "xlsx", "html", "docx", "arrow"])
@pytest.mark.parametrize("given", [AS_OF, (*AS_OF, "--by", "level")])
def test_every_paper_takes_it(office: Path, ending: str, given: tuple[str, ...]) -> None:
    file = f"vintages.{ending}"
    asked(office, "vintages", "--source", EVENTS, *QUARTER, *given, "--out", file)
    assert (office / file).stat().st_size > 300


WRONG = {
    ("--as-of", "x"): "hoso: --as-of: no instant 'x'",
    ("--by", "x"): "--by: no dimension 'x'",
    ("--under", "H52"): "--under: needs --registry FILE",
    ("--source", "nowhere.jsonl"): "nowhere.jsonl: No such file",
    ("--from", "2023-01-01"): "which window?",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_is_wrong_is_said_in_one_line(office: Path, arguments: tuple[str, str]) -> None:
    outcome = answered(office, "vintages", *QUARTER, *arguments)
    [line] = outcome.err.splitlines()
    assert (outcome.status, outcome.out) == (2, "")
    assert WRONG[arguments] in line

"""Does ``hoso compare`` say what two statements and their drill-downs say, run as people run it?"""

import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from hoso.projections.documents.comparison import ASKED
from tests.command import SPAN, answered, asked

Json = dict[str, Any]

EVENTS = "events.jsonl"
REGISTRY = ("--registry", "agencies.csv")
QUARTER = ("--source", EVENTS, "--window", "2023-Q2")
EARLIER = "2023-04-20T17:00:00+07:00"
SIDES = {  # what side B changes: the options of compare, and those of statement
    "window": (("--against-window", "2023-Q1"), ("--window", "2023-Q1")),
    "days": (
        ("--against-from", "2023-01-01", "--against-to", "31/01/2023"),
        ("--from", "2023-01-01", "--to", "2023-01-31"),
    ),
    "moment": (("--against-as-of", EARLIER), ("--window", "2023-Q2", "--as-of", EARLIER)),
    "law": (("--against-law", "portal-2026"), ("--window", "2023-Q2", "--law", "portal-2026")),
    "pin": (
        ("--against-pin", "supplement_limit=0"),
        ("--window", "2023-Q2", "--pin", "supplement_limit=0"),
    ),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events of a year and the registry of their agencies."""
    folder = tmp_path_factory.mktemp("office")
    made = ("--dossiers", "600", "--seed", "7", "--out", EVENTS)
    asked(folder, "simulate", *SPAN, *made, *REGISTRY)
    return folder


def compared(folder: Path, *arguments: str) -> Json:
    """A comparison of the second quarter, as JSON."""
    document: Json = json.loads(asked(folder, "compare", *QUARTER, *arguments, "--format", "json"))
    return document


def stated(folder: Path, *arguments: str) -> Json:
    statement: Json = json.loads(
        asked(folder, "statement", "--source", EVENTS, *arguments, "--format", "json")
    )
    return statement


@pytest.mark.parametrize("side", SIDES)
def test_its_figures_are_those_of_two_statements(office: Path, side: str) -> None:
    against, alone = SIDES[side]
    found = compared(office, *against)["total"]
    own, other = stated(office, "--window", "2023-Q2"), stated(office, *alone)
    for name in ASKED:
        group, _, part = name.partition(".")
        a, b = (
            each["total"][group][part] if part else each["total"][group] for each in (own, other)
        )
        assert found[name]["a"] == a
        assert found[name]["b"] == b
        assert found[name]["difference"] == a - b
    assert any(figure["difference"] for figure in found.values())


def test_two_bodies_are_compared_with_all_that_is_under_them(office: Path) -> None:
    codes = [
        line["slice"]["agency"]
        for line in stated(office, "--window", "2023-Q2", "--by", "agency")["lines"]
    ]
    first, second = codes[0], codes[1]
    found = compared(office, *REGISTRY, "--under", first, "--against-under", second)
    for side, code in (("a", first), ("b", second)):
        listed = asked(
            office,
            "dossiers",
            *QUARTER,
            *REGISTRY,
            "--under",
            code,
            "--account",
            "received",
            "--format",
            "json",
        )
        assert found["total"]["received"][side] == len(json.loads(listed))
        assert found[side]["under"] == code


@pytest.mark.parametrize("side", SIDES)
def test_calls_list_as_many_dossiers_as_their_cells_say(office: Path, side: str) -> None:
    against, _ = SIDES[side]
    page = asked(office, "compare", *QUARTER, *against, "--format", "html")
    found = re.findall(r'title="(hoso [^"]*)"[^>]*>(\d+)<', page)
    cells = [(unescape(call), number) for call, number in found if number != "0"]
    assert any(call.startswith("hoso compare") for call, _ in cells)
    for call, number in cells[:: max(len(cells) // 8, 1)]:
        rows = json.loads(asked(office, *shlex.split(call)[1:], "--format", "json"))
        if call.startswith("hoso compare"):
            only = [sum(row["only"] == name for row in rows) for name in ("a", "b")]
            assert int(number) in only
        else:
            assert len(rows) == int(number)


WRONG = {
    (): "compared with what? give --against-window",
    ("--against-window", "x"): "hoso: --against-window: no window 'x'",
    ("--against-window", "2023-Q2"): "both sides are the same",
    ("--against-from", "2023-01-01"): "which window? give --from and --to, or --window",
    ("--against-as-of", "x"): "hoso: --against-as-of: no instant 'x'",
    ("--against-law", "nope"): "hoso: --against-law: nope: No such file",
    ("--against-law-as-of", "x"): "hoso: --against-law-as-of: ",
    ("--against-pin", "x=1"): "hoso: --against-pin: no parameter 'x'",
    ("--against-slice", "channel=fax"): "hoso: --against-slice: no channel 'fax'",
    ("--against-under", "X"): "hoso: --against-under: needs --registry FILE",
    ("--against-under", "X", *REGISTRY): "the registry agencies.csv has no body 'X'",
    ("--against-law", "portal-2026", "--account", "x"): "--account: no account 'x'",
    ("--against-law", "portal-2026", "--by", "x"): "--by: no dimension 'x'",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_is_wrong_is_said_in_one_line(office: Path, arguments: tuple[str, ...]) -> None:
    outcome = answered(office, "compare", *QUARTER, *arguments)
    [line] = outcome.err.splitlines()
    assert (outcome.status, outcome.out) == (2, "")
    assert WRONG[arguments] in line


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "xlsx", "html", "docx"])
@pytest.mark.parametrize("listed", [(), ("--account", "resolved")])
def test_every_paper_takes_it(office: Path, ending: str, listed: tuple[str, ...]) -> None:
    file = f"compared.{ending}"
    asked(office, "compare", *QUARTER, "--against-window", "2023-Q1", *listed, "--out", file)
    assert (office / file).stat().st_size > 500

"""Simulated dossiers that are written as a register and imported give their events' statement.

What a register cannot say is left out of both (``tests.registers.tellable``)."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.command import asked
from tests.registers import month_ends, register_on, tellable
from tests.spreadsheets import WRITERS

FIRST, LAST = date(2025, 12, 15), date(2026, 11, 20)
WINDOWS = ("2026-Q1", "2026-Q2", "2026-M07", "2026-09", "2026-Q4", "2026")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events of the dossiers that a register can tell of."""
    folder = tmp_path_factory.mktemp("office")
    days = ("--from", str(FIRST), "--to", str(LAST))
    asked(folder, "simulate", "--dossiers", "600", "--seed", "14", *days, "--out", "all.jsonl")
    kept, of = tellable(folder / "all.jsonl", folder / "kept.jsonl")
    assert 0.9 * of < kept < of
    return folder


def figures(folder: Path, source: str, by: str) -> dict[str, object]:
    """The lines of each window."""
    stated: dict[str, object] = {}
    for window in WINDOWS:
        options = ("--source", source, "--window", window, "--by", by, "--format", "json")
        document = json.loads(asked(folder, "statement", *options))
        stated[window] = [document["lines"], document["total"], document["suspense"]]
    return stated


def test_every_kind_of_export_gives_the_statement_of_its_events(office: Path) -> None:
    by = "agency,channel,level,online_service"
    expected = figures(office, "kept.jsonl", by)
    rows = register_on(office / "kept.jsonl", LAST)
    for ending, write in WRITERS.items():
        write(office / f"register{ending}", rows)
        store = f"sqlite:///{ending[1:]}.db"
        options = ("--as-it-stood", str(LAST), "--store", store, "--format", "json")
        asked(office, "import", f"register{ending}", *options)
        assert figures(office, store, by) == expected, ending


def test_exports_of_each_month_give_the_same_as_the_last_one(office: Path) -> None:
    store = "sqlite:///months.db"
    for day in month_ends(FIRST, LAST):
        WRITERS[".csv"](office / "month.csv", register_on(office / "kept.jsonl", day))
        options = ("--as-it-stood", str(day), "--store", store, "--format", "csv")
        asked(office, "import", "month.csv", *options)
    assert figures(office, store, "field") == figures(office, "kept.jsonl", "field")
    again = asked(office, "import", "month.csv", "--store", store, "--format", "json")
    told = json.loads(again)
    assert (told["added"], told["annulled"], told["dossiers"]["changed"]) == ({}, {}, 0)

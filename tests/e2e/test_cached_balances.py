"""Is a ledger that was kept no more than a short cut? It is read where it helps, never needed, and
neither read nor written where nobody wants it."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hoso.domain.errors import UserError
from tests.command import asked, only_reading
from tests.offices import EVENTS, STORE, equip

KEEPERS = (STORE, "archive")
KEPT_TABLES = ("cache",)
BY = ("--by", "channel", "--format", "json")
STRICT = ("--supplement-limit", "0", "--after-supplement", "extend")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some events in a file, a store and an archive, where nothing is kept yet."""
    return equip(tmp_path_factory.mktemp("made"))


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "office"))


@pytest.fixture(scope="module")
def expected(made: Path) -> str:
    return digest(made, EVENTS)


def digest(
    office: Path, source: str, *more: str, window: str = "2023-Q1", by: str = "channel"
) -> str:
    question = ("--source", source, "--window", window, "--by", by, "--format", "json", *more)
    return str(json.loads(asked(office, "statement", *question))["digest"])


def ledgers(office: Path) -> list[Path]:
    """What is kept beside the archive."""
    return sorted((office / "archive").glob("cache-*"))


def what_is_kept(office: Path) -> object:
    """The files of the archive and the store's tables of what was kept, to the last byte."""
    files = {path.name: path.read_bytes() for path in (office / "archive").iterdir()}
    with closing(sqlite3.connect(office / "hoso.db")) as database:
        tables = [
            database.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in KEPT_TABLES
        ]
    return files, tables


@pytest.mark.parametrize("source", KEEPERS)
@pytest.mark.parametrize("more", [(), ("--as-of", "2023-03-01T00:00:00+07:00"), STRICT])
def test_without_it_the_figures_are_the_same_and_nothing_is_kept(
    office: Path, source: str, more: tuple[str, ...]
) -> None:
    before = what_is_kept(office)
    assert digest(office, source, "--no-cache", *more) == digest(office, EVENTS, *more)
    assert what_is_kept(office) == before


@pytest.mark.parametrize("source", KEEPERS)
def test_what_was_kept_is_read_and_without_it_is_not(
    office: Path, source: str, expected: str
) -> None:
    """What is kept of another policy is put where this one's stands."""
    assert digest(office, source) == expected
    mine = {file.name for file in ledgers(office)}
    digest(office, source, *STRICT)
    if source == "archive":
        [other] = [file for file in ledgers(office) if file.name not in mine]
        (office / "archive" / mine.pop()).write_bytes(other.read_bytes())
    else:
        with closing(sqlite3.connect(office / "hoso.db", isolation_level=None)) as database:
            last = "SELECT body FROM cache WHERE kind = 'balances' ORDER BY rowid DESC LIMIT 1"
            database.execute(f"UPDATE cache SET body = ({last}) WHERE kind = 'balances'")
    assert digest(office, source) != expected
    assert digest(office, source, "--no-cache") == expected


def test_a_further_window_needs_no_events(office: Path, expected: str) -> None:
    digest(office, "archive", window="2023-Q3")
    [events] = (office / "archive").glob("events-*.parquet")
    events.unlink()
    assert digest(office, "archive") == expected
    for by, *other in (("channel", "--no-cache"), ("channel", *STRICT), ("level",)):
        with pytest.raises(UserError, match="is missing"):
            digest(office, "archive", *other, by=by)


def test_of_many_policies_those_that_are_missing_are_made(office: Path) -> None:
    (office / "policies").write_text("supplement_limit\n0\n1\n9\n")
    digest(office, "archive", "--supplement-limit", "1")
    assert len(ledgers(office)) == 1
    question = ("--window", "2023-Q1", "--policies", "policies", *BY)
    stated = [asked(office, "statement", "--source", s, *question) for s in ("archive", EVENTS)]
    assert stated[0] == stated[1]
    assert len(ledgers(office)) == 3


@pytest.mark.parametrize("content", [b"", b"no ledger", None], ids=["empty", "other", "cut short"])
def test_one_that_does_not_read_is_made_anew(
    office: Path, expected: str, content: bytes | None
) -> None:
    digest(office, "archive")
    [ledger] = ledgers(office)
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert digest(office, "archive") == expected
    assert ledger.read_bytes() == whole


def test_what_is_new_in_the_archive_is_in_the_ledger_which_stays_one(
    office: Path, expected: str
) -> None:
    lines = (office / EVENTS).read_text().splitlines(keepends=True)
    (office / "first.jsonl").write_text("".join(lines[:-9]))
    asked(office, "archive", "--source", "first.jsonl", "--out", "growing")
    assert digest(office, "growing") == digest(office, "first.jsonl")
    asked(office, "archive", "--source", EVENTS, "--out", "growing")
    assert digest(office, "growing") == expected
    assert len([*(office / "growing").glob("cache-*")]) == 1


def test_that_of_an_archive_is_no_fault_of_it(office: Path) -> None:
    digest(office, "archive")
    assert ledgers(office)
    out = asked(office, "archive", "--source", EVENTS, "--out", "archive", "--verify")
    assert out == "archive: whole, and its events are those of the log\n"


def test_where_none_can_be_kept_the_figures_are_the_same(office: Path, expected: str) -> None:
    question = ("--source", "archive", "--window", "2023-Q1", *BY)
    outcome = only_reading(office, "statement", *question)
    assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(outcome.out)["digest"] == expected
    assert not ledgers(office)


def test_one_of_which_a_bit_has_changed_is_made_anew(office: Path, expected: str) -> None:
    digest(office, "archive")
    [ledger] = ledgers(office)
    whole = ledger.read_bytes()
    for place in range(0, len(whole), len(whole) // 20):
        changed = bytearray(whole)
        changed[place] ^= 4
        ledger.write_bytes(changed)
        assert digest(office, "archive") == expected
        assert ledger.read_bytes() == whole


def test_one_of_an_archive_that_was_restored_and_grew_otherwise_is_not_read(office: Path) -> None:
    lines = (office / EVENTS).read_text().splitlines(keepends=True)
    histories = {"begun": lines[:400], "one": lines[:500], "other": lines[:400] + lines[500:600]}
    for name, events in histories.items():
        (office / name).write_text("".join(events))
    asked(office, "archive", "--source", "begun", "--out", "restored")
    shutil.copytree(office / "restored", office / "backup")
    asked(office, "archive", "--source", "one", "--out", "restored")
    assert digest(office, "restored", window="2023") == digest(office, "one", window="2023")
    shutil.copytree(office / "backup", office / "restored", dirs_exist_ok=True)
    asked(office, "archive", "--source", "other", "--out", "restored")
    assert digest(office, "restored", window="2023") == digest(office, "other", window="2023")

"""The figures of a fixed set of histories, windows, rules and reports stay what they were.

tests/data/digests has the histories: a made-up province, and dossiers with difficult lives
(repeats, annulments, late events, time zones). digests.json was written by hoso 0.1.0 before its
packages were rearranged. Whoever changes a figure on purpose writes the file again, and says why in
the commit.
"""

import gzip
import hashlib
import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.command import asked

DATA = Path(__file__).parents[1] / "data" / "digests"
HISTORIES = ("hostile.jsonl", "province.jsonl")
BY = ("-", "channel", "agency,field", "level,procedure,channel")
AS_OF = ("-", "2023-02-01T12:00:00+07:00")
ACCOUNTS = ("carried_over,received", "resolved.overdue", "in_progress,paused", "suspense")
REPORTS = ("ii06a", "quarterly", "annual", "index766", "scorecard", "summary")

histories = pytest.mark.parametrize("history", HISTORIES)


@cache
def expected() -> dict[str, object]:
    document: dict[str, object] = json.loads((DATA / "digests.json").read_text())
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digests")
    for name in HISTORIES:
        (folder / name).write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    for name in ("windows.txt", "policies.csv"):
        shutil.copy(DATA / name, folder)
    return folder


def sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@histories
@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("as_of", AS_OF)
def test_statements(folder: Path, history: str, by: str, as_of: str) -> None:
    question = ["--windows", "windows.txt", "--policies", "policies.csv", "--format", "json"]
    question += [] if by == "-" else ["--by", by]
    question += [] if as_of == "-" else ["--as-of", as_of]
    documents = json.loads(asked(folder, "statement", "--source", history, *question))
    assert [each["digest"] for each in documents] == expected()[f"{history} {by} {as_of}"]


@histories
@pytest.mark.parametrize("account", ACCOUNTS)
def test_dossiers(folder: Path, history: str, account: str) -> None:
    question = ("--window", "2023", "--account", account, "--format", "json")
    listed = asked(folder, "dossiers", "--source", history, *question)
    assert sha256(listed) == expected()[f"{history} dossiers {account}"]


@histories
@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("paper", ["json", "csv"])
def test_reports(folder: Path, history: str, report: str, paper: str) -> None:
    question = ("--window", "2023", "--format", paper, "--lang", "en")
    printed = asked(folder, "report", report, "--source", history, *question)
    assert sha256(printed) == expected()[f"{history} report {report} {paper}"]


@histories
def test_the_register(folder: Path, history: str) -> None:
    out = folder / f"{history}.csv"
    question = ("--as-of", "2023-03-14T23:59:59+07:00", "--out", str(out))
    asked(folder, "register", "--source", history, *question)
    text = out.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
    assert sha256(text) == expected()[f"{history} register"]


def test_the_set_is_whole() -> None:
    names = {f"{h} {by} {at}" for h in HISTORIES for by in BY for at in AS_OF}
    names |= {f"{h} dossiers {each}" for h in HISTORIES for each in ACCOUNTS}
    names |= {f"{h} report {r} {p}" for h in HISTORIES for r in REPORTS for p in ("json", "csv")}
    names |= {f"{h} register" for h in HISTORIES}
    assert names == set(expected())

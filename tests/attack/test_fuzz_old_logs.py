"""Logs that older versions wrote: years that no report covers, texts that command a terminal.

Intake refuses such events now. A store may hold them already: each command works, or says in one
line which event it is. Nothing that it prints commands a terminal or a page.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attack.fuzzing import attacks, is_one_answer, tried
from tests.command import answered, asked, hoso

STORE: Final = "sqlite:///hoso.db"
WINDOW: Final = ("--window", "2023-Q1")
FACTS: Final = {"agency": "so_tnmt", "field": "dat_dai", "procedure": "1.004227"}
HOSTILE: Final = "A\x9b31m\u202e\u2066\u2028\u0085<script>alert(1)</script>"
YEARS: Final = ("0001-01-01", "1022-02-03", "1899-12-31", "2200-01-01", "9999-12-31")
TIMES: Final = ("T00:00:00+14:00", "T23:59:59.999999-14:00", "T12:00:00Z")
CALLS: Final[tuple[tuple[str, ...], ...]] = (
    *(("statement", *WINDOW, "--by", "agency,field", "--format", f) for f in ("table", "json")),
    ("statement", *WINDOW, "--no-cache", "--format", "html"),
    ("statement", "--window", "1900", "--format", "csv"),
    ("dossiers", *WINDOW, "--account", "total"),
    ("dossiers", *WINDOW, "--account", "total", "--format", "json"),
    ("explain", "D1"),
    ("explain", "D1", "--format", "json"),
    ("explain", "D1", "--format", "html"),
    ("explain", "{subject}"),
    ("explain", "{subject}", "--format", "json"),
    ("register", "--out", "register.csv"),
    ("register", "--out", "register.json"),
    ("register", "--out", "register.parquet"),
    ("report", "quarterly", *WINDOW, "--format", "html"),
    ("report", "form07a", *WINDOW, "--format", "json"),
    ("report", "scorecard", *WINDOW, "--officials"),
    ("report", "all", *WINDOW, "--out", "reports"),
    ("archive", "--out", "archive"),
    ("archive", "--out", "archive", "--verify"),
    ("statement", *WINDOW, "--source", "archive"),
    ("explain", "D1", "--source", "archive"),
    ("status",),
    ("status", "--format", "json"),
    ("rejects", "list"),
    ("ingest", "more.jsonl"),
    ("ingest", "n.jsonl", "--from-format", "national"),
)


def old_store(folder: Path, changes: dict[str, Any]) -> None:
    """A store with the events of two dossiers, of which one was changed behind intake's back."""
    for path in folder.iterdir():
        if path.name.startswith("hoso.db"):
            path.unlink()
    (folder / "more.jsonl").write_text(json.dumps(event("D3", 9)), encoding="utf-8")
    record = {"MaHoSo": "D1", "TrangThaiHoSo": "2", "MaTTHC": "1", "MaLinhVuc": "f"}
    record |= {"DonViXuLy": "a", "KenhThucHien": "2", "NgayTiepNhan": "20230301080000"}
    record |= {"NgayHenTra": "20230308170000"}
    (folder / "n.jsonl").write_text(json.dumps(record), encoding="utf-8")
    lines = [event("D1", 1), event("D2", 2)]
    lines += [event("D1", 3, "resolved", {"outcome": "granted"})]
    (folder / "e.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    asked(folder, "ingest", "e.jsonl")
    with closing(sqlite3.connect(folder / "hoso.db", isolation_level=None)) as database:
        [(number, state)] = database.execute(
            "SELECT rowid, state FROM stored_events ORDER BY rowid LIMIT 1"
        ).fetchall()
        changed = json.loads(state)
        for place, value in changes.items():
            holder, _, key = place.rpartition(".")
            (changed[holder] if holder else changed)[key] = value
        text = json.dumps(changed, ensure_ascii=False).encode()
        database.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (text, number))
        database.execute(
            "UPDATE stored_events SET originator_id = ? WHERE rowid = ?",
            (changed["subject"], number),
        )


def event(code: str, number: int, kind: str = "received", data: Any = None) -> dict[str, Any]:
    """An event of one of the two dossiers."""
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/h",
        "type": f"dossier.{kind}.v1",
        "subject": code,
        "time": "2023-01-05T08:00:00+07:00",
        "recordedtime": "2023-01-05T08:00:00+07:00",
        "data": data or {**FACTS, "channel": "online", "due": "2023-01-10"},
    }


INSTANTS = st.builds("{}{}".format, st.sampled_from(YEARS), st.sampled_from(TIMES))
TEXTS = st.sampled_from([HOSTILE, "\x1b[2J", "\u2028", "\0", "=1+1", "", " a ", "x" * 5_000])
CHANGES = st.dictionaries(
    st.sampled_from(["time", "recordedtime", "data.due"]), INSTANTS, min_size=1
) | st.dictionaries(
    st.sampled_from(["id", "source", "subject", "data.agency", "data.field", "data.procedure"]),
    TEXTS,
    min_size=1,
)


def is_harmless(text: str) -> bool:
    """Whether each line can be printed, and no markup of a name is in force."""
    return all(line.isprintable() for line in text.split("\n")) and "<script>alert" not in text


def each_command_answers(folder: Path, subject: str) -> None:
    """Every command gives one answer, and so do the files that it wrote."""
    for written in CALLS:
        call = tuple(part.format(subject=subject) for part in written)
        outcome = answered(folder, *call)
        tried(f"old logs: {call[0]}", outcome)
        assert is_one_answer(outcome), call
        markup = "html" in call
        assert is_harmless(outcome.out if markup else outcome.out.replace("<script>", "")), call
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".html", ".csv") and path.name != "e.jsonl":
            text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
            harmless = text if path.suffix == ".html" else text.replace("<script>", "")
            assert is_harmless(harmless), path


@attacks(1)
@given(changes=CHANGES)
def test_fuzz_a_log_of_an_older_version(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("old")
    old_store(folder, changes)
    each_command_answers(folder, changes.get("subject", "D1"))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"time": "0001-01-01T00:00:00+14:00"}, id="year 1"),
        pytest.param({"recordedtime": "9999-12-31T23:59:59-14:00"}, id="year 9999"),
        pytest.param({"data.due": "9999-12-31"}, id="due in 9999"),
        pytest.param({"data.due": "0001-01-01"}, id="due in 1"),
        pytest.param({"time": "2300-02-03T00:00:00Z"}, id="year 2300"),
        pytest.param({"subject": HOSTILE, "data.agency": HOSTILE, "id": HOSTILE}, id="texts"),
    ],
)
def test_each_command_answers_for_a_log_of_an_older_version(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    old_store(tmp_path, changes)
    each_command_answers(tmp_path, changes.get("subject", "D1"))
    started = hoso(tmp_path, "statement", *WINDOW, "--source", STORE)
    assert is_one_answer(started)

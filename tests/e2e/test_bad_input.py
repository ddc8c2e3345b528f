"""What happens when something is wrong? One line with place and cause, exit 2, nothing half done.

Also what is no fault of the input: a full disk, a process that is stopped, another one that writes.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.command import (
    HOSO,
    PATIENCE_S,
    SPAN,
    Outcome,
    done,
    environment,
    hoso,
    only_reading,
    started,
)

Json = dict[str, Any]

QUARTER_1 = ("--window", "2023-Q1")
EVENTS = "events.jsonl"
FROM_FILE = ("statement", "--source", EVENTS)
DOSSIERS = ("dossiers", "--source", EVENTS, *QUARTER_1)
SOON_S = 15
MANY = 40_000  # dossiers: an ingest that takes long enough to be stopped in the middle
SOME = 20_000  # events: several times as large, in a store, as a file may be where there is no room


class Office(NamedTuple):
    """A folder with a small file of events and a store that holds them."""

    folder: Path
    digest: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("made")
    done(folder, "simulate", *SPAN, "--dossiers", "100", "--seed", "7", "--out", EVENTS)
    done(folder, "ingest", EVENTS)
    return Office(folder, digest(folder))


@pytest.fixture
def office(made: Office, tmp_path: Path) -> Office:
    """The same, to be spoilt."""
    folder = shutil.copytree(made.folder, tmp_path / "office")
    return Office(folder, made.digest)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with many events."""
    folder = tmp_path_factory.mktemp("many")
    done(folder, "simulate", *SPAN, "--dossiers", str(MANY), "--out", EVENTS)
    return folder / EVENTS


def digest(folder: Path, *arguments: str) -> str:
    """The digest of the statement of quarter 1, from the store."""
    out = done(folder, "statement", *QUARTER_1, "--format", "json", *arguments)
    return str(json.loads(out)["digest"])


def is_told(outcome: Outcome, *words: str, status: int = 2) -> bool:
    """Whether a command failed with one line, no longer than need be, that says these words."""
    assert outcome.status == status, outcome
    [line] = outcome.err.splitlines()
    assert line.startswith("hoso: ")
    assert line.isprintable()
    assert len(line) < 600
    assert "Traceback" not in line
    assert "fault of hoso" not in line
    assert not [word for word in words if word not in line], line
    assert outcome.out == ""
    return True


def files(folder: Path) -> set[str]:
    """What lies in a folder, without what SQLite keeps beside an open database."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal"))}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        # The command and its options.
        (["frob"], ["frob"]),
        (["statement", "--frob"], ["--frob"]),
        ([*FROM_FILE], ["which window", "--from", "--window"]),
        ([*FROM_FILE, *QUARTER_1, "--to", "2023-01-01"], ["which window"]),
        ([*FROM_FILE, "--from", "2023-01-02", "--to", "1/1/2023"], ["before it starts"]),
        ([*FROM_FILE, "--from", "2023-02-30", "--to", "2023-03-01"], ["--from", "2023-02-30"]),
        ([*FROM_FILE, "--from", "first", "--to", "2023-03-01"], ["'first'", "15/12/2022"]),
        ([*FROM_FILE, "--from", "0001-01-01", "--to", "9999-12-31"], ["0001"]),
        ([*FROM_FILE, "--window", "2023-Q5"], ["--window", "2023-Q5", "2023-Q1"]),
        ([*FROM_FILE, "--window", "2023-13"], ["--window", "13"]),
        ([*FROM_FILE, *QUARTER_1, "--as-of", "today"], ["--as-of", "'today'", "offset"]),
        ([*FROM_FILE, *QUARTER_1, "--as-of", "0001-01-01T00:00:00+14:00"], ["--as-of", "0001"]),
        ([*FROM_FILE, *QUARTER_1, "--by", "colour"], ["--by", "'colour'", "agency"]),
        ([*FROM_FILE, *QUARTER_1, "--by", "level,level"], ["--by", "twice"]),
        ([*FROM_FILE, *QUARTER_1, "--supplement-limit", "1000001"], ["--supplement-limit"]),
        ([*DOSSIERS, "--account", "resolved.never"], ["--account", "resolved.never"]),
        ([*DOSSIERS, "--account", "total", "--slice", "online"], ["--slice", "'online'"]),
        ([*DOSSIERS, "--account", "total", "--slice", "=online"], ["--slice", "''"]),
        ([*DOSSIERS, "--account", "total", "--slice", "level,field=x"], ["--slice", "field"]),
        (["explain", "D0", "--source", EVENTS], ["'D0'"]),
        (["simulate", "--dossiers", "0", "--out", "x"], ["--dossiers", "1"]),
        # Files and stores.
        (["statement", *QUARTER_1, "--source", "none.jsonl"], ["none.jsonl: No such file"]),
        (["statement", *QUARTER_1, "--source", "no\nne"], ["no ne: No such file"]),
        (["statement", *QUARTER_1, "--source", ""], ["--source", "empty"]),
        (["statement", *QUARTER_1, "--source", "/"], ["/: holds no archive"]),
        (["statement", *QUARTER_1, "--source", "hoso.db"], ["a database", "sqlite:///hoso.db"]),
        (["statement", *QUARTER_1, "--source", "ftp://a/b"], ["ftp://a/…: ", "sqlite:///FILE"]),
        (["statement", *QUARTER_1, "--source", "sqlite:///no.db"], ["no.db", "hoso ingest"]),
        (["statement", *QUARTER_1, "--source", f"sqlite:///{EVENTS}"], [EVENTS, "database"]),
        (["ingest", EVENTS, "none.jsonl"], ["none.jsonl: No such file"]),
        (["ingest", EVENTS, "/"], ["/: Is a directory"]),
        (["ingest", EVENTS, "--store", "other.db"], ["other.db", "sqlite:///FILE"]),
        (["ingest", EVENTS, "--store", "sqlite:///no/other.db"], ["no/other.db", "no folder"]),
        (["ingest", EVENTS, "--store", f"sqlite:///{EVENTS}"], [EVENTS, "database"]),
        (["ingest", EVENTS, "--store", "sqlite:///:memory:"], [":memory:", "lost"]),
        (["simulate", "--dossiers", "1", "--out", "no/x"], ["no/x: No such file"]),
        (
            ["simulate", "--dossiers", "1", "--out", "x", "--from", "30/02/2026"],
            ["--from: no such day"],
        ),
        (
            ["simulate", "--dossiers", "1", "--out", "x", "--to", "1800-01-01"],
            ["--to: the year 1800"],
        ),
        (
            [
                "simulate",
                "--dossiers",
                "1",
                "--out",
                "x",
                *("--from", "2026-01-02", "--to", "2026-01-01"),
            ],
            ["--from: the window ends (2026-01-01) before it starts (2026-01-02)"],
        ),
        (["simulate", "--dossiers", "1", "--out", "/"], ["/: Is a directory"]),
    ],
)
def test_a_wrong_call_is_told_in_one_line_and_changes_nothing(
    made: Office, arguments: list[str], words: list[str]
) -> None:
    before = files(made.folder), (made.folder / "hoso.db").read_bytes()
    assert is_told(hoso(made.folder, *arguments), *words)
    assert (files(made.folder), (made.folder / "hoso.db").read_bytes()) == before


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"HOSO_TIME_ZONE": "Mars/Olympus"},
            ["HOSO_TIME_ZONE", "Mars/Olympus", "Asia/Ho_Chi_Minh"],
        ),
        ({"HOSO_TIME_ZONE": "../../etc/passwd"}, ["HOSO_TIME_ZONE"]),
        ({"HOSO_STORE": "mysql://a/b"}, ["mysql://a/…: ", "sqlite:///FILE"]),
        ({"HOSO_STORE": "mysql://u:s3cret@a/b"}, ["mysql://a/…: ", "sqlite:///FILE"]),
        ({"HOSO_STORE": "sqlite:///none.db"}, ["none.db", "no such store"]),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(
    made: Office, settings: Json, words: list[str]
) -> None:
    assert is_told(hoso(made.folder, "statement", *QUARTER_1, **settings), *words)


def reception(**changes: Any) -> bytes:
    """A line with a reception, whose data have changes; what becomes ``...`` is left out."""
    data = {"agency": "a", "field": "f", "procedure": "p", "channel": "post", "due": "2023-03-03"}
    kept = {name: value for name, value in (data | changes).items() if value is not ...}
    event = {"specversion": "1.0", "source": "/s", "type": "dossier.received.v1", "id": "1"}
    event |= {"subject": "D1", "time": "2023-03-01T08:00:00+07:00"}
    return json.dumps(event | {"data": kept}).encode()


BAD_LINES = {
    "not valid JSON: EOF": reception()[:80],
    "not valid JSON: expected value": b"\x89PNG\x00\xff" * 9,
    "not valid JSON: recursion": b"[" * 100_000,
    "not valid JSON: trailing": reception() * 2,
    "type: missing": b"{}",
    "type: unknown event type": reception().replace(b"received", b"eaten"),
    "data: a deadline is missing": reception(due=...),
    "data.applicant: Extra": reception(applicant="Nguyen Van A"),
    "data.due: Input should be a date": reception(due="2023-02-30"),
    "time: more than a day ahead": reception().replace(b"2023", b"9998", 1),
    "subject: String should match": reception().replace(b"D1", b"D\\u00001"),
    "id: String should match": reception().replace(b'"1"', b'"%s"' % (b"x" * 1_000_000)),
}


def test_bad_lines_are_rejected_one_by_one_and_the_rest_goes_in(tmp_path: Path) -> None:
    lines = [b"\xef\xbb\xbf" + reception() + b"\r", b"", b" \t", *BAD_LINES.values(), reception()]
    (tmp_path / "mixed.jsonl").write_bytes(b"\n".join(lines))
    ingested = hoso(tmp_path, "ingest", "mixed.jsonl", "--keep-raw")
    assert (ingested.status, ingested.out) == (1, "hoso.db: 2 events recorded\n")
    warning, *shown, count = ingested.err.splitlines()
    assert "--keep-raw" in warning
    assert count == f"{len(BAD_LINES)} lines rejected, the first 10 shown"
    for number, (line, told) in enumerate(zip(shown, BAD_LINES, strict=False), start=4):
        assert line.startswith(f"rejected: mixed.jsonl:{number}: {told}")
        assert len(line) < 400
    with sqlite3.connect(tmp_path / "hoso.db") as database:
        kept = database.execute("SELECT raw FROM rejects ORDER BY number").fetchall()
    assert [raw for (raw,) in kept] == list(BAD_LINES.values())


def test_a_statement_from_a_file_stops_at_the_first_bad_line(tmp_path: Path) -> None:
    lines = [reception(), b"", reception(due=...), b"junk"]
    arguments = ("statement", *QUARTER_1, "--format", "json", "--source", "-")
    outcome = hoso(tmp_path, *arguments, stdin=b"\n".join(lines))
    assert is_told(outcome, "-:3: data: a deadline is missing", "--skip-rejects")
    outcome = hoso(tmp_path, *arguments, "--skip-rejects", stdin=b"\n".join(lines))
    assert (outcome.status, json.loads(outcome.out)["total"]["received"]) == (1, 1)
    assert outcome.err.splitlines()[-1] == "2 lines rejected"


@pytest.mark.parametrize("content", [b"", b"\n \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_a_file_without_a_line_has_no_events(tmp_path: Path, content: bytes) -> None:
    out = done(tmp_path, "ingest", "-", stdin=content)
    assert out == "hoso.db: 0 events recorded\n"


def test_any_day_of_the_years_of_dossiers_has_a_place(tmp_path: Path) -> None:
    lines = [
        reception(due="2199-12-31T16:59:59Z").replace(b"2023", b"1900", 1),
        reception(due="1900-01-01").replace(b"D1", b"D2").replace(b'"1"', b'"2"'),
    ]
    arguments = ("statement", *QUARTER_1, "--format", "json", "--source", "-")
    total = json.loads(done(tmp_path, *arguments, stdin=b"\n".join(lines)))["total"]
    assert (total["carried_over"], total["received"]) == (1, 1)
    assert total["in_progress"] == {"in_time": 1, "overdue": 1, "total": 2}
    assert "31/12/2199" in done(tmp_path, "explain", "D1", "--source", "-", stdin=lines[0])


def test_what_the_terminal_cannot_show_is_written_all_the_same(made: Office) -> None:
    narrow: dict[str, Any] = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    status, out, err = started(made.folder, "statement", *QUARTER_1, **narrow)
    assert (status, err) == (0, "")
    assert "Kỳ trước chuyển sang" in out


def test_a_reader_who_leaves_early_is_no_fault(made: Office) -> None:
    for command in ("statement --window 2023", "simulate --dossiers 5000 --out -", "--help"):
        piped = f"set -o pipefail; '{HOSO}' {command} | head -1"
        left = subprocess.run(
            ["bash", "-c", piped],
            cwd=made.folder,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert (left.returncode, left.stderr) == (0, b"")


def test_output_that_has_no_room_is_told(made: Office) -> None:
    for command in (("statement", *QUARTER_1), ("simulate", "--dossiers", "9", "--out", "-")):
        with Path("/dev/full").open("w") as full:
            left = subprocess.run(
                [HOSO, *command],
                cwd=made.folder,
                env=environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert is_told(Outcome(left.returncode, "", left.stderr), "No space left on device")


def test_what_is_not_a_file_is_written_to_and_never_replaced(made: Office, tmp_path: Path) -> None:
    """Whoever is root could lose /dev/null; a link and a pipe stand for it here."""
    link, pipe, real = (tmp_path / name for name in ("link", "pipe", "real"))
    link.symlink_to(real)
    os.mkfifo(pipe)
    simulate = ("simulate", *SPAN, "--dossiers", "100", "--seed", "7", "--out")
    done(tmp_path, *simulate, "link")
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        done(tmp_path, *simulate, "pipe")
        assert reader.stdout is not None
        piped = reader.stdout.read()
    assert (link.is_symlink(), pipe.is_fifo()) == (True, True)
    assert piped == real.read_bytes() == (made.folder / EVENTS).read_bytes()


def test_events_may_come_from_a_pipe(made: Office, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["timeout", str(SOON_S), "cp", str(made.folder / EVENTS), str(pipe)]):
        assert "events recorded" in done(tmp_path, "ingest", "pipe", patience_s=SOON_S)
    assert digest(tmp_path) == made.digest


# --- Stores -------------------------------------------------------------------------------------


def test_a_database_of_another_kind_is_not_touched(office: Office) -> None:
    theirs = office.folder / "theirs.db"
    with sqlite3.connect(theirs) as database:
        database.execute("CREATE TABLE theirs (a)")
    before = theirs.read_bytes()
    store = "sqlite:///theirs.db"
    outcomes = [
        hoso(office.folder, "statement", *QUARTER_1, "--source", store),
        hoso(office.folder, "ingest", EVENTS, "--store", store),
    ]
    assert all(is_told(outcome, "theirs.db", "no hoso store") for outcome in outcomes)
    assert theirs.read_bytes() == before


def test_a_store_that_is_cut_off_is_told(office: Office) -> None:
    store = office.folder / "hoso.db"
    store.write_bytes(store.read_bytes()[:20_000])
    assert is_told(hoso(office.folder, "statement", *QUARTER_1), "hoso.db", "malformed")


def test_a_damaged_event_is_told(office: Office) -> None:
    with sqlite3.connect(office.folder / "hoso.db") as database:
        database.execute("UPDATE stored_events SET state = '{}' WHERE rowid = 3")
    outcome = hoso(office.folder, "statement", *QUARTER_1, "--no-cache")
    assert is_told(outcome, "hoso.db", "3", "damaged")


@pytest.mark.parametrize("body", ["x'00'", "'text'", "substr(body, 1, length(body) / 2)"])
@pytest.mark.parametrize("kind", ["columns", "balances", "event_keys"])
def test_a_damaged_cache_entry_is_made_again(office: Office, kind: str, body: str) -> None:
    with sqlite3.connect(office.folder / "hoso.db") as database:
        changed = database.execute(f"UPDATE cache SET body = {body} WHERE kind = ?", (kind,))
        assert changed.rowcount > 0
    assert digest(office.folder) == office.digest
    done(office.folder, "ingest", "-", stdin=reception())
    assert digest(office.folder) == digest(office.folder, "--no-cache")


@pytest.mark.parametrize("kind", ["columns", "balances", "event_keys"])
def test_a_changed_bit_in_the_cache_never_changes_a_figure(office: Office, kind: str) -> None:
    """Once, one changed bit in the table of event keys gave received 3 for 2, with status 0."""
    store = office.folder / "hoso.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as database:
        [(name, after, body)] = database.execute(
            "SELECT name, after, body FROM cache WHERE kind = ?", (kind,)
        ).fetchall()
        done(office.folder, "ingest", "-", stdin=reception())
        expected = digest(office.folder, "--no-cache")
        for place in range(0, len(body), max(len(body) // 12, 1)):
            changed = bytearray(body)
            changed[place] ^= 1
            database.execute(
                "UPDATE cache SET body = ? WHERE (kind, name, after) = (?, ?, ?)",
                (bytes(changed), kind, name, after),
            )
            assert digest(office.folder) == expected


def test_a_store_of_an_older_version_is_read_all_the_same(office: Office) -> None:
    with sqlite3.connect(office.folder / "hoso.db") as database:
        database.execute("DROP TABLE cache")
    assert digest(office.folder) == office.digest


@pytest.fixture
def locked(office: Office) -> Iterator[sqlite3.Connection]:
    """Another process that has the store for itself."""
    database = sqlite3.connect(office.folder / "hoso.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    yield database
    database.close()


def test_a_store_that_another_writes_to_can_be_read_but_not_written(
    office: Office, locked: sqlite3.Connection
) -> None:
    assert is_told(hoso(office.folder, "ingest", EVENTS), "hoso.db", "locked", "try again")
    assert digest(office.folder) == office.digest
    locked.execute("DELETE FROM cache")
    locked.execute("COMMIT")
    locked.execute("BEGIN IMMEDIATE")
    assert digest(office.folder) == office.digest


def test_a_store_that_cannot_be_written_can_be_read(office: Office) -> None:
    with closing(sqlite3.connect(office.folder / "hoso.db", isolation_level=None)) as database:
        database.execute("DELETE FROM cache")
    outcome = only_reading(office.folder, "statement", *QUARTER_1, "--format", "json")
    assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(outcome.out)["digest"] == office.digest
    assert is_told(only_reading(office.folder, "ingest", EVENTS), "hoso.db", "readonly")
    store = ("--store", "sqlite:///new.db")
    assert is_told(only_reading(office.folder, "ingest", EVENTS, *store), "new.db", "unable")


def test_whoever_cannot_write_reads_what_others_have_just_written(office: Office) -> None:
    """Or is told that this cannot be done; never old figures."""
    with closing(sqlite3.connect(office.folder / "hoso.db")) as other:
        # While another has it open, SQLite leaves what was written last beside the database.
        other.execute("SELECT count(*) FROM stored_events").fetchone()
        done(office.folder, "ingest", "-", stdin=reception())
        outcome = only_reading(office.folder, "statement", *QUARTER_1, "--format", "json")
        if outcome.status == 0:
            assert json.loads(outcome.out)["digest"] == digest(office.folder) != office.digest
        else:
            assert is_told(outcome, "hoso.db")


# --- No room, no time ---------------------------------------------------------------------------


def test_an_ingest_without_room_records_nothing(office: Office, many: Path) -> None:
    """A limit on the size of files stands for a full disk."""
    with many.open() as events:
        (office.folder / "some.jsonl").write_text("".join(islice(events, SOME)))
    for store in ("hoso.db", "new.db"):
        limited = f"ulimit -f 2000; exec '{HOSO}' ingest some.jsonl --store sqlite:///{store}"
        left = subprocess.run(
            ["bash", "-c", limited],
            cwd=office.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert is_told(Outcome(left.returncode, left.stdout, left.stderr), store)
    assert digest(office.folder) == office.digest
    assert is_told(
        hoso(office.folder, "statement", *QUARTER_1, "--source", "sqlite:///new.db"), "new.db"
    )


def test_a_simulation_without_room_leaves_no_file(tmp_path: Path) -> None:
    limited = f"ulimit -f 100; exec '{HOSO}' simulate --dossiers 3000 --out events.jsonl"
    left = subprocess.run(
        ["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert is_told(Outcome(left.returncode, left.stdout, left.stderr), "events.jsonl", "too large")
    assert files(tmp_path) == set()


def stopped(folder: Path, many: Path, by: signal.Signals) -> Outcome:
    """An ingest that is stopped once it writes."""
    command = [HOSO, "ingest", str(many)]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        log_of_writes = folder / "hoso.db-wal"
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            if log_of_writes.exists() and log_of_writes.stat().st_size > 1_000_000:
                break
            time.sleep(0.01)
        process.send_signal(by)
        try:
            out, err = process.communicate(timeout=SOON_S)  # what it started must end, too
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Outcome(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_ingest_that_is_stopped_records_nothing(
    office: Office, many: Path, by: signal.Signals
) -> None:
    outcome = stopped(office.folder, many, by)
    assert outcome.status in (128 + by, -by)
    assert (outcome.out, outcome.err) == ("", "")
    assert digest(office.folder) == office.digest
    with sqlite3.connect(office.folder / "hoso.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_of_two_ingests_at_once_each_is_recorded_whole_or_told(
    made: Office, tmp_path: Path
) -> None:
    def start(source: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [HOSO, "ingest", source],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    (tmp_path / "one.jsonl").write_bytes(reception())
    running: Sequence[subprocess.Popen[str]] = [
        start(str(made.folder / EVENTS)),
        start("one.jsonl"),
    ]
    outcomes = []
    for process in running:
        out, err = process.communicate(timeout=PATIENCE_S)
        outcomes.append(Outcome(process.returncode, out, err))
    events = [(made.folder / EVENTS).read_bytes(), reception()]
    recorded = [e for e, outcome in zip(events, outcomes, strict=True) if outcome.status == 0]
    assert recorded
    assert all(outcome.status == 0 or is_told(outcome, "locked") for outcome in outcomes)
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(recorded))
    assert digest(tmp_path) == digest(tmp_path, "--source", "all.jsonl")

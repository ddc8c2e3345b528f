"""Is a code that was erased gone, with every figure as it was, and does it stay away?"""

import json
import signal
import subprocess
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hoso.consumers.desk import OneStopDesk
from hoso.consumers.store.backend import StoreUnavailable
from hoso.consumers.store.log import open_store
from hoso.domain.dossier import Resolve
from hoso.domain.events import ResolvedData
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.command import HOSO, done, environment, hoso
from tests.engine import LOCAL, office
from tests.property.test_erasure import whole
from tests.spreadsheets import HEADINGS, Row, closed, dossier, write_xlsx
from tests.told import cancelled, received, resolved

Json = dict[str, Any]

CODE = "000.00.00.H52-230301-0007"
OTHER = "000.00.00.H52-230301-0070"  # which begins with the same code but for a digit
OFFICIAL = "H52.02-03"
THEN = datetime(2023, 3, 20, 5, tzinfo=UTC)
STATEMENT = ("statement", "--window", "2023-Q2", "--by", "agency", "--format", "json")
ERASE = ("erase", "--dossier", CODE, "--because", "request")
EVENTS = [
    received("2023-03-17", 5, code=CODE, official=OFFICIAL) | {"partitionkey": CODE},
    received("2023-03-17", 5, code=OTHER),
    cancelled("2023-03-20", "duplicate") | {"subject": OTHER, "id": f"{OTHER} for {CODE}"},
]
EVENTS[2]["data"]["replaced_by"] = CODE
REJECTED = json.dumps(received("2023-03-17", 5, code=CODE) | {"time": "soon"}).encode()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store with events of two dossiers, and a reject of one."""
    is_server = request.param == "postgres"
    made = f"sqlite:///{tmp_path}/hoso.db"
    if is_server:
        made = str(request.getfixturevalue("database"))
    give(tmp_path, "events.jsonl", EVENTS)
    (tmp_path / "bad.jsonl").write_bytes(REJECTED)
    done(tmp_path, "ingest", "events.jsonl", "--store", made)
    assert hoso(tmp_path, "ingest", "bad.jsonl", "--store", made).status == 1
    return made


def give(folder: Path, name: str, events: list[Json]) -> None:
    (folder / name).write_text("".join(json.dumps(each) + "\n" for each in events), "utf-8")


def traces(folder: Path, url: str, code: str) -> list[str]:
    """Where a code stands: the files of an SQLite store, or the rows of PostgreSQL's tables."""
    if not url.startswith("postgresql"):
        files = [path for path in folder.glob("hoso.db*") if code.encode() in path.read_bytes()]
        return [path.name for path in files]
    found = []
    with psycopg.connect(url, autocommit=True) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            for row in database.execute(f"SELECT * FROM {table}".encode()).fetchall():
                texts = [bytes(each) if isinstance(each, bytes) else str(each) for each in row]
                joined = b"".join(t if isinstance(t, bytes) else t.encode() for t in texts)
                if code.encode() in joined:
                    found.append(table)
    return found


def pseudonym(folder: Path, url: str) -> str:
    [line] = done(folder, "erase", "--list", "--store", url).splitlines()
    _, kind, name, because = line.split()
    assert (kind, because) == ("dossier", "request")
    return name


def test_the_code_is_gone_and_the_figures_stay(url: str, tmp_path: Path) -> None:
    where = ("--store", url)
    done(tmp_path, "archive", "--source", url, "--out", "archive")
    before = done(tmp_path, *STATEMENT, "--source", url)
    lived = done(tmp_path, "explain", CODE, "--source", url, "--format", "json")
    assert traces(tmp_path, url, CODE)

    told = done(tmp_path, *ERASE, *where, "--archive", "archive")
    name = pseudonym(tmp_path, url)
    assert name in told
    assert CODE not in told
    assert ("VACUUM FULL stored_events" in told) == url.startswith("postgresql")
    assert traces(tmp_path, url, CODE) == []
    assert CODE not in whole(tmp_path / "archive")
    assert OTHER in whole(tmp_path / "archive")
    for source in (url, "archive"):
        assert done(tmp_path, *STATEMENT, "--source", source) == before
        life = done(tmp_path, "explain", name, "--source", source, "--format", "json")
        assert life.replace(name, CODE) == lived
        outcome = hoso(tmp_path, "explain", CODE, "--source", source)
        assert outcome.status == 2
    with open_store(url) as store:
        events = [json.loads(stored.state) for stored in store.read()]
        [(_, reject)] = store.rejects()
    assert [event["subject"] for event in events] == [name, OTHER, OTHER]
    assert events[2]["data"]["replaced_by"] == name
    assert events[2]["id"] == f"{OTHER} for {name}"
    assert json.loads(reject.raw)["subject"] == name
    assert json.loads(done(tmp_path, "status", "--json", *where))["erasures"] == 1
    done(tmp_path, "archive", "--source", url, "--out", "archive", "--verify")


def test_what_comes_again_is_a_repeat_and_what_is_new_goes_on(url: str, tmp_path: Path) -> None:
    where = ("--store", url)
    done(tmp_path, *ERASE, *where)
    name, before = pseudonym(tmp_path, url), done(tmp_path, *STATEMENT, "--source", url)
    done(tmp_path, "ingest", "events.jsonl", *where)
    assert hoso(tmp_path, "ingest", "bad.jsonl", *where).status == 1
    assert done(tmp_path, *STATEMENT, "--source", url) == before
    assert json.loads(done(tmp_path, "status", "--json", *where))["conflicts"]["events"] == 0
    give(tmp_path, "new.jsonl", [resolved("2023-03-21", code=CODE)])
    done(tmp_path, "ingest", "new.jsonl", *where)
    stated = json.loads(done(tmp_path, *STATEMENT, "--source", url))
    assert stated["total"]["resolved"]["early"] == 1
    assert stated["suspense"]["events"] == 0
    assert "resolved" in done(tmp_path, "explain", name, "--source", url, "--lang", "en")
    assert traces(tmp_path, url, CODE) == []


def test_a_desk_goes_on_with_the_pseudonym(url: str, tmp_path: Path) -> None:
    done(tmp_path, *ERASE, "--store", url)
    with OneStopDesk(url, office(), lambda: THEN) as desk:
        data = ResolvedData(outcome="granted")
        [event] = desk.carry_out(CODE, Resolve(id="r", source="/desk", time=THEN, data=data))
    assert event.subject == pseudonym(tmp_path, url)
    assert traces(tmp_path, url, CODE) == []


def test_an_official_is_erased_in_the_same_way(url: str, tmp_path: Path) -> None:
    before = done(tmp_path, *STATEMENT, "--source", url)
    done(tmp_path, "erase", "--official", OFFICIAL, "--because", "left_office", "--store", url)
    assert traces(tmp_path, url, OFFICIAL) == []
    done(tmp_path, "ingest", "events.jsonl", "--store", url)
    assert traces(tmp_path, url, OFFICIAL) == []
    assert done(tmp_path, *STATEMENT, "--source", url) == before
    assert traces(tmp_path, url, CODE)


def test_an_archive_that_was_not_named_is_not_extended_until_it_has_the_erasure(
    url: str, tmp_path: Path
) -> None:
    done(tmp_path, "archive", "--source", url, "--out", "archive")
    done(tmp_path, *ERASE, "--store", url)
    for more in ([], ["--verify"]):
        outcome = hoso(tmp_path, "archive", "--source", url, "--out", "archive", *more)
        assert outcome.status == (1 if more else 2)
        assert "hoso erase --archive archive" in outcome.err + outcome.out
    done(tmp_path, "erase", "--archive", "archive", "--store", url)
    assert CODE not in whole(tmp_path / "archive")
    done(tmp_path, "archive", "--source", url, "--out", "archive", "--verify")
    done(tmp_path, "archive", "--source", url, "--out", "archive")


def refused(folder: Path, *arguments: str) -> str:
    outcome = hoso(folder, *arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    [line] = outcome.err.splitlines()
    return line


def test_what_cannot_be_done_is_told_in_one_line(url: str, tmp_path: Path) -> None:
    where = ("--store", url)
    line = refused(tmp_path, "erase", "--dossier", "nobody", "--because", "request", *where)
    assert "no event has this code" in line
    assert "--because" in refused(tmp_path, "erase", "--dossier", CODE, *where)
    assert "--because" in refused(tmp_path, *ERASE[:3], "--because", "Nguyễn Văn An", *where)
    assert "say what" in refused(tmp_path, "erase", *where)
    assert "not both" in refused(tmp_path, *ERASE, "--official", OFFICIAL, *where)
    assert "holds no archive" in refused(tmp_path, *ERASE, *where, "--archive", "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_archive_of_another_store_is_refused_and_nothing_is_erased(
    url: str, tmp_path: Path
) -> None:
    give(tmp_path, "others.jsonl", [received("2023-03-01", 5, code=f"D{n}") for n in range(3)])
    done(tmp_path, "archive", "--source", "others.jsonl", "--out", "archive")
    line = refused(tmp_path, *ERASE, "--store", url, "--archive", "archive")
    assert "holds another log" in line
    assert traces(tmp_path, url, CODE)
    assert done(tmp_path, "erase", "--list", "--store", url) == ""


def test_every_line_is_in_vietnamese(url: str, tmp_path: Path) -> None:
    told = done(tmp_path, *ERASE, "--store", url, "--lang", "vi")
    english = ("archives", "papers", "backups", "rejects", "the ", "erased,")
    assert not any(word in line for line in told.splitlines() for word in english)


def test_again_it_says_what_was_done_before(url: str, tmp_path: Path) -> None:
    done(tmp_path, *ERASE, "--store", url)
    name = pseudonym(tmp_path, url)
    told = done(tmp_path, *ERASE, "--store", url)
    assert f"was erased before, as {name}" in told.splitlines()[0]
    assert pseudonym(tmp_path, url) == name


def test_with_another_key_nothing_is_recorded(tmp_path: Path) -> None:
    give(tmp_path, "events.jsonl", EVENTS)
    done(tmp_path, "ingest", "events.jsonl")
    done(tmp_path, *ERASE)
    key = tmp_path / "hoso.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    right = key.read_bytes()
    key.write_bytes(b"k" * 32)
    assert "key" in refused(tmp_path, "ingest", "events.jsonl")
    key.write_bytes(right)
    done(tmp_path, "ingest", "events.jsonl")


def test_a_cache_that_was_computed_before_an_erasure_is_not_kept_after_it(
    url: str, tmp_path: Path
) -> None:
    source = StoreSource(url, Options(LOCAL))
    log = source.history()
    done(tmp_path, *ERASE, "--store", url)
    source._keep_segments(0, [log])
    with open_store(url) as store:
        assert store.describe_cache() == []
    with pytest.raises(StoreUnavailable, match="ask again"):
        source.history()


def test_a_value_that_was_blanked_is_found_again(tmp_path: Path) -> None:
    give(tmp_path, "bad.jsonl", [received("2023-03-17", 5) | {"time": name} for name in "ab"])
    assert hoso(tmp_path, "ingest", "bad.jsonl").status == 1
    for value, numbers in (("a", [1]), ("b", [2]), ("c", [])):
        found = done(tmp_path, "rejects", "list", "--value", value, "--format", "json")
        assert [each["number"] for each in json.loads(found)] == numbers


def test_killed_at_any_time_all_is_erased_or_nothing(tmp_path: Path) -> None:
    many = [received("2023-03-17", 5, code=CODE) | {"id": f"{n}.{CODE}"} for n in range(3_000)]
    give(tmp_path, "many.jsonl", [*EVENTS, *many])
    done(tmp_path, "ingest", "many.jsonl")
    before = done(tmp_path, *STATEMENT)
    states = set()
    for delay_s in (0.8, 1.0, 1.2, 1.4, 1.6, 2.0):
        command = [HOSO, *ERASE]
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL
        ) as process:
            time.sleep(delay_s)
            process.send_signal(signal.SIGKILL)
        with open_store(f"sqlite:///{tmp_path}/hoso.db") as store:
            codes = {json.loads(stored.state)["subject"] for stored in store.read()}
            erased = store.count_erasures()
        assert (CODE in codes) == (erased == 0)
        assert len(codes) == 2
        states.add(erased)
        assert done(tmp_path, *STATEMENT) == before
    done(tmp_path, *ERASE)
    assert traces(tmp_path, "sqlite:///hoso.db", CODE) == []
    assert done(tmp_path, *STATEMENT) == before


def test_a_register_goes_on_with_the_pseudonym(tmp_path: Path) -> None:
    first: list[Row] = [HEADINGS, dossier(1), dossier(3)]
    code = "000.00.00.H52-230301-0003"
    write_xlsx(tmp_path / "a.xlsx", first)
    done(tmp_path, "import", "a.xlsx", "--as-it-stood", "31/03/2023")
    done(tmp_path, "erase", "--dossier", code, "--because", "request")
    write_xlsx(tmp_path / "b.xlsx", [HEADINGS, dossier(1), closed(3, date(2023, 4, 3))])
    for more in (["--dry-run"], []):
        april = ("--as-it-stood", "30/04/2023", "--format", "json", *more)
        told = json.loads(done(tmp_path, "import", "b.xlsx", *april))
        assert told["dossiers"] == {"new": 0, "changed": 1, "same": 1}
        assert (told["added"], told["annulled"]) == ({"resolved": 1}, {})
        assert told["gone"]["dossiers"] == 0
    assert traces(tmp_path, "sqlite:///hoso.db", code) == []


def record(status: str, **dates: str) -> Json:
    """A record of the national portal."""
    named = {"MaHoSo": CODE, "TrangThaiHoSo": status, "DonViXuLy": "so", "MaLinhVuc": "dat"}
    received_then = {"NgayTiepNhan": "20230301080000", "NgayHenTra": "20230308170000"}
    return named | {"MaTTHC": "1.004227", "KenhThucHien": "2"} | received_then | dates


def test_national_records_go_on_with_the_pseudonym(tmp_path: Path) -> None:
    ingest = ("ingest", "a.jsonl", "--from-format", "national")
    give(tmp_path, "a.jsonl", [record("4"), record("5")])
    done(tmp_path, *ingest)
    count = json.loads(done(tmp_path, "status", "--json"))["events"]
    done(tmp_path, *ERASE)
    assert traces(tmp_path, "sqlite:///hoso.db", CODE) == []
    done(tmp_path, *ingest)
    assert json.loads(done(tmp_path, "status", "--json"))["events"] == count
    give(tmp_path, "a.jsonl", [record("9", NgayKetThucXuLy="20230306080000")])
    done(tmp_path, *ingest)
    told = json.loads(done(tmp_path, "status", "--json"))
    assert (told["dossiers"], told["events"] > count) == (1, True)
    assert traces(tmp_path, "sqlite:///hoso.db", CODE) == []

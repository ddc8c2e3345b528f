"""What can a person do about what was rejected, with nothing lost or recorded twice on the way?"""

import csv
import io
import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from hoso.consumers.store.log import Reject, open_store
from tests.command import HOSO, PATIENCE_S, done, environment, hoso
from tests.services.kafka import Broker
from tests.told import received

Json = dict[str, Any]

STORE = "hoso.db"
THEN = datetime(2023, 3, 15, 5, tzinfo=UTC)
GAP = Reject(THEN, "kafka:t/0@12-99", "gone from the broker", b"", "events")
JUNK = Reject(THEN, "kafka:t/0@100", "not valid JSON", b"junk", "events")
MANY = 5_000


def valid(number: int = 1, **attributes: Any) -> bytes:
    """A message that was rejected, and would not be now."""
    return json.dumps(received("2023-03-01", 5, code=f"D{number}") | attributes).encode()


def rejected(raw: bytes, language: str = "events") -> Reject:
    return Reject(THEN, "kafka:t/1@7", "time: more than a day ahead", raw, language)


def national(code: str) -> bytes:
    """A record of the national portal: a dossier that was received, and resolved since."""
    record = {
        "MaHoSo": code,
        "TrangThaiHoSo": "9",
        "DonViXuLy": "so_tnmt",
        "MaLinhVuc": "dat_dai",
        "MaTTHC": "1.004227",
        "KenhThucHien": "2",
        "NgayTiepNhan": "20230301080000",
        "NgayHenTra": "20230308170000",
        "NgayKetThucXuLy": "20230306080000",
    }
    return json.dumps(record).encode()


def seed(url: str, *rejects: Reject) -> None:
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.add_rejects(rejects)


def seeded(folder: Path, *rejects: Reject) -> Path:
    """A folder with a store that has rejects, numbered from 1."""
    seed(f"sqlite:///{folder / STORE}", *rejects)
    return folder


def numbers(folder: Path, *arguments: str) -> list[int]:
    """The rejects on the list."""
    listed = json.loads(done(folder, "rejects", "list", "--format", "json", *arguments))
    return [row["number"] for row in listed]


def recorded(folder: Path) -> list[Json]:
    """The events in the store, as they stand there."""
    with open_store(f"sqlite:///{folder / STORE}") as store:
        return [json.loads(stored.state) for stored in store.read()]


def retried(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit status of a retry, and what it says."""
    outcome = hoso(folder, "rejects", "retry", *arguments)
    assert outcome.err == ""
    return outcome.status, outcome.out.removeprefix(f"{STORE}: ").rstrip()


def is_told(folder: Path, arguments: list[str], *words: str) -> bool:
    """Whether a call is refused with one line that says these words."""
    outcome = hoso(folder, "rejects", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    [line] = outcome.err.splitlines()
    assert line.startswith("hoso: ")
    assert not [word for word in words if word not in line], line
    return True


# --- list, show ----------------------------------------------------------------------------------


def test_where_there_are_none_this_is_said(tmp_path: Path) -> None:
    seeded(tmp_path)
    listed = done(tmp_path, "rejects", "list").splitlines()
    assert listed[1:] == ["0 thông điệp bị loại", "", "Không có dòng nào."]
    assert json.loads(done(tmp_path, "rejects", "list", "--format", "json")) == []
    heading = done(tmp_path, "rejects", "list", "--format", "csv")
    assert heading.splitlines() == ["\ufeffnumber,when,origin,format,reason"]
    assert retried(tmp_path) == (0, "0 recorded, 0 still rejected")
    assert done(tmp_path, "rejects", "export", "-") == ""


def test_they_are_listed_in_every_format(tmp_path: Path) -> None:
    lines = b'{}\n{"personal": "Nguyen Van A"}\njunk'
    assert hoso(tmp_path, "ingest", "-", stdin=lines).status == 1
    listed = json.loads(done(tmp_path, "rejects", "list", "--format", "json"))
    assert [(r["number"], r["origin"], r["format"]) for r in listed] == [
        (number, f"-:{number}", "events") for number in (1, 2, 3)
    ]
    assert [r["reason"] for r in listed[:2]] == ["type: missing"] * 2
    assert listed[2]["reason"].startswith("not valid JSON")
    for row in listed:
        when = datetime.fromisoformat(row["when"])
        assert when.utcoffset() == timedelta(hours=7)
        assert abs(datetime.now(UTC) - when) < timedelta(minutes=5)
    in_csv = done(tmp_path, "rejects", "list", "--format", "csv")
    assert in_csv.startswith("\ufeff")
    assert list(csv.DictReader(io.StringIO(in_csv.removeprefix("\ufeff")))) == [
        {**row, "number": str(row["number"]), "origin": f"'{row['origin']}"} for row in listed
    ]
    table = done(tmp_path, "rejects", "list", "--lang", "en")
    assert all(str(fact) in table for row in listed for fact in row.values())
    assert "3 rejects" in table
    assert "Nguyen" not in table + in_csv + str(listed)


def test_one_is_shown_with_its_bytes(tmp_path: Path) -> None:
    pretty = json.dumps({"tên": "hồ sơ [bold]"}, ensure_ascii=False, indent=1).encode()
    seeded(tmp_path, rejected(pretty, "national"), GAP)
    shown = done(tmp_path, "rejects", "show", "1")
    assert all(fact in shown for fact in ("kafka:t/1@7", "national", "more than a day ahead"))
    assert shown.endswith(f" bytes:\n{pretty.decode()}\n")
    assert done(tmp_path, "rejects", "show", "2").endswith("0 bytes:\n\n")


def test_nothing_in_them_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    attack = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\x00"
    raw = attack.encode() + b"\n\xff"
    seeded(tmp_path, Reject(THEN, f"tệp{attack}:1", attack, raw, "events"))
    commands = [("list",), ("list", "--format", "json"), ("list", "--format", "csv"), ("show", "1")]
    for command in commands:
        out = done(tmp_path, "rejects", *command).removeprefix("\ufeff")
        assert all(line.isprintable() for line in out.replace("\r\n", "\n").split("\n"))
        assert "tệp\\" in out
        assert "x1b]0;owned" in out
    assert ", escaped:\n\\x1b]0;owned" in done(tmp_path, "rejects", "show", "1")
    left_out = hoso(tmp_path, "rejects", "export", "-").err
    assert all(line.isprintable() for line in left_out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "9"], [STORE, "no reject 9", "hoso rejects list"]),
        (["show", "0"], ["NUMBER", "1"]),
        (["show", "first"], ["NUMBER", "integer"]),
        (["show", str(10**30)], ["NUMBER"]),
        (["show"], ["NUMBER"]),
        (["retry", "1", "9"], ["no reject 9"]),
        (["export", "mend.jsonl", "9"], ["no reject 9"]),
        (["export", "mend.jsonl", "1", "2"], ["1 of events", "2 of national"]),
        (["export", "mend.jsonl"], ["1 of events", "2 of national"]),
        (["export", "-"], ["1 of events", "2 of national"]),
        (["export", "no/mend.jsonl", "1"], ["no/mend.jsonl: No such file"]),
        (["export"], ["FILE"]),
        (["list", "--store", "sqlite:///none.db"], ["none.db", "no such store"]),
        (["list", "--format", "xml"], ["--format", "csv"]),
        (["settle"], ["settle"]),
        ([], ["command"]),
    ],
)
def test_a_wrong_call_is_told_in_one_line_and_changes_nothing(
    tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    seeded(tmp_path, rejected(valid()), rejected(national("D2"), "national"))
    assert is_told(tmp_path, arguments, *words)
    assert numbers(tmp_path) == [1, 2]
    assert {path.name for path in tmp_path.iterdir()} == {STORE}


# --- retry ---------------------------------------------------------------------------------------


def test_what_passes_now_is_recorded_and_the_rest_keeps_its_number(tmp_path: Path) -> None:
    seeded(tmp_path, JUNK, rejected(valid(1)), GAP, rejected(valid(2)), JUNK)
    assert retried(tmp_path) == (1, "2 recorded, 3 still rejected")
    assert [event["subject"] for event in recorded(tmp_path)] == ["D1", "D2"]
    assert numbers(tmp_path) == [1, 3, 5]
    assert retried(tmp_path) == (1, "0 recorded, 3 still rejected")
    assert len(recorded(tmp_path)) == 2


def test_some_are_tried_again_and_the_others_left_alone(tmp_path: Path) -> None:
    seeded(tmp_path, *(rejected(valid(number)) for number in range(1, 6)), JUNK)
    assert retried(tmp_path, "4", "2", "4") == (0, "2 recorded, 0 still rejected")
    assert [event["subject"] for event in recorded(tmp_path)] == ["D2", "D4"]
    assert numbers(tmp_path) == [1, 3, 5, 6]
    assert retried(tmp_path, "6") == (1, "0 recorded, 1 still rejected")


def test_what_is_retried_counts_as_recorded_now_unless_it_says_when(tmp_path: Path) -> None:
    """So that no statement as of last week changes by a retry today."""
    said = "2023-03-02T08:00:00+07:00"
    done(tmp_path, "ingest", "-", "--recorded", "time", stdin=valid(1))
    seeded(tmp_path, rejected(valid(2)), rejected(valid(3, recordedtime=said)))
    last_week = (datetime.now(UTC) - timedelta(days=7)).isoformat()
    arguments = ("statement", "--window", "2023-Q1", "--format", "json")
    before = done(tmp_path, *arguments, "--as-of", "2023-03-01T12:00:00Z")
    assert retried(tmp_path) == (0, "2 recorded, 0 still rejected")
    assert done(tmp_path, *arguments, "--as-of", "2023-03-01T12:00:00Z") == before
    counted = [done(tmp_path, *arguments, *known) for known in ((), ("--as-of", last_week))]
    assert [json.loads(document)["total"]["received"] for document in counted] == [3, 2]
    assert recorded(tmp_path)[2]["recordedtime"] == said


def test_each_is_read_in_the_format_that_it_bears(tmp_path: Path) -> None:
    first, second = (rejected(national(code), "national") for code in ("D1", "D2"))
    others = rejected(national("D0")), rejected(valid(3), "national")
    seeded(tmp_path, others[0], first, others[1], second)
    assert retried(tmp_path) == (1, "2 recorded, 2 still rejected")
    told = [(event["subject"], event["type"]) for event in recorded(tmp_path)]
    kinds = ("dossier.received.v1", "dossier.resolved.v1")
    assert told == [(code, kind) for code in ("D1", "D2") for kind in kinds]
    assert numbers(tmp_path) == [1, 3]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that has many rejects which would pass now, and one that would not."""
    url = f"sqlite:///{tmp_path / STORE}"
    if request.param == "postgres":
        url = str(request.getfixturevalue("database"))
    seed(url, *(rejected(valid(number)) for number in range(MANY)), JUNK)
    return url


def kept(url: str) -> tuple[int, int]:
    """How many events and how many rejects a store has; no event is there twice."""
    with open_store(url) as log:
        subjects = [json.loads(stored.state)["subject"] for stored in log.read()]
        assert len(set(subjects)) == len(subjects)
        return len(subjects), log.count_rejects()


def test_several_who_retry_at_once_record_each_once(store: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        retry = ("rejects", "retry", "--store", store)
        outcomes = list(pool.map(lambda _: hoso(tmp_path, *retry), range(3)))
    assert [outcome.status for outcome in outcomes] == [1] * 3
    shares = [outcome.out.rpartition(": ")[2].split(" ")[0] for outcome in outcomes]
    assert sum(int(share.replace(",", "")) for share in shares) == MANY
    assert all(outcome.out.endswith(" 1 still rejected\n") for outcome in outcomes)
    assert kept(store) == (MANY, 1)


def test_a_retry_that_is_killed_has_recorded_what_is_off_the_list(
    store: str, tmp_path: Path
) -> None:
    command = [HOSO, "rejects", "retry", "--store", store]
    with subprocess.Popen(command, cwd=tmp_path, env=environment()) as process:
        with open_store(store) as log:
            patience_ends = time.monotonic() + PATIENCE_S
            while log.last_position() < MANY // 10 and time.monotonic() < patience_ends:
                time.sleep(0.005)
        process.kill()
    events, rejects = kept(store)
    assert 0 < events < MANY
    assert events + rejects == MANY + 1
    assert hoso(tmp_path, *command[1:]).status == 1
    assert kept(store) == (MANY, 1)


# --- export --------------------------------------------------------------------------------------


def test_what_is_exported_can_be_mended_and_ingested(tmp_path: Path) -> None:
    lines = [valid(1, time="2023-02-30T08:00:00Z"), b"\xff\x00junk\r", valid(2, type="eaten")]
    kept = hoso(tmp_path, "ingest", "-", "--keep-raw", stdin=b"\n".join(lines))
    assert kept.status == 1
    assert kept.err.startswith("hoso: --keep-raw: rejects are kept as they came, with any personal")
    assert done(tmp_path, "rejects", "export", "mend.jsonl") == ""
    exported = (tmp_path / "mend.jsonl").read_bytes()
    assert exported == b"".join(line.rstrip(b"\r") + b"\n" for line in lines)
    mended = exported.replace(b"02-30", b"02-28").replace(b"eaten", b"dossier.received.v1")
    outcome = hoso(tmp_path, "ingest", "-", stdin=mended)
    assert (outcome.status, outcome.out) == (1, f"{STORE}: 2 events recorded\n")


def test_some_are_exported_and_all_stay_on_the_list(tmp_path: Path) -> None:
    seeded(tmp_path, *(rejected(b"%d" % number) for number in range(1, 6)))
    assert done(tmp_path, "rejects", "export", "-", "4", "2", "4") == "2\n4\n"
    assert done(tmp_path, "rejects", "export", "-") == "1\n2\n3\n4\n5\n"
    assert numbers(tmp_path) == [1, 2, 3, 4, 5]


def test_a_message_of_several_lines_becomes_one_that_says_the_same(tmp_path: Path) -> None:
    pretty = json.dumps({"a": ["\n", 1.50, "Sơn La"]}, ensure_ascii=False, indent=2).encode()
    seeded(tmp_path, rejected(b"first"), rejected(pretty + b"\r\n"), rejected(b"\nlast\n"))
    outcome = hoso(tmp_path, "rejects", "export", "mend.jsonl")
    assert (outcome.status, outcome.out) == (0, "")
    first, second, end = (tmp_path / "mend.jsonl").read_bytes().split(b"\n")
    assert (first, end) == (b"first", b"")
    assert json.loads(second) == json.loads(pretty)
    assert second.split() == pretty.split()
    assert b"\r" not in second
    left_out, count = outcome.err.splitlines()
    assert left_out.startswith("left out: 3, kafka:t/1@7: several lines")
    assert "hoso rejects show 3" in left_out
    assert count == "1 left out"


def test_what_is_empty_is_left_out_and_told(tmp_path: Path) -> None:
    seeded(tmp_path, JUNK, *[GAP] * 12, rejected(b" \t\r"))
    outcome = hoso(tmp_path, "rejects", "export", "-")
    assert (outcome.status, outcome.out) == (0, "junk\n")
    *told, count = outcome.err.splitlines()
    assert told == [f"left out: {n}, kafka:t/0@12-99: it is empty" for n in range(2, 12)]
    assert count == "13 left out"


def test_each_format_is_exported_apart_and_read_again(tmp_path: Path) -> None:
    seeded(tmp_path, JUNK, rejected(national("D1").replace(b'"9"', b'"x"'), "national"))
    done(tmp_path, "rejects", "export", "mend.jsonl", "2")
    mended = (tmp_path / "mend.jsonl").read_bytes().replace(b'"x"', b'"9"')
    done(tmp_path, "ingest", "-", "--from-format", "national", stdin=mended)
    assert len(recorded(tmp_path)) == 2


# --- Where they come from ------------------------------------------------------------------------


def test_a_store_on_a_server_is_asked_the_same(database: str, tmp_path: Path) -> None:
    seed(database, JUNK, rejected(valid()))
    assert numbers(tmp_path, "--store", database) == [1, 2]
    assert "not valid JSON" in done(tmp_path, "rejects", "show", "1", "--store", database)
    assert done(tmp_path, "rejects", "export", "-", "1", "--store", database) == "junk\n"
    assert done(tmp_path, "rejects", "retry", "2", "--store", database).endswith(
        ": 1 recorded, 0 still rejected\n"
    )
    outcome = hoso(tmp_path, "rejects", "list", HOSO_STORE=database)
    assert "1 thông điệp bị loại" in outcome.out


@pytest.fixture
def producer(broker: Broker) -> Iterator[KafkaProducer]:
    with KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        yield producer


def test_a_message_of_a_topic_is_found_by_its_place(
    broker: Broker, topic: str, producer: KafkaProducer, tmp_path: Path
) -> None:
    for raw in (valid(1), b"\xff\nbad", None):
        producer.send(topic, raw, key=b"D1", partition=2).get(PATIENCE_S)
    servers = ("--bootstrap-servers", broker.bootstrap)
    consumed = hoso(tmp_path, "consume", "--topic", topic, *servers, "--until-end", "--keep-raw")
    assert consumed.status == 1
    listed = json.loads(done(tmp_path, "rejects", "list", "--format", "json"))
    assert [row["origin"] for row in listed] == [f"kafka:{topic}/2@{n}" for n in (1, 2)]
    assert "\\xff\nbad\n" in done(tmp_path, "rejects", "show", "1")
    assert retried(tmp_path) == (1, "0 recorded, 2 still rejected")

"""Does ``hoso status`` tell what is so?"""

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Signal
from typing import Any

import openpyxl
import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from hoso.consumers.store.log import LogEntry, Reject, Store, open_store
from tests.command import PATIENCE_S, SPAN, done, hoso
from tests.meanwhile import meanwhile
from tests.services.kafka import Broker
from tests.services.processes import free_port
from tests.told import received, resumed

Json = dict[str, Any]

STORE = "hoso.db"
KEYS = (
    *("store", "kind", "schema", "position", "events", "dossiers", "suspense", "last_recorded"),
    *("conflicts", "rejects", "erasures", "live", "events_per_second", "partitions"),
)
REJECT = Reject(datetime(2023, 3, 15, 5, tzinfo=UTC), "-:1", "why", b"junk", "events")


def status(folder: Path, *arguments: str) -> Json:
    document: Json = json.loads(done(folder, "status", "--json", *arguments))
    assert tuple(document) == KEYS
    return document


def entry(number: int) -> LogEntry:
    """An event as the log keeps it."""
    said = received("2023-03-01", 5, code=f"D{number}") | {"recordedtime": "2023-03-01T08:00:00Z"}
    return said["subject"], said["type"], json.dumps(said).encode()


def seed(url: str, events: int, **reached: int) -> None:
    """A store with events, and with partitions read up to an offset: ``t_0=5``."""
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.append([entry(number) for number in range(events)])
        for name, offset in reached.items():
            topic, _, number = name.rpartition("_")
            writer.advance_offset(f"kafka:{topic}:{number}", None, offset)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / STORE}"


def test_it_tells_of_log_rejects_and_streams(url: str, tmp_path: Path) -> None:
    seed(url, 3, **{"h-52.x_10": 7, "h-52.x_2": 0, "a_0": 2**40})
    with open_store(url) as store, store.writing() as writer:
        writer.append([entry(0), entry(7)])
        writer.add_rejects([REJECT] * 2)
        writer.advance_offset("another reader of the log", None, 3)
    told = status(tmp_path, "--store", url)
    kind, name = ("sqlite", STORE) if url.startswith("sqlite") else ("postgresql", url)
    assert (told["kind"], told["store"].endswith(name)) == (kind, True)
    assert told["schema"] >= 2
    assert (told["position"], told["events"], told["dossiers"]) == (5, 5, 4)
    assert (told["rejects"], told["events_per_second"]) == (2, 0.0)
    assert told["partitions"] == [
        {"topic": "a", "partition": 0, "reached": 2**40, "lag": None},
        {"topic": "h-52.x", "partition": 2, "reached": 0, "lag": None},
        {"topic": "h-52.x", "partition": 10, "reached": 7, "lag": None},
    ]
    assert status(tmp_path, "--store", url, "--topic", "a")["partitions"] == told["partitions"][:1]


def test_the_last_event_is_the_one_that_the_log_ends_with(tmp_path: Path) -> None:
    events = [
        received("2023-03-01", 5, code=code) | {"recordedtime": f"{day}T08:00:00.5+07:00"}
        for code, day in (("D1", "2024-01-01"), ("D2", "2023-03-02"))
    ]
    done(tmp_path, "ingest", "-", stdin="\n".join(map(json.dumps, events)).encode())
    assert status(tmp_path)["last_recorded"] == "2023-03-02T08:00:00.500000+07:00"


def test_suspense_is_that_of_a_statement_over_all_days(tmp_path: Path) -> None:
    done(tmp_path, "simulate", *SPAN, "--dossiers", "200", "--seed", "7", "--out", "events.jsonl")
    strays = [resumed("2023-03-01"), resumed("2023-03-02"), resumed("2189-03-03")]
    strays[1]["subject"] = "D2"
    strays[2] |= {"time": "2023-03-03T08:00:00Z"}
    lines = "\n".join(map(json.dumps, strays)).encode()
    done(tmp_path, "ingest", "events.jsonl", "-", stdin=lines)
    window = ("--from", "1970-01-01", "--to", "2199-12-31")
    stated = json.loads(done(tmp_path, "statement", *window, "--format", "json"))
    assert stated["suspense"]["events"] >= 3
    first, again = status(tmp_path), status(tmp_path)
    assert first == again
    assert first["suspense"] == stated["suspense"]
    assert first["events"] == len((tmp_path / "events.jsonl").read_bytes().splitlines()) + 3


def test_an_empty_store_has_a_status(url: str, tmp_path: Path) -> None:
    seed(url, 0)
    told = status(tmp_path, "--store", url)
    assert (told["position"], told["events"], told["dossiers"], told["rejects"]) == (0, 0, 0, 0)
    assert told["suspense"] == {"events": 0, "dossiers": 0}
    assert (told["last_recorded"], told["partitions"]) == (None, [])
    assert in_words(done(tmp_path, "status", "--store", url))["last recorded"] == "–"


def test_it_is_told_in_words(tmp_path: Path) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 1_234, một_0=1_233)
    text = done(tmp_path, "status", "--lang", "en")
    facts = in_words(text)
    assert facts.pop("last recorded").startswith("2023-03-01T")
    assert facts == {
        "store": f"{STORE} (sqlite, schema 8)",
        "log position": "1,234",
        "events": "1,234",
        "dossiers": "1,234",
        "events in conflict": "0",
        "events in suspense": "0",
        "dossiers in suspense": "0",
        "rejects": "0",
        "erased codes": "0",
        "events per second": "0.0",
    }
    assert re.search(r"│ một +│ +0 │ +1,233 │ +– │", text)


def in_words(table: str) -> dict[str, str]:
    """What the table of a status says, by the English names, in either language."""
    rows = [[cell.strip() for cell in line.split("│")] for line in table.splitlines()]
    facts = [row[1:4] for row in rows if len(row) == 5 and row[3] and row[1] != "Figure"]
    english = 0 if "Status of the store" in table else 1
    return {facts[english]: value for *facts, value in facts}


def test_every_paper_has_the_status(tmp_path: Path) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 3, một_0=7)
    whole = json.loads(done(tmp_path, "status", "--format", "json"))
    assert whole == status(tmp_path)
    text = done(tmp_path, "status", "--format", "csv").removeprefix("\ufeff")
    rows = {row["name"]: row["value"] for row in csv.DictReader(io.StringIO(text))}
    assert (rows["events"], rows["suspense.events"]) == ("3", "0")
    assert (rows["partitions.một.0.reached"], rows["partitions.một.0.lag"]) == ("7", "")
    for name in ("s.xlsx", "s.html", "s.txt"):
        assert done(tmp_path, "status", "--out", name) == ""
    assert "Hiện trạng kho dữ liệu" in (tmp_path / "s.html").read_text()
    assert (tmp_path / "s.txt").read_text() == done(tmp_path, "status")
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    cells = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert any(row[:3] == ("Sự kiện", "events", 3) for row in cells)


@contextmanager
def coming_in(store: Store, per_batch: int, pause_s: float) -> Iterator[None]:
    """Events that come in, in batches, as long as the context lasts."""

    def append(stop: Signal) -> None:
        number = 1_000
        while not stop.wait(pause_s):
            with store.writing() as writer:
                writer.append([entry(number + n) for n in range(per_batch)])
            number += per_batch

    with meanwhile(append):
        yield


def test_what_comes_in_is_counted_per_second(url: str, tmp_path: Path) -> None:
    """Whatever the events say of when they were recorded."""
    seed(url, 1)
    with open_store(url) as store, coming_in(store, 50, 0.1):
        told = status(tmp_path, "--store", url)
    assert 0 < told["events_per_second"] <= 600
    assert status(tmp_path, "--store", url)["events_per_second"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--store", "sqlite:///none.db"], ["none.db", "no such store"]),
        (["--store", "none.db"], ["none.db", "sqlite:///FILE"]),
        (["--topic"], ["--topic"]),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    is_told(tmp_path, arguments, *words)
    assert not list(tmp_path.iterdir())


def is_told(folder: Path, arguments: list[str], *words: str) -> None:
    outcome = hoso(folder, "status", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    [line] = outcome.err.splitlines()
    assert line.startswith("hoso: ")
    assert not [word for word in words if word not in line], line


def test_a_store_that_is_damaged_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / STORE}"
    seed(url, 1)
    with open_store(url) as store, store.writing() as writer:
        writer.append([("D9", "dossier.received.v1", b"{}")])
    is_told(tmp_path, [], STORE, "event no. 2", "damaged")


# --- Lag -----------------------------------------------------------------------------------------


@pytest.fixture
def sent(broker: Broker, topic: str) -> str:
    """A topic with 5 messages in partition 0, 3 in 1, and none in 2."""
    with KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for partition in (0,) * 5 + (1,) * 3:
            producer.send(topic, entry(0)[-1], partition=partition)
        producer.flush(PATIENCE_S)
    return topic


def lag(told: Json, topic: str) -> list[tuple[int | None, int | None]]:
    """What each partition of a topic has reached, and its lag."""
    rows = [row for row in told["partitions"] if row["topic"] == topic]
    assert [row["partition"] for row in rows] == sorted(row["partition"] for row in rows)
    return [(row["reached"], row["lag"]) for row in rows]


def test_the_lag_is_what_is_left_to_read(broker: Broker, sent: str, tmp_path: Path) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 1, **{f"{sent}_0": 1, f"{sent}_1": 2, "elsewhere_0": 9})
    servers = ("--bootstrap-servers", broker.bootstrap)
    assert lag(status(tmp_path, *servers), sent) == [(1, 3), (2, 0), (None, 0)]
    assert lag(status(tmp_path, *servers), "elsewhere") == [(9, None)]
    only = status(tmp_path, *servers, "--topic", sent)
    assert [row["topic"] for row in only["partitions"]] == [sent] * 3
    table = done(tmp_path, "status", *servers, "--topic", sent)
    assert re.search(rf"│ {sent} +│ +0 │ +1 │ +3 │", table)


def test_a_topic_that_was_never_read_is_all_lag(broker: Broker, sent: str, tmp_path: Path) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 0)
    told = status(tmp_path, "--bootstrap-servers", broker.bootstrap, "--topic", sent)
    assert lag(told, sent) == [(None, 5), (None, 3), (None, 0)]


def test_what_the_broker_let_go_is_not_left_to_read(
    broker: Broker, sent: str, tmp_path: Path
) -> None:
    gone = {TopicPartition(sent, 0): 3, TopicPartition(sent, 1): 3}
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.delete_records(gone)
    seed(f"sqlite:///{tmp_path / STORE}", 1, **{f"{sent}_0": 0})
    told = status(tmp_path, "--bootstrap-servers", broker.bootstrap)
    assert lag(told, sent) == [(0, 2), (None, 0), (None, 0)]


def test_a_topic_that_began_anew_is_behind_the_store(
    broker: Broker, sent: str, tmp_path: Path
) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 1, **{f"{sent}_1": 9})
    told = status(tmp_path, "--bootstrap-servers", broker.bootstrap)
    assert lag(told, sent) == [(None, 5), (9, -7), (None, 0)]


def test_there_is_no_lag_once_all_is_consumed(broker: Broker, sent: str, tmp_path: Path) -> None:
    servers = ("--bootstrap-servers", broker.bootstrap)
    consumed = hoso(tmp_path, "consume", "--topic", sent, *servers, "--until-end")
    assert consumed.status == 0, consumed.err
    told = status(tmp_path, *servers)
    assert lag(told, sent) == [(4, 0), (2, 0), (None, 0)]
    assert (told["events"], told["dossiers"]) == (8, 1)


def test_a_broker_that_cannot_tell_is_told_of_in_one_line(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    seed(f"sqlite:///{tmp_path / STORE}", 1, **{f"{topic}_0": 1})
    servers = ["--bootstrap-servers", broker.bootstrap]
    is_told(
        tmp_path, [*servers, "--topic", f"{topic}-x"], broker.bootstrap, f"no topic '{topic}-x'"
    )
    nobody = f"127.0.0.1:{free_port()}"
    begun = time.monotonic()
    is_told(tmp_path, ["--bootstrap-servers", nobody], f"Kafka at {nobody}")
    assert time.monotonic() - begun < PATIENCE_S
    assert lag(status(tmp_path), topic) == [(1, None)]

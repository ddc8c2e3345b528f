"""Can a one-stop system check its events, and publish them, from the command line?"""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer

from tests.command import HOSO, PATIENCE_S, SPAN, Outcome, done, environment, hoso
from tests.services.kafka import Broker
from tests.told import received, recorded, resolved, resumed

Json = dict[str, Any]

EVENTS = "events.jsonl"
NOBODY = "127.0.0.1:1"
SOON_S = 10
CLEAN = [received("2023-03-01", 5), resolved("2023-03-02")]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes some seconds to publish."""
    folder = tmp_path_factory.mktemp("many")
    done(folder, "simulate", *SPAN, "--dossiers", "60000", "--out", EVENTS)
    return folder / EVENTS


def write(folder: Path, *rows: Json | str) -> bytes:
    """A file of events and of lines as they are."""
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    raw = "".join(f"{text}\n" for text in texts).encode()
    (folder / EVENTS).write_bytes(raw)
    return raw


def is_told(outcome: Outcome, *words: str) -> bool:
    """Whether a command ended with status 2 and one line that says these words."""
    assert outcome.status == 2, outcome
    [line] = outcome.err.splitlines()
    assert line.startswith("hoso: ")
    assert "fault of hoso" not in line
    assert not [word for word in words if word not in line], line
    assert outcome.out == ""
    return True


# --- check ----------------------------------------------------------------------------------------


def test_nothing_found_is_status_0(tmp_path: Path) -> None:
    raw = write(tmp_path, *CLEAN)
    text = done(tmp_path, "check", EVENTS)
    assert "Điểm chất lượng" in text
    assert "100,0" in text
    assert json.loads(done(tmp_path, "check", "-", "--format", "json", stdin=raw))["score"] == 100
    assert [path.name for path in tmp_path.iterdir()] == [EVENTS]


def test_lines_that_are_no_events_are_told_as_ingest_tells_them(tmp_path: Path) -> None:
    write(tmp_path, *CLEAN, *["{}"] * 11)
    checked, ingested = hoso(tmp_path, "check", EVENTS), hoso(tmp_path, "ingest", EVENTS)
    assert (checked.status, checked.err) == (ingested.status, ingested.err)
    assert checked.err.splitlines()[0] == f"rejected: {EVENTS}:3: type: missing"
    assert checked.err.splitlines()[10:] == ["11 lines rejected, the first 10 shown"]


def test_suspense_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, *CLEAN, resumed("2023-03-03"))
    outcome = hoso(tmp_path, "check", EVENTS)
    assert (outcome.status, outcome.err) == (1, "")
    [row] = [line for line in outcome.out.splitlines() if f"{EVENTS}:3" in line]
    found = [cell.strip() for cell in row.split("│")[1:4]]
    assert found == ["Chưa áp dụng được", f"{EVENTS}:3", "D1"]


def test_json_has_everything_and_nothing_else_is_said(tmp_path: Path) -> None:
    late = [recorded(received("2023-03-01", 5, code=f"L{n}"), "2023-03-04") for n in range(12)]
    write(tmp_path, *CLEAN, *["{}"] * 11, *late)
    outcome = hoso(tmp_path, "check", "--format", "json", EVENTS)
    assert (outcome.status, outcome.err) == (1, "")
    whole = json.loads(outcome.out)
    assert (whole["lines"], whole["score"]) == (25, 8.0)
    assert [place["line"] for place in whole["rejects"]["found"]] == [
        f"{EVENTS}:{number}" for number in range(3, 14)
    ]
    assert [place["days"] for place in whole["late"]["found"]] == [3] * 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.jsonl",), ("none.jsonl: No such file",)),
        ((".",), (".: Is a directory",)),
        (("sqlite:///hoso.db",), ("sqlite:///hoso.db: No such file",)),
        ((EVENTS, "--format", "xml"), ("--format", "csv")),
        ((), ("FILE",)),
    ],
)
def test_what_cannot_be_checked_is_told(
    tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    write(tmp_path, *CLEAN)
    assert is_told(hoso(tmp_path, "check", *arguments), *words)


def test_a_correction_is_judged_beside_its_store(tmp_path: Path) -> None:
    write(tmp_path, *CLEAN)
    done(tmp_path, "ingest", EVENTS)
    write(tmp_path, resumed("2023-03-03"), received("2023-03-01", 5))
    assert hoso(tmp_path, "check", EVENTS, "--store", "sqlite:///hoso.db").status == 1
    assert is_told(hoso(tmp_path, "check", EVENTS, "--store", "sqlite:///no.db"), "no.db")


# --- publish --------------------------------------------------------------------------------------


def published(folder: Path, broker: Broker, topic: str, *names: str, **options: Any) -> Outcome:
    servers = ("--bootstrap-servers", broker.bootstrap)
    return hoso(folder, "publish", *names, "--topic", topic, *servers, **options)


def publishing(broker: Broker, topic: str, file: Path, **settings: str) -> subprocess.Popen[str]:
    """A process in the midst of publishing a file."""
    process = subprocess.Popen(
        [HOSO, "publish", file.name, "--topic", topic, "--bootstrap-servers", broker.bootstrap],
        cwd=file.parent,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with KafkaConsumer(
        topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        while not consumer.poll(timeout_ms=100):
            assert process.poll() is None
    return process


def values(broker: Broker, topic: str) -> list[bytes]:
    """The messages of a topic."""
    options: Json = {"auto_offset_reset": "earliest", "consumer_timeout_ms": 2_000}
    with KafkaConsumer(topic, bootstrap_servers=broker.bootstrap, **options) as consumer:
        return [bytes(message.value) for message in consumer]


def test_a_file_is_published(broker: Broker, topic: str, tmp_path: Path) -> None:
    raw = write(tmp_path, *CLEAN)
    outcome = published(tmp_path, broker, topic, EVENTS)
    assert outcome == (0, f"{topic}: 2 events published\n", "")
    assert values(broker, topic) == raw.splitlines()


def test_standard_input_is_published_and_rejects_are_told_as_ingest_tells_them(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    raw = write(tmp_path, CLEAN[0], "{}", CLEAN[1])
    outcome = published(tmp_path, broker, topic, "-", stdin=raw)
    assert outcome == (
        1,
        f"{topic}: 2 events published\n",
        hoso(tmp_path, "ingest", "-", stdin=raw).err,
    )
    assert values(broker, topic) == [raw.splitlines()[0], raw.splitlines()[2]]


def test_what_is_published_is_consumed_into_the_same_statement(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    done(tmp_path, "simulate", *SPAN, "--dossiers", "300", "--out", EVENTS)
    done(tmp_path, "ingest", EVENTS)
    assert published(tmp_path, broker, topic, EVENTS, "sqlite:///hoso.db").status == 0
    outcome = hoso(
        *(tmp_path, "consume", "--topic", topic, "--bootstrap-servers", broker.bootstrap),
        *("--until-end", "--store", "sqlite:///copy.db"),
    )
    assert outcome.status == 0, outcome
    stated = ("statement", "--window", "2023-Q1", "--format", "json", "--source")
    assert done(tmp_path, *stated, "sqlite:///copy.db") == done(tmp_path, *stated, EVENTS)


def test_a_topic_or_a_broker_that_is_not_there_is_told(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    write(tmp_path, *CLEAN)
    assert is_told(published(tmp_path, broker, f"{topic}-else", EVENTS), "no topic", "-else")
    nowhere = ("--topic", topic, "--bootstrap-servers", NOBODY)
    assert is_told(hoso(tmp_path, "publish", EVENTS, *nowhere), f"Kafka at {NOBODY}")


def test_a_broker_that_dies_midway_is_told_in_one_line(
    broker: Broker, topic: str, many: Path
) -> None:
    soon = {"HOSO_KAFKA_DELIVERY_TIMEOUT_MS": "3000", "HOSO_KAFKA_REQUEST_TIMEOUT_MS": "1000"}
    process = publishing(broker, topic, many, **soon)
    broker.kill()
    out, err = process.communicate(timeout=PATIENCE_S)
    assert is_told(Outcome(process.returncode, out, err), " events were acknowledged", "again")
    assert "; 0 events" not in err


def test_an_interrupt_is_status_130_and_says_nothing(
    broker: Broker, topic: str, many: Path
) -> None:
    process = publishing(broker, topic, many)
    process.send_signal(signal.SIGINT)
    interrupted = time.monotonic()
    assert process.communicate(timeout=PATIENCE_S) == ("", "")
    assert process.returncode == 130
    assert time.monotonic() - interrupted < SOON_S


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.jsonl", ("none.jsonl: No such file",)),
        ("sqlite:///none.db", ("none.db",)),
        ("mysql://x", ("mysql://",)),
    ],
)
def test_a_source_that_is_not_there_is_told_before_the_broker_is_asked(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    write(tmp_path, *CLEAN)
    nowhere = ("--topic", "any", "--bootstrap-servers", NOBODY)
    assert is_told(hoso(tmp_path, "publish", EVENTS, name, *nowhere), *words)


def test_a_consumer_tells_conflicts_and_counts_them(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    shared = [received("2023-03-01", 5, code=code) | {"id": "1"} for code in ("D1", "D2")]
    write(tmp_path, *shared)
    published(tmp_path, broker, topic, EVENTS)
    servers = ("--bootstrap-servers", broker.bootstrap)
    outcome = hoso(tmp_path, "consume", "--topic", topic, *servers, "--until-end")
    assert outcome.status == 1
    log = [json.loads(line) for line in outcome.err.splitlines() if line.startswith("{")]
    [told] = [line for line in log if line["event"] == "conflicts"]
    assert (told["events"], len(told["examples"])) == (1, 1)
    assert "1 events with the (source, id) of another event" in outcome.err

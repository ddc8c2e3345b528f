"""A planted secret is in no output, error, file or cache of any command."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.command import HOSO, environment, hoso
from tests.services.kafka import Broker
from tests.torment.running import until
from tests.torment.sending import Message, send

SECRET = "pl4nted-s3cret"
ENVIRONMENT: dict[str, Any] = {
    "HOSO_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "HOSO_KAFKA_SASL_MECHANISM": "PLAIN",
    "HOSO_KAFKA_SASL_PLAIN_USERNAME": "hoso",
    "HOSO_KAFKA_SASL_PLAIN_PASSWORD": SECRET,
    "HOSO_KAFKA_SSL_PASSWORD": SECRET,
    "PGPASSWORD": SECRET,
    "HOSO_DEBUG": "1",
}
EVENT = {
    "specversion": "1.0",
    "id": "a",
    "source": "/h",
    "type": "dossier.received.v1",
    "subject": "D",
    "time": "2023-01-05T08:00:00+07:00",
    "data": {
        "agency": "A",
        "field": "F",
        "procedure": "P",
        "channel": "online",
        "due": "2023-01-10",
    },
}
QUARTER = ("--window", "2023-Q1")
NO_SERVER = f"postgresql://u:{SECRET}@127.0.0.1:1/db?sslpassword={SECRET}"
KAFKA = ("--topic", "t", "--bootstrap-servers", "127.0.0.1:1")
CALLS = {  # a command, and what an option or $HOSO_STORE names as its store
    "ingest": ("ingest", "e.jsonl"),
    "statement": ("statement", *QUARTER),
    "dossiers": ("dossiers", *QUARTER, "--account", "total"),
    "explain": ("explain", "D"),
    "register": ("register", "--out", "register.csv"),
    "archive": ("archive", "--out", "archive"),
    "report": ("report", "all", *QUARTER, "--out", "reports"),
    "rejects": ("rejects", "list"),
    "retry": ("rejects", "retry"),
    "export": ("rejects", "export", "rejects.jsonl"),
    "status": ("status",),
    "cache": ("cache", "list"),
    "publish": ("publish", *KAFKA, NO_SERVER),
    "consume": ("consume", *KAFKA, "--until-end"),
    "check": ("check", NO_SERVER),
}
WRITTEN = {  # ways to write a secret into the address of a store
    "no server": NO_SERVER,
    "mistyped": f"postgres//u:{SECRET}@127.0.0.1/db",
    "another kind": f"mysql://127.0.0.1/db?password={SECRET}",
    "a file": f"sqlite:///hoso.db?key={SECRET}",
}


def is_silent(folder: Path, *texts: str) -> bool:
    """Whether the secret is in no text, and in no file of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "e.jsonl"]
    assert not [text for text in texts if SECRET in text]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "e.jsonl").write_text(json.dumps(EVENT) + "\n?\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("command", CALLS)
def test_no_command_tells_a_secret_when_it_fails(command: str, written: str, folder: Path) -> None:
    cache = str(folder / "cache")
    outcome = hoso(
        folder,
        *CALLS[command],
        patience_s=20,
        **ENVIRONMENT,
        HOSO_STORE=WRITTEN[written],
        XDG_CACHE_HOME=cache,
    )
    assert is_silent(folder, outcome.out, outcome.err)


@pytest.mark.parametrize("command", [each for each in CALLS if each not in ("consume", "publish")])
def test_no_command_tells_a_secret_when_all_is_well(command: str, folder: Path) -> None:
    settings = {**ENVIRONMENT, "HOSO_STORE": "sqlite:///hoso.db", "HOSO_DEBUG": ""}
    hoso(folder, "ingest", "e.jsonl", **settings)
    outcome = hoso(folder, *CALLS[command], **settings)
    assert is_silent(folder, outcome.out, outcome.err)


def test_a_report_of_a_store_with_a_password_has_calls_without_it(
    database: str, folder: Path
) -> None:
    """The server trusts everybody: the password is planted, and need not be right."""
    user, _, rest = database.partition("@")
    address = f"{user}:{SECRET}@{rest}"
    settings = {**ENVIRONMENT, "HOSO_STORE": address, "HOSO_DEBUG": ""}
    del settings["PGPASSWORD"]
    for command in ("ingest", "statement", "dossiers", "report", "archive", "archive", "status"):
        outcome = hoso(folder, *CALLS[command], **settings)
        assert outcome.status in (0, 1), outcome
        assert is_silent(folder, outcome.out, outcome.err)
    assert "postgresql://" in (folder / "reports" / "quarterly.json").read_text(encoding="utf-8")
    assert SECRET not in environment().get("HOSO_STORE", "")


def titles(process: int) -> list[bytes]:
    """The titles of a process and of those that it started, as everybody may read them."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    found = [Path(f"/proc/{process}/cmdline").read_bytes()]
    return found + [title for child in children for title in titles(int(child))]


def test_a_running_consumer_tells_no_secret(
    database: str, broker: Broker, topic: str, folder: Path
) -> None:
    """Neither in its title nor its log, its metrics, the broker's log or the store."""
    user, _, rest = database.partition("@")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {**ENVIRONMENT, "HOSO_STORE": f"{user}:{SECRET}@{rest}"}
    settings |= {"HOSO_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "PGPASSWORD": ""}
    send(broker, topic, [Message(json.dumps(EVENT).encode()), Message(b"?")])
    where = ["--topic", topic, "--bootstrap-servers", broker.bootstrap]
    log = folder / "consumer.log"
    with log.open("wb") as output:
        consumer = subprocess.Popen(
            [HOSO, "consume", *where, f"--metrics-port={port}"],
            cwd=folder,
            env=environment(**settings),
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: b'"recorded"' in log.read_bytes(), log.read_text)
        pages = [
            urlopen(f"http://127.0.0.1:{port}/{page}", timeout=10).read().decode()
            for page in ("metrics", "health")
        ]
        shown = [title.decode() for title in titles(consumer.pid)]
    finally:
        consumer.terminate()
        consumer.wait(60)
    assert "hoso_events_recorded_total 1.0" in pages[0]
    assert any("consume" in title for title in shown)
    assert is_silent(folder, *pages, *shown, log.read_text())
    assert broker.elsewhere or SECRET not in broker.log.read_text(errors="replace")
    assert SECRET not in "".join(hoso(folder, "rejects", "list", **settings)[1:])


@pytest.mark.parametrize(
    ("protocol", "command"),
    [("SASL_PLAINTEXT", "publish"), ("SASL_SSL", "consume"), ("SSL", "consume")],
)
def test_a_broker_that_refuses_is_told_without_a_secret(
    protocol: str, command: str, broker: Broker, topic: str, folder: Path
) -> None:
    """The broker speaks plain text; the key is none, and holds the secret."""
    key = folder.parent / f"{folder.name}.key"
    key.write_text(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n")
    settings = {**ENVIRONMENT, "HOSO_KAFKA_SECURITY_PROTOCOL": protocol}
    if protocol == "SSL":
        settings |= {"HOSO_KAFKA_SSL_CERTFILE": str(key), "HOSO_KAFKA_SSL_KEYFILE": str(key)}
    where = ("--topic", topic, "--bootstrap-servers", broker.bootstrap)
    more = {"publish": "e.jsonl", "consume": "--until-end"}[command]
    outcome = hoso(folder, command, *where, more, **settings)
    assert outcome.status == 2
    assert "fault of hoso" not in outcome.err
    assert is_silent(folder, outcome.out, outcome.err)

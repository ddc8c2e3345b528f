"""A backup of yesterday, restored as docs/OPERATIONS.md says, catches up from Kafka: it has the
figures of the lost store then, and each event once."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hoso.consumers.store.log import open_store
from tests.command import done, hoso
from tests.services.kafka import Broker
from tests.services.postgres import Postgres, program

ASKED = ("--window", "2023-Q1", "--by", "agency", "--format", "json", "--no-cache")
FEW = ("--from", "2022-09-01", "--to", "2023-08-31", "--dossiers", "80", "--seed", "3")
Restore = Callable[[], str]  # makes a store of a backup; its address


def back_up_sqlite(folder: Path) -> Restore:
    """Copy a store, as may be done while it is in use."""
    subprocess.run(["sqlite3", "hoso.db", "VACUUM INTO 'backup.db'"], cwd=folder, check=True)

    def restore() -> str:
        (folder / "new").mkdir()
        shutil.copy(folder / "backup.db", folder / "new" / "hoso.db")
        return f"sqlite:///{folder}/new/hoso.db"

    return restore


def back_up_postgres(folder: Path, url: str, server: Postgres) -> Restore:
    """The same of a database."""
    dump = folder / "backup.dump"
    subprocess.run([program("pg_dump"), "-Fc", "-f", str(dump), url], check=True)

    def restore() -> str:
        new = server.new_database()
        subprocess.run([program("pg_restore"), "--no-owner", "-d", new, str(dump)], check=True)
        server.drop_database(url)
        return new

    return restore


def identities(url: str) -> Counter[tuple[str, str]]:
    """How often each event stands in the log of a store."""
    with open_store(url) as store:
        events = [stored.event() for stored in store.read()]
    return Counter((event.source, event.id) for event in events)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_of_yesterday_catches_up_from_the_topic(
    kind: str, broker: Broker, topic: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    done(tmp_path, "simulate", *FEW, "--out", "all.jsonl")
    lines = (tmp_path / "all.jsonl").read_text().splitlines(keepends=True)
    half = len(lines) // 2
    (tmp_path / "yesterday.jsonl").write_text("".join(lines[:half]))
    (tmp_path / "today.jsonl").write_text("".join(lines[half:]))
    of_topic = ("--topic", topic, "--bootstrap-servers", broker.bootstrap)
    sqlite = f"sqlite:///{tmp_path}/hoso.db"
    url = sqlite if kind == "sqlite" else request.getfixturevalue("database")

    def take_in(events: str, store: str) -> None:
        done(tmp_path, "publish", events, *of_topic)
        consume(store)

    def consume(store: str) -> None:
        words = (*of_topic, "--store", store, "--until-end", "--recorded", "time")
        assert hoso(tmp_path, "consume", *words).status == 0

    take_in("yesterday.jsonl", url)
    restore = (
        back_up_sqlite(tmp_path)
        if kind == "sqlite"
        else back_up_postgres(tmp_path, url, request.getfixturevalue("postgres"))
    )
    take_in("today.jsonl", url)
    figures, events = done(tmp_path, "statement", "--source", url, *ASKED), identities(url)
    assert len(events) == len(lines)

    restored = restore()
    assert urlsplit(restored).path != urlsplit(url).path
    assert sum(identities(restored).values()) == half
    consume(restored)
    assert identities(restored) == events
    assert set(events.values()) == {1}
    assert done(tmp_path, "statement", "--source", restored, *ASKED) == figures

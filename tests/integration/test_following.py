"""hoso follow beside other processes: on a server, from a topic, and killed at any moment."""

import os
import signal
import subprocess
import time
from pathlib import Path
from random import Random
from typing import Final

import pytest

from hoso.consumers.store.log import open_store
from hoso.domain.policy import Policy
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from hoso.tools.runtime import environment
from hoso.tools.sources.live import folder_of, live_sheets
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests import command
from tests.command import HOSO, SPAN, done
from tests.engine import LOCAL
from tests.property.test_store_refresh import YEAR
from tests.services.kafka import Broker

KILLS: Final = int(os.environ.get("HOSO_FOLLOW_KILLS", "6"))
PIECES: Final = 6
OFFICE: Final = environment.office(Policy())
QUESTIONS: Final[tuple[tuple[str, ...], ...]] = ((), ("agency", "channel"), DIMENSIONS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with a history in pieces, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done(tmp_path, "simulate", *SPAN, "--dossiers", "900", "--seed", "5", "--out", "whole.jsonl")
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    for piece in range(PIECES):
        (tmp_path / f"{piece}.jsonl").write_bytes(b"".join(lines[piece::PIECES]))
    return tmp_path


def live(url: str) -> list[str]:
    """The digests of the questions, from the live ledger alone."""
    found = [live_sheets(url, OFFICE, by, 0) for by in QUESTIONS]
    return [str(statement_from(each, YEAR)["digest"]) for each in found if each is not None]


def folded(url: str) -> list[str]:
    """The same, folded from nothing."""
    source = StoreSource(url, Options(LOCAL, cache=False))
    made = [source.balances([OFFICE], None, by) for by in QUESTIONS]
    return [str(statement_from(sheets, YEAR)["digest"]) for [sheets] in made]


def test_on_postgresql_it_is_that_of_a_fold(folder: Path, database: str) -> None:
    for piece in range(3):
        done(folder, "ingest", f"{piece}.jsonl", "--recorded", "time", "--store", database)
        if piece < 2:  # the reader folds the last piece itself
            done(folder, "follow", "--until-end", "--store", database)
        assert live(database) == folded(database)


def test_killed_at_any_moment_it_goes_on_from_what_was_kept(folder: Path) -> None:
    url, lot = f"sqlite:///{folder / 'hoso.db'}", Random(1)
    done(folder, "ingest", "0.jsonl", "--recorded", "time", "--store", url)
    done(folder, "follow", "--until-end", "--store", url)
    for kill in range(KILLS):
        call = [HOSO, "follow", "--store", url]
        with subprocess.Popen(
            call, stderr=subprocess.DEVNULL, env=command.environment()
        ) as process:
            if kill < PIECES - 1:
                done(folder, "ingest", f"{kill + 1}.jsonl", "--recorded", "time", "--store", url)
            time.sleep(3 * lot.random())
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert live(url) == folded(url)


def test_a_topic_is_recorded_and_followed_by_one_process(
    folder: Path, broker: Broker, topic: str
) -> None:
    url, servers = f"sqlite:///{folder / 'hoso.db'}", ("--bootstrap-servers", broker.bootstrap)
    for piece in range(2):
        done(folder, "publish", f"{piece}.jsonl", "--topic", topic, *servers)
        told = command.started(
            folder, "follow", "--topic", topic, *servers, "--store", url, "--until-end"
        )
        assert told.status == 0, told.err
        with open_store(url) as store:
            assert store.last_position() > 100 * (piece + 1)
        assert live(url) == folded(url)


def test_a_second_process_stops_before_it_has_read_a_topic(
    folder: Path, broker: Broker, topic: str
) -> None:
    url = f"sqlite:///{folder / 'hoso.db'}"
    done(folder, "ingest", "0.jsonl", "--store", url)
    kept = folder_of(url, OFFICE)
    assert kept is not None
    with kept.kept_by_this_process():
        call = ("--topic", topic, "--bootstrap-servers", broker.bootstrap, "--store", url)
        told = command.started(folder, "follow", *call)
    assert told.status == 2
    assert "another process follows this store already" in told.err

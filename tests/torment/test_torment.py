"""Is each event recorded exactly once, whatever goes wrong, and all of it at once?

Are the figures of the store those of the file, and does a statement of the file tell each conflict?

By seeds: a fixed few, or as many as ``HOSO_TORMENT_SEEDS`` says. A seed that has failed stays in
the list.
"""

import os
import time
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from tests.command import done, hoso
from tests.services.kafka import Broker
from tests.services.processes import Server
from tests.told import Json
from tests.torment.chaos import ANY_TIME, Chaos, abort
from tests.torment.nursery import POINTS
from tests.torment.running import Nursery, Place
from tests.torment.sending import conflicts, ends, identities, kept
from tests.torment.stream import Stream, stream
from tests.torment.tally import told

FIRST = int(os.environ.get("HOSO_TORMENT_FIRST_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("HOSO_TORMENT_SEEDS", "1")))
DEATHS = int(os.environ.get("HOSO_TORMENT_DEATHS", "50"))
DOSSIERS = 4_000
IN_CONFLICT = "events with the (source, id) of another event and another content: "
QUESTIONS = (
    ("--window", "2023-Q1"),
    ("--window", "2023", "--by", "channel,level"),
    ("--window", "2023-H1", "--as-of", "2023-02-20T12:00:00+07:00"),
)


@pytest.fixture
def servers(request: pytest.FixtureRequest, broker: Broker, place: Place) -> list[Server]:
    """Those that the store and its consumers need, as far as they are ours to hit."""
    needed: list[Server] = [broker]
    if place.store.startswith("postgres"):
        needed.append(request.getfixturevalue("postgres"))
    return [server for server in needed if not server.elsewhere]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_doubled(
    broker: Broker,
    place: Place,
    servers: list[Server],
    tmp_path: Path,
    seed: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun = time.monotonic()
    sent = stream(DOSSIERS, seed)
    with Nursery(tmp_path) as nursery:
        chaos = Chaos(seed, DEATHS, nursery, place, servers)
        offsets = chaos.happen(broker, sent)
        abort(broker, place.topic, sent.messages[:50])
        last = nursery.consumer(place, "--until-end")
        assert last.wait() in (0, 1), last.output()
    chaos.tally["seconds"] = round(time.monotonic() - begun)
    chaos.tally["messages"] = len(offsets)
    told(shown(seed, place, chaos), capsys)
    assert chaos.tally["SIGKILL"] >= DEATHS
    assert_all_is_there_once(broker, place, sent, offsets)
    assert_figures_are_those_of_the_file(place, sent, tmp_path)


def assert_all_is_there_once(
    broker: Broker, place: Place, sent: Stream, offsets: list[int]
) -> None:
    found = kept(place.store)
    assert found.events == identities(sent.events())
    poison = [
        (f"kafka:{place.topic}/{message.partition}@{offset}", message.value or b"")
        for message, valid, offset in zip(*sent, offsets, strict=True)
        if not valid
    ]
    assert sorted((origin, raw) for origin, _, raw in found.rejects) == sorted(poison)
    assert found.gaps == {}
    read = {number: end - 1 for number, end in ends(broker, place.topic).items()}
    assert found.reached == read


def assert_figures_are_those_of_the_file(place: Place, sent: Stream, folder: Path) -> None:
    (folder / "events.jsonl").write_bytes(sent.file())
    for question in QUESTIONS:
        command = ("statement", *question, "--format", "json")
        of_store = orjson.loads(done(folder, *command, "--source", place.store))["digest"]
        assert of_store == digest_of_file(folder, "events.jsonl", *question), question


def digest_of_file(folder: Path, name: str, *question: str) -> str:
    """The digest of a statement of a file, which tells each conflict of the file."""
    events = map(orjson.loads, (folder / name).read_bytes().splitlines())
    number = conflicts(sorted(events, key=recorded_at))
    outcome = hoso(folder, "statement", "--source", name, *question, "--format", "json")
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].startswith(f"{number:,} {IN_CONFLICT}")
    return str(orjson.loads(outcome.out)["digest"])


def recorded_at(event: Json) -> datetime:
    return datetime.fromisoformat(event["recordedtime"])


def shown(seed: int, place: Place, chaos: Chaos) -> str:
    """The tally, in one line."""
    store = place.store.partition(":")[0]
    deaths = ", ".join(f"{chaos.tally[point]} {point}" for point in (*POINTS, ANY_TIME))
    rest = {what: n for what, n in chaos.tally.items() if what not in (*POINTS, ANY_TIME)}
    facts = ", ".join(f"{what} {number}" for what, number in sorted(rest.items()))
    return f"torment, seed {seed}, {store}: {facts}; killed {deaths}"

"""How do a province's events become its exported ledger, while servers crash?

Its events go into a topic of its own in two halves, and behind them a message that is none. ``hoso
consume`` records them in its store, ``hoso follow`` keeps the live ledger of the store, and ``hoso
ledger export`` writes it. Both processes run through the crash of the broker and of the database.
"""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from hoso.consumers.store.log import open_store
from tests.command import done
from tests.nation.country import HALF, Province
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.processes import Server
from tests.torment.running import Consumer, Nursery, until
from tests.torment.sending import Message, ends, kept, send

PARTITIONS: Final = 2
PATIENCE_S: Final = 3_600.0  # for half of the largest province
NO_EVENT: Final = b"no event"


class Sent(NamedTuple):
    """What a province sent: its files, and how often each event is in them."""

    halves: tuple[str, str]
    events: Counter[tuple[str, str]]


class Recorded(NamedTuple):
    """What became of a province's messages."""

    published: int  # events
    messages: int  # in the topic
    recorded: int
    repeats: int  # of the recorded events
    rejects: int
    ledger_bytes: int


class Centre(NamedTuple):
    """Where provinces are taken in: a folder for all files and caches, the servers, and what starts
    processes."""

    folder: Path
    broker: Broker
    postgres: Postgres
    nursery: Nursery

    @property
    def settings(self) -> dict[str, str]:
        """The environment of its commands."""
        return {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def run(self, *arguments: str) -> str:
        """What a command writes that has nothing to complain of."""
        return done(self.folder, *arguments, patience_s=PATIENCE_S, **self.settings)

    def start(self, *arguments: str) -> Consumer:
        """Start a command."""
        return self.nursery.command(self.folder, [*arguments], settings=self.settings)


def make_up(centre: Centre, province: Province, whole: str) -> Sent:
    """Write the events of a province, by halves of the ten years; and behind those of the others
    into a file of the whole nation."""
    halves = (f"{province.code}-1.jsonl", f"{province.code}-2.jsonl")
    events: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        first, second = (stack.enter_context((centre.folder / n).open("wb")) for n in halves)
        nation = stack.enter_context((centre.folder / whole).open("ab"))
        for line in province.events():
            event = orjson.loads(line)
            events[event["source"], event["id"]] += 1
            (first if event["time"] < HALF else second).write(line)
            nation.write(line)
    return Sent(halves, events)


def take_in(centre: Centre, province: Province, sent: Sent, *, with_crashes: bool) -> Recorded:
    """Publish, consume, follow and export the events of a province. With crashes, the broker
    crashes when the first half was sent, and the database while the second half is on its way."""
    topic, store = f"dossiers-{province.code}", empty_store(centre, province)
    centre.broker.create_topic(topic, PARTITIONS)
    where = ("--topic", topic, "--bootstrap-servers", centre.broker.bootstrap)
    into = ("--store", store, "--recorded", "time", "--group", province.code)
    consumer = centre.start("consume", *where, *into)
    follower = centre.start("follow", "--store", store)
    first, second = sent.halves
    centre.run("publish", first, *where)
    consumer.tells("consuming")  # who starts while a server is away is told so, and ends
    if with_crashes:
        crash(centre.broker)
    publishing = centre.start("publish", second, *where)
    if with_crashes:
        crash(centre.postgres)
    assert publishing.wait(PATIENCE_S) == 0, publishing.output()
    send(centre.broker, topic, [Message(NO_EVENT)])
    wait_until_all_is_read(centre.broker, topic, store, consumer)
    end(consumer, 1)  # it tells that there is a reject
    end(follower, 0)
    centre.run("follow", "--until-end", "--store", store)
    centre.run("ledger", "export", "--source", store, "--out", province.ledger)
    return tally(centre, province, sent, topic, store)


def empty_store(centre: Centre, province: Province) -> str:
    """The address of a store with its tables, so that there is one to follow."""
    sqlite = f"sqlite:///{centre.folder / province.code}.db"
    url = centre.postgres.new_database() if province.on_postgres else sqlite
    with open_store(url, create=True) as store, store.writing():
        return url


def crash(server: Server) -> None:
    """Kill a server, and start it again."""
    server.kill()
    server.start()


def end(process: Consumer, status: int) -> None:
    """Tell a process to stop, which has not stopped by itself."""
    assert process.running(), process.output()
    process.terminate()
    assert process.wait() == status, process.output()


def wait_until_all_is_read(broker: Broker, topic: str, url: str, consumer: Consumer) -> None:
    """Wait until a store has what is in a topic by now."""
    last = {number: end - 1 for number, end in ends(broker, topic).items() if end}
    with open_store(url) as store:

        def has_read_all() -> bool:
            read = store.offsets_with_prefix("kafka:")
            reached = {int(name.rpartition(":")[2]): offset for name, offset in read.items()}
            return all(reached.get(number, -1) >= offset for number, offset in last.items())

        until(has_read_all, consumer.output, PATIENCE_S)


def tally(centre: Centre, province: Province, sent: Sent, topic: str, store: str) -> Recorded:
    """What became of the messages of a province. Each event must be in its store exactly as often
    as it was sent."""
    found = kept(store)
    assert found.events == sent.events, f"{province.code}: events were lost or doubled"
    return Recorded(
        published=sent.events.total(),
        messages=sum(ends(centre.broker, topic).values()),
        recorded=found.events.total(),
        repeats=found.events.total() - len(found.events),
        rejects=len(found.rejects),
        ledger_bytes=(centre.folder / province.ledger).stat().st_size,
    )

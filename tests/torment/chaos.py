"""What becomes of three consumers while a stream is sent? Whatever a seed says.

Each is killed: at a chosen point of one of its batches, or at any time; or it is frozen for longer
than its session and thawed, or told to stop; and another takes its place. Meanwhile the servers are
killed, restarted and frozen, too.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from threading import Event as Signal
from typing import Final, NamedTuple

from tests.services.kafka import Broker
from tests.services.processes import Server
from tests.torment.nursery import AFTER_COMMIT, BEFORE_POLL, POINTS, Strike
from tests.torment.running import PATIENCE_S, PAUSE_S, Consumer, Hung, Nursery, Place
from tests.torment.sending import Message, producer
from tests.torment.stream import Stream

CONSUMERS: Final = 3
ANY_TIME: Final = "at any time"
LONGEST_S: Final = 3.0  # a consumer's life
SESSION: Final = {
    "HOSO_KAFKA_SESSION_TIMEOUT_MS": "1000",
    "HOSO_KAFKA_HEARTBEAT_INTERVAL_MS": "250",
}
FROZEN_S: Final = (1.5, 4.0)  # longer than a session
ENDS_WITHIN_S: Final = 30.0  # after SIGTERM
FREEZING: Final = (*POINTS, *(AFTER_COMMIT, BEFORE_POLL) * 3)  # the others wait for a transaction
AHEAD: Final = 5  # so many deaths before the last one, all has been sent
FATES: Final = ("struck",) * 60 + ("killed",) * 22 + ("told",) * 7 + ("frozen",) * 11


class Fate(NamedTuple):
    """What becomes of a consumer: what strikes it, and what is done to it how soon."""

    strike: Strike | None
    after_s: float
    what: str
    at_most: int


def fate(rng: Random) -> Fate:
    """A consumer's fate."""
    what = rng.choice(FATES)
    at_most = rng.choice((3, 10, 30, 100))
    strike = None
    if what == "struck" or (what == "frozen" and rng.random() < 0.6):
        number = signal.SIGKILL if what == "struck" else signal.SIGSTOP
        delay = rng.random() * 0.004 if rng.random() < 0.25 else 0.0
        points = POINTS if what == "struck" else FREEZING
        strike = Strike(number, rng.choice(points), rng.choice((1, 1, 2, 2, 3, 5)), delay)
    after = LONGEST_S if strike else rng.uniform(0.05, LONGEST_S)
    return Fate(strike, after, "killed" if strike else what, at_most)


class Post:
    """Where one consumer after another stands."""

    def __init__(self, chaos: "Chaos") -> None:
        self._chaos = chaos
        self._consumer: Consumer | None = None
        self._fate = Fate(None, 0, "", 0)
        self._due = 0.0
        self._told = False
        self._began_during_hit = False

    def attend(self) -> None:
        """Do what is due."""
        consumer, now = self._consumer, time.monotonic()
        if consumer is None:
            self._begin(now)
        elif not consumer.running():
            self._bury(consumer)
        elif now > self._due:
            self._act(consumer, now)
        elif consumer.frozen() and consumer.frozen_since is None:
            self._see_frozen(consumer, now)

    def leave(self) -> None:
        """Have the last consumer end as it should."""
        consumer = self._consumer
        if consumer is not None:
            if not self._told:
                consumer.terminate()
            self._told = True
            patience_ends = time.monotonic() + PATIENCE_S
            while consumer.running() and time.monotonic() < patience_ends:
                consumer.thaw()  # again and again: the strike that freezes it may be still to come
                time.sleep(PAUSE_S)
            consumer.wait(0.0)
            self._bury(consumer)

    def _begin(self, now: float) -> None:
        self._fate = fate(self._chaos.rng)
        self._due = now + self._fate.after_s
        self._told = False
        self._began_during_hit = self._chaos.hitting()
        self._consumer = self._chaos.start(self._fate)

    def _was_early(self, consumer: Consumer) -> bool:
        """Whether it began while a server was away, and said so."""
        may_be = self._began_during_hit or self._chaos.hitting()
        says_so = consumer.last_line().startswith(("hoso: Kafka at ", "hoso: postgresql://"))
        return may_be and says_so and not consumer.told("placed")

    def _act(self, consumer: Consumer, now: float) -> None:
        if consumer.frozen_since is not None:
            consumer.thaw()
            consumer.frozen_since = None
            self._fate = self._fate._replace(what="killed")
            self._due = now + self._chaos.rng.uniform(0.0, LONGEST_S)
        elif self._fate.what == "frozen":
            consumer.freeze()
            self._see_frozen(consumer, now)
        elif self._fate.what == "told" and not self._told:
            consumer.terminate()
            self._told = True
            self._due = now + ENDS_WITHIN_S
        elif self._told:
            raise Hung(f"told to stop, it has not:\n{consumer.output()}")
        else:
            consumer.kill()
            consumer.strike = None  # whatever would have struck it
            self._due = now + ENDS_WITHIN_S

    def _see_frozen(self, consumer: Consumer, now: float) -> None:
        consumer.frozen_since = now
        self._due = now + self._chaos.rng.uniform(*FROZEN_S)
        self._chaos.tally["frozen"] += 1

    def _bury(self, consumer: Consumer) -> None:
        status = consumer.wait()
        tally = self._chaos.tally
        if status == -signal.SIGKILL:
            tally["SIGKILL"] += 1
            strike = consumer.strike
            struck = strike is not None and strike.signal == signal.SIGKILL
            tally[strike.point if strike and struck else ANY_TIME] += 1
        elif self._told and (status in (0, 1) or not consumer.told("consuming")):
            tally["SIGTERM"] += 1
        elif status == 2 and self._was_early(consumer):
            tally["refused"] += 1
        else:
            raise AssertionError(f"it ended by itself, status {status}:\n{consumer.output()}")
        for what in ("placed", "overtaken", "waiting"):
            tally[what] += len(consumer.told(what))
        self._consumer = None


class Chaos:
    """A stream on its way into a store, and all that happens meanwhile."""

    def __init__(
        self, seed: int, deaths: int, nursery: Nursery, place: Place, servers: Sequence[Server]
    ) -> None:
        self.rng = Random(f"chaos {seed}")
        self.tally: Counter[str] = Counter()
        self._deaths = deaths
        self._nursery = nursery
        self._place = place
        self._blows = blows(self.rng, deaths, servers)
        self._hits: list[Future[None]] = []

    def start(self, fate: Fate) -> Consumer:
        """A new consumer, to meet its fate."""
        return self._nursery.consumer(
            self._place, at_most=fate.at_most, strike=fate.strike, settings=SESSION
        )

    def hitting(self) -> bool:
        """Whether a server may be away."""
        return any(not hit.done() for hit in self._hits)

    def happen(self, broker: Broker, stream: Stream) -> list[int]:
        """Until so many have died and all is sent; returns the messages' offsets."""
        posts = [Post(self) for _ in range(CONSUMERS)]
        given_up = Signal()
        with ThreadPoolExecutor(2) as others:
            sent = others.submit(self._send, broker, stream.messages, given_up)
            try:
                while self.tally["SIGKILL"] < self._deaths or not sent.done():
                    for post in posts:
                        post.attend()
                    if self._blows and self.tally["SIGKILL"] >= self._blows[0].deaths:
                        blow = self._blows.pop(0)
                        self.tally[blow.name] += 1
                        self._hits.append(others.submit(blow.hit))
                    time.sleep(PAUSE_S)
            finally:
                given_up.set()
            for hit in self._hits:
                hit.result()
        for post in posts:
            post.leave()
        return sent.result()

    def _send(self, broker: Broker, messages: list[Message], given_up: Signal) -> list[int]:
        """Send messages while consumers die, the more the later."""
        futures = []
        with producer(broker, delivery_timeout_ms=120_000) as sender:
            for number, message in enumerate(messages):
                while number >= self._allowed(len(messages)) and not given_up.wait(PAUSE_S):
                    pass
                where, value, key = self._place.topic, message.value, message.key
                futures.append(sender.send(where, value, key=key, partition=message.partition))
            sender.flush(timeout=120)
            return [future.get(timeout=120).offset for future in futures]

    def _allowed(self, messages: int) -> int:
        share = (self.tally["SIGKILL"] + AHEAD) / self._deaths
        return int(messages * min(share, 1.0))


class Blow(NamedTuple):
    """What is done to a server, and after how many deaths."""

    deaths: int
    name: str
    hit: Callable[[], None]


def blows(rng: Random, deaths: int, servers: Sequence[Server]) -> list[Blow]:
    """When servers are hit, and how: each is killed, restarted and frozen."""
    found = []
    for server in servers:
        for name, how in HOW.items():
            when = rng.randrange(deaths // 10, max(deaths * 9 // 10, deaths // 10 + 1))
            found.append(Blow(when, f"{server.name} {name}", how(server, rng.uniform(0.0, 2.0))))
    return sorted(found, key=lambda blow: blow.deaths)


def killed(server: Server, away_s: float) -> Callable[[], None]:
    """It crashes, and comes back."""

    def hit() -> None:
        server.kill()
        time.sleep(away_s)
        server.start()

    return hit


def restarted(server: Server, away_s: float) -> Callable[[], None]:
    """It stops as it should, and comes back."""

    def hit() -> None:
        server.stop()
        time.sleep(away_s)
        server.start()

    return hit


def frozen(server: Server, away_s: float) -> Callable[[], None]:
    """It hangs for a while."""

    def hit() -> None:
        server.freeze()
        time.sleep(1.0 + away_s)
        server.thaw()

    return hit


HOW: Final = {"killed": killed, "restarted": restarted, "frozen": frozen}


def abort(broker: Broker, topic: str, messages: Sequence[Message]) -> None:
    """Send messages in a transaction, and take them back."""
    with producer(broker, transactional_id=f"{topic} aborted") as sender:
        sender.init_transactions()
        sender.begin_transaction()
        for message in messages:
            sender.send(topic, message.value, key=message.key, partition=message.partition)
        sender.flush()
        sender.abort_transaction()

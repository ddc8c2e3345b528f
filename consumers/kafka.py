"""How do messages get from Kafka into the log, each exactly once?

Every batch is one transaction: its events, its rejects, and how far each partition has been read.
The store alone knows where to read on; what Kafka's own group offsets say is for its monitoring.

- Dead at any point: the transaction is there whole, offsets included, or not at all.
- A zombie (frozen, its partitions given to another, then thawed): the offsets are compared and
  set, so that its transaction fails whole (``Superseded``); it reads on where the store stands.
- The store away: the batch is dropped, and after a while read again from where the store stands.
  It does not matter whether a commit whose answer was lost had come through.

While one batch is judged and written, the next is read.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event as Signal
from typing import Any, Final, NamedTuple

from kafka import TopicPartition

from consumers.broker import BrokerAway, BrokerTrouble
from consumers.database import StoreAway
from consumers.recording import Judged, Reading, judge, record
from consumers.store import Reject, Store, Superseded, Writer
from consumers.topic import Offsets, Topic, place, stream

POLL_MS: Final = 100  # never 0: after that, kafka-python 3.0.12 waits for its coordinator for ever
PATIENCE_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # between attempts, while something is away


class Batch(NamedTuple):
    """What is in the log by now of some messages, and how many are left to read of each partition
    that is ours."""

    recorded: int
    rejects: int
    lag: dict[int, int]


class Placed(NamedTuple):
    """The partitions that are ours from now on; and how many rejects tell of messages in them that
    the broker let go before they were read."""

    partitions: list[int]
    rejects: int


class Overtaken(NamedTuple):
    """What was read is dropped: another had recorded some of it before."""

    reason: str


class Waiting(NamedTuple):
    """The store or the broker is away; how long until the next attempt, and why."""

    seconds: float
    reason: str


Step = Batch | Placed | Overtaken | Waiting


def consume(
    topic: Topic,
    store: Store,
    reading: Callable[[], Reading],
    judging: Executor,
    stop: Signal,
    *,
    until_end: bool = False,
) -> Iterator[Step]:
    """Record a topic's messages until told to stop, or until what was there at the start is.

    Yields after each step, whether it brought anything or not; ``reading`` is asked anew for each,
    and ``judging`` does the judging: another process, where it should not slow the reading down.
    Raises ``StoreTrouble`` or ``BrokerTrouble`` for what does not pass by itself, nothing lost.
    """
    ends = topic.ends()
    topic.join()
    attempts = 0
    with ThreadPoolExecutor(1, "writing") as writing:
        intake = _Intake(topic, store, judging, writing)
        while not stop.is_set():
            try:
                yield (step := intake.step(reading()))
                if isinstance(step, Batch) and step.recorded + step.rejects:
                    attempts = 0
                if until_end and intake.has_read(ends):
                    return
            except (StoreAway, BrokerAway) as away:
                topic.doubt()
                pause = PATIENCE_S[min(attempts, len(PATIENCE_S) - 1)]
                attempts += 1
                yield Waiting(pause, str(away))
                stop.wait(pause)
        with suppress(StoreAway):  # then it is read again next time
            yield intake.written()


NOTHING: Final[Future[Judged]] = Future()
NOTHING.set_result(Judged([], [], []))


class _Written(NamedTuple):
    """A batch that is being judged and written: how far it reaches, and what will be in the log."""

    reached: Offsets
    result: Future[tuple[int, int]]


class _Intake:
    """A topic on its way into a store. ``reached``: the last offset in the store of each partition
    that is ours, or the one before its first."""

    def __init__(self, topic: Topic, store: Store, judging: Executor, writing: Executor) -> None:
        self._topic = topic
        self._store = store
        self._judging = judging
        self._writing = writing
        self._reached: Offsets = {}
        self._batch: _Written | None = None

    def step(self, reading: Reading) -> Step:
        """Read a batch while the one before is written, and have it judged and written in turn."""
        if self._topic.share_is_new:
            return self.written() if self._batch else self._place(reading)
        messages = self._topic.fetch(POLL_MS)
        reached, judged = self._judge(messages, reading) if messages else (self._passed(), NOTHING)
        before = self.written()
        if reached and not self._topic.share_is_new:
            result = self._writing.submit(self._write, judged, reached, reading)
            self._batch = _Written(reached, result)
        return before

    def written(self) -> Batch | Overtaken:
        """What became of the batch that was being written, if any was."""
        batch, self._batch = self._batch, None
        if batch is None:
            return Batch(0, 0, self._lag())
        try:
            recorded, rejects = batch.result.result()
        except Superseded as superseded:
            self._topic.doubt()
            return Overtaken(str(superseded))
        self._reached |= batch.reached
        self._topic.tell_kafka(batch.reached)
        return Batch(recorded, rejects, self._lag())

    def has_read(self, ends: Offsets) -> bool:
        """Whether the store has all there is before some offsets, whoever in the group read it."""
        ours = self._reached.items()
        if self._batch or any(reached + 1 < ends.get(p, 0) for p, reached in ours):
            return False
        reached = self._store.reached([stream(partition) for partition in ends])
        return all(reached.get(stream(p), -1) + 1 >= end for p, end in ends.items())

    def _judge(self, messages: list[Any], reading: Reading) -> tuple[Offsets, Future[Judged]]:
        """How far messages reach, and what they hold."""
        places = [TopicPartition(m.topic, m.partition) for m in messages]
        offsets, raws = [m.offset for m in messages], [m.value or b"" for m in messages]
        judged = self._judging.submit(judge_messages, places, offsets, raws, reading)
        return dict(zip(places, offsets, strict=True)), judged

    def _write(
        self, judging: Future[Judged], reached: Offsets, reading: Reading
    ) -> tuple[int, int]:
        """One transaction. Raises ``Superseded``, with nothing written, for a zombie."""
        judged = judging.result()
        with self._store.writing() as writer:
            recorded = record(writer, judged, reading)
            for partition, offset in reached.items():
                writer.advance(stream(partition), self._reached[partition], offset)
        return recorded, len(judged.rejects)

    def _place(self, reading: Reading) -> Placed:
        """Read each partition of the present share on where the store stands."""
        share = self._topic.share()
        with self._store.writing() as writer:
            self._check_identity(writer)
            known = writer.reached([stream(partition) for partition in share])
            rejects = 0
            for partition, offsets in share.items():
                reached = known.get(stream(partition))
                rejects += self._begin(writer, partition, offsets, reached, reading)
            known = writer.reached([stream(partition) for partition in share])
        self._reached = {partition: known[stream(partition)] for partition in share}
        self._topic.read_on({partition: n + 1 for partition, n in self._reached.items()})
        return Placed(sorted(partition.partition for partition in share), rejects)

    def _check_identity(self, writer: Writer) -> None:
        """Raises ``BrokerTrouble`` for a topic of the same name that is not the same topic."""
        name, identity = f"kafka-topic:{self._topic.name}", self._topic.identity()
        known = writer.reached([name]).get(name)
        if known is None and identity:
            writer.advance(name, None, identity)
        elif known not in (None, identity):
            raise BrokerTrouble(
                f"topic {self._topic.name!r} was made anew since it was last read into "
                f"{self._store.name}: publish to a topic of another name"
            )

    def _begin(
        self,
        writer: Writer,
        partition: TopicPartition,
        offsets: range,
        reached: int | None,
        reading: Reading,
    ) -> int:
        """Set down where a partition begins, if it is new, or begins later by now: what the broker
        let go before it was read is a reject, too. Returns how many.

        Raises ``BrokerTrouble`` where the store is ahead of the topic.
        """
        if reached is not None and reached >= offsets.stop:
            raise BrokerTrouble(
                f"{place(partition, reached)} was read, but the topic ends before "
                f"{offsets.stop}: it has lost messages; publish to a topic of another name"
            )
        if reached is not None and reached + 1 >= offsets.start:
            return 0
        writer.advance(stream(partition), reached, offsets.start - 1)
        if reached is None:
            return 0
        origin = place(partition, f"{reached + 1}-{offsets.start - 1}")
        reason = "gone from the broker before they were read: publish them again"
        writer.reject([Reject(reading.now, origin, reason, b"", reading.format)])
        return 1

    def _passed(self) -> Offsets:
        """How far we are beyond the last message, where what follows it is no message."""
        if self._batch:
            return {}  # not before it is known how far that has got
        positions = self._topic.positions(self._reached)
        return {p: n - 1 for p, n in positions.items() if n - 1 > self._reached[p]}

    def _lag(self) -> dict[int, int]:
        ends = self._topic.known_ends(self._reached)
        return {p.partition: end - 1 - self._reached[p] for p, end in ends.items()}


def judge_messages(
    places: Sequence[TopicPartition],
    offsets: Sequence[int],
    raws: Sequence[bytes],
    reading: Reading,
) -> Judged:
    """Tell what some messages hold."""
    return judge(raws, lambda number: place(places[number], offsets[number]), reading)

"""How do messages get from Kafka into the log, each exactly once?

Every batch is one transaction: its events, its rejects, and how far each partition has been read.
The store alone knows where to read on; what Kafka's own group offsets say is for its monitoring.

- Dead at any point: the transaction is there whole, offsets included, or not at all.
- A zombie (frozen, its partitions given to another, then thawed): the offsets are compared and
  set, so that its transaction fails whole (``Superseded``); it reads on where the store stands.
- The store away: the batch is dropped, and after a while read again from where the store stands.
  It does not matter whether a commit whose answer was lost had come through.

Three are at work at once: while one batch is written, the next is judged, and one more is read.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event as Signal
from typing import Final, NamedTuple

from kafka import TopicPartition

from consumers.broker import BrokerAway, BrokerTrouble
from consumers.recording import Judged, Reading, judge, record
from consumers.store import Reject, Store, StoreAway, Superseded
from consumers.topic import Offsets, Topic, place, stream

POLL_MS: Final = 100  # never 0: after that, kafka-python 3.0.12 waits for its coordinator for ever
PATIENCE_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # between attempts, while something is away


class Batch(NamedTuple):
    """What is in the log by now of some messages, and how many are left to read of each partition
    that is ours."""

    recorded: int = 0
    rejects: int = 0
    lag: dict[int, int] = {}  # noqa: RUF012 # nobody changes it


class Waiting(NamedTuple):
    """The store or the broker is away; how long until the next attempt, and why."""

    seconds: float
    reason: str


def consume(
    topic: Topic,
    store: Store,
    reading: Callable[[], Reading],
    judging: Executor,
    stop: Signal,
    *,
    until_end: bool = False,
) -> Iterator[Batch | Waiting]:
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
                yield intake.step(reading())
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


class _Written(NamedTuple):
    """A batch that is being judged and written: how far it reaches, and what will be in the log."""

    reached: Offsets
    result: Future[tuple[int, int]]


class _Intake:
    """A topic on its way into a store. ``reached``: the last offset in the store of each partition
    that is ours; None where there is none yet."""

    def __init__(self, topic: Topic, store: Store, judging: Executor, writing: Executor) -> None:
        self._topic = topic
        self._store = store
        self._judging = judging
        self._writing = writing
        self._begins: Offsets = {}
        self._reached: dict[TopicPartition, int | None] = {}
        self._batch: _Written | None = None

    def step(self, reading: Reading) -> Batch:
        """Read a batch while the one before is written, and have it judged and written in turn."""
        if self._topic.share_is_new:
            before = self.written()
            self._place(reading)
            return before
        messages = self._topic.fetch(POLL_MS)
        places = [TopicPartition(m.topic, m.partition) for m in messages]
        offsets, raws = [m.offset for m in messages], [m.value or b"" for m in messages]
        judged = self._judging.submit(judge_messages, places, offsets, raws, reading)
        reached = dict(zip(places, offsets, strict=True))
        before = self.written()
        if not self._topic.share_is_new and (reached := reached or self._passed()):
            result = self._writing.submit(self._write, judged, reached, reading)
            self._batch = _Written(reached, result)
        return before

    def written(self) -> Batch:
        """What became of the batch that was being written, if any was."""
        batch, self._batch = self._batch, None
        if batch is None:
            return Batch(lag=self._lag())
        try:
            recorded, rejects = batch.result.result()
        except Superseded:
            self._topic.doubt()
            return Batch()
        self._reached |= batch.reached
        self._topic.tell_kafka(batch.reached)
        return Batch(recorded, rejects, self._lag())

    def has_read(self, ends: Offsets) -> bool:
        """Whether the store has all there is before some offsets, whoever in the group read it."""
        if self._batch or any(_behind(n) < ends[p] for p, n in self._reached.items()):
            return False
        reached = self._store.reached([stream(partition) for partition in ends])
        return all(_behind(reached.get(stream(p))) >= end for p, end in ends.items())

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

    def _place(self, reading: Reading) -> None:
        """Read each partition of the present share on where the store stands."""
        share = self._topic.share()
        reached = self._store.reached([stream(partition) for partition in share])
        self._begins = {partition: offsets.start for partition, offsets in share.items()}
        self._reached = {partition: reached.get(stream(partition)) for partition in share}
        for partition, offsets in share.items():
            self._check(partition, offsets, reading)
        self._topic.read_on({partition: self._next(partition) for partition in share})

    def _check(self, partition: TopicPartition, offsets: range, reading: Reading) -> None:
        """What the broker let go before it was read is lost here: a reject, too.

        Raises ``BrokerTrouble`` where the store is ahead of the topic.
        """
        reached = self._reached[partition]
        if reached is None or offsets.start <= reached + 1 <= offsets.stop:
            return
        if reached >= offsets.stop:
            raise BrokerTrouble(
                f"{place(partition, reached)} was read, but the topic ends before offset "
                f"{offsets.stop}: was it made anew? Publish to a topic of another name"
            )
        origin = place(partition, f"{reached + 1}-{offsets.start - 1}")
        reason = "gone from the broker before they were read: publish them again"
        with self._store.writing() as writer:
            writer.reject([Reject(reading.now, origin, reason, b"", reading.format)])
            writer.advance(stream(partition), reached, offsets.start - 1)
        self._reached[partition] = offsets.start - 1

    def _passed(self) -> Offsets:
        """How far we are beyond the last message, where what follows it is no message."""
        positions = self._topic.positions(self._reached)
        return {p: n - 1 for p, n in positions.items() if n > _behind(self._reached[p])}

    def _lag(self) -> dict[int, int]:
        ends = self._topic.known_ends(self._reached)
        return {p.partition: end - self._next(p) for p, end in ends.items()}

    def _next(self, partition: TopicPartition) -> int:
        """The offset to read on from."""
        return max(self._begins[partition], _behind(self._reached[partition]))


def judge_messages(
    places: Sequence[TopicPartition],
    offsets: Sequence[int],
    raws: Sequence[bytes],
    reading: Reading,
) -> Judged:
    """Tell what some messages hold."""
    return judge(raws, lambda number: place(places[number], offsets[number]), reading)


def _behind(reached: int | None) -> int:
    return 0 if reached is None else reached + 1

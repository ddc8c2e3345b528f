"""How do messages get from Kafka into the log, each exactly once?

Every batch is one transaction: its events, its rejects, and how far each partition has been read.
The store alone knows where to read on; what Kafka's own group offsets say is for its monitoring.

- Dead at any point: the transaction is there whole, offsets included, or not at all.
- A zombie (frozen, its partitions given to another, then thawed): the offsets are compared and
  set, so that its transaction fails whole (``Superseded``); it reads on where the store stands.
- The store away: the batch is dropped, and after a while read again from where the store stands.
  It does not matter whether a commit whose answer was lost had come through.

While one batch is written, the next is judged, and the one after that is read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from threading import Event as Signal
from typing import Final, NamedTuple

from kafka import TopicPartition

from hoso.consumers.intake.record import IntakeContext, Judged, judge, record, together
from hoso.consumers.kafka.client import BrokerAway, BrokerError
from hoso.consumers.kafka.topic import Messages, Offsets, Topic, place, stream
from hoso.consumers.store.backend import StoreAway
from hoso.consumers.store.log import Reject, Store, Superseded, Writer

POLL_MS: Final = 100  # never 0: after that, kafka-python 3.0.12 waits for its coordinator for ever
AHEAD: Final = 1  # batches that are read while another is written
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
    reading: Callable[[], IntakeContext],
    judging: Executor,
    stop: Signal,
    *,
    until_end: bool = False,
) -> Iterator[Step]:
    """Record a topic's messages until told to stop, or until what was there at the start is.

    Yields after each step, whether it brought anything or not; ``reading`` is asked anew for each,
    and ``judging`` does the judging: another process, where it should not slow the reading down.
    Raises ``StoreTrouble`` or ``BrokerError`` for what does not pass by itself, nothing lost.
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
            yield from intake.finish()


NOTHING: Final[Future[Judged]] = Future()
NOTHING.set_result(Judged([], [], []))


class _InHand(NamedTuple):
    """A batch that is being judged and written: how far it reaches, and what will be in the log."""

    reached: Offsets
    result: Future[tuple[int, int]]


class _Intake:
    """A topic on its way into a store. ``reached``: the last offset in the store of each partition
    that is ours, or the one before its first; ``taken``: the last that is in hand."""

    def __init__(self, topic: Topic, store: Store, judging: Executor, writing: Executor) -> None:
        self._topic = topic
        self._store = store
        self._judging = judging
        self._writing = writing
        self._reached: Offsets = {}
        self._taken: Offsets = {}
        self._in_hand: deque[_InHand] = deque()

    def step(self, reading: IntakeContext) -> Step:
        """Read a batch while those before are written, and have it judged and written in turn."""
        if self._topic.share_is_new:
            return self._written() if self._in_hand else self._place(reading)
        fetched = self._topic.fetch(POLL_MS)
        if self._topic.share_is_new:
            return Batch(0, 0, self._lag())
        if fetched:
            self._take(*self._judge(fetched, reading), reading)
        elif not self._in_hand and (passed := self._passed()):
            self._take(passed, NOTHING, reading)
        if len(self._in_hand) > AHEAD or (self._in_hand and not fetched):
            return self._written()
        return Batch(0, 0, self._lag())

    def finish(self) -> Iterator[Batch | Overtaken]:
        """What becomes of all that is in hand."""
        while self._in_hand:
            yield self._written()

    def _take(self, reached: Offsets, judged: Future[Judged], reading: IntakeContext) -> None:
        """Have a batch written behind those that are in hand."""
        expected = {partition: self._taken[partition] for partition in reached}
        result = self._writing.submit(self._write, judged, expected, reached, reading)
        self._in_hand.append(_InHand(reached, result))
        self._taken |= reached

    def _written(self) -> Batch | Overtaken:
        """What became of the batch that was taken in hand first; those behind one that was not
        written are dropped, as they could not be either."""
        batch = self._in_hand.popleft()
        try:
            recorded, rejects = batch.result.result()
        except Superseded as superseded:
            self._drop()
            self._topic.doubt()
            return Overtaken(str(superseded))
        except StoreAway:
            self._drop()
            raise
        self._reached |= batch.reached
        self._topic.tell_kafka(batch.reached)
        return Batch(recorded, rejects, self._lag())

    def _drop(self) -> None:
        wait([batch.result for batch in self._in_hand if not batch.result.cancel()])
        self._in_hand.clear()

    def has_read(self, ends: Offsets) -> bool:
        """Whether the store has all there is before some offsets, whoever in the group read it."""
        ours = self._reached.items()
        if self._in_hand or any(reached + 1 < ends.get(p, 0) for p, reached in ours):
            return False
        reached = self._store.reached([stream(partition) for partition in ends])
        return all(reached.get(stream(p), -1) + 1 >= end for p, end in ends.items())

    def _judge(
        self, fetched: list[Messages], reading: IntakeContext
    ) -> tuple[Offsets, Future[Judged]]:
        """How far messages reach, and what they hold."""
        reached = {messages.partition: messages.offsets[-1] for messages in fetched}
        return reached, self._judging.submit(judge_messages, fetched, reading)

    def _write(
        self, judging: Future[Judged], expected: Offsets, reached: Offsets, reading: IntakeContext
    ) -> tuple[int, int]:
        """One transaction. Raises ``Superseded``, with nothing written, for a zombie."""
        judged = judging.result()
        with self._store.writing() as writer:
            recorded = record(writer, judged, reading)
            for partition, offset in reached.items():
                writer.advance(stream(partition), expected[partition], offset)
        return recorded, len(judged.rejects)

    def _place(self, reading: IntakeContext) -> Placed:
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
        self._taken = dict(self._reached)
        self._topic.read_on({partition: n + 1 for partition, n in self._reached.items()})
        return Placed(sorted(partition.partition for partition in share), rejects)

    def _check_identity(self, writer: Writer) -> None:
        """Raises ``BrokerError`` for a topic of the same name that is not the same topic."""
        name, identity = f"kafka-topic:{self._topic.name}", self._topic.identity()
        known = writer.reached([name]).get(name)
        if known is None and identity:
            writer.advance(name, None, identity)
        elif known not in (None, identity):
            raise BrokerError(
                f"topic {self._topic.name!r} was made anew since it was last read into "
                f"{self._store.name}: publish to a topic of another name"
            )

    def _begin(
        self,
        writer: Writer,
        partition: TopicPartition,
        offsets: range,
        reached: int | None,
        reading: IntakeContext,
    ) -> int:
        """Set down where a partition begins, if it is new, or begins later by now: what the broker
        let go before it was read is a reject, too. Returns how many.

        Raises ``BrokerError`` where the store is ahead of the topic.
        """
        if reached is not None and reached >= offsets.stop:
            raise BrokerError(
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
        positions = self._topic.positions(self._reached)
        return {p: n - 1 for p, n in positions.items() if n - 1 > self._reached[p]}

    def _lag(self) -> dict[int, int]:
        ends = self._topic.known_ends(self._reached)
        return {p.partition: end - 1 - self._reached[p] for p, end in ends.items()}


def judge_messages(fetched: Sequence[Messages], reading: IntakeContext) -> Judged:
    """Tell what some messages hold."""
    return together(
        judge(values, partial(_place, partition, offsets), reading)
        for partition, offsets, values in fetched
    )


def _place(partition: TopicPartition, offsets: Sequence[int], number: int) -> str:
    return place(partition, offsets[number])

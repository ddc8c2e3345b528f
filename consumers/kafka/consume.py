"""Records the messages of a Kafka topic in the log, each exactly once.

Each batch is one transaction: its events, its rejects, and the offset up to which each partition
has been read. Only the offsets in the store decide where reading continues; the offsets that are
committed to Kafka are for its monitoring.

- If the process dies at any point, the transaction is committed whole, offsets included, or not
  at all.
- A consumer may freeze, lose its partitions to another, and then continue. Offsets are written by
  compare-and-set, so its transaction fails as a whole (``Superseded``), and it continues from the
  offsets in the store.
- If the store is unavailable, the batch is discarded, and later read again from the offsets in the
  store. It does not matter whether a commit whose answer was lost had succeeded.

While one batch is written, the next one is validated, and the one after that is fetched.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from threading import Event as Signal
from typing import Final, Literal, NamedTuple

from kafka import TopicPartition

from hoso.consumers.intake.record import (
    IntakeContext,
    Validated,
    merge,
    record,
    validate_messages,
)
from hoso.consumers.kafka.client import BrokerError, BrokerUnavailable
from hoso.consumers.kafka.topic import (
    Offsets,
    PartitionMessages,
    Topic,
    message_origin,
    stream_name,
)
from hoso.consumers.store.backend import StoreUnavailable
from hoso.consumers.store.log import BLANKED, Reject, Store, Superseded, Writer

POLL_MS: Final = 100  # never 0: after that, kafka-python 3.0.12 waits for its coordinator for ever
READ_AHEAD_BATCHES: Final = 1  # batches that are fetched while another is written
# Pauses between attempts, while the store or the broker is unavailable.
RETRY_PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Batch(NamedTuple):
    """A batch was recorded: how many events and rejects, and how many messages of each of our
    partitions are left to read (``lag``, by partition number)."""

    recorded: int
    rejects: int
    lag: dict[int, int]


class Assigned(NamedTuple):
    """Partitions were assigned: their numbers, and how many of them have a new reject for messages
    that the broker deleted before they were read."""

    partitions: list[int]
    rejects: int


class Overtaken(NamedTuple):
    """A batch was discarded: another consumer had recorded some of it before."""

    reason: str


Part = Literal["broker", "store"]


class Waiting(NamedTuple):
    """The store or the broker is unavailable: how long until the next attempt, why, and which.
    ``lag`` has how many messages of each partition wait meanwhile, as far as the broker tells."""

    seconds: float
    reason: str
    part: Part
    lag: dict[int, int]


Step = Batch | Assigned | Overtaken | Waiting


def consume(
    topic: Topic,
    store: Store,
    new_context: Callable[[], IntakeContext],
    validation: Executor,
    stop: Signal,
    *,
    until_end: bool = False,
) -> Iterator[Step]:
    """Record the messages of a topic until ``stop`` is set; with ``until_end``, until the messages
    that the topic had at the start are recorded.

    Yields after each step, even if it brought nothing. ``new_context`` is called for each step.
    ``validation`` runs the validation: another process, if it should not slow down reading.

    Raises ``StoreError`` or ``BrokerError`` for a fault that does not pass by itself. No message is
    lost then.
    """
    ends = topic.end_offsets()
    topic.subscribe()
    attempts = 0
    with ThreadPoolExecutor(1, "writing") as writing:
        intake = _Intake(topic, store, validation, writing)
        while not stop.is_set():
            try:
                yield (step := intake.step(new_context()))
                if isinstance(step, Batch) and step.recorded + step.rejects:
                    attempts = 0
                if until_end and intake.has_reached(ends):
                    return
            except (StoreUnavailable, BrokerUnavailable) as error:
                topic.invalidate_assignment()
                pause_s = RETRY_PAUSES_S[min(attempts, len(RETRY_PAUSES_S) - 1)]
                attempts += 1
                part: Part = "store" if isinstance(error, StoreUnavailable) else "broker"
                yield Waiting(pause_s, str(error), part, intake.lag_meanwhile(part))
                stop.wait(pause_s)
        with suppress(StoreUnavailable):  # what is not written is read again at the next start
            yield from intake.finish()


NO_MESSAGES: Final[Future[Validated]] = Future()
NO_MESSAGES.set_result(Validated([], [], []))


class _PendingBatch(NamedTuple):
    """A batch that is being validated and written.

    ``last_offsets`` are its last offsets, ``written`` the number of events and of rejects that will
    be in the log.
    """

    last_offsets: Offsets
    written: Future[tuple[int, int]]


class _Intake:
    """The batches of a topic on their way into a store.

    ``_stored`` has the last offset in the store of each of our partitions, ``_submitted`` the last
    offset of the batches that are pending. Each is the offset before the first message if there is
    none.
    """

    def __init__(self, topic: Topic, store: Store, validation: Executor, writing: Executor) -> None:
        self._topic = topic
        self._store = store
        self._validation = validation
        self._writing = writing
        self._stored: Offsets = {}
        self._submitted: Offsets = {}
        self._pending: deque[_PendingBatch] = deque()

    def step(self, context: IntakeContext) -> Step:
        """Fetch a batch while the ones before it are written, and submit it."""
        if not self._topic.assignment_is_valid:
            return self._await_oldest() if self._pending else self._start_partitions(context)
        fetched = self._topic.fetch(POLL_MS)
        if not self._topic.assignment_is_valid:
            return Batch(0, 0, self._lag())
        if fetched:
            last_offsets = {messages.partition: messages.offsets[-1] for messages in fetched}
            validated = self._validation.submit(validate_fetched, fetched, context)
            self._submit(last_offsets, validated, context)
        elif not self._pending and (skipped := self._skipped_offsets()):
            self._submit(skipped, NO_MESSAGES, context)
        if len(self._pending) > READ_AHEAD_BATCHES or (self._pending and not fetched):
            return self._await_oldest()
        return Batch(0, 0, self._lag())

    def finish(self) -> Iterator[Batch | Overtaken]:
        """Wait for the pending batches."""
        while self._pending:
            yield self._await_oldest()

    def has_reached(self, ends: Offsets) -> bool:
        """Whether the store has all messages before some offsets, whoever in the group read
        them."""
        stored = self._stored.items()
        if self._pending or any(offset + 1 < ends.get(p, 0) for p, offset in stored):
            return False
        offsets = self._store.offsets_of([stream_name(partition) for partition in ends])
        return all(offsets.get(stream_name(p), -1) + 1 >= end for p, end in ends.items())

    def lag_meanwhile(self, away: Part) -> dict[int, int]:
        """How many messages of the partitions that were ours wait while a part is away; nothing
        where that is the broker, who would tell."""
        if away == "broker":
            return {}
        with suppress(BrokerUnavailable):
            ends = self._topic.end_offsets()
            behind = {p.partition: ends[p] - 1 - last for p, last in self._stored.items()}
            return {number: max(0, messages) for number, messages in behind.items()}
        return {}

    def _submit(
        self, last_offsets: Offsets, validated: Future[Validated], context: IntakeContext
    ) -> None:
        """Have a batch written after the pending ones."""
        expected = {partition: self._submitted[partition] for partition in last_offsets}
        written = self._writing.submit(self._write, validated, expected, last_offsets, context)
        self._pending.append(_PendingBatch(last_offsets, written))
        self._submitted |= last_offsets

    def _write(
        self,
        validated: Future[Validated],
        expected: Offsets,
        last_offsets: Offsets,
        context: IntakeContext,
    ) -> tuple[int, int]:
        """Write a batch in one transaction; returns how many events and rejects it has.

        Raises ``Superseded``, with nothing written, if another consumer has moved an offset.
        """
        batch = validated.result()
        with self._store.writing() as writer:
            recorded = record(writer, batch, context)
            for partition, offset in last_offsets.items():
                writer.advance_offset(stream_name(partition), expected[partition], offset)
        return recorded, len(batch.rejects)

    def _await_oldest(self) -> Batch | Overtaken:
        """Wait for the oldest pending batch. If it was not written, the others are discarded: they
        could not be written either."""
        batch = self._pending.popleft()
        try:
            recorded, rejects = batch.written.result()
        except Superseded as superseded:
            self._discard_pending()
            self._topic.invalidate_assignment()
            return Overtaken(str(superseded))
        except StoreUnavailable:
            self._discard_pending()
            raise
        self._stored |= batch.last_offsets
        self._topic.commit_offsets(batch.last_offsets)
        return Batch(recorded, rejects, self._lag())

    def _discard_pending(self) -> None:
        wait([batch.written for batch in self._pending if not batch.written.cancel()])
        self._pending.clear()

    def _start_partitions(self, context: IntakeContext) -> Assigned:
        """Take over the partitions that are assigned, from the offsets in the store."""
        assigned = self._topic.assigned()
        streams = [stream_name(partition) for partition in assigned]
        with self._store.writing() as writer:
            self._check_identity(writer)
            stored = writer.offsets_of(streams)
            rejects = 0
            for partition, available in assigned.items():
                offset = stored.get(stream_name(partition))
                rejects += self._start_partition(writer, partition, available, offset, context)
            stored = writer.offsets_of(streams)
        self._stored = {partition: stored[stream_name(partition)] for partition in assigned}
        self._submitted = dict(self._stored)
        self._topic.seek({partition: offset + 1 for partition, offset in self._stored.items()})
        return Assigned(sorted(partition.partition for partition in assigned), rejects)

    def _check_identity(self, writer: Writer) -> None:
        """Raises ``BrokerError`` if the topic was deleted and made again since it was last read."""
        stream, identity = f"kafka-topic:{self._topic.name}", self._topic.identity()
        stored = writer.offsets_of([stream]).get(stream)
        if stored is None and identity:
            writer.advance_offset(stream, None, identity)
        elif stored not in (None, identity):
            raise BrokerError(
                f"topic {self._topic.name!r} was made again since it was last read into "
                f"{self._store.name}: publish to a topic of another name"
            )

    def _start_partition(
        self,
        writer: Writer,
        partition: TopicPartition,
        available: range,
        stored: int | None,
        context: IntakeContext,
    ) -> int:
        """Store the offset from which a partition is read, if the partition is new, or if the
        broker has deleted messages that were not read. For these, add one reject.

        ``available`` is the range of offsets that the broker has, ``stored`` the last offset in the
        store. Returns the number of rejects added.

        Raises ``BrokerError`` if the store has read further than the topic reaches.
        """
        if stored is not None and stored >= available.stop:
            raise BrokerError(
                f"{message_origin(partition, stored)} was read, but the topic ends before "
                f"{available.stop}: it has lost messages; publish to a topic of another name"
            )
        if stored is not None and stored + 1 >= available.start:
            return 0
        writer.advance_offset(stream_name(partition), stored, available.start - 1)
        if stored is None:
            return 0
        origin = message_origin(partition, f"{stored + 1}-{available.start - 1}")
        reason = "gone from the broker before they were read: publish them again"
        writer.add_rejects([Reject(context.now, origin, reason, b"", context.format, BLANKED)])
        return 1

    def _skipped_offsets(self) -> Offsets:
        """The last offset before our position in each partition, where it is past the last message
        in the store: what lies between is no message."""
        positions = self._topic.positions(self._stored)
        return {p: n - 1 for p, n in positions.items() if n - 1 > self._stored[p]}

    def _lag(self) -> dict[int, int]:
        ends = self._topic.last_known_ends(self._stored)
        return {p.partition: end - 1 - self._stored[p] for p, end in ends.items()}


def validate_fetched(fetched: Sequence[PartitionMessages], context: IntakeContext) -> Validated:
    """Validate the form of fetched messages."""
    return merge(
        validate_messages(values, partial(_origin, partition, offsets), context)
        for partition, offsets, values in fetched
    )


def _origin(partition: TopicPartition, offsets: Sequence[int], index: int) -> str:
    return message_origin(partition, offsets[index])

"""Records what calls carry, many calls in one transaction (group commit), and answers each call
once its events are on disk.

One thread writes. While it commits, calls wait; then it takes all that wait, up to
``MOST_IN_GROUP`` messages, into the next transaction. So a commit costs each call less the more
calls there are, and a single call waits for nobody.

What waits is bounded: a call reserves its bytes before they are read, and is refused while others
hold ``ROOM_BYTES`` (back-pressure before memory). While the store is away every call is refused at
once, and the store is tried again every ``PAUSE_S``. The sender calls again: the same event again
is a repeat, so it does not matter whether a transaction whose answer was lost had been committed.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Final, NamedTuple

from hoso.consumers.http.refusal import CallRefused
from hoso.consumers.http.verdicts import RECORDED, REPEAT, Verdict, judged, rejected
from hoso.consumers.intake.keeping import keep
from hoso.consumers.intake.national import Status, stored_record
from hoso.consumers.intake.record import (
    EVENTS,
    Format,
    IntakeContext,
    Validated,
    record,
    validate_messages,
)
from hoso.consumers.store.backend import StoreError, StoreUnavailable
from hoso.consumers.store.identities import IdentityIndex
from hoso.consumers.store.log import Reject, Store, Writer

ROOM_BYTES: Final = 64_000_000  # of all calls that are read, or wait
MOST_IN_GROUP: Final = 5_000  # messages in a transaction, but for the last call's
PAUSE_S: Final = 1.0  # between attempts while the store is away
FULL, AWAY = 429, 503
RETRY_AFTER_S: Final = 1
REMEMBERED_REJECTS: Final = 100_000


class Call(NamedTuple):
    """Messages of one call: their format, their bytes, and the call's own id, by which a person
    finds its rejects."""

    id: str
    format: Format
    messages: Sequence[bytes]


class _Waiting(NamedTuple):
    """A call that waits for its verdicts."""

    call: Call
    verdicts: Future[list[Verdict]]


class Receiver:
    """Records the events of calls in a store. Close it, or use it as a context manager: what was
    taken is recorded before it closes."""

    def __init__(
        self, open_store: Callable[[], Store], new_context: Callable[[Format], IntakeContext]
    ) -> None:
        """``open_store`` opens the store for the thread that writes; it is called again after a
        fault. ``new_context`` says how messages are read now."""
        self._open_store, self._new_context = open_store, new_context
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._held_bytes = 0
        self._lock = Lock()
        self._is_closing = self._has_ended = False
        self._away_until_s, self._why_away = 0.0, ""
        self._kept: dict[int, None] = {}  # hashes of rejects that were kept, the oldest first
        self._thread = Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Record what was taken, and refuse what comes now."""
        with self._lock:
            self._is_closing = True
            self._queue.put(None)
        self._thread.join()

    @contextmanager
    def room(self) -> Iterator[Callable[[int], None]]:
        """While a call is read and waits: yields the function by which it reserves bytes before it
        holds them, which raises ``CallRefused`` if there is no room."""
        held = 0

        def reserve(size_bytes: int) -> None:
            nonlocal held
            self._reserve(size_bytes)
            held += size_bytes

        try:
            yield reserve
        finally:
            with self._lock:
                self._held_bytes -= held

    def _reserve(self, size_bytes: int) -> None:
        with self._lock:
            if self._held_bytes + size_bytes > ROOM_BYTES:
                fault = "too many events wait to be recorded: send them again"
                raise CallRefused(FULL, fault, RETRY_AFTER_S)
            self._held_bytes += size_bytes

    def take(self, call: Call) -> Future[list[Verdict]]:
        """The verdicts on the messages of a call, in their order, once they are on disk.

        Raises ``CallRefused`` at once, or by the future, if the store is away.
        """
        with self._lock:
            if self._is_closing:
                raise _away("hoso is stopping")
            if monotonic() < self._away_until_s:
                raise _away(self._why_away)
            waiting = _Waiting(call, Future())
            waiting.verdicts.set_running_or_notify_cancel()  # a caller that leaves cancels nothing
            self._queue.put(waiting)
        return waiting.verdicts

    # --- The thread that writes --------------------------------------------------------------

    def _write(self) -> None:
        """Write group after group, until the receiver is closed and nothing waits."""
        while not self._has_ended:
            try:
                with self._open_store() as store:
                    self._write_into(store, IdentityIndex())
            except StoreError as error:
                self._stay_away(str(error))

    def _write_into(self, store: Store, index: IdentityIndex) -> None:
        """Write groups. Raises ``StoreUnavailable`` when the store has gone away."""
        while group := self._next_group():
            for part in _parts(group):
                calls = [waiting.call for waiting in part]
                try:
                    verdicts = self._record(store, index, calls)
                except StoreError as error:
                    _refuse(part, str(error))
                    if isinstance(error, StoreUnavailable):
                        _refuse(group, str(error))
                        raise
                except Exception as error:  # a fault of hoso's own: its callers are told, not all
                    for waiting in part:
                        waiting.verdicts.set_exception(error)
                else:
                    for waiting, answer in zip(part, verdicts, strict=True):
                        waiting.verdicts.set_result(answer)

    def _next_group(self) -> list[_Waiting]:
        """The calls that wait, at least one; none when the receiver is closed."""
        group: list[_Waiting] = []
        room = MOST_IN_GROUP
        while room > 0 and not self._has_ended:
            try:
                waiting = self._queue.get(block=not group)
            except Empty:
                break
            if waiting is None:
                self._has_ended = True
            else:
                group.append(waiting)
                room -= len(waiting.call.messages)
        return group

    def _record(
        self, store: Store, index: IdentityIndex, calls: Sequence[Call]
    ) -> list[list[Verdict]]:
        """Record calls of one format in one transaction. Raises ``StoreError``."""
        context = self._new_context(calls[0].format)
        examined = [_examine(call, context) for call in calls]
        rejects = [each for call in examined for each in call.rejects if self._is_unknown(each)]
        with store.writing() as writer:
            if calls[0].format == EVENTS:
                verdicts = _record_events(writer, index, examined)
            else:
                verdicts = _record_records(writer, examined, context)
            keep(writer, rejects, context.zone, raw=context.keep_raw)
        self._remember(rejects)
        return verdicts

    def _is_unknown(self, reject: Reject) -> bool:
        """Whether a reject was not kept before: a call that is sent again adds none."""
        return _fingerprint(reject) not in self._kept

    def _remember(self, rejects: Sequence[Reject]) -> None:
        self._kept.update(dict.fromkeys(map(_fingerprint, rejects)))
        while len(self._kept) > REMEMBERED_REJECTS:
            del self._kept[next(iter(self._kept))]

    def _stay_away(self, reason: str) -> None:
        """Refuse the calls that wait and those that come, for a while; or end."""
        self._why_away, self._away_until_s = reason, monotonic() + PAUSE_S
        while True:
            try:
                waiting = self._queue.get(timeout=max(0.0, self._away_until_s - monotonic()))
            except Empty:
                return
            if waiting is None:
                self._has_ended = True
                return
            _refuse([waiting], reason)


class _Examined(NamedTuple):
    """The messages of a call, looked at each by itself: ``parts`` has the events or the records of
    each message in their order, or the verdict on it if it is a reject."""

    parts: list[Validated | Verdict]
    rejects: list[Reject]


def _examine(call: Call, context: IntakeContext) -> _Examined:
    examined = _Examined([], [])
    for number, message in enumerate(call.messages, 1):
        found = validate_messages([message], partial(_origin, call.id, number), context)
        if found.rejects:
            examined.rejects.extend(found.rejects)
            examined.parts.append(rejected(found.rejects[0].reason))
        else:
            examined.parts.append(found)
    return examined


def _origin(call_id: str, number: int, _: int) -> str:
    """Where a person finds a message: ``http:CALL:17``, the 17th of a call."""
    return f"http:{call_id}:{number}"


def _record_events(
    writer: Writer, index: IdentityIndex, examined: Sequence[_Examined]
) -> list[list[Verdict]]:
    """Append the events of calls that the log does not have; the verdicts of each call."""
    index.catch_up(writer)
    valid = [p for call in examined for p in call.parts if isinstance(p, Validated)]
    new, verdicts = judged(writer, index, writer.known([e for p in valid for e in p.entries]))
    writer.append(new)
    each = iter(verdicts)
    return [[p if isinstance(p, Verdict) else next(each) for p in c.parts] for c in examined]


def _record_records(
    writer: Writer, examined: Sequence[_Examined], context: IntakeContext
) -> list[list[Verdict]]:
    """Record what records of the national portal add; the verdicts of each call. A record that was
    kept before is a repeat, and so is one of a dossier that is not received yet."""
    records = [
        r for call in examined for p in call.parts if isinstance(p, Validated) for r in p.records
    ]
    known = writer.kept_records_of({writer.pseudonyms.known_as(r.code) for r in records})
    bodies = {code: {record.body for record in kept} for code, kept in known.items()}

    def verdict(part: Validated) -> Verdict:
        word = REPEAT
        for each in part.records:
            body = stored_record(each)
            kept = bodies[writer.pseudonyms.known_as(each.code)]
            if each.status != Status.NEW and body not in kept:
                kept.add(body)
                word = RECORDED
        return word

    verdicts = [[p if isinstance(p, Verdict) else verdict(p) for p in c.parts] for c in examined]
    record(writer, Validated([], records, []), context)
    return verdicts


def _parts(group: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """The calls of a group that share a transaction: those with events all one, others each its
    own, so that a fault of one dossier's records stays with it."""
    events = [waiting for waiting in group if waiting.call.format == EVENTS]
    others = [[waiting] for waiting in group if waiting.call.format != EVENTS]
    return [events, *others] if events else others


def _fingerprint(reject: Reject) -> int:
    return hash((reject.format, reject.reason, reject.raw))


def _refuse(group: Sequence[_Waiting], reason: str) -> None:
    """Refuse calls that have no answer yet."""
    for waiting in group:
        if not waiting.verdicts.done():
            waiting.verdicts.set_exception(_away(reason))


def _away(reason: str) -> CallRefused:
    return CallRefused(AWAY, f"{reason}; nothing is lost: send the events again", RETRY_AFTER_S)

"""How is a consumer, or another command, started in no time, to be struck at a chosen point?

A process that has imported all of ``hoso`` forks a copy of itself for each: the real code, in a
process of its own, in 20 ms instead of a second. Where a test asks for it, the copy signals itself
at a point in the life of its batches: that is watched from outside, the code knows nothing of it.

It is told what to start, or whom to wait for, in JSON lines on its input, and answers each with a
process's id or exit status. When its input ends, so does it, and its children with it.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Timer, get_ident
from typing import Any, BinaryIO, NamedTuple

import hoso.consumers.intake.national
import hoso.consumers.kafka.client
import hoso.consumers.store.postgres
import hoso.consumers.store.sqlite
import hoso.tools.jobs.archive
import hoso.tools.jobs.consume
import hoso.tools.jobs.report
from hoso.consumers.kafka.topic import Topic
from hoso.consumers.store.log import Store, Writer
from hoso.projections import atomic
from hoso.projections.archive import files, manifest, writer
from hoso.tools import cli
from hoso.tools.runtime.calendar import calendar

BEFORE_INSERT = "before the insert"
WITHIN_INSERT = "within the insert"
BEFORE_COMMIT = "between insert and commit"
AFTER_COMMIT = "after the commit"
BEFORE_POLL = "before the next poll"
POINTS = (BEFORE_INSERT, WITHIN_INSERT, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_POLL)
# Of an archive, and of whatever file is written whole: papers, manifests, kept files.
AFTER_FILE = "after a file of events"
BEFORE_MANIFEST = "before the manifest"
AFTER_MANIFEST = "after the manifest"
BEFORE_NAME = "before a file takes its name"
AFTER_NAME = "after a file took its name"
LOADED = (
    hoso.consumers.intake.national,
    hoso.consumers.store.postgres,
    hoso.consumers.store.sqlite,
    hoso.tools.jobs.archive,
    hoso.tools.jobs.consume,
    hoso.tools.jobs.report,
)


class Strike(NamedTuple):
    """A signal that a process sends itself, at a point of its n-th batch or some time after."""

    signal: int
    point: str
    batch: int = 1
    delay_s: float = 0.0


class Order(NamedTuple):
    """What to start: the arguments of ``hoso``, where its output goes, its environment, which of
    the numbers in ``hoso.consumers.kafka.consume.client`` are others for it, and what strikes
    it."""

    arguments: list[str]
    log: str
    environment: dict[str, str]
    numbers: dict[str, int]
    strike: Strike | None


def serve() -> None:
    """Start and wait for consumers, as told. Returns in each of them, and at the end."""
    while line := sys.stdin.readline():
        match json.loads(line):
            case {"wait": int(process)}:
                answer = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            case {"start": [*order]}:
                answer = os.fork()
                if not answer:
                    become(Order(*order))
                    return
        print(answer, flush=True)


def become(order: Order) -> None:
    """Be a consumer."""
    for stream, path in enumerate((os.devnull, order.log, order.log)):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(file, stream)
        os.close(file)
    os.chdir(Path(order.log).parent)
    os.environ.clear()
    os.environ.update(order.environment)
    for name, number in order.numbers.items():
        assert hasattr(hoso.consumers.kafka.client, name)
        setattr(hoso.consumers.kafka.client, name, number)
    if order.strike is not None:
        watch(striking(Strike(*order.strike)))
    sys.argv = ["hoso", *order.arguments]
    cli.main()


def striking(strike: Strike) -> Callable[[str], None]:
    """What strikes when it has been told often enough that its point is reached."""
    batches = count(1)

    def reached(point: str) -> None:
        if point == strike.point and next(batches) == strike.batch:
            if strike.delay_s:
                Timer(strike.delay_s, hit, (strike.signal,)).start()
            else:
                hit(strike.signal)

    return reached


def hit(number: int) -> None:
    """Signal this process; of a stop, this thread, or it would go on for a moment."""
    if number == signal.SIGSTOP:
        signal.pthread_kill(get_ident(), number)
    else:
        os.kill(os.getpid(), number)


def watch(reached: Callable[[str], None]) -> None:
    """Tell of each point that a batch reaches."""
    writing, append, fetch = Store.writing, Writer.append, Topic.fetch

    @contextmanager
    def watched_writing(store: Store) -> Iterator[Writer]:
        with writing(store) as writer:
            reached(BEFORE_INSERT)
            yield writer
            reached(BEFORE_COMMIT)
        reached(AFTER_COMMIT)

    def watched_append(writer: Writer, *arguments: Any) -> None:
        append(writer, *arguments)
        reached(WITHIN_INSERT)

    def watched_fetch(topic: Topic, *arguments: Any) -> list[Any]:
        reached(BEFORE_POLL)
        return fetch(topic, *arguments)

    watch_files(reached)
    setattr(Store, "writing", watched_writing)  # noqa: B010 # a method is not to be assigned to
    setattr(Writer, "append", watched_append)  # noqa: B010
    setattr(Topic, "fetch", watched_fetch)  # noqa: B010


def watch_files(reached: Callable[[str], None]) -> None:
    """Tell of each point that an archive, or another file, reaches while it is written."""
    replacing, write_file = atomic.replacing, files.write_file
    write_manifest = manifest.write_manifest

    @contextmanager
    def watched_replacing(*arguments: Any) -> Iterator[BinaryIO]:
        with replacing(*arguments) as file:
            yield file
            reached(BEFORE_NAME)
        reached(AFTER_NAME)

    def watched_file(*arguments: Any) -> manifest.File:
        file = write_file(*arguments)
        reached(AFTER_FILE)
        return file

    def watched_manifest(*arguments: Any) -> None:
        reached(BEFORE_MANIFEST)
        write_manifest(*arguments)
        reached(AFTER_MANIFEST)

    setattr(atomic, "replacing", watched_replacing)  # noqa: B010
    setattr(writer, "write_file", watched_file)  # noqa: B010
    setattr(writer, "write_manifest", watched_manifest)  # noqa: B010


if __name__ == "__main__":
    calendar()
    gc.freeze()  # what a copy does not look through stays shared
    serve()

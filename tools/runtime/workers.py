"""How is work shared among the cores? In processes or threads, results in the order of the work."""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import parent_process
from threading import Thread
from typing import Final, TypeVar

from hoso.domain.errors import UserError

T = TypeVar("T")
R = TypeVar("R")
AHEAD: Final = 2  # pieces in work, or done and not yet asked for, for each core


@contextmanager
def shared(work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[Iterator[R]]:
    """The result of some work on each piece, in order; a single piece is worked on right here.

    Pieces are taken as they are needed, so that no more than a few are held at a time. What a
    piece's work raises is raised when its result is asked for. A database is better opened inside
    of this: by then the processes are forked, which open connections do not survive.
    """
    remaining = iter(pieces)
    start = list(islice(remaining, 2))
    number = cores()
    if len(start) < 2 or number == 1:
        yield map(work, chain(start, remaining))
        return
    pool = ProcessPoolExecutor(number, initializer=_begin_work)
    try:
        begun = deque(pool.submit(work, piece) for piece in start)
        yield _results(pool, work, begun, remaining, AHEAD * number)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def worker() -> Iterator[Executor]:
    """A process that works beside this one, forked before there are threads or connections here;
    where there is one core only, a thread.

    Raises ``UserError`` where the process was killed.
    """
    if cores() == 1:
        with ThreadPoolExecutor(1) as thread:
            yield thread
        return
    pool = ProcessPoolExecutor(1, initializer=_begin_work)
    try:
        pool.submit(cores).result()
        yield pool
    except BrokenProcessPool:
        fault = "the process that judges messages was killed; nothing is lost, start again"
        raise UserError(fault) from None
    finally:
        pool.shutdown(cancel_futures=True)


def side_by_side(work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
    """The result of some work on each piece, in order: in threads, for work that other threads can
    go on beside. No more than a few results are held at a time."""
    with ThreadPoolExecutor(cores()) as threads:
        yield from _results(threads, work, deque(), pieces, cores())


def _results(
    pool: Executor,
    work: Callable[[T], R],
    waiting: deque[Future[R]],
    remaining: Iterable[T],
    ahead: int,
) -> Iterator[R]:
    for piece in remaining:
        waiting.append(pool.submit(work, piece))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def cores() -> int:
    """How many cores this process may use, where the system tells; or how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin_work() -> None:
    """Signals are the parent's to deal with; and when it dies, however it dies, so do we.

    Events hold no circles, and looking for some would take a third of the time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.disable()
    Thread(target=_die_after_the_parent, daemon=True).start()


def _die_after_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

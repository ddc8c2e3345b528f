"""Runs work on all cores, in processes or in threads. Results come in the order of the work."""

import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from threading import Lock, Thread, current_thread, main_thread
from typing import Final, TypeVar

from hoso.domain.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")
ITEMS_PER_CORE: Final = 2  # in work, or done and waiting to be taken
# A forked process starts in a few milliseconds, with all that is imported here; a spawned one would
# import it again, for a second. Named, as Python's own choice differs from version to version.
# Forking is safe on Linux only.
START_METHOD: Final = "fork" if sys.platform == "linux" else "spawn"


@contextmanager
def process_map(
    work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Iterator[Result]]:
    """Apply ``work`` to each item in worker processes; yields an iterator of the results, in order.

    A single item is worked on in this process, and so is everything outside the main thread. Items
    are taken as they are needed, so that only a few are in memory. What ``work`` raises is raised
    when its result is taken.

    Open a database inside this context, not around it: workers must not inherit a connection.
    """
    remaining = iter(items)
    first = list(islice(remaining, 2))
    number = cores()
    # A server asks in threads. There is no forking there: another thread may hold a lock.
    if len(first) < 2 or number == 1 or current_thread() is not main_thread():
        yield map(work, chain(first, remaining))
        return
    pool = _pool(number)
    try:
        with _no_interrupt():  # the first call starts the processes
            futures = deque([pool.submit(work, first[0])])
        futures.append(pool.submit(work, first[1]))
        yield _results(pool, work, futures, remaining, ITEMS_PER_CORE * number)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def worker_process() -> Iterator[Executor]:
    """Yields an executor with one worker process; with one thread where there is one core only.

    Enter this context before there are threads or connections: the process must not inherit them.

    Raises ``UserError`` if the process is killed.
    """
    if cores() == 1:
        with ThreadPoolExecutor(1) as thread:
            yield thread
        return
    pool = _pool(1)
    try:
        with _no_interrupt():
            started = pool.submit(cores)
        started.result()
        yield pool
    except BrokenProcessPool:
        fault = "the process that judges messages was killed; nothing is lost, start again"
        raise UserError(fault) from None
    finally:
        pool.shutdown(cancel_futures=True)


def thread_map(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Apply ``work`` to each item in threads; the results come in order, a few ahead.

    It is for work that releases the interpreter's lock.
    """
    with ThreadPoolExecutor(cores()) as threads:
        yield from _results(threads, work, deque(), items, cores())


def one_at_a_time(items: Iterable[Item]) -> Iterator[Item]:
    """The same items for several threads, each of which takes the next one."""
    lock, remaining = Lock(), iter(items)

    class Shared(Iterator[Item]):
        def __next__(self) -> Item:
            with lock:
                return next(remaining)

    return Shared()


def _results(
    pool: Executor,
    work: Callable[[Item], Result],
    futures: deque[Future[Result]],
    remaining: Iterable[Item],
    ahead: int,
) -> Iterator[Result]:
    for item in remaining:
        futures.append(pool.submit(work, item))
        if len(futures) > ahead:
            yield futures.popleft().result()
    while futures:
        yield futures.popleft().result()


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- Worker processes ----------------------------------------------------------------------------


def _pool(number: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(number, get_context(START_METHOD), initializer=_begin_worker)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back in this thread, and in the processes that start meanwhile.

    A worker that begins to run must not report an interrupt: it is the parent's to deal with.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Leave signals to the parent, and end with it, however it ends.

    A worker looks for no reference cycles: events have none, and it would take a third of the time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.disable()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

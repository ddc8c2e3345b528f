"""How is work shared among the cores? In processes, results in the order of the work."""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import parent_process
from threading import Thread
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")
AHEAD: Final = 2  # pieces in work, or done and not yet asked for, for each core


def shared(work: Callable[[T], R], pieces: Iterable[T]) -> Generator[R, None, None]:
    """The result of some work on each piece, in order; a single piece is worked on right here.

    Pieces are taken as they are needed, so that no more than a few are held at a time. What a
    piece's work raises is raised when its result is asked for. Close it (``contextlib.closing``)
    where not all results may be asked for.
    """
    remaining = iter(pieces)
    start = list(islice(remaining, 2))
    cores = len(os.sched_getaffinity(0))
    if len(start) < 2 or cores == 1:
        yield from map(work, chain(start, remaining))
        return
    pool = ProcessPoolExecutor(cores, initializer=_stay_with_the_parent)
    waiting: deque[Future[R]] = deque()
    try:
        for piece in chain(start, remaining):
            waiting.append(pool.submit(work, piece))
            if len(waiting) > AHEAD * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _stay_with_the_parent() -> None:
    """Interrupts are the parent's to deal with; and when it dies, however it dies, so do we."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_after_the_parent, daemon=True).start()


def _die_after_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

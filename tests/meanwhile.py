"""What goes on while a test does something else?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread


@contextmanager
def meanwhile(work: Callable[[Signal], None]) -> Iterator[None]:
    """Some work in a thread of its own, until it is told to stop as the context ends."""
    stop = Signal()
    thread = Thread(target=work, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()

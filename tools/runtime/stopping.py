"""Lets a process that serves finish what it does when it is told to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_requested() -> Iterator[Event]:
    """While this context lasts, SIGTERM and Ctrl-C set the event that it yields.

    The second signal does what the first one did before.
    """
    stop, handlers = Event(), {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def request_stop(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, handlers[signal.Signals(number)])

    for number in STOP_SIGNALS:
        signal.signal(number, request_stop)
    try:
        yield stop
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, handlers[number])

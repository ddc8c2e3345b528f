"""Sets up the process that the command line runs in: interrupts, streams, garbage collection.

These settings belong to a whole process, so only the entry of the command line calls this module.
Nothing that a user of the Python API calls may import it (a test shows that the API changes none).
It imports nothing that takes time: an interrupt is dealt with before anything else is imported.
"""

import gc
import os
import signal
import sys

TYPE_CHECKING = False  # as in ``typing``, which takes time to import
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn, TextIO

INTERRUPTED = 130  # exit status: 128 and the number of SIGINT, as shells have it
GC_START_OBJECTS = 100_000  # while a command starts: what is imported stays
GC_CONSUMER_OBJECTS = 200_000  # while a consumer runs: batches have no reference cycles
SWITCH_INTERVAL_S = 0.0005  # a database that has answered does not wait while messages are read
RETRY_INTERRUPT_S = 0.02

_received: list[int] = []  # the interrupts so far


def set_up() -> None:
    """Set up this process for a command."""
    exit_on_interrupt()
    _open_streams()
    # Python looks for reference cycles among everything that is imported: a tenth of the start.
    gc.set_threshold(GC_START_OBJECTS)
    # Arrays would take memory that they never write to, 2 MB at a time. numpy reads this once.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    sys.meta_path.insert(0, _WithoutPandas())


def set_up_consumer() -> None:
    """Set up this process for a consumer: one thread reads from Kafka, one writes to the store."""
    gc.set_threshold(GC_CONSUMER_OBJECTS)
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def finish(status: int) -> "NoReturn":
    """End this process with a status.

    After an interrupt it ends at once: worker processes end with it, and what an ordinary exit
    waits for (threads, handlers) could print a traceback.
    """
    exit_on_interrupt()
    if was_interrupted():
        os._exit(INTERRUPTED)
    gc.freeze()  # all memory is freed now: to look for reference cycles first would take 0.15 s
    sys.exit(status)


# --- Interrupts ----------------------------------------------------------------------------------


def exit_on_interrupt() -> None:
    """Let Ctrl-C end this process at once: nothing has begun that must be undone, or all is done.

    A process that was started to ignore interrupts (``nohup``, a background job) still does.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _exit)


class Interruptible:
    """While this context lasts, Ctrl-C raises ``KeyboardInterrupt``, so that files that are written
    in part are removed and transactions rolled back."""

    def __enter__(self) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            return
        sys.excepthook = _without_interrupts
        sys.unraisablehook = _raise_later
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, _raise)
        signal.signal(signal.SIGINT, _raise)

    def __exit__(self, *_: object) -> None:
        exit_on_interrupt()


def was_interrupted() -> bool:
    """Whether a command was interrupted."""
    return bool(_received)


def _exit(number: int, frame: "FrameType | None") -> None:
    os._exit(INTERRUPTED)


def _raise(number: int, frame: "FrameType | None") -> None:
    _received.append(number)
    raise KeyboardInterrupt


def _without_interrupts(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """Report an exception that nobody caught; of an interrupt there is nothing to report."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]


def _raise_later(unraisable: "sys.UnraisableHookArgs") -> None:
    """Report an exception that cannot be raised where it happened: in a destructor or a callback.

    An interrupt that happened there is raised again a moment later, somewhere else.
    """
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
    elif hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, RETRY_INTERRUPT_S)


# --- Streams and imports -------------------------------------------------------------------------


def _open_streams() -> None:
    """Write UTF-8 whatever the locale; and write somewhere where a stream was closed."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _nowhere() -> "TextIO":
    return open(os.devnull, "w")  # noqa: PTH123 # pathlib takes time to import


def drop_output() -> None:
    """Write nothing more to standard output, at exit either: nobody reads it, or it has no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _WithoutPandas:
    """Finds no pandas: no command needs it, and pyarrow would import it, which takes 0.5 s."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("no command needs pandas", name=name)

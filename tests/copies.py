"""How does a command run in a process of its own, and in no time?

A process that has imported all of ``hoso`` forks a copy of itself for each: the real code, with its
own folder, environment, streams and exit status, in 30 ms instead of a second. What this leaves
open is whether a command finds what it needs when it starts from nothing: test_starting shows it.

It is told what to start, or whom to wait for, in JSON, and answers each with a process's id or exit
status. When whoever tells it is gone, so is it.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import hoso
from hoso.projections.kernels.run import NATIVE
from hoso.tools import cli
from hoso.tools.runtime.calendar import calendar
from tests.services.processes import PATIENCE_S, leash

ROOT = Path(__file__).parents[1]
LONGEST = 1 << 20  # bytes of an order: arguments and environment
# What is imported only where it is needed; of hoso's own packages, all is.
LATER = ("rich.console", "rich.progress", "rich.table", "zoneinfo", "concurrent.futures.process")


class Copies:
    """Starts commands, each a copy of a process that stands ready."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = Lock()
        with theirs:
            number = theirs.fileno()
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.copies", str(number)],
                cwd=ROOT,
                env=environment,
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._process, self._leash = process, leash(process)

    def end(self) -> None:
        """Have the process that stands ready go."""
        self._orders.close()
        self._process.wait(PATIENCE_S)
        self._leash.kill()
        self._leash.communicate()

    def run(
        self,
        folder: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        stdin: bytes,
        patience_s: float,
    ) -> tuple[int, bytes, bytes]:
        """Run a command; returns its exit status, or minus the signal that ended it, and what it
        wrote to standard output and standard error."""
        (read, stdin_end), (out_end, write), (err_end, write_too) = (os.pipe() for _ in range(3))
        order = {"start": [str(folder), list(arguments), dict(environment)]}
        process = self._ask(order, (read, write, write_too))
        for end in (read, write, write_too):
            os.close(end)
        with ThreadPoolExecutor(3) as pumps:
            pumps.submit(_written, stdin_end, stdin)
            out, err = pumps.submit(_read, out_end), pumps.submit(_read, err_end)
            status = self._wait(process, arguments, patience_s)
            return status, out.result(), err.result()

    def _wait(self, process: int, arguments: Sequence[str], patience_s: float) -> int:
        end = os.pidfd_open(process)
        in_time = select.select([end], [], [], patience_s)[0]
        if not in_time:
            os.kill(process, signal.SIGKILL)
            select.select([end], [], [])
        os.close(end)
        status = self._ask({"wait": process})
        if not in_time:
            raise subprocess.TimeoutExpired(["hoso", *arguments], patience_s)
        return status

    def _ask(self, what: Mapping[str, Any], streams: Sequence[int] = ()) -> int:
        """Have something done that takes no time."""
        with self._lock:
            socket.send_fds(self._orders, [json.dumps(what).encode()], streams)
            return int(self._orders.recv(LONGEST))


def _written(file: int, content: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(file, "wb") as stream:
        stream.write(content)


def _read(file: int) -> bytes:
    with os.fdopen(file, "rb") as stream:
        return stream.read()


# --- The process that stands ready ---------------------------------------------------------------


def serve(orders: socket.socket) -> None:
    """Start and wait for commands, as told. Returns in each of them, and at the end."""
    while True:
        order, streams, _, _ = socket.recv_fds(orders, LONGEST, 3)
        match json.loads(order or b"null"):
            case {"wait": int(process)}:
                answer = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            case {"start": [folder, arguments, environment]}:
                answer = os.fork()
                if not answer:
                    orders.close()
                    become(folder, arguments, environment, streams)
                    return
            case _:
                return
        for stream in streams:
            os.close(stream)
        orders.send(str(answer).encode())


def become(
    folder: str, arguments: list[str], environment: dict[str, str], streams: Sequence[int]
) -> None:
    """Be a command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # As they were made, they know the streams of the process that was copied.
    sys.stdin = open(0)  # noqa: SIM115
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["hoso", *arguments]
    sys.modules["__main__"].__package__ = None  # else it would call itself python -m tests.hoso
    cli.main()


def load() -> None:
    """Import and work out all that a command may need, but for what it may do without: whoever has
    the compiler loaded folds with it."""
    for module in pkgutil.walk_packages(hoso.__path__, "hoso."):
        if module.name not in (NATIVE, "hoso.projections.kernels.compiler"):
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    calendar()
    assert not {"numba", "pandas"} & set(sys.modules)
    gc.freeze()  # else each copy looks through all of it when it ends, for 0.3 s


if __name__ == "__main__":
    load()
    with socket.socket(fileno=int(sys.argv[1])) as told:
        serve(told)

"""How do the tests start a server of their own, and how does it die?

By SIGKILL, as in a crash; frozen (SIGSTOP), as one that hangs; or stopped as it should be. None
outlives the tests, however these end. It needs Linux.
"""

import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import pytest

PORTS = range(20_000, 32_000)  # below those that the system hands out for outgoing connections
PATIENCE_S = 150.0
PAUSE_S = 0.05
LAST_LINES = 30

# It waits until whoever holds the other end of its input is gone, and then kills a process group.
LEASH = 'read -r _; kill -s KILL -- "-$0"'


class NotStarted(Exception):
    """A server that is there does not come up."""


class Server(ABC):
    """A server that the tests start, in a folder of its own; or one elsewhere, only to be used."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, *, elsewhere: bool, user: str | None = None) -> None:
        self.name = name
        self.elsewhere = elsewhere
        self.user = user
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make what the first start needs."""

    @abstractmethod
    def command(self) -> list[str]:
        """What to run."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves by now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    @property
    def folder(self) -> Path:
        """Where its data and its log are; a folder that its user can reach and write to."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=f"hoso-{self.name}-"))
            if self.user:
                shutil.chown(self._folder, self.user)
        return self._folder

    @property
    def log(self) -> Path:
        """What it and its helpers say."""
        return self.folder / "log"

    def start(self) -> None:
        """Have it run and answer, on the port and the data it had before."""
        if self.elsewhere:
            return
        if self._process is None:
            self.prepare()
        if self.running():
            self.thaw()
        else:
            self._let_go()
            self._process = self._launch(self.command())
            self._leash = leash(self._process)
        self._wait_for_answer()

    def restart(self) -> None:
        """Stop it, if it runs, and start it again."""
        self.stop()
        self.start()

    def running(self) -> bool:
        """Whether there is a process, be it frozen."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Have it end in good order."""
        process = self._ours()
        if self.running():
            self.thaw()
            process.send_signal(self.stop_signal)
            process.wait(PATIENCE_S)
        self._let_go()

    def kill(self) -> None:
        """Crash it: neither it nor its children get to do anything more."""
        process = self._ours()
        if self.running():
            process.send_signal(signal.SIGSTOP)  # from here on it has no further children
            kill_at_once([*children(process.pid), process.pid])
            process.wait()
        self._let_go()

    def freeze(self) -> None:
        """Have it hang, with its connections open."""
        process = self._ours()
        process.send_signal(signal.SIGSTOP)
        send(signal.SIGSTOP, children(process.pid))

    def thaw(self) -> None:
        """Have it go on after it was frozen."""
        process = self._ours()
        send(signal.SIGCONT, [*children(process.pid), process.pid])

    def discard(self) -> None:
        """Leave nothing of it."""
        if self._process is not None:
            try:
                self.stop()
            finally:
                self.kill()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def run(self, command: list[str]) -> None:
        """Have a helper do its work, as the server's user."""
        status = self._launch(command).wait(PATIENCE_S)
        if status:
            raise NotStarted(f"{command[0]} exits with status {status}:\n{self._last_lines()}")

    def _ours(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            pytest.skip(f"{self.name}: only a server that the tests started is theirs to stop")
        return self._process

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then discard it
                user=self.user,
                group=self.user and pwd.getpwnam(self.user).pw_gid,
                extra_groups=[] if self.user else None,
            )

    def _wait_for_answer(self) -> None:
        patience_ends = time.monotonic() + PATIENCE_S
        while not self.answers():
            if not self.running() or time.monotonic() > patience_ends:
                raise NotStarted(f"{self.name} does not start:\n{self._last_lines()}")
            time.sleep(PAUSE_S)

    def _let_go(self) -> None:
        if self._leash is not None:
            self._leash.kill()
            self._leash.communicate()
            self._leash = None

    def _last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])


def leash(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """What kills a process group as soon as these tests are gone, even by SIGKILL."""
    return subprocess.Popen(
        ["sh", "-c", LEASH, str(process.pid)], stdin=subprocess.PIPE, start_new_session=True
    )


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for children in found for child in children.read_text().split()]


def send(what: signal.Signals, processes: list[int]) -> None:
    """Signal processes, some of which may have ended."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, what)


def kill_at_once(processes: list[int]) -> None:
    """SIGKILL processes, and wait until the last of them is dead."""
    with ExitStack() as stack:
        handles = []
        for process in processes:
            with suppress(ProcessLookupError):
                handles.append(os.pidfd_open(process))
                stack.callback(os.close, handles[-1])
        send(signal.SIGKILL, processes)
        for handle in handles:
            select.select([handle], [], [], PATIENCE_S)  # readable once the process is dead


def free_port() -> int:
    """A port of this machine's loopback that nobody listens on."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port

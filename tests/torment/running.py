"""How does a test run real consumers, strike them, and see what became of them?"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from tests.command import environment
from tests.services.processes import leash
from tests.torment.nursery import Order, Strike

ROOT = Path(__file__).parents[2]
PATIENCE_S = 150.0
PAUSE_S = 0.02
# A member that says nothing for this long loses its partitions: as soon as the broker allows.
SHORT_SESSION = {
    "HOSO_KAFKA_SESSION_TIMEOUT_MS": "1500",
    "HOSO_KAFKA_HEARTBEAT_INTERVAL_MS": "300",
}

NONE: Mapping[str, str] = {}


class Hung(AssertionError):
    """Something did not come about in time."""


class Place(NamedTuple):
    """From where to where a consumer reads."""

    servers: str
    topic: str
    store: str
    group: str = "hoso"

    def arguments(self, *more: str) -> list[str]:
        """The command that reads there."""
        where = ["--topic", self.topic, "--bootstrap-servers", self.servers]
        return [
            "consume",
            *where,
            "--store",
            self.store,
            "--group",
            self.group,
            "--keep-raw",
            *more,
        ]


class Nursery:
    """Starts consumers; whoever still runs at its end is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Consumer] = []
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torment.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._leash = leash(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._process.communicate(timeout=PATIENCE_S)
        self._leash.kill()
        self._leash.communicate()

    def kill(self) -> None:
        """Leave none of the consumers alive."""
        for consumer in self._started:
            consumer.kill()
            consumer.wait()

    def consumer(
        self,
        place: Place,
        *more: str,
        at_most: int | None = None,
        answer_ms: int | None = None,
        strike: Strike | None = None,
        settings: Mapping[str, str] = NONE,
    ) -> "Consumer":
        """Start a consumer: so many messages make a batch at most, and for so long it waits for a
        broker's answer."""
        chosen = {"POLL_MESSAGES": at_most, "REQUEST_TIMEOUT_MS": answer_ms}
        numbers = {name: number for name, number in chosen.items() if number is not None}
        said = {**SHORT_SESSION, **settings}
        return self.command(self._folder, place.arguments(*more), strike, said, numbers)

    def command(
        self,
        folder: Path,
        arguments: list[str],
        strike: Strike | None = None,
        settings: Mapping[str, str] = NONE,
        numbers: Mapping[str, int] = MappingProxyType({}),
    ) -> "Consumer":
        """Start any command in a folder."""
        log = folder / f"command-{len(self._started)}.log"
        order = Order(arguments, str(log), environment(**settings), dict(numbers), strike)
        consumer = Consumer(self, self.ask({"start": order}), log, strike)
        self._started.append(consumer)
        return consumer

    def ask(self, what: dict[str, Any]) -> int:
        """Have the process do something that takes no time."""
        process = self._process
        assert process.stdin
        assert process.stdout
        with self._lock:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()
            return int(process.stdout.readline())


class Consumer:
    """A consumer that was started. It is a zombie until somebody waits for it, so that its id is
    not another's."""

    def __init__(self, nursery: Nursery, process: int, log: Path, strike: Strike | None) -> None:
        self._nursery = nursery
        self.process = process
        self.log = log
        self.strike = strike
        self.frozen_since: float | None = None
        self._end = os.pidfd_open(process)
        self._status: int | None = None

    def running(self) -> bool:
        """Whether it lives, be it frozen."""
        return self._status is None and not select.select([self._end], [], [], 0)[0]

    def frozen(self) -> bool:
        """Whether it has been stopped by SIGSTOP."""
        if not self.running():
            return False
        stat = Path(f"/proc/{self.process}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it is still there."""
        if self._status is None:
            os.kill(self.process, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP."""
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.send(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send(signal.SIGTERM)

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Its exit status, or minus the signal that ended it."""
        if self._status is None:
            if not select.select([self._end], [], [], patience_s)[0]:
                self.kill()
                raise Hung(f"a consumer has not ended within {patience_s} s:\n{self.output()}")
            self._status = self._nursery.ask({"wait": self.process})
            os.close(self._end)
        return self._status

    def output(self) -> str:
        """All that it has written."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def told(self, what: str) -> list[dict[str, Any]]:
        """What it has logged under a name."""
        lines = [line for line in self.output().splitlines(keepends=True) if line[0] == "{"]
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [event for event in events if event["event"] == what]

    def last_line(self) -> str:
        """The last line that it has written."""
        return (self.output().splitlines() or [""])[-1]

    def tells(self, what: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until it has logged something."""
        until(lambda: bool(self.told(what)), self.output, patience_s)

    def freezes(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until it has frozen itself."""
        until(self.frozen, self.output, patience_s)


def until(
    is_so: Callable[[], bool], why_not: Callable[[], str], patience_s: float = PATIENCE_S
) -> None:
    """Wait until something is so."""
    patience_ends = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > patience_ends:
            raise Hung(f"not so within {patience_s} s:\n{why_not()}")
        time.sleep(PAUSE_S)

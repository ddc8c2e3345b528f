"""A server of its own for tests: ``hoso serve`` as a process on a free port, or the application in
this process."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.command import HOSO, environment

PATIENCE_S = 30
EVENTS = "events.jsonl"  # of the province that the tests of pages share
REGISTRY = "agencies.csv"
ADDRESS = re.compile(r"http://\S+")


class Server(NamedTuple):
    """A started server: its address, and its process."""

    address: str
    process: "subprocess.Popen[str]"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer at a path; redirections are not followed."""
        return httpx.get(self.address + path, headers=headers, timeout=PATIENCE_S)


@contextmanager
def started(folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server with some arguments of ``hoso serve``, working in a folder; it ends with the
    block."""
    process = subprocess.Popen(
        [HOSO, "serve", "--port", "0", *arguments],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = ADDRESS.search(line)
        assert found, f"the server says no address: {line!r}"
        yield Server(found[0], process)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
        process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()

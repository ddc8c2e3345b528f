"""A server of its own for tests: ``hoso serve`` as a process on a free port, or the application in
this process."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from starlette.types import Receive, Scope, Send

from hoso.tools.serve.access.visitor import LOCAL, Visitor
from hoso.tools.serve.application import application
from hoso.tools.serve.page import Serving
from hoso.tools.serve.server import serving
from tests.command import HOSO, environment

PATIENCE_S = 30
EVENTS = "events.jsonl"  # of the province that the tests of pages share
REGISTRY = "agencies.csv"
ADDRESS = re.compile(r"https?://\S+")


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


class Inside:
    """The application in this process, as a visitor has it: without a port and a guard."""

    def __init__(self, served: Serving, visitor: Visitor = LOCAL) -> None:
        self._app, self._visitor = application(served), visitor

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer at a path; redirections are not followed."""
        with ThreadPoolExecutor(1) as thread:  # a browser of other tests has a loop in this one
            return thread.submit(asyncio.run, self._get(path, headers)).result()

    async def _get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._as_visitor)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            return await client.get(path, headers=headers)

    async def _as_visitor(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["visitor"] = self._visitor
        await self._app(scope, receive, send)


def inside(source: str, registry: str | None = None, visitor: Visitor = LOCAL) -> Inside:
    """The application that serves a source, in this process."""
    return Inside(serving([source], registry, skip_rejects=False, cache=True), visitor)

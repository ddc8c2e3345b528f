"""Connections of a server: a new one has room, because the one that waited longest goes."""

import asyncio
from contextlib import suppress
from typing import Any

import uvicorn

from hoso.tools.serve.access.connections import bounded

MOST = 5


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


async def stuck(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/stuck":
        await asyncio.sleep(30)
    await hello(scope, receive, send)


class Serving:
    """A server in this loop, on a port of its own."""

    async def __aenter__(self) -> int:
        config = uvicorn.Config(
            stuck, port=0, http=bounded(MOST), log_config=None, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup()
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.force_exit = True
        for task in self._server.server_state.tasks:
            task.cancel()
        for each in self._server.servers:
            each.close()


async def ask(port: int, path: str = "/") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return reader, writer


def test_the_connection_that_waited_longest_makes_room() -> None:
    async def run() -> None:
        async with Serving() as port:
            waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST)]
            await asyncio.sleep(0.1)
            reader, _ = await ask(port)
            assert (await reader.read(100)).startswith(b"HTTP/1.1 200 OK")
            longest, *others = (reader for reader, _ in waiting)
            assert await longest.read() == b""
            assert not any(other.at_eof() for other in others)

    asyncio.run(run())


def test_where_all_are_at_work_a_new_one_is_refused_and_told_when_to_come_again() -> None:
    async def run() -> None:
        async with Serving() as port:
            busy = [await ask(port, "/stuck") for _ in range(MOST)]
            await asyncio.sleep(0.2)
            reader, _ = await ask(port)
            told = await reader.read(200)
            assert told.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 5" in told
            assert not any(other.at_eof() for other, _ in busy)

    asyncio.run(run())


def test_many_requests_at_once_on_one_connection_end_it() -> None:
    async def run() -> None:
        async with Serving() as port:
            reader, writer = await ask(port, "/stuck")
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000)
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 5) == b""

    asyncio.run(run())

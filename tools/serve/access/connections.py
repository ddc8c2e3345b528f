"""Bounds what one connection, and all of them together, can take from the server.

uvicorn reads a head of any length, waits for it for ever, and holds any number of connections. Here
a head has limited bytes and seconds, a body seconds, and a reader seconds to take what waits. At
``most`` connections, the one that has waited longest without a request makes room for the new one;
if all are at work, the new one is refused.
"""

import asyncio
import resource
import ssl
from asyncio import sslproto
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 65_536
HEAD_S: Final = 10.0
BODY_S: Final = 120.0
READER_S: Final = 60.0  # a reader takes nothing for so long
LINGER_S: Final = 2.0  # for a sender to read why its body was not taken
HANDSHAKE_S: Final = 10.0
TLS_BUFFER_BYTES: Final = 32_768  # two records
MOST_PIPELINED: Final = 16  # requests of one connection that wait for an answer
MOST_CONNECTIONS: Final = 4_000
OTHER_FILES: Final = 256  # file descriptors for all that is no connection
NOTHING_MORE: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + NOTHING_MORE
BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n" + NOTHING_MORE


class BoundedConnection(HttpToolsProtocol):
    """A connection whose head, body and reader are bounded.

    ``waiting`` are those without a request, the longest first; all connections share it.
    """

    def __init__(
        self, *args: Any, waiting: "OrderedDict[BoundedConnection, None]", most: int, **named: Any
    ) -> None:
        super().__init__(*args, **named)
        self._waiting, self._most = waiting, most
        self._timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in, if there is room or one that waits can go."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            if not self._waiting:
                transport.write(BUSY)
                transport.close()
                return
            longest, _ = self._waiting.popitem(last=False)
            longest.transport.abort()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._waiting.pop(self, None)
        self._set_timer(None)
        self._stop_reader_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read some bytes. A head that is too long is refused."""
        if self.transport.is_closing():
            return
        self._head_bytes += len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        if self.cycle is not None:
            self._set_timer(HEAD_S)

    def on_headers_complete(self) -> None:
        """A head is complete: its body follows, if it has one."""
        self._in_head, self._head_bytes = False, 0
        self._waiting.pop(self, None)
        self._set_timer(BODY_S)
        super().on_headers_complete()
        if len(self.pipeline) > MOST_PIPELINED:
            self.transport.abort()

    def on_message_complete(self) -> None:
        """A request is complete."""
        super().on_message_complete()
        self._in_head = True
        self._set_timer(None)

    def on_response_complete(self) -> None:
        """A request is answered; if its body is not complete, the connection ends."""
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._in_head:
            self._wait()
        else:
            self._set_timer(LINGER_S)

    def pause_writing(self) -> None:
        """The reader has more to take than is kept for it."""
        super().pause_writing()
        self._reader_timer = self.loop.call_later(READER_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader took it."""
        super().resume_writing()
        self._stop_reader_timer()

    def _wait(self) -> None:
        """Wait for a request."""
        self._waiting[self] = None
        self._waiting.move_to_end(self)
        if self.cycle is None:
            self._set_timer(HEAD_S)

    def _set_timer(self, seconds: float | None) -> None:
        """End the connection after some seconds, unless another step follows; None: never."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        if self.flow.read_paused:  # it is the server that is slow
            self._set_timer(BODY_S)
        else:
            self.transport.abort()

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None


class ServingLoop(asyncio.SelectorEventLoop):
    """An event loop whose servers end a TLS handshake that takes too long, and keep little for each
    connection: asyncio takes 256 kB before the handshake."""

    async def create_server(self, *args: Any, **named: Any) -> asyncio.Server:
        """A server, as the loop makes it."""
        if isinstance(named.get("ssl"), ssl.SSLContext):
            named["ssl_handshake_timeout"] = HANDSHAKE_S
            sslproto.SSLProtocol.max_size = TLS_BUFFER_BYTES
        return await super().create_server(*args, **named)


def bounded(most: int) -> type[asyncio.Protocol]:
    """The protocol for ``uvicorn.Config(http=…)``, for at most so many connections."""
    made: Callable[..., Any] = partial(BoundedConnection, waiting=OrderedDict(), most=most)
    return cast(type[asyncio.Protocol], made)


def room_for_connections() -> int:
    """How many connections this process can hold, once it may open as many files as it can."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = wanted if soft == resource.RLIM_INFINITY else soft
    return max(16, min(MOST_CONNECTIONS, room - OTHER_FILES))

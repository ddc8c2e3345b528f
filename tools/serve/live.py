"""Tells browsers that there are new events, as server-sent events, soon after they were recorded.

One look at the history serves all who listen. A visitor who sees some bodies only is told no more
than that something is new.
"""

import asyncio
from collections.abc import AsyncIterator
from threading import Event
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hoso.domain.errors import UserError
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.history import History
from hoso.tools.serve.page import Plain, allow, serving_of

LOOK_EVERY_S: Final = 0.5
COMFORT_EVERY: Final = 30  # looks; then a comment keeps the connection, and finds a browser gone


async def live(request: Request) -> Response:
    """Tell of new events until the browser goes."""
    allow(request, Role.READER)
    served = serving_of(request)
    told = _told(served.history, served.closing)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, 200, headers, "text/event-stream")


async def _told(history: History, closing: Event) -> AsyncIterator[str]:
    """``grew`` each time that the history has other events than before, until the server closes."""
    seen = await run_in_threadpool(_version, history)
    yield "retry: 2000\n\n"
    looks = 0
    while not closing.is_set():
        await asyncio.sleep(LOOK_EVERY_S)
        looks += 1
        now = await run_in_threadpool(_version, history)
        if now != seen and now is not None:
            seen = now
            yield "event: grew\ndata: 1\n\n"
        elif looks % COMFORT_EVERY == 0:
            yield ": still here\n\n"


def _version(history: History) -> tuple[int, ...] | None:
    """The version of the history; None while it cannot be read."""
    try:
        return history.now().at
    except UserError:
        return None


ROUTES: Final = (Plain("/live", live, Role.READER),)

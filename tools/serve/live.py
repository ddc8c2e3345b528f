"""Tells browsers that there are new events, as server-sent events, soon after they were recorded.

One look at the history serves all who listen. A visitor who sees some bodies only is told of events
of their dossiers, and of no others: when others work is theirs.
"""

import asyncio
from collections.abc import AsyncIterator
from threading import Event
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hoso.domain.errors import UserError
from hoso.tools.serve.access.visitor import Role, Visitor
from hoso.tools.serve.history import History
from hoso.tools.serve.page import Plain, allow, serving_of, visitor_of

LOOK_EVERY_S: Final = 0.5
COMFORT_EVERY: Final = 30  # looks; then a comment keeps the connection, and finds a browser gone


async def live(request: Request) -> Response:
    """Tell of new events until the browser goes."""
    allow(request, Role.READER)
    served = serving_of(request)
    told = _told(served.history, visitor_of(request), served.closing)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, 200, headers, "text/event-stream")


async def _told(history: History, visitor: Visitor, closing: Event) -> AsyncIterator[str]:
    """``grew`` each time that a visitor may see other events than before, until the server
    closes."""
    seen = await run_in_threadpool(_version, history, visitor)
    yield "retry: 2000\n\n"
    looks = 0
    while not closing.is_set():
        await asyncio.sleep(LOOK_EVERY_S)
        looks += 1
        now = await run_in_threadpool(_version, history, visitor)
        if now != seen and now is not None:
            seen = now
            yield "event: grew\ndata: 1\n\n"
        elif looks % COMFORT_EVERY == 0:
            yield ": still here\n\n"


def _version(history: History, visitor: Visitor) -> tuple[int, ...] | None:
    """The version of what a visitor may see: of some bodies' dossiers, how many events they have.
    None while the history cannot be read."""
    try:
        if visitor.sees_all():
            return history.now().at
        return (len(history.seen_by(visitor).history()),)
    except UserError:
        return None


ROUTES: Final = (Plain("/live", live, Role.READER),)

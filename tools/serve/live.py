"""Tells browsers that there are new events, as server-sent events, soon after they were recorded.

A visitor who sees some bodies only is told of events of their dossiers only.
"""

import asyncio
from collections.abc import AsyncIterator
from threading import Event
from typing import Final

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hoso.domain.errors import UserError
from hoso.projections.ledger.refresh import last_position
from hoso.projections.log.schema import rows_after
from hoso.tools.serve.access.visitor import Role, Visitor
from hoso.tools.serve.history import History, KeptSource, part_with
from hoso.tools.serve.page import Plain, allow, serving_of, visitor_of

LOOK_EVERY_S: Final = 0.5
COMFORT_EVERY: Final = 30  # looks; then a comment keeps the connection, and finds a browser gone


async def live(request: Request) -> Response:
    """Tell of new events until the browser goes."""
    allow(request, Role.READER)
    served = serving_of(request)
    listener = await run_in_threadpool(Listener, served.history, visitor_of(request))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _told(listener, served.closing)
    return StreamingResponse(told, 200, headers, "text/event-stream")


async def _told(listener: "Listener", closing: Event) -> AsyncIterator[str]:
    """``grew`` each time that there are new events, until the server closes."""
    yield "retry: 2000\n\n"
    looks = 0
    while not closing.is_set():
        await asyncio.sleep(LOOK_EVERY_S)
        looks += 1
        if await run_in_threadpool(listener.has_news):
            yield "event: grew\ndata: 1\n\n"
        elif looks % COMFORT_EVERY == 0:
            yield ": still here\n\n"


class Listener:
    """Looks whether a history has new events that a visitor may see."""

    def __init__(self, history: History, visitor: Visitor) -> None:
        self._history, self._visitor = history, visitor
        self._at = history.now().at
        self._position, self._own = 0, set[str]()
        if not visitor.sees_all():
            self._position = last_position(history.now().history())
            self._own = _dossiers(history.seen_by(visitor).history())

    def has_news(self) -> bool:
        """Whether there is something new since the last look; False while nothing can be read."""
        try:
            now = self._history.now()
            if now.at == self._at:
                return False
            self._at = now.at
            return self._visitor.sees_all() or self._is_own(now)
        except UserError:
            return False

    def _is_own(self, now: KeptSource) -> bool:
        """Whether an event is new of a dossier that is, or comes to be, with the visitor's bodies.
        Of a history that does not only grow at its end, all of it is looked at."""
        if not now.source.appends:
            before, self._own = self._own, _dossiers(self._history.seen_by(self._visitor).history())
            return before != self._own
        log = now.history()
        new = rows_after(log, self._position)
        self._position = last_position(log)
        come = _dossiers(part_with(new, self._visitor.bodies or (), self._history.registry))
        self._own |= come
        return bool(come) or not self._own.isdisjoint(_dossiers(new))


def _dossiers(log: pa.Table) -> set[str]:
    """The codes of the dossiers in a log."""
    return set(log["dossier"].unique().to_pylist())


ROUTES: Final = (Plain("/live", live, Role.READER),)

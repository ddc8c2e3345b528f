"""The addresses that take events and records (docs/HTTP.md): ``consumers.http`` on a server.

A call is answered when its events are on disk. Its body is read piece by piece, and room is
reserved for each piece, so that many senders together cannot fill the memory.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hoso.consumers.http import binding
from hoso.consumers.http.binding import LONGEST_BODY_BYTES, LONGEST_EVENT_BYTES, Carried
from hoso.consumers.http.receiver import Call, Receiver
from hoso.consumers.http.reconcile import Asked, Reconciliation, read_asked, reconcile
from hoso.consumers.http.refusal import CallRefused
from hoso.consumers.http.verdicts import Verdict
from hoso.consumers.intake.conflicts import tidy_keys
from hoso.consumers.intake.keeping import tidy
from hoso.consumers.intake.national import Defaults
from hoso.consumers.intake.record import EVENTS, NATIONAL, Format
from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import open_store
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.language import in_language, preferred
from hoso.tools.serve.page import Plain, allow, visitor_of
from hoso.tools.sources.opening import is_store

FORBIDDEN, NOT_FOUND, TOO_LARGE, UNKNOWN_TYPE, AWAY = 403, 404, 413, 415, 503
RETRY_AFTER_S: Final = 5  # for reconcile, while the store is away
TIDY_S: Final = 20.0
TIDY_REJECTS_S: Final = 3_600.0
JSON: Final = "application/json"
Read = Callable[[binding.Headers, bytes], Carried]


class Receiving:
    """What takes events, and where they go: the receiver of a store, and the store's address.

    ``has_new`` is set when events were taken that have not been tidied up after.
    """

    def __init__(self, address: StoreAddress, defaults: Defaults) -> None:
        """``defaults`` is what records of the national portal may lack."""
        self.address = address
        self.receiver = Receiver(
            partial(open_store, address, create=True),
            partial(environment.intake_context, defaults=defaults),
        )
        self.reconciling = asyncio.Semaphore()  # one at a time: each reads the whole log
        self.has_new = False
        self._ending = Event()
        Thread(target=self._tidy, name="tidying", daemon=True).start()

    def close(self) -> None:
        """Record what was taken, and end."""
        self._ending.set()
        self.receiver.close()

    def _tidy(self) -> None:
        """While events come, merge the small segments of keys that their transactions keep, and
        once an hour drop rejects that are older than the store keeps them."""
        rejects_tidied_s = -TIDY_REJECTS_S
        while not self._ending.wait(TIDY_S):
            if not self.has_new:
                continue
            self.has_new = False
            with suppress(StoreError), open_store(self.address) as store:  # else the next time
                tidy_keys(store)
                if monotonic() - rejects_tidied_s > TIDY_REJECTS_S:
                    rejects_tidied_s = monotonic()
                    tidy(store, environment.zone(), environment.now())


def receiving_for(names: Sequence[str], defaults: Defaults) -> Receiving | None:
    """What takes events on a server of some histories: where these are one store, that store
    records them; else None."""
    [first, *others] = names
    if others or not is_store(first):
        return None
    return Receiving(StoreAddress.parse(first), defaults)


def _receiving(request: Request) -> Receiving:
    found: Receiving | None = getattr(request.app.state, "receiving", None)
    if found is None:
        raise CallRefused(NOT_FOUND, "this server takes no events: it serves no store, or several")
    return found


def _told(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for publishers that tells them why a call is refused, as JSON."""

    async def endpoint(request: Request) -> Response:
        allow(request, Role.PUBLISHER)
        try:
            return await answer(request)
        except CallRefused as refused:
            text = in_language(str(refused), preferred(request))
            after = refused.retry_after_s
            headers = {} if after is None else {"Retry-After": str(after)}
            return Response(orjson.dumps({"error": text}), refused.status, headers, JSON)

    return endpoint


async def _one_event(request: Request) -> Response:
    return await _taken(request, EVENTS, binding.one_event, LONGEST_EVENT_BYTES)


async def _batch(request: Request) -> Response:
    return await _taken(request, EVENTS, binding.batch, LONGEST_BODY_BYTES)


async def _national(request: Request) -> Response:
    return await _taken(request, NATIONAL, binding.national, LONGEST_BODY_BYTES)


async def _taken(request: Request, form: Format, read: Read, limit_bytes: int) -> Response:
    """The verdicts on what a call carries, once it is on disk."""
    receiving = _receiving(request)
    receiver = receiving.receiver
    with receiver.room() as reserve:
        body = await _body(request, limit_bytes, reserve)
        carried = read(request.headers.items(), body)
        _refuse_sources(request, carried.sources)
        call = Call(secrets.token_hex(8), form, carried.messages)
        verdicts = await asyncio.wrap_future(receiver.take(call))
    receiving.has_new = True
    answer = {"call": call.id, "verdicts": [*map(_as_json, verdicts)]}
    return Response(orjson.dumps(answer), media_type=JSON)


async def _body(request: Request, limit_bytes: int, reserve: Callable[[int], None]) -> bytes:
    """The body of a call. Raises ``CallRefused`` for one that is too long, or compressed."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise CallRefused(UNKNOWN_TYPE, "Content-Encoding: send the body as it is")
    fault = f"the body is longer than {limit_bytes:,} bytes"
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise CallRefused(TOO_LARGE, fault)
    pieces, length = [], 0
    async for piece in request.stream():
        length += len(piece)
        if length > limit_bytes:
            raise CallRefused(TOO_LARGE, fault)
        reserve(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def _refuse_sources(request: Request, sources: Sequence[object]) -> None:
    """Refuse a call with an event of a source that the visitor may not send for. A message that
    names no source is none of anybody's, and is rejected."""
    allowed = visitor_of(request).sources
    if allowed is None:
        return
    for number, source in enumerate(sources, 1):
        if source is not None and source not in allowed:
            fault = f"event {number} of {len(sources)}: you may not send events of its source"
            raise CallRefused(FORBIDDEN, fault)


def _as_json(verdict: Verdict) -> dict[str, str]:
    return {name: value for name, value in verdict._asdict().items() if value is not None}


async def _reconcile(request: Request) -> Response:
    """How many events of a source and a day are here, the hash over their ids, and on request the
    ids themselves."""
    receiving, given = _receiving(request), request.query_params
    asked = read_asked(given.get("source"), given.get("day"))
    _refuse_sources(request, [asked.source])
    async with receiving.reconciling:
        found = await run_in_threadpool(_reconciled, receiving.address, asked)
    answer = {
        "source": asked.source,
        "day": str(asked.day),
        "events": len(found.ids),
        "hash": found.hash,
        **({"ids": found.ids} if given.get("ids") == "all" else {}),
    }
    return Response(orjson.dumps(answer), media_type=JSON)


def _reconciled(address: StoreAddress, asked: Asked) -> Reconciliation:
    try:
        with open_store(address, create=True) as store:
            return reconcile(store, asked, environment.zone())
    except StoreError as error:
        raise CallRefused(AWAY, str(error), RETRY_AFTER_S) from None


ROUTES: Final = (
    Plain("/events", _told(_one_event), Role.PUBLISHER, ("POST",)),
    Plain("/events/batch", _told(_batch), Role.PUBLISHER, ("POST",)),
    Plain("/events/reconcile", _told(_reconcile), Role.PUBLISHER),
    Plain("/national", _told(_national), Role.PUBLISHER, ("POST",)),
)

"""Runs the application on a port, until it is interrupted."""

import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Final

import uvicorn

from hoso.consumers.intake.national import Defaults
from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import NoSuchStore
from hoso.consumers.store.log import open_store
from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.tools.inputs.agencies import registry
from hoso.tools.jobs.histories import for_same_history
from hoso.tools.runtime import environment
from hoso.tools.runtime.logs import log_as_json
from hoso.tools.runtime.printable import say
from hoso.tools.serve.access.addresses import LOOPBACK_NAMES
from hoso.tools.serve.access.connections import bounded, room_for_connections
from hoso.tools.serve.access.entrance import Entrance
from hoso.tools.serve.access.gate import Gate
from hoso.tools.serve.application import PUBLIC, application
from hoso.tools.serve.guard import Guard
from hoso.tools.serve.history import History
from hoso.tools.serve.page import Serving
from hoso.tools.serve.receive import receiving_for
from hoso.tools.sources.opening import is_store
from hoso.tools.sources.source import Options

LOOP: Final = "hoso.tools.serve.access.connections:ServingLoop"
BACKLOG: Final = 128  # connections that are taken in at once: each has a file


def serving(
    sources: Sequence[str] | None,
    registry_file: str | None,
    *,
    skip_rejects: bool,
    cache: bool,
    releases: Path | None = None,
) -> Serving:
    """What a server serves, opened. Raises ``UserError``."""
    names = sources or [environment.store_url()]
    if len(names) == 1 and is_store(names[0]):
        make_store(StoreAddress.parse(names[0]))
    how = Options(environment.zone(), skip_rejects, cache)
    history = History(names, how, registry(registry_file))
    basis = for_same_history(names, None, skip_rejects=skip_rejects)
    return Serving(history, basis, registry_file, releases=releases)


def make_store(address: StoreAddress) -> None:
    """Make a store where there is none yet, and say so: one-stop systems may send it their first
    events. Raises ``UserError`` where that is not possible."""
    try:
        with open_store(address):
            pass
    except NoSuchStore:
        with open_store(address, create=True) as store, store.writing():
            pass
        say(f"{store.name}: there was no such store: an empty one was made", err=True)


def run(served: Serving, entrance: Entrance, defaults: Defaults) -> None:
    """Serve until interrupted; says the address as soon as it answers. ``defaults`` is what records
    of the national portal may lack.

    Raises ``UserError`` for an entrance that is not safe, and where the port is taken.
    """
    tls = entrance.tls()
    listening = _listening(entrance.host, entrance.port)
    gate = entrance.gate(listening.getsockname()[1], served.registry)
    app = application(served)
    app.state.receiving = receiving = receiving_for(served.history.names, defaults)
    config = uvicorn.Config(
        Guard(app, gate, PUBLIC, log_codes=entrance.log_codes),
        http=bounded(room_for_connections()),
        loop=LOOP,
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        log_level=logging.ERROR,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the guard reads them, of known proxies
        lifespan="on",
        timeout_graceful_shutdown=3,
        ssl_context_factory=None if tls is None else lambda *_: tls,
    )
    log_as_json()
    Thread(target=_warm_up, args=(served,), daemon=True).start()
    say(f"hoso serves {gate.address.origin(_host(gate, entrance.host))} (Ctrl+C ends it)")
    _Server(config, served).run([listening])
    if receiving is not None:
        receiving.close()


def _host(gate: Gate, host: str) -> str | None:
    """How visitors name the server on this computer; None where they have an address of its own."""
    if gate.address.names[0] != LOOPBACK_NAMES[0]:
        return None
    return f"{f'[{host}]' if ':' in host else host}:{gate.address.port}"


def _warm_up(served: Serving) -> None:
    """Have the balance sheets of the first pages ready before somebody asks for them."""
    try:
        history = served.history.now()
        history.balances([environment.office(Policy())], None, ())
    except UserError:
        return  # whoever asks will be told


class _Server(uvicorn.Server):
    """A server that has answers without an end end as soon as it is interrupted."""

    def __init__(self, config: uvicorn.Config, served: Serving) -> None:
        super().__init__(config)
        self._closing = served.closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self._closing.set()
        super().handle_exit(sig, frame)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio sends answers at once (TCP_NODELAY): else some wait for 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(f"--port: {port}: {error.strerror}; choose another one") from None
    listening.listen(BACKLOG)
    return listening

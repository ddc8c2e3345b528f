"""Runs the application on a port, until it is interrupted."""

import socket
from collections.abc import Sequence

import uvicorn

from hoso.domain.errors import UserError
from hoso.tools.inputs.agencies import registry
from hoso.tools.jobs.histories import for_same_history
from hoso.tools.runtime import environment
from hoso.tools.runtime.printable import say
from hoso.tools.serve.application import application
from hoso.tools.serve.history import History
from hoso.tools.serve.page import Serving
from hoso.tools.serve.receive import receiving_for
from hoso.tools.sources.source import Options


def serving(
    sources: Sequence[str] | None, registry_file: str | None, *, skip_rejects: bool, cache: bool
) -> Serving:
    """What a server serves, opened. Raises ``UserError``."""
    names = sources or [environment.store_url()]
    how = Options(environment.zone(), skip_rejects, cache)
    history = History(names, how, registry(registry_file))
    basis = for_same_history(names, None, skip_rejects=skip_rejects)
    return Serving(history, basis, registry_file)


def run(served: Serving, host: str, port: int) -> None:
    """Serve until interrupted; says the address as soon as it answers.

    Raises ``UserError`` where the port is taken.
    """
    listening = _listening(host, port)
    app = application(served)
    app.state.receiving = receiving = receiving_for(served.history.names)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    number = listening.getsockname()[1]
    say(f"hoso serves http://{f'[{host}]' if ':' in host else host}:{number} (Ctrl+C ends it)")
    uvicorn.Server(config).run([listening])
    if receiving is not None:
        receiving.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(f"--port: {port}: {error.strerror}; choose another one") from None
    listening.listen(2_048)
    return listening

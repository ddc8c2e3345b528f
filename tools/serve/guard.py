"""Stands in front of the application: lets requests in, or refuses them.

It refuses a request that names another server, that is one too many, whose token or proxy is not
believed, or that changes something and does not come from a page of this server. A visitor who has
not logged in gets the login page, at every address that is not public. Each answer gets the headers
that protect its reader, and a line in the access log.
"""

import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from time import monotonic
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual
from hoso.tools.runtime.logs import log_event
from hoso.tools.serve.access import forgery
from hoso.tools.serve.access.addresses import visitors_address
from hoso.tools.serve.access.gate import Gate, NotBelieved, bearer_token
from hoso.tools.serve.access.headers import protected
from hoso.tools.serve.access.limits import network
from hoso.tools.serve.access.visitor import LOCAL, NOBODY, Role, Visitor
from hoso.tools.serve.page import Refused
from hoso.tools.serve.refusal import refusal, wants_json

LOGIN: Final = "/login"
STATIC: Final = "/static/"
MOST_OF_FORM: Final = 65_536  # bytes
ONCE: Final = frozenset(  # headers that a request has once: of two, another reader takes the other
    {b"host", b"authorization", b"content-type", b"content-length", b"origin", b"cookie"}
)
# By these, an open server knows that somebody put a proxy in front of it, for others.
PASSED_ON: Final = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host"})
REFUSALS: Final[Mapping[str, Refused]] = {
    "host": Refused(
        421,
        Bilingual(
            "Máy chủ này không mang tên đó: mở bằng địa chỉ công khai của máy chủ",
            "This server has not that name: use its public address",
        ),
    ),
    "passed on": Refused(
        403,
        Bilingual(
            "Máy chủ này không có người dùng nên không nhận yêu cầu qua máy chủ trung gian: "
            "khởi động lại với --users",
            "This server has no users, so it takes no requests of a proxy: start it with --users",
        ),
    ),
    "twice": Refused(
        400, Bilingual("Một trường tiêu đề được gửi hai lần", "A header is given twice")
    ),
    "path": Refused(
        400, Bilingual("Địa chỉ có ký tự điều khiển", "The address has control characters")
    ),
    "often": Refused(
        429,
        Bilingual("Quá nhiều yêu cầu: chờ một lúc rồi thử lại", "Too many requests: wait a moment"),
    ),
    "login": Refused(401, Bilingual("Chưa đăng nhập", "Not logged in")),
    "elsewhere": Refused(
        403,
        Bilingual(
            "Yêu cầu này không đến từ trang của máy chủ này",
            "This request does not come from a page of this server",
        ),
    ),
    "form": Refused(
        403,
        Bilingual(
            "Biểu mẫu đã cũ: tải lại trang rồi gửi lại. Chương trình thì ghi Content-Type của nội "
            "dung gửi đến, như docs/HTTP.md liệt kê",
            "The form is out of date: load its page again. A program gives the Content-Type of "
            "what it sends, as docs/HTTP.md lists it",
        ),
    ),
    "large": Refused(413, Bilingual("Biểu mẫu quá lớn", "The form is too large")),
    "users": Refused(
        503,
        Bilingual(
            "Không đọc được danh sách người dùng: báo cho người quản trị",
            "The list of users cannot be read: tell the administrator",
        ),
    ),
}


class Guard:
    """The application behind a gate, as an ASGI application.

    ``public`` are the paths that visitors reach without saying who they are. ``log_codes``: the
    access log has whole addresses, with the codes of dossiers.
    """

    def __init__(
        self, app: Starlette, gate: Gate, public: Collection[str], *, log_codes: bool = False
    ) -> None:
        self._app, self._gate, self._public = app, gate, frozenset(public)
        self._log_codes = log_codes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, answer = monotonic(), _Answer(send, encrypted=self._gate.address.is_encrypted)
        scope["app"] = self._app  # for what a refusal shows
        scope.setdefault("state", {})["visitor"] = NOBODY
        try:
            receive = await self._let_in(scope, receive)
            await self._app(scope, receive, answer)
        except Refused as error:
            await self._refused(Request(scope), error)(scope, receive, answer)
        except ClientDisconnect:
            pass  # nobody waits for the answer
        except Exception as error:  # it was answered where it arose; here it is told
            _log_fault(error)
        if not self._gate.is_open or self._log_codes:
            self._log(scope, answer.status, monotonic() - begun)

    async def _let_in(self, scope: Scope, receive: Receive) -> Receive:
        """Note who asks; returns what the application receives. Raises ``Refused``."""
        headers = _headers(scope)
        state, host = scope["state"], headers.get("host", "")
        if self._gate.is_open and not PASSED_ON.isdisjoint(headers):
            raise REFUSALS["passed on"]
        if any(ord(character) < 32 or ord(character) == 127 for character in scope["path"]):
            raise REFUSALS["path"]
        if not self._gate.address.fits(host):
            raise REFUSALS["host"]
        peer = (scope.get("client") or ("", 0))[0]
        state["gate"] = self._gate
        state["address"] = visitors_address(peer, headers, self._gate.proxies)
        state["cookie"] = Request(scope).cookies.get(self._gate.cookie, "")
        state["form_token"] = self._gate.form_tokens.of(state["cookie"])
        state["visitor"] = self._visitor(peer, headers, state)
        # What publishers send is measured where it is taken in.
        if not (scope["method"] == "POST" and state["visitor"].may(Role.PUBLISHER)):
            self._count(state["visitor"], state["address"])
        path = scope["path"]
        is_public = path in self._public or path.startswith(STATIC)
        if state["visitor"] == NOBODY and not is_public:
            raise REFUSALS["login"]
        if scope["method"] in forgery.SAFE_METHODS or bearer_token(headers) is not None:
            return receive
        return await self._meant(scope["method"], headers, host, state["cookie"], receive)

    def _visitor(self, peer: str, headers: Mapping[str, str], state: Mapping[str, Any]) -> Visitor:
        try:
            return self._gate.visitor(peer, headers, state["cookie"])
        except NotBelieved as error:
            self._count(NOBODY, state["address"])
            why = Bilingual("Không xác nhận được người gửi", f"Not believed: {error}")
            raise Refused(401, why) from None
        except UserError as error:
            log_event("users unreadable", logging.ERROR, reason=str(error))
            raise REFUSALS["users"] from None

    def _count(self, visitor: Visitor, address: str) -> None:
        """Count a request. Raises ``Refused`` where there were too many."""
        if visitor is LOCAL:
            return
        if visitor == NOBODY:
            wait_s = self._gate.rates_of_networks.wait_s(network(address))
        else:
            wait_s = self._gate.rates_of_visitors.wait_s(visitor.name)
        if wait_s > 0:
            raise REFUSALS["often"]

    async def _meant(
        self, method: str, headers: Mapping[str, str], host: str, cookie: str, receive: Receive
    ) -> Receive:
        """Check that a request that changes something was meant; returns what it receives."""
        if forgery.comes_from_elsewhere(headers, self._gate.address.origin(host)):
            raise REFUSALS["elsewhere"]
        if method != "POST" or not forgery.is_form(headers):  # no form sends by PUT or DELETE
            return receive
        body = await _body(receive)
        if not self._gate.form_tokens.fits(forgery.token_in(body), cookie):
            raise REFUSALS["form"]
        return _replayed(body, receive)

    def _refused(self, request: Request, error: Refused) -> Response:
        """What a visitor is told; who is nobody and opens a page is sent to the login page."""
        if error is REFUSALS["login"] and not wants_json(request) and self._has_login_page:
            return RedirectResponse(f"{LOGIN}?next={quote(_asked(request), safe='')}", 303)
        response = refusal(request, error)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if error.status == 429:
            response.headers["Retry-After"] = "1"
        return response

    @property
    def _has_login_page(self) -> bool:
        return self._gate.ways.users is not None or self._gate.ways.openid is not None

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        """Write a line of the access log. An address may hold codes of dossiers, so only the kind
        of page is told; an address that is no page might hold anything."""
        state = scope["state"]
        path = getattr(scope.get("route"), "path", "-")
        if self._log_codes and not path.startswith(LOGIN):
            path = _asked(Request(scope))
        log_event(
            "request",
            method=scope["method"],
            path=path,
            status=status,
            ms=round(seconds * 1_000, 1),
            visitor=state["visitor"].name,
            address=state.get("address", ""),
        )


class _Answer:
    """What the application sends, with the headers that protect; notes the status."""

    def __init__(self, send: Send, *, encrypted: bool) -> None:
        self._send, self._encrypted = send, encrypted
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = protected([*message.get("headers", ())], encrypted=self._encrypted)
            message = {**message, "headers": headers}
        await self._send(message)


def _asked(request: Request) -> str:
    """The path and the parameters that a request asks for."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _log_fault(error: Exception) -> None:
    """Tell a fault of the program. Its text may hold what a visitor sent, so it is not logged."""
    frame = extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    log_event("fault", logging.ERROR, kind=type(error).__name__, place=place)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers of a request, by lower-case names. Raises ``Refused`` for a header twice that
    only one of two readers would see."""
    names = [name for name, _ in scope["headers"]]
    if any(names.count(name) > 1 for name in ONCE):
        raise REFUSALS["twice"]
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("utf-8", "replace")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def _body(receive: Receive) -> bytes:
    """The body of a form. Raises ``Refused`` for a large one, ``ClientDisconnect`` for a part."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MOST_OF_FORM:
            raise REFUSALS["large"]
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be received once more."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again

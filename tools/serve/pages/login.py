"""The login page, and the addresses by which visitors log in and out.

A login with a password waits longer after each failure, and takes as long for a name that is no
user's. The access log has the names of users only: what else stands in the field may be a password.
"""

import logging
import math
from functools import partial
from typing import Final
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual
from hoso.tools.runtime.logs import log_event
from hoso.tools.serve.access.gate import AFTER_OPENID, OPENID, PASSWORD, Gate
from hoso.tools.serve.access.openid import LoginFailed
from hoso.tools.serve.access.sessions import Person, new_key
from hoso.tools.serve.access.users import User, is_password
from hoso.tools.serve.access.visitor import NOBODY
from hoso.tools.serve.guard import REFUSALS
from hoso.tools.serve.language import language_of
from hoso.tools.serve.page import Plain, Refused, visitor_of
from hoso.tools.serve.refusal import frame_of
from hoso.tools.serve.templates import environment as templates

PATH: Final = "/login"
HASHING: Final = CapacityLimiter(2)  # passwords hashed at a time: each takes 64 MB and a core
MOST_WAITING: Final = 20  # logins that wait for that
LONGEST_NEXT: Final = 2_000  # characters of the address to go on to
TITLE: Final = Bilingual("Đăng nhập", "Log in")
WRONG: Final = Bilingual("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong.")
NOT_GRANTED: Final = Bilingual(
    "Bạn chưa được cấp quyền ở đây: hỏi người quản trị.",
    "You have no rights here yet: ask the administrator.",
)
FAILED_ELSEWHERE: Final = Bilingual(
    "Đăng nhập qua cổng danh tính không thành công: thử lại.",
    "The login at the provider of identities failed: try again.",
)
BUSY: Final = Bilingual(
    "Đang có quá nhiều người đăng nhập: thử lại sau vài giây.",
    "Too many people are logging in: try again in some seconds.",
)


def page(
    request: Request, status: int = 200, told: Bilingual | None = None, onward: str | None = None
) -> Response:
    """The login page; ``told`` is why the last login came to nothing, ``onward`` the address to go
    on to where the page's own does not say it."""
    gate = _gate(request)
    cookie = request.state.cookie or new_key()
    form_token = gate.form_tokens.of(cookie)
    html = templates.get_template("login.html.jinja").render(
        **_frame(request) | {"form_token": form_token},
        told=told.to(language_of(request)) if told else "",
        has_password=gate.ways.users is not None,
        has_openid=gate.openid is not None,
        next=_next(request.query_params.get("next", "") if onward is None else onward),
    )
    response = Response(html, status, media_type="text/html")
    _set_cookie(response, gate, cookie)
    return response


async def login(request: Request) -> Response:
    """Answer the login page, and a login with a password."""
    if request.method != "POST":
        if visitor_of(request) != NOBODY:
            return RedirectResponse(_next(request.query_params.get("next", "")), 303)
        return page(request)
    gate, address = _gate(request), request.state.address
    form = await request.form()
    name, password, onward = (str(form.get(key, "")) for key in ("name", "password", "next"))
    if (wait_s := gate.failures.wait_s(name, address)) > 0:
        return _to_wait(request, math.ceil(wait_s), onward)
    gate.failures.add(name, address)  # before it is known: many tries at a time count as many
    if (user := await _user(gate, name, password)) is None:
        return page(request, 401, WRONG, onward)
    gate.failures.forget(name, address)
    return _begun(request, PASSWORD, Person(user.name), onward)


async def logout(request: Request) -> Response:
    """End the session."""
    gate = _gate(request)
    gate.sessions.end(request.state.cookie)
    response = RedirectResponse(PATH, 303)
    _set_cookie(response, gate, new_key())
    return response


async def openid(request: Request) -> Response:
    """Send a browser to the provider of identities."""
    gate = _gate(request)
    if gate.openid is None:
        raise Refused(404, Bilingual("Không có trang này", "There is no such page"))
    cookie = request.state.cookie or new_key()
    back_to = gate.address.origin(request.headers["host"]) + AFTER_OPENID
    onward = _next(request.query_params.get("next", ""))
    try:
        address = await gate.openid.begin(cookie, back_to, onward)
    except LoginFailed as error:
        return _failed_elsewhere(request, 503, error)
    response = RedirectResponse(address, 302)
    _set_cookie(response, gate, cookie)
    return response


async def back(request: Request) -> Response:
    """Take a browser in that comes back from the provider of identities."""
    gate, asked = _gate(request), request.query_params
    if gate.openid is None:
        raise Refused(404, Bilingual("Không có trang này", "There is no such page"))
    try:
        person, onward = await gate.openid.finish(
            request.state.cookie, asked.get("code", ""), asked.get("state", "")
        )
    except LoginFailed as error:
        return _failed_elsewhere(request, 403, error)
    if gate.openid.settings.visitor(person) is None:
        log_event("login without rights", logging.WARNING, user=person.name)
        return page(request, 403, NOT_GRANTED)
    return _begun(request, OPENID, person, onward)


ROUTES: Final = (
    Plain(PATH, login, None, ("GET", "POST")),
    Plain("/logout", logout, None, ("POST",)),
    Plain("/login/openid", openid, None),
    Plain(AFTER_OPENID, back, None),
)


def _frame(request: Request) -> dict[str, object]:
    """The frame of the login page, which has the same page in the other language."""
    language = language_of(request)
    other = "en" if language == "vi" else "vi"
    onward = quote(_next(request.query_params.get("next", "")), safe="")
    return frame_of(request, TITLE.to(language)) | {
        "other": (other, f"{PATH}?lang={other}&next={onward}")
    }


def _gate(request: Request) -> Gate:
    found: Gate = request.state.gate
    return found


async def _user(gate: Gate, name: str, password: str) -> User | None:
    """The user of a name and a password; None if there is none. Raises ``Refused`` while too many
    passwords are checked, and while the file of users cannot be read."""
    try:
        users = gate.ways.users.now().by_name if gate.ways.users else {}
    except UserError:
        raise REFUSALS["users"] from None
    if HASHING.statistics().tasks_waiting >= MOST_WAITING:
        raise Refused(503, BUSY)
    user = users.get(name)
    fits = await run_sync(partial(is_password, user, password), limiter=HASHING)
    if not fits:
        known = name if user is not None else ""
        log_event("login failed", logging.WARNING, user=known, way=PASSWORD)
    return user if fits else None


def _begun(request: Request, way: str, person: Person, onward: str) -> Response:
    """A session begins, with a key that nobody knew before."""
    gate = _gate(request)
    gate.sessions.end(request.state.cookie)
    key = gate.sessions.begin(way, person)
    log_event("login", user=person.name, way=way, address=request.state.address)
    response = RedirectResponse(_next(onward), 303)
    _set_cookie(response, gate, key)
    return response


def _to_wait(request: Request, seconds: int, onward: str) -> Response:
    told = Bilingual(
        f"Sai quá nhiều lần: thử lại sau {seconds} giây.",
        f"Too many failures: try again in {seconds} seconds.",
    )
    response = page(request, 429, told, onward)
    response.headers["Retry-After"] = str(seconds)
    return response


def _failed_elsewhere(request: Request, status: int, error: LoginFailed) -> Response:
    log_event("login failed", logging.WARNING, way=OPENID, reason=str(error))
    return page(request, status, FAILED_ELSEWHERE)


def _set_cookie(response: Response, gate: Gate, key: str) -> None:
    """Give a browser its key: no script reads it, and no other site's form brings it."""
    response.set_cookie(
        gate.cookie,
        key,
        path="/",
        secure=gate.address.is_encrypted,
        httponly=True,
        samesite="lax",
    )


def _next(address: str) -> str:
    """The address to go on to after a login: one of this server, or the first page."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = address.isprintable() and "\\" not in address and len(address) <= LONGEST_NEXT
    return address if is_own and plain else "/"

"""Puts the pages together into one application: ``application(serving)``.

``ROUTES`` is the table of all addresses, each with the least role that may ask. Every address that
the server answers stands there, but for static files.
"""

from typing import Any, Final

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Address
from starlette.staticfiles import StaticFiles

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual
from hoso.tools.serve import api, live, openapi, receive
from hoso.tools.serve.answering import endpoint_of
from hoso.tools.serve.page import Plain, Refused, Route, Serving
from hoso.tools.serve.pages import (
    compare,
    dossier,
    dossiers,
    due,
    erase,
    home,
    intake,
    integrity,
    law,
    login,
    operate,
    releases,
    reports,
    statement,
    vintages,
)
from hoso.tools.serve.refusal import refusal
from hoso.tools.serve.templates import STATIC

PAGES: Final = (
    *(home, statement, dossiers, dossier, compare, vintages, due, intake, integrity, law, reports),
    *(releases, operate, erase, live, receive, login),
)
_PAGES: Final[tuple[Route | Plain, ...]] = tuple(each for page in PAGES for each in page.ROUTES)
ROUTES: Final = (*_PAGES, *api.routes(_PAGES), *openapi.routes(_PAGES))
PUBLIC: Final = frozenset(
    each.path for each in ROUTES if isinstance(each, Plain) and each.role is None
)  # the addresses that answer whoever has not logged in
WHY: Final = {
    404: Bilingual("Không có trang này", "There is no such page"),
    405: Bilingual("Địa chỉ này không nhận cách gọi này", "This address does not take this method"),
    413: Bilingual("Nội dung gửi đến quá lớn", "The body is too large"),
}


class _Ending(Convertor[str]):
    """The ending of an address that asks for a paper."""

    regex = "json|csv|xlsx|docx|arrow|zip|ics"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("ending", _Ending())


class _Files(StaticFiles):
    """Static files. A browser keeps them: pages name each with a digest of what is in it."""

    def file_response(self, *args: Any, **named: Any) -> Response:
        """The answer with a file."""
        response = super().file_response(*args, **named)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def application(serving: Serving) -> Starlette:
    """The application that serves a history. A ``Guard`` in front of it says who asks."""
    made = Starlette(
        routes=[
            *(address for each in ROUTES for address in _addresses(each)),
            Mount("/static", _Files(directory=STATIC), name="static"),
        ],
        exception_handlers={
            UserError: _refused,
            Refused: _refused,
            HTTPException: _refused_by_starlette,
            Exception: _refused,
        },
    )
    made.state.serving = serving
    return made


def _addresses(route: Route | Plain) -> list[BaseRoute]:
    """The addresses of a route: its path, and its path with each ending."""
    if isinstance(route, Plain):
        return [Address(route.path, route.endpoint, methods=[*route.methods])]
    endpoint = endpoint_of(route)
    with_ending = [f"{route.path}.{{ending:ending}}"] if route.endings else []
    return [Address(path, endpoint) for path in (*with_ending, route.path)]


async def _refused(request: Request, error: Exception) -> Response:
    return refusal(request, error)


async def _refused_by_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(request, Refused(error.status_code, WHY.get(error.status_code, error.detail)))

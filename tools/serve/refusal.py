"""Tells a visitor why there is no answer: by a page, or as JSON where a program asks."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hoso.consumers.store.backend import StoreUnavailable
from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual, Text
from hoso.projections.ledger.explain import UnknownDossier
from hoso.tools.serve.access.visitor import LOCAL, NOBODY
from hoso.tools.serve.language import in_language, language_of
from hoso.tools.serve.navigation import entries_for
from hoso.tools.serve.page import ENDINGS, Refused, form_token_of, serving_of, visitor_of
from hoso.tools.serve.question import LANGUAGE
from hoso.tools.serve.templates import environment as templates


def refusal(request: Request, error: Exception) -> Response:
    """What a visitor is told who gets no answer: a page, or JSON where the address asks for it."""
    status, why = _why(error)
    language = language_of(request)
    text = why.to(language) if isinstance(why, Bilingual) else in_language(why, language)
    headers = {"Retry-After": "5"} if status == 503 else {}
    if wants_json(request):
        return Response(orjson.dumps({"error": text}), status, headers, "application/json")
    frame = frame_of(request, text)
    html = templates.get_template("refusal.html.jinja").render(status=status, why=text, **frame)
    return Response(html, status, headers, "text/html")


def frame_of(request: Request, title: str) -> dict[str, Any]:
    """What the frame of a page shows that answers no question."""
    language, visitor = language_of(request), visitor_of(request)
    return {
        "language": language,
        "title": title,
        "visitor": visitor,
        "form_token": form_token_of(request),
        "has_logged_in": visitor not in (LOCAL, NOBODY),
        "navigation": [*entries_for(serving_of(request), visitor)],
        "here": "",
        "in_": lambda text: text.to(language) if isinstance(text, Bilingual) else text,
        "other": None,
        "keep": f"lang={language}" if LANGUAGE in request.query_params else "",
    }


def wants_json(request: Request) -> bool:
    """Whether a request is a program's, which is told what is wrong as JSON."""
    path = request.url.path
    is_file = path.rpartition(".")[2] in (*ENDINGS, "arrow")
    is_form = "text/html" in request.headers.get("accept", "")
    return is_file or path.startswith("/api/") or (request.method != "GET" and not is_form)


def _why(error: Exception) -> tuple[int, Text]:
    match error:
        case Refused():
            return error.status, error.why
        case StoreUnavailable():
            return 503, str(error)
        case UnknownDossier():
            return 404, str(error)
        case UserError():
            return 400, str(error)
        case _:
            return 500, Bilingual("Lỗi của chính hoso", "A fault of hoso's own")

"""The questions of the pages, answered for programs: ``/api/statement``, ``/api/explain/CODE``.

An address of the API is ``/api/`` and the words of the command that answers the same. It takes the
parameters of its page, and gives the same document: as JSON, or as the ending (``.csv``,
``.arrow``) or the header ``Accept`` says.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hoso.projections.documents.model import Bilingual
from hoso.projections.ledger.register import Moment
from hoso.tools.jobs import register
from hoso.tools.output import Paper
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.answering import asked, printed
from hoso.tools.serve.page import (
    MEDIA,
    Answer,
    Asking,
    Moved,
    Page,
    Plain,
    Refused,
    Route,
    allow,
)
from hoso.tools.serve.question import MOMENT, RULES

FORMS: Final[Mapping[str, Paper]] = {
    "json": Paper.json,
    "csv": Paper.csv,
    "arrow": Paper.arrow,
}
VARIES: Final = re.compile(r"{(\w+)(:\w+)}")  # in a path, what takes other texts than a word
NOT_ACCEPTABLE: Final = 406
KEPT_METHOD: Final = 307  # a redirection


def _register(asking: Asking) -> Answer:
    raise NotImplementedError  # it is no document: ``_response`` writes it row by row


# A register has a row for each dossier: too many for a page.
REGISTER: Final = Route(
    "/api/register", _register, Role.READER, ("register",), (*MOMENT, *RULES), FORMS
)


def _windows(asking: Asking) -> Answer:
    """Which reports are due within a year from a day."""
    from hoso.domain.reporting import next_reports
    from hoso.projections.documents import windows
    from hoso.tools.runtime.calendar import calendar

    day = asking.question.on
    document = windows.document(next_reports(day), day, calendar().days)
    return Page(document, "", document.title)


# The page of reports lists these beside the reports of a window.
WINDOWS: Final = Route(
    "/api/windows", _windows, Role.READER, ("windows",), ("on",), FORMS, of_history=False
)


def routes(pages: Iterable[Route | Plain]) -> tuple[Plain, ...]:
    """The addresses of the API for some pages: each without and with an ending."""
    return tuple(
        Plain(path, _endpoint(route), route.role)
        for route in for_programs(pages)
        for path in (f"{route.path}.{{ending:ending}}", route.path)
    )


def for_programs(pages: Iterable[Route | Plain]) -> list[Route]:
    """The pages that answer a question, at their addresses in the API, and what has no page. Of
    several pages that one command answers, the page that is named like the command."""
    found = {"register": REGISTER, "windows": WINDOWS}
    for page in pages:
        if isinstance(page, Route) and page.command:
            name, moved = "/".join(page.command), page._replace(path=_path(page), endings=FORMS)
            if page.path == f"/{name}" or name not in found:
                found[name] = moved
    return [*found.values()]


def _path(page: Route) -> str:
    """The address of a page in the API; what varies in it takes the texts that the page takes."""
    path = f"/api/{'/'.join(page.command)}"
    for name, convertor in VARIES.findall(page.path):
        path = path.replace(f"{{{name}}}", f"{{{name}{convertor}}}")
    return path


def _endpoint(route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        allow(request, route.role)
        return await run_in_threadpool(_answered, request, route)

    return endpoint


def _answered(request: Request, route: Route) -> Response:
    ending = request.path_params.get("ending", "")
    paper = _paper(ending, request.headers.get("accept", ""))
    parts = {name: text for name, text in request.path_params.items() if name != "ending"}
    response = _response(asked(request, route, parts), route, ending, paper)
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return response


def _response(asking: Asking, route: Route, ending: str, paper: Paper) -> Response:
    if route is REGISTER:
        moment = Moment(asking.question.as_of, asking.today)
        rows = register.written(paper, asking.history, asking.office, moment)
        return Response(rows, media_type=MEDIA[paper])
    answer = route.answer(asking)
    if isinstance(answer, Moved):
        path, mark, query = answer.address.partition("?")
        return RedirectResponse(f"{path}{ending and f'.{ending}'}{mark}{query}", KEPT_METHOD)
    return printed(answer.document, paper, asking.language)


def _paper(ending: str, accept: str) -> Paper:
    """The paper that an ending names, or else the one that a header ``Accept`` likes best: JSON
    where it says nothing. Raises ``Refused``."""
    if ending:
        if ending in FORMS:
            return FORMS[ending]
        raise Refused(404, Bilingual("Không có định dạng này", "There is no such format"))
    best, paper = 0.0, None
    for each in FORMS.values():
        if (liking := _liking(accept or "*/*", MEDIA[each].partition(";")[0])) > best:
            best, paper = liking, each
    if paper is None:
        takes = ", ".join(MEDIA[each].partition(";")[0] for each in FORMS.values())
        why = Bilingual(f"Accept: chỉ có {takes}", f"Accept: there is only {takes}")
        raise Refused(NOT_ACCEPTABLE, why)
    return paper


def _liking(accept: str, media_type: str) -> float:
    """How much a header ``Accept`` likes a media type: the q of what names it most exactly
    (RFC 9110, section 12.5.1)."""
    family = media_type.partition("/")[0]
    exactness, liking = 0, 0.0
    for part in accept.lower().split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        found = {"*/*": 1, f"{family}/*": 2, media_type: 3}.get(name, 0)
        if found > exactness:
            exactness, liking = found, _weight(parameters)
    return liking


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, float(parameter[2:]))
            except ValueError:
                return 0.0
    return 1.0

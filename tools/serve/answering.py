"""Answers requests for pages: asks the question, and sends the page, or its document as a file.

An address with an ending (``.json``) gets the document on that paper; any other is shown by the
page's template.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hoso.projections.documents.model import Bilingual, Document, Language, counted, in_numbers
from hoso.tools import output
from hoso.tools.output import Paper, wording
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import LOCAL, NOBODY, Role
from hoso.tools.serve.language import preferred
from hoso.tools.serve.navigation import entries_for
from hoso.tools.serve.page import (
    MEDIA,
    Asking,
    Moved,
    Page,
    Refused,
    Route,
    allow,
    form_token_of,
    serving_of,
    visitor_of,
)
from hoso.tools.serve.question import LANGUAGE, MOMENT, Question
from hoso.tools.serve.templates import environment as templates


def endpoint_of(route: Route) -> Callable[[Request], Awaitable[Response]]:
    """The function of Starlette that answers requests for a page."""

    async def endpoint(request: Request) -> Response:
        allow(request, route.role)
        return await run_in_threadpool(_answered, request, route)

    return endpoint


def _answered(request: Request, route: Route) -> Response:
    """The answer to a request for a page."""
    ending = request.path_params.get("ending", "")
    if ending and ending not in route.endings:
        papers = ", ".join(route.endings) or "html"
        why = Bilingual(f"Trang này chỉ có định dạng {papers}", f"This page has only {papers}")
        raise Refused(404, why)
    parts = {name: text for name, text in request.path_params.items() if name != "ending"}
    asking = asked(request, route, parts)
    answer = route.answer(asking)
    if isinstance(answer, Moved):
        return RedirectResponse(answer.address, 302)
    if not all(text for _, text in request.query_params.multi_items()):
        ending = f".{ending}" if ending else ""  # a form sends empty fields, too
        return RedirectResponse(asking.question.address(ending), 302)
    if ending:
        return printed(answer.document, route.endings[ending], asking.language)
    return shown(answer, asking, route)


def asked(request: Request, route: Route, parts: Mapping[str, str]) -> Asking:
    """The question of a request. Raises ``UserError`` for one that means nothing, ``Refused`` for
    rules of one's own by who may not choose them."""
    question = Question.read(
        re.sub(r":\w+}", "}", route.path).format(**parts),
        tuple(word.format(**parts) for word in route.command),
        request.query_params.multi_items(),
        route.parameters,
        preferred(request),
        route.repeated,
    )
    question.check()
    visitor, serving = visitor_of(request), serving_of(request)
    if route.of_history and question.has_own_rules and not visitor.may(Role.ANALYST):
        why = Bilingual(
            "Chọn quy định khác cần vai trò analyst", "To choose other rules needs the role analyst"
        )
        raise Refused(403, why)
    seen = serving.history.seen_by(visitor)
    return Asking(question, visitor, seen, serving, parts, form_token_of(request))


def printed(document: Document, paper: Paper, language: Language) -> Response:
    """A document on a paper, as a file to download."""
    headers = {"Content-Disposition": f'inline; filename="{document.name}.{paper}"'}
    return Response(output.printed(document, language, paper), 200, headers, MEDIA[paper])


def shown(page: Page, asking: Asking, route: Route) -> Response:
    """A page for a browser."""
    question = asking.question
    other: Language = "en" if asking.language == "vi" else "vi"
    takes_moment = set(MOMENT) <= set(route.parameters)
    html = templates.get_template(page.template).render(
        language=asking.language,
        in_=lambda text: text.to(asking.language) if isinstance(text, Bilingual) else text,
        number=lambda number: wording.numeral(number, asking.language),
        day=lambda day: in_numbers(day).to(asking.language),
        moment=lambda instant: _moment(instant, asking.language),
        title=page.title.to(asking.language),
        document=page.document,
        question=question,
        asking=asking,
        visitor=asking.visitor,
        form_token=asking.form_token,
        has_logged_in=asking.visitor not in (LOCAL, NOBODY),
        downloads=[(ending, question.address(f".{ending}")) for ending in route.endings],
        other=(other, question.changed(lang=other).address()),
        command=_command_line(page, asking, route),
        navigation=[*entries_for(asking.serving, asking.visitor)],
        here=route.path,
        left_out=[*_left_out(asking)],
        keep=f"lang={asking.language}" if question.text(LANGUAGE) else "",
        live=takes_moment and question.as_of is None,
        **(page.extras() if callable(page.extras) else page.extras),
    )
    return Response(html, media_type="text/html", headers={"Vary": "Accept-Language, Cookie"})


def _left_out(asking: Asking) -> Iterator[str]:
    """What of the served files does not count, for who may see all of them."""
    rejects, conflicts = len(asking.history.rejects), len(asking.history.conflicts)
    if not asking.visitor.sees_all():
        return
    if rejects:
        told = counted(
            rejects, "dòng không phải sự kiện bị bỏ qua", "lines left out, which are no events"
        )
        yield told.to(asking.language)
    if conflicts:
        vi = "sự kiện trùng mã, khác nội dung: chỉ tính sự kiện đầu"
        en = "events with the identity of another and other content: only the first counts"
        yield counted(conflicts, vi, en).to(asking.language)


def _moment(instant: datetime, language: Language) -> str:
    """An instant by the clock of the office: 20/03/2023 17:00:00."""
    local = instant.astimezone(environment.zone())
    return f"{in_numbers(local.date()).to(language)} {local:%H:%M:%S}"


def _command_line(page: Page, asking: Asking, route: Route) -> str:
    """The command that answers the same; empty where there is none, and for who may not see all:
    the command sees all."""
    if not asking.visitor.sees_all():
        return ""
    if page.options is None or page.command:
        return page.command
    return asking.question.command_line((*_basis(asking, route), *page.options))


def _basis(asking: Asking, route: Route) -> tuple[str, ...]:
    """The options by which a command reads the same history."""
    if not route.of_history:
        return ()
    registry = asking.serving.registry_file
    has_registry = registry is not None and "under" in route.parameters
    return (*asking.serving.basis, *(("--registry", str(registry)) if has_registry else ()))

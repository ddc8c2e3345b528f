"""Answers requests: asks a page's question, and sends the page, or its document as a file.

A page is a ``Route`` in a table: its path, the function that answers, the least role that may ask,
and the parameters that it takes. The function gets an ``Asking`` and gives a ``Page``: a document
and what its template shows besides. An address with an ending (``.json``) gets the document on that
paper instead. A function that raises ``UserError`` has the visitor told what is wrong, by a page or
as JSON.

A new page: a module in ``pages`` with its ``ROUTES``, its template, a line in
``application.PAGES``.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, datetime
from threading import Event
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hoso.consumers.store.backend import StoreUnavailable
from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.calendar import day_number, local_date
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    Bilingual,
    Document,
    Language,
    Text,
    counted,
    in_numbers,
)
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.explain import UnknownDossier
from hoso.tools import output
from hoso.tools.jobs.statement import Agencies, Asked
from hoso.tools.output import Paper, wording
from hoso.tools.runtime import environment, translation
from hoso.tools.serve import history as histories
from hoso.tools.serve.access.visitor import LOCAL, NOBODY, Role, Visitor
from hoso.tools.serve.history import History, KeptSource
from hoso.tools.serve.navigation import NAVIGATION, Entry
from hoso.tools.serve.question import LANGUAGE, MOMENT, Question
from hoso.tools.serve.templates import environment as templates
from hoso.tools.sources.opening import is_store

# The papers of every page, by their endings, and what a browser is told that they are.
ENDINGS: Final[Mapping[str, Paper]] = {"json": Paper.json, "csv": Paper.csv, "xlsx": Paper.xlsx}
MEDIA: Final[Mapping[Paper, str]] = {
    Paper.json: "application/json",
    Paper.csv: "text/csv; charset=utf-8",
    Paper.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Paper.docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Paper.html: "text/html; charset=utf-8",
    Paper.arrow: "application/vnd.apache.arrow.stream",
}
PREFERRED: Final = re.compile(r"\b(vi|en)\b(?:[^,;]*;\s*q=([\d.]+))?", re.IGNORECASE)


class Serving(NamedTuple):
    """What a server serves.

    ``history`` is what it keeps open, and ``basis`` the options by which a command reads the same;
    ``registry_file`` is the name of ``--registry``. ``closing`` is set when the server is about to
    end: answers without an end must end then.
    """

    history: History
    basis: tuple[str, ...]
    registry_file: str | None = None
    closing: Event = Event()

    @property
    def registry(self) -> AgencyRegistry:
        """The agencies; none without ``--registry``."""
        return self.history.registry

    @property
    def store(self) -> str | None:
        """The address of the store that is served; None where it is another source, or several."""
        [name, *others] = self.history.names
        return name if is_store(name) and not others else None


class Asking(NamedTuple):
    """A question that a visitor asks.

    ``history`` has only what the visitor may see. ``path`` has the parts of the path that vary.
    ``form_token`` is what each form of the page brings back, in the field of that name.
    """

    question: Question
    visitor: Visitor
    history: KeptSource
    serving: Serving
    path: Mapping[str, str]
    form_token: str

    @property
    def language(self) -> Language:
        """The language of the answer."""
        return self.question.language

    @property
    def office(self) -> Office:
        """The office, with the rules that the question names, today."""
        today = local_date(environment.now(), environment.zone())
        return histories.office(self.question.policy, today)

    @property
    def last_day(self) -> date:
        """The last day of which anything is known: that of the as-of instant, or today."""
        return self.office.last_day(self.question.as_of)

    @property
    def today(self) -> int:
        """The number of that day."""
        return day_number(self.last_day)

    @property
    def asked(self) -> Asked:
        """What a statement is asked for, as the question and the visitor's bodies say."""
        question, serving = self.question, self.serving
        agencies = Agencies(serving.registry, serving.registry_file, question.roll_up)
        limits = (question.only, question.under, agencies, self.visitor.bodies)
        return Asked(question.as_of, question.by, question.attribution, *limits)

    def bodies(self) -> list[Agency]:
        """The bodies of the registry that the visitor may ask for, in its order."""
        registry, own = self.serving.registry, self.visitor.bodies
        agencies = [*registry.agencies.values()]
        if own is None:
            return agencies
        seen = {code for body in own for code in histories.every_under(registry, body)}
        return [each for each in agencies if each.code in seen]

    def selected(self, window: Window) -> DossierFilter:
        """The dossiers that the question selects: its slices, the body that it names, and the
        visitor's bodies. Raises ``UserError`` for a body that the registry does not have."""
        return self.asked.selected(window, self.office)


class Page(NamedTuple):
    """The answer to a question: a document, and the template that shows it.

    ``title`` says the whole question. ``extras`` are what the template shows besides the document,
    or a function that makes it: files do without.
    ``options`` are those of the command that the question does not have; None where no command
    answers the same. ``command`` is the command line where it is not that of the question.
    """

    document: Document
    template: str
    title: Bilingual
    extras: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = MappingProxyType({})
    options: tuple[str, ...] | None = ()
    command: str = ""


class Moved(NamedTuple):
    """The answer stands at another address."""

    address: str


Answer = Page | Moved


class Route(NamedTuple):
    """A page: its path (``/dossier/{code}``), what answers, and who may ask.

    ``command`` are the words of the command that answers the same, with the parts of the path.
    ``parameters`` are those that it takes (``question.PARAMETERS``). ``endings`` are its papers.
    ``of_history`` is False where the page shows nothing of the history: then its command names no
    source, and anybody who may ask may choose other rules.
    """

    path: str
    answer: Callable[[Asking], Answer]
    role: Role
    command: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    endings: Mapping[str, Paper] = ENDINGS
    of_history: bool = True


class Plain(NamedTuple):
    """An address that is no page: ``endpoint`` answers requests by itself, and asks
    ``visitor_of(request)`` who asks. Without a role, it answers whoever has not logged in, too."""

    path: str
    endpoint: Callable[[Request], Awaitable[Response]]
    role: Role | None
    methods: tuple[str, ...] = ("GET",)


class Refused(Exception):
    """A request that gets no answer, with its status, and why, in both languages."""

    def __init__(self, status: int, why: Text) -> None:
        super().__init__(str(why))
        self.status, self.why = status, why


def visitor_of(request: Request) -> Visitor:
    """Whom a request comes from, as ``access`` found out; nobody where it did not."""
    found: Visitor = getattr(request.state, "visitor", NOBODY)
    return found


def form_token_of(request: Request) -> str:
    """What each form of a page brings back, so that no other site can send it."""
    found: str = getattr(request.state, "form_token", "")
    return found


def serving_of(request: Request) -> Serving:
    """What the server serves."""
    found: Serving = request.app.state.serving
    return found


def endpoint_of(route: Route) -> Callable[[Request], Awaitable[Response]]:
    """The function of Starlette that answers requests for a page."""

    async def endpoint(request: Request) -> Response:
        allow(request, route.role)
        return await run_in_threadpool(_answered, request, route)

    return endpoint


def allow(request: Request, role: Role) -> None:
    """Raise ``Refused`` where the visitor may not ask."""
    visitor = visitor_of(request)
    if visitor is NOBODY:
        raise Refused(401, Bilingual("Chưa đăng nhập", "Not logged in"))
    if not visitor.may(role):
        why = Bilingual(f"Việc này cần vai trò {role}", f"This needs the role {role}")
        raise Refused(403, why)


def _answered(request: Request, route: Route) -> Response:
    """The answer to a request for a page."""
    ending = request.path_params.get("ending", "")
    if ending and ending not in route.endings:
        raise Refused(
            404, Bilingual("Trang này không có định dạng ấy", "No such paper of this page")
        )
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
        navigation=[*_navigation(asking.serving, asking.visitor)],
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


def _navigation(serving: Serving, visitor: Visitor) -> Iterator[Entry]:
    """The pages that stand at the top, for a visitor."""
    has_store = serving.store is not None and visitor.sees_all()
    for each in NAVIGATION:
        if visitor.may(each.role) and (has_store or not each.of_store):
            yield each


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


def preferred(request: Request) -> Language:
    """The language that a visitor's browser asks for first; Vietnamese without one."""
    wanted = [
        (float(match[2] or 1), match[1].lower())
        for match in PREFERRED.finditer(request.headers.get("accept-language", "")[:200])
    ]
    wanted.sort(key=lambda each: -each[0])
    return "en" if wanted and wanted[0][1] == "en" else "vi"


def language_of(request: Request) -> Language:
    """The language in which a request is answered: that of the address, or the preferred one."""
    asked = request.query_params.get("lang")
    if asked in ("vi", "en"):
        return "en" if asked == "en" else "vi"
    return preferred(request)


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
        "navigation": [*_navigation(serving_of(request), visitor)],
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


def in_language(message: str, language: Language) -> str:
    """A message of the program in a language; it names a parameter, not the option of that name."""
    text = translation.catalogue().vietnamese(message) if language == "vi" else message
    return text.removeprefix("--")

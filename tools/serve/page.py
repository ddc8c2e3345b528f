"""What a page is: a ``Route`` in a table, asked by an ``Asking``, answered with a ``Page``.

A route has a path, the function that answers, the least role that may ask, and the parameters that
the page takes. The function gets an ``Asking``: the question, the visitor, and what the visitor may
see of the history. It gives a ``Page``: a document, and what its template shows besides; or raises
``UserError``, which the visitor is told. ``answering`` sends both.

A new page: a module in ``pages`` with its ``ROUTES``, its template, a line in
``application.PAGES``.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.calendar import day_number, local_date
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents.model import Bilingual, Document, Language, Text
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.tools.inputs.questions import Attribution
from hoso.tools.jobs.histories import for_same_history
from hoso.tools.jobs.statement import Agencies, Asked
from hoso.tools.output import Paper
from hoso.tools.runtime import environment
from hoso.tools.serve import history as histories
from hoso.tools.serve.access.visitor import NOBODY, Role, Visitor
from hoso.tools.serve.history import History, KeptSource
from hoso.tools.serve.question import Question
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


class Serving(NamedTuple):
    """What a server serves.

    ``history`` is what it keeps open, and ``basis`` the options by which a command reads the same;
    ``registry_file`` is the name of ``--registry``, ``releases`` the folder in which those of
    releases are. ``closing`` is set when the server is about to
    end: answers without an end must end then.
    """

    history: History
    basis: tuple[str, ...]
    registry_file: str | None = None
    closing: Event = Event()
    releases: Path | None = None

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

    def same_history(
        self, registry_file: str | None, attribution: Attribution = Attribution.held
    ) -> tuple[str, ...]:
        """The options by which other commands read the same history by the same rules."""
        question, serving = self.question, self.serving
        return for_same_history(
            serving.history.names,
            question.text("as-of"),
            skip_rejects="--skip-rejects" in serving.basis,
            policy=question.policy,
            registry=registry_file,
            roll_up=question.roll_up,
            attribution=attribution,
        )

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
    ``repeated`` are those that may be given several times here, and elsewhere not.
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
    repeated: tuple[str, ...] = ()


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


def allow(request: Request, role: Role) -> None:
    """Raise ``Refused`` where the visitor may not ask."""
    visitor = visitor_of(request)
    if visitor is NOBODY:
        raise Refused(401, Bilingual("Chưa đăng nhập", "Not logged in"))
    if not visitor.may(role):
        why = Bilingual(f"Việc này cần vai trò {role}", f"This needs the role {role}")
        raise Refused(403, why)

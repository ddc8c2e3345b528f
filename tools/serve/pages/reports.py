"""The pages of reports: which are due by which circular, the set of a window, each report on every
paper, and all of them as one ZIP file.

A report counts one body, or all. Dossiers count where they stand at the end of the window. What
makes reports is loaded when the first one is asked for, so that the server starts sooner.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypedDict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hoso.domain.errors import UserError
from hoso.domain.windows import Window, canonical_name
from hoso.projections.documents.model import Bilingual, Document
from hoso.tools.inputs.questions import Attribution
from hoso.tools.output import MOST_ROWS, Paper, wording
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.answering import asked
from hoso.tools.serve.page import ENDINGS, Answer, Asking, Moved, Page, Plain, Refused, Route, allow
from hoso.tools.serve.pages import form
from hoso.tools.serve.question import MOMENT, RULES, WINDOW, Question
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

if TYPE_CHECKING:
    pass

PAPERS: Final[Mapping[str, Paper]] = {**ENDINGS, "docx": Paper.docx}
PARAMETERS: Final = (*WINDOW, "slice", "under", "roll-up", *MOMENT, *RULES, "body")
FORM: Final = "form"
RECONCILIATION: Final = "reconciliation"
NAMES: Final[Mapping[str, Bilingual]] = {
    FORM: Bilingual("Biểu mẫu phải gửi", "The form to be filed"),
    "quarterly": Bilingual("Tình hình giải quyết theo đơn vị", "By body, with percentages"),
    "summary": Bilingual("Tóm tắt một trang", "The summary on one page"),
    "annual": Bilingual("So với cùng kỳ năm trước", "Against the year before"),
    "index766": Bilingual("Bộ chỉ số 766", "The index of Decision 766"),
    "scorecard": Bilingual("Phiếu chấm điểm", "The scorecard"),
    "integrity": Bilingual("Dấu hiệu bất thường", "Integrity"),
    RECONCILIATION: Bilingual("Bảng đối chiếu các số liệu", "The reconciliation"),
}


class OfSet(TypedDict):
    """What the page of a set and that of a report both show: each report with its address and its
    downloads, and the addresses of all of them and of the set."""

    listed: list[tuple[str, Bilingual, str, list[tuple[str, str]]]]
    all: str
    set: str
    window: str


def reports(asking: Asking) -> Answer:
    """Which reports are due, and the set of reports of a window; without one, of the first that is
    due."""
    from hoso.domain.reporting import next_reports
    from hoso.projections.documents import windows as due_reports
    from hoso.tools.runtime.calendar import calendar

    question = asking.question
    listed = next_reports(question.on)
    if not question.has_window and listed:
        return Moved(question.changed(window=listed[0].name).address())
    document = due_reports.document(listed, question.on, calendar().days)
    shown = parts(document, Links(question), asking.language)
    extras = {
        **_of_set(asking),
        "parts": shown,
        "due": [
            (
                due_reports.in_words(each.name).to(asking.language),
                question.changed(window=each.name).address(),
                each.name == question.text("window"),
            )
            for each in listed
        ],
        "kept": [item for item in question.given if item[0] not in (*WINDOW, "under")],
        "bodies": form.bodies(asking),
    }
    return Page(document, "reports.html.jinja", document.title, extras, None)


def report(asking: Asking) -> Answer:
    """One report of a window."""
    question, name = asking.question, asking.path["name"]
    if name not in _known():
        names = ", ".join(_known())
        why = Bilingual(f"Không có báo cáo này: dùng {names}", f"No such report: use {names}")
        raise Refused(404, why)
    *_, made = _made(asking, name)
    period = Bilingual(
        *(wording.period(question.window, each, made.until) for each in ("vi", "en"))
    )
    title = Bilingual(*(f"{a}. {b}" for a, b in zip(made.title, period, strict=True)))
    final = question.changed(attribution=Attribution.final)
    links = Links(final, asking.serving.registry, narrows=False)
    of_set = _of_set(asking)

    def extras() -> dict[str, object]:
        """What the page shows besides the report."""
        others = [
            (words.to(asking.language), address, each == name)
            for each, words, address, _ in of_set["listed"]
        ]
        shown = parts(made, links, asking.language)
        return {**of_set, "parts": shown, "period": period, "others": others}

    return Page(made, "report.html.jinja", title, extras)


def _known() -> tuple[str, ...]:
    """The names of all reports."""
    from hoso.tools.jobs.report import KINDS

    return FORM, RECONCILIATION, *KINDS


def _made(asking: Asking, name: str) -> Iterator[Document]:
    """The report of a name, the last one; the reconciliation comes behind what it reconciles."""
    from hoso.projections.reports.basis.scope import Scope
    from hoso.tools.inputs import profiles
    from hoso.tools.inputs.office import office_profile
    from hoso.tools.jobs import report as jobs

    question, window = asking.question, asking.question.window
    scope = Scope(question.only, form.own_body(asking))
    registry = asking.serving.registry
    body = question.text("body") or jobs.whose_form(registry, scope.under)
    if body not in jobs.FORMS:
        raise UserError(f"--body: no body {body!r}: use {', '.join(jobs.FORMS)}")
    names = jobs.all_reports(window, body)
    if name not in ("all", RECONCILIATION):
        names = [jobs.form_in_force(window, body) if name == FORM else name]
    settings = jobs.ReportSettings(
        registry,
        profiles.entered(None),
        profiles.procedures(None),
        profiles.fold_by("default"),
        profiles.index_by("national"),
        profiles.scorecard_by("tt01-2018"),
        roll_up=question.roll_up.value,
        scope=scope,
        ask=asking.same_history(asking.serving.registry_file, Attribution.final),
        most_rows=MOST_ROWS[Paper.html],
        office=office_profile(None, (*jobs.KINDS, RECONCILIATION)),
    )
    return jobs.reports(names, asking.history, asking.office, question.as_of, window, settings)


def _of_set(asking: Asking) -> OfSet:
    """What the page of a set and that of a report both show: each report with its addresses."""
    question, known = asking.question, _known()
    listed = [
        (name, words, _address(question, name), _downloads(question, name))
        for name, words in NAMES.items()
        if name in known
    ]
    return {
        "listed": listed,
        "all": _address(question, "all", ".zip"),
        "set": question.elsewhere("/reports", PARAMETERS).address(),
        "window": _named(question.window),
    }


def _named(window: Window) -> str:
    return canonical_name(window) or f"{window.first} – {window.last}"


def _address(question: Question, name: str, ending: str = "") -> str:
    return question.elsewhere(f"/report/{name}", PARAMETERS).address(ending)


def _downloads(question: Question, name: str) -> list[tuple[str, str]]:
    return [(ending, _address(question, name, f".{ending}")) for ending in PAPERS]


async def every_report(request: Request) -> Response:
    """All reports of a window on every paper, with a page that lists them, as a ZIP file."""
    from hoso.tools.output.folder import zipped

    allow(request, ALL.role)
    asking = asked(request, ALL, {})
    content = await run_in_threadpool(lambda: zipped(_made(asking, "all"), asking.language))
    name = f"bao-cao-{_named(asking.question.window).replace(' – ', '_')}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, "application/zip")


def _no_page(asking: Asking) -> Answer:
    raise Refused(404, Bilingual("Không có trang này", "There is no such page"))


ALL: Final = Route("/report/all", _no_page, Role.READER, ("report", "all"), PARAMETERS, {})
ROUTES: Final = (
    Plain("/report/all.zip", every_report, Role.READER),
    Route("/reports", reports, Role.READER, ("windows",), ("on", *PARAMETERS)),
    Route("/report/{name}", report, Role.READER, ("report", "{name}"), PARAMETERS, PAPERS),
)

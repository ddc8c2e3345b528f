"""The page of what falls due: overdue already, today, tomorrow, …, each dossier with what it waits
for."""

from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hoso.domain import windows
from hoso.domain.calendar import date_of
from hoso.domain.errors import UserError
from hoso.domain.windows import Window, canonical_name, period_before
from hoso.projections.documents.model import Bilingual, Document, Language, in_numbers
from hoso.projections.ledger.register import Moment
from hoso.tools.inputs import questions
from hoso.tools.output import wording
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.answering import asked
from hoso.tools.serve.page import Answer, Asking, Page, Plain, Route, allow
from hoso.tools.serve.pages import form
from hoso.tools.serve.periods import quarter_of
from hoso.tools.serve.question import MOMENT, RULES
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

if TYPE_CHECKING:
    from hoso.tools.jobs.due import Question as Asked

LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
CHOICES: Final = (0, 1, 5, 10, 20)


def due(asking: Asking) -> Answer:
    """What falls due from the last day of which anything is known."""
    from hoso.projections.ledger.backtest import Backtest
    from hoso.tools.jobs import due as jobs

    question, own = asking.question, _asked(asking)
    if (tested := question.text("backtest")) is not None:
        window = questions.window(None, None, tested)
        back = Backtest(window, own.within, asking.today, question.by, own.selected)
        made = jobs.backtested(asking.history, asking.office, question.as_of, back)
        title = Bilingual(
            *(f"{made.title.to(each)}. {wording.period(window, each)}" for each in LANGUAGES)
        )
    else:
        moment = Moment(question.as_of, asking.today)
        made = jobs.due(asking.history, asking.office, moment, own)
        on = in_numbers(date_of(asking.today))
        title = Bilingual(f"{made.title.vi}. Hết ngày {on.vi}", f"{made.title.en}. {on.en}")
    return Page(made, "due.html.jinja", title, partial(_extras, asking, made, own.within))


def _extras(asking: Asking, made: Document, within: int) -> dict[str, object]:
    """What the page shows besides the document."""
    question = asking.question
    before = canonical_name(period_before(windows.named_window(quarter_of(asking.last_day))))
    return {
        "parts": parts(made, Links(question, asking.serving.registry), asking.language),
        "ahead": [
            (str(days), question.changed(within=str(days)).address(), days == within)
            for days in CHOICES
        ],
        "kept": [item for item in question.given if item[0] not in ("under", "by")],
        "bodies": form.bodies(asking),
        "dimensions": form.dimensions(asking),
        "narrowed": form.narrowed(asking),
        "calendar": question.changed(by=None, backtest=None).address(".ics"),
        "list": question.changed(backtest=None).address() if question.text("backtest") else "",
        "backtest": question.changed(backtest=before).address(),
    }


def _asked(asking: Asking) -> "Asked":
    """What falls due of which dossiers."""
    from hoso.tools.jobs.due import Question

    day = date_of(asking.today)
    selected = asking.selected(Window(day, day))
    return Question(_within(asking.question.text("within")), asking.question.by, selected)


async def calendar(request: Request) -> Response:
    """What falls due as a calendar to subscribe to: one entry a day."""
    allow(request, DUE.role)
    asking = asked(request, DUE, {})
    content = await run_in_threadpool(_calendar, asking)
    headers = {"Content-Disposition": 'inline; filename="due.ics"'}
    return Response(content, 200, headers, "text/calendar; charset=utf-8")


def _calendar(asking: Asking) -> bytes:
    from hoso.tools.jobs import due as jobs
    from hoso.tools.output import icalendar

    own, moment = _asked(asking), Moment(asking.question.as_of, asking.today)
    made = jobs.calendar(asking.history, asking.office, moment, own)
    scope, now = jobs.scope(asking.history, own), asking.question.as_of or environment.now()
    return b"".join(icalendar.printed(made, asking.language, scope, now))


def _within(text: str | None) -> int:
    """How many working days ahead. Raises ``UserError`` for what is no such number."""
    if text is None:
        return questions.WITHIN
    if not (text.isascii() and text.isdigit()) or int(text) > questions.MOST_WITHIN:
        raise UserError(f"--within: no number of days {text!r}: use 0 to {questions.MOST_WITHIN}")
    return int(text)


PARAMETERS: Final = ("within", "backtest", "by", "slice", "under", "roll-up", *MOMENT, *RULES)
DUE: Final = Route("/due", due, Role.READER, ("due",), PARAMETERS)
ROUTES: Final = (Plain("/due.ics", calendar, Role.READER), DUE)

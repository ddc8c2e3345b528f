"""The page of vintages: one window as it was known at several instants, and how much its figures
were revised."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from hoso.domain.calendar import end_of_day
from hoso.projections.documents.model import Bilingual, Document
from hoso.tools.inputs import questions
from hoso.tools.jobs import vintages as jobs
from hoso.tools.runtime import environment
from hoso.tools.serve import periods
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.pages import form
from hoso.tools.serve.pages.statement import period_in_words, title_of
from hoso.tools.serve.question import MOMENT, RULES, SLICES, WINDOW, Question
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

AFTER_DAYS: Final = (0, 30, 90, 180, 365)  # the end of the window, of the shorter choice
ASKED: Final = ("window", "from", "to", "under", "by", "as-of")  # by the form


def vintages(asking: Asking) -> Answer:
    """A window, vintage by vintage; without one, the current quarter."""
    question = asking.question
    if not question.has_window:
        return Moved(question.changed(window=periods.quarter_of(asking.last_day)).address())
    # A long answer, and the same until the history grows or a day passes.
    key = ("vintages", question.given, asking.today)
    document = asking.history.answer(key, partial(_document, asking))
    title = title_of(asking, document)
    return Page(document, "vintages.html.jinja", title, partial(_shown, asking, document))


def _document(asking: Asking) -> Document:
    question, office = asking.question, asking.office
    known = [questions.instant(text) for text in question.texts("as-of")]
    instants = known or jobs.month_ends(
        asking.history, question.window, office.zone, environment.now()
    )
    return jobs.vintages(asking.history, asking.asked, office, question.window, instants)


def _shown(asking: Asking, document: Document) -> dict[str, object]:
    """What the page shows besides the document."""
    question = asking.question
    return {
        "period": period_in_words(question.window, document),
        "parts": parts(document, Links(question, asking.serving.registry), asking.language),
        "periods": periods.periods(question),
        "instants": [
            (name.to(asking.language), other.address(), other.address() == question.address())
            for name, other in _choices(question)
        ],
        "known": [*question.texts("as-of"), ""],
        "kept": [item for item in question.given if item[0] not in ASKED],
        "bodies": form.bodies(asking),
        "dimensions": form.dimensions(asking),
        "narrowed": form.narrowed(asking),
    }


def _choices(question: Question) -> Iterator[tuple[Bilingual, Question]]:
    """The vintages that people look at most often: a name, and what it asks."""
    yield Bilingual("Cuối mỗi tháng", "Every month end"), question.changed(as_of=None)
    last, now, zone = question.window.last, environment.now(), environment.zone()
    days = [last + timedelta(days) for days in AFTER_DAYS]
    over = [day.isoformat() for day in days if end_of_day(day, zone) < now]
    if over:
        words = ", ".join(map(str, AFTER_DAYS[1:]))
        name = Bilingual(f"Hết kỳ, sau {words} ngày", f"At its end, {words} days later")
        yield name, question.changed(as_of=over)


ROUTES: Final = (
    Route(
        "/vintages",
        vintages,
        Role.READER,
        ("vintages",),
        (*WINDOW, *SLICES, *MOMENT, *RULES),
        repeated=MOMENT,
    ),
)

"""The page of a statement: the figures of a window, each a link to its dossiers."""

from typing import Final

from hoso.domain.windows import administrative_year, full_name, windows_of
from hoso.projections.documents.model import Bilingual
from hoso.tools.jobs.statement import document as documents
from hoso.tools.jobs.statement import statements
from hoso.tools.output import wording
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.question import MOMENT, RULES, SLICES, WINDOW
from hoso.tools.serve.tables import Links, table

QUARTERS: Final = ("Q1", "Q2", "Q3", "Q4")


def statement(asking: Asking) -> Answer:
    """State a window; without one, the current quarter."""
    question, office = asking.question, asking.office
    if not question.has_window:
        return Moved(question.changed(window=current_quarter(asking)).address())
    asked = asking.asked
    stated = statements(asking.history, asked, [office], [question.window])
    document = documents(stated, asked, single=True)
    period = Bilingual(
        *(wording.period(question.window, each, document.until) for each in ("vi", "en"))
    )
    title = Bilingual(*(f"{a}. {b}" for a, b in zip(document.title, period, strict=True)))
    parts = [table(each, document, Links(question), asking.language) for each in document.tables()]
    return Page(document, "statement.html.jinja", title, {"tables": parts, "period": period})


def current_quarter(asking: Asking) -> str:
    """The name of the quarter that the last day of which anything is known is in."""
    last = asking.office.last_day(asking.question.as_of)
    year = administrative_year(last)
    windows = windows_of(year)
    found = next(name for name in QUARTERS if windows[name].first <= last <= windows[name].last)
    return full_name(year, found)


ROUTES: Final = (
    Route(
        "/statement",
        statement,
        Role.READER,
        ("statement",),
        (*WINDOW, *SLICES, *MOMENT, *RULES),
    ),
)

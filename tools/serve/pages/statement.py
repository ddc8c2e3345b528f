"""The page of a statement: the figures of a window, each a link to its dossiers.

Besides the table of the command, the page shows what flows in and out, the days of the window, and
the same window of other years; and lets the visitor move both times: what had happened, and what
was known.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from hoso.domain.windows import Window
from hoso.projections.documents.figures import figure, in_words
from hoso.projections.documents.model import Bilingual, Document, Language
from hoso.tools.jobs.statement import document as document_of
from hoso.tools.jobs.statement import statements
from hoso.tools.output import wording
from hoso.tools.serve import drawings, periods
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.pages import form, over_time
from hoso.tools.serve.question import MOMENT, RULES, SLICES, WINDOW
from hoso.tools.serve.tables import Links, table

# The two sides of the identity.
CAME_IN: Final = ("carried_over", "received", "transferred.in")
WENT_OUT: Final = (
    *("resolved.total", "returned.total", "cancelled.total"),
    *("transferred.out", "carried_forward"),
)


def statement(asking: Asking) -> Answer:
    """State a window; without one, the current quarter."""
    question = asking.question
    if not question.has_window:
        return Moved(question.changed(window=periods.quarter_of(asking.last_day)).address())
    window = question.window
    stated = statements(asking.history, asking.asked, [asking.office], [window])
    document = document_of(stated, asking.asked, single=True)
    shown = partial(_shown, asking, document, stated[0])
    return Page(document, "statement.html.jinja", title_of(asking, document), shown)


def _shown(asking: Asking, document: Document, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows besides the document."""
    question, window = asking.question, asking.question.window
    links = Links(question, asking.serving.registry)
    return {
        "tables": [table(each, document, links, asking.language) for each in document.tables()],
        "period": period_in_words(window, document),
        "identity": identity(stated["total"], asking.language),
        "flows": flows(stated, document, links, asking),
        "days": over_time.days(asking, window),
        "years": over_time.years(asking, window),
        "periods": periods.periods(question),
        "times": over_time.times(asking, window),
        "choices": form.choices(asking),
        "narrowed": form.narrowed(asking),
    }


def period_in_words(window: Window, document: Document) -> Bilingual:
    """The days of a window, as pages write them."""
    vi, en = (wording.period(window, each, document.until) for each in ("vi", "en"))
    return Bilingual(vi, en)


def title_of(asking: Asking, document: Document) -> Bilingual:
    """The title of a page, which says the whole question."""
    window = document.window
    period = Bilingual("", "") if window is None else period_in_words(window, document)
    parts = [document.title, period, *asking.question.in_words(asking.serving.registry)]
    vi, en = (" · ".join(filter(None, texts)) for texts in zip(*parts, strict=True))
    return Bilingual(vi, en)


def identity(total: Mapping[str, Any], language: Language) -> str:
    """The identity of a line in words: 66 carried over + 619 received = 579 resolved + … Terms that
    are 0 are left out."""
    sides = []
    for names in (CAME_IN, WENT_OUT):
        terms = [(figure(total, name), in_words(name).to(language)) for name in names]
        shown = [(number, name) for number, name in terms if number] or terms[-1:]
        sides.append(
            " + ".join(f"{wording.numeral(n, language)} {name.lower()}" for n, name in shown)
        )
    return " = ".join(sides)


def flows(stated: Mapping[str, Any], document: Document, links: Links, asking: Asking) -> list[Any]:
    """The identity as a drawing: one for wide screens, one for phones."""
    [first, *_] = document.tables()
    addresses = {
        key: links.of(cell)
        for row in first.rows
        for key, cell in [(row.key, row.cells.get("total"))]
        if cell is not None
    }
    if not addresses:  # a row for each slice: the last one has the totals
        last = list(first.rows)[-1]
        addresses = {key: links.of(cell) for key, cell in last.cells.items()}
    total = stated["total"]
    return [
        drawings.flow(total, addresses, asking.language, sizes)
        for sizes in (drawings.WIDE, drawings.NARROW)
    ]


ROUTES: Final = (
    Route(
        "/statement",
        statement,
        Role.READER,
        ("statement",),
        (*WINDOW, *SLICES, *MOMENT, *RULES),
    ),
)

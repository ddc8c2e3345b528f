"""The page that sets two windows, moments, laws or bodies side by side, down to dossiers.

Side A is what the usual parameters say. Side B is the same, but for what ``against-…`` says.
"""

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from typing import Final

from hoso.domain.windows import Window, canonical_name, period_before, same_period_last_year
from hoso.projections.documents.model import Bilingual, Document
from hoso.tools.jobs.compare import compared
from hoso.tools.jobs.sides import SideTexts, compared_figures, two_sides
from hoso.tools.output import wording
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.pages import form
from hoso.tools.serve.periods import quarter_of
from hoso.tools.serve.question import AGAINST, MOMENT, SLICES, WINDOW, Question
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

RULES: Final = ("law", "law-as-of", "pin")
ASKED: Final = ("window", "from", "to", "as-of", "law", "under", "by")  # by the form


def compare(asking: Asking) -> Answer:
    """Compare two sides; without a window the current quarter, without an other side the same
    period of the year before."""
    question = asking.question
    if not question.has_window:
        question = question.changed(window=quarter_of(asking.last_day))
    if not any(map(question.text, AGAINST)):
        return Moved(_against_window(question, same_period_last_year(question.window)).address())
    if question is not asking.question:
        return Moved(question.address())
    own, against = _texts(question, ""), _texts(question, "against-")
    sides = two_sides(own, against, asking.asked.agencies, asking.visitor.bodies)
    figures = compared_figures(",".join(question.accounts)) if question.accounts else []
    attribution = question.attribution.value
    document = compared(asking.history, sides, figures, question.by, attribution, ())
    periods = (wording.period(sides[0].window, language) for language in ("vi", "en"))
    title = Bilingual(*(f"{a}. {b}" for a, b in zip(document.title, periods, strict=True)))
    return Page(document, "compare.html.jinja", title, partial(_extras, asking, document))


def _extras(asking: Asking, document: Document) -> dict[str, object]:
    """What the page shows besides the document."""
    question, language = asking.question, asking.language
    links = Links(question, asking.serving.registry)
    against = [(name.to(language), other.address()) for name, other in _choices(asking)]
    return {
        "parts": parts(document, links, language),
        "against": [(*each, each[1] == question.address()) for each in against],
        "kept": [*_kept(question)],
        "may_choose_rules": asking.visitor.may(Role.ANALYST),
        "regimes": form.regimes(),
        "bodies": form.bodies(asking),
        "dimensions": form.dimensions(asking),
        "overview": question.changed(account=None).address() if question.accounts else "",
    }


def _texts(question: Question, prefix: str) -> SideTexts:
    """What the parameters say of a side."""
    return SideTexts(
        question.text(f"{prefix}from"),
        question.text(f"{prefix}to"),
        question.text(f"{prefix}window"),
        question.text(f"{prefix}as-of"),
        question.regime(f"{prefix}law"),
        question.text(f"{prefix}law-as-of"),
        tuple(question.texts(f"{prefix}pin")),
        tuple(question.texts(f"{prefix}slice")),
        question.text(f"{prefix}under"),
    )


def _choices(asking: Asking) -> Iterator[tuple[Bilingual, Question]]:
    """What people compare with most often: a name, and what it asks."""
    question, window = asking.question, asking.question.window
    own = question.changed(**{name.replace("-", "_"): None for name in AGAINST})
    before = _against_window(own, period_before(window))
    yield Bilingual("Kỳ trước", "The period before"), before
    last_year = _against_window(own, same_period_last_year(window))
    yield Bilingual("Cùng kỳ năm trước", "The same period last year"), last_year
    zone = environment.zone()
    end = datetime.combine(window.last, time(23, 59, 59), zone)
    if end < environment.now():
        known = own.changed(against_as_of=end.isoformat())
        yield Bilingual("Như đã biết lúc hết kỳ", "As known when it ended"), known
    if asking.visitor.may(Role.ANALYST):
        portal = own.changed(against_law="portal-2026")
        yield Bilingual("Cách tính của Cổng (portal-2026)", "By the portal's rules"), portal


def _against_window(question: Question, window: Window) -> Question:
    """A question set against another window."""
    if (name := canonical_name(window)) is not None:
        return question.changed(against_window=name)
    first, last = (day.isoformat() for day in window)
    return question.changed(against_from=first, against_to=last)


def _kept(question: Question) -> Iterator[tuple[str, str]]:
    """The parameters that the form does not ask for, and keeps."""
    asked = {prefix + name for name in ASKED for prefix in ("", "against-")}
    return (item for item in question.given if item[0] not in asked)


ROUTES: Final = (
    Route(
        "/compare",
        compare,
        Role.READER,
        ("compare",),
        ("account", *WINDOW, *SLICES, *MOMENT, *RULES, *AGAINST),
    ),
)

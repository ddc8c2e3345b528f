"""The page of integrity: what only looks on time, by check and by agency, down to dossiers.

No check accuses anybody. Each says what it saw, and which innocent causes that may have.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

from hoso.projections.documents.model import Bilingual, Data, Document
from hoso.tools.output import wording
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.pages import form
from hoso.tools.serve.periods import quarter_of
from hoso.tools.serve.question import MOMENT, RULES, WINDOW
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import INTEGRITY, Links

if TYPE_CHECKING:
    from hoso.projections.integrity.parts import Question as Asked
    from hoso.tools.jobs.integrity_overview import Asked as Overview

PARAMETERS: Final = (*WINDOW, "check", "slice", "under", "roll-up", *MOMENT, *RULES)


def integrity(asking: Asking) -> Answer:
    """What the checks saw in a window, by default the current quarter; or the dossiers of some."""
    from hoso.tools.jobs import integrity as jobs
    from hoso.tools.jobs.integrity_overview import overview

    question = asking.question
    if not question.has_window:
        return Moved(question.changed(window=quarter_of(asking.last_day)).address())
    asked, names = _asked(asking), question.texts("check")
    programs = jobs.for_programs(asking.history, asked, names).data
    assert programs is not None
    if names:
        made = jobs.listing(asking.history, asked, names, asking.same_history(None))
        assert made.data is not None
        document = made._replace(data=Data(programs.json, made.data.records))
    else:
        made = overview(asking.history, asked, _how(asking))
        document = made._replace(data=programs)
    vi, en = (wording.period(question.window, each, made.until) for each in ("vi", "en"))
    title = Bilingual(f"{made.title.vi}. {vi}", f"{made.title.en}. {en}")
    return Page(document, "integrity.html.jinja", title, partial(_extras, asking, document))


def _asked(asking: Asking) -> "Asked":
    """What is asked of the lives. Raises ``UserError`` for a check that there is not."""
    from hoso.projections.integrity.parts import question_of
    from hoso.tools.inputs.checks import check_named, checks_by

    question = asking.question
    for name in question.texts("check"):
        check_named(name)
    selected = asking.selected(question.window)._replace(under=form.own_body(asking))
    return question_of(asking.office, question.as_of, question.window, checks_by(None), selected)


def _how(asking: Asking) -> "Overview":
    """How the overview is asked for."""
    from hoso.tools.jobs.integrity_overview import Asked

    question, serving = asking.question, asking.serving
    ask = asking.same_history(serving.registry_file)
    return Asked(serving.registry, question.roll_up.value, ask)


def _extras(asking: Asking, document: Document) -> dict[str, object]:
    """What the page shows besides the document."""
    from hoso.tools.inputs.checks import checks_by

    question, language = asking.question, asking.language
    chosen = question.texts("check")
    return {
        "parts": parts(document, Links(question, asking.serving.registry), language),
        "period": Bilingual(
            wording.period(question.window, "vi", document.until),
            wording.period(question.window, "en", document.until),
        ),
        "checks": [
            (
                check.title.vi if language == "vi" else check.title.en,
                question.changed(check=[name]).address(),
                name in chosen,
            )
            for name, check in checks_by(None).items()
        ],
        "overview": question.changed(check=None).address() if chosen else "",
        "kept": [item for item in question.given if item[0] not in (*WINDOW, "under")],
        "window": question.text("window") or "",
        "bodies": form.bodies(asking),
        "narrowed": form.narrowed(asking),
    }


ROUTES: Final = (Route(INTEGRITY, integrity, Role.READER, ("integrity",), PARAMETERS),)

"""The page of what falls due: overdue already, today, tomorrow, …, each dossier with what it waits
for."""

from typing import Final

from hoso.domain.calendar import date_of
from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.documents.figures import DIMENSIONS
from hoso.projections.documents.model import Bilingual, in_numbers
from hoso.projections.ledger.register import Moment
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Page, Route
from hoso.tools.serve.question import MOMENT, RULES
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

WITHIN: Final = 5  # working days: a week
MOST_WITHIN: Final = 250
CHOICES: Final = (0, 1, 5, 10, 20)
WORDS: Final = {
    "within": Bilingual("Số ngày làm việc tới", "Working days ahead"),
    "under": Bilingual("Cơ quan", "Body"),
    "by": Bilingual("Tách theo", "Split by"),
    "as_of": Bilingual("Biết đến thời điểm", "As known at"),
    "ask": Bilingual("Xem", "Show"),
}


def due(asking: Asking) -> Answer:
    """What falls due from the last day of which anything is known."""
    from hoso.tools.jobs import due as jobs

    question, office = asking.question, asking.office
    day = date_of(asking.today)
    selected = asking.selected(Window(day, day))
    asked = jobs.Question(_within(question.text("within")), question.by, selected)
    made = jobs.due(asking.history, office, Moment(question.as_of, asking.today), asked)
    on = in_numbers(day)
    title = Bilingual(f"{made.title.vi}. Hết ngày {on.vi}", f"{made.title.en}. {on.en}")
    extras = {
        "parts": parts(made, Links(question), asking.language),
        "words": WORDS,
        "within": asked.within,
        "choices": CHOICES,
        "bodies": asking.bodies(),
        "dimensions": DIMENSIONS.items(),
    }
    return Page(made, "due.html.jinja", title, extras)


def _within(text: str | None) -> int:
    """How many working days ahead. Raises ``UserError`` for what is no such number."""
    if text is None:
        return WITHIN
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_WITHIN:
        raise UserError(f"--within: no number of days {text!r}: use 0 to {MOST_WITHIN}")
    return int(text)


ROUTES: Final = (
    Route(
        "/due",
        due,
        Role.READER,
        ("due",),
        ("within", "by", "slice", "under", "roll-up", *MOMENT, *RULES),
    ),
)

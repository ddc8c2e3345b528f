"""The page of a dossier: its life as a time line, each event with the rule that decided."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from hoso.domain import rules
from hoso.domain.accounts import ACCOUNTS, OUTSIDE
from hoso.domain.calendar import date_of
from hoso.domain.errors import UserError
from hoso.projections.documents.figures import in_words
from hoso.projections.documents.life import EVENTS
from hoso.projections.documents.model import Bilingual, Document, Words
from hoso.projections.ledger.explain import Step
from hoso.tools.jobs.dossiers import Life, life_of
from hoso.tools.runtime import environment
from hoso.tools.serve import drawings
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.drawings import Stretch
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.question import MOMENT, RULES

CLOCKS: Final = {  # what the clock does, by the look of a stretch
    "running": Bilingual("Đồng hồ chạy", "Clock running"),
    "standing": Bilingual("Đồng hồ dừng", "Clock standing"),
    "overdue": Bilingual("Quá hạn", "Overdue"),
    "closed": Bilingual("Đã kết thúc", "Closed"),
    "before": Bilingual("Chưa tiếp nhận", "Not received yet"),
}


class Moment(NamedTuple):
    """An event of a life, or a deadline that passed, as the page shows it.

    ``clock`` is what the clock does after it (a key of CLOCKS). ``reordered`` says that the event
    was recorded on a later day than that on which it occurred.
    """

    day: date
    name: Bilingual
    occurred: datetime | None
    recorded: datetime | None
    source: str | None
    event: str | None
    effect: Bilingual
    account: Bilingual
    due: date | None
    rules: Bilingual
    clock: str
    suspense: bool
    reordered: bool


class Erased(NamedTuple):
    """What is told once a code was erased: what became of it, and where it may still stand."""

    lines: Sequence[str]
    places: Sequence[str]


def dossier(asking: Asking, erased: Erased | None = None) -> Page:
    """Tell the life of a dossier, whose code was ``erased`` just now where that is given."""
    question, code = asking.question, asking.path["code"]
    life = life_of(asking.history, asking.office, question.as_of, code, environment.now())
    document = life.document()
    last = life.steps[-1]
    extras = {
        "code": code,
        "lead": document.lead,
        "moments": [*_moments(life, document)],
        "band": _band(life).get(asking.language),
        "clocks": CLOCKS,
        "agency": last.agency,
        "agency_name": asking.serving.registry.name(last.agency) if last.agency else None,
        "clock": clock_of(last, life.today),
        "due": date_of(last.clock.due) if last.clock.phase != rules.NONE else None,
        "may_erase": _may_erase(asking),
        "erased": erased,
    }
    parts = [document.title, *question.in_words(asking.serving.registry)]
    vi, en = (" · ".join(texts) for texts in zip(*parts, strict=True))
    return Page(document, "dossier.html.jinja", Bilingual(vi, en), extras)


def _may_erase(asking: Asking) -> bool:
    """Whether the visitor may put a pseudonym in the place of the code, and it is not one yet."""
    from hoso.consumers.store.pseudonyms import PREFIX

    may = asking.visitor.may(Role.OPERATOR) and asking.visitor.sees_all()
    is_pseudonym = asking.path["code"].startswith(PREFIX)
    return may and asking.serving.store is not None and not is_pseudonym


def _moments(life: Life, document: Document) -> Iterator[Moment]:
    """The steps of a life, with the words that its document has for them."""
    [told] = document.tables()
    for step, row in zip(life.steps, told.rows, strict=True):
        said = {key: cell.text for key, cell in row.cells.items() if isinstance(cell, Words)}
        effect, by = said["effect"], said["rules"]
        late = _is_later(step, life)
        received = step.clock.phase != rules.NONE
        yield Moment(
            date_of(step.day),
            Bilingual(EVENTS[step.event_type], step.event_type.replace("_", " ")),
            step.occurred,
            step.recorded,
            step.source,
            step.event,
            effect if isinstance(effect, Bilingual) else Bilingual(effect, effect),
            in_words(ACCOUNTS[step.account]) if step.account != OUTSIDE else CLOCKS["before"],
            date_of(step.clock.due) if received else None,
            by if isinstance(by, Bilingual) else Bilingual(by, by),
            clock_of(step, step.day),
            step.suspense,
            late,
        )


def _is_later(step: Step, life: Life) -> bool:
    """Whether an event was recorded on a later day than that on which it occurred."""
    if step.occurred is None or step.recorded is None:
        return False
    zone = life.office.zone
    return step.recorded.astimezone(zone).date() > step.occurred.astimezone(zone).date()


def clock_of(step: Step, day: int) -> str:
    """What the clock does on a day after a step: a key of CLOCKS."""
    account = rules.account(step.clock, day)
    if step.clock.phase == rules.NONE:
        return "before"
    if step.clock.phase == rules.CLOSED:
        return "closed"
    if account != OUTSIDE and ACCOUNTS[account].endswith(".overdue"):
        return "overdue"
    return "standing" if step.clock.phase in (rules.AWAITING, rules.PAUSED) else "running"


def _band(life: Life) -> dict[str, Any]:
    """The life as a band, from the first event to its end, or to today."""
    steps = life.steps
    last = steps[-1].day if clock_of(steps[-1], life.today) == "closed" else life.today
    stretches: dict[str, list[Stretch]] = {"vi": [], "en": []}
    for place, step in enumerate(steps):
        end = steps[place + 1].day - 1 if place + 1 < len(steps) else max(last, step.day)
        if end < step.day:
            continue
        look = clock_of(step, step.day)
        first, until = date_of(step.day), date_of(end)
        for language, found in stretches.items():
            name = CLOCKS[look].vi if language == "vi" else CLOCKS[look].en
            said = f"{name}: {first:%d/%m/%Y} – {until:%d/%m/%Y}"
            found.append(Stretch(first, until, look, said))
    return {
        language: drawings.band(found, _marks(life, language), _band_name(found))
        for language, found in stretches.items()
    }


def _marks(life: Life, language: str) -> list[tuple[date, str]]:
    found = []
    for step in life.steps:
        name = EVENTS[step.event_type] if language == "vi" else step.event_type
        found.append((date_of(step.day), f"{date_of(step.day):%d/%m/%Y} {name}"))
    return found


def _band_name(stretches: list[Stretch]) -> str:
    return "; ".join(each.name for each in stretches)


def find(asking: Asking) -> Answer:
    """Lead to the dossier whose code is asked for: for forms without a script."""
    code = (asking.question.text("code") or "").strip()
    if not code:
        raise UserError("--code: which dossier? write its code")
    return Moved(asking.question.elsewhere(f"/dossier/{code}", ()).address())


ROUTES: Final = (
    Route("/dossier", find, Role.READER, (), ("code",), endings={}),
    Route(
        "/dossier/{code:path}",
        dossier,
        Role.READER,
        ("explain", "{code}"),
        (*MOMENT, *RULES),
    ),
)

"""The page of the law: what is in force on a day, what changed, and what each parameter decides.

Where a parameter decides is seen by pinning it to another value: the page leads to the comparison
of the current quarter with what it would be by that value.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from hoso.domain.policy import Policy
from hoso.domain.provisions import OF_THE_FOLD, Provision
from hoso.projections.documents.law import change, cited, difference, document
from hoso.projections.documents.model import Bilingual, Document, in_numbers
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Page, Route
from hoso.tools.serve.pages import form
from hoso.tools.serve.periods import quarter_of
from hoso.tools.serve.question import Question
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import COMPARE, Links

MEANS: Final = {
    "after_supplement": Bilingual(
        "Sau khi bổ sung, thời hạn tính lại từ đầu (restart) hay tính tiếp (extend)",
        "After a supplement the time runs anew (restart) or goes on (extend)",
    ),
    "supplement_limit": Bilingual(
        "Số lần yêu cầu bổ sung được phép; quá số này là quá hạn",
        "How many supplement requests are allowed; with more a dossier is overdue",
    ),
    "reschedule": Bilingual(
        "Phiếu xin lỗi và hẹn lại lần đầu có dời ngày hẹn trả hay không",
        "Whether the first new appointment moves the due day",
    ),
    "reschedule_notice": Bilingual(
        "Số ngày phải báo hẹn lại trước ngày hẹn trả",
        "How many days before the due day a new appointment must be announced",
    ),
    "arrival_starts_clock": Bilingual(
        "Hồ sơ do nơi khác tiếp nhận: thời hạn tính từ khi đến cơ quan có thẩm quyền hay không",
        "Whether the time of a dossier taken in elsewhere runs from its arrival",
    ),
}
OTHER_VALUES: Final = {
    "after_supplement": ("restart", "extend"),
    "supplement_limit": ("0", "1", "2"),
    "reschedule": ("accept_once", "keep_original"),
    "reschedule_notice": ("-1", "1", "3"),
    "arrival_starts_clock": ("no", "yes"),
}
ASKED: Final = ("on", "against-on", "law-as-of", "law", "diff")  # by the form


class Decides(NamedTuple):
    """A parameter: its name, what it means, its value and source on the day, and for other values
    the address of the comparison."""

    name: str
    means: Bilingual
    value: str
    source: Bilingual
    others: list[tuple[str, str]]


def law(asking: Asking) -> Answer:
    """What is in force on a day; or what differs between two days, or two days of publication."""
    question, policy = asking.question, asking.question.policy
    made, title = _made(question, policy)
    language = asking.language
    changes = [(day.to(language), address) for day, address in _changes(question, policy)]
    editions = [(day.to(language), address) for day, address in _editions(question, policy)]
    extras = {
        "parts": parts(made, Links(question), asking.language),
        "regimes": form.regimes(),
        "kept": [item for item in question.given if item[0] not in ASKED],
        "changes": [(*each, each[1] == question.address()) for each in changes],
        "editions": [(*each, each[1] == question.address()) for each in editions],
        "decides": [*_decides(asking, policy)],
    }
    return Page(made, "law.html.jinja", title, extras)


def _made(question: Question, policy: Policy) -> tuple[Document, Bilingual]:
    """The document, and the title that says which days."""
    on = question.on if question.text("on") or question.against_on else None
    if question.diff is not None:
        before, after = (policy.model_copy(update={"law_as_of": day}) for day in question.diff)
        return _titled(difference(before, after, on), *question.diff)
    if question.against_on is not None:
        on = question.on
        return _titled(change(policy, question.against_on, on), question.against_on, on)
    return _titled(document(policy, on), *([] if on is None else [on]))


def _titled(made: Document, *days: date) -> tuple[Document, Bilingual]:
    """A document with the title that names its days."""
    words = [*zip(made.title, *map(in_numbers, days), strict=True)]
    vi, en = (
        ". ".join([title, " – ".join(texts)] if texts else [title]) for title, *texts in words
    )
    return made, Bilingual(vi, en)


def _changes(question: Question, policy: Policy) -> Iterator[tuple[Bilingual, str]]:
    """The days on which the law changed: each with the address that shows what."""
    days = {each.first for each in policy.provisions if each.first is not None}
    for day in sorted(days, reverse=True):
        before = (day - timedelta(1)).isoformat()
        asked = question.changed(on=day.isoformat(), against_on=before, diff=None)
        yield in_numbers(day), asked.address()


def _editions(question: Question, policy: Policy) -> Iterator[tuple[Bilingual, str]]:
    """The days on which law was published: each with the address that shows what."""
    days = {each.published for each in policy.provisions if each.published is not None}
    for day in sorted(days, reverse=True)[:-1]:  # nothing is known before the first of them
        before = (day - timedelta(1)).isoformat()
        asked = question.changed(diff=f"{before},{day.isoformat()}", on=None, against_on=None)
        yield in_numbers(day), asked.address()


def _decides(asking: Asking, policy: Policy) -> Iterator[Decides]:
    """What each parameter of the fold decides."""
    on = asking.question.on
    for name in OF_THE_FOLD:
        provision, value = policy.provision(name, on), str(policy.value(name, on))
        yield Decides(
            name, MEANS[name], value, _source(policy, provision), _others(asking, name, value)
        )


def _source(policy: Policy, provision: Provision) -> Bilingual:
    if provision.parameter in policy.pinned():
        return Bilingual(f"ấn định bởi {policy.law}", f"pinned by {policy.law}")
    return cited(provision.source)


def _others(asking: Asking, name: str, value: str) -> list[tuple[str, str]]:
    """Other values of a parameter, with the comparisons of the current quarter; for analysts."""
    if not asking.visitor.may(Role.ANALYST):
        return []
    asked = Question(COMPARE, (), (), asking.language).changed(
        window=quarter_of(asking.last_day), lang=asking.question.text("lang")
    )
    values = (other for other in OTHER_VALUES[name] if other != value)
    return [(other, asked.changed(against_pin=f"{name}={other}").address()) for other in values]


ROUTES: Final = (
    Route(
        "/law",
        law,
        Role.READER,
        ("law",),
        ("law", "law-as-of", "on", "against-on", "diff"),
        of_history=False,
    ),
)

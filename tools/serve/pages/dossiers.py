"""The page of a figure: the dossiers behind it, to be sorted, narrowed and downloaded."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.documents.figures import DIMENSIONS, in_words
from hoso.projections.documents.model import Bilingual, Column, Document
from hoso.tools.inputs.questions import number
from hoso.tools.jobs.dossiers import Listed, listed
from hoso.tools.output import wording
from hoso.tools.serve import periods
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.history import selection_key
from hoso.tools.serve.page import Answer, Asking, Moved, Page, Route
from hoso.tools.serve.pages import form
from hoso.tools.serve.pages.statement import period_in_words
from hoso.tools.serve.question import MOMENT, RULES, SLICES, VIEW, WINDOW
from hoso.tools.serve.tables import Links, table

ON_A_PAGE: Final = 200


class Heading(NamedTuple):
    """The heading of a column: the address that sorts by it, and how it is sorted now."""

    address: str
    sorted: str


class Pager(NamedTuple):
    """Which page of a list is shown, and the addresses of those before and after."""

    number: int
    pages: int
    first: int
    last: int
    rows: int
    before: str
    after: str


def dossiers(asking: Asking) -> Answer:
    """List the dossiers behind a figure; a download has all of them."""
    question = asking.question
    if not question.accounts:
        raise UserError("--account: which figure? write received, or resolved.overdue")
    if not question.has_window:
        window = periods.quarter_of(asking.last_day)
        return Moved(question.changed(window=window).address())
    found = _listed(asking)
    document = found.document()
    rows = _sorted(found.rows, document, question.text("sort"))
    pager = _pager(asking, len(rows))
    shown = found._replace(rows=rows[pager.first - 1 : pager.last]).document()
    links = Links(question, asking.serving.registry)
    extras = {
        "tables": [
            table(each, shown, links, asking.language, _headings(asking, each.columns))
            for each in shown.tables()
        ],
        "period": period_in_words(question.window, document),
        "lead": document.lead,
        "pager": pager,
        "columns": _columns(asking),
        "narrowed": form.narrowed(asking),
        "choices": form.choices(asking),
        "statement": question.elsewhere(
            "/statement", (*WINDOW, *SLICES, *MOMENT, *RULES)
        ).address(),
    }
    return Page(document, "dossiers.html.jinja", _title(asking, found), extras)


def _listed(asking: Asking) -> Listed:
    """The dossiers, kept while the visitor sorts them and turns pages."""
    question, asked, office = asking.question, asking.asked, asking.office
    selected = asked.selected(question.window, office)
    basis = (office.policy, office.asked_on, asked.as_of, asked.by, asked.attribution)
    return asking.history.answer(
        ("listed", question.window, *question.accounts, *basis, *selection_key(selected)),
        lambda: listed(asking.history, office, asked, question.window, question.accounts),
    )


def _title(asking: Asking, found: Listed) -> Bilingual:
    names = [in_words(name) for name in found.figures]
    period = [wording.period(found.window, each) for each in ("vi", "en")]
    own = Bilingual(*("; ".join(name.to(each) for name in names) for each in ("vi", "en")))
    parts = [own, Bilingual(*period), *asking.question.in_words(asking.serving.registry)]
    vi, en = (" · ".join(filter(None, texts)) for texts in zip(*parts, strict=True))
    return Bilingual(f"Hồ sơ: {vi}", f"Dossiers: {en}")


def _sorted(
    rows: Sequence[dict[str, Any]], document: Document, sort: str | None
) -> Sequence[dict[str, Any]]:
    """The rows by a column, downwards where a minus stands before it. Raises ``UserError``."""
    if sort is None:
        return rows
    [only] = document.tables()
    known = [column.key for column in only.columns]
    key = sort.removeprefix("-")
    if key not in known:
        raise UserError(f"--sort: no column {key!r}: use {', '.join(known)}")

    def value(row: Mapping[str, Any]) -> tuple[bool, Any]:
        return row[key] is not None, row[key] if row[key] is not None else ""

    return sorted(rows, key=value, reverse=sort.startswith("-"))


def _headings(asking: Asking, columns: Sequence[Column]) -> dict[str, Heading]:
    """Where the headings lead: to the list sorted by them, and turned around."""
    now = asking.question.text("sort") or ""
    found = {}
    for column in columns:
        is_up, is_down = now == column.key, now == f"-{column.key}"
        target = f"-{column.key}" if is_up else None if is_down else column.key
        how = "ascending" if is_up else "descending" if is_down else ""
        address = asking.question.changed(sort=target, page=None).address()
        found[column.key] = Heading(address, how)
    return found


def _pager(asking: Asking, rows: int) -> Pager:
    """The page that is asked for. Raises ``UserError`` for one that there is not."""
    text, pages = asking.question.text("page"), max(ceil(rows / ON_A_PAGE), 1)
    asked = number("--page", text, 1, pages) if text is not None else 1

    def address(page: int) -> str:
        there = None if page == 1 else str(page)
        return asking.question.changed(page=there).address() if 1 <= page <= pages else ""

    first = (asked - 1) * ON_A_PAGE + 1
    last = min(asked * ON_A_PAGE, rows)
    return Pager(asked, pages, first, last, rows, address(asked - 1), address(asked + 1))


def _columns(asking: Asking) -> list[tuple[Bilingual, str, bool]]:
    """The dimensions that can stand as columns: name, address with or without it, whether there."""
    by = asking.question.by
    found = []
    for name, words in DIMENSIONS.items():
        others = [each for each in DIMENSIONS if (each in by) != (each == name)]
        address = asking.question.changed(by=",".join(others) or None, page=None).address()
        found.append((words, address, name in by))
    return found


ROUTES: Final = (
    Route(
        "/dossiers",
        dossiers,
        Role.READER,
        ("dossiers",),
        ("account", *WINDOW, *SLICES, *MOMENT, *RULES, *VIEW),
    ),
)

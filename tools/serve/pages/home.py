"""The first page: how the office stands, quarter by quarter, and the way to everything else."""

from typing import Any, Final

from hoso.domain.windows import Window, named_window, period_before
from hoso.projections.documents.figures import figure
from hoso.projections.documents.model import Bilingual, counted
from hoso.tools.jobs.statement import document as document_of
from hoso.tools.jobs.statement import statements
from hoso.tools.serve import periods
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Page, Route
from hoso.tools.serve.question import MOMENT, Question

QUARTERS: Final = 8


def home(asking: Asking) -> Answer:
    """How the office stands in the last quarters, the current one first."""
    last = asking.last_day
    window = named_window(periods.quarter_of(last))
    windows = [window]
    for _ in range(QUARTERS - 1):
        windows.append(period_before(windows[-1]))
    stated = statements(asking.history, asking.asked, [asking.office], windows)
    rows = [
        _row(asking.question, each, line["total"])
        for each, line in zip(windows, stated, strict=True)
        if each == window or line["total"]["total"]
    ]
    document = document_of(stated, asking.asked, single=False)
    events = asking.history.about_events()
    extras = {
        "rows": rows,
        "now": rows[0],
        "source": asking.history.name,
        "events": counted(events, "sự kiện", "events") if asking.visitor.sees_all() else None,
        "last": last,
    }
    names = [word for each in windows for word in ("--window", periods.short_name(each))]
    title = Bilingual("Tổng quan", "Overview")
    return Page(document, "home.html.jinja", title, extras, tuple(names))


def _row(question: Question, window: Window, total: dict[str, Any]) -> dict[str, Any]:
    """A quarter: its name, its address, its figures and where they lead."""
    name = periods.short_name(window)
    resolved = figure(total, "resolved.total")
    late = figure(total, "resolved.overdue")

    def behind(account: str) -> str:
        asked = question.elsewhere("/dossiers", MOMENT)
        return asked.changed(account=account, window=name).address()

    figures = ("received", "resolved.total", "resolved.overdue", "carried_forward")
    overdue = ("in_progress.overdue", "awaiting_supplement.overdue", "paused.overdue")
    return {
        "name": name,
        "window": window,
        "address": question.elsewhere("/statement", MOMENT).changed(window=name).address(),
        "figures": [(figure(total, each), behind(each.removesuffix(".total"))) for each in figures],
        "open_overdue": (sum(figure(total, each) for each in overdue), behind(",".join(overdue))),
        "in_time": None if not resolved else (resolved - late) / resolved,
    }


ROUTES: Final = (Route("/", home, Role.READER, ("statement",), MOMENT, endings={}),)

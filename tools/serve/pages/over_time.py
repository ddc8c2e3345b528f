"""What a statement's page shows over time: the days of the window, the same window of other years,
and the two slides over what had happened and what was known."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from hoso.domain.accounts import CLOSED, OPEN, OUTSIDE
from hoso.domain.windows import Window
from hoso.projections.documents.figures import figure, in_words
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Document,
    DrillDown,
    Percentage,
    Place,
    Rounding,
    Row,
    Series,
    Table,
    Words,
    in_numbers,
    same,
)
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.selected import Selection
from hoso.projections.ledger.statement import told_of
from hoso.tools.jobs.statement import statements
from hoso.tools.output.html import svg
from hoso.tools.serve import periods
from hoso.tools.serve.page import Asking
from hoso.tools.serve.tables import Links, table

YEARS_BESIDE: Final = 3
MOST_POINTS: Final = 130  # of the chart of days
COMPARED: Final = (
    *("carried_over", "received", "resolved.total", "resolved.overdue"),
    *("returned.total", "cancelled.total", "carried_forward"),
)
RECEIVED: Final = range(OUTSIDE, OUTSIDE + 1)
RESOLVED: Final = Bilingual("đã giải quyết", "resolved")


def days(asking: Asking, window: Window) -> dict[str, Any] | None:
    """The days of a window as a chart: open dossiers, and how many came in and went out."""
    sheets = sheets_of(asking, window)
    told = told_of(window, asking.office, asking.question.as_of)
    number = (told.last - told.first).days + 1
    if number < 2:
        return None
    step = -(-number // MOST_POINTS)
    ends = [told.first + timedelta(min(n + step, number) - 1) for n in range(0, number, step)]
    balances = [sheets.balances.at_end_of(day).sum(axis=0) for day in ends]
    before = [sheets.balances.at_end_of(told.first - timedelta(1)).sum(axis=0), *balances[:-1]]
    moved = [after - earlier for after, earlier in zip(balances, before, strict=True)]
    unit = Bilingual("hồ sơ", "dossiers")
    chart = Chart(
        "days",
        Bilingual("Từng ngày", "Day by day")
        if step == 1
        else Bilingual(f"Từng {step} ngày", f"Every {step} days"),
        "lines",
        tuple(Bilingual(f"{day:%d/%m}", f"{day:%m-%d}") for day in ends),
        (
            Series(Bilingual("Đang mở cuối ngày", "Open at the end"), _sums(balances, OPEN)),
            Series(
                Bilingual("Tiếp nhận", "Received"), _sums(moved, range(OUTSIDE, OUTSIDE + 1), -1)
            ),
            Series(Bilingual("Kết thúc", "Closed"), _sums(moved, CLOSED)),
        ),
        unit,
    )
    language = asking.language
    return {
        "title": chart.title,
        "drawn": svg.drawn(chart, Rounding(), language),
        "legend": [
            (svg.swatch(chart, place), series.name.to(language))
            for place, series in enumerate(chart.series)
        ],
    }


def _sums(
    balances: Sequence[np.ndarray[Any, np.dtype[np.int64]]], accounts: range, sign: int = 1
) -> tuple[int, ...]:
    return tuple(sign * int(each[accounts.start : accounts.stop].sum()) for each in balances)


def sheets_of(asking: Asking, window: Window) -> BalanceSheets:
    """The balance sheets of all that the question selects, as one slice."""
    asked = asking.asked._replace(by=())
    if asked.counts_all():
        [sheets] = asking.history.balances([asking.office], asked.as_of, ())
        return sheets
    selected = asked.selected(window, asking.office)
    selection = [Selection(selected)]
    [sheets] = asking.history.selected_balances(asking.office, asked.as_of, (), selection)
    return sheets


def years(asking: Asking, window: Window) -> dict[str, Any]:
    """The same window of the years before, side by side."""
    windows = [window, *periods.years_before(window, YEARS_BESIDE)]
    asked = asking.asked._replace(by=())
    stated = statements(asking.history, asked, [asking.office], windows)
    known = [
        (each, line)
        for each, line in zip(windows, stated, strict=True)
        if each == window or any(figure(line["total"], name) for name in ("total", "received"))
    ]
    document = _beside(known, asking)
    [first] = document.tables()
    links = Links(asking.question, asking.serving.registry)
    return {
        "table": table(first, document, links, asking.language),
        "links": [
            (periods.short_name(each), periods.address_of(asking.question, each))
            for each, _ in known[1:]
        ],
    }


def _beside(stated: Sequence[tuple[Window, Mapping[str, Any]]], asking: Asking) -> Document:
    """A row for each figure, a column for each window."""
    only = asking.question.only
    where = tuple((name, value) for name, values in only.items() for value in values)
    keys = {f"window{place}": each for place, each in enumerate(stated)}
    columns = (
        Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=24),
        *(Column(key, (same(periods.short_name(window)),)) for key, (window, _) in keys.items()),
    )
    rows = []
    for name in COMPARED:
        cells: dict[str, Cell] = {"figure": Words(in_words(name))}
        for key, (window, line) in keys.items():
            behind = DrillDown(window, (name.removesuffix(".total"),), where, asking.question.under)
            cells[key] = Count(figure(line["total"], name), behind)
        rows.append(Row(name, cells))
        if name == "resolved.overdue":
            shares: dict[str, Cell] = {
                key: Percentage((Place(name, key),), (Place("resolved.total", key),), RESOLVED)
                for key in keys
            }
            share = Bilingual("tỷ lệ quá hạn (%)", "share overdue (%)")
            rows.append(Row("share", {"figure": Words(share), **shares}, depth=1))
    title = Bilingual("Cùng kỳ các năm trước", "The same window in other years")
    return Document("years", title, None, (), (Table("years", title, columns, tuple(rows)),))


class Time(NamedTuple):
    """A slide over time: its days, the one that is chosen, and the parameters that move it."""

    key: str
    name: Bilingual
    hint: Bilingual
    first: date
    last: date
    chosen: date
    shown: Bilingual


def times(asking: Asking, window: Window) -> list[Time]:
    """The two slides over time: what had happened, and what was known."""
    question = asking.question
    today = asking.office.last_day(None)
    since = sheets_of(asking, window).balances.since or window.first
    horizon = max(window.last, min(today, window.first + timedelta(365)))
    known = question.as_of
    known_on = today if known is None else known.astimezone(asking.office.zone).date()
    everything = Bilingual("tất cả đã ghi nhận", "all that is recorded")
    return [
        Time(
            "to",
            Bilingual("Đã xảy ra đến hết ngày", "What had happened, to the end of"),
            Bilingual("ngày cuối của khoảng thời gian", "the last day of the window"),
            *(window.first, horizon, window.last, in_numbers(window.last)),
        ),
        Time(
            "as-of",
            Bilingual("Đã biết đến hết ngày", "What was known, at the end of"),
            Bilingual("thời điểm chốt số liệu", "the as-of instant"),
            *(min(since, today), max(today, known_on), known_on),
            everything if known is None else in_numbers(known_on),
        ),
    ]

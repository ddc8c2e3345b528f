"""The document of a backtest (kiểm chứng dự báo): how much came true of what was said to fall due.

A dossier counts on each day on which it was said to fall due.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from hoso.domain.calendar import date_of
from hoso.domain.office import Office
from hoso.projections.documents.due import TOTAL, UNIT, basis, day_in_words
from hoso.projections.documents.figures import DIMENSIONS, value_in_words
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Data,
    Document,
    Part,
    Percentage,
    Place,
    Records,
    Row,
    Series,
    Sum,
    Table,
    Words,
    counted,
    in_numbers,
    same,
)
from hoso.projections.ledger.backtest import OUTCOMES, Backtest, Forecast, Forecasts
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.ledger.statement import instant_text

K = TypeVar("K")
Json = dict[str, Any]

TITLE: Final = Bilingual("Kiểm chứng dự báo đến hạn", "Backtest of what was said to fall due")
FORECASTS: Final = Bilingual("Dự báo", "Forecasts")
CAME_TRUE: Final = "became_overdue"
# What became of forecasts, as people read it: first what was forecast, last what nobody knows yet.
NAMES: Final[Mapping[str, Bilingual]] = {
    CAME_TRUE: Bilingual("Đã quá hạn", "Became overdue"),
    "closed_in_time": Bilingual("Kết thúc trong hạn", "Closed in time"),
    "stopped": Bilingual("Dừng tính hạn", "Stopped"),
    "moved": Bilingual("Đổi ngày hẹn trả", "Due day moved"),
    "taken_back": Bilingual("Thu hồi tiếp nhận", "Reception taken back"),
    "open": Bilingual("Chưa rõ", "Not known yet"),
}
SETTLED: Final = Bilingual("dự báo đã rõ kết quả", "forecasts whose outcome is known")
COLUMNS: Final = (
    Column("forecast", (FORECASTS,)),
    *(Column(name, (heading,)) for name, heading in NAMES.items()),
    Column("share", (Bilingual("Tỷ lệ thành quá hạn", "Share that came true"),), "percent"),
)
DAY: Final = Bilingual("Ngày dự báo", "Forecast on")
LEFT: Final = Bilingual("Số ngày còn lại khi dự báo", "Days left when forecast")
BY_DAY: Final = Bilingual("Theo ngày dự báo", "By day")
BY_LEFT: Final = Bilingual("Theo số ngày còn lại", "By days left")
BY_SLICE: Final = Bilingual("Theo nhóm", "By slice")
HOW: Final = Bilingual(
    "Dự báo là hồ sơ đang giải quyết, còn trong hạn và sắp đến hạn vào cuối ngày, theo những gì đã "
    "ghi nhận đến lúc đó. Kết quả theo những gì đã ghi nhận đến cuối ngày sau ngày hẹn trả hoặc "
    "sớm hơn. Một hồ sơ được tính lại mỗi ngày.",
    "A forecast is a dossier in progress and in time that falls due, at the end of a day and as "
    "known then. What became of it is as known at the end of the day after its due day, or before. "
    "A dossier counts on each day anew.",
)


def document(
    forecasts: Forecasts,
    asked: Backtest,
    office: Office,
    as_of: datetime | None,
    lead: Bilingual | None = None,
) -> Document:
    """The backtest of some forecasts, as known at ``as_of`` (None: all that is recorded). ``lead``
    is said in place of how many there are."""
    until = min(asked.window.last, date_of(asked.today))
    parts: list[Part] = [_by_day(forecasts), _by_days_left(forecasts)]
    if asked.by:
        parts.append(_by_slice(forecasts, asked.by))
    if forecasts:
        parts.insert(1, _chart(forecasts))
    today = in_numbers(date_of(asked.today))
    about = (
        About(Bilingual("Kết quả đến hết ngày", "Outcomes up to the end of"), today),
        *basis(asked.within, asked.selected, office, as_of),
    )
    return Document(
        "backtest",
        TITLE,
        asked.window,
        about,
        tuple(parts),
        data=_data(forecasts, asked, until, as_of),
        lead=lead or _lead(forecasts),
        until=None if until == asked.window.last else until,
    )


def _lead(forecasts: Forecasts) -> Bilingual:
    """How many forecasts there were, and how many came true."""
    outcomes: Counter[str] = Counter()
    for forecast, number in forecasts.items():
        outcomes[OUTCOMES[forecast.outcome]] += number
    made = counted(outcomes.total(), "dự báo", "forecasts")
    became = ((outcomes[key], name) for key, name in NAMES.items() if outcomes[key])
    told = [made, *(counted(number, name.vi.lower(), name.en.lower()) for number, name in became)]
    return Bilingual("; ".join(each.vi for each in told), "; ".join(each.en for each in told))


def _by_day(forecasts: Forecasts) -> Table:
    counts = _counts(forecasts, lambda each: each.day)
    columns = (Column("day", (DAY,), "text", width=20),)
    lines = _lines(sorted(counts.items()), columns, lambda day: (day_in_words(date_of(day)),))
    return Table("days", BY_DAY, (*columns, *COLUMNS), tuple(lines), (HOW,))


def _by_days_left(forecasts: Forecasts) -> Table:
    counts = _counts(forecasts, lambda each: each.days_left)
    columns = (Column("days_left", (LEFT,), "text", width=20),)
    lines = _lines(sorted(counts.items()), columns, lambda left: (same(str(left)),))
    return Table("days_left", BY_LEFT, (*columns, *COLUMNS), tuple(lines))


def _by_slice(forecasts: Forecasts, by: Sequence[str]) -> Table:
    def named(values: Slice) -> Iterable[Bilingual]:
        return map(value_in_words, by, values)

    counts = _counts(forecasts, lambda each: each.slice)
    columns = tuple(Column(each, (DIMENSIONS[each],), "text", width=20) for each in by)
    ordered = sorted(counts.items(), key=lambda item: slice_order(item[0]))
    return Table("slices", BY_SLICE, (*columns, *COLUMNS), tuple(_lines(ordered, columns, named)))


def _counts(forecasts: Forecasts, of: Callable[[Forecast], K]) -> dict[K, Counter[str]]:
    """How many forecasts had each outcome, by the values that ``of`` gives."""
    counts: dict[K, Counter[str]] = {}
    for forecast, number in forecasts.items():
        counts.setdefault(of(forecast), Counter())[OUTCOMES[forecast.outcome]] += number
    return counts


def _lines(
    counts: Sequence[tuple[K, Counter[str]]],
    columns: Sequence[Column],
    named: Callable[[K], Iterable[Bilingual]],
) -> Iterator[Row]:
    """A row for each item of some counts, and one of all; ``named`` gives the names of an item, for
    the ``columns`` of names."""
    for place, (item, numbers) in enumerate(counts):
        names = zip((column.key for column in columns), map(Words, named(item)), strict=True)
        cells = {name: Count(numbers[name]) for name in NAMES}
        yield Row(str(place), {**dict(names), **cells, **_sums(str(place))})
    rows = tuple(map(str, range(len(counts))))
    totals = {name: Sum(tuple(Place(row, name) for row in rows)) for name in NAMES}
    yield Row("total", {columns[0].key: Words(TOTAL), **totals, **_sums("total")}, "total")


def _sums(row: str) -> dict[str, Cell]:
    """All forecasts of a row, and the share that came true."""
    settled = tuple(Place(row, name) for name in NAMES if name != "open")
    return {
        "forecast": Sum(tuple(Place(row, name) for name in NAMES)),
        "share": Percentage((Place(row, CAME_TRUE),), settled, SETTLED),
    }


def _chart(forecasts: Forecasts) -> Chart:
    """How many forecasts there were each day, and how many of them came true."""
    counts = sorted(_counts(forecasts, lambda each: each.day).items())
    series = (
        Series(FORECASTS, tuple(numbers.total() for _, numbers in counts)),
        Series(NAMES[CAME_TRUE], tuple(numbers[CAME_TRUE] for _, numbers in counts)),
    )
    labels = tuple(in_numbers(date_of(day)) for day, _ in counts)
    return Chart("days", BY_DAY, "lines", labels, series, UNIT)


def _data(forecasts: Forecasts, asked: Backtest, until: date, as_of: datetime | None) -> Data:
    """What programs get: for each day, days left and slice, how many had which outcome."""
    counts = _counts(forecasts, lambda each: (each.day, each.days_left, each.slice))
    rows: list[Json] = [
        {
            "day": date_of(day).isoformat(),
            "days_left": left,
            **dict(zip(asked.by, values, strict=True)),
            "forecast": numbers.total(),
            **{name: numbers[name] for name in NAMES},
        }
        for (day, left, values), numbers in sorted(
            counts.items(), key=lambda item: (*item[0][:2], slice_order(item[0][2]))
        )
    ]
    window = {"from": asked.window.first, "to": asked.window.last, "until": until}
    whole = {
        "window": {name: day.isoformat() for name, day in window.items()},
        "within": asked.within,
        "as_of": None if as_of is None else instant_text(as_of),
        "by": list(asked.by),
        "forecasts": rows,
    }
    columns = ("day", "days_left", *asked.by, "forecast", *NAMES)
    return Data(whole, Records(columns, [list(row.values()) for row in rows]))

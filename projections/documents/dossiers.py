"""The document of a drill-down: the dossiers behind figures, or the events in suspense.

Programs get the rows that ``ledger.drilldown`` lists, with the same keys in JSON and in CSV.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from hoso.domain.windows import Window
from hoso.projections.documents.figures import DIMENSIONS, in_words, value_in_words
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Document,
    Dossier,
    Each,
    Records,
    Row,
    Table,
    Words,
    counted,
)

DOSSIER: Final = Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30)
DUE: Final = Column("due", (Bilingual("Ngày hẹn trả", "Due on"),), "text", width=10)
DAYS_LEFT: Final = Column("days_left", (Bilingual("Số ngày còn lại", "Days left"),), width=9)
STANDING: Final = (
    Column("received", (Bilingual("Ngày tiếp nhận", "Received on"),), "text", width=10),
    DUE,
    DAYS_LEFT,
    Column("account", (Bilingual("Trạng thái", "Account"),), "text", width=24),
    Column("since", (Bilingual("Từ ngày", "Since"),), "text", width=10),
)
NUMBER: Final = Column("number", (Bilingual("Số lượng", "Number"),))
SUSPENSE: Final = (
    DOSSIER,
    Column("day", (Bilingual("Ngày", "Day"),), "text", width=10),
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=20),
    Column("id", (Bilingual("Mã sự kiện", "Event id"),), "text", width=36),
)


def document(
    rows: Sequence[Mapping[str, Any]],
    window: Window,
    figures: Sequence[str],
    by: Sequence[str],
    *,
    measured: bool = False,
    ask: tuple[str, ...] = (),
) -> Document:
    """The dossiers behind some figures of a window, as ``drilldown.dossiers`` lists them.

    ``measured``: the figures are measures, and each row has a ``number``. ``ask`` is how ``hoso
    explain`` reads the same history.
    """
    names = [in_words(figure) for figure in figures]
    title = Bilingual(
        f"Hồ sơ – {'; '.join(name.vi for name in names)}",
        f"Dossiers – {'; '.join(name.en for name in names)}",
    )
    columns = (
        DOSSIER,
        *(Column(name, (DIMENSIONS[name],), "text", width=20) for name in by),
        *STANDING,
        *([NUMBER] if measured else []),
    )
    return _document(title, rows, columns, counted(len(rows), "hồ sơ", "dossiers"), window, ask)


def suspended(
    rows: Sequence[Mapping[str, Any]], window: Window, *, ask: tuple[str, ...] = ()
) -> Document:
    """The events in suspense at the end of a window (``drilldown.suspended_events``)."""
    title = Bilingual("Sự kiện treo", "Events in suspense")
    return _document(title, rows, SUSPENSE, counted(len(rows), "sự kiện", "events"), window, ask)


def _document(
    title: Bilingual,
    rows: Sequence[Mapping[str, Any]],
    columns: tuple[Column, ...],
    count: Bilingual,
    window: Window,
    ask: tuple[str, ...],
) -> Document:
    keys = tuple(column.key for column in columns)

    lines = Each(_row, range(len(rows)), rows)
    table = Table("dossiers", title, columns, lines)
    data = Data(rows, Records(keys, Each(lambda row: [row[key] for key in keys], rows)))
    return Document("dossiers", title, window, (), (table,), ask, data=data, lead=count)


def _row(place: int, row: Mapping[str, Any]) -> Row:
    return Row(str(place), {key: _cell(key, value) for key, value in row.items()})


def _cell(key: str, value: Any) -> Cell:
    match key:
        case "dossier":
            return Dossier(value)
        case "received" | "due" | "since" | "day":
            return Day(date.fromisoformat(value))
        case "account":
            return Words(in_words(value))
        case "number" | "days_left":
            return Count(value)
        case _:
            return Words(value_in_words(key, value))

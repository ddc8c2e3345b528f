"""The document of a register (sổ theo dõi hồ sơ): a row for each dossier, as it stood on a day."""

from datetime import date
from typing import Any, Final

import pyarrow as pa

from hoso.domain.calendar import date_of
from hoso.domain.office import Office
from hoso.projections.documents.dossiers import DAYS_LEFT, DUE
from hoso.projections.documents.figures import DIMENSIONS, in_words, value_in_words
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Day,
    Document,
    Dossier,
    Row,
    Table,
    Words,
    counted,
    in_numbers,
)
from hoso.projections.documents.statement import ALL_RECORDED
from hoso.projections.ledger.register import Moment
from hoso.projections.ledger.statement import instant_text

TITLE: Final = Bilingual("Sổ theo dõi hồ sơ", "Register of dossiers")
YES: Final = Bilingual("có", "yes")
NO: Final = Bilingual("không", "no")
WIDTHS: Final = {"agency": 14, "field": 20, "procedure": 30, "channel": 10, "level": 10}
COLUMNS: Final = (
    Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
    *(Column(name, (DIMENSIONS[name],), "text", width=width) for name, width in WIDTHS.items()),
    Column("received", (Bilingual("Ngày tiếp nhận", "Received on"),), "text", width=10),
    DUE,
    DAYS_LEFT,
    Column("closed", (Bilingual("Ngày kết thúc", "Closed on"),), "text", width=10),
    Column("account", (Bilingual("Trạng thái", "Account"),), "text", width=24),
    Column("requests", (Bilingual("Số lần yêu cầu bổ sung", "Supplement requests"),)),
    Column("reschedulings", (Bilingual("Số lần hẹn lại", "Reschedulings"),)),
    Column("days_used", (Bilingual("Số ngày đã dùng", "Days used"),)),
    Column("overdue_days", (Bilingual("Số ngày quá hạn", "Days overdue"),)),
    Column("lapsed", (Bilingual("Đã từng quá hạn", "Lapsed"),), "text", width=8),
    Column("events", (Bilingual("Số sự kiện", "Events"),)),
)


def document(
    register: pa.Table, office: Office, moment: Moment, *, ask: tuple[str, ...] = ()
) -> Document:
    """The document of a register (``ledger.register.SCHEMA``).

    ``ask`` is how ``hoso explain`` reads the same history.
    """
    rows = tuple(Row(row["dossier"], _cells(row)) for row in register.to_pylist())
    table = Table("register", TITLE, COLUMNS, rows)
    as_of = ALL_RECORDED if moment.as_of is None else instant_text(moment.as_of)
    about = (
        About(Bilingual("Đến hết ngày", "At the end of"), in_numbers(date_of(moment.day))),
        About(Bilingual("Số liệu tính đến", "As of"), as_of),
        About(Bilingual("Lịch làm việc", "Working days"), office.calendar.version),
    )
    count = counted(len(rows), "hồ sơ", "dossiers")
    return Document("register", TITLE, None, about, (table,), ask, lead=count)


def _cells(row: dict[str, Any]) -> dict[str, Cell]:
    return {name: _cell(name, value) for name, value in row.items()}


def _cell(name: str, value: Any) -> Cell:
    match value:
        case bool():
            return Words(YES if value else NO)
        case int():
            return Count(value)
        case date():
            return Day(value)
        case None:
            return Words(NO_DATA)
        case text if name == "dossier":
            return Dossier(text)
        case text:
            return Words(in_words(text) if name == "account" else value_in_words(name, text))

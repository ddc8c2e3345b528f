"""The list of rejects: what a store keeps of messages that are no valid events."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any, Final

from hoso.consumers.store.log import NumberedReject, Reject
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Document,
    Records,
    Row,
    Table,
    Words,
    counted,
)
from hoso.tools.runtime.printable import printable

Json = dict[str, Any]

TITLE: Final = Bilingual("Thông điệp bị loại", "Rejects")
COLUMNS: Final = (
    Column("number", (Bilingual("Số", "Number"),)),
    Column("when", (Bilingual("Thời điểm", "When"),), "text", width=26),
    Column("origin", (Bilingual("Nguồn", "Origin"),), "text", width=24),
    Column("format", (Bilingual("Định dạng", "Format"),), "text", width=10),
    Column("reason", (Bilingual("Lý do", "Reason"),), "text", width=60),
)


def facts(number: int, reject: Reject, zone: tzinfo) -> Json:
    """What a list says of a reject, without its bytes."""
    return {
        "number": number,
        "when": reject.rejected_at.astimezone(zone).isoformat(timespec="seconds"),
        "origin": printable(reject.origin),
        "format": reject.format,
        "reason": printable(reject.reason),
    }


def document(rejects: Iterable[NumberedReject], zone: tzinfo) -> Document:
    """The list of some rejects with their numbers; times are of the office's time zone."""
    lines = [facts(number, reject, zone) for number, reject in rejects]
    rows = tuple(Row(str(line["number"]), _cells(line)) for line in lines)
    table = Table("rejects", TITLE, COLUMNS, rows)
    keys = tuple(column.key for column in COLUMNS)
    data = Data(lines, Records(keys, [[*line.values()] for line in lines]))
    count = counted(len(rows), "thông điệp bị loại", "rejects")
    return Document("rejects", TITLE, None, (), (table,), data=data, lead=count)


def _cells(line: Json) -> dict[str, Cell]:
    number, *texts = line.items()
    return {"number": Count(number[1]), **{key: Words(text) for key, text in texts}}

"""The list of rejects: what a store keeps of messages that are no valid events."""

from collections.abc import Collection, Iterator
from datetime import tzinfo
from typing import Any, Final

from hoso.consumers.store.log import Reject, Store
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Document,
    Each,
    Records,
    Row,
    Table,
    Words,
    counted,
)
from hoso.tools.runtime.printable import printable
from hoso.tools.runtime.translation import catalogue

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


class StoredRejects(Collection[Json]):
    """The facts of all rejects of a store, read from it each time that they are asked for; of those
    in which a ``value`` was blanked, if it is given."""

    def __init__(self, store: Store, zone: tzinfo, value: str | None = None) -> None:
        self._store, self._zone = store, zone
        self._mark = b"" if value is None else f"#{store.hash_of_value(value)}".encode()

    def __iter__(self) -> Iterator[Json]:
        """Read the rejects one after another."""
        return (
            facts(number, reject, self._zone)
            for number, reject in self._store.rejects()
            if self._mark in reject.raw + reject.origin.encode()
        )

    def __len__(self) -> int:
        """The number of rejects."""
        return sum(1 for _ in self) if self._mark else self._store.count_rejects()

    def __contains__(self, fact: object) -> bool:
        """Whether there is such a reject."""
        return any(fact == each for each in self)


def in_both_languages(reason: str) -> Bilingual:
    """The reason of a reject; stores and data have it in English."""
    return Bilingual(catalogue().vietnamese(reason), reason)


def document(rejects: Collection[Json]) -> Document:
    """The list of some rejects, from their facts; times are of the office's time zone."""
    table = Table("rejects", TITLE, COLUMNS, Each(_row, rejects))
    keys = tuple(column.key for column in COLUMNS)
    records = Records(keys, Each(lambda line: [*line.values()], rejects))
    count = counted(len(rejects), "thông điệp bị loại", "rejects")
    data = Data(rejects, records)
    return Document("rejects", TITLE, None, (), (table,), data=data, lead=count)


def _row(line: Json) -> Row:
    return Row(str(line["number"]), _cells(line))


def _cells(line: Json) -> dict[str, Cell]:
    number, *texts = line.items()
    cells: dict[str, Cell] = {"number": Count(number[1])}
    cells |= {key: Words(text) for key, text in texts}
    return cells | {"reason": Words(in_both_languages(line["reason"]))}

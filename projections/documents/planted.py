"""The document of how good the integrity checks are, measured against planted faults."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Document,
    Percentage,
    Place,
    Records,
    Rounding,
    Row,
    Table,
    Words,
    percentage,
)

TITLE: Final = Bilingual("Độ tin cậy của các phép kiểm tra", "How good the checks are")
CHECK: Final = Bilingual("Phép kiểm tra", "Check")
PLANTED: Final = Bilingual("Đã cài", "Planted")
FOUND: Final = Bilingual("Tìm ra", "Found")
COLUMNS: Final = (
    Column("title", (CHECK, Bilingual("Dấu hiệu", "Pattern")), "text", width=30),
    Column("check", (CHECK, Bilingual("--check", "--check")), "text", width=24),
    Column("planted", (PLANTED,)),
    Column("found", (FOUND,)),
    Column("both", (Bilingual("Đã cài và tìm ra", "Planted and found"),)),
    Column("recall", (Bilingual("Độ phủ", "Recall"),), "percent"),
    Column("precision", (Bilingual("Độ chính xác", "Precision"),), "percent"),
)
RECORDS: Final = ("check", "planted", "found", "both", "recall", "precision")
NOTES: Final = (
    Bilingual(
        "Độ phủ: trong số hồ sơ đã cài dấu hiệu, phép kiểm tra tìm ra bao nhiêu. Độ chính xác: "
        "trong số hồ sơ tìm ra, bao nhiêu là hồ sơ đã cài đúng dấu hiệu đó.",
        "Recall: how many of the dossiers with a planted fault the check found. Precision: how "
        "many of those that it found have this fault planted.",
    ),
    Bilingual(
        "Hồ sơ tìm ra mà không cài cũng có dấu hiệu ấy: do mô phỏng tự có, hoặc đi kèm dấu hiệu "
        "cài khác.",
        "What was found and not planted shows the pattern, too: the simulation has it by itself, "
        "or it comes with another fault.",
    ),
)


class Measured(NamedTuple):
    """A check, its title, and numbers of dossiers: with its fault planted, found by it, and both.
    None where the check did not run."""

    check: str
    title: Bilingual
    planted: int
    found: int | None
    both: int | None


def document(window: Window, measured: Sequence[Measured]) -> Document:
    """What each check found of the faults that count in a window. Where none is planted for any
    check, there are no shares."""
    are_planted = any(each.planted for each in measured)
    rows = tuple(_row(each, are_planted=are_planted) for each in measured)
    table = Table("planted", TITLE, COLUMNS, rows, NOTES)
    records = [_record(each, are_planted=are_planted) for each in measured]
    data = Data([_line(each) for each in records], Records(RECORDS, records))
    return Document("planted", TITLE, window, (), (table,), data=data)


def _row(measured: Measured, *, are_planted: bool) -> Row:
    check, title, planted, found, both = measured
    hits = (Place(check, "both"),)
    shares: dict[str, Cell] = {
        "recall": Percentage(hits, (Place(check, "planted"),), PLANTED),
        "precision": Percentage(hits, (Place(check, "found"),), FOUND),
    }
    return Row(
        check,
        {
            "title": Words(title),
            "check": Words(check),
            "planted": Count(planted),
            "found": Count(found),
            "both": Count(both),
            **(shares if are_planted else dict.fromkeys(shares, Count(None))),
        },
    )


def _record(measured: Measured, *, are_planted: bool) -> list[str | int | Decimal | None]:
    """A check as programs get it: shares are percentages, None where there is no data."""
    check, _, planted, found, both = measured
    wholes = (planted, found if are_planted else None)
    shares = (percentage(both, whole, Rounding()) for whole in wholes)
    return [check, planted, found, both, *shares]


def _line(record: Sequence[str | int | Decimal | None]) -> dict[str, str | int | float | None]:
    numbers = (float(each) if isinstance(each, Decimal) else each for each in record)
    return dict(zip(RECORDS, numbers, strict=True))

"""How is a finding said, in Vietnamese and in English?"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from hoso.projections.documents.model import Said

COMMA_FOR_POINT: Final = str.maketrans(",.", ".,")
COMMA: Final = Said(", ", ", ")
PLUS: Final = Said(" + ", " + ")
OR: Final = Said(" hoặc ", " or ")

Value = Decimal | int | str | Said | Sequence[Said] | Sequence[str]

FIGURES: Final[Mapping[str, Said]] = {
    "total": Said("tổng số", "total"),
    "carried_over": Said("kỳ trước chuyển sang", "carried over"),
    "received": Said("tiếp nhận trong kỳ", "received"),
    "resolved": Said("đã giải quyết", "resolved"),
    "early": Said("trước hạn", "early"),
    "on_time": Said("đúng hạn", "on time"),
    "early_and_on_time": Said("trước và đúng hạn", "early and on time"),
    "overdue": Said("quá hạn", "overdue"),
    "in_progress": Said("đang giải quyết", "in progress"),
    "in_progress_in_time": Said("đang giải quyết trong hạn", "in progress in time"),
    "in_progress_overdue": Said("đang giải quyết quá hạn", "in progress overdue"),
    "paused_or_awaiting_supplement": Said(
        "tạm dừng hoặc chờ bổ sung", "paused or awaiting supplement"
    ),
    "returned": Said("trả lại", "returned"),
    "cancelled_or_withdrawn": Said("rút, hủy", "cancelled or withdrawn"),
    "online": Said("trực tuyến", "online"),
}


def words(vi: str, en: str = "", **values: Value) -> Said:
    """Two sentences with values in their braces, numbers as each language writes them; one, where
    both are the same."""
    said = {name: said_of(value) for name, value in values.items()}
    return Said(
        vi.format(**{name: each.vi for name, each in said.items()}),
        (en or vi).format(**{name: each.en for name, each in said.items()}),
    )


def said_of(value: Value) -> Said:
    """A value as each language writes it; several with commas between them."""
    if isinstance(value, Said):
        return value
    if isinstance(value, str):
        return Said(value, value)
    if isinstance(value, Decimal | int):
        english = f"{Decimal(value):,f}"  # 12,622 and 99.04: 12.622 and 99,04 in Vietnamese
        return Said(english.translate(COMMA_FOR_POINT), english)
    return joined(value, COMMA)


def joined(values: Iterable[Value], between: Said) -> Said:
    """Several values with something between them."""
    each = [said_of(value) for value in values]
    return Said(between.vi.join(one.vi for one in each), between.en.join(one.en for one in each))

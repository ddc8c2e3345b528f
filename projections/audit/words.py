"""How is a finding said, in Vietnamese and in English?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from projections.reports.document import Said

COMMA_FOR_POINT: Final = str.maketrans(",.", ".,")


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


def words(vi: str, en: str, **values: Value) -> Said:
    """Two sentences with values in their braces, numbers as each language writes them."""
    said = {name: said_of(value) for name, value in values.items()}
    return Said(
        vi.format(**{name: each.vi for name, each in said.items()}),
        en.format(**{name: each.en for name, each in said.items()}),
    )


def said_of(value: Value) -> Said:
    """A value as each language writes it; several with commas between them."""
    if isinstance(value, Said):
        return value
    if isinstance(value, str):
        return Said(value, value)
    if isinstance(value, Decimal | int):
        return number(Decimal(value))
    each = [said_of(one) for one in value]
    return Said(", ".join(one.vi for one in each), ", ".join(one.en for one in each))


def number(value: Decimal) -> Said:
    """A number: 12.622 and 99,04 in Vietnamese, 12,622 and 99.04 in English."""
    english = f"{value:,f}"
    return Said(english.translate(COMMA_FOR_POINT), english)


def added(values: Sequence[Decimal]) -> Said:
    """Numbers with a plus between them."""
    return plus([number(value) for value in values])


def plus(names: Sequence[Said]) -> Said:
    """Texts with a plus between them."""
    return Said(" + ".join(one.vi for one in names), " + ".join(one.en for one in names))


def either(ways: Sequence[Said]) -> Said:
    """Several, any of which may be."""
    return Said(" hoặc ".join(one.vi for one in ways), " or ".join(one.en for one in ways))

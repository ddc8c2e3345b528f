"""How is a finding said, in Vietnamese and in English?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

COMMA_FOR_POINT: Final = str.maketrans(",.", ".,")


class Words(NamedTuple):
    """The same in both languages."""

    vi: str
    en: str


Value = Decimal | int | str | Words | Sequence[Words] | Sequence[str]

FIGURES: Final[Mapping[str, Words]] = {
    "total": Words("tổng số", "total"),
    "carried_over": Words("kỳ trước chuyển sang", "carried over"),
    "received": Words("tiếp nhận trong kỳ", "received"),
    "resolved": Words("đã giải quyết", "resolved"),
    "early": Words("trước hạn", "early"),
    "on_time": Words("đúng hạn", "on time"),
    "early_and_on_time": Words("trước và đúng hạn", "early and on time"),
    "overdue": Words("quá hạn", "overdue"),
    "in_progress": Words("đang giải quyết", "in progress"),
    "in_progress_in_time": Words("đang giải quyết trong hạn", "in progress in time"),
    "in_progress_overdue": Words("đang giải quyết quá hạn", "in progress overdue"),
    "paused_or_awaiting_supplement": Words(
        "tạm dừng hoặc chờ bổ sung", "paused or awaiting supplement"
    ),
    "returned": Words("trả lại", "returned"),
    "cancelled_or_withdrawn": Words("rút, hủy", "cancelled or withdrawn"),
    "online": Words("trực tuyến", "online"),
}


def words(vi: str, en: str, **values: Value) -> Words:
    """Two sentences with values in their braces, numbers as each language writes them."""
    said = {name: said_of(value) for name, value in values.items()}
    return Words(
        vi.format(**{name: each.vi for name, each in said.items()}),
        en.format(**{name: each.en for name, each in said.items()}),
    )


def said_of(value: Value) -> Words:
    """A value as each language writes it; several with commas between them."""
    if isinstance(value, Words):
        return value
    if isinstance(value, str):
        return Words(value, value)
    if isinstance(value, Decimal | int):
        return number(Decimal(value))
    each = [said_of(one) for one in value]
    return Words(", ".join(one.vi for one in each), ", ".join(one.en for one in each))


def number(value: Decimal) -> Words:
    """A number: 12.622 and 99,04 in Vietnamese, 12,622 and 99.04 in English."""
    english = f"{value:,f}"
    return Words(english.translate(COMMA_FOR_POINT), english)


def added(values: Sequence[Decimal]) -> Words:
    """Numbers with a plus between them."""
    return plus([number(value) for value in values])


def plus(names: Sequence[Words]) -> Words:
    """Texts with a plus between them."""
    return Words(" + ".join(one.vi for one in names), " + ".join(one.en for one in names))


def either(ways: Sequence[Words]) -> Words:
    """Several, any of which may be."""
    return Words(" hoặc ".join(one.vi for one in ways), " or ".join(one.en for one in ways))

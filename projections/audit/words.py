"""How is a finding said, in Vietnamese and in English?"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from hoso.projections.documents.model import Bilingual

COMMA_FOR_POINT: Final = str.maketrans(",.", ".,")
COMMA: Final = Bilingual(", ", ", ")
PLUS: Final = Bilingual(" + ", " + ")
OR: Final = Bilingual(" hoặc ", " or ")

Value = Decimal | int | str | Bilingual | Sequence[Bilingual] | Sequence[str]

FIGURES: Final[Mapping[str, Bilingual]] = {
    "total": Bilingual("tổng số", "total"),
    "carried_over": Bilingual("kỳ trước chuyển sang", "carried over"),
    "received": Bilingual("tiếp nhận trong kỳ", "received"),
    "resolved": Bilingual("đã giải quyết", "resolved"),
    "early": Bilingual("trước hạn", "early"),
    "on_time": Bilingual("đúng hạn", "on time"),
    "early_and_on_time": Bilingual("trước và đúng hạn", "early and on time"),
    "overdue": Bilingual("quá hạn", "overdue"),
    "in_progress": Bilingual("đang giải quyết", "in progress"),
    "in_progress_in_time": Bilingual("đang giải quyết trong hạn", "in progress in time"),
    "in_progress_overdue": Bilingual("đang giải quyết quá hạn", "in progress overdue"),
    "paused_or_awaiting_supplement": Bilingual(
        "tạm dừng hoặc chờ bổ sung", "paused or awaiting supplement"
    ),
    "returned": Bilingual("trả lại", "returned"),
    "cancelled_or_withdrawn": Bilingual("rút, hủy", "cancelled or withdrawn"),
    "online": Bilingual("trực tuyến", "online"),
}


def words(vi: str, en: str = "", **values: Value) -> Bilingual:
    """Two sentences with values in their braces, numbers as each language writes them; one, where
    both are the same."""
    said = {name: said_of(value) for name, value in values.items()}
    return Bilingual(
        vi.format(**{name: each.vi for name, each in said.items()}),
        (en or vi).format(**{name: each.en for name, each in said.items()}),
    )


def said_of(value: Value) -> Bilingual:
    """A value as each language writes it; several with commas between them."""
    if isinstance(value, Bilingual):
        return value
    if isinstance(value, str):
        return Bilingual(value, value)
    if isinstance(value, Decimal | int):
        english = f"{Decimal(value):,f}"  # 12,622 and 99.04: 12.622 and 99,04 in Vietnamese
        return Bilingual(english.translate(COMMA_FOR_POINT), english)
    return joined(value, COMMA)


def joined(values: Iterable[Value], between: Bilingual) -> Bilingual:
    """Several values with something between them."""
    each = [said_of(value) for value in values]
    return Bilingual(
        between.vi.join(one.vi for one in each), between.en.join(one.en for one in each)
    )

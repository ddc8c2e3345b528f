"""What is said of a published figure: that it does not hold, that it does, or neither?"""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from hoso.projections.documents.model import Bilingual


class Check(Enum):
    """What a figure is held against."""

    inflow = Bilingual(
        "tổng số = kỳ trước chuyển sang + tiếp nhận", "total = carried over + received"
    )
    resolved = Bilingual(
        "đã giải quyết = trước hạn + đúng hạn + quá hạn", "resolved = early + on time + overdue"
    )
    timely = Bilingual(
        "trước và đúng hạn = trước hạn + đúng hạn", "early and on time = early + on time"
    )
    in_progress = Bilingual(
        "đang giải quyết = trong hạn + quá hạn", "in progress = in time + overdue"
    )
    categories = Bilingual("tổng số = các nhóm cộng lại", "total = all categories")
    percent = Bilingual("tỷ lệ tính được từ số liệu", "percentage follows from figures")
    denominator = Bilingual("các tỷ lệ cùng một mẫu số", "percentages share a denominator")
    listing = Bilingual("danh sách cộng đúng", "list adds up")
    row_sum = Bilingual("dòng cộng đúng", "row adds up")
    row_shift = Bilingual("số dòng cộng đúng", "rows that add up")
    row_lost = Bilingual("giá trị bị mất", "values lost")
    row_percent = Bilingual("tỷ lệ của dòng", "percentage of a row")
    row_match = Bilingual("hai bảng khớp nhau", "two tables agree")
    engine = Bilingual("số liệu tính từ sự kiện", "the engine's own figure")


class Finding(NamedTuple):
    """A figure that does not hold: what was claimed (``None``: the report prints nothing there),
    what follows from others, and the likeliest cause."""

    place: str
    check: Check
    claimed: Decimal | None
    follows: Decimal
    cause: Bilingual
    unit: str = ""

    @property
    def difference(self) -> Decimal | None:
        """How much more was claimed than follows."""
        return None if self.claimed is None else self.claimed - self.follows


class Holds(NamedTuple):
    """A figure that holds, and how it comes about."""

    place: str
    check: Check
    how: Bilingual


class Unchecked(NamedTuple):
    """A figure of which the report says too little, or nothing, to be held against."""

    place: str
    check: Check
    why: Bilingual


Outcome = Finding | Holds | Unchecked
Outcomes = Iterator[Outcome]

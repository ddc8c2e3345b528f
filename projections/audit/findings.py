"""What is said of a published figure: that it does not hold, that it does, or neither?"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from projections.audit.words import Words


class Check(StrEnum):
    """What a figure is held against."""

    inflow = "inflow"
    resolved = "resolved"
    timely = "timely"
    in_progress = "in_progress"
    categories = "categories"
    percent = "percent"
    denominator = "denominator"
    listing = "list"
    row_sum = "row_sum"
    row_shift = "row_shift"
    row_lost = "row_lost"
    row_percent = "row_percent"
    row_match = "row_match"
    engine = "engine"


CHECKS: Final = {
    Check.inflow: Words(
        "tổng số = kỳ trước chuyển sang + tiếp nhận", "total = carried over + received"
    ),
    Check.resolved: Words(
        "đã giải quyết = trước hạn + đúng hạn + quá hạn", "resolved = early + on time + overdue"
    ),
    Check.timely: Words(
        "trước và đúng hạn = trước hạn + đúng hạn", "early and on time = early + on time"
    ),
    Check.in_progress: Words(
        "đang giải quyết = trong hạn + quá hạn", "in progress = in time + overdue"
    ),
    Check.categories: Words("tổng số = các nhóm cộng lại", "total = all categories"),
    Check.percent: Words("tỷ lệ tính được từ số liệu", "percentage follows from figures"),
    Check.denominator: Words("các tỷ lệ cùng một mẫu số", "percentages share a denominator"),
    Check.listing: Words("danh sách cộng đúng", "list adds up"),
    Check.row_sum: Words("dòng cộng đúng", "row adds up"),
    Check.row_shift: Words("số dòng cộng đúng", "rows that add up"),
    Check.row_lost: Words("giá trị bị mất", "values lost"),
    Check.row_percent: Words("tỷ lệ của dòng", "percentage of a row"),
    Check.row_match: Words("hai bảng khớp nhau", "two tables agree"),
    Check.engine: Words("số liệu tính từ sự kiện", "the engine's own figure"),
}


class Finding(NamedTuple):
    """A figure that does not hold: what was claimed (``None``: the report prints nothing there),
    what follows from others, and the likeliest cause."""

    place: str
    check: Check
    claimed: Decimal | None
    follows: Decimal
    cause: Words
    unit: str = ""

    @property
    def difference(self) -> Decimal | None:
        """How much more was claimed than follows."""
        return None if self.claimed is None else self.claimed - self.follows


class Holds(NamedTuple):
    """A figure that holds, and how it comes about."""

    place: str
    check: Check
    how: Words


class Unchecked(NamedTuple):
    """A figure of which the report says too little, or nothing, to be held against."""

    place: str
    check: Check
    why: Words


Outcome = Finding | Holds | Unchecked
Outcomes = Iterator[Outcome]

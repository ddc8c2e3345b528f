"""The outcomes of an audit: a figure holds, does not hold, or cannot be checked.

A figure that is off by no more than rounding explains is a note.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from hoso.projections.documents.model import Bilingual


class Check(Enum):
    """What a figure is checked against. Names appear in JSON, values in tables."""

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
    form = Bilingual("mọi phép cộng của biểu", "every sum of a form")
    column_sum = Bilingual("cột cộng đúng", "column adds up")
    row_shift = Bilingual("số dòng cộng đúng", "rows that add up")
    row_lost = Bilingual("giá trị bị mất", "values lost")
    row_percent = Bilingual("tỷ lệ của dòng", "percentage of a row")
    row_match = Bilingual("hai bảng khớp nhau", "two tables agree")
    carried = Bilingual(
        "kỳ trước chuyển sang = kỳ trước còn đang giải quyết",
        "carried over = carried forward by the period before",
    )
    engine = Bilingual("số liệu tính từ sự kiện", "the engine's own figure")


class Finding(NamedTuple):
    """A figure that does not hold.

    ``claimed`` is the published number, None where the report prints nothing. ``follows`` is what
    the other figures give. ``cause`` is the likeliest cause. ``unit`` is ``%`` or empty.
    """

    place: str
    check: Check
    claimed: Decimal | None
    follows: Decimal
    cause: Bilingual
    unit: str = ""

    @property
    def difference(self) -> Decimal | None:
        """The claimed number less the one that follows; None where nothing is claimed."""
        return None if self.claimed is None else self.claimed - self.follows


class Holds(NamedTuple):
    """A figure that holds, and the calculation that gives it."""

    place: str
    check: Check
    how: Bilingual


class Note(NamedTuple):
    """A figure that differs from what follows by no more than the rounding of its parts explains.

    It is named, and is no finding.
    """

    place: str
    check: Check
    claimed: Decimal
    follows: Decimal
    how: Bilingual

    @property
    def difference(self) -> Decimal:
        """The claimed number less the one that follows."""
        return self.claimed - self.follows


class Unchecked(NamedTuple):
    """A figure that cannot be checked, because the report does not say enough."""

    place: str
    check: Check
    why: Bilingual


Outcome = Finding | Holds | Note | Unchecked
Outcomes = Iterator[Outcome]

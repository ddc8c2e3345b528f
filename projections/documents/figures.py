"""The names of a statement's figures, of accounts and of dimensions, in Vietnamese and in English.

Every table and page that shows one of them takes its name from here.
"""

from collections.abc import Mapping
from typing import Any, Final

from hoso.projections.documents.model import Bilingual

# The figures of a statement by their dotted names, in its order.
FIGURES: Final[Mapping[str, Bilingual]] = {
    "carried_over": Bilingual("Kỳ trước chuyển sang", "carried over"),
    "received": Bilingual("Tiếp nhận trong kỳ", "received"),
    "transferred.in": Bilingual("Nhận từ cơ quan khác", "transferred in"),
    "transferred.out": Bilingual("Chuyển cơ quan khác", "transferred out"),
    "total": Bilingual("Tổng số", "total"),
    "resolved.total": Bilingual("Đã giải quyết", "resolved"),
    "resolved.early": Bilingual("trước hạn", "early"),
    "resolved.on_time": Bilingual("đúng hạn", "on time"),
    "resolved.overdue": Bilingual("quá hạn", "overdue"),
    "returned.total": Bilingual("Trả lại", "returned"),
    "returned.early": Bilingual("trước hạn", "early"),
    "returned.on_time": Bilingual("đúng hạn", "on time"),
    "returned.overdue": Bilingual("quá hạn", "overdue"),
    "cancelled.total": Bilingual("Rút, hủy", "cancelled"),
    "cancelled.withdrawn": Bilingual("rút", "withdrawn"),
    "cancelled.voided": Bilingual("hủy", "voided"),
    "in_progress.total": Bilingual("Đang giải quyết", "in progress"),
    "in_progress.in_time": Bilingual("trong hạn", "in time"),
    "in_progress.overdue": Bilingual("quá hạn", "overdue"),
    "awaiting_supplement.total": Bilingual("Chờ bổ sung", "awaiting supplement"),
    "awaiting_supplement.in_time": Bilingual("trong hạn", "in time"),
    "awaiting_supplement.overdue": Bilingual("quá hạn", "overdue"),
    "paused.total": Bilingual("Tạm dừng", "paused"),
    "paused.in_time": Bilingual("trong hạn", "in time"),
    "paused.overdue": Bilingual("quá hạn", "overdue"),
    "carried_forward": Bilingual("Chuyển kỳ sau", "carried forward"),
}
DIMENSIONS: Final[Mapping[str, Bilingual]] = {
    "agency": Bilingual("Cơ quan", "agency"),
    "field": Bilingual("Lĩnh vực", "field"),
    "procedure": Bilingual("Thủ tục", "procedure"),
    "channel": Bilingual("Kênh", "channel"),
    "level": Bilingual("Cấp", "level"),
    "online_service": Bilingual("Dịch vụ trực tuyến", "online service"),
    "received_at": Bilingual("Nơi tiếp nhận", "received at"),
}


def flat(line: Mapping[str, Any]) -> dict[str, int]:
    """The figures of a statement's line by their dotted names, in the order of FIGURES."""
    return {name: figure(line, name) for name in FIGURES}


def figure(line: Mapping[str, Any], name: str) -> int:
    """One figure of a statement's line, by its dotted name."""
    group, _, part = name.partition(".")
    return int(line[group][part] if part else line[group])


def headings(name: str) -> tuple[Bilingual, ...]:
    """The name of a figure, of its group first: ``resolved.early`` is (resolved, early)."""
    group, _, part = name.partition(".")
    if part in ("", "total") or f"{group}.total" not in FIGURES:
        return (FIGURES.get(f"{group}.total") or FIGURES[name],)
    return FIGURES[f"{group}.total"], FIGURES[name]


def in_words(name: str) -> Bilingual:
    """The name of a figure or an account on one line; a name that no statement has as it is."""
    try:
        names = headings(name)
    except KeyError:
        return Bilingual(name, name)
    return Bilingual(": ".join(each.vi for each in names), ": ".join(each.en for each in names))

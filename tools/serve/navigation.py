"""The pages that stand at the top of every page, in this order."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual
from hoso.tools.serve.access.visitor import Role, Visitor
from hoso.tools.serve.page import Serving


class Entry(NamedTuple):
    """A page at the top of every page; ``key`` is the letter that leads to it, behind g.

    ``of_store``: only where one store is served, and for who sees all bodies.
    """

    path: str
    name: Bilingual
    key: str
    role: Role = Role.READER
    of_store: bool = False


NAVIGATION: Final = (
    Entry("/", Bilingual("Tổng quan", "Overview"), "o"),
    Entry("/statement", Bilingual("Số liệu kỳ", "Statement"), "s"),
    Entry("/compare", Bilingual("So sánh", "Compare"), "c"),
    Entry("/vintages", Bilingual("Các lần chốt", "Vintages"), "v"),
    Entry("/due", Bilingual("Đến hạn", "Due"), "d"),
    Entry("/integrity", Bilingual("Bất thường", "Integrity"), "b"),
    Entry("/reports", Bilingual("Báo cáo", "Reports"), "r"),
    Entry("/releases", Bilingual("Phát hành", "Releases"), "p", of_store=True),
    Entry("/law", Bilingual("Quy định", "Law"), "l"),
    Entry("/intake", Bilingual("Tiếp nhận", "Intake"), "i", of_store=True),
)


def entries_for(serving: Serving, visitor: Visitor) -> Iterator[Entry]:
    """The pages that stand at the top, for a visitor."""
    has_store = serving.store is not None and visitor.sees_all()
    for each in NAVIGATION:
        if visitor.may(each.role) and (has_store or not each.of_store):
            yield each

"""Lists what the caches of hoso hold, and empties them. Figures do not depend on a cache.

The user's own cache is a folder. That of a store is a table in its database; that of an archive are
files in its folder.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hoso.consumers.store.address import StoreAddress
from hoso.domain.errors import UserError
from hoso.projections.archive.manifest import read_manifest
from hoso.projections.archive.shelf import ArchiveShelf
from hoso.projections.cache.shelf import Described, Shelf, Unavailable
from hoso.projections.cache.user_folder import UserFolder, user_base, user_shelf
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Document,
    Place,
    Row,
    Sum,
    Table,
    Words,
)
from hoso.projections.live.files import LiveShelf
from hoso.tools.sources.opening import is_archive, is_store
from hoso.tools.sources.store import StoreShelf

WHAT: Final = {
    "code": Bilingual("mã máy của các quy tắc", "machine code of the rules"),
    "holidays": Bilingual("ngày nghỉ lễ", "public holidays"),
    "columns": Bilingual("sự kiện dưới dạng cột", "events as columns"),
    "event_keys": Bilingual("khóa của các sự kiện", "keys of events"),
    "fold": Bilingual("sổ nhật ký của toàn bộ kho", "journal of the whole log"),
    "live": Bilingual("sổ cái sống", "live ledgers"),
    "balances": Bilingual("số dư các tài khoản", "balance sheets"),
}
OTHER_VERSION: Final = Bilingual("của phiên bản khác", "of another version of hoso")
TITLE: Final = Bilingual("Bộ nhớ đệm", "Caches")
CLEARED: Final = Bilingual("Bộ nhớ đệm đã xóa", "Caches that were cleared")
COLUMNS: Final = (
    Column("place", (Bilingual("Nơi lưu", "Place"),), "text", width=40),
    Column("kind", (Bilingual("Loại", "Kind"),), "text", width=12),
    Column("what", (Bilingual("Nội dung", "What it is"),), "text", width=28),
    Column("entries", (Bilingual("Số mục", "Entries"),), width=10),
    Column("size", (Bilingual("Dung lượng (byte)", "Size (bytes)"),), width=16),
)
TOTAL: Final = Bilingual("Tổng cộng", "Total")


class NamedShelf(NamedTuple):
    """The cache in one place, and what the place is called."""

    place: str
    shelf: Shelf


def shelves(sources: Sequence[str]) -> list[NamedShelf]:
    """The user's own cache, and those of some stores and archives.

    Raises ``UserError`` for a source that has no cache, or cannot be opened.
    """
    own = user_shelf()
    place = str(own.folder) if isinstance(own, UserFolder) else "–"
    return [NamedShelf(place, own), *_live_ledgers(), *map(_shelf, sources)]


def _live_ledgers() -> list[NamedShelf]:
    if (base := user_base()) is None:
        return []
    ledgers = LiveShelf(base)
    return [NamedShelf(str(ledgers.folder), ledgers)]


def document(of: Sequence[NamedShelf], *, clear: bool) -> Document:
    """What some caches hold; with ``clear`` they are emptied, and this is what they held.

    Raises ``UserError`` for a cache that cannot be read or emptied.
    """
    lines = [(named.place, line) for named in of for line in _described(named, clear=clear)]
    rows = [_row(number, *line) for number, line in enumerate(lines)]
    sums = {
        column: Sum(tuple(Place(row.key, column) for row in rows)) for column in ("entries", "size")
    }
    total = Row("total", {"place": Words(TOTAL), **sums}, "total")
    title = CLEARED if clear else TITLE
    return Document("cache", title, None, (), (Table("cache", title, COLUMNS, (*rows, total)),))


def _shelf(source: str) -> NamedShelf:
    if is_store(source):
        return NamedShelf(StoreAddress.parse(source).shown, StoreShelf(source))
    if is_archive(source):
        return NamedShelf(source, ArchiveShelf(Path(source), read_manifest(Path(source))))
    raise UserError(f"--source {source}: has no cache: name a store or an archive's folder")


def _described(named: NamedShelf, *, clear: bool) -> list[Described]:
    """The entries of one cache, added up by kind."""
    try:
        found = named.shelf.describe()
        if clear:
            named.shelf.clear()
    except Unavailable as error:
        raise UserError(f"{named.place}: its cache cannot be used just now: {error}") from None
    kinds = sorted({each.kind for each in found})
    return [_added_up(kind, [each for each in found if each.kind == kind]) for kind in kinds]


def _added_up(kind: str, entries: Sequence[Described]) -> Described:
    return Described(
        kind, "", sum(each.entries for each in entries), sum(each.size_bytes for each in entries)
    )


def _row(number: int, place: str, line: Described) -> Row:
    cells: dict[str, Cell] = {
        "place": Words(place),
        "kind": Words(line.kind),
        "what": Words(WHAT.get(line.kind, OTHER_VERSION)),
        "entries": Count(line.entries),
        "size": Count(line.size_bytes),
    }
    return Row(str(number), cells)

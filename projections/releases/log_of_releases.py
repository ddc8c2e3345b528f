"""The log of releases: what was released when, what replaces what, and whether one was dropped.

Its entries are the ``release.json`` of each release, in order; its last note says how many there
were, and their root.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Document,
    Records,
    Row,
    Table,
    Words,
)
from hoso.projections.ledger.statement import instant_text
from hoso.projections.merkle.checkpoint import Checkpoint
from hoso.projections.releases.folder import parse_release
from hoso.projections.releases.receipt import releases_root
from hoso.projections.releases.release import Release

TITLE: Final = Bilingual("Các bản phát hành", "Releases")
COLUMNS: Final = (
    Column("number", (Bilingual("Số", "No."),), width=6),
    Column("report", (Bilingual("Báo cáo", "Report"),), "text", width=14),
    Column("from", (Bilingual("Từ ngày", "From"),), "text", width=10),
    Column("to", (Bilingual("Đến ngày", "To"),), "text", width=10),
    Column("released_at", (Bilingual("Phát hành lúc", "Released at"),), "text", width=20),
    Column("as_of", (Bilingual("Số liệu tính đến", "As of"),), "text", width=20),
    Column("events", (Bilingual("Số sự kiện", "Events"),), width=11),
    Column("state", (Bilingual("Tình trạng", "State"),), "text", width=18),
    Column("because", (Bilingual("Lý do thay thế", "Because"),), "text", width=26),
)
RECORDS: Final = (
    *("number", "report", "from", "to", "released_at", "as_of", "position", "events", "root"),
    *("supersedes", "superseded_by", "because", "sha256"),
)
FITS: Final = Bilingual("khớp với ghi nhận đã ký gần nhất", "fits its last signed note")


class ReleaseLog(NamedTuple):
    """The entries of a log of releases, and the last note about it; None: there is none."""

    entries: Sequence[bytes]
    noted: Checkpoint | None

    def releases(self) -> list[Release]:
        """The releases, in order. Raises ``UserError`` for an entry that is none."""
        return [parse_release(f"release {n}", entry) for n, entry in enumerate(self.entries, 1)]

    def fault(self) -> Bilingual | None:
        """What does not hold of it: a release was dropped, or is another one; None: it holds."""
        if self.noted is None:
            return None
        size, there = self.noted.size, len(self.entries)
        if size > there:
            return Bilingual(
                f"thiếu bản phát hành: đã ký {size} bản, chỉ còn {there}",
                f"a release was dropped: {size} were signed, and {there} are there",
            )
        if releases_root(self.entries[:size]) != self.noted.root:
            return Bilingual(
                f"{size} bản phát hành đầu không phải là những bản đã ký",
                f"the first {size} releases are not those that were signed",
            )
        return None


def superseding(releases: Sequence[Release]) -> dict[int, int]:
    """The number of the release that replaces another, by that one's number."""
    return {each.supersedes: each.number for each in releases if each.supersedes is not None}


def document(log: ReleaseLog, shown: Callable[[Release], bool] | None = None) -> Document:
    """The document of a log of releases; of those that are ``shown`` only, without a word on the
    others."""
    every = log.releases()
    releases = every if shown is None else [each for each in every if shown(each)]
    replaced = superseding(releases)
    rows = tuple(_row(each, replaced.get(each.number)) for each in releases)
    lines = [_line(each, replaced.get(each.number)) for each in releases]
    records = Records(RECORDS, [[line[name] for name in RECORDS] for line in lines])
    name = Bilingual("Nhật ký phát hành", "Log of releases")
    about = () if shown else (About(name, log.fault() or FITS),)
    table = Table("releases", TITLE, COLUMNS, rows)
    return Document("releases", TITLE, None, about, (table,), data=Data(lines, records))


def _row(release: Release, superseded_by: int | None) -> Row:
    cells: dict[str, Cell] = {
        "number": Count(release.number),
        "report": Words(release.report),
        "from": Day(release.window.first),
        "to": Day(release.window.last),
        "released_at": Words(_local(release.released_at, release)),
        "as_of": Words(_local(release.as_of, release)),
        "events": Count(release.log.events),
        "state": Words(_state(release, superseded_by)),
        "because": Words(release.because or NO_DATA),
    }
    return Row(str(release.number), cells)


def _local(instant: datetime, release: Release) -> Bilingual:
    """An instant by the clock of the office."""
    there = instant.astimezone(ZoneInfo(release.zone))
    return Bilingual(f"{there:%H:%M:%S %d/%m/%Y}", f"{there:%Y-%m-%d %H:%M:%S}")


def _state(release: Release, superseded_by: int | None) -> Bilingual:
    if superseded_by is not None:
        return Bilingual(f"bị thay bởi số {superseded_by}", f"superseded by {superseded_by}")
    if release.supersedes is not None:
        return Bilingual(f"thay số {release.supersedes}", f"supersedes {release.supersedes}")
    return Bilingual("có hiệu lực", "current")


def _line(release: Release, superseded_by: int | None) -> dict[str, str | int | None]:
    return {
        "number": release.number,
        "report": release.report,
        "from": release.window.first.isoformat(),
        "to": release.window.last.isoformat(),
        "released_at": instant_text(release.released_at),
        "as_of": instant_text(release.as_of),
        "position": release.log.position,
        "events": release.log.events,
        "root": release.log.root,
        "supersedes": release.supersedes,
        "superseded_by": superseded_by,
        "because": release.because,
        "sha256": release.digest(),
    }

"""The document of revisions: every changed figure with its parts, and the dossiers behind them.

Its JSON is that of the contract (docs/REPORTS.md, Revisions). Its letter says in words what is
different and why.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from hoso.projections.documents.law import cited
from hoso.projections.documents.life import EVENTS
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Document,
    Dossier,
    Exact,
    Records,
    Row,
    Table,
    Words,
    counted,
    in_numbers,
    same,
)
from hoso.projections.ledger.statement import instant_text
from hoso.projections.releases.in_words import letter
from hoso.projections.releases.release import Release
from hoso.projections.releases.revisions import PARTS, Cause, Change, Moved, Part, Value

Json = dict[str, Any]

TITLE: Final = Bilingual("Số liệu đã phát hành, nay khác", "Revisions of a release")
TOTAL: Final = Bilingual("Toàn bộ", "All")
UNCHANGED: Final = Bilingual("Không có số liệu nào thay đổi", "Nothing changed")
PART_NAMES: Final[Mapping[Part, Bilingual]] = {
    "data": Bilingual("Do số liệu ghi nhận sau", "Data"),
    "law": Bilingual("Do quy định", "Law"),
    "program": Bilingual("Do chương trình", "Program"),
}
WHERE: Final = (
    Column("where", (Bilingual("Ở đâu", "Where"),), "text", width=36),
    Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=30),
)
NUMBERS: Final = (
    Column("released", (Bilingual("Đã phát hành", "Released"),)),
    Column("now", (Bilingual("Hiện nay", "Now"),)),
    Column("difference", (Bilingual("Chênh lệch", "Difference"),)),
    *(Column(part, (Bilingual("Trong đó", "Of it"), PART_NAMES[part])) for part in PARTS),
    Column("dossiers", (Bilingual("Số hồ sơ", "Dossiers"),)),
)
OF_EVENTS: Final = (
    Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
    Column("part", (Bilingual("Phần", "Part"),), "text", width=12),
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=20),
    Column("id", (Bilingual("Mã sự kiện", "Event id"),), "text", width=20),
    Column("source", (Bilingual("Hệ thống gửi", "Source"),), "text", width=24),
    Column("occurred", (Bilingual("Xảy ra", "Occurred"),), "text", width=10),
    Column("recorded", (Bilingual("Ghi nhận", "Recorded"),), "text", width=10),
    Column("late", (Bilingual("Muộn (ngày)", "Late (days)"),)),
    Column("why", (Bilingual("Vì sao", "Why"),), "text", width=44),
    Column("figures", (Bilingual("Số chỉ tiêu", "Figures"),)),
)
RECORDS: Final = (
    *("report", "table", "row", "slice", "figure", "released", "now", "difference"),
    *(*PARTS, "dossiers"),
)


def document(release: Release, changes: Sequence[Change], ask: tuple[str, ...] = ()) -> Document:
    """The revisions of a release. ``ask`` is how other commands read the same history."""
    tables = (_figures(changes), _events(changes)) if changes else ()
    return Document(
        "revisions",
        TITLE,
        release.window,
        tuple(_about(release)),
        tables,
        ask,
        data=Data(_json(release, changes), Records(RECORDS, [*map(_record, changes)])),
        lead=_lead(changes),
        letter=letter(release, changes),
    )


def _lead(changes: Sequence[Change]) -> Bilingual:
    if not changes:
        return UNCHANGED
    return counted(len(changes), "số liệu nay khác", "figures are different now")


def _about(release: Release) -> Iterator[About]:
    first, last = map(in_numbers, release.window)
    released, known = (instant_text(at) for at in (release.released_at, release.as_of))
    yield About(Bilingual("Phát hành số", "Release"), same(str(release.number)))
    yield About(Bilingual("Báo cáo", "Report"), release.report)
    yield About(Bilingual("Phát hành lúc", "Released at"), same(released))
    period = Bilingual(f"{first.vi} – {last.vi}", f"{first.en} – {last.en}")
    yield About(Bilingual("Kỳ báo cáo", "Period"), period)
    yield About(Bilingual("Số liệu khi ấy tính đến", "As of then"), same(known))
    position = same(str(release.log.position))
    yield About(Bilingual("Vị trí cuối trong nhật ký", "Last position of then"), position)


def _figures(changes: Sequence[Change]) -> Table:
    """Every changed figure, with its parts."""
    rows = tuple(_rows(changes))
    note = Bilingual(
        "Chênh lệch là số hiện nay trừ số đã phát hành, bằng tổng của ba phần: do sự kiện ghi nhận"
        " sau khi phát hành, do quy định hoặc lịch làm việc công bố sau, do chương trình.",
        "The difference is the figure now less the one released. It is the sum of three parts:"
        " what was recorded since, provisions and days off published since, and the program.",
    )
    return Table("revisions", TITLE, (*WHERE, *NUMBERS), rows, (note,))


def _rows(changes: Sequence[Change]) -> Iterator[Row]:
    """A line for each changed figure, table by table; what it stands in is said once above it."""
    tables = defaultdict[tuple[str, str | None], list[Change]](list)
    for change in changes:
        tables[change.name.report, change.name.table].append(change)
    shown: tuple[Bilingual, ...] = ()
    for number, change in enumerate(chain.from_iterable(tables.values())):
        path = _path(change)
        for depth, name in enumerate(path[:-1]):
            if shown[: depth + 1] != path[: depth + 1]:
                yield Row(f"{number}/{depth}", {"where": Words(name)}, "group", depth)
        yield _row(str(number), path, change)
        shown = path


def _path(change: Change) -> tuple[Bilingual, ...]:
    """Where a figure stands, from the outside in, with the name of the report at its table."""
    if change.name.table is None:
        return change.where or (TOTAL,)
    (vi, en), *rows = change.where
    return Bilingual(f"{vi} ({change.name.report})", f"{en} ({change.name.report})"), *rows


def _row(key: str, path: tuple[Bilingual, ...], change: Change) -> Row:
    cells: dict[str, Cell] = {
        "where": Words(path[-1]),
        "figure": Words(change.figure),
        "released": _shown(change.released),
        "now": _shown(change.now),
        "difference": _shown(change.difference, signed=True),
        **{part: _shown(change.parts[part], signed=True) for part in PARTS},
        "dossiers": Count(len({moved.dossier for moved in change.dossiers})),
    }
    return Row(key, cells, depth=len(path) - 1)


def _shown(value: Value, *, signed: bool = False) -> Cell:
    if isinstance(value, str):
        return Words(value)
    return Exact(value, signed=signed)


def _events(changes: Sequence[Change]) -> Table:
    """The dossiers behind the parts, each with the events that made it so."""
    figures = defaultdict[tuple[str, Part], int](int)
    moved: dict[tuple[str, Part], Moved] = {}
    for change in changes:
        for each in change.dossiers:
            figures[each.dossier, each.part] += 1
            moved[each.dossier, each.part] = each
    rows = [
        _event_row(f"{place}/{number}", each, cause, figures[each.dossier, each.part])
        for place, (_, each) in enumerate(sorted(moved.items(), key=lambda item: item[0]))
        for number, cause in enumerate(each.causes or (None,))
    ]
    title = Bilingual("Hồ sơ và sự kiện làm thay đổi", "The dossiers and events that made it so")
    return Table("events", title, OF_EVENTS, tuple(rows))


def _event_row(key: str, moved: Moved, cause: Cause | None, figures: int) -> Row:
    cells: dict[str, Cell] = {
        "dossier": Dossier(moved.dossier),
        "part": Words(PART_NAMES[moved.part]),
        "figures": Count(figures),
    }
    if cause is not None:
        cells |= {
            "event": Words(_event_name(cause.kind)),
            "id": Words(cause.id),
            "source": Words(cause.source),
            "occurred": Day(cause.occurred_on),
            "recorded": Day(cause.recorded_on),
            "late": Count(cause.late_days),
            "why": Words(why(cause)),
        }
    return Row(key, cells)


def _event_name(kind: str) -> Bilingual:
    return Bilingual(EVENTS[kind], kind)


def why(cause: Cause) -> Bilingual:
    """What made an event count otherwise, in words: what it took back, or what judges it now."""
    said: list[Bilingual] = []
    if cause.annuls is not None:
        what, own_id = _event_name(cause.annuls[0]), cause.annuls[1]
        said.append(Bilingual(f"thu hồi {what.vi} ({own_id})", f"takes back {what.en} ({own_id})"))
    for each in cause.provisions:
        source = cited(each.source)
        said.append(
            Bilingual(
                f"{each.parameter} = {each.value}, theo {source.vi}",
                f"{each.parameter} = {each.value}, by {source.en}",
            )
        )
    if cause.days:
        vi, en = zip(*map(in_numbers, cause.days), strict=True)
        moved, moved_en = ", ".join(vi), ", ".join(en)
        said.append(Bilingual(f"lịch làm việc đổi: {moved}", f"days moved: {moved_en}"))
    if not said and cause.late_days > 0:
        said.append(counted(cause.late_days, "ngày ghi nhận muộn", "days late"))
    vi, en = zip(*said, strict=True) if said else ((), ())
    return Bilingual("; ".join(vi), "; ".join(en))


def _json(release: Release, changes: Sequence[Change]) -> Json:
    """The contract's JSON."""
    return {
        "release": {
            "number": release.number,
            "report": release.report,
            "window": {"from": str(release.window.first), "to": str(release.window.last)},
            "as_of": instant_text(release.as_of),
            "position": release.log.position,
            "digest": f"sha256:{release.digest()}",
        },
        "changes": [*map(_change, changes)],
    }


def _change(change: Change) -> Json:
    name = change.name
    place = {} if name.place is None else {"table": name.table, "row": name.place.row}
    return {
        "report": name.report,
        **place,
        "slice": dict(name.slice),
        "figure": name.figure,
        "released": _plain(change.released),
        "now": _plain(change.now),
        "difference": _plain(change.difference),
        "parts": {part: _plain(change.parts[part]) for part in PARTS},
        "dossiers": [*map(_dossier, change.dossiers)],
    }


def _dossier(moved: Moved) -> Json:
    return {
        "dossier": moved.dossier,
        "part": moved.part,
        "net": moved.net,
        "events": [*map(_event, moved.causes)],
    }


def _event(cause: Cause) -> Json:
    return {
        "source": cause.source,
        "id": cause.id,
        "type": f"dossier.{cause.kind}.v1",
        "occurred": cause.occurred_on.isoformat(),
        "recorded": cause.recorded_on.isoformat(),
        "late_days": cause.late_days,
        "annuls": None if cause.annuls is None else cause.annuls[1],
        "provisions": [
            {"parameter": each.parameter, "value": each.value, "source": each.source}
            for each in cause.provisions
        ],
        "days": [day.isoformat() for day in cause.days],
    }


def _plain(value: Value) -> int | float | str | None:
    return float(value) if isinstance(value, Decimal) else value


def _record(change: Change) -> list[Any]:
    name = change.name
    return [
        name.report,
        name.table,
        None if name.place is None else name.place.row,
        ",".join(f"{dimension}={value or ''}" for dimension, value in name.slice),
        name.figure,
        change.released,
        change.now,
        change.difference,
        *(change.parts[part] for part in PARTS),
        len({moved.dossier for moved in change.dossiers}),
    ]

"""Checks files of events: judges each line as intake and the rules would judge it.

A line has one or more of these findings, or none:

- **reject**: the line is no event by its form;
- **suspense**: the event does not apply in its dossier's life;
- **repeat**: an event with the same ``(source, id)`` was recorded before, and counts once;
- **conflict**: a repeat that differs in subject, type, time or data; most often, ids are unique
  within a dossier only;
- **late**: the event was recorded on a later local day than the one on which it occurred. An event
  that does not say when it was recorded is not late.

The score is the percentage of lines without a finding, rounded down to one decimal: 100.0 means
that nothing was found. Without lines there is no score. Several files are judged as one log.

With the address of a store, files are judged as what would be added to it now. Warnings
(``warnings``) are about the whole log, and no findings.

Lines may also be records of the national portal. Then the findings are those of the events that
ingesting them would add, and it is said how many of which kind these are. An event stands on the
last line with a record of its dossier.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.consumers.intake import files, national
from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.intake.validate import stored_json
from hoso.consumers.store.log import KeptRecord, open_store
from hoso.domain import validity
from hoso.domain.calendar import date_of
from hoso.domain.events import Event
from hoso.domain.kinds import KINDS
from hoso.domain.office import Office
from hoso.projections.documents.life import EVENTS as KIND_WORDS
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Document,
    Dossier,
    Exact,
    Percentage,
    Place,
    Records,
    Row,
    Table,
    Words,
    same,
)
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.log.from_json import log_table
from hoso.projections.log.lives import local_days, recorded
from hoso.projections.log.schema import Integers, integers, joined
from hoso.tools.jobs.rejects import in_both_languages
from hoso.tools.jobs.warnings import TEXTS, as_json, warnings
from hoso.tools.runtime import environment
from hoso.tools.sources.conflicts import rows_in_conflict
from hoso.tools.sources.file import FileSource
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource

Json = dict[str, Any]

FINDINGS: Final = ("rejects", "suspense", "repeats", "conflicts", "late")
EVENT_FINDINGS: Final = FINDINGS[1:]
LINES: Final = Bilingual("Số dòng", "lines")
NAMES: Final = {
    "lines": LINES,
    "rejects": Bilingual("Không phải sự kiện", "rejects"),
    "suspense": Bilingual("Chưa áp dụng được", "in suspense"),
    "repeats": Bilingual("Lặp lại", "repeats"),
    "conflicts": Bilingual("Trùng mã, khác nội dung", "in conflict"),
    "late": Bilingual("Ghi nhận muộn", "recorded late"),
    "score": Bilingual("Điểm chất lượng", "score"),
}
SUMMARY: Final = (
    Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=24),
    Column("translated", (Bilingual("figure", "chỉ tiêu"),), "text", width=16),
    Column("lines", (LINES,)),
    Column("percent", (same("%"),), "percent"),
)
LINE: Final = Column("line", (Bilingual("Dòng", "Line"),), "text", width=26)
DETAILS: Final = (
    Column("finding", (Bilingual("Phát hiện", "Finding"),), "text", width=18),
    LINE,
    Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
    Column("day", (Bilingual("Ngày", "Day"),), "text", width=10),
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=20),
    Column("id", (Bilingual("Mã sự kiện", "Event id"),), "text", width=30),
    Column("days", (Bilingual("Số ngày muộn", "Days late"),)),
)
REJECTS: Final = (LINE, Column("reason", (Bilingual("Lý do", "Reason"),), "text", width=60))
WARNINGS_TITLE: Final = Bilingual("Cảnh báo", "Warnings")
WARNINGS: Final = (
    Column("warning", (Bilingual("Cảnh báo", "Warning"),), "text", width=40),
    Column("count", (Bilingual("Số lượng", "Count"),)),
    Column("examples", (Bilingual("Ví dụ", "Examples"),), "text", width=60),
)
MADE: Final = Bilingual("Các sự kiện sẽ ghi thêm", "Events that would be added")
FIRST_MADE: Final = Bilingual("Những sự kiện đầu tiên trong số đó", "The first of these events")
MADE_COLUMNS: Final = (
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=24),
    Column("count", (Bilingual("Số lượng", "Count"),)),
)
EVENTS: Final = Bilingual("Các sự kiện cần xem lại", "Events to look at")
NEXT: Final = Bilingual(
    "--format json nêu tất cả các dòng; hoso explain MÃ --source FILE nói vì sao một sự kiện chưa "
    "áp dụng được.",
    "--format json names all lines; hoso explain CODE --source FILE says why an event is in "
    "suspense.",
)
CONFLICTS_NOTE: Final = Bilingual(
    "Trùng mã, khác nội dung: chỉ sự kiện đầu tiên được tính. Mã sự kiện phải là duy nhất trong "
    "cả hệ thống gửi (source), không phải trong từng hồ sơ.",
    "In conflict: only the first event counts. Ids must be unique within their source, not within "
    "a dossier.",
)
RECORDS: Final = ("finding", "line", "dossier", "day", "event", "id", "days", "reason")


class JudgedFiles(NamedTuple):
    """Some files as one log.

    The first ``known`` rows of the log are those of the store. ``ends`` has, for each file of
    ``names``, the row of the log behind its last one; ``valid_lines`` is how many lines are valid,
    and ``late`` how many days after it occurred each of their events was recorded. With
    ``makes_events`` the lines are no events: they are records that events are made of.
    """

    names: Sequence[str]
    known: int
    ends: Integers
    valid_lines: int
    ledger: Ledger
    late: Integers
    rejects: list[Json]
    makes_events: bool = False


class _Said(NamedTuple):
    """What files say of a dossier: its records, the number of the last one's file, and its line."""

    records: list[national.Record]
    file: int
    line: int


def judge_files(
    names: Sequence[str],
    office: Office,
    store: str | None = None,
    records: IntakeContext | None = None,
) -> JudgedFiles:
    """Judge files of messages, one on each line, as one log; behind that of a store, if its address
    is given. ``records`` is how records of the national portal are read, if the messages are such.

    Raises ``UserError`` for a file or a store that cannot be read.
    """
    if records is not None:
        return _judge_records(names, office, records, store)
    parts = [FileSource(name, Options(office.zone, skip_rejects=True)) for name in names]
    ends = np.cumsum([len(part.history()) for part in parts])
    rejects = [
        _reject(name, message)
        for name, part in zip(names, parts, strict=True)
        for message in part.rejects
    ]
    table = joined(part.history() for part in parts)
    return _judged(names, ends, len(table), table, rejects, office, store)


def _judged(
    names: Sequence[str],
    ends: Integers,
    valid_lines: int,
    table: pa.Table,
    rejects: list[Json],
    office: Office,
    store: str | None,
) -> JudgedFiles:
    """Files of which the events are a table, behind the log of a store if there is one."""
    late = _lateness(table, office)
    if store is None:
        return JudgedFiles(names, 0, ends, valid_lines, replay(table, office), late, rejects)
    log = StoreSource(store, Options(office.zone)).history()
    ledger = replay(joined([log, _recorded_now(table)]), office)
    return JudgedFiles(names, len(log), ends + len(log), valid_lines, ledger, late, rejects)


def _recorded_now(table: pa.Table) -> pa.Table:
    """Events as a store would record them now: at this moment, unless they say when."""
    says_when = pc.not_equal(table["recorded"], table["occurred"])
    now = pa.scalar(environment.now(), table["recorded"].type)
    place = table.schema.get_field_index("recorded")
    return table.set_column(
        place, table.field(place), pc.if_else(says_when, table["recorded"], now)
    )


def _judge_records(
    names: Sequence[str], office: Office, context: IntakeContext, store: str | None
) -> JudgedFiles:
    """Judge files of records of the national portal as one log: the events that they would add.

    An event stands on the last line with a record of its dossier.
    """
    lines = [
        (number, line)
        for number, name in enumerate(names)
        for line in chain.from_iterable(map(files.messages, files.blocks(name)))
    ]
    dossiers: dict[str, _Said] = {}
    valid_lines, rejects = 0, list[Json]()
    for place, line in lines:
        validated = validate_messages([line.raw], str, context)
        rejects += [{"line": line.origin, "reason": each.reason} for each in validated.rejects]
        valid_lines += not validated.rejects
        for record in validated.records:
            earlier = dossiers.pop(record.code, _Said([], 0, 0)).records
            dossiers[record.code] = _Said([*earlier, record], place, line.number)
    events = _events_of_records(dossiers, context, store)
    ends = np.cumsum(np.bincount([file for file, _, _ in events], minlength=len(names)))
    table = log_table([(number, state) for _, number, state in events], office.zone)
    judged = _judged(names, ends, valid_lines, table, rejects, office, store)
    return judged._replace(makes_events=True)


def _events_of_records(
    dossiers: dict[str, _Said], context: IntakeContext, store: str | None
) -> list[tuple[int, int, bytes]]:
    """The events that the records of dossiers add, each after the number of its file and of its
    line."""
    known: dict[str, list[Event]] = {}
    kept: dict[str, list[KeptRecord]] = {}
    if store is not None:
        with open_store(store) as log:
            known = log.events_of(dossiers, log.last_position())
            kept = log.kept_records_of(dossiers)
    events = []
    for code, (records, file, number) in dossiers.items():
        before = known.get(code, []), kept.get(code, [])
        new, _ = national.additions(code, *before, records, context.now, context.zone)
        events += [(file, number, stored_json(each, each.time.isoformat())) for each in new]
    return sorted(events, key=itemgetter(0))


def _reject(name: str, message: str) -> Json:
    shown = files.shown_name(name)
    line, _, reason = message.removeprefix(f"{shown}:").partition(": ")
    return {"line": f"{shown}:{line}", "reason": reason}


def measure_quality(judged: JudgedFiles, most: int | None = None) -> Json:
    """What was found, as JSON: how many lines have each finding, and ``most`` places of it."""
    late, log = judged.late, judged.ledger.log
    rows = {
        "suspense": np.sort(judged.ledger.folded.suspense.row),
        "repeats": _repeats(judged.ledger),
        "conflicts": np.array([row for row, _ in rows_in_conflict(log)], np.int64),
        "late": np.flatnonzero(late > 0) + judged.known,
    }
    rows = {name: found[found >= judged.known] for name, found in rows.items()}
    lines = judged.valid_lines + len(judged.rejects)
    spotless = judged.valid_lines - _count_lines(judged, np.concatenate(list(rows.values())))
    quality: Json = {
        "files": [*map(files.shown_name, judged.names)],
        "lines": lines,
        "score": spotless * 1_000 // lines / 10 if lines else None,
        "rejects": _finding(len(judged.rejects), lines, judged.rejects[:most]),
    }
    for name, found in rows.items():
        quality[name] = _finding(len(found), lines, _places(judged, found[:most]))
    days_late = late[rows["late"] - judged.known]
    quality["late"] |= _days_late(days_late)
    for place, days in zip(quality["late"]["found"], days_late.tolist(), strict=False):
        place["days"] = days
    if judged.makes_events:
        made = np.arange(judged.known, len(log))
        kinds = Counter(log["type"].slice(judged.known).to_pylist())
        quality["events"] = {
            "kinds": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
            "found": _places(judged, made[:most]),
        }
    quality["warnings"] = as_json(warnings(log, judged.ledger.office))
    return quality


def _count_lines(judged: JudgedFiles, rows: Integers) -> int:
    """On how many lines some rows of the log stand."""
    file = np.searchsorted(judged.ends, rows, side="right")
    line = integers(judged.ledger.log["position"])[rows]
    return int(np.unique(np.stack([file, line]), axis=1).shape[1])


def _finding(count: int, lines: int, places: list[Json]) -> Json:
    percent = round(100 * count / lines, 2) if lines else None
    return {"lines": count, "percent": percent, "found": places}


def _repeats(ledger: Ledger) -> Integers:
    return np.sort(recorded(ledger.log, ledger.as_of).rows(validity.REPEAT))


def _lateness(log: pa.Table, office: Office) -> Integers:
    """How many days after it occurred each event was recorded."""
    names = ("recorded", "occurred")
    recorded, occurred = (local_days(integers(log[name]), office.zone) for name in names)
    return recorded - occurred


def _days_late(days: Integers) -> Json:
    median, longest = (float(np.median(days)), int(days.max())) if len(days) else (None, None)
    return {"median_days": median, "longest_days": longest}


def _places(judged: JudgedFiles, rows: Integers) -> list[Json]:
    """The lines that some rows of the log stand on, and their events."""
    log = judged.ledger.log
    events = log.select(["position", "dossier", "type", "id"]).take(rows).to_pylist()
    days = local_days(integers(log["occurred"])[rows], judged.ledger.office.zone).tolist()
    numbers = np.searchsorted(judged.ends, rows, side="right").tolist()
    return [
        {
            "line": f"{judged.names[number]}:{event['position']}",
            "dossier": event["dossier"],
            "day": date_of(day).isoformat(),
            "event": event["type"],
            "id": event["id"],
        }
        for event, day, number in zip(events, days, numbers, strict=True)
    ]


def is_spotless(quality: Json) -> bool:
    """Whether there are no findings."""
    return not any(quality[name]["lines"] for name in FINDINGS)


def document(quality: Json, *, rejects: bool = True, ask: tuple[str, ...] = ()) -> Document:
    """The document of what ``measure_quality`` found.

    ``rejects``: name the lines that are rejects, too. ``ask`` is how ``hoso explain`` reads the
    files; empty: it cannot.
    """
    title = Bilingual(
        f"Chất lượng dữ liệu: {', '.join(quality['files'])}",
        f"Quality of the data: {', '.join(quality['files'])}",
    )
    tables = [
        _summary(quality, title),
        *_made(quality),
        *_details(quality, ask),
        *(_rejects(quality) if rejects else []),
        *_warnings(quality),
    ]
    records = Records(RECORDS, [*_records(quality)])
    return Document("check", title, None, (), tuple(tables), ask, data=Data(quality, records))


def _summary(quality: Json, title: Bilingual) -> Table:
    """How many lines each finding has, and the score."""
    all_lines = Place("lines", "lines")
    rows = [Row("lines", {**_named("lines"), "lines": Count(quality["lines"])})]
    for name in FINDINGS:
        share = Percentage((Place(name, "lines"),), (all_lines,), LINES)
        rows.append(
            Row(name, {**_named(name), "lines": Count(quality[name]["lines"]), "percent": share})
        )
    score = None if quality["score"] is None else Decimal(repr(quality["score"]))
    rows.append(Row("score", {**_named("score"), "percent": Exact(score)}, "total"))
    return Table("summary", title, SUMMARY, tuple(rows))


def _named(name: str) -> dict[str, Cell]:
    vi, en = NAMES[name]
    return {"figure": Words(Bilingual(vi, en)), "translated": Words(Bilingual(en, vi))}


def _made(quality: Json) -> Iterator[Table]:
    """The events that the records would add, if the files hold records: how many of each kind, and
    the first ones."""
    if (made := quality.get("events")) is not None:
        counts = made["kinds"].items()
        rows = (Row(kind, {"event": _kind(kind), "count": Count(n)}) for kind, n in counts)
        yield Table("made", MADE, MADE_COLUMNS, tuple(rows))
        first = (
            Row(str(n), {**_event_cells(found, ()), "event": _kind(found["event"])})
            for n, found in enumerate(made["found"])
        )
        yield Table("made_first", FIRST_MADE, DETAILS[1:-1], tuple(first))


def _kind(kind: str) -> Words:
    return Words(Bilingual(KIND_WORDS[kind], kind))


def _details(quality: Json, ask: tuple[str, ...]) -> Iterator[Table]:
    """The events with findings, if there are any."""
    rows = [
        Row(f"{name}.{place}", {"finding": Words(NAMES[name]), **_event_cells(found, ask)})
        for name in EVENT_FINDINGS
        for place, found in enumerate(quality[name]["found"])
    ]
    if rows:
        conflicts = [CONFLICTS_NOTE] if quality["conflicts"]["lines"] else []
        notes = (*_lateness_note(quality["late"]), *conflicts, NEXT)
        yield Table("events", EVENTS, DETAILS, tuple(rows), notes)


def _event_cells(found: Json, ask: tuple[str, ...]) -> dict[str, Cell]:
    return {
        **{key: Words(found[key]) for key in ("line", "event", "id")},
        "dossier": Dossier(found["dossier"]) if ask else Words(found["dossier"]),
        "day": Day(date.fromisoformat(found["day"])),
        **({"days": Count(found["days"])} if "days" in found else {}),
    }


def _lateness_note(late: Json) -> Iterator[Bilingual]:
    if late["lines"]:
        median, longest = f"{late['median_days']:g}", late["longest_days"]
        yield Bilingual(
            f"Ghi nhận muộn: trung vị {median.replace('.', ',')} ngày, nhiều nhất {longest} ngày.",
            f"Recorded late: {median} days at the median, {longest} at most.",
        )


def _rejects(quality: Json) -> Iterator[Table]:
    """The lines that are rejects, if there are any."""
    if found := quality["rejects"]["found"]:
        rows = (
            Row(
                str(place),
                {
                    "line": Words(reject["line"]),
                    "reason": Words(in_both_languages(reject["reason"])),
                },
            )
            for place, reject in enumerate(found)
        )
        yield Table("rejects", NAMES["rejects"], REJECTS, tuple(rows))


def _warnings(quality: Json) -> Iterator[Table]:
    """What is valid but seldom right, if there is any."""
    if quality["warnings"]:
        rows = (
            Row(
                one["name"],
                {
                    "warning": Words(TEXTS[one["name"]]),
                    "count": Count(one["count"]),
                    "examples": Words("; ".join(one["examples"])),
                },
            )
            for one in quality["warnings"]
        )
        yield Table("warnings", WARNINGS_TITLE, WARNINGS, tuple(rows))


def _records(quality: Json) -> Iterator[list[Any]]:
    """A row for each line of each finding."""
    for name in FINDINGS:
        for found in quality[name]["found"]:
            yield [name, *(found.get(key) for key in RECORDS[1:])]

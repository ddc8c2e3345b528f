"""How good is a file of events? Each line is judged as intake and the rules would judge it.

Four things may be found of a line, and of an event more than one:

- it is a **reject**: no event by its form;
- its event is in **suspense**: it does not apply in its dossier's life;
- its event is a **repeat**: the same ``(source, id)`` was recorded before, and counts once;
- its event is **late**: recorded on a later local day than the one on which it occurred, which is
  so many days late. An event that does not say when it was recorded is not late.

The score is the share of lines of which nothing was found, in percent, rounded down to one decimal:
100.0 says that nothing was found. Without lines there is none. Several files are judged as one log.

Lines may also be records of the national portal: each is as good as the events that it adds to
those of the records before it.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
from rich.table import Table
from rich.text import Text

from hoso.consumers.intake import files, national
from hoso.consumers.intake.record import EVENTS, Format
from hoso.consumers.intake.validate import Rejected, stored_json
from hoso.domain import validity
from hoso.domain.calendar import date_of
from hoso.domain.events import Event
from hoso.domain.office import Office
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.log.from_json import log_table
from hoso.projections.log.lives import local_days, recorded
from hoso.projections.log.schema import Integers, integers, joined
from hoso.tools.output.plain import number
from hoso.tools.output.render import rows_table
from hoso.tools.runtime import environment
from hoso.tools.sources.file import FileSource
from hoso.tools.sources.source import Options

Json = dict[str, Any]

FINDINGS: Final = ("rejects", "suspense", "repeats", "late")
HEADINGS: Final = {
    "lines": ("Số dòng", "lines"),
    "rejects": ("Không phải sự kiện", "rejects"),
    "suspense": ("Chưa áp dụng được", "in suspense"),
    "repeats": ("Lặp lại", "repeats"),
    "late": ("Ghi nhận muộn", "recorded late"),
    "score": ("Điểm chất lượng", "score"),
}
NEXT: Final = (
    "--format json names all lines; "
    "hoso explain CODE --source FILE says why an event is in suspense"
)
PLACE: Final = ("finding", "line", "dossier", "day", "event", "id")


class Judged(NamedTuple):
    """Some files as one log: the name of each, the row behind its last one, how many lines are
    valid, and the rejects."""

    names: Sequence[str]
    ends: Integers
    valid_lines: int
    ledger: Ledger
    rejects: list[Json]


def judged(names: Sequence[str], office: Office, input_format: Format = EVENTS) -> Judged:
    """Judge files of messages, one on each line, as one log.

    Raises ``UserError`` for a file that cannot be read.
    """
    if input_format != EVENTS:
        return _judged_records(names, office)
    parts = [FileSource(name, Options(office.zone, skip_rejects=True)) for name in names]
    ends = np.cumsum([len(part.history()) for part in parts])
    rejects = [
        _reject(name, told)
        for name, part in zip(names, parts, strict=True)
        for told in part.rejects
    ]
    return Judged(names, ends, int(ends[-1]), _together(parts, office), rejects)


def _judged_records(names: Sequence[str], office: Office) -> Judged:
    """Judge files of records of the national portal as one log."""
    now = environment.now()
    dossiers: defaultdict[str, list[Event]] = defaultdict(list)  # the events so far, by code
    events: list[tuple[int, bytes]] = []
    ends, valid_lines, rejects = [], 0, list[Json]()
    for name in names:
        for line in chain.from_iterable(map(files.lines, files.blocks(name))):
            try:
                record = national.parse_record(line.raw, office.zone, now)
            except Rejected as rejected:
                rejects.append({"line": line.origin, "reason": str(rejected)})
                continue
            valid_lines += 1
            for event in national.new_events(dossiers[record.code], record, now, office.zone):
                dossiers[record.code].append(event)
                events.append((line.number, stored_json(event, event.time.isoformat())))
        ends.append(len(events))
    ledger = replay(log_table(events, office.zone), office)
    return Judged(names, np.array(ends), valid_lines, ledger, rejects)


def _together(parts: Sequence[FileSource], office: Office) -> Ledger:
    if len(parts) == 1:
        return parts[0].ledger(office, None)
    return replay(joined(part.history() for part in parts), office)


def _reject(name: str, told: str) -> Json:
    line, _, reason = told.removeprefix(f"{name}:").partition(": ")
    return {"line": f"{name}:{line}", "reason": reason}


def quality(of: Judged, most: int | None = None) -> Json:
    """What was found: how many lines, and where, at ``most`` so many places of each finding."""
    late = _lateness(of.ledger)
    rows = {
        "suspense": np.sort(of.ledger.folded.suspense.row),
        "repeats": _repeats(of.ledger),
        "late": np.flatnonzero(late > 0),
    }
    lines = of.valid_lines + len(of.rejects)
    spotless = of.valid_lines - _count_lines(of, np.concatenate(list(rows.values())))
    whole: Json = {
        "files": list(of.names),
        "lines": lines,
        "score": spotless * 1_000 // lines / 10 if lines else None,
        "rejects": _finding(len(of.rejects), lines, of.rejects[:most]),
    }
    for name, there in rows.items():
        whole[name] = _finding(len(there), lines, _places(of, there[:most]))
    whole["late"] |= _days_late(late[rows["late"]])
    for place, days in zip(whole["late"]["found"], late[rows["late"]].tolist(), strict=False):
        place["days"] = days
    return whole


def _count_lines(of: Judged, rows: Integers) -> int:
    """On how many lines some rows of the log stand."""
    file = np.searchsorted(of.ends, rows, side="right")
    line = integers(of.ledger.log["position"])[rows]
    return int(np.unique(np.stack([file, line]), axis=1).shape[1])


def _finding(count: int, lines: int, places: list[Json]) -> Json:
    percent = round(100 * count / lines, 2) if lines else None
    return {"lines": count, "percent": percent, "found": places}


def _repeats(ledger: Ledger) -> Integers:
    return np.sort(recorded(ledger.log, ledger.as_of).rows(validity.REPEAT))


def _lateness(ledger: Ledger) -> Integers:
    """How many days after it occurred each event was recorded."""
    log, zone = ledger.log, ledger.office.zone
    recorded, occurred = (local_days(integers(log[n]), zone) for n in ("recorded", "occurred"))
    return recorded - occurred


def _days_late(days: Integers) -> Json:
    median, longest = (float(np.median(days)), int(days.max())) if len(days) else (None, None)
    return {"median_days": median, "longest_days": longest}


def _places(of: Judged, rows: Integers) -> list[Json]:
    """The lines that some rows of the log stand on, and their events."""
    log = of.ledger.log
    events = log.select(["position", "dossier", "type", "id"]).take(rows).to_pylist()
    days = local_days(integers(log["occurred"])[rows], of.ledger.office.zone).tolist()
    files = np.searchsorted(of.ends, rows, side="right").tolist()
    return [
        {
            "line": f"{of.names[file]}:{event['position']}",
            "dossier": event["dossier"],
            "day": date_of(day).isoformat(),
            "event": event["type"],
            "id": event["id"],
        }
        for event, day, file in zip(events, days, files, strict=True)
    ]


def is_spotless(whole: Json) -> bool:
    """Whether nothing was found."""
    return not any(whole[name]["lines"] for name in FINDINGS)


def summary(whole: Json) -> Table:
    """How many lines each finding has, and the score."""
    table = Table(
        title=Text(f"Chất lượng dữ liệu: {', '.join(whole['files'])}"), title_justify="left"
    )
    table.add_column("Chỉ tiêu")
    table.add_column("figure", style="dim")
    table.add_column("Số dòng", justify="right")
    table.add_column("%", justify="right")
    table.add_row(*HEADINGS["lines"], number(whole["lines"]), "")
    for name in FINDINGS:
        table.add_row(
            *HEADINGS[name], number(whole[name]["lines"]), _decimal(whole[name]["percent"])
        )
    table.add_row(*HEADINGS["score"], "", _decimal(whole["score"]), style="bold")
    return table


def _decimal(figure: float | None) -> str:
    """A number as Vietnamese forms write it: 99,3."""
    return "–" if figure is None else str(figure).replace(".", ",")


def details(whole: Json) -> list[Table | str]:
    """Where something was found of events, if it was anywhere."""
    rows = [
        {"finding": HEADINGS[name][1], **place}
        for name in ("suspense", "repeats", "late")
        for place in whole[name]["found"]
    ]
    if not rows:
        return []
    parts: list[Table | str] = [rows_table(rows, PLACE)]
    late = whole["late"]
    if late["lines"]:
        median, longest = late["median_days"], late["longest_days"]
        parts.append(f"days late: {median:g} at the median, {longest} at most")
    return [*parts, NEXT]

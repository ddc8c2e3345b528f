"""How would an analyst have the eventsourcing library state a window?

As its documentation does: an application holds the events in its log, here in SQLite; a projection
selects the notifications from the first to the last, has the library make each an event again, and
processes it. Dossiers are folded one event at a time, by the rule book. To fill the log from an
archive is no part of the question: that is done once, in a file beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
import pyarrow.parquet as pq
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.calendar import day_number
from hoso.domain.kinds import KINDS
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.archive.files import read_manifest
from hoso.tools.runtime.calendar import calendar
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Stretches, Suspended

AT_A_TIME: Final = 5_000  # events
TERMS: Final = Policy().terms()
DAYS: Final = calendar().days
FIELDS: Final = (
    *("key", "position", "type", "occurred", "recorded", "source", "id", "annuls"),
    *("day", "due", "allowance", "unit", "reason"),
)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Stretch = tuple[int, int, int, int]  # account, since, until, due


@dataclass(frozen=True)
class Happened(DomainEvent):
    """An event of a dossier, as the log has it. Days are numbers, and so are instants."""

    position: int
    key: int
    kind: int
    occurred: int
    recorded: int
    source: str
    id: str
    annuls: str | None
    day: int
    due: int
    allowance: int
    detail: int


Lives = defaultdict[int, list[Happened]]


class Log(Application[UUID]):
    """The events of all dossiers."""

    log_section_size = AT_A_TIME


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    with closing(filled(archive)) as log:
        lives, suspended = settled(events(log))
    stretches: Counter[Stretch] = Counter()
    for life in lives.values():
        stretches.update(stretches_of(life, suspended))
    account, since, until, due = np.array([*stretches], np.int64).reshape(-1, 4).T
    number = np.array([*stretches.values()], np.int64)
    key, day = np.array(suspended, np.int64).reshape(-1, 2).T
    told = Stretches(account, since, until, due, number)
    return asked.figures(told, Suspended(key, day), windows)


def settled(told: Iterable[Happened]) -> tuple[Lives, list[tuple[int, int]]]:
    """The events that count, dossier by dossier; and of annulments that point to nothing, the
    dossier's key and the day."""
    known = sorted(told, key=lambda event: (event.recorded, event.position))
    verdicts = validity.verdicts(
        [event.key for event in known],
        [(event.source, event.id) for event in known],
        [(event.source, event.annuls) if event.annuls else None for event in known],
    )
    lives: Lives = defaultdict(list)
    suspended = []
    for event, verdict in zip(known, verdicts, strict=True):
        if verdict == validity.VALID:
            lives[event.key].append(event)
        elif verdict == validity.UNMATCHED:
            suspended.append((event.key, event.day))
    return lives, suspended


def stretches_of(life: list[Happened], suspended: list[tuple[int, int]]) -> Iterator[Stretch]:
    """Where a dossier stood, and since and until when; notes what does not apply."""
    clock = rules.BLANK
    life.sort(key=lambda event: event.occurred)  # what occurred at once stays as recorded
    for event, following in zip_longest(life, life[1:]):
        if rules.applies(clock.phase, event.kind):
            event = rules.PlainEvent(
                event.kind, event.day, event.due, event.allowance, event.detail
            )
            clock = rules.step(clock, event, TERMS, DAYS)
        else:
            suspended.append((event.key, event.day))
        account = rules.account(clock, TERMS, event.day)
        if account != accounts.OUTSIDE:
            yield account, event.day, following.day if following else NEVER, clock.due


def filled(archive: Path) -> Log:
    """The log of an archive; made anew where it is not all of it."""
    path = archive.with_name(f"{archive.name}.eventsourcing.db")
    log = opened(path)
    if log.recorder.max_notification_id() != read_manifest(archive).rows:
        log.close()
        path.unlink()
        log = opened(path)
        for some in in_archive(archive):
            log.events.put(some)
    return log


def opened(path: Path) -> Log:
    """The log in a file."""
    return Log(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})


def in_archive(archive: Path) -> Iterator[list[Happened]]:
    """An archive's events, some at a time."""
    versions: Counter[int] = Counter()
    for name in (name for bucket in asked.buckets(archive) for name in bucket):
        for batch in pq.ParquetFile(name).iter_batches(AT_A_TIME, columns=list(FIELDS)):
            yield [happened(row, versions) for row in batch.to_pylist()]


def happened(row: dict[str, Any], versions: Counter[int]) -> Happened:
    """The event in a row of an archive."""
    key, kind, due = row["key"], KINDS.index(row["type"]), row["due"]
    versions[key] += 1
    detail = int(row["unit"] == "calendar_days")
    if kind == kinds.CANCELLED:
        detail = int(row["reason"] != "withdrawn")
    return Happened(
        originator_id=UUID(int=key + 2**63),
        originator_version=versions[key],
        timestamp=row["recorded"],
        position=row["position"],
        key=key,
        kind=kind,
        occurred=micros(row["occurred"]),
        recorded=micros(row["recorded"]),
        source=row["source"],
        id=row["id"],
        annuls=row["annuls"],
        day=day_number(row["day"]),
        due=rules.NOTHING if due is None else day_number(due),
        allowance=rules.NOTHING if row["allowance"] is None else row["allowance"],
        detail=detail,
    )


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def events(log: Log) -> Iterator[Happened]:
    """All events, as the library reads them from its log."""
    start = 1
    while notifications := log.notification_log.select(start, AT_A_TIME):
        for notification in notifications:
            event = log.mapper.to_domain_event(notification)
            assert isinstance(event, Happened)
            yield event
        start = notifications[-1].id + 1


if __name__ == "__main__":
    from perf.peers import in_eventsourcing  # the log knows its events by their module's name

    asked.main(in_eventsourcing.figures)

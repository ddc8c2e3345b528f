"""The task (``perf.peers.task``) solved with the eventsourcing library, as its documentation does.

An application holds the events in its log, here in SQLite. A projection selects the notifications
from the first to the last, lets the library make an event of each, and processes it. Dossiers are
folded by the rule book, one event at a time. Filling the log is not part of the task: it is done
once for an archive, and the log stays in a file next to the archive.
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
from hoso.domain.policy import Policy, terms_in
from hoso.domain.windows import Window
from hoso.projections.archive.manifest import read_manifest
from hoso.tools.runtime.calendar import calendar
from perf.peers import task
from perf.peers.task import NEVER, Figures, Stretches, Suspended

BATCH_EVENTS: Final = 5_000
TERMS: Final = terms_in(Policy(reschedule="keep_original").as_rules_read_it(), 0)
DAYS: Final = calendar().days
FIELDS: Final = (
    *("key", "position", "type", "life", "recorded", "source", "id", "annuls"),
    *("day", "due", "allowance", "unit", "reason", "received_at"),
)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Stretch = tuple[int, int, int, int]  # account, since, until, due


@dataclass(frozen=True)
class DossierEvent(DomainEvent):
    """An event of a dossier. Days and microseconds are counted from 1970-01-01; ``life`` is the
    place of the event in the life of its dossier (``domain.calendar.life_key``)."""

    position: int
    key: int
    kind: int
    life: int
    recorded: int
    source: str
    id: str
    annuls: str | None
    day: int
    due: int
    allowance: int
    detail: int


Lives = defaultdict[int, list[DossierEvent]]


class Log(Application[UUID]):
    """The events of all dossiers."""

    log_section_size = BATCH_EVENTS


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    with closing(filled(archive)) as log:
        lives, suspended = valid_events(events(log))
    stretches: Counter[Stretch] = Counter()
    for life in lives.values():
        stretches.update(stretches_of(life, suspended))
    account, since, until, due = np.array([*stretches], np.int64).reshape(-1, 4).T
    number = np.array([*stretches.values()], np.int64)
    key, day = np.array(suspended, np.int64).reshape(-1, 2).T
    columns = Stretches(account, since, until, due, number)
    return task.figures(columns, Suspended(key, day), windows)


def valid_events(events: Iterable[DossierEvent]) -> tuple[Lives, list[tuple[int, int]]]:
    """The events that count, by dossier; and key and day of each annulment that matches none."""
    ordered = sorted(events, key=lambda event: (event.recorded, event.position))
    verdicts = validity.verdicts(
        [event.key for event in ordered],
        [(event.source, event.id) for event in ordered],
        [(event.source, event.annuls) if event.annuls else None for event in ordered],
    )
    lives: Lives = defaultdict(list)
    suspended = []
    for event, verdict in zip(ordered, verdicts, strict=True):
        if verdict == validity.VALID:
            lives[event.key].append(event)
        elif verdict == validity.UNMATCHED:
            suspended.append((event.key, event.day))
    return lives, suspended


def stretches_of(life: list[DossierEvent], suspended: list[tuple[int, int]]) -> Iterator[Stretch]:
    """The stretches of one dossier; adds its events that do not apply to ``suspended``."""
    clock = rules.BLANK
    life.sort(key=lambda event: event.life)  # stable: the order recorded decides among equals
    for event, following in zip_longest(life, life[1:]):
        if rules.applies(clock, event.kind):
            plain = rules.PlainEvent(
                event.kind, event.day, event.due, event.allowance, event.detail
            )
            clock = rules.step(clock, plain, TERMS, DAYS)
        else:
            suspended.append((event.key, event.day))
        account = rules.account(clock, event.day)
        if account != accounts.OUTSIDE:
            yield account, event.day, following.day if following else NEVER, clock.due


def filled(archive: Path) -> Log:
    """The log that has all events of an archive. It is filled again where it has not."""
    path = archive.with_name(f"{archive.name}.eventsourcing.db")
    log = open_log(path)
    if log.recorder.max_notification_id() != read_manifest(archive).rows:
        log.close()
        path.unlink()
        log = open_log(path)
        for batch in archived_events(archive):
            log.events.put(batch)
    return log


def open_log(path: Path) -> Log:
    """The log in a file."""
    return Log(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})


def archived_events(archive: Path) -> Iterator[list[DossierEvent]]:
    """The events of an archive, in batches."""
    versions: Counter[int] = Counter()
    for name in (name for bucket in task.buckets(archive) for name in bucket):
        for batch in pq.ParquetFile(name).iter_batches(BATCH_EVENTS, columns=list(FIELDS)):
            yield [event_of(row, versions) for row in batch.to_pylist()]


def event_of(row: dict[str, Any], versions: Counter[int]) -> DossierEvent:
    """The event in a row of an archive; ``versions`` counts the events of each dossier."""
    key, kind, due = row["key"], KINDS.index(row["type"]), row["due"]
    versions[key] += 1
    detail = int(row["unit"] == "calendar_days")
    if row["received_at"] is not None:
        detail |= rules.ELSEWHERE_BIT
    if kind == kinds.CANCELLED:
        detail = int(row["reason"] != "withdrawn")
    return DossierEvent(
        originator_id=UUID(int=key + 2**63),
        originator_version=versions[key],
        timestamp=row["recorded"],
        position=row["position"],
        key=key,
        kind=kind,
        life=row["life"],
        recorded=micros(row["recorded"]),
        source=row["source"],
        id=row["id"],
        annuls=row["annuls"],
        day=day_number(row["day"]),
        due=rules.NOTHING if due is None else day_number(due),
        allowance=rules.NOTHING if row["allowance"] is None else row["allowance"],
        detail=detail,
    )


def micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def events(log: Log) -> Iterator[DossierEvent]:
    """All events, read from the log by the library."""
    start = 1
    while notifications := log.notification_log.select(start, BATCH_EVENTS):
        for notification in notifications:
            event = log.mapper.to_domain_event(notification)
            assert isinstance(event, DossierEvent)
            yield event
        start = notifications[-1].id + 1


if __name__ == "__main__":
    from perf.peers import in_eventsourcing  # the log stores the module's name with each event

    task.main(in_eventsourcing.figures)

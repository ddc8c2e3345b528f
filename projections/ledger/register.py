"""How does a log, or an archive, become a register (sổ theo dõi hồ sơ)?

A table with a row for each dossier that was received, as it was known at an instant and stood at
the end of a day. A log gives one, in the order in which dossiers first appear there; an archive one
a bucket, in the order of its keys: memory holds a few buckets, not the history.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import rules, validity
from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import date_of, day_number
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.files import (
    REPLAYED,
    Bucket,
    check_time_zone,
    read_manifest,
    reread_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events
from hoso.projections.kernels.register import RegisterArrays, write_register
from hoso.projections.ledger.fold import worth_compiling
from hoso.projections.log.lives import Lives, lives, recorded_order, verdicts
from hoso.projections.log.schema import Integers, integers

OF_RECEPTION: Final = ("dossier", "agency", "field", "procedure", "channel", "level")
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in OF_RECEPTION),
        ("received", pa.date32()),
        ("due", pa.date32()),
        ("closed", pa.date32()),
        ("account", pa.string()),
        ("requests", pa.int32()),
        ("reschedulings", pa.int32()),
        ("days_used", pa.int32()),
        ("overdue_days", pa.int32()),
        ("lapsed", pa.bool_()),
        ("events", pa.int32()),
    ]
)
DATES: Final = (day_number(date.min), day_number(date.max))  # what has no date gets the nearest


class ArchiveGrew(Exception):
    """An archive has grown while it was read, and a file is gone: read it once more."""


class Moment(NamedTuple):
    """As known when (None: all that is recorded), and at the end of which day number."""

    as_of: datetime | None
    day: int


class RegisterJob(NamedTuple):
    """What is asked of each bucket of an archive."""

    known: ArchiveView
    office: Office
    moment: Moment


Share = Callable[[Callable[[Bucket], pa.Table], Sequence[Bucket]], Iterable[pa.Table]]


def schema(office: Office, moment: Moment) -> pa.Schema:
    """SCHEMA, with what a register rests on: when, which day, which policy, which working days."""
    facts: dict[str, Any] = {
        "day": date_of(moment.day),
        "as_of": "" if moment.as_of is None else moment.as_of.isoformat(),
        "calendar": office.calendar.version,
        **{f"policy.{name}": value for name, value in office.policy.as_json().items()},
    }
    return SCHEMA.with_metadata({f"hoso.{name}": str(fact) for name, fact in facts.items()})


def of_log(log: pa.Table, office: Office, moment: Moment) -> pa.Table:
    """The register of a log (``columns.SCHEMA``)."""
    log = log.combine_chunks()
    known = recorded_order(log, moment.as_of)
    counted = known[verdicts(log, known) == validity.VALID]
    return _entered(log, lives(log, counted, office.zone), office, moment.day)


def of_archive(
    folder: Path, office: Office, moment: Moment, share: Share = map
) -> Iterator[pa.Table]:
    """The register of an archive, bucket by bucket, and ``share`` has them made, on whatever cores.

    Raises ``ArchiveTrouble`` where it cannot be read, ``ArchiveGrew`` where to begin anew.
    """
    there = read_manifest(folder)
    check_time_zone(folder, there, office.zone)
    try:
        judged = conflicts.archive_verdicts(folder, there, moment.as_of)
        question = RegisterJob(ArchiveView(folder, moment.as_of, judged), office, moment)
        yield from share(partial(of_bucket, question), there.buckets)
    except FileNotFoundError as gone:
        reread_manifest(folder, there, gone)
        raise ArchiveGrew from None


def of_bucket(question: RegisterJob, bucket: Bucket) -> pa.Table:
    """The register of a bucket's dossiers."""
    if not bucket.files:
        return SCHEMA.empty_table()
    table = bucket_events(question.known, bucket, OF_RECEPTION)
    return _entered(table, lives_in(table), question.office, question.moment.day)


def lives_in(bucket_events: pa.Table) -> Lives:
    """The lives that those events of an archive make up that count."""
    rows = np.flatnonzero(np.asarray(bucket_events["verdict"].combine_chunks()) == validity.VALID)
    key, packed = (integers(bucket_events[name])[rows] for name in REPLAYED)
    return Lives(rows, key, packed)


def _entered(bucket_events: pa.Table, told: Lives, office: Office, day: int) -> pa.Table:
    """The register of some lives; ``told.row`` is where their events stand in the table."""
    return _table(bucket_events, told, register_columns(told, office, day))


def register_columns(told: Lives, office: Office, day: int) -> dict[str, Integers]:
    """The columns of the register (``register.RegisterArrays``) of some lives, at the end of day number
    ``day``, in the order of the lives."""
    size = np.count_nonzero(np.diff(told.dossier)) + 1
    cells = {name: np.empty(size, np.int64) for name in RegisterArrays._fields}
    lines = _written(told, office, day, RegisterArrays(**cells))
    return {name: column[:lines] for name, column in cells.items()}


def _written(told: Lives, office: Office, day: int, register: RegisterArrays) -> int:
    """Have the register written; how many lines it has."""
    terms, calendar = office.policy.terms(), office.calendar.days
    life = told.life()
    if not worth_compiling(len(told.row)):
        return write_register(life.as_lists(), day, terms, calendar, register)
    from hoso.projections.kernels.native import (  # here, as it takes a while to load
        as_arrays,
        compiled,
    )

    days, write = as_arrays(calendar), compiled(write_register)
    lines: int = write(life, day, terms, days, register)
    return lines


def _table(bucket_events: pa.Table, told: Lives, register: dict[str, Integers]) -> pa.Table:
    """The register as a table (SCHEMA)."""
    reception = register["reception"]
    texts = bucket_events.select(OF_RECEPTION).take(pa.array(told.row[reception]))
    columns = {
        **{name: texts[name] for name in OF_RECEPTION},
        **{name: pa.array(cells) for name, cells in register.items()},
        "received": _dates(told.day[reception]),
        "due": _dates(register["due"]),
        "closed": _dates(register["closed"]),
        "account": pa.array(ACCOUNTS).take(pa.array(register["account"])),
    }
    return pa.table({field.name: columns[field.name].cast(field.type) for field in SCHEMA})


def _dates(days: Integers) -> pa.Array:
    """Day numbers as dates; none where there is NOTHING."""
    within = np.clip(days, *DATES).astype(np.int32)
    return pa.array(within, mask=days == rules.NOTHING).cast(pa.date32())

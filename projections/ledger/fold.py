"""Where did each dossier stand, from when to when? The fold of the log into a journal.

The rules judge here, never at intake: in what order events came in, which of them are late,
repeated, illegal or annulled, makes no difference before this point. The journal that comes out
is a double-entry book: each line takes one dossier out of one account and puts it into another.
"""

import sys
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.office import Office
from hoso.projections.cache import folder
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.log.lives import Lives, lives, local_days, recorded_order, verdicts
from hoso.projections.log.schema import Integers, codes, integers

COMPILE_FROM: Final = 100_000  # events; for fewer, to compile takes longer than to fold
LOAD_FROM: Final = 10_000  # events; for fewer, so does to load what was compiled before
COMPILER: Final = "hoso.projections.kernels.native"  # which is used whenever it is loaded already


class Journal(NamedTuple):
    """The moves of all dossiers, dossier by dossier and in order: arrays of equal length.

    ``dossier`` is a number in the log's dictionary; ``row`` the row of the log whose event moved
    it, or set the deadline that passed; ``day`` the day it moved; ``out`` and ``into`` accounts.
    """

    dossier: Integers
    row: Integers
    day: Integers
    out: Integers
    into: Integers


class Suspense(NamedTuple):
    """The events that did not apply, and the local day of each."""

    dossier: Integers
    row: Integers
    day: Integers


class Folded(NamedTuple):
    """What a fold gives."""

    journal: Journal
    suspense: Suspense


def fold(log: pa.Table, office: Office, as_of: datetime | None = None) -> Folded:
    """Fold a log, as it was known at ``as_of`` (all of it if None), by an office's rules."""
    known = recorded_order(log, as_of)
    verdict = verdicts(log, known)
    told = lives(log, known[verdict == validity.VALID], office.zone)
    journal, skipped = _posted(told, office)
    rows = np.concatenate([told.row[skipped], known[verdict == validity.UNMATCHED]])
    return Folded(journal, _suspense(log, rows, office))


def worth_compiling(events: int) -> bool:
    """Whether so many events are folded sooner compiled, the time to load the code included, and
    that to make it, where none was made yet."""
    if events >= COMPILE_FROM or COMPILER in sys.modules:
        return True
    return events >= LOAD_FROM and folder.has(folder.CODE)


def _suspense(log: pa.Table, rows: Integers, office: Office) -> Suspense:
    days = local_days(integers(log["occurred"])[rows], office.zone)
    return Suspense(codes(log["dossier"])[rows], rows, days)


def _posted(told: Lives, office: Office) -> tuple[Journal, Integers]:
    """The journal of some lives, and the places in them of the events that did not apply."""
    size, terms, calendar = len(told.row), office.policy.terms(), office.calendar.days
    columns = [np.empty(2 * size, dtype=np.int64) for _ in JournalArrays._fields]
    book, skipped = JournalArrays(*columns), np.empty(size, dtype=np.int64)
    life = told.life()
    if not worth_compiling(size):
        moves, skips = write_journal(life.as_lists(), 0, size, terms, calendar, book, skipped)
    else:
        from hoso.projections.kernels.native import (  # here, as it takes a while to load
            as_arrays,
            compiled,
        )

        days = as_arrays(calendar)
        moves, skips = compiled(write_journal)(life, 0, size, terms, days, book, skipped)
    place, day, out, into = (column[:moves] for column in columns)
    journal = Journal(told.dossier[place], told.row[place], day, out, into)
    return journal, skipped[:skips]

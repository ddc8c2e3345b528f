"""Folds a log into its journal: where each dossier stood, from when to when.

The rules judge here, never at intake: in what order events came in, and which of them are late,
repeated, illegal or annulled, makes no difference before this point. The journal is a double-entry
book: each entry takes one dossier out of one account and puts it into another.
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.office import Office
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.kernels.run import kernel
from hoso.projections.log.lives import Lives, Recorded, lives_of, local_days, recorded
from hoso.projections.log.schema import Integers, codes, integers


class Journal(NamedTuple):
    """The moves of all dossiers, dossier by dossier and in order: arrays of equal length.

    ``dossier`` is a number in the log's dictionary; ``row`` the row of the log whose event moved
    it, or set the deadline that passed; ``day`` the day number on which it moved; ``out`` and
    ``into`` are numbers of accounts. A reassignment is an entry from an account into the same
    account, of another slice.
    """

    dossier: Integers
    row: Integers
    day: Integers
    out: Integers
    into: Integers


class Suspense(NamedTuple):
    """The events that did not apply: dossier, row and day number of each, as in ``Journal``."""

    dossier: Integers
    row: Integers
    day: Integers


class Folded(NamedTuple):
    """What a fold gives."""

    journal: Journal
    suspense: Suspense


def fold(log: pa.Table, office: Office, as_of: datetime | None = None) -> Folded:
    """Fold a log (``schema.SCHEMA``), as it was known at ``as_of`` (all of it if None), by an
    office's rules."""
    events = recorded(log, as_of)
    lives = lives_of(log, events.rows(validity.VALID), office.zone)
    return fold_lives(log, events, lives, office)


def fold_lives(log: pa.Table, events: Recorded, lives: Lives, office: Office) -> Folded:
    """The same, where it is known already which events count, and which lives they make up."""
    journal, suspended = journal_of(lives, office)
    rows = np.concatenate([lives.row[suspended], events.rows(validity.UNMATCHED)])
    days = local_days(integers(log["occurred"])[rows], office.zone)
    return Folded(journal, Suspense(codes(log["dossier"])[rows], rows, days))


def journal_of_lives(lives: Lives, office: Office) -> Folded:
    """The journal of some lives whose events all count; what is in suspense is left out."""
    nothing = np.zeros(0, np.int64)
    return Folded(journal_of(lives, office)[0], Suspense(nothing, nothing, nothing))


def journal_of(lives: Lives, office: Office) -> tuple[Journal, Integers]:
    """The journal of some lives of valid events, and the places in them of those that did not
    apply."""
    size = len(lives.row)
    columns = JournalArrays(*(np.empty(2 * size, np.int64) for _ in JournalArrays._fields))
    suspended, law = np.empty(size, np.int64), office.policy.as_rules_read_it()
    entries, suspensions = kernel(write_journal, size)(
        lives.for_rules(), 0, size, law, office.calendar.days, columns, suspended
    )
    place, day, out, into = (np.asarray(column)[:entries] for column in columns)
    return Journal(lives.dossier[place], lives.row[place], day, out, into), suspended[:suspensions]

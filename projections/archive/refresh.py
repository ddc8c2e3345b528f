"""How are an archive's balance sheets brought up to date? By what is new.

The dossiers that have new events are folded twice, with all their events: as known when the sheets
were made, and as known now. What they added then is taken out, and what they add now is put in. So
are dossiers one of whose events shares its identity with a new one: which of the two was recorded
first, and counts, may be another one than before. All others stay unread, as no dossier depends on
another.

What was known is what stands in the log up to a position, in whatever order it was recorded.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.conflicts import Recount, verdicts_at
from hoso.projections.archive.files import Bucket, Catalogue, as_it_is
from hoso.projections.archive.fold import Share, Tallied, Way, part_of, span_of, told_in
from hoso.projections.archive.reader import UNKNOWN, dossiers_since, lives_of
from hoso.projections.ledger.balances import Part, Sheets, added_up, renewed
from hoso.projections.ledger.fold import worth_compiling
from hoso.projections.log.schema import Integers, integers

EVENTS: Final = 6  # to be folded for each that is new, about: those of its dossier, twice


class Question(NamedTuple):
    """What is asked of each bucket of an archive."""

    folder: Path
    since: int
    recount: Recount
    office: Office
    by: Sequence[str]
    way: Way


def brought_up_to_date(
    folder: Path, there: Catalogue, old: Sheets, since: int, share: Share = map
) -> Tallied:
    """The balance sheets of all of an archive, from those of what it held up to a position.

    Raises ``ArchiveTrouble`` where it cannot be read.
    """
    there, sheets = as_it_is(folder, there, partial(_renewed, folder, old, since, share))
    return Tallied(there, [sheets])


def _renewed(folder: Path, old: Sheets, since: int, share: Share, there: Catalogue) -> Sheets:
    assert there.entangled is not None  # as there is something new
    recount = conflicts.recount(folder, there.entangled, since)
    events = EVENTS * (there.position - since)
    way = Way(span_of(there), worth_compiling(events))
    question = Question(folder, since, recount, old.office, old.by, way)
    parts = share(partial(changed, question), _concerned(there, since, recount.dossiers))
    gone, come = zip(*parts, strict=True)
    return renewed(old, added_up(gone), added_up(come))


def _concerned(there: Catalogue, since: int, dossiers: Integers) -> list[Bucket]:
    """The buckets in which there is anything new, or any of some dossiers."""
    edges = [bucket.first_key for bucket in there.buckets[1:]]
    theirs = set(np.searchsorted(edges, dossiers, "right").tolist())
    return [
        bucket
        for place, bucket in enumerate(there.buckets)
        if place in theirs or any(file.last_position > since for file in bucket.files)
    ]


def changed(question: Question, bucket: Bucket) -> list[Part]:
    """What a bucket's dossiers that have changed added to the balance sheets, and what they add."""
    folder, since, recount, office, by, way = question
    keys = np.union1d(dossiers_since(folder, bucket, since), recount.dossiers)
    table = lives_of(folder, bucket, keys, [*by, "position"])
    position = integers(table["position"])
    was, now = (verdicts_at(position, recount.position, v) for v in (recount.was, recount.now))
    was[position > since] = UNKNOWN
    table = table.append_column("was", pa.array(was)).append_column("now", pa.array(now))
    told = (told_in(table, by, verdict) for verdict in ("was", "now"))
    return [part_of(events, slices, office, way) for slices, events in told]

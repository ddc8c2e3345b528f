"""Folds an archive into balance sheets: workers take its buckets side by side, without a journal.

Of a bucket that has a replay file, each course is judged once (``courses``), and the dossiers that
have changed since are read from Parquet (``change``). Parquet is read as well for what replay files
do not know: what was known at an instant, and figures that count where a dossier stands at the end.
Memory holds a bucket for each worker, not the history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hoso.domain import validity
from hoso.domain.office import Office
from hoso.projections.archive import conflicts
from hoso.projections.archive.change import ChangeJob, change_in_bucket, changed_buckets
from hoso.projections.archive.conflicts import Recount
from hoso.projections.archive.courses import Courses, Numbers
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    ShareBuckets,
    among_one,
    check_there,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events, bucket_lives
from hoso.projections.archive.replay import NoReplayError, read_replay, read_slices
from hoso.projections.archive.sums import (
    Accumulator,
    DeltaSum,
    FoldPlan,
    SlicedLives,
    day_range,
    delta_of,
    sliced_lives,
)
from hoso.projections.kernels.courses import Takers
from hoso.projections.ledger.balances import (
    BalanceDelta,
    BalanceSheets,
    Slice,
    balances_of,
)
from hoso.projections.ledger.slices import slices_in
from hoso.projections.log.packing import PackedLives


class Replays(NamedTuple):
    """What is known of an archive's replay files.

    ``slices`` are those that are asked for, and ``group_of`` says which of them is that of each
    slice that the files know by number. ``changes`` has, by its first key, of each bucket that has
    changed since its replay file was written, since when, and the verdicts that changed.
    """

    slices: list[Slice]
    group_of: Numbers
    changes: Mapping[int, tuple[int, Recount]]


class FoldJob(NamedTuple):
    """What is to be done with each bucket; ``replays`` is None where only Parquet is read."""

    view: ArchiveView
    offices: Sequence[Office]
    by: Sequence[str]
    final_on: date | None
    plan: FoldPlan
    bucket_rows: int
    replays: Replays | None


class FoldedArchive(NamedTuple):
    """The balance sheets of an archive, one for each office, and the manifest they are of."""

    manifest: Manifest
    balance_sheets: list[BalanceSheets]


def fold_archive(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share_buckets: ShareBuckets = among_one,
    final_on: date | None = None,
) -> FoldedArchive:
    """Fold an archive for some offices of one time zone, in one pass over its files.

    The balance sheets are as known at ``as_of`` (all of it if None), sliced ``by`` some of
    ``slices.DIMENSIONS``, attributed as held or as final on a day. Raises ``ArchiveError`` where
    the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, offices[0].zone)
    answer = partial(_folded, folder, offices, as_of, by, share_buckets, final_on)
    return FoldedArchive(*read_consistently(folder, manifest, answer))


def _folded(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share_buckets: ShareBuckets,
    final_on: date | None,
    manifest: Manifest,
) -> list[BalanceSheets]:
    fold = partial(_parts, folder, manifest, offices, as_of, by, share_buckets, final_on)
    try:
        knows = as_of is None and final_on is None
        parts = fold(_replays(folder, manifest, by) if knows else None)
    except NoReplayError:
        parts = fold(None)
    return [
        BalanceSheets(office, as_of, by, balances_of(moved), suspended, final_on)
        for office, (moved, suspended) in zip(offices, parts, strict=True)
    ]


def _parts(
    folder: Path,
    manifest: Manifest,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share_buckets: ShareBuckets,
    final_on: date | None,
    replays: Replays | None,
) -> list[BalanceDelta]:
    """What all buckets contribute to the balance sheets of each office."""
    filled = [bucket for bucket in manifest.buckets if bucket.files]
    reads_parquet = replays is None or not all(bucket.replay for bucket in filled)
    verdicts = conflicts.archive_verdicts(folder, manifest, as_of) if reads_parquet else {}
    plan = FoldPlan(day_range(manifest), manifest.rows)
    rows = max((bucket.rows for bucket in filled), default=0)
    job = FoldJob(ArchiveView(folder, as_of, verdicts), offices, by, final_on, plan, rows, replays)
    sums = [DeltaSum() for _ in offices]
    for deltas in share_buckets(partial(fold_buckets, job), filled):
        for own, delta in zip(sums, deltas, strict=True):
            own.add(delta)
    return [own.total() for own in sums]


def _replays(folder: Path, manifest: Manifest, by: Sequence[str]) -> Replays:
    """What is known of the replay files. Raises ``NoReplayError``, and ``FileNotFoundError`` where
    a file of events is gone: without it, the archive has grown or is not whole."""
    for file in chain(manifest.files(), filter(None, [manifest.conflicts])):
        check_there(folder / file.name)
    slices, group_of = slices_in(read_slices(folder, manifest), slice(None), by)
    return Replays(slices, group_of.astype(np.int32), dict(_changes(folder, manifest)))


def _changes(folder: Path, manifest: Manifest) -> Iterator[tuple[int, tuple[int, Recount]]]:
    positions = {bucket.replay.position for bucket in manifest.buckets if bucket.replay}
    for since in positions - {manifest.position}:
        assert manifest.conflicts is not None  # every archive with events has an index
        recount = conflicts.recount(folder, manifest.conflicts, since)
        for bucket in changed_buckets(manifest, since, recount.dossiers):
            if bucket.replay and bucket.replay.position == since:
                yield bucket.first_key, (since, recount)


def fold_buckets(job: FoldJob, buckets: Iterable[Bucket]) -> list[BalanceDelta]:
    """What some buckets contribute to the balance sheets of each office."""
    unsliced: list[Slice] = [()]
    slices = job.replays.slices if job.replays else [] if job.by else unsliced
    sums = [Accumulator(office, slices, job.plan, job.bucket_rows) for office in job.offices]
    for bucket in buckets:
        if job.replays and bucket.replay:
            courses = read_replay(job.view.folder, bucket.replay)
            _add_replay(job, job.replays, sums, bucket, courses)
        else:
            _add_events(job, sums, bucket)
    return [each.delta() for each in sums]


def _add_replay(
    job: FoldJob, replays: Replays, sums: Sequence[Accumulator], bucket: Bucket, courses: Courses
) -> None:
    """Add what a bucket contributes, from its replay file and what has changed since."""
    group_of, apart = replays.group_of, len(courses.apart_key)
    takers, valid = _takers(job.by, group_of, courses), np.full(apart, validity.VALID, np.int8)
    lives = PackedLives(courses.apart_key, courses.apart_packed, valid)
    sliced = SlicedLives(lives, group_of[courses.apart_slice].astype(np.int64))
    for each in sums:
        each.add_courses(courses, takers)
        each.add(sliced)
    if change := replays.changes.get(bucket.first_key):
        for office, each in zip(job.offices, sums, strict=True):
            about = (*change, office, job.by, job.final_on, job.plan)
            each.change(*change_in_bucket(ChangeJob(job.view.folder, *about), bucket))


def _takers(by: Sequence[str], group_of: Numbers, courses: Courses) -> Takers:
    """The dossiers that took some courses, by the slices that are asked for."""
    if by:
        group = group_of[courses.group]
        return Takers(courses.course, courses.dossiers, group, courses.group_end)
    every = np.arange(len(courses.taken), dtype=np.int32)
    all_rows = np.array([len(every)], np.int32)
    return Takers(every, courses.taken, np.zeros(1, np.int32), all_rows)


def _add_events(job: FoldJob, sums: Sequence[Accumulator], bucket: Bucket) -> None:
    """Add what a bucket contributes, from its Parquet files."""
    if job.by:
        events = bucket_events(job.view, bucket, job.by)
        slices, lives = sliced_lives(events, job.by, "verdict", job.final_on)
        parts: Iterable[SlicedLives] = [lives]
    else:
        zeros, slices = np.zeros(bucket.rows, np.int64), [()]
        read = bucket_lives(job.view, bucket)
        parts = (SlicedLives(lives, zeros[: len(lives.dossier)]) for lives in read)
    for lives in parts:
        for office, each in zip(job.offices, sums, strict=True):
            each.add_delta(delta_of(lives, slices, office, job.plan))

"""Runs the checks of integrity over an archive, bucket by bucket: memory holds a few buckets, not
the history."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from hoso.projections.archive import conflicts
from hoso.projections.archive.manifest import (
    Bucket,
    Manifest,
    MapBuckets,
    check_time_zone,
    read_consistently,
    read_manifest,
)
from hoso.projections.archive.reader import ArchiveView, bucket_events
from hoso.projections.integrity.parts import Part, Question, part_of_events


class IntegrityJob(NamedTuple):
    """What is to be done with each bucket; ``events`` is how many events there are in all."""

    view: ArchiveView
    question: Question
    events: int


def parts_of_archive(
    folder: Path, question: Question, map_buckets: MapBuckets = map
) -> Iterable[Part]:
    """What the checks find in each bucket of an archive.

    Raises ``ArchiveError`` where the archive cannot be read.
    """
    manifest = read_manifest(folder)
    check_time_zone(folder, manifest, question.office.zone)
    answer = partial(_parts, folder, question, map_buckets)
    return read_consistently(folder, manifest, answer)[1]


def _parts(
    folder: Path, question: Question, map_buckets: MapBuckets, manifest: Manifest
) -> list[Part]:
    view = _view(folder, manifest, question)
    job = IntegrityJob(view, question, manifest.rows)
    filled = [bucket for bucket in manifest.buckets if bucket.files]
    return list(map_buckets(partial(_part_of_bucket, job), filled))


def _view(folder: Path, manifest: Manifest, question: Question) -> ArchiveView:
    verdicts = conflicts.archive_verdicts(folder, manifest, question.as_of)
    return ArchiveView(folder, question.as_of, verdicts)


def _part_of_bucket(job: IntegrityJob, bucket: Bucket) -> Part:
    events = bucket_events(job.view, bucket, job.question.columns)
    return part_of_events(events, job.question, job.events)

"""Do the replay files of an archive say what its Parquet files say?"""

from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window, named_window
from hoso.projections.archive import courses, fold
from hoso.projections.archive.fold import fold_archive
from hoso.projections.archive.manifest import (
    Manifest,
    read_manifest,
    write_manifest,
)
from hoso.projections.archive.replay import read_replay
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from tests.archived import archived_in, grow, growing
from tests.engine import Json, examples, office, stated
from tests.histories import histories, policies, standstills, windows
from tests.model import DEFAULT_RULES, Rules
from tests.told import brought, received, resolved

ANY = st.one_of(histories(), standstills())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3)
CUTS = st.lists(st.integers(0, 60), max_size=2).map(sorted)
NO_BUCKET_IS_READ = patch.object(fold, "bucket_events", side_effect=AssertionError)
NO_ROW_GROUP_IS_READ = patch.object(fold, "bucket_lives", side_effect=AssertionError)
QUARTER = named_window("2023-Q1")
FIRST = [
    *(received("2023-03-01", 5, code=f"D{n}") for n in range(30)),
    *(resolved("2023-03-06", code=f"D{n}") for n in range(0, 30, 2)),
    received("2023-03-07", 5, code="D1"),  # in suspense
]
MORE = [brought("2023-03-08"), resolved("2023-03-09", code="D3"), received("2023-03-09", 5)]


def digest(folder: Path, window: Window, by: list[str], rules: Rules = DEFAULT_RULES) -> object:
    [sheets] = fold_archive(folder, [office(rules)], None, by).balance_sheets
    return statement_from(sheets, window)["digest"]


def as_in_format_7(folder: Path) -> None:
    """Make an archive what it was before there were replay files."""
    manifest = read_manifest(folder)
    buckets = tuple(each.model_copy(update={"replay": None}) for each in manifest.buckets)
    old: dict[str, object] = {"format": 7, "slices": None, "buckets": buckets}
    write_manifest(folder, manifest.model_copy(update=old))
    for pattern in ("replay-*", "slices-*"):
        for file in folder.glob(pattern):
            file.unlink()


def has_replay_files(manifest: Manifest) -> bool:
    return all(bucket.replay for bucket in manifest.buckets if bucket.files)


@given(data=st.data(), events=ANY, cuts=CUTS, by=BY, rules=policies())
@examples(20)
def test_a_replay_reads_no_other_file(
    data: DataObject, events: list[Json], cuts: list[int], by: list[str], rules: Rules
) -> None:
    """But the dossiers that have changed since, of an archive that has grown."""
    window = Window(*data.draw(windows(events)))
    with archived_in(events, cuts, 20, 2) as folder, NO_BUCKET_IS_READ, NO_ROW_GROUP_IS_READ:
        assert digest(folder, window, by, rules) == stated(events, window, by, rules)["digest"]


def test_an_archive_of_format_7_is_read_and_gets_replay_files_when_it_grows() -> None:
    with growing(rows=20, many_files=2) as folder:
        grow(folder, FIRST)
        as_in_format_7(folder)
        assert digest(folder, QUARTER, []) == stated(FIRST, QUARTER, ())["digest"]
        grow(folder, [*FIRST, *MORE])
        assert has_replay_files(read_manifest(folder))
        assert read_manifest(folder).format == 8
        assert (
            digest(folder, QUARTER, ["channel"])
            == (stated([*FIRST, *MORE], QUARTER, ["channel"])["digest"])
        )


def test_where_two_courses_have_one_hash_parquet_is_read() -> None:
    def same(some: courses.Some) -> object:
        return np.zeros(len(some.length), np.uint64)

    with growing(rows=1_000, many_files=2) as folder, patch.object(courses, "_hashes", same):
        grow(folder, FIRST)
        assert not has_replay_files(read_manifest(folder))
        assert digest(folder, QUARTER, []) == stated(FIRST, QUARTER, ())["digest"]


def test_dossiers_of_one_course_stand_there_once() -> None:
    with growing(rows=1_000, many_files=2) as folder:
        grow(folder, FIRST)
        [bucket] = [each for each in read_manifest(folder).buckets if each.replay]
        assert bucket.replay is not None
        found = read_replay(folder, bucket.replay)
    assert sorted(found.taken.tolist()) == [14, 15]
    assert len(found.packed) == 3
    assert len(found.apart_packed) == 2

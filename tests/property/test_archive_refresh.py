"""Are an archive's balance sheets those of a fold from nothing, if only what is new is folded?"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pyarrow import feather

from hoso.domain.windows import Window
from hoso.projections.archive import change, conflicts, fold, manifest, reader
from hoso.projections.archive.fold import fold_archive
from hoso.projections.archive.manifest import ArchiveError, read_manifest
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from hoso.tools.jobs import archive as archives
from hoso.tools.sources import archive as sources
from hoso.tools.sources.archive import ArchiveSource
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.archived import NEVER_MADE_ONE, grow, growing
from tests.engine import LOCAL, Json, compiling, examples, office, stated
from tests.histories import histories, lines, policies, standstills, windows
from tests.model import DEFAULT_RULES, Rules
from tests.told import annulled, asked, brought, received, recorded, resolved

ANY = st.one_of(histories(), standstills())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2)
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=4).map(sorted)
FEW = st.integers(6, 60)
YEAR = Window(date(2023, 1, 1), date(2023, 12, 1))
HOWEVER_MUCH_IS_NEW = patch.object(manifest, "FEW", 0)


def digests(
    folder: Path, window: Window, by: Sequence[str] = (), *rules: Rules, cache: bool = True
) -> list[object]:
    offices = [office(each) for each in rules or (DEFAULT_RULES,)]
    made = ArchiveSource(folder, Options(LOCAL, cache=cache)).balances(offices, None, by)
    return [statement_from(each, window)["digest"] for each in made]


@contextmanager
def folded_from_nothing(times: int) -> Iterator[None]:
    """So many offices are folded from nothing in here."""
    asked_for: list[object] = []

    def counted(folder: Path, offices: Sequence[Any], *rest: Any) -> Any:
        asked_for.extend(offices)
        return fold_archive(folder, offices, *rest)

    with patch.object(fold, "fold_archive", counted):
        yield
    assert len(asked_for) == times


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
@given(data=st.data(), events=ANY, cuts=CUTS, by=BY, rules=policies(), rows=FEW)
@examples(40)
def test_they_are_the_same_however_the_archive_has_grown(
    grown: AbstractContextManager[object],
    data: DataObject,
    events: list[Json],
    cuts: list[int],
    by: list[str],
    rules: Rules,
    rows: int,
) -> None:
    """Also where one office's were made at another position than the other's."""
    with grown, growing(rows, many_files=2) as folder, HOWEVER_MUCH_IS_NEW:
        asked_before: set[Rules] = set()
        for end in [*cuts, len(events)]:
            grow(folder, events[:end])
            both = [rules, DEFAULT_RULES][: data.draw(st.integers(1, 2))]
            window = Window(*data.draw(windows(events)))
            expected = [stated(events[:end], window, by, each)["digest"] for each in both]
            with folded_from_nothing(len(set(both) - asked_before)):
                assert digests(folder, window, by, *dict.fromkeys(both)) == list(
                    dict.fromkeys(expected)
                )
            asked_before.update(both)


@given(data=st.data(), events=ANY, cuts=CUTS, rules=policies())
@examples(10)
def test_compiled_they_are_the_same(
    data: DataObject, events: list[Json], cuts: list[int], rules: Rules
) -> None:
    with (
        growing(rows=10, many_files=2) as folder,
        HOWEVER_MUCH_IS_NEW,
        compiling(),
    ):
        for end in [*cuts, len(events)]:
            grow(folder, events[:end])
            window = Window(*data.draw(windows(events)))
            expected = stated(events[:end], window, (), rules)["digest"]
            assert digests(folder, window, (), rules) == [expected]


FIRST = [
    received("2023-03-01", 5),
    asked("2023-03-02"),
    *(received("2023-03-01", 5, code=f"D{n}") for n in range(2, 30)),
    received("2023-04-01", 5, code="D31"),  # and once more, which stands in suspense
    received("2023-04-02", 5, code="D31"),
]
TAKEN_BACK = annulled(asked("2023-03-02"), "2023-03-08T08:00:00+07:00")
LATER = {
    "late": [brought("2023-03-06")],
    "closing": [resolved("2023-03-20", code="D2")],
    "first": [received("2023-02-01", 5, code="D30")],
    "a repeat": [FIRST[1]],
    "a repeat by another": [{**resolved("2023-03-03", code="D9"), "id": FIRST[4]["id"]}],
    "recorded before another's": [
        recorded({**received("2023-02-27", 9, code="D9"), "id": FIRST[4]["id"]}, "2023-02-28")
    ],
    "recorded before its own": [
        recorded({**asked("2023-02-27"), "id": FIRST[0]["id"]}, "2023-02-28")
    ],
    "annulled": [TAKEN_BACK],
    "annulled and yet not": [TAKEN_BACK, annulled(TAKEN_BACK, "2023-03-09T08:00:00+07:00")],
    "an annulment of nothing": [annulled(resolved("2023-03-09"), "2023-03-10T08:00:00+07:00")],
    "what was annulled before": [
        annulled(resolved("2023-03-09"), "2023-03-10T08:00:00+07:00"),
        resolved("2023-03-09"),
    ],
    "no more in suspense": [annulled(FIRST[-2], "2023-04-05T08:00:00+07:00")],
    "an annulment, recorded before another's": [
        TAKEN_BACK,
        recorded({**received("2023-02-27", 9, code="D9"), "id": TAKEN_BACK["id"]}, "2023-02-28"),
    ],
}


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_whatever_is_new_they_are_the_same(
    grown: AbstractContextManager[object], later: list[Json]
) -> None:
    with grown, growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        for n in range(1, len(later) + 1):
            log = [*FIRST, *later[:n]]
            grow(folder, log)
            with folded_from_nothing(0):
                assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
def test_who_bears_an_identity_of_theirs_is_heard_and_not_judged(
    grown: AbstractContextManager[object],
) -> None:
    """D8 told D2's closing once more, which was taken back; then there is news of both."""
    told = resolved("2023-03-03", code="D2")
    taken_back = annulled(told, "2023-03-04T08:00:00+07:00")
    before = [*FIRST, told, {**resolved("2023-03-06", code="D8"), "id": told["id"]}, taken_back]
    log = [*before, received("2023-03-01", 5, code="D8"), *LATER["closing"]]
    with grown, growing(rows=8, many_files=2) as folder:
        grow(folder, before)
        digests(folder, YEAR)
        grow(folder, log)
        with folded_from_nothing(0):
            assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
@given(events=ANY, cuts=CUTS, rows=FEW)
@examples(40)
def test_the_table_beside_an_archive_that_has_grown_is_that_of_all_there_is(
    grown: AbstractContextManager[object], events: list[Json], cuts: list[int], rows: int
) -> None:
    with grown, growing(rows, many_files=2) as folder, HOWEVER_MUCH_IS_NEW:
        for end in [*cuts, len(events)]:
            grow(folder, events[:end])
            there = read_manifest(folder)
            assert there.conflicts is not None
            kept = feather.read_table(folder / there.conflicts.name)
            expected = conflicts.index_of(folder, list(there.files()))
            assert kept.select(expected.column_names).to_pylist() == expected.to_pylist()


def test_what_is_new_is_looked_for_and_nothing_else() -> None:
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        with patch.object(conflicts, "index_of", side_effect=AssertionError("all was read")):
            grow(folder, [*FIRST, TAKEN_BACK])


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_table_that_was_damaged_is_made_anew(damage: str) -> None:
    log = [*FIRST, TAKEN_BACK]
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        [table] = folder.glob("conflicts-*")
        if damage == "changed":
            table.write_bytes(table.read_bytes()[:-8])
        else:
            table.unlink()
        grow(folder, log)
        assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]


def test_an_instant_is_never_answered_from_what_is_kept() -> None:
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        before = [path.name for path in folder.glob("cache-*")]
        grow(folder, [*FIRST, TAKEN_BACK])
        with folded_from_nothing(1):
            digests(folder, YEAR, cache=False)
        assert [path.name for path in folder.glob("cache-*")] == before


def test_only_buckets_with_something_new_are_read() -> None:
    with NEVER_MADE_ONE, growing(rows=7, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        log = [*FIRST, *LATER["recorded before another's"]]
        grow(folder, log)
        there = read_manifest(folder)
        with calls_of(change, "events_of") as calls:
            assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]
        concerned = {bucket for _, bucket, _, _ in calls}
        assert len(there.buckets) > len(concerned) == 2  # that of D9, and that of D4
        assert sum(len(bucket.files) > 1 for bucket in concerned) == 1


def test_of_a_bucket_only_the_rows_around_its_dossiers_are_read() -> None:
    with NEVER_MADE_ONE, growing(rows=100, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        grow(folder, [*FIRST, *LATER["closing"]])
        read: list[int] = []

        def noted(file: pq.ParquetFile, group: int, *rest: Any) -> pa.Table | None:
            rows = plain(file, group, *rest)
            read.append(0 if rows is None else len(rows))
            return rows

        plain = reader._rows_in
        with patch.object(reader, "_rows_in", noted):
            digests(folder, YEAR)
    assert len(read) == 6
    assert sorted(read) == [0, 0, 0, 0, 1, 1]


@contextmanager
def calls_of(module: object, name: str) -> Iterator[list[Any]]:
    """The arguments of each call of a module's function in here."""
    function = getattr(module, name)
    with patch.object(module, name, wraps=function) as watched:
        calls: list[Any] = []
        yield calls
        calls.extend(call.args for call in watched.call_args_list)


def test_where_much_is_new_all_is_folded() -> None:
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST[:-5])
        digests(folder, YEAR)
        grow(folder, FIRST)
        with folded_from_nothing(1):
            assert digests(folder, YEAR) == [stated(FIRST, YEAR)["digest"]]


@pytest.mark.parametrize("damage", [b"", b"not what was kept"])
def test_what_is_kept_and_does_not_read_is_made_anew(damage: bytes) -> None:
    log = [*FIRST, TAKEN_BACK]
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        [ledger] = folder.glob("cache-*")
        ledger.write_bytes(damage)
        grow(folder, log)
        with folded_from_nothing(1):
            assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]
        assert not ledger.exists()


def test_what_is_kept_of_more_than_there_is_is_of_no_use(tmp_path: Path) -> None:
    """The archive was brought back from a copy, and grows by other events."""
    source, folder, copy = (tmp_path / name for name in ("log.jsonl", "archive", "copy"))
    other = [*FIRST, resolved("2023-03-02", code="D3"), *LATER["closing"]]
    archive_of(FIRST, source, folder)
    shutil.copytree(folder, copy)
    archive_of([*FIRST, TAKEN_BACK], source, folder)
    digests(folder, YEAR)
    [ledger] = folder.glob("cache-*")
    shutil.copy(ledger, copy)
    assert digests(copy, YEAR) == [stated(FIRST, YEAR)["digest"]]
    shutil.copy(ledger, copy)
    archive_of(other, source, copy)
    assert digests(copy, YEAR) == [stated(other, YEAR)["digest"]]


def archive_of(events: list[Json], source: Path, folder: Path) -> None:
    source.write_bytes(b"\n".join(lines(events)))
    archives.archive(open_source([str(source)], Options(LOCAL)), folder, LOCAL)


def test_who_reads_while_it_grows_reads_once_more(tmp_path: Path) -> None:
    """The catalogue is read, then the archive grows, then the files are."""
    log = [*FIRST, TAKEN_BACK]
    with growing(rows=8, many_files=0) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        grow(folder, log)
        stale = read_manifest(folder)
        log += LATER["closing"]
        grow(folder, log)
        with patch.object(sources, "read_manifest", return_value=stale):
            assert digests(folder, YEAR) == [stated(log, YEAR)["digest"]]
        assert next(folder.glob("cache-*")).name.endswith(f"-{len(log)}")


def test_a_missing_file_is_told() -> None:
    with growing(rows=8, many_files=2) as folder:
        grow(folder, FIRST)
        digests(folder, YEAR)
        grow(folder, [*FIRST, TAKEN_BACK])
        for file in read_manifest(folder).files():
            (folder / file.name).unlink()
        with pytest.raises(ArchiveError, match="is missing"):
            digests(folder, YEAR)

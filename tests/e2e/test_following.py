"""hoso follow: the ledger that it keeps is the one that statements read, and is that of the log."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event
from typing import BinaryIO
from unittest.mock import patch

import pytest

from hoso.consumers.store.log import open_store
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.projections import atomic
from hoso.projections.atomic import replacing
from hoso.projections.ledger.statement import statement_from
from hoso.projections.live import runs
from hoso.projections.live.files import MAPPED, LiveFolder
from hoso.tools.jobs import follow as following
from hoso.tools.jobs.follow import Follower, follow
from hoso.tools.jobs.status import condition
from hoso.tools.runtime import environment
from hoso.tools.serve.history import History
from hoso.tools.sources.live import folder_of
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.engine import office, stated
from tests.property.test_store_refresh import FIRST, LATER, YEAR, a_store, append, digest

JUDGED: Office = office()


class MadeAnew(Exception):
    """The ledger is being made from the whole log."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@contextmanager
def only_live() -> Iterator[None]:
    """Whatever is asked of a store is answered from its live ledger, or not at all."""
    with patch.object(StoreSource, "history", side_effect=AssertionError("all was read")):
        yield


def test_statements_read_it_and_fold_the_rest_themselves() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        follow(url, JUDGED, Event(), until_end=True)
        for n, event in enumerate(LATER, 1):
            append(store, [event])
            for by in ((), ("agency", "channel")):
                expected = stated([*FIRST, *LATER[:n]], YEAR, by)["digest"]
                with only_live():
                    assert digest(url, YEAR, by) == expected


def test_pages_read_it() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        follow(url, JUDGED, Event(), until_end=True)
        served = History([url], Options(JUDGED.zone), AgencyRegistry())
        for n, event in enumerate(LATER, 1):
            append(store, [event])
            served.look_again()
            with only_live():
                [sheets] = served.now().balances([JUDGED], None, ())
            expected = stated([*FIRST, *LATER[:n]], YEAR)["digest"]
            assert statement_from(sheets, YEAR)["digest"] == expected


def test_it_goes_on_from_what_was_kept() -> None:
    with a_store() as (url, store):
        for n, event in enumerate([*FIRST, *LATER], 1):
            append(store, [event])
            follow(url, JUDGED, Event(), until_end=True)
            with only_live():
                assert digest(url, YEAR) == stated([*FIRST, *LATER][:n], YEAR)["digest"]


def test_status_says_how_far_it_is() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        assert condition(url)["live"] is None
        follow(url, environment.office(Policy()), Event(), until_end=True)
        append(store, LATER)
        told = condition(url)["live"]
        assert told == {
            "position": len(FIRST),
            "lag": len(LATER),
            "checked": 0,
            "differed": 0,
            "last_difference": None,
        }


def test_two_processes_do_not_keep_one_ledger() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        folder = folder_of(url, JUDGED)
        assert folder is not None
        with (
            folder.kept_by_this_process(),
            pytest.raises(UserError, match="another process follows this store already"),
        ):
            follow(url, JUDGED, Event(), until_end=True)


def test_what_is_damaged_or_lost_is_made_anew(cache: Path) -> None:
    with a_store() as (url, store):
        append(store, [*FIRST, *LATER])
        expected = stated([*FIRST, *LATER], YEAR)["digest"]
        follow(url, JUDGED, Event(), until_end=True)
        names = sorted(file.name for file in kept_files(cache) if file.name != "lock")
        assert len(names) >= 6
        for name in names:
            for spoil in (lambda file: file.unlink(), damage):
                [file] = cache.rglob(name)
                spoil(file)
                MAPPED.clear()  # as in another process
                assert digest(url, YEAR) == expected
                follow(url, JUDGED, Event(), until_end=True)
                with only_live():
                    assert digest(url, YEAR) == expected
                assert sorted(f.name for f in kept_files(cache) if f.name != "lock") == names


class Killed(BaseException):
    """The process is no more."""


def test_killed_at_any_file_that_it_writes_it_goes_on(cache: Path) -> None:
    events = [*FIRST, *LATER]
    with a_store() as (url, store), patch.object(runs, "TIMES_AS_LONG", 1):
        append(store, FIRST)
        follow(url, JUDGED, Event(), until_end=True)
        for n in range(1, 7):
            append(store, [LATER[n - 1]])
            with (
                patch.object(atomic, "replacing", Deadly(n).replacing),
                pytest.raises(Killed),
            ):
                follow(url, JUDGED, Event(), until_end=True)
            MAPPED.clear()
            with only_live():
                expected = stated(events[: len(FIRST) + n], YEAR)["digest"]
                assert digest(url, YEAR) == expected


class Deadly:
    """Writes files, and dies at one of them: half of it is there then."""

    def __init__(self, at: int) -> None:
        self._left = at

    def replacing(self, target: Path, mode: int) -> AbstractContextManager[BinaryIO]:
        self._left -= 1
        if not self._left:
            target.with_name(".hoso-dead.partial").write_bytes(b"half")
            raise Killed
        return replacing(target, mode)


def test_a_restored_store_is_another_one() -> None:
    with a_store() as (url, store):
        append(store, [*FIRST, *LATER])
        follow(url, JUDGED, Event(), until_end=True)
        for file in Path(url.removeprefix("sqlite:///")).parent.glob("hoso.db*"):
            file.unlink()
        with open_store(url, create=True) as restored:
            append(restored, [*LATER, *FIRST])
        expected = stated([*LATER, *FIRST], YEAR)["digest"]
        assert digest(url, YEAR) == expected
        follow(url, JUDGED, Event(), until_end=True)
        with only_live():
            assert digest(url, YEAR) == expected


def test_a_dossier_that_differs_is_found_and_all_is_made_anew() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        follow(url, JUDGED, Event(), until_end=True)
        folder = folder_of(url, JUDGED)
        assert folder is not None
        wrong(folder)
        with (
            patch.object(Follower, "begin_anew", side_effect=MadeAnew),
            patch.object(following, "CHECK_S", 0.0),
            pytest.raises(MadeAnew),
        ):
            follow(url, JUDGED, Event(), until_end=True)
        (folder.path / "ledger.json").unlink()  # nobody has kept what was found
        follow(url, JUDGED, Event(), until_end=True)
        with only_live():
            assert digest(url, YEAR) == stated(FIRST, YEAR)["digest"]


def wrong(folder: LiveFolder) -> None:
    """Have the kept ledger know other clocks than those of its log."""
    state = folder.state()
    assert state is not None
    ledger = folder.ledger(state, JUDGED)
    assert ledger is not None
    [run] = ledger.tables.snapshots.runs
    record = run.record.copy()
    record["due"] += 1
    runs = [run._replace(record=record, file="")]
    ledger.tables = ledger.tables._replace(snapshots=ledger.tables.snapshots._replace(runs=runs))
    folder.keep(ledger, state.name, state.tip, state.checks)


def kept_files(cache: Path) -> list[Path]:
    """The files of the live ledger."""
    return [file for file in (cache / "hoso" / "live").rglob("*") if file.is_file()]


def damage(file: Path) -> None:
    """Change one byte."""
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.unlink()  # what is mapped stays as it was
    file.write_bytes(body)

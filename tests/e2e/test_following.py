"""hoso follow: the ledger that it keeps is the one that statements read, and is that of the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from unittest.mock import patch

import pytest

from hoso.domain.office import Office
from hoso.tools.jobs.follow import follow
from hoso.tools.sources.store import StoreSource
from tests.engine import office, stated
from tests.property.test_store_refresh import FIRST, LATER, YEAR, a_store, append, digest

JUDGED: Office = office()


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


def test_it_goes_on_from_what_was_kept() -> None:
    with a_store() as (url, store):
        for n, event in enumerate([*FIRST, *LATER], 1):
            append(store, [event])
            follow(url, JUDGED, Event(), until_end=True)
            with only_live():
                assert digest(url, YEAR) == stated([*FIRST, *LATER][:n], YEAR)["digest"]

"""The tree of a log is the same however it grew, in a store and in its archive, and whatever was
erased meanwhile; and no such thing looks like tampering."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.consumers.store.erase import erase
from hoso.tools.jobs.archive import archive
from hoso.tools.jobs.erase import follow
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.archived import growing
from tests.engine import LOCAL, Json, examples
from tests.property.test_erasure import named
from tests.property.test_store_refresh import a_store, append
from tests.proved import verified

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@given(data=st.data(), events=named())
@examples(10)
def test_no_growth_and_no_erasure_changes_a_leaf(data: DataObject, events: list[Json]) -> None:
    cut = data.draw(st.integers(0, len(events)))
    codes = st.sampled_from(sorted({event["subject"] for event in events}))
    erased = data.draw(st.lists(codes, unique=True, max_size=2))
    with a_store() as (url, store), growing(3, 2) as folder:
        append(store, events[:cut])
        assert not verified(url).faults
        append(store, events[cut:])
        assert not verified(url).faults
        archive(StoreSource(url, Options(LOCAL)), folder, LOCAL)
        root = verified(url).tree.root(len(events))
        assert verified(str(folder)).tree.root(len(events)) == root
        for code in erased:
            erase(store, "dossier", code, "request", NOW)
            follow(store, folder, LOCAL)
            assert not verified(url).faults
            assert not verified(str(folder)).faults
        assert verified(url).tree.root(len(events)) == root
        append(store, events[:2])  # a repeat, of a code that is not let in again
        assert not verified(url).faults
        assert verified(url).tree.root(len(events)) == root

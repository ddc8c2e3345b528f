"""Does a store tell which events share ``(source, id)`` with another event and differ from it?"""

import json
from pathlib import Path
from typing import Any

import pytest

from hoso.consumers.intake import conflicts
from hoso.consumers.intake.conflicts import Conflict, conflicts_since
from hoso.consumers.intake.record import record, validate_messages
from hoso.consumers.store.log import Store, open_store
from hoso.tools.runtime import environment
from tests.told import paused, received, resolved

Json = dict[str, Any]

BEGUN = received("2023-03-01", 5)
DIFFERENT = {
    "subject": {"subject": "D2"},
    "type": paused("2023-03-01") | {"id": BEGUN["id"], "time": BEGUN["time"]},
    "time": {"time": "2023-03-01T09:00:00+07:00"},
    "data": {"data": BEGUN["data"] | {"agency": "B"}},
}
ALIKE = {
    "the same": {},
    "another time of recording": {"recordedtime": "2023-03-05T08:00:00+07:00"},
    "another trace": {"traceparent": "00-1"},
    "another spelling": {"data": {k: BEGUN["data"][k] for k in reversed(BEGUN["data"])}},
}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'hoso.db'}"


def added(store: Store, *events: Json) -> int:
    """The position before some events, which are recorded in one transaction."""
    context = environment.intake_context("events")
    validated = validate_messages((json.dumps(e).encode() for e in events), str, context)
    assert not validated.rejects
    with store.writing() as writer:
        record(writer, validated, context)
    return writer.begun_after


@pytest.mark.parametrize("difference", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_a_conflict(url: str, difference: Json) -> None:
    other = BEGUN | difference
    with open_store(url, create=True) as store:
        added(store, BEGUN)
        assert conflicts_since(store) == conflicts.NONE
        after = added(store, other)
        found = conflicts_since(store, after)
        assert found.events == 1
        named = Conflict(BEGUN["source"], BEGUN["id"], other["subject"], BEGUN["subject"])
        assert found.examples == [named]
        assert conflicts_since(store) == found


@pytest.mark.parametrize("difference", ALIKE.values(), ids=ALIKE)
def test_the_same_event_again_is_none(url: str, difference: Json) -> None:
    with open_store(url, create=True) as store:
        added(store, BEGUN)
        assert conflicts_since(store, added(store, BEGUN | difference)) == conflicts.NONE
        assert conflicts_since(store) == conflicts.NONE


def test_it_is_told_at_once_and_for_ever_and_once(url: str) -> None:
    other = BEGUN | {"subject": "D2"}
    with open_store(url, create=True) as store:
        added(store, BEGUN, resolved("2023-03-02"))
        assert conflicts_since(store, added(store, other)).events == 1
        assert conflicts_since(store, added(store, resolved("2023-03-02"))).events == 0
        assert conflicts_since(store).events == 1
    with open_store(url) as store:
        assert conflicts_since(store).events == 1


def test_what_other_ways_recorded_is_seen_as_well(url: str) -> None:
    """A desk, or a version that kept no keys, records events without them."""
    with open_store(url, create=True) as store:
        added(store, BEGUN)
        added(store, BEGUN | {"subject": "D2"})
        with store._database.transaction(commit=True) as cursor:
            cursor.execute("DELETE FROM identity_keys")
        assert conflicts_since(store).events == 1
        assert [until for _, until in store.key_ranges()] == [2]
        assert conflicts_since(store, added(store, BEGUN | {"subject": "D3"})).events == 1


def test_segments_stay_few(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "MANY_SMALL", 4)
    with open_store(url, create=True) as store:
        for number in range(9):
            added(store, received("2023-03-01", 5, code=f"D{number}"))
            assert conflicts_since(store) == conflicts.NONE
            assert len(store.key_ranges()) <= 5
        added(store, received("2023-03-01", 5, code="D3") | {"time": "2023-03-01T10:00:00Z"})
        assert conflicts_since(store).events == 1

"""What must every store do, whatever it is made of?

A store is named by its URL. The suite asks it through the project's own door (``open_store``), and
looks into the log once more through the eventsourcing library's, which others may use.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from consumers import intake
from consumers.store import (
    READ_AT_ONCE,
    Entry,
    Reject,
    Segment,
    Store,
    StoreTrouble,
    open_store,
)
from domain.events import EVENT, Event, recorded

NOW = datetime(2023, 3, 15, 5, tzinfo=UTC)
MORE_THAN_ARE_READ_AT_ONCE = READ_AT_ONCE + 3


class Kind(NamedTuple):
    """A kind of store: the URL of a new one, and the library's own view of its log."""

    new: Callable[[Path], str]
    library: Callable[[str], ApplicationRecorder]


def sqlite_library(url: str) -> ApplicationRecorder:
    path = url.removeprefix("sqlite:///")
    return SQLiteApplicationRecorder(SQLiteDatastore(path, originator_id_type="text"))


KINDS = {"sqlite": Kind(lambda folder: f"sqlite:///{folder / 'hoso.db'}", sqlite_library)}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def url(kind: Kind, tmp_path: Path) -> str:
    return kind.new(tmp_path)


def paused(number: int, code: str = "D1", **attributes: Any) -> Entry:
    """An event as intake hands it to the store."""
    document = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/h52",
        "type": "dossier.paused.v1",
        "subject": code,
        "time": "2023-03-01T08:00:00+07:00",
        "data": {"reason": "other"},
    }
    raw = json.dumps(document | attributes).encode()
    event = intake.read(raw, NOW)
    return Entry(event.subject, event.type, intake.to_store(raw, recorded(event)))


def append(store: Store, entries: Iterable[Entry]) -> None:
    with store.writing() as writer:
        writer.append(list(entries))


def log_of(store: Store, after: int = 0) -> list[tuple[int, Event]]:
    """The positions and events of a log."""
    return [(stored.position, stored.event()) for stored in store.read(after)]


def ids(store: Store, after: int = 0) -> list[str]:
    return [event.id for _, event in log_of(store, after)]


def test_a_new_store_is_empty(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [])
        assert list(store.read()) == []
        assert (store.last_position(), store.rejects(), store.segments()) == (0, [], [])


def test_only_a_transaction_makes_a_store(url: str) -> None:
    with pytest.raises(StoreTrouble, match="no such store"):
        open_store(url)
    with open_store(url, create=True) as store, pytest.raises(ZeroDivisionError):
        broken_off(store, [paused(1)], ZeroDivisionError())
    with pytest.raises(StoreTrouble, match="no such store"):
        open_store(url)


def test_events_are_read_in_the_order_they_were_appended_in(url: str) -> None:
    entries = [paused(n, f"D{n % 7}") for n in range(MORE_THAN_ARE_READ_AT_ONCE)]
    with open_store(url, create=True) as store:
        append(store, entries[:3])
        append(store, [])
        append(store, entries[3:])
        positions = [position for position, _ in log_of(store)]
        assert ids(store) == [f"e-{n}" for n in range(MORE_THAN_ARE_READ_AT_ONCE)]
        assert positions == sorted(set(positions))
        assert positions[0] > 0
        assert positions[-1] == store.last_position()
        assert ids(store, positions[2]) == ids(store)[3:]
        assert ids(store, positions[-1]) == []


def test_an_event_is_read_as_it_was_written(url: str) -> None:
    spoken = {"id": "sự kiện 😀", "time": "0001-01-01T00:00:00.5-07:00", "sequence": "7"}
    entry = paused(1, "hồ sơ; DROP TABLE stored_events --", **spoken)
    with open_store(url, create=True) as store:
        append(store, [entry])
        [(_, event)] = log_of(store)
    assert event.subject == entry.dossier
    assert [event] == [EVENT.validate_json(entry.state)]
    assert (event.id, event.sequence) == (spoken["id"], "7")
    assert event.recordedtime == event.time == datetime.fromisoformat(spoken["time"])


def test_when_an_event_was_recorded_is_kept(url: str) -> None:
    said = "2023-03-02T08:00:00+07:00"
    with open_store(url, create=True) as store:
        append(store, [paused(1, recordedtime=said), paused(2)])
        first, second = (event for _, event in log_of(store))
    assert first.recordedtime == datetime.fromisoformat(said)
    assert second.recordedtime == second.time


def test_the_same_event_twice_is_kept_twice(url: str) -> None:
    """Repeats count once when they are folded; the log only says what came."""
    with open_store(url, create=True) as store:
        append(store, [paused(1), paused(1)])
        append(store, [paused(1)])
        assert ids(store) == ["e-1"] * 3


def test_attributes_that_the_language_does_not_know_are_never_stored(
    url: str, tmp_path: Path
) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1, applicant="Nguyen Van A")])
    assert all(b"Nguyen" not in path.read_bytes() for path in tmp_path.iterdir())


def test_the_library_reads_the_log_by_its_own_api(kind: Kind, url: str) -> None:
    codes = ["D1", "D2", "D1", "D1", "D2", "D3"]
    with open_store(url, create=True) as store:
        append(store, (paused(n, code) for n, code in enumerate(codes[:4])))
        append(store, (paused(n, code) for n, code in enumerate(codes[4:], 4)))
        positions = [position for position, _ in log_of(store)]
    library = kind.library(url)
    for code in set(codes):
        events = library.select_events(code)
        assert [e.originator_version for e in events] == [*range(1, codes.count(code) + 1)]
        assert {(e.originator_id, e.topic) for e in events} == {(code, "dossier.paused.v1")}
    notifications = library.select_notifications(None, 10)
    assert [n.id for n in notifications] == positions
    assert [n.originator_id for n in notifications] == codes
    assert [json.loads(n.state)["id"] for n in notifications] == [f"e-{n}" for n in range(6)]
    assert library.max_notification_id() == positions[-1]


def test_versions_and_positions_go_on_after_reopening(kind: Kind, url: str) -> None:
    for number in range(3):
        with open_store(url, create=not number) as store:
            append(store, [paused(number)])
    with open_store(url) as store:
        assert ids(store) == ["e-0", "e-1", "e-2"]
    assert [e.originator_version for e in kind.library(url).select_events("D1")] == [1, 2, 3]


def broken_off(store: Store, entries: list[Entry], fault: BaseException) -> None:
    """A transaction that writes everything there is to write, and fails."""
    with store.writing() as writer:
        writer.append(entries)
        writer.reject([Reject(NOW, "f:1", "why", b"raw")])
        raise fault


@pytest.mark.parametrize("fault", [ZeroDivisionError(), KeyboardInterrupt()])
def test_a_transaction_is_kept_whole_or_not_at_all(
    kind: Kind, url: str, fault: BaseException
) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(0)])
        last = store.last_position()
        with pytest.raises(type(fault)):
            broken_off(store, [paused(1), paused(2, "D2")], fault)
        assert (ids(store), store.last_position()) == (["e-0"], last)
        assert store.rejects() == []
        append(store, [paused(3)])
    assert [e.originator_version for e in kind.library(url).select_events("D1")] == [1, 2]


def test_what_another_has_open_is_not_seen_before_it_is_whole(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        with open_store(url) as reader:
            with store.writing() as writer:
                writer.append([paused(2)])
                assert ids(reader) == ["e-1"]
            assert ids(reader) == ["e-1", "e-2"]


def test_rejects_are_kept_in_order_with_their_bytes(url: str) -> None:
    rejects = [
        Reject(NOW, "tệp.jsonl:1", "not valid JSON", bytes(range(256))),
        Reject(NOW, "-:2", "type: missing", b""),
        Reject(NOW, "-:2", "type: missing", b""),
        Reject(NOW, "-:3", "id: too long", b"\xff" * 1_000_000),
    ]
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.reject(rejects[:1])
        writer.reject(rejects[1:])
    with open_store(url) as store:
        assert store.rejects() == rejects


def test_segments_are_kept_and_replaced_from_a_position_on(url: str) -> None:
    first, second, tail = (Segment(n, n + 10, "form", b"%d" % n) for n in (0, 10, 20))
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        store.keep_segments([first, second, tail])
        assert store.segments() == [first, second, tail]
        longer, new = Segment(20, 30, "form", b"30"), Segment(30, 31, "form", bytes(1_000))
        store.keep_segments([longer, new])
    with open_store(url) as store:
        assert store.segments() == [first, second, longer, new]
        other = Segment(0, 31, "another form", b"")
        store.keep_segments([other])
        assert store.segments() == [other]


def test_a_fold_is_kept_for_one_position_of_the_log(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        store.keep_fold("a policy", 1, b"first")
        store.keep_fold("another", 1, b"other")
        store.keep_fold("a policy", 1, b"again")
        assert (store.fold("a policy", 1), store.fold("another", 1)) == (b"again", b"other")
    with open_store(url) as store:
        store.keep_fold("a policy", 2, b"second")
        assert (store.fold("a policy", 2), store.fold("another", 1)) == (b"second", None)


def test_segments_are_not_waited_for_while_another_writes(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        with store.writing() as writer, open_store(url) as reader:
            writer.append([paused(2)])
            with pytest.raises(StoreTrouble, match="another process is writing"):
                reader.keep_segments([Segment(0, 1, "form", b"")])

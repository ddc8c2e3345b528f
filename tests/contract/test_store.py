"""What every kind of store must do.

The tests open a store by its address (``open_store``), and read its log a second time through the
eventsourcing library's own interface, which others may use.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from threading import Thread
from time import monotonic
from typing import Any, NamedTuple

import psycopg
import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict

from hoso.consumers.intake import validate
from hoso.consumers.store.backend import LOCK_TIMEOUT_S, SCHEMA, StoreError, StoreUnavailable
from hoso.consumers.store.log import (
    QUERY_EVENTS,
    QUERY_REJECTS,
    KeptRecord,
    LogEntry,
    Reject,
    Store,
    Superseded,
    open_store,
)
from hoso.domain.events import EVENT, Event

NOW = datetime(2023, 3, 15, 5, tzinfo=UTC)
MORE_THAN_ARE_READ_AT_ONCE = QUERY_EVENTS + 3


class Kind(NamedTuple):
    """A kind of store: the URL of a new one, the library's own view of its log, and what else
    asks its database."""

    new: Callable[[pytest.FixtureRequest], str]
    library: Callable[[str], ApplicationRecorder]
    ask: Callable[[str, str], list[Any]]


def sqlite_url(request: pytest.FixtureRequest) -> str:
    return f"sqlite:///{request.getfixturevalue('tmp_path') / 'hoso.db'}"


def sqlite_library(url: str) -> ApplicationRecorder:
    path = url.removeprefix("sqlite:///")
    return SQLiteApplicationRecorder(SQLiteDatastore(path, originator_id_type="text"))


def ask_sqlite(url: str, statement: str) -> list[Any]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        return database.execute(statement).fetchall()


def postgres_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("database"))


def postgres_library(url: str) -> ApplicationRecorder:
    parts = conninfo_to_dict(url)
    name, host, port, user = (str(parts.get(n, "")) for n in ("dbname", "host", "port", "user"))
    datastore = PostgresDatastore(name, host, port, user, "", originator_id_type="text")
    return PostgresApplicationRecorder(datastore)


def ask_postgres(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as database:
        cursor = database.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


KINDS = {
    "sqlite": Kind(sqlite_url, sqlite_library, ask_sqlite),
    "postgres": Kind(postgres_url, postgres_library, ask_postgres),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def url(kind: Kind, request: pytest.FixtureRequest) -> str:
    return kind.new(request)


def paused(number: int, code: str = "D1", **attributes: Any) -> LogEntry:
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
    event = validate.parse_event(raw, NOW)
    return event.subject, event.type, validate.stored_json(event, event.time.isoformat())


def append(store: Store, entries: Iterable[LogEntry]) -> None:
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
        assert (
            store.last_position(),
            list(store.rejects()),
            store.cached("columns", "a name"),
        ) == (0, [], [])


def test_only_a_transaction_makes_a_store(url: str) -> None:
    with pytest.raises(StoreError, match="no such store"):
        open_store(url)
    with open_store(url, create=True) as store, pytest.raises(ZeroDivisionError):
        broken_off(store, [paused(1)], ZeroDivisionError())
    with pytest.raises(StoreError, match="no such store"):
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
    spoken = {"id": "sự kiện 😀", "time": "1900-01-01T00:00:00.5-07:00", "sequence": "7"}
    entry = dossier, _, state = paused(1, "hồ sơ; DROP TABLE stored_events --", **spoken)
    with open_store(url, create=True) as store:
        append(store, [entry])
        [(_, event)] = log_of(store)
    assert event.subject == dossier
    assert [event] == [EVENT.validate_json(state)]
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


def test_attributes_that_the_language_does_not_know_are_never_stored(kind: Kind, url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1, applicant="Nguyen Van A")])
    [(state,)] = kind.ask(url, "SELECT state FROM stored_events")
    assert b"e-1" in state
    assert b"Nguyen" not in state


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


def broken_off(store: Store, entries: list[LogEntry], fault: BaseException) -> None:
    """A transaction that writes everything there is to write, and fails."""
    with store.writing() as writer:
        writer.append(entries)
        writer.add_rejects([Reject(NOW, "f:1", "why", b"raw", "events")])
        writer.advance_offset("kafka:t:0", None, 7)
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
        assert list(store.rejects()) == []
        assert store.offsets_of(["kafka:t:0"]) == {}
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
        Reject(NOW, "tệp.jsonl:1", "not valid JSON", bytes(range(256)), "events"),
        Reject(NOW, "-:2", "type: missing", b"", "events"),
        Reject(NOW, "-:2", "type: missing", b"", "events"),
        Reject(NOW, "kafka:t/0@3", "id: too long", b"\xff" * 1_000_000, "national"),
    ]
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.add_rejects(rejects[:1])
        writer.add_rejects(rejects[1:])
    with open_store(url) as store:
        kept = dict(store.rejects())
        assert list(kept.values()) == rejects
        numbers = list(kept)
        assert numbers == sorted(numbers)
        assert [number for number, _ in store.rejects(numbers[1])] == numbers[2:]


def test_more_rejects_than_are_read_at_once(url: str) -> None:
    reasons = [str(n) for n in range(2 * QUERY_REJECTS + 1)]
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.add_rejects(Reject(NOW, "-:1", reason, b"", "events") for reason in reasons)
        assert [reject.reason for _, reject in store.rejects()] == reasons


def test_a_reject_is_settled_once(url: str) -> None:
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.add_rejects(Reject(NOW, f"-:{n}", "why", b"", "events") for n in range(3))
        first, second, third = (number for number, _ in store.rejects())
        with store.writing() as writer:
            assert [writer.remove_reject(second), writer.remove_reject(second)] == [True, False]
        assert [number for number, _ in store.rejects()] == [first, third]
        with store.writing() as writer:
            writer.remove_reject(third)
            writer.add_rejects([Reject(NOW, "-:9", "why", b"", "events")])
        with store.writing() as writer:
            assert not writer.remove_reject(second)


def test_events_of_a_dossier_are_known_within_the_transaction_that_appends_them(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1), paused(2, "D2")])
        with store.writing() as writer:
            writer.append([paused(3)])
            known = writer.events_of(["D1", "D3"])
    assert [event.id for event in known["D1"]] == ["e-1", "e-3"]
    assert known["D3"] == []


def test_records_of_a_dossier_are_kept_in_the_order_in_which_they_came(url: str) -> None:
    records = [KeptRecord(NOW, b'{"n":1}'), KeptRecord(NOW, b'{"n":2}'), KeptRecord(NOW, b"")]
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.add_kept_records("D1", 0, records[:2])
        with store.writing() as writer:
            writer.add_kept_records("D1", 2, records[2:])
            assert writer.kept_records_of(["D2", "D1"]) == {"D1": records, "D2": []}
        with suppress(ZeroDivisionError), store.writing() as writer:
            writer.add_kept_records("D2", 0, records)
            raise ZeroDivisionError
        assert store.kept_records_of(["D1", "D2"]) == {"D1": records, "D2": []}


def test_how_far_a_stream_was_read_is_kept_with_what_was_read(url: str) -> None:
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            assert writer.offsets_of(["kafka:t:0"]) == {}
            writer.append([paused(1)])
            writer.advance_offset("kafka:t:0", None, 0)
            assert writer.offsets_of(["kafka:t:0", "kafka:t:2"]) == {"kafka:t:0": 0}
            writer.advance_offset("kafka:t:1", None, 41)
        with store.writing() as writer:
            writer.advance_offset("kafka:t:0", 0, 5)
    with open_store(url) as store:
        assert store.offsets_of(["kafka:t:0", "kafka:t:1", "kafka:t:2"]) == {
            "kafka:t:0": 5,
            "kafka:t:1": 41,
        }


@pytest.mark.parametrize("expected", [None, 3, 9], ids=["a stale start", "behind", "ahead"])
def test_a_reader_that_was_superseded_writes_nothing(url: str, expected: int | None) -> None:
    """Even where it has read further than the other: what lies between it would record twice."""
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.append([paused(1)])
            writer.advance_offset("kafka:t:0", None, 5)
        with pytest.raises(Superseded):
            read_on(store, expected)
        assert ids(store) == ["e-1"]
        assert list(store.rejects()) == []
        assert store.offsets_of(["kafka:t:0", "kafka:t:1"]) == {"kafka:t:0": 5}


def read_on(store: Store, expected: int | None) -> None:
    """A transaction of a reader of two partitions."""
    with store.writing() as writer:
        writer.append([paused(2)])
        writer.add_rejects([Reject(NOW, "-:9", "why", b"", "events")])
        writer.advance_offset("kafka:t:1", None, 7)
        writer.advance_offset("kafka:t:0", expected, 20)


def test_a_stream_that_was_never_read_cannot_be_read_on(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        with pytest.raises(Superseded), store.writing() as writer:
            writer.advance_offset("kafka:t:0", 3, 5)


def test_another_waits_until_a_transaction_ends(url: str) -> None:
    with open_store(url, create=True) as store, open_store(url, create=True) as other:
        append(store, [paused(0)])
        written = Thread(target=append, args=(other, [paused(2)]))
        with store.writing() as writer:
            written.start()
            writer.append([paused(1)])
            written.join(0.3)
            assert written.is_alive()
        written.join()
        assert ids(store) == ["e-0", "e-1", "e-2"]


def test_several_make_one_store_at_once(kind: Kind, url: str) -> None:
    def make(number: int) -> None:
        with suppress(StoreUnavailable), open_store(url, create=True) as store:
            return append(store, [paused(number)])
        return make(number)  # as it says, it may be tried again

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    with open_store(url) as store:
        assert sorted(ids(store)) == [f"e-{n}" for n in range(4)]
    assert [e.originator_version for e in kind.library(url).select_events("D1")] == [1, 2, 3, 4]


def test_a_store_of_an_older_schema_is_upgraded(kind: Kind, url: str) -> None:
    reject = Reject(NOW, "-:1", "why", b"raw", "events")
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.append([paused(1)])
        writer.add_rejects([reject])
    kind.ask(url, "ALTER TABLE rejects DROP COLUMN format")
    kind.ask(url, "ALTER TABLE rejects DROP COLUMN kept")
    set_version(kind, url, 1)
    with open_store(url) as store:
        assert ids(store) == ["e-1"]
        with pytest.raises(StoreError, match=r"version 1, .* upgrades it"):
            list(store.rejects())
        append(store, [paused(2)])
        assert [kept for _, kept in store.rejects()] == [reject._replace(kept="before")]


def test_a_store_of_a_newer_schema_is_left_alone(kind: Kind, url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
    set_version(kind, url, 99)
    with open_store(url) as store:
        with pytest.raises(StoreError, match=r"version 99.*use a newer one"):
            append(store, [paused(2)])
        assert ids(store) == ["e-1"]


def set_version(kind: Kind, url: str, version: int) -> None:
    if url.startswith("sqlite"):
        kind.ask(url, f"PRAGMA user_version = {version}")
    else:
        kind.ask(url, f"UPDATE hoso_schema SET version = {version}")


def test_a_database_of_another_kind_is_not_touched(kind: Kind, url: str) -> None:
    kind.ask(url, "CREATE TABLE stored_events (mine INTEGER)")
    for create in (False, True):
        with pytest.raises(StoreError, match="no hoso store, but a database of another kind"):
            open_store(url, create=create)


def test_cache_entries_are_kept_and_replaced_from_a_position_on(url: str) -> None:
    first, second, tail = ((n, n + 10, b"%d" % n) for n in (0, 10, 20))
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        store.keep_cached("columns", "name", [first, second, tail], 1)
        assert store.cached("columns", "name") == [first, second, tail]
        longer, new = (20, 30, b"30"), (30, 31, bytes(1_000))
        store.keep_cached("columns", "name", [longer, new], 1)
    with open_store(url) as store:
        assert store.cached("columns", "name") == [first, second, longer, new]
        store.keep_cached("columns", "another name", [(0, 31, b"")], 1)
        assert store.cached("columns", "another name") == [(0, 31, b"")]
        assert store.cached("columns", "name") == []


def test_of_a_kind_the_newest_names_stay(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        for until, name in enumerate(["first", "second", "third"], 1):
            store.keep_cached("fold", name, [(0, until, name.encode())], 2)
        store.keep_cached("balances", "other kind", [(0, 1, b"")], 2)
    with open_store(url) as store:
        assert store.cached("fold", "first") == []
        assert store.cached("fold", "second") == [(0, 2, b"second")]
        store.keep_cached("fold", "second", [(0, 9, b"again")], 2)
        assert store.cached("fold", "second") == [(0, 9, b"again")]
        assert store.cached("balances", "other kind") == [(0, 1, b"")]
        sizes = {(kind, name): size for kind, name, size in store.describe_cache()}
        assert sizes == {("fold", "second"): 5, ("fold", "third"): 5, ("balances", "other kind"): 0}
        store.clear_cache()
        assert store.describe_cache() == []


def test_keeping_never_waits_for_whoever_writes(url: str) -> None:
    """It is done beside the other, or given up at once."""
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        with store.writing() as writer, open_store(url) as reader:
            writer.append([paused(2)])
            begun = monotonic()
            with suppress(StoreUnavailable):
                reader.keep_cached("columns", "name", [(0, 1, b"")], 1)
            assert monotonic() - begun < LOCK_TIMEOUT_S


def test_a_reject_is_found_by_its_number(url: str) -> None:
    rejects = [Reject(NOW, f"-:{n}", "why", bytes([n]), "national") for n in range(3)]
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.add_rejects(rejects)
        first, second, third = (number for number, _ in store.rejects())
        assert store.find_reject(second) == rejects[1]
        with store.writing() as writer:
            writer.remove_reject(second)
        assert store.find_reject(second) is None
        assert store.find_reject(third + 1) is None
        assert store.find_reject(2**63 - 1) is None
        assert store.find_reject(first) == rejects[0]


def test_rejects_are_counted(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [])
        assert store.count_rejects() == 0
        with store.writing() as writer:
            writer.add_rejects(Reject(NOW, f"-:{n}", "why", b"", "events") for n in range(3))
        assert store.count_rejects() == 3
        number, _ = next(store.rejects())
        with store.writing() as writer:
            writer.remove_reject(number)
        assert store.count_rejects() == 2


def test_all_streams_of_a_kind_are_listed_with_what_they_have_reached(url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [paused(1)])
        assert store.offsets_with_prefix("kafka:") == {}
        with store.writing() as writer:
            writer.advance_offset("file:kafka:", None, 7)
            writer.advance_offset("kafka:t:0", None, 0)
            writer.advance_offset("kafka:một:11", None, 2**40)
        with store.writing() as writer:
            writer.advance_offset("kafka:t:0", 0, 5)
        assert store.offsets_with_prefix("kafka:") == {"kafka:t:0": 5, "kafka:một:11": 2**40}


def test_the_version_of_the_schema_is_told(kind: Kind, url: str) -> None:
    with open_store(url, create=True) as store:
        append(store, [])
        assert store.schema_version() == len(SCHEMA)
        set_version(kind, url, 99)
        assert store.schema_version() == 99


def test_a_store_is_named_without_its_password(database: str) -> None:
    user, at, rest = database.removeprefix("postgresql://").rpartition("@")
    written = f"postgresql://{user}:s3cr3t{at}{rest}?application_name=s3cr3t"
    with pytest.raises(StoreError, match="no such store") as raised:
        open_store(written)
    assert str(raised.value).startswith(f"{database}: ")
    assert "s3cr3t" not in str(raised.value)
    with open_store(written, create=True) as store:
        assert store.name == database

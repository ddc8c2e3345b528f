"""What a server keeps of a history: is it kept, dropped in time, and free of all else?"""

import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.policy import Policy
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role, Visitor
from hoso.tools.serve.history import History
from hoso.tools.serve.kept import Kept
from hoso.tools.serve.live import Listener
from hoso.tools.sources.source import Options
from tests.command import done

READER = frozenset({Role.READER})
REGISTRY = AgencyRegistry(
    [
        Agency("P", "Province", "province", None),
        Agency("A", "Department", "province", "P"),
        Agency("B", "Commune", "commune", "P"),
    ]
)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def received(dossier: str, agency: str, day: str, recorded: str) -> dict[str, object]:
    data = {"procedure": "1.000001", "field": "f", "channel": "online", "level": "province"}
    return event(dossier, "received", day, recorded, {**data, "agency": agency, "due": day})


def event(
    dossier: str, kind: str, day: str, recorded: str, data: dict[str, object]
) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{dossier}.{kind}",
        "source": "urn:test",
        "type": f"dossier.{kind}.v1",
        "subject": dossier,
        "time": f"{day}T08:00:00+07:00",
        "recordedtime": f"{recorded}T09:00:00+07:00",
        "data": data,
    }


FIRST = (
    received("one", "A", "2026-01-05", "2026-01-05"),
    received("two", "B", "2026-02-05", "2026-02-05"),
    event("two", "reassigned", "2026-02-10", "2026-02-10", {"agency": "A"}),
    received("three", "B", "2026-02-06", "2026-02-06"),
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    record(tmp_path, *FIRST)
    return tmp_path


def record(folder: Path, *events: dict[str, object]) -> None:
    (folder / "new.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    done(folder, "ingest", "new.jsonl")


def opened(folder: Path) -> History:
    address = f"sqlite:///{folder / 'hoso.db'}"
    history = History([address], Options(environment.zone()), REGISTRY)
    history.now().history()
    return history


def test_a_question_as_of_a_moment_is_folded_once(store: Path) -> None:
    now, office = opened(store).now(), environment.office(Policy())
    first, again = (now.ledger(office, MARCH).folded for _ in range(2))
    assert first is again


def test_what_was_known_at_a_moment_holds_while_nothing_was_recorded_by_then(store: Path) -> None:
    history, office = opened(store), environment.office(Policy())
    before = history.now().ledger(office, MARCH)
    record(store, received("four", "A", "2026-02-20", "2026-03-20"))
    history.look_again()
    assert history.now().ledger(office, MARCH).folded is before.folded
    assert len(history.now().history()) == len(FIRST) + 1


def test_an_event_that_says_it_was_recorded_earlier_changes_what_was_known(store: Path) -> None:
    history, office = opened(store), environment.office(Policy())
    before = history.now().ledger(office, MARCH)
    record(store, received("four", "A", "2026-02-20", "2026-02-20"))
    history.look_again()
    after = history.now().ledger(office, MARCH)
    assert len(after.folded.journal.day) > len(before.folded.journal.day)


def test_new_events_are_there_for_the_next_question(store: Path) -> None:
    history, office = opened(store), environment.office(Policy())
    [before] = history.now().balances([office], None, ())
    record(store, received("four", "A", "2026-02-20", "2026-03-20"))
    history.look_again()
    [after] = history.now().balances([office], None, ())
    assert after.balances.total[-1] == before.balances.total[-1] == 0  # double entry
    assert len(history.now().ledger(office, None).log) == len(FIRST) + 1


def test_a_visitor_of_a_body_gets_no_trace_of_other_dossiers(store: Path) -> None:
    seen = opened(store).seen_by(Visitor("b", READER, bodies=("B",))).history()
    assert set(seen["dossier"].to_pylist()) == {"two", "three"}
    texts = {
        text
        for column in seen.columns
        for text in column.combine_chunks().to_pylist()
        if isinstance(text, str)
    }
    dictionaries = {
        text
        for column in seen.columns
        if hasattr(column.combine_chunks(), "dictionary")
        for text in column.combine_chunks().dictionary.to_pylist()
    }
    assert "one" not in texts | dictionaries
    assert not any("one." in text for text in texts | dictionaries)


def test_a_visitor_of_a_body_above_sees_all_under_it(store: Path) -> None:
    seen = opened(store).seen_by(Visitor("p", READER, bodies=("P",)))
    assert len(seen.history()) == len(FIRST)


def test_who_sees_no_body_sees_nothing(store: Path) -> None:
    assert len(opened(store).seen_by(Visitor("none", READER, bodies=())).history()) == 0


def test_an_answer_is_worked_out_once_for_all_who_wait() -> None:
    kept: Kept[str, int] = Kept(2)
    begun, go, made = threading.Event(), threading.Event(), []

    def make() -> int:
        made.append(1)
        begun.set()
        go.wait(5)
        return 7

    answers: list[int] = []
    asking = [threading.Thread(target=lambda: answers.append(kept.get("a", make))) for _ in "123"]
    asking[0].start()
    begun.wait(5)
    for each in asking[1:]:
        each.start()
    go.set()
    for each in asking:
        each.join(5)
    assert (answers, made) == ([7, 7, 7], [1])


def test_an_error_is_not_kept() -> None:
    kept: Kept[str, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1
    assert [kept.get(key, lambda: 2) for key in "bc"] == [2, 2]
    assert kept.kept("a") is None  # the two that were asked last stay


def test_a_file_that_grows_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, FIRST)) + b"\n")
    history = History([str(file)], Options(environment.zone()), REGISTRY)
    assert len(history.now().history()) == len(FIRST)
    more = orjson.dumps(received("four", "A", "2026-02-20", "2026-03-20"))
    file.write_bytes(file.read_bytes() + more + b"\n")
    history.look_again()
    assert len(history.now().history()) == len(FIRST) + 1


def test_an_archive_that_grows_is_read_again(store: Path) -> None:
    done(store, "archive", "--out", "archive")
    history = History([str(store / "archive")], Options(environment.zone()), REGISTRY)
    assert len(history.now().history()) == len(FIRST)
    record(store, received("four", "A", "2026-02-20", "2026-03-20"))
    done(store, "archive", "--out", "archive")
    history.look_again()
    assert len(history.now().history()) == len(FIRST) + 1


def test_a_visitor_of_a_body_is_told_of_its_own_dossiers_only(store: Path) -> None:
    history = opened(store)
    own = Listener(history, Visitor("b", READER, bodies=("B",)))
    every = Listener(history, Visitor("all", READER))
    news = [
        (received("four", "A", "2026-02-20", "2026-03-20"), False),
        (received("five", "B", "2026-02-20", "2026-03-21"), True),
        (event("four", "reassigned", "2026-02-21", "2026-03-22", {"agency": "B"}), True),
        (event("four", "paused", "2026-02-22", "2026-03-23", {"reason": "other"}), True),
        (event("one", "paused", "2026-02-22", "2026-03-24", {"reason": "other"}), False),
    ]
    for new, is_own in news:
        record(store, new)
        history.look_again()
        assert (own.has_news(), every.has_news()) == (is_own, True), new["subject"]
    assert not own.has_news()


def test_a_dossier_of_an_archive_is_read_without_the_others_until_all_are_there(
    store: Path,
) -> None:
    done(store, "archive", "--out", "archive", "--source", f"sqlite:///{store / 'hoso.db'}")
    history = History([str(store / "archive")], Options(environment.zone()), REGISTRY)
    now, office = history.now(), environment.office(Policy())
    alone = now.ledger_of(office, None, ["two"])
    assert set(alone.log["dossier"].to_pylist()) == {"two"}
    whole = now.ledger(office, None)
    assert now.ledger_of(office, None, ["two"]).folded is whole.folded

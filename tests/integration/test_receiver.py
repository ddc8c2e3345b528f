"""What does a receiver answer, and what is in the store then, on both kinds of store?"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from hoso.consumers.http import receiver as module
from hoso.consumers.http.receiver import Call, Receiver
from hoso.consumers.http.refusal import CallRefused
from hoso.consumers.http.verdicts import Verdict
from hoso.consumers.intake.conflicts import conflicts_since, tidy_keys
from hoso.consumers.intake.ingest import ingest
from hoso.consumers.intake.record import Format, validate_messages
from hoso.consumers.store import identities
from hoso.consumers.store.erase import erase
from hoso.consumers.store.log import open_store
from hoso.tools.runtime import environment
from tests.services.postgres import Postgres
from tests.told import Json, paused, received, resolved

BEGUN = received("2023-03-01", 5)
WRONG = BEGUN | {"data": {**BEGUN["data"], "channel": "fax"}}
numbers = count()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'hoso.db'}"


@pytest.fixture
def receiver(url: str) -> Iterator[Receiver]:
    with opened(url) as made:
        yield made


def opened(url: str) -> Receiver:
    return Receiver(partial(open_store, url, create=True), environment.intake_context)


def sent(receiver: Receiver, *messages: object, form: Format = "events") -> list[Verdict]:
    """The verdicts on messages that are sent together."""
    call = Call(f"c{next(numbers)}", form, [json.dumps(each).encode() for each in messages])
    return receiver.take(call).result(30)


def words(verdicts: list[Verdict]) -> list[str]:
    return [each.verdict for each in verdicts]


def logged(url: str) -> list[Json]:
    """The events of the log, in its order."""
    with open_store(url) as store:
        events = [json.loads(stored.state) for stored in store.read()]
    return [{n: v for n, v in event.items() if n != "recordedtime"} for event in events]


def ingested(url: str, *events: Json) -> None:
    """Record events as ``hoso ingest`` does, while the receiver is at work."""
    context = environment.intake_context("events")
    with open_store(url, create=True) as store:
        ingest(
            store,
            [validate_messages((json.dumps(e).encode() for e in events), str, context)],
            context,
        )


def test_each_event_has_its_verdict_in_the_order_sent(url: str, receiver: Receiver) -> None:
    assert words(sent(receiver, BEGUN)) == ["recorded"]
    other = BEGUN | {"subject": "D2"}
    verdicts = sent(
        receiver, paused("2023-03-02"), WRONG, BEGUN, other, "none", resolved("2023-03-03")
    )
    assert words(verdicts) == ["recorded", "reject", "repeat", "conflict", "reject", "recorded"]
    assert [each.id for each in verdicts] == [
        paused("2023-03-02")["id"],
        None,
        BEGUN["id"],
        BEGUN["id"],
        None,
        resolved("2023-03-03")["id"],
    ]
    assert verdicts[1].path == "data.channel"
    assert "online" in str(verdicts[1].reason)
    assert str(verdicts[3].reason).endswith(": D1")
    assert logged(url) == [BEGUN, paused("2023-03-02"), other, resolved("2023-03-03")]


def test_an_unknown_type_is_told_as_such(receiver: Receiver) -> None:
    [verdict] = sent(receiver, BEGUN | {"type": "dossier.received.v2"})
    assert verdict.verdict == "reject"
    assert verdict.path == "type"
    assert "unknown event type (given: dossier.received.v2)" in str(verdict.reason)


def test_a_call_that_is_sent_again_adds_nothing(url: str, receiver: Receiver) -> None:
    call = [BEGUN, BEGUN | {"subject": "D2"}, paused("2023-03-02"), WRONG]
    assert words(sent(receiver, *call)) == ["recorded", "conflict", "recorded", "reject"]
    before = logged(url)
    for _ in range(2):
        assert words(sent(receiver, *call)) == ["repeat", "conflict", "repeat", "reject"]
    with opened(url) as another:
        assert words(sent(another, *call[:3])) == ["repeat", "conflict", "repeat"]
    assert logged(url) == before
    with open_store(url) as store:
        assert store.count_rejects() == 1
        assert conflicts_since(store).events == 1


def test_within_one_call_the_first_event_counts(url: str, receiver: Receiver) -> None:
    other = BEGUN | {"subject": "D2"}
    verdicts = sent(receiver, BEGUN, BEGUN, other, other, BEGUN)
    assert words(verdicts) == ["recorded", "repeat", "conflict", "conflict", "repeat"]
    assert logged(url) == [BEGUN, other]


@pytest.mark.parametrize(
    ("difference", "word"),
    [
        ({"subject": "D2"}, "conflict"),
        ({"time": "2023-03-01T09:00:00+07:00"}, "conflict"),
        ({"data": BEGUN["data"] | {"agency": "B"}}, "conflict"),
        ({"time": "2023-03-01T01:00:00Z"}, "repeat"),
        ({"recordedtime": "2023-03-05T08:00:00+07:00"}, "repeat"),
        ({"traceparent": "00-1"}, "repeat"),
        ({"subject": " D1 "}, "repeat"),
        ({"unlisted": 1}, "repeat"),
        ({"source": "/another"}, "recorded"),
        ({"id": "another"}, "recorded"),
    ],
)
def test_what_differs_in_subject_type_time_or_data_is_a_conflict(
    receiver: Receiver, difference: Json, word: str
) -> None:
    sent(receiver, BEGUN)
    assert words(sent(receiver, BEGUN | difference)) == [word]


def test_it_knows_what_others_have_recorded_meanwhile(url: str, receiver: Receiver) -> None:
    sent(receiver, BEGUN)
    ingested(url, paused("2023-03-02"), paused("2023-03-02"))
    with opened(url) as another:
        sent(another, resolved("2023-03-03"))
    call = [BEGUN, paused("2023-03-02"), resolved("2023-03-03")]
    assert words(sent(receiver, *call)) == ["repeat"] * 3


def test_the_first_of_several_conflicts_in_the_log_counts(url: str, receiver: Receiver) -> None:
    other, third = BEGUN | {"subject": "D2"}, BEGUN | {"subject": "D3"}
    ingested(url, BEGUN, other)
    assert words(sent(receiver, other, third, BEGUN)) == ["conflict", "conflict", "repeat"]
    assert [event["subject"] for event in logged(url)] == ["D1", "D2", "D3"]


def test_positions_that_are_left_out_mislead_nobody(url: str, receiver: Receiver) -> None:
    """PostgreSQL counts on after a transaction that is rolled back."""
    events = [received("2023-03-01", 5, code=f"D{n}") for n in range(6)]
    sent(receiver, *events[:2])
    with open_store(url) as store:
        with suppress(ZeroDivisionError), store.writing() as writer:
            state = next(writer.states_between(0, 1))
            writer.append([("D9", "dossier.received.v1", state)] * 3)
            raise ZeroDivisionError
        ingested(url, *events[2:4], events[0])
        tidy_keys(store)
    sent(receiver, *events[4:])
    other = [event | {"subject": "another"} for event in events]
    with opened(url) as another:
        for each in (receiver, another):
            assert words(sent(each, *events, *other)) == ["repeat"] * 6 + ["conflict"] * 6
    assert len(logged(url)) == 6 + 1 + 6


def test_the_first_event_counts_though_its_dossier_had_others_before(
    url: str, receiver: Receiver
) -> None:
    other = BEGUN | {"subject": "D2"}
    sent(receiver, paused("2023-02-01"), BEGUN, other)
    verdicts = sent(receiver, paused("2023-02-01"), other, BEGUN)
    assert words(verdicts) == ["repeat", "conflict", "repeat"]


def test_an_erased_dossier_stays_erased_and_its_events_are_repeats(
    url: str, receiver: Receiver
) -> None:
    sent(receiver, BEGUN, paused("2023-03-02"))
    with open_store(url) as store:
        erase(store, "dossier", "D1", "asked", environment.now())
    before = logged(url)
    assert words(sent(receiver, BEGUN, resolved("2023-03-03"))) == ["repeat", "recorded"]
    after = logged(url)
    assert after[:2] == before
    assert len(after) == 3
    assert {event["subject"] for event in after} == {before[0]["subject"]}
    assert "D1" not in str(after)


def test_many_callers_at_a_time_record_each_event_once(url: str, receiver: Receiver) -> None:
    calls = [
        [received("2023-03-01", 5, code=f"D{(n * 7 + k) % 40}") for k in range(5)]
        for n in range(60)
    ]
    with ThreadPoolExecutor(8) as threads:
        answers = [*threads.map(lambda call: words(sent(receiver, *call)), calls)]
    assert sum(answer.count("recorded") for answer in answers) == 40
    assert {word for answer in answers for word in answer} == {"recorded", "repeat"}
    assert len(logged(url)) == 40


def test_national_records_have_verdicts_too(url: str, receiver: Receiver) -> None:
    record = {
        "MaHoSo": "H01-D0",
        "MaTTHC": "1.000001",
        "MaLinhVuc": "LV01",
        "KenhThucHien": "1",
        "NgayTiepNhan": "20240304080000",
        "NgayHenTra": "20240318080000",
        "TrangThaiHoSo": "2",
        "DonViXuLy": "Sở A",
    }
    done = record | {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20240306080000"}
    call = [record, {"MaHoSo": "H01-D1"}, record, done, record | {"TrangThaiHoSo": "1"}]
    verdicts = sent(receiver, *call, form="national")
    assert words(verdicts) == ["recorded", "reject", "repeat", "recorded", "repeat"]
    assert [each["type"] for each in logged(url)] == ["dossier.received.v1", "dossier.resolved.v1"]
    again = sent(receiver, *call, form="national")
    assert words(again) == ["repeat", "reject", "repeat", "repeat", "repeat"]
    assert len(logged(url)) == 2


def test_what_was_taken_is_recorded_before_it_closes(url: str) -> None:
    receiver = opened(url)
    calls = [
        Call(str(n), "events", [json.dumps(received("2023-03-01", 5, code=f"D{n}")).encode()])
        for n in range(50)
    ]
    futures = [receiver.take(call) for call in calls]
    receiver.close()
    assert [word for future in futures for word in words(future.result(0))] == ["recorded"] * 50
    assert len(logged(url)) == 50
    with pytest.raises(CallRefused, match="stopping") as refused:
        receiver.take(calls[0])
    assert (refused.value.status, refused.value.retry_after_s) == (503, 1)


def test_calls_are_refused_where_there_is_no_room(receiver: Receiver) -> None:
    with receiver.room() as reserve:
        reserve(module.ROOM_BYTES)
        with receiver.room() as another, pytest.raises(CallRefused) as refused:
            another(1)
        assert (refused.value.status, refused.value.retry_after_s) == (429, 1)
    with receiver.room() as reserve:
        reserve(module.ROOM_BYTES)


def test_while_the_store_is_away_calls_are_refused_and_afterwards_nothing_is_lost(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.1)
    with opened(database) as receiver:
        sent(receiver, BEGUN)
        postgres.kill()
        for _ in range(3):
            with pytest.raises(CallRefused) as refused:
                sent(receiver, paused("2023-03-02"))
            assert (refused.value.status, refused.value.retry_after_s) == (503, 1)
        postgres.start()
        again = eventually(receiver, BEGUN, paused("2023-03-02"))
        assert words(again) == ["repeat", "recorded"]
    assert logged(database) == [BEGUN, paused("2023-03-02")]


def eventually(receiver: Receiver, *messages: object) -> list[Verdict]:
    """The verdicts on messages that are sent until the store is back."""
    for _ in range(100):
        with suppress(CallRefused):
            return sent(receiver, *messages)
        time.sleep(0.05)
    raise AssertionError("refused for ever")


def test_small_segments_of_keys_are_merged_while_it_is_at_work(
    url: str, receiver: Receiver
) -> None:
    events = [received("2023-03-01", 5, code=f"D{n}") for n in range(80)]
    for event in events:
        sent(receiver, event)
    with open_store(url) as store:
        assert len(store.key_ranges()) == 80
        tidy_keys(store)
        assert len(store.key_ranges()) == 1
    assert words(sent(receiver, *events, paused("2023-03-02"))) == ["repeat"] * 80 + ["recorded"]
    with opened(url) as another:
        assert words(sent(another, *events, paused("2023-03-02"))) == ["repeat"] * 81


def test_the_index_finds_each_key_in_arrays_of_any_size(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "MOST_RECENT", 3)
    events = [received("2023-03-01", 5, code=f"D{n}") for n in range(30)]
    with opened(url) as receiver:
        for start in range(0, 30, 2):
            assert words(sent(receiver, *events[start : start + 2])) == ["recorded"] * 2
        assert words(sent(receiver, *events)) == ["repeat"] * 30

"""What may a system that embeds the engine rely on, whatever its store is made of?

Given what is recorded, when a command is carried out at the desk, then events, or a refusal.
"""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Manager, get_context
from pathlib import Path
from threading import Barrier
from typing import Any

import orjson
import pytest

from hoso.consumers.desk import ATTEMPTS, OneStopDesk
from hoso.consumers.intake.validate import Rejected, stored_json
from hoso.consumers.store.backend import StoreError, StoreUnavailable
from hoso.consumers.store.log import open_store
from hoso.domain.dossier import (
    Annul,
    Command,
    Pause,
    Receive,
    Refused,
    RequestSupplement,
    Reschedule,
    Resolve,
    Supplement,
    account,
)
from hoso.domain.events import EVENT, Event, recorded_at
from hoso.domain.windows import Window
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.statement import statement
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.contract.test_store import KINDS, Kind
from tests.engine import office, parsed
from tests.told import FACTS, SOURCE, Json, paused, received, rescheduled, resolved, working_days

OFFICE = office()
NOW = datetime(2023, 3, 31, 5, tzinfo=UTC)
MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
PAGE = Path(__file__).parents[2] / "docs" / "EMBEDDING.md"
PATIENCE_S = 60.0
DATA: dict[type[Command], Json] = {
    Receive: FACTS | {"channel": "online", "allowance": working_days(5)},
    Pause: {"reason": "other"},
    Reschedule: {"due": date(2023, 3, 31)},
    Resolve: {"outcome": "granted"},
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def url(kind: Kind, request: pytest.FixtureRequest) -> str:
    return kind.new(request)


def ledger_of(name: str) -> Ledger:
    """The ledger of a source."""
    return open_source([name], Options(OFFICE.zone)).ledger(OFFICE, None)


def desk_at(url: str, clock: Callable[[], datetime] = lambda: NOW) -> OneStopDesk:
    return OneStopDesk(url, OFFICE, clock)


def do(command: type[Command], when: str, name: str | None = None, **data: Any) -> Command:
    """A command at eight in the morning."""
    moment = datetime.fromisoformat(f"{when}T08:00:00+07:00")
    name = name or f"{command.__name__} {when}"
    given = data or DATA.get(command, {})
    return command.model_validate({"id": name, "source": SOURCE, "time": moment, "data": given})


def given(url: str, *told: Json) -> None:
    """Record events as whoever reads files or Kafka does."""
    entries = [
        (event.subject, event.type, stored_json(event, event.time.isoformat()))
        for event in parsed(told)
    ]
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.append(entries)


def when(desk: OneStopDesk, *commands: Command, code: str = "D1") -> list[Event]:
    """Carry commands out one after the other."""
    return [event for command in commands for event in desk.carry_out(code, command)]


def refused(desk: OneStopDesk, command: Command, code: str = "D1") -> str:
    """The name of the rule that refuses a command."""
    with pytest.raises(Refused) as refusal:
        desk.carry_out(code, command)
    return refusal.value.rule.name


def kinds_in(url: str) -> list[str]:
    """What the log tells of, in its order."""
    with open_store(url) as store:
        return [stored.event().type.split(".")[1] for stored in store.read()]


def versions(kind: Kind, url: str, code: str = "D1") -> list[int]:
    return [event.originator_version for event in kind.library(url).select_events(code)]


# --- What is carried out -------------------------------------------------------------------------

LIFE = [
    do(Receive, "2023-03-01"),
    do(RequestSupplement, "2023-03-02"),
    do(Supplement, "2023-03-06"),
    do(Pause, "2023-03-07"),
    do(Resolve, "2023-03-10"),
]


def test_a_desk_makes_the_store_that_it_needs(url: str) -> None:
    with desk_at(url) as desk:
        assert desk.dossier("D1").recorded == ()
    assert kinds_in(url) == []


def test_commands_make_a_life(kind: Kind, url: str) -> None:
    with desk_at(url) as desk:
        told = when(desk, *LIFE)
        dossier = desk.dossier("D1")
    assert [event.type for event in told] == [
        "dossier.received.v1",
        "dossier.supplement_requested.v1",
        "dossier.supplemented.v1",
        "dossier.paused.v1",
        "dossier.resolved.v1",
    ]
    assert dossier.recorded == tuple(told)
    assert account(dossier, date(2023, 3, 10)) == "resolved.early"
    assert versions(kind, url) == [1, 2, 3, 4, 5]


def test_the_log_keeps_what_intake_would_have_kept(kind: Kind, url: str) -> None:
    with desk_at(url) as desk:
        [event] = when(desk, LIFE[0])
    [stored] = kind.library(url).select_events("D1")
    assert (stored.originator_id, stored.topic) == ("D1", "dossier.received.v1")
    assert orjson.loads(stored.state) == {
        "specversion": "1.0",
        "id": "Receive 2023-03-01",
        "source": SOURCE,
        "type": "dossier.received.v1",
        "subject": "D1",
        "time": "2023-03-01T08:00:00+07:00",
        "recordedtime": "2023-03-31T05:00:00Z",
        "data": FACTS | {"channel": "online", "allowance": working_days(5)},
    }
    assert EVENT.validate_json(stored.state) == event
    assert stored_json(event, "") == stored.state


def test_settings_of_the_embedding_system_do_not_change_what_is_recorded(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "COMPRESSOR_TOPIC": "zlib",
        "IS_SNAPSHOTTING_ENABLED": "y",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with desk_at(url) as desk:
        when(desk, *LIFE)
    assert kinds_in(url)[-1] == "resolved"


def test_a_command_is_carried_out_once(kind: Kind, url: str) -> None:
    with desk_at(url) as desk:
        when(desk, *LIFE)
        assert when(desk, *LIFE) == []
    with desk_at(url) as reopened:
        assert when(reopened, *LIFE) == []
    assert versions(kind, url) == [1, 2, 3, 4, 5]


def test_dossiers_have_lives_of_their_own(kind: Kind, url: str) -> None:
    with desk_at(url) as desk:
        when(desk, *LIFE)
        when(desk, do(Receive, "2023-03-03", "another"), code="D2")
        assert [event.id for event in desk.dossier("D2").recorded] == ["another"]
    assert versions(kind, url, "D2") == [1]


# --- What is refused -----------------------------------------------------------------------------


def test_a_refused_command_leaves_nothing(url: str) -> None:
    with desk_at(url) as desk:
        assert refused(desk, do(Resolve, "2023-03-01")) == "reception"
        when(desk, LIFE[0])
        assert refused(desk, do(Supplement, "2023-03-02")) == "supplement-answers-request"
        assert refused(desk, do(Pause, "2023-02-28")) == "in-order"
        astray = do(Annul, "2023-03-02", event_id="nothing", reason="mistake")
        assert refused(desk, astray) == "annul-earlier"
    assert kinds_in(url) == ["received"]


def test_a_command_dated_more_than_a_day_ahead_of_the_clock_leaves_nothing(url: str) -> None:
    with desk_at(url) as desk:
        when(desk, do(Receive, "2023-04-01"))
        with pytest.raises(Rejected, match="ahead of the clock"):
            desk.carry_out("D1", do(Resolve, "2023-04-02"))
    assert kinds_in(url) == ["received"]


def test_a_database_of_another_kind_is_not_touched(kind: Kind, url: str) -> None:
    kind.ask(url, "CREATE TABLE stored_events (mine INTEGER)")
    with pytest.raises(StoreError, match="another kind"):
        desk_at(url)


def test_a_damaged_dossier_is_told_of(kind: Kind, url: str) -> None:
    given(url, received("2023-03-01", 5))
    kind.ask(url, "UPDATE stored_events SET state = '{}'")
    with desk_at(url) as desk, pytest.raises(StoreError, match="D1 is damaged: type: missing"):
        desk.dossier("D1")


# --- When it was recorded ------------------------------------------------------------------------


def test_an_event_is_recorded_when_the_clock_says(url: str) -> None:
    times = [NOW + timedelta(minutes=minute) for minute in range(len(LIFE))]
    with desk_at(url, iter(times).__next__) as desk:
        assert [recorded_at(event) for event in when(desk, *LIFE)] == times


def test_an_event_is_recorded_after_all_that_it_was_decided_on(url: str) -> None:
    """Though another's clock was ahead: an annulment must come after what it takes back."""
    ahead = (NOW + timedelta(hours=2)).isoformat()
    mistake = resolved("2023-03-02") | {"recordedtime": ahead}
    given(url, received("2023-03-01", 5), mistake)
    with desk_at(url) as desk:
        back = do(Annul, "2023-04-01", event_id=mistake["id"], reason="mistake")
        [annulled] = when(desk, back)
        assert recorded_at(annulled) == datetime.fromisoformat(ahead)
        assert account(desk.dossier("D1"), date(2023, 3, 3)) == "in_progress.in_time"
    stated = statement(ledger_of(url), MARCH)
    assert stated["suspense"] == {"events": 0, "dossiers": 0}
    assert stated["total"]["resolved"]["total"] == 0


# --- One log, whoever writes it ------------------------------------------------------------------


def test_the_desk_carries_on_what_others_recorded_and_they_what_it_did(
    kind: Kind, url: str
) -> None:
    given(url, received("2023-03-01", 5))
    with desk_at(url) as desk:
        when(desk, do(Pause, "2023-03-02"))
        given(url, rescheduled("2023-03-03", "2023-03-31"))
        assert refused(desk, do(Pause, "2023-03-04")) == "pause-while-in-progress"
        when(desk, do(Resolve, "2023-03-06"))
        given(url, paused("2023-03-07"))
        assert refused(desk, do(Resolve, "2023-03-08")) == "closed-for-good"
    assert kinds_in(url) == ["received", "paused", "rescheduled", "resolved", "paused"]
    assert versions(kind, url) == [1, 2, 3, 4, 5]


def test_what_comes_back_from_others_counts_once(kind: Kind, url: str) -> None:
    with desk_at(url) as desk:
        told = when(desk, *LIFE[:3])
        given(url, *(orjson.loads(event.model_dump_json(exclude_none=True)) for event in told))
        when(desk, *LIFE)
    assert versions(kind, url) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert statement(ledger_of(url), MARCH)["total"]["resolved"]["early"] == 1


def test_the_statement_is_that_of_the_same_events_in_a_file(url: str, tmp_path: Path) -> None:
    channels = ("online", "in_person", "post")
    with desk_at(url) as desk:
        told = []
        for number in range(12):
            code, length = f"D{number}", 1 + number % len(LIFE)
            facts = DATA[Receive] | {"channel": channels[number % 3]}
            begun = do(Receive, "2023-03-01", f"{code} begun", **facts)
            rest = [c.model_copy(update={"id": f"{code} {c.id}"}) for c in LIFE[1:length]]
            told += when(desk, begun, *rest, code=code)
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(event.model_dump_json(exclude_none=True) for event in told))
    of_desk, of_file = (
        statement(ledger_of(source), MARCH, ["channel"]) for source in (url, str(file))
    )
    assert of_desk == of_file
    assert of_desk["total"]["received"] == 12
    assert of_desk["suspense"]["events"] == 0


def test_to_publish_is_to_follow_the_log(url: str) -> None:
    with desk_at(url) as desk, open_store(url) as store:
        told = when(desk, *LIFE)
        log = list(store.read())
        assert [stored.event() for stored in log] == told
        assert [stored.event() for stored in store.read(log[1].position)] == told[2:]
        notifications = desk.notification_log.select(start=1, limit=10)
        assert [(n.id, n.state) for n in notifications] == [(s.position, s.state) for s in log]


# --- Several at once -----------------------------------------------------------------------------


def interrupted(acts: Sequence[Callable[[], object]]) -> Callable[[], datetime]:
    """A clock; and whenever a desk that has read a dossier looks at it, something happens."""
    pending = iter(acts)

    def clock() -> datetime:
        for act in pending:
            act()
            break
        return NOW

    return clock


def test_what_was_decided_on_a_stale_dossier_is_decided_anew(kind: Kind, url: str) -> None:
    with desk_at(url) as other:
        when(other, LIFE[0])
        ends = interrupted([lambda: when(other, do(Resolve, "2023-03-02", "theirs"))])
        with desk_at(url, ends) as desk:
            assert refused(desk, do(Resolve, "2023-03-03", "ours")) == "closed-for-good"
    assert kinds_in(url) == ["received", "resolved"]
    assert versions(kind, url) == [1, 2]


def test_what_another_did_meanwhile_may_leave_a_command_legal(kind: Kind, url: str) -> None:
    given(url, received("2023-03-01", 5))
    new = interrupted([lambda: given(url, rescheduled("2023-03-02", "2023-03-31"))])
    with desk_at(url, new) as desk:
        when(desk, do(Pause, "2023-03-03"))
    assert kinds_in(url) == ["received", "rescheduled", "paused"]
    assert versions(kind, url) == [1, 2, 3]


def test_two_desks_begin_one_dossier_once(kind: Kind, url: str) -> None:
    with desk_at(url) as other:
        first = interrupted([lambda: when(other, do(Receive, "2023-03-01", "theirs"))])
        with desk_at(url, first) as desk:
            assert refused(desk, do(Receive, "2023-03-01", "ours")) == "reception"
    assert versions(kind, url) == [1]


def test_a_command_given_twice_at_once_is_carried_out_once(kind: Kind, url: str) -> None:
    with desk_at(url) as other, desk_at(url, interrupted([lambda: when(other, *LIFE)])) as desk:
        assert when(desk, LIFE[0]) == []
    assert versions(kind, url) == [1, 2, 3, 4, 5]


def test_a_desk_gives_up_where_others_never_stop(url: str) -> None:
    given(url, received("2023-03-01", 5))
    never = [
        lambda name=f"{number}": given(url, rescheduled("2023-03-02", "2023-03-31") | {"id": name})
        for number in range(ATTEMPTS)
    ]
    with desk_at(url, interrupted(never)) as desk:
        with pytest.raises(StoreUnavailable, match="D1: others keep writing it, try again"):
            desk.carry_out("D1", do(Pause, "2023-03-03"))
        assert len(when(desk, do(Pause, "2023-03-03"))) == 1
    assert kinds_in(url) == ["received", *ATTEMPTS * ["rescheduled"], "paused"]


CODES = [f"D{number}" for number in range(20)]


def race(url: str, name: str, start: Barrier) -> list[str]:
    """What became of resolving each dossier at the same time as others."""
    with desk_at(url) as desk:
        return [resolve_at(start, desk, code, name) for code in CODES]


def resolve_at(start: Barrier, desk: OneStopDesk, code: str, name: str) -> str:
    command = do(Resolve, "2023-03-03", f"{code} {name}")
    start.wait(PATIENCE_S)
    try:
        return f"resolved by {desk.carry_out(code, command)[0].id}"
    except Refused as refusal:
        return refusal.rule.name


def race_of_two(url: str, runners: Executor, start: Barrier) -> None:
    """Of two that resolve every dossier, the one is recorded and the other refused."""
    given(url, *(received("2023-03-01", 5, code=code) for code in CODES))
    desks = [runners.submit(race, url, name, start) for name in ("one", "two")]
    one, two = (desk.result() for desk in desks)
    for code, *outcomes in zip(CODES, one, two, strict=True):
        winner, loser = sorted(outcomes, reverse=True)
        assert winner in (f"resolved by {code} one", f"resolved by {code} two")
        assert loser == "closed-for-good"


def test_of_two_threads_one_resolves_a_dossier(kind: Kind, url: str) -> None:
    with ThreadPoolExecutor(2) as runners:
        race_of_two(url, runners, Barrier(2))
    assert [versions(kind, url, code) for code in CODES] == [[1, 2]] * len(CODES)


def test_of_two_processes_one_resolves_a_dossier(kind: Kind, url: str) -> None:
    with Manager() as manager, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as runners:
        race_of_two(url, runners, manager.Barrier(2))
    assert [versions(kind, url, code) for code in CODES] == [[1, 2]] * len(CODES)


def test_threads_may_share_a_desk(kind: Kind, url: str) -> None:
    with desk_at(url) as desk, ThreadPoolExecutor(4) as runners:
        when(desk, LIFE[0])
        again = [do(Reschedule, "2023-03-02", f"{number}") for number in range(20)]
        assert len(list(runners.map(lambda command: when(desk, command), again))) == 20
    assert versions(kind, url) == [*range(1, 22)]


def test_a_desk_and_a_reader_of_files_write_one_dossier_at_once(kind: Kind, url: str) -> None:
    given(url, received("2023-03-01", 5))
    files = [rescheduled("2023-03-02", "2023-03-31") | {"id": f"file {n}"} for n in range(20)]
    with desk_at(url) as desk, ThreadPoolExecutor(1) as runners:
        reading = runners.map(lambda event: given(url, event), files)
        for number in range(20):
            when(desk, do(Reschedule, "2023-03-02", f"desk {number}"))
        assert len(list(reading)) == 20
        assert len({event.id for event in desk.dossier("D1").recorded}) == 41
    assert versions(kind, url) == [*range(1, 42)]


# --- The page that shows it ----------------------------------------------------------------------


def test_the_page_on_embedding_does_what_it_says(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", page, re.DOTALL)
    assert "sqlite:///hoso.db" in code
    exec(compile(code.replace("sqlite:///hoso.db", url), str(PAGE), "exec"), {})
    assert capsys.readouterr().out == shown

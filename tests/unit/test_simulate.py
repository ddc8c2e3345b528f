"""Is the simulated history always the same, valid, in order, of the mix it promises, and does the
province go through the reform of 1 July 2025 as the law has it?

What each dossier's life means is judged by the reference model.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta, timezone
from itertools import pairwise
from typing import Any

import orjson
import pytest

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import day_number, is_working_day
from hoso.domain.events import EVENT
from hoso.domain.windows import Window
from hoso.projections.ledger.statement import statement as stated
from hoso.tools.inputs import agencies
from hoso.tools.output import csv
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.history import last_two_years, simulate
from hoso.tools.simulation.province import registry
from tests.engine import ledger_of
from tests.model import Calendar, Law, accounts_on, as_recorded, statement

Event = dict[str, Any]
Lives = dict[str, list[Event]]

ZONE = timezone(timedelta(hours=7))
DOSSIERS = 4_000
DAYS = Window(date(2024, 12, 15), date(2026, 11, 29))
SETTLED = "2026-06"  # what came in before has been settled by the last day, if ever
# Of 100 dossiers with seed 1 in these days; another mix has another.
DIGEST = "a58353df1957e6d14ea2ff1ec6ff724d89655ac7ae1f8343d7766b85b19cb0c6"
LAST_OF_DISTRICTS, REFORM = date(2025, 6, 30), date(2025, 7, 1)
NIGHTS = Window(date(2025, 5, 2), date(2025, 8, 29))  # around the reform


def is_working(day: date) -> bool:
    return is_working_day(calendar().days, day_number(day))


def history(dossiers: int, seed: int, days: Window = DAYS) -> list[Event]:
    return list(simulate(dossiers, seed, calendar().days, days))


def written(dossiers: int, seed: int, days: Window = DAYS) -> bytes:
    return b"\n".join(map(orjson.dumps, history(dossiers, seed, days)))


def by_dossier(events: list[Event]) -> Lives:
    found = defaultdict(list)
    for event in events:
        found[event["subject"]].append(event)
    return found


@pytest.fixture(scope="module")
def stream() -> list[Event]:
    return history(DOSSIERS, 2023)


@pytest.fixture(scope="module")
def lives(stream: list[Event]) -> Lives:
    """Each dossier's events."""
    return by_dossier(stream)


@pytest.fixture(scope="module")
def receptions(lives: Lives) -> list[Event]:
    return [events[0] for events in lives.values()]


@pytest.fixture(scope="module")
def around_the_reform() -> Lives:
    return by_dossier(history(DOSSIERS, 7, NIGHTS))


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> AgencyRegistry:
    """The registry, as it is written and read again."""
    file = tmp_path_factory.mktemp("registry") / "agencies.csv"
    file.write_bytes(b"".join(csv.keyed(registry())))
    return agencies.registry(str(file))


def of(kind: str, stream: list[Event]) -> Iterator[Event]:
    return (event for event in stream if event["type"] == f"dossier.{kind}.v1")


def day_of(event: Event) -> date:
    return date.fromisoformat(event["time"][:10])


def account(events: list[Event], day: date) -> str | None:
    """In which account a dossier is on a day; None before its reception."""
    found = accounts_on(as_recorded(events), day, law=Law(), is_working=is_working, zone=ZONE)
    return found.get(events[0]["subject"])


# --- Always the same ----------------------------------------------------------------------------


def test_the_same_seed_and_days_give_the_same_bytes_and_others_others() -> None:
    assert written(300, 1) == written(300, 1)
    assert written(300, 1) != written(300, 2)
    assert written(300, 1) != written(300, 1, DAYS._replace(last=date(2026, 11, 30)))


def test_the_bytes_are_the_same_on_every_python() -> None:
    assert hashlib.sha256(written(100, 1)).hexdigest() == DIGEST


@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-11-29", "2024-12-15"),
        ("2026-12-14", "2024-12-15"),
        ("2026-12-15", "2025-12-15"),
        ("2027-01-01", "2025-12-15"),
    ],
)
def test_the_last_two_years_are_that_of_today_and_the_one_before(today: str, first: str) -> None:
    days = Window(date.fromisoformat(first), date.fromisoformat(today))
    assert last_two_years(days.last) == days


# --- Valid, in order, and of the mix it promises ------------------------------------------------


def test_every_event_is_valid_and_in_order(stream: list[Event]) -> None:
    times = [EVENT.validate_json(orjson.dumps(event)).time for event in stream]
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize("dossiers", [0, 1, 500])
def test_there_are_as_many_dossiers_as_asked_for(dossiers: int) -> None:
    codes = {event["subject"] for event in history(dossiers, 1)}
    assert len(codes) == dossiers


def test_nothing_happens_or_is_recorded_after_the_last_day(stream: list[Event]) -> None:
    last = DAYS.last.isoformat()
    assert max(event["time"] for event in stream)[:10] == last
    assert max(event.get("recordedtime", "") for event in stream)[:10] <= last


def test_every_event_makes_sense_in_the_life_of_its_dossier(lives: Lives) -> None:
    last_day = (DAYS.last, DAYS.last)
    for events in lives.values():
        found = statement(
            as_recorded(events), last_day, law=Law(), is_working=is_working, zone=ZONE
        )
        assert found["suspense"]["events"] == 0, events


def test_dossiers_end_as_the_mix_says(lives: Lives) -> None:
    settled = [events for events in lives.values() if events[0]["time"] < SETTLED]
    ends = Counter(account(events, DAYS.last) for events in settled)
    share = {name: 100 * number / len(settled) for name, number in ends.items()}
    assert 91 < share["resolved.early"] + share["resolved.on_time"] < 96
    assert 1 < share["resolved.overdue"] < 4
    assert 1 < share["cancelled.withdrawn"] + share["cancelled.voided"] < 4
    assert 1 < share["returned.early"] < 3.5
    assert 0 < share["in_progress.overdue"] + share["awaiting_supplement.in_time"] < 1


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("supplement_requested", 4.5, 7.5),
        ("paused", 2, 4),
        ("rescheduled", 1, 3),
        ("annulled", 0.3, 1.2),
        ("arrived", 0.3, 1.5),
        ("reassigned", 0.2, 2),
    ],
)
def test_so_many_of_a_hundred_dossiers_take_a_detour(
    kind: str, low: float, high: float, stream: list[Event]
) -> None:
    assert low < 100 * sum(1 for _ in of(kind, stream)) / DOSSIERS < high


def test_some_events_are_late_and_some_are_sent_twice(stream: list[Event]) -> None:
    late = [event for event in stream if "recordedtime" in event]
    assert 0.02 < len(late) / len(stream) < 0.04
    assert all(event["time"] < event["recordedtime"] for event in late)
    again = len(stream) - len({event["id"] for event in stream})
    assert 0.0005 < again / len(stream) < 0.004


def test_receptions_fill_the_years_and_only_the_online_desk_never_closes(
    lives: Lives, receptions: list[Event]
) -> None:
    days = {day_of(event) for event in receptions}
    assert min(days) < DAYS.first + timedelta(10)
    assert max(days) == DAYS.last or not is_working(DAYS.last)
    assert sum(map(is_working, days)) > 450
    again = {
        event["data"]["replaced_by"]
        for events in lives.values()
        for event in events
        if event["data"].get("reason") == "re_entered" and "replaced_by" in event["data"]
    }
    at_rest = {
        event["data"]["channel"]
        for event in receptions
        if event["subject"] not in again
        and (not is_working(day_of(event)) or not "07:30" <= event["time"][11:16] <= "16:30")
    }
    assert at_rest == {"online"}


def test_a_stated_due_day_is_the_one_that_the_allowance_gives(receptions: list[Event]) -> None:
    stated = [event for event in receptions if "due" in event["data"]]
    assert stated
    for event in stated:
        allowance = event["data"]["allowance"]
        due = Calendar(is_working).fresh(day_of(event), allowance["unit"], allowance["value"])
        assert event["data"]["due"] == due.isoformat()


# --- What edition 2 of the contract added -------------------------------------------------------

NEW: dict[str, tuple[Callable[[Event], bool], float, float]] = {
    # what an event says, and how many of a hundred dossiers have such an event
    "online, in full": (lambda data: data.get("online_service") == "full", 25, 60),
    "online, in part": (lambda data: data.get("online_service") == "partial", 3, 25),
    "taken in elsewhere": (lambda data: "received_at" in data, 0.3, 1.5),
    "expired": (lambda data: data.get("reason") == "expired", 0.1, 1),
    "duplicate": (lambda data: data.get("reason") == "duplicate", 0.1, 1),
    "re-entered": (lambda data: data.get("reason") == "re_entered", 0.1, 1),
    "replaced": (lambda data: "replaced_by" in data, 0.2, 1.5),
    "with an apology": (lambda data: data.get("apology") is True, 0.5, 3),
    "without one": (lambda data: data.get("apology") is False, 0.01, 1),
    "an official": (lambda data: "official" in data, 80, 250),
}


@pytest.mark.parametrize("name", NEW)
def test_each_new_field_is_there_at_a_likely_rate(name: str, stream: list[Event]) -> None:
    says, low, high = NEW[name]
    assert low < 100 * sum(says(event["data"]) for event in stream) / DOSSIERS < high


def test_some_online_dossiers_do_not_say_how_much_is_done_online(receptions: list[Event]) -> None:
    online = [event["data"] for event in receptions if event["data"]["channel"] == "online"]
    assert any("online_service" not in data for data in online)


def test_who_takes_a_dossiers_place_is_another_dossier_of_the_history(lives: Lives) -> None:
    kinds = set()
    for events in lives.values():
        for event in of("cancelled", events):
            if code := event["data"].get("replaced_by"):
                other, first = lives[code][0], events[0]
                assert other["subject"] != first["subject"]
                assert other["data"]["procedure"] == first["data"]["procedure"]
                if event["data"]["reason"] == "re_entered":
                    assert day_of(other) == day_of(event)
                    assert other["time"] > event["time"]
                else:
                    assert other["time"] <= first["time"]
                kinds.add(event["data"]["reason"])
    assert kinds == {"duplicate", "re_entered"}


def test_a_dossier_expires_fifteen_days_after_the_request_and_only_since_july_2025(
    lives: Lives,
) -> None:
    expired = 0
    for events in lives.values():
        for event in of("cancelled", events):
            if event["data"]["reason"] == "expired":
                [request] = {day_of(asked) for asked in of("supplement_requested", events)}
                assert day_of(event) - request > timedelta(15)
                assert day_of(event) >= date(2025, 7, 1)
                expired += 1
    assert expired


def test_what_another_office_took_in_arrives_once(lives: Lives, bodies: AgencyRegistry) -> None:
    elsewhere = 0
    for events in lives.values():
        received = events[0]["data"]
        arrivals = {event["id"] for event in of("arrived", events)}
        if office := received.get("received_at"):
            assert office != received["agency"]
            assert bodies.agencies[office].is_in_force(day_of(events[0]))
            assert len(arrivals) == 1 or day_of(events[0]) > DAYS.last - timedelta(14)
            elsewhere += 1
        else:
            assert not arrivals
    assert elsewhere


def test_a_new_appointment_with_notice_moves_the_due_day_and_one_without_does_not(
    lives: Lives,
) -> None:
    with_notice: set[str | None] = set()
    without: set[str | None] = set()
    for events in lives.values():
        if not (appointments := list(of("rescheduled", events))) or "due" not in events[0]["data"]:
            continue
        in_time = day_of(appointments[0]).isoformat() < events[0]["data"]["due"]
        (with_notice if in_time else without).add(account(events, DAYS.last))
    assert "resolved.on_time" in with_notice
    assert without <= {"resolved.overdue", "in_progress.overdue"} != set()


# --- The reform ---------------------------------------------------------------------------------


def test_every_agency_exists_on_the_day_and_has_its_level(
    receptions: list[Event], around_the_reform: Lives, bodies: AgencyRegistry
) -> None:
    for event in (*receptions, *(events[0] for events in around_the_reform.values())):
        agency = bodies.agencies[event["data"]["agency"]]
        assert agency.is_in_force(day_of(event)), event
        assert agency.level == event["data"]["level"]


def test_no_district_receives_a_dossier_after_30_june_2025(receptions: list[Event]) -> None:
    levels: defaultdict[bool, set[str]] = defaultdict(set)
    for event in receptions:
        levels[day_of(event) > LAST_OF_DISTRICTS].add(event["data"]["level"])
    assert levels == {False: {"province", "district", "commune"}, True: {"province", "commune"}}


def test_each_dossier_that_a_district_has_in_hand_is_reassigned_once_to_a_commune(
    around_the_reform: Lives, bodies: AgencyRegistry
) -> None:
    in_hand = 0
    for events in around_the_reform.values():
        moves = {
            event["id"]: event["data"]
            for event in of("reassigned", events)
            if day_of(event) == REFORM
        }
        by_reform = [move for move in moves.values() if move["reason"] == "reform"]
        level = _level_at_the_end(events)
        is_open = (account(events, LAST_OF_DISTRICTS) or "").startswith(OPEN)
        assert len(by_reform) == (level == "district" and is_open), events
        for move in by_reform:
            commune = bodies.agencies[move["agency"]]
            assert (move["level"], commune.level, commune.parent) == ("commune", "commune", "H52")
            in_hand += 1
    assert in_hand > 20


OPEN = ("in_progress", "awaiting_supplement", "paused")


def _level_at_the_end(events: list[Event]) -> str:
    """The level at which a dossier stands at the end of 30/06/2025."""
    said = [
        event["data"]
        for kind in ("received", "reassigned")
        for event in of(kind, events)
        if day_of(event) <= LAST_OF_DISTRICTS
    ]
    return str(said[-1]["level"]) if said else ""


def test_districts_hand_everything_over_and_every_line_balances(around_the_reform: Lives) -> None:
    ledger = ledger_of([event for events in around_the_reform.values() for event in events])
    whole = stated(ledger, Window(REFORM, NIGHTS.last), ["level"])
    lines = {line["slice"]["level"]: line for line in whole["lines"]}
    district = lines["district"]
    assert district["carried_forward"] == district["received"] == 0
    assert district["transferred"]["out"] == district["carried_over"] > 20
    assert whole["total"]["transferred"]["in"] == whole["total"]["transferred"]["out"]
    for line in (*lines.values(), whole["total"]):
        left = line["carried_over"] + line["received"] + line["transferred"]["in"]
        closed = (line[name]["total"] for name in ("resolved", "returned", "cancelled"))
        assert left == sum(closed) + line["transferred"]["out"] + line["carried_forward"]


def test_departments_merge_and_communes_begin_directly_under_the_province(
    bodies: AgencyRegistry,
) -> None:
    merged = Counter(
        each.successor for each in bodies.agencies.values() if each.level == "province"
    )
    assert max(number for code, number in merged.items() if code) >= 2
    now = bodies.on(REFORM)
    for each in bodies.agencies.values():
        if each.level == "district":
            assert (each.valid_to, each.successor) == (LAST_OF_DISTRICTS, None)
        if each.level == "commune" and each.valid_from == REFORM:
            assert each.parent == "H52"
            assert now.is_in_force(each.code)

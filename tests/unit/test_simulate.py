"""Is the simulated stream always the same, valid, in order, and of the mix it promises?"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta, timezone
from itertools import pairwise
from typing import Any

import orjson
import pytest

from hoso.domain.calendar import day_number, is_working_day
from hoso.domain.events import EVENT
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.year import simulate
from tests.model import Calendar, accounts_on, as_recorded, statement

Event = dict[str, Any]

ZONE = timezone(timedelta(hours=7))
DOSSIERS = 4_000
YEAR = (date(2022, 9, 1), date(2023, 8, 31))
# Of 100 dossiers with seed 1; another mix has another.
DIGEST = "ede2933b234bbce127764c90c439e4e1174fa9a76c487aaf5e4c75a3eada2d9f"
LONG_AFTER = date(2024, 12, 31)


def is_working(day: date) -> bool:
    return is_working_day(calendar().days, day_number(day))


def written(dossiers: int, seed: int) -> bytes:
    return b"\n".join(map(orjson.dumps, simulate(dossiers, seed, calendar().days)))


@pytest.fixture(scope="module")
def stream() -> list[Event]:
    return list(simulate(DOSSIERS, 2023, calendar().days))


@pytest.fixture(scope="module")
def lives(stream: list[Event]) -> dict[str, list[Event]]:
    """Each dossier's events."""
    found = defaultdict(list)
    for event in stream:
        found[event["subject"]].append(event)
    return found


@pytest.fixture(scope="module")
def receptions(lives: dict[str, list[Event]]) -> list[Event]:
    return [events[0] for events in lives.values()]


def of(kind: str, stream: list[Event]) -> Iterator[Event]:
    return (event for event in stream if event["type"] == f"dossier.{kind}.v1")


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    assert written(300, 1) == written(300, 1)
    assert written(300, 1) != written(300, 2)


def test_the_bytes_are_the_same_on_every_python() -> None:
    assert hashlib.sha256(written(100, 1)).hexdigest() == DIGEST


def test_every_event_is_valid_and_in_order(stream: list[Event]) -> None:
    times = [EVENT.validate_json(orjson.dumps(event)).time for event in stream]
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize("dossiers", [0, 1, 500])
def test_there_are_as_many_dossiers_as_asked_for(dossiers: int) -> None:
    codes = {event["subject"] for event in simulate(dossiers, 1, calendar().days)}
    assert len(codes) == dossiers


def test_every_event_makes_sense_in_the_life_of_its_dossier(lives: dict[str, list[Event]]) -> None:
    for events in lives.values():
        found = statement(
            as_recorded(events), (YEAR[0], LONG_AFTER), is_working=is_working, zone=ZONE
        )
        assert found["suspense"]["events"] == 0, events


def test_dossiers_end_as_the_mix_says(lives: dict[str, list[Event]]) -> None:
    ends: Counter[str] = Counter()
    for events in lives.values():
        ends.update(
            accounts_on(as_recorded(events), LONG_AFTER, is_working=is_working, zone=ZONE).values()
        )
    share = {name: 100 * number / DOSSIERS for name, number in ends.items()}
    assert 91 < share["resolved.early"] + share["resolved.on_time"] < 96
    assert 1 < share["resolved.overdue"] < 4
    assert 1 < share["cancelled.withdrawn"] + share["cancelled.voided"] < 3
    assert 1 < share["returned.early"] < 3.5
    assert 0 < share["in_progress.overdue"] + share["awaiting_supplement.in_time"] < 1


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("supplement_requested", 4.5, 7.5),
        ("paused", 2, 4),
        ("rescheduled", 0.5, 1.6),
        ("annulled", 0.3, 1.2),
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


def test_receptions_fill_the_year_and_only_the_online_desk_never_closes(
    receptions: list[Event],
) -> None:
    days = {date.fromisoformat(event["time"][:10]) for event in receptions}
    assert YEAR[0] <= min(days)
    assert max(days) <= YEAR[1]
    assert sum(map(is_working, days)) > 240
    at_rest = {
        event["data"]["channel"]
        for event in receptions
        if not is_working(date.fromisoformat(event["time"][:10]))
        or not "07:30" <= event["time"][11:16] <= "16:30"
    }
    assert at_rest == {"online"}


def test_a_stated_due_day_is_the_one_that_the_allowance_gives(receptions: list[Event]) -> None:
    stated = [event for event in receptions if "due" in event["data"]]
    assert stated
    for event in stated:
        allowance, start = event["data"]["allowance"], date.fromisoformat(event["time"][:10])
        due = Calendar(is_working).fresh(start, allowance["unit"], allowance["value"])
        assert event["data"]["due"] == due.isoformat()

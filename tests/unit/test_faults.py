"""Are faults planted where the profile says, at its rates, in lives that make sense, and does every
other dossier live as without them?"""

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from hoso.domain.calendar import day_number
from hoso.domain.errors import UserError
from hoso.domain.events import EVENT
from hoso.domain.windows import Window
from hoso.tools.jobs.simulate import Wanted, province_with_faults
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.faults import Fault, Planted, Planting
from hoso.tools.simulation.history import simulate
from hoso.tools.simulation.patterns import BURST, PATTERNS
from hoso.tools.simulation.province import catalogue
from tests.engine import LOCAL, is_working, ledger_of
from tests.model import as_recorded
from tests.patterns import OF_ONE_LIFE, Asked, Seen, seen

Event = dict[str, Any]
Lives = dict[str, list[Event]]

DAYS = Window(date(2024, 12, 15), date(2026, 11, 29))
DOSSIERS, SEED = 6_000, 5
EVERYWHERE = [Fault(check, 0.04, frozenset()) for check in PATTERNS]
COMMUNES = frozenset({"H52.31", "H52.32"})
PROFILE = Path(__file__).parents[1] / "data" / "faults" / "profile.yaml"


def history(faults: list[Fault] | None, **options: Any) -> tuple[list[Event], list[Planted]]:
    """A history with faults, and what was planted; without faults for None."""
    days = calendar().days
    planting = None if faults is None else Planting(faults, SEED, days, day_number(DAYS.last))
    events = list(simulate(DOSSIERS, SEED, days, DAYS, planting=planting, **options))
    return events, [] if planting is None else planting.planted


def by_dossier(events: list[Event]) -> Lives:
    lives: Lives = {}
    for event in events:
        lives.setdefault(event["subject"], []).append(event)
    return lives


@pytest.fixture(scope="module")
def faulty() -> tuple[list[Event], list[Planted]]:
    return history(EVERYWHERE)


def test_every_other_dossier_lives_as_without_faults(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    events, planted = faulty
    with_faults, without = by_dossier(events), by_dossier(history(None)[0])
    shows = {each.dossier for each in planted}
    assert len(without) == DOSSIERS
    assert all(with_faults[code] == life for code, life in without.items() if code not in shows)
    assert any(with_faults[code] != life for code, life in without.items())
    replaced = {event["data"].get("replaced_by") for event in events}
    assert with_faults.keys() - without.keys() <= shows | replaced


def test_the_same_seed_plants_the_same_and_one_fault_moves_no_other(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    assert history(EVERYWHERE) == faulty
    first = EVERYWHERE[0].check
    _, alone = history(EVERYWHERE[:1])
    assert alone == [each for each in faulty[1] if each.check == first]


def test_lives_with_faults_are_valid_in_order_and_leave_nothing_in_suspense(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    events, _ = faulty
    times = [EVENT.validate_json(orjson.dumps(event)).time for event in events]
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert max(event["time"] for event in events)[:10] <= str(DAYS.last)
    assert max(event.get("recordedtime", "") for event in events)[:10] <= str(DAYS.last)
    assert len(ledger_of(events).folded.suspense.row) == 0


def test_the_list_names_an_event_of_the_dossier_and_a_day_on_which_it_is_known(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    events, planted = faulty
    known = {(event["source"], event["id"]): event for event in events}
    assert len({each.dossier for each in planted}) == len(planted)
    for each in planted:
        event = known[each.source, each.id]
        assert event["subject"] == each.dossier
        assert event["time"][:10] <= each.day <= str(DAYS.last)
        assert event.get("recordedtime", "")[:10] <= str(DAYS.last)


def test_each_fault_is_planted_at_its_rate_where_dossiers_can_show_it(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    counted = Counter(each.check for each in faulty[1])
    assert counted.keys() == PATTERNS.keys()
    for check in ("no_notice", "recorded_late", "sent_back_on_due_day", "re_entered"):
        assert 0.03 < counted[check] / DOSSIERS < 0.05, check
    assert all(number < 0.05 * DOSSIERS for number in counted.values())


def test_each_planted_fault_shows_its_pattern_on_its_day(
    faulty: tuple[list[Event], list[Planted]],
) -> None:
    """The judge is the reference, which knows nothing of the simulation."""
    events, planted = faulty
    lives = by_dossier(events)
    allowances = {row["procedure"]: (row["unit"], int(row["allowance"])) for row in catalogue()}
    asked = Asked(is_working, LOCAL, catalogue=allowances)
    alone = [each for each in planted if each.check in OF_ONE_LIFE]
    for each in alone[:1000]:
        steps = asked.steps(as_recorded(lives[each.dossier]), DAYS.last)[each.dossier]
        found = Seen(each.check, date.fromisoformat(each.day))
        assert found in [*seen(steps, DAYS.last, asked)], each
    assert {each.check for each in alone[:1000]} == {*OF_ONE_LIFE}


def test_faults_are_planted_in_the_bodies_of_the_profile_only() -> None:
    _, planted = history([Fault("no_notice", 0.5, COMMUNES), Fault("burst", 0.3, COMMUNES)])
    assert {each.agency for each in planted} == COMMUNES
    assert {each.check for each in planted} == {"no_notice", "burst"}


def test_a_burst_is_closed_by_one_body_within_one_minute() -> None:
    events, planted = history([Fault("burst", 0.3, frozenset())])
    closed = {event["id"]: event["time"][:16] for event in events}
    bursts = Counter((each.agency, closed[each.id]) for each in planted)
    assert bursts
    assert all(number % BURST == 0 for number in bursts.values())


def test_a_re_entered_dossier_names_the_one_that_takes_its_place() -> None:
    events, planted = history([Fault("re_entered", 0.2, frozenset())])
    lives, named = by_dossier(events), {event["id"]: event for event in events}
    chains = 0
    for each in planted:
        cancelled = named[each.id]
        code = cancelled["data"]["replaced_by"]
        again = lives[code][0]
        assert cancelled["data"]["reason"] == "re_entered"
        assert again["time"][:10] == cancelled["time"][:10]
        assert again["time"] > cancelled["time"]
        assert again["data"]["procedure"] == lives[each.dossier][0]["data"]["procedure"]
        chains += any(other.dossier == code for other in planted)
    assert chains  # some are re-entered once more


def test_with_quality_facts_the_lives_are_the_same() -> None:
    faults = [Fault("no_notice", 0.2, frozenset()), Fault("re_entered", 0.2, frozenset())]
    events, planted = history(faults, facts=True)
    lives, bare = history(faults)
    named = {event["id"] for event in lives}
    assert [event for event in events if event["id"] in named] == lives
    assert planted == bare


def test_the_example_profile_plants_every_check(tmp_path: Path) -> None:
    listed = tmp_path / "planted.csv"
    wanted = Wanted(DOSSIERS, SEED, DAYS, facts=False)
    province_with_faults(wanted, str(tmp_path / "events.jsonl"), str(PROFILE), str(listed))
    heading, *rows = listed.read_text(encoding="utf-8-sig").splitlines()
    assert heading == "check,dossier,source,id,agency,day"
    assert {row.partition(",")[0] for row in rows} == PATTERNS.keys()


@pytest.mark.parametrize(
    ("profile", "fault"),
    [
        ("faults:", ":1: plants nothing; write faults:"),
        ("faults: []\nother: 1", ":2: other: no such key; use faults"),
        ("faults:\n- {check: lies, rate: 0.1}", ":2: faults[1].check: no check 'lies'; use paused"),
        ("faults:\n- {rate: 0.1}", ":2: faults[1].check: no check ''; use"),
        (
            "faults:\n- {check: burst}",
            ":2: faults[1].rate: is no share; write a number from 0 to 1",
        ),
        ("faults:\n- check: burst\n  rate: 1.01", ":3: faults[1].rate: is no share"),
        ("faults:\n- {check: burst, rate: -0.1}", "is no share"),
        ("faults:\n- {check: burst, rate: '0.1'}", "is no share"),
        ("faults:\n- {check: burst, rate: yes}", "is no share"),
        ("faults:\n- {check: burst, rate: 1, bodies: [H9]}", "has no body 'H9'; --registry"),
        ("faults:\n- {check: burst, rate: 1, bodies: H52.01}", "is no list; write [H52.01"),
        ("faults:\n- {check: burst, rate: 1, body: [H52.01]}", "faults[1].body: no such key"),
        ("faults:\n- burst", ":2: faults[1]: is no fault; write check: and rate:"),
        (
            "faults:\n- {check: burst, rate: 0.6}\n- {check: no_notice, rate: 0.6}",
            ":2: faults: the rates of H52.01 add up to 1.20; at most 1",
        ),
    ],
)
def test_a_bad_profile_is_one_line_and_nothing_is_written(
    profile: str, fault: str, tmp_path: Path
) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(profile, encoding="utf-8")
    wanted = Wanted(9, SEED, DAYS, facts=False)
    with pytest.raises(UserError) as raised:
        province_with_faults(wanted, str(tmp_path / "e"), str(file), str(tmp_path / "p"))
    assert fault in str(raised.value)
    assert "\n" not in str(raised.value)
    assert [each.name for each in tmp_path.iterdir()] == ["profile.yaml"]

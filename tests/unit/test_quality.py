"""Are simulated quality facts those of the same lives, valid, and of the shares they promise?"""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import orjson
import pytest

from hoso.domain.events import EVENT
from hoso.domain.kinds import FIRST_FACT, KIND_OF
from hoso.domain.windows import Window
from hoso.projections.reports.basis.inputs import parse_catalogue as catalogue_in
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.history import simulate
from hoso.tools.simulation.province import BEFORE, SINCE, catalogue
from hoso.tools.simulation.volume import events_of, provinces
from tests.engine import ledger_of

Event = dict[str, Any]
DOSSIERS = 3_000
DAYS = Window(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def stream() -> list[Event]:
    return list(simulate(DOSSIERS, 7, calendar().days, DAYS, facts=True))


def is_fact(event: Event) -> bool:
    """Whether it is a quality fact, or takes one back."""
    told = event["data"].get("event_id", "")
    return KIND_OF[event["type"]] >= FIRST_FACT or ".q" in told


def test_the_lives_are_the_same_with_facts_or_without(stream: list[Event]) -> None:
    without = list(simulate(DOSSIERS, 7, calendar().days, DAYS))
    assert [event for event in stream if not is_fact(event)] == without


def test_the_same_seed_gives_the_same_facts() -> None:
    one, again, other = (
        b"".join(map(orjson.dumps, simulate(100, seed, calendar().days, DAYS, facts=True)))
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_every_fact_is_valid_in_order_and_none_is_in_suspense(stream: list[Event]) -> None:
    for event in stream:
        EVENT.validate_json(orjson.dumps(event))
    times = [event["time"] for event in stream]
    assert times == sorted(times)
    assert len(ledger_of(stream).folded.suspense.row) == 0


def test_every_kind_is_there_in_about_the_shares_that_were_published(stream: list[Event]) -> None:
    counted: Counter[str] = Counter()
    said: defaultdict[str, set[str]] = defaultdict(set)
    for event in filter(is_fact, stream):
        kind = event["type"].split(".")[1]
        counted[kind] += 1
        said[f"{kind}.{event['data'].get('part', '')}"].add(event["subject"])
    facts = ("digitised", "paid", "rated", "synced", "reused", "contacted", "complained")
    assert all(counted[kind] for kind in (*facts, "transferred", "step_done", "annulled"))
    assert len(said["digitised.components"]) / DOSSIERS == pytest.approx(0.967, abs=0.02)
    assert len(said["synced."]) / DOSSIERS == pytest.approx(12_135 / 14_556, abs=0.03)


def test_a_country_has_facts_too_where_asked() -> None:
    [province] = provinces(200, 3, DAYS, facts=True)
    [plain] = provinces(200, 3, DAYS)
    assert "paid" in events_of(province)["type"].unique().to_pylist()
    assert "paid" not in events_of(plain)["type"].unique().to_pylist()


def test_the_catalogue_has_every_procedure_of_the_province() -> None:
    offered = catalogue_in("procedures.csv", catalogue())
    desks = (*BEFORE.desks.values, *SINCE.desks.values)
    assert {desk.procedure for desk in desks} == set(offered.of(None))


def test_a_step_says_who_finished_it(stream: list[Event]) -> None:
    done = [event for event in stream if event["type"] == "dossier.step_done.v1"]
    assert any("official" in event["data"] for event in done)

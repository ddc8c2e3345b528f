"""Does the made-up stream give Sơn La's printed quarter, dossier for dossier?

Judged by the reference model, which shares nothing with the rules the stream was drawn with.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta, timezone
from typing import Any

import orjson
import pytest

from hoso.domain.calendar import day_number, is_working_day
from hoso.domain.events import EVENT
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.son_la import (
    FIGURES,
    IN_NO_CATEGORY,
    PLAN,
    PUBLISHED,
    WINDOW,
    son_la_quarter,
)
from tests.model import accounts_on, as_recorded

Event = dict[str, Any]

ZONE = timezone(timedelta(hours=7))
BLOCKS = tuple(PUBLISHED)


@pytest.fixture(scope="module")
def stream() -> list[Event]:
    """The events as the demo gets them."""
    return son_la_quarter(calendar().days)


@pytest.fixture(scope="module")
def figures(stream: list[Event]) -> dict[str, Counter[str]]:
    """The quarter's figures of each block, every dossier looked at on two days."""
    dossiers = defaultdict(list)
    for event in stream:
        dossiers[event["subject"]].append(event)
    counts: dict[str, Counter[str]] = {block: Counter() for block in BLOCKS}
    for events in dossiers.values():
        before = standing(events, WINDOW.first - timedelta(1))
        after = standing(events, WINDOW.last)
        is_online = events[0]["data"]["channel"] == "online"
        for block in BLOCKS if is_online else ("all channels",):
            counts[block][f"{before} -> {after}"] += 1
    return {block: in_printed_terms(moves) for block, moves in counts.items()}


def standing(events: list[Event], day: date) -> str:
    """The account of one dossier on a day; outside before its reception."""
    accounts = accounts_on(
        as_recorded(events),
        day,
        is_working=lambda d: is_working_day(calendar().days, day_number(d)),
        zone=ZONE,
    )
    return accounts.get(events[0]["subject"], "outside")


def in_printed_terms(moves: Counter[str]) -> Counter[str]:
    """What was carried over and received, and where it stands at the end."""
    counted: Counter[str] = Counter()
    for move, number in moves.items():
        before, after = move.split(" -> ")
        if after == "outside" or before.startswith(("resolved", "returned", "cancelled")):
            continue
        counted["received" if before == "outside" else "carried_over"] += number
        counted[after] += number
    return counted


@pytest.mark.parametrize("block", BLOCKS)
def test_the_stream_gives_every_printed_figure(
    block: str, figures: dict[str, Counter[str]]
) -> None:
    found = figures[block]
    given = {name: sum(found[account] for account in FIGURES[name]) for name in FIGURES}
    given |= {name: found[name] for name in ("carried_over", "received")}
    assert given == PUBLISHED[block]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_dossiers_in_no_category_are_overdue_and_nothing_is_left_over(
    block: str, figures: dict[str, Counter[str]]
) -> None:
    found = figures[block]
    assert found["in_progress.overdue"] == IN_NO_CATEGORY[block]
    assert found["awaiting_supplement.overdue"] == found["paused.overdue"] == 0
    assert found.total() == 2 * (found["carried_over"] + found["received"])


def test_the_report_is_short_of_just_those_dossiers() -> None:
    for block, printed in PUBLISHED.items():
        total = printed["carried_over"] + printed["received"]
        assert total - sum(printed[name] for name in FIGURES) == IN_NO_CATEGORY[block]


def test_dossiers_are_overdue_for_different_reasons() -> None:
    reasons = [cohort.course for cohort in PLAN if cohort.account == "resolved.overdue"]
    assert len(set(reasons)) == 3


def test_every_event_is_valid_and_in_order(stream: list[Event]) -> None:
    times = [EVENT.validate_json(orjson.dumps(event)).time for event in stream]
    assert times == sorted(times)
    assert len({event["id"] for event in stream}) == len(stream)


def test_the_stream_is_the_same_every_time(stream: list[Event]) -> None:
    assert orjson.dumps(son_la_quarter(calendar().days)) == orjson.dumps(stream)


def test_the_history_goes_on_after_the_quarter(stream: list[Event]) -> None:
    afterwards = [event for event in stream if event["time"] > "2023-03-15"]
    assert stream[0]["time"] > "2022-10"
    assert "2023-06-10" < stream[-1]["time"] < "2023-06-15"
    assert sum(event["type"] == "dossier.received.v1" for event in afterwards) == 420

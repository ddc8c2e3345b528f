"""Does each check find every dossier that shows its pattern, and no innocent neighbour?

``tests.pattern_lives`` builds lives of which the contract's words say whether they show a pattern,
and ``tests.patterns`` is a second, slow judge of any life. Neither knows anything of the engine.
"""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.projections.integrity.in_json import as_json
from tests import model
from tests.engine import LOCAL, examples, found_by_checks, integrity, is_working
from tests.histories import as_ofs_in_law, histories_in_law, windows_in_law
from tests.model import REGIMES, Law, as_recorded
from tests.pattern_lives import CASES, FIRST, LAST, PROCEDURES, batches
from tests.patterns import (
    OF_ONE_LIFE,
    Asked,
    FarMore,
    Thresholds,
    bursts,
    found,
    last_day,
    populations,
)

Event = dict[str, Any]

ONE_DAY = timedelta(1)
IN_TIME = ("resolved.early", "resolved.on_time")
CLOSINGS: tuple[tuple[str, Event], ...] = (
    ("resolved", {"outcome": "granted"}),
    ("returned", {"reason": "not_eligible"}),
    ("cancelled", {"reason": "withdrawn"}),
)

LAWS = (
    *(Law(regime) for regime in ("in_force", "in_force", *REGIMES)),
    Law(pinned={"supplement_limit": 2}),
    Law(pinned={"reschedule_notice": 3}),
    Law(pinned={"reschedule": "keep_original"}),
)


THRESHOLDS = st.builds(
    Thresholds, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)
)


def by_check(than: Thresholds) -> dict[str, dict[str, int]]:
    """Thresholds as a profile has them."""
    names = ("paused_on_due_day", "recorded_after_due", "resolved_at_once", "recorded_late")
    return {
        check: {name: number}
        for check, (name, number) in zip(names, than._asdict().items(), strict=True)
    }


@pytest.mark.parametrize("check", CASES)
@examples(15)
@given(data=st.data())
def test_a_check_finds_what_shows_its_pattern_and_no_innocent_neighbour(
    check: str, data: DataObject
) -> None:
    events, must = data.draw(batches(check))
    asked = Asked(is_working, LOCAL, catalogue=PROCEDURES)
    seen = found(as_recorded(events), (FIRST, LAST), asked)[check]
    assert seen.keys() == must  # the judges agree
    result = integrity(events, (FIRST, LAST), catalogue=PROCEDURES)
    assert found_by_checks(result)[check] == seen


@examples(60)
@given(data=st.data())
def test_in_any_history_by_any_law_the_checks_find_what_the_slow_judge_sees(
    data: DataObject,
) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    law, than = data.draw(st.sampled_from(LAWS)), data.draw(THRESHOLDS)
    asked = Asked(is_working, LOCAL, law, as_of, catalogue=PROCEDURES, thresholds=than)
    given: dict[str, Any] = {"law": law, "as_of": as_of, "catalogue": PROCEDURES}
    result = integrity(events, window, thresholds=by_check(than), **given)
    seen, log = found_by_checks(result), as_recorded(events)
    assert {name: seen[name] for name in OF_ONE_LIFE} == found(log, window, asked)
    of = {each.name: each.effect and each.effect.of for each in result.checks}
    assert {name: of[name] for name in OF_ONE_LIFE} == populations(log, window, asked)


@examples(40)
@given(data=st.data())
def test_what_is_recorded_later_changes_nothing_as_of_a_moment(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    if as_of is None:
        as_of = datetime.combine(window[1], datetime.min.time(), LOCAL)
    known = [item.event for item in as_recorded(events) if item.recorded <= as_of]
    asked: dict[str, Any] = {"as_of": as_of, "catalogue": PROCEDURES}
    assert as_json(integrity(events, window, **asked)) == as_json(integrity(known, window, **asked))


@examples(60)
@given(data=st.data())
def test_the_on_time_rate_is_the_statements_and_falls_by_what_was_found(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window = data.draw(windows_in_law(events))
    log = as_recorded(events)
    law: dict[str, Any] = {"law": Law(), "is_working": is_working, "zone": LOCAL}
    resolved = model.statement(log, window, **law)["total"]["resolved"]
    before = model.accounts_on(log, window[0] - ONE_DAY, **law)
    in_time = {
        code
        for code, account in model.accounts_on(log, window[1], **law).items()
        if account in IN_TIME and before.get(code) not in IN_TIME
    }
    for result in integrity(events, window, catalogue=PROCEDURES).checks:
        taken = in_time & set(result.findings["dossier"].to_pylist())
        assert result.effect is not None
        rates = [result.effect.on_time_rate, result.effect.on_time_rate_without]
        counts = [len(in_time), len(in_time - taken)]
        total = resolved["total"]
        assert rates == [Fraction(count, total) if total else None for count in counts]


# --- Many dossiers at once ----------------------------------------------------------------------

DAYS = 10  # of a window
PAST = 8  # windows before it
END = date(2026, 3, 1)  # a Sunday: the last working day is Friday 27 February
WINDOWS = [
    (END - timedelta(days=DAYS * (n + 1) - 1), END - timedelta(days=DAYS * n))
    for n in reversed(range(PAST + 1))
]


@st.composite
def closed_together(draw: DrawFn) -> list[Event]:
    """Dossiers of two agencies, closed within few minutes, many of them at the ends of windows."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 60))):
        window = draw(st.sampled_from((*WINDOWS, *([WINDOWS[-1]] * 6))))
        end = window[1] - timedelta(days=draw(st.sampled_from((0, 1, 2, 2, 3, 9))))
        clock = draw(st.sampled_from(("16:55:01", "16:55:59", "16:56:00", "00:00:00", "09:00:00")))
        data = {
            "agency": draw(st.sampled_from(("so_xd", "so_tnmt"))),
            "field": "f",
            "procedure": "p",
            "channel": "online",
            "allowance": {"value": 5, "unit": "working_days"},
        }
        kind, reason = draw(st.sampled_from(CLOSINGS))
        told = [("received", f"{end - 9 * ONE_DAY}T08:00:00+07:00", data)]
        told.append((kind, f"{end}T{clock}+07:00", reason))
        events += [_event(f"D{number}", place, *each) for place, each in enumerate(told)]
    return events


def _event(code: str, place: int, kind: str, moment: str, data: Event) -> Event:
    return {
        "specversion": "1.0",
        "id": f"{code}.{place}",
        "source": "/s",
        "subject": code,
        "type": f"dossier.{kind}.v1",
        "time": moment,
        "data": data,
    }


@examples(60)
@given(closed_together(), st.integers(1, 4))
def test_a_burst_is_as_many_closings_of_an_agency_in_a_minute_as_the_threshold_says(
    events: list[Event], least: int
) -> None:
    result = integrity(events, WINDOWS[-1], thresholds={"burst": {"closings": least}})
    asked = Asked(is_working, LOCAL)
    expected = bursts(as_recorded(events), WINDOWS[-1], asked, least)
    assert found_by_checks(result)["burst"].keys() == expected


@examples(60)
@given(
    closed_together(),
    st.builds(
        FarMore, st.integers(1, 4), st.integers(1, 4), st.integers(0, 3), st.integers(1, PAST)
    ),
)
def test_closings_of_the_last_day_are_compared_with_chance_and_the_agencys_own_past(
    events: list[Event], far: FarMore
) -> None:
    result = integrity(events, WINDOWS[-1], thresholds={"last_day": far._asdict()})
    expected = last_day(as_recorded(events), WINDOWS, Asked(is_working, LOCAL), far)
    assert found_by_checks(result)["last_day"].keys() == expected

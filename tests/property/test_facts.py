"""Properties of quality facts: measures agree with the model, and facts move no dossier."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain import law
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.ledger import drilldown as drilldowns
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.explain import explain
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.quality import MEASURES
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import statement
from hoso.projections.reports.basis.archive_periods import periods_of_archive
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS, Cube
from hoso.projections.reports.basis.periods import Periods, cube_of, periods_of_ledger
from tests import model
from tests.archived import NEVER_MADE_ONE, archived_in
from tests.engine import (
    LOCAL,
    Json,
    compiling,
    day_of,
    examples,
    is_working,
    ledger_of,
    log_of,
    office,
)
from tests.histories import as_ofs, facts, histories, noted, policies, standstills, windows
from tests.model import MEASURED_BY, Rules

Slice = tuple[str | None, ...]

ANY = st.one_of(histories(max_dossiers=4), standstills(max_dossiers=4))
CUTS = st.lists(st.integers(0, 60), max_size=2).map(sorted)
NOBODY = AgencyRegistry()
IN_THE_END = day_number(date(2199, 12, 31))


def modelled(
    events: Sequence[Json], window: tuple[date, date], rules: Rules, as_of: datetime | None
) -> dict[Slice, dict[str, int]]:
    """The measures of a window by the model."""
    log = model.as_recorded(events)
    return model.measures(log, window, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL)


def measured(period: Cube) -> dict[Slice, dict[str, int]]:
    """The measures of a cube that are not 0, by the model's dimensions."""
    found = {}
    for row in period.rows.tolist():
        named = {name: names[place[row]] for name, (names, place) in period.dimensions.items()}
        numbers = {name: int(period.numbers[row, period.figures[name]]) for name in MEASURES}
        found[tuple(named[name] for name in MEASURED_BY)] = numbers
    there = {slice_: {k: n for k, n in numbers.items() if n} for slice_, numbers in found.items()}
    return {slice_: numbers for slice_, numbers in there.items() if numbers}


def told(history: Periods, window: Window) -> dict[Slice, dict[str, int]]:
    return measured(cube_of(history, window, NOBODY))


def stated(history: Periods, window: Window) -> dict[str, int]:
    """All figures of a window that are not 0, of all slices together."""
    period = cube_of(history, window, NOBODY)
    return {name: period.sum(name) for name in period.figures if period.sum(name)}


# --- What is counted -----------------------------------------------------------------------------


@given(data=st.data(), events=noted())
@examples(200)
def test_every_measure_of_every_slice_is_that_of_the_model(
    data: DataObject, events: list[Json]
) -> None:
    rules, as_of = data.draw(policies()), data.draw(as_ofs(events))
    asked = [Window(*data.draw(windows(events))) for _ in range(3)]
    history = periods_of_ledger(ledger_of(events, rules, as_of), asked)
    for window in asked:
        assert told(history, window) == modelled(events, window, rules, as_of)


@pytest.mark.parametrize("grown", [nullcontext(), NEVER_MADE_ONE], ids=["compacted", "in files"])
@given(data=st.data(), events=noted(), cuts=CUTS, rules=policies())
@examples(40)
def test_an_archive_counts_what_its_log_does(
    grown: AbstractContextManager[object],
    data: DataObject,
    events: list[Json],
    cuts: list[int],
    rules: Rules,
) -> None:
    as_of = data.draw(as_ofs(events))
    asked = [Window(*data.draw(windows(events))) for _ in range(2)]
    of_log = periods_of_ledger(ledger_of(events, rules, as_of), asked)
    with grown, archived_in(events, cuts, rows=10, many_files=2) as folder:
        archived = periods_of_archive(folder, office(rules), as_of, asked)
    for window in asked:
        assert told(archived, window) == told(of_log, window)
        assert stated(archived, window) == stated(of_log, window)


@given(data=st.data(), events=noted(), rules=policies())
@examples(25)
def test_compiled_it_is_the_same(data: DataObject, events: list[Json], rules: Rules) -> None:
    window, as_of = Window(*data.draw(windows(events))), data.draw(as_ofs(events))
    expected = told(periods_of_ledger(ledger_of(events, rules, as_of), [window]), window)
    with archived_in(events, [], rows=10, many_files=1) as folder, compiling():
        archived = periods_of_archive(folder, office(rules), as_of, [window])
        assert told(archived, window) == expected
        assert (
            told(periods_of_ledger(ledger_of(events, rules, as_of), [window]), window) == expected
        )


@given(data=st.data(), events=noted(), rules=policies())
@examples(40)
def test_the_dossiers_listed_add_up_to_each_measure(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    ledger = ledger_of(events, rules, data.draw(as_ofs(events)))
    window = Window(*data.draw(windows(events)))
    period = cube_of(periods_of_ledger(ledger, [window]), window, NOBODY)
    for measure in MEASURES:
        assert listed(ledger, window, measure, {}) == period.sum(measure)
    for slice_, numbers in measured(period).items():
        for measure, number in numbers.items():
            only = dict(zip(MEASURED_BY, slice_, strict=True))
            assert listed(ledger, window, measure, only) == number


def listed(ledger: Ledger, window: Window, measure: str, only: Mapping[str, str | None]) -> int:
    """What the dossiers that are listed of a measure and a slice add up to; each is listed once."""
    within = DossierFilter({name: [value] for name, value in only.items()})
    rows = drilldowns.measured_dossiers(ledger, window, [measure], (), within)
    assert len({row["dossier"] for row in rows}) == len(rows)
    assert all(row["number"] >= 0 for row in rows)
    return sum(row["number"] for row in rows)


# --- What is not moved ---------------------------------------------------------------------------


@given(data=st.data(), events=ANY, rules=policies())
@examples(100)
def test_facts_change_no_figure_but_those_in_suspense(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    with_facts, as_of = data.draw(among(events)), data.draw(as_ofs(events))
    without, given_more = (ledger_of(some, rules, as_of) for some in (events, with_facts))
    assert moves(given_more) == moves(without)
    for _ in range(3):
        window = data.draw(windows(with_facts))
        plain, more = (
            statement(each, Window(*window), CUBE_DIMENSIONS) for each in (without, given_more)
        )
        assert {**more, "suspense": plain["suspense"], "digest": plain["digest"]} == plain
        log = model.as_recorded(with_facts)
        suspense = model.statement(
            log, window, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL
        )["suspense"]
        assert more["suspense"] == suspense


@st.composite
def among(draw: st.DrawFn, events: list[Json]) -> list[Json]:
    """A history with facts anywhere among its events."""
    whole = list(events)
    for fact in draw(facts(events)):
        whole.insert(draw(st.integers(0, len(whole))), fact)
    return whole


def moves(ledger: Ledger) -> list[tuple[Any, ...]]:
    """The journal, line by line: whose event moved it, on which day, from where to where."""
    journal = ledger.folded.journal
    events = ledger.log.select(["dossier", "source", "id"]).take(pa.array(journal.row)).to_pylist()
    lines = zip(*(column.tolist() for column in journal[2:]), strict=True)
    told = [(*event.values(), *line) for event, line in zip(events, lines, strict=True)]
    return sorted(told)


@given(data=st.data(), events=ANY, rules=policies())
@examples(60)
def test_the_register_is_the_same_with_facts(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    with_facts, as_of = data.draw(among(events)), data.draw(as_ofs(events))
    for day in {data.draw(st.sampled_from(sorted(map(day_of, with_facts)))) for _ in range(2)}:
        plain, more = (
            registered(some, rules, Moment(as_of, day_number(day))) for some in (events, with_facts)
        )
        assert [{**row, "events": 0} for row in more] == [{**row, "events": 0} for row in plain]
        log = model.as_recorded(with_facts)
        rows = model.register(log, day, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL)
        assert {row["dossier"]: row for row in more} == rows


def registered(events: list[Json], rules: Rules, moment: Moment) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        register_of_log(log_of(events), office(rules), moment).sort_by("dossier").to_pylist()
    )
    return rows


# --- What is told --------------------------------------------------------------------------------


@given(data=st.data(), events=noted())
@examples(80)
def test_an_explanation_names_each_fact(data: DataObject, events: list[Json]) -> None:
    as_of = data.draw(as_ofs(events))
    ledger = ledger_of(events, as_of=as_of)
    stories = model.stories(
        model.as_recorded(events), as_of=as_of, is_working=is_working, zone=LOCAL
    )
    for code, story in stories.items():
        steps = explain(ledger, code, IN_THE_END)
        named = [(step.event_type, step.day) for step in steps if step.law == (law.QUALITY_FACT,)]
        applied = [(said.kind, day_number(said.day)) for said in story if said.kind in model.FACTS]
        assert named == applied
        assert all(
            "moves nothing" in step.effect.en for step in steps if step.law == (law.QUALITY_FACT,)
        )

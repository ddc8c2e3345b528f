"""Dossiers that cross the changes of the law and move between bodies, wherever they are told of.

What a statement says of them is held against the model elsewhere (test_against_the_model_law). Here
the aggregate, the compiled fold, stores, archives, the register, explanations and lists of dossiers
must say the same.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.store.log import Store
from hoso.domain.accounts import OUTSIDE
from hoso.domain.calendar import day_number
from hoso.domain.dossier import account, evolve, initial_state
from hoso.domain.windows import Window
from hoso.projections.archive.register import register_of_archive
from hoso.projections.kernels import run
from hoso.projections.ledger import refresh
from hoso.projections.ledger.drilldown import FIGURES, DossierFilter, dossiers
from hoso.projections.ledger.explain import explain
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import (
    ATTRIBUTIONS,
    final_day,
    statement,
    statement_from,
    told_of,
)
from hoso.projections.log import streams
from hoso.tools.sources.archive import ArchiveSource
from hoso.tools.sources.source import Options, Source
from hoso.tools.sources.store import StoreSource
from tests.archived import NEVER_MADE_ONE, archived_in, grow, growing
from tests.engine import LOCAL, Json, compiling, day_of, examples, log_of, parsed
from tests.histories import DATES_OF_CHANGE, histories_in_law, lines, windows_in_law
from tests.property.test_explanations import known_dossiers, moves_told
from tests.property.test_store_refresh import a_store
from tests.questions import BY, ONE_DAY, Asked, By, asked, leaves, recorded

CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=3).map(sorted)
COMPACTED: AbstractContextManager[object] = nullcontext()
GROWN = st.sampled_from([COMPACTED, NEVER_MADE_ONE])
ATTRIBUTED = st.sampled_from(ATTRIBUTIONS)
RECORDED = datetime(2026, 11, 1, tzinfo=UTC)
BOTH_SIDES = ("transferred.in", "transferred.out")


@st.composite
def days(draw: DrawFn, events: Sequence[Json]) -> date:
    """A day around an event or around a change of the law."""
    near = draw(st.sampled_from([*DATES_OF_CHANGE, *map(day_of, events)]))
    return near + draw(st.sampled_from([0, -1, 1, 7, 30])) * ONE_DAY


# --- The lists behind figures --------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law(), by=BY, attribution=ATTRIBUTED)
@examples(100)
def test_behind_every_figure_stand_as_many_dossiers(
    data: DataObject, events: list[Json], by: By, attribution: str
) -> None:
    ledger = data.draw(asked(events)).ledger(events)
    window = Window(*data.draw(windows_in_law(events)))
    document = statement(ledger, window, by, attribution)
    for figure in FIGURES:
        listed = dossiers(ledger, window, [figure], by, attribution=attribution)
        assert len(listed) == number(document["total"], figure)
        for line in document["lines"]:
            slice_ = DossierFilter({name: [value] for name, value in line["slice"].items()})
            behind = dossiers(ledger, window, [figure], by, slice_, attribution)
            assert len(behind) == number(line, figure)


@given(data=st.data(), events=histories_in_law(), by=BY)
@examples(100)
def test_a_transfer_is_listed_on_both_sides(data: DataObject, events: list[Json], by: By) -> None:
    ledger = data.draw(asked(events)).ledger(events)
    window = Window(*data.draw(windows_in_law(events)))
    come, gone = (dossiers(ledger, window, [side], by) for side in BOTH_SIDES)
    assert moved(come) == moved(gone)
    both = dossiers(ledger, window, ["transferred"], by)
    assert sorted(map(str, both)) == sorted(map(str, come + gone))


@given(data=st.data(), events=histories_in_law(), by=BY, attribution=ATTRIBUTED)
@examples(100)
def test_no_list_tells_of_a_day_that_has_not_been(
    data: DataObject, events: list[Json], by: By, attribution: str
) -> None:
    question = data.draw(asked(events))
    ledger, window = question.ledger(events), Window(*data.draw(windows_in_law(events)))
    told = told_of(window, ledger.office, ledger.as_of)
    until = statement(ledger, window)["window"]["until"]
    assert until == min(str(window.last), until)
    assert question.as_of is None or until <= str(question.as_of.astimezone(LOCAL).date())
    for figure in FIGURES:
        for row in dossiers(ledger, window, [figure], by, attribution=attribution):
            assert max(row["received"], row["since"]) <= until
    if told.first <= told.last:
        for part in ("lines", "total", "suspense"):
            up_to_then = statement(ledger, Window(window.first, told.last), by, attribution)[part]
            assert statement(ledger, window, by, attribution)[part] == up_to_then


def number(figures: Json, figure: str) -> int:
    """The number of one of FIGURES."""
    numbers = leaves(figures)
    if figure == "transferred":
        return sum(numbers[side] for side in BOTH_SIDES)
    return numbers[figure] if figure in numbers else numbers[f"{figure}.total"]


def moved(rows: Sequence[Json]) -> Counter[tuple[str, str]]:
    """How often each dossier was transferred on each day."""
    return Counter((row["dossier"], row["since"]) for row in rows)


# --- The aggregate, the compiled fold, the register, explanations --------------------------------


@given(data=st.data(), events=histories_in_law(max_dossiers=1))
@examples(150)
def test_the_aggregate_stands_where_the_model_puts_it(data: DataObject, events: list[Json]) -> None:
    question = data.draw(asked(events))
    office, [code, *_] = question.office(), [event["subject"] for event in events]
    known = [
        event for event in events if question.as_of is None or recorded(event) <= question.as_of
    ]
    dossier = initial_state(code)
    for event in parsed(known):
        dossier = evolve(dossier, event, office)
    last = max(map(day_of, events))
    for day in (last + lag * ONE_DAY for lag in (0, 1, 3, 10, 100)):
        there = Asked(question.law, question.law_as_of, today=day).modelled_accounts(known, [day])
        assert account(dossier, day) == there[day].get(code)


@given(data=st.data(), events=histories_in_law())
@examples(100)
def test_the_fold_compiled_writes_the_same_journal(data: DataObject, events: list[Json]) -> None:
    question, log = data.draw(asked(events)), log_of(events)
    with patch.object(run, "NATIVE", "nowhere"):
        interpreted = replay(log, question.office(), question.as_of).folded
    with compiling():
        compiled = replay(log, question.office(), question.as_of).folded
    for one, other in zip(interpreted, compiled, strict=True):
        assert [column.tolist() for column in one] == [column.tolist() for column in other]


@given(data=st.data(), events=histories_in_law())
@examples(100)
def test_each_row_of_the_register_is_that_of_the_model(
    data: DataObject, events: list[Json]
) -> None:
    question, day = data.draw(asked(events)), data.draw(days(events))
    expected = question.modelled_register(events, day)
    last = min(day, question.office().last_day(question.as_of))
    moment = Moment(question.as_of, day_number(last))
    register = register_of_log(log_of(events), question.office(), moment)
    assert rows_of([register]) == expected
    with data.draw(GROWN), archived_in(events, data.draw(CUTS), rows=10, many_files=2) as folder:
        archived = register_of_archive(folder, question.office(), moment)
        assert rows_of(archived) == expected


@given(data=st.data(), events=histories_in_law())
@examples(100)
def test_an_explanation_has_the_moves_of_the_journal_and_names_their_rules(
    data: DataObject, events: list[Json]
) -> None:
    ledger = data.draw(asked(events)).ledger(events)
    in_the_end = day_number(date(2199, 12, 31))
    for dossier, code in known_dossiers(ledger):
        steps = explain(ledger, code, in_the_end)
        assert moves_told(steps) == moves_posted(ledger, dossier)
        assert sum(step.suspense for step in steps) == suspended(ledger, dossier)
        assert all(all(step.effect) and (step.law or step.account == OUTSIDE) for step in steps)


def rows_of(tables: Any) -> list[Json]:
    """The rows of a register, dossier by dossier."""
    rows = [row for table in tables for row in table.to_pylist()]
    return sorted(rows, key=lambda row: str(row["dossier"]))


def moves_posted(ledger: Ledger, dossier: int) -> list[tuple[int, int, int]]:
    """Day, account left and account entered of each entry of a dossier but reassignments."""
    journal = ledger.folded.journal
    mine = journal.dossier == dossier
    entries = zip(*(column[mine].tolist() for column in journal[2:]), strict=True)
    return [(day, out, into) for day, out, into in entries if out != into]


def suspended(ledger: Ledger, dossier: int) -> int:
    """How many events of a dossier are in suspense."""
    return int((ledger.folded.suspense.dossier == dossier).sum())


# --- Stores and archives -------------------------------------------------------------------------


@given(data=st.data(), events=histories_in_law(), cuts=CUTS, by=BY, attribution=ATTRIBUTED)
@examples(40)
def test_a_store_that_grows_states_the_same(
    data: DataObject, events: list[Json], cuts: list[int], by: By, attribution: str
) -> None:
    question = data.draw(asked(events))
    ends = [0, *(min(cut, len(events)) for cut in cuts), len(events)]
    with (
        a_store() as (url, store),
        patch.object(refresh, "MANY_SMALL", 2),
        patch.object(streams, "SEGMENT_EVENTS", 5),
    ):
        for start, end in pairwise(ends):
            append(store, events[start:end])
            window = data.draw(windows_in_law(events))
            source = StoreSource(url, Options(LOCAL))
            expected = question.statement(events[:end], window, by, attribution)
            assert stated_by(source, question, window, by, attribution) == expected


@given(data=st.data(), events=histories_in_law(), cuts=CUTS, by=BY, attribution=ATTRIBUTED)
@examples(40)
def test_an_archive_that_grows_states_the_same(
    data: DataObject, events: list[Json], cuts: list[int], by: By, attribution: str
) -> None:
    question = data.draw(asked(events))
    with data.draw(GROWN), growing(data.draw(st.integers(6, 60)), many_files=2) as folder:
        for end in [*cuts, len(events)]:
            grow(folder, events[:end])
            window = data.draw(windows_in_law(events))
            expected = question.statement(events[:end], window, by, attribution)
            for cache in (True, False):
                source = ArchiveSource(folder, Options(LOCAL, cache=cache))
                assert stated_by(source, question, window, by, attribution) == expected


def append(store: Store, events: Sequence[Json]) -> None:
    """Record events in a store, at the times they say."""
    reading = IntakeContext("events", LOCAL, RECORDED + timedelta(days=1), None)
    with store.writing() as writer:
        writer.append(validate_messages(lines(events), "event {}".format, reading).entries)


def stated_by(
    source: Source, question: Asked, window: tuple[date, date], by: By, attribution: str
) -> Json:
    """What a source states."""
    office, asked_for = question.office(), Window(*window)
    final_on = final_day(attribution, asked_for, office, question.as_of)
    [sheets] = source.balances([office], question.as_of, by, final_on)
    return statement_from(sheets, asked_for)

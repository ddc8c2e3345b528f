"""Does the list of what falls due say what the model says, day after day and whatever comes later?

Laws over generated histories that cross the changes of the law. Lists as of the end of a day are
what an office would have seen then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.domain.calendar import date_of, day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.archive.register import due_of_archive, forecasts_of_archive
from hoso.projections.ledger.backtest import OUTCOMES, Backtest, forecasts_of_log
from hoso.projections.ledger.due import due_of_log
from hoso.projections.ledger.register import Moment, register_columns, register_of_log
from hoso.projections.log.lives import valid_lives
from tests import model
from tests.archived import archived_in
from tests.engine import LOCAL, Json, compiling, day_of, examples, is_working, log_of
from tests.histories import histories_in_law
from tests.questions import ONE_DAY, asked

CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=3).map(sorted)
WITHIN = st.sampled_from((5, 0, 1, 2, 10, 30))
CLOSED = ("resolved", "returned", "cancelled")
Rows = dict[str, dict[str, Any]]


def recorded_on(event: Json) -> date:
    """The local day on which an event was recorded."""
    return day_of({"time": event.get("recordedtime", event["time"])})


@st.composite
def days(draw: DrawFn, events: Sequence[Json]) -> date:
    """A day near what occurred or was recorded, or some weeks later."""
    told = {day_of(event) for event in events} | {recorded_on(event) for event in events}
    later = draw(st.sampled_from((0, 1, 2, 5, 7, -1, 16, 31)))
    return draw(st.sampled_from(sorted(told))) + timedelta(days=later)


def end_of(day: date) -> datetime:
    """The last instant of a day."""
    return datetime.combine(day, time.max, LOCAL)


def by_code(*tables: pa.Table) -> Rows:
    return {row["dossier"]: row for table in tables for row in table.to_pylist()}


def seen(log: pa.Table, office: Office, day: date, within: int) -> Rows:
    """The list that an office saw at the end of a day."""
    moment = Moment(end_of(day), day_number(day))
    return by_code(due_of_log(log, office, moment, within))


def stood(log: pa.Table, office: Office, day: date) -> Rows:
    """How each dossier stood at the end of a day, as known then, and whether there were too many
    supplement requests (``exceeded``)."""
    moment = Moment(end_of(day), day_number(day))
    lives = valid_lives(log.combine_chunks(), office.zone, moment.as_of)
    exceeded = pa.array(register_columns(lives, office, moment.day)["exceeded"])
    return by_code(register_of_log(log, office, moment).append_column("exceeded", exceeded))


def became(due: date, row: Mapping[str, Any] | None) -> str | None:
    """What became of a dossier that was to fall due on a day, by its row in the register of a later
    day; None where it stands as before."""
    if row is None:
        return "taken_back"
    group, _, timeliness = row["account"].partition(".")
    if timeliness == "overdue":
        return "became_overdue"
    if group == "cancelled" and (
        row["lapsed"] or row["requests"] > 1 or row["closed"] > row["due"]
    ):
        return "became_overdue"
    if group in CLOSED:
        return "closed_in_time"
    if group != "in_progress":
        return "stopped"
    return "moved" if row["due"] != due else None


def falling(rows: Rows) -> dict[str, date]:
    """The due days of the dossiers of a list that fall due."""
    return {code: row["due"] for code, row in rows.items() if row["group"] == "falls_due"}


@given(data=st.data(), events=histories_in_law(), within=WITHIN)
@examples(100)
def test_a_list_is_that_of_the_model(data: DataObject, events: list[Json], within: int) -> None:
    log, recorded = log_of(events), model.as_recorded(events)
    for _ in range(3):
        how, day = data.draw(asked(events)), data.draw(days(events))
        ours = by_code(due_of_log(log, how.office(), Moment(how.as_of, day_number(day)), within))
        theirs = model.due(
            recorded,
            day,
            within,
            as_of=how.as_of,
            law=how.law,
            law_as_of=how.law_as_of,
            is_working=is_working,
            zone=LOCAL,
        )
        assert {c: {name: row[name] for name in theirs[c]} for c, row in ours.items()} == theirs


@given(data=st.data(), events=histories_in_law(), within=WITHIN)
@examples(50)
def test_nothing_recorded_later_changes_the_list_of_a_day(
    data: DataObject, events: list[Json], within: int
) -> None:
    office, day = data.draw(asked(events)).office(), data.draw(days(events))
    by_then = [event for event in events if recorded_on(event) <= day]
    known = seen(log_of(by_then), office, day, within) if by_then else {}
    assert seen(log_of(events), office, day, within) == known


@given(data=st.data(), events=histories_in_law(), within=WITHIN)
@examples(50)
def test_what_falls_due_less_what_happens_is_what_falls_due_the_next_day(
    data: DataObject, events: list[Json], within: int
) -> None:
    log, office, first = log_of(events), data.draw(asked(events)).office(), data.draw(days(events))
    evenings = [
        (falling(seen(log, office, day, within)), stood(log, office, day))
        for day in (first + timedelta(number) for number in range(6))
    ]
    for (listed, then), (later, now) in pairwise(evenings):
        left = {code for code, due in listed.items() if became(due, now.get(code)) is not None}
        came = later.keys() - (listed.keys() - left)
        assert later.keys() == (listed.keys() - left) | came
        for code in came:  # it did not fall due so, or it was too early to say
            was_early = code in then and then[code]["days_left"] == within + 1
            assert was_early or became(later[code], then.get(code)) is not None


@given(data=st.data(), events=histories_in_law(), within=WITHIN)
@examples(40)
def test_a_backtest_follows_each_list_from_day_to_day(
    data: DataObject, events: list[Json], within: int
) -> None:
    log, office, first = log_of(events), data.draw(asked(events)).office(), data.draw(days(events))
    window = Window(first, first + timedelta(data.draw(st.integers(0, 12))))
    today = window.last + timedelta(data.draw(st.sampled_from((0, 1, 3, 60))))
    expected: Counter[tuple[date, int, str, str]] = Counter()
    registers: dict[date, Rows] = {}
    for number in range((window.last - first).days + 1):
        day = first + timedelta(number)
        for code, row in seen(log, office, day, within).items():
            if row["group"] == "falls_due":
                outcome = "open"
                for later in range(1, (min(today, row["due"] + ONE_DAY) - day).days + 1):
                    then = day + timedelta(later)
                    if then not in registers:
                        registers[then] = stood(log, office, then)
                    if (told := became(row["due"], registers[then].get(code))) is not None:
                        outcome = told
                        break
                expected[day, row["days_left"], outcome, row["agency"]] += 1
    question = Backtest(window, within, day_number(today), ("agency",))
    found = forecasts_of_log(log, office, None, question)
    assert expected == {
        (date_of(each.day), each.days_left, OUTCOMES[each.outcome], each.slice[0]): number
        for each, number in found.items()
    }


@given(data=st.data(), events=histories_in_law(), cuts=CUTS, within=WITHIN)
@examples(25)
def test_an_archive_has_the_lists_and_the_backtest_of_its_log(
    data: DataObject, events: list[Json], cuts: list[int], within: int
) -> None:
    log = log_of(events)
    with archived_in(events, cuts, rows=10, many_files=2) as folder:
        for _ in range(2):
            how, day = data.draw(asked(events)), data.draw(days(events))
            office, moment = how.office(), Moment(how.as_of, day_number(day))
            archived = by_code(*due_of_archive(folder, office, moment, within))
            assert archived == by_code(due_of_log(log, office, moment, within))
            window = Window(day - timedelta(20), day)
            question = Backtest(window, within, day_number(day) + 5, ("agency", "field", "level"))
            assert forecasts_of_archive(folder, office, how.as_of, question) == forecasts_of_log(
                log, office, how.as_of, question
            )


@given(data=st.data(), events=histories_in_law(), within=WITHIN)
@examples(25)
def test_compiled_they_are_the_same(data: DataObject, events: list[Json], within: int) -> None:
    log, office, day = log_of(events), data.draw(asked(events)).office(), data.draw(days(events))
    moment = Moment(None, day_number(day))
    question = Backtest(Window(day - timedelta(20), day), within, day_number(day) + 5)
    interpreted = [
        by_code(due_of_log(log, office, moment, within)),
        forecasts_of_log(log, office, None, question),
    ]
    with compiling():
        assert by_code(due_of_log(log, office, moment, within)) == interpreted[0]
        assert forecasts_of_log(log, office, None, question) == interpreted[1]

"""Which laws do all statements obey, whatever happened? No model is needed to see them broken."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zlib import crc32

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.windows import Window
from hoso.projections.ledger import balances as balance_sheets
from hoso.projections.ledger import encoding, slices
from hoso.projections.ledger.drilldown import FIGURES, DossierFilter, dossiers, suspended_events
from hoso.projections.ledger.ledger import Ledger, balances, replay
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement
from hoso.projections.log import schema, streams
from hoso.projections.log.schema import joined
from tests.engine import LOCAL, Json, day_of, examples, ledger_of, log_of, office, stated
from tests.histories import as_ofs, histories, policies, standstills, windows
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2)
ONE_DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)
LATER = datetime(2026, 6, 1, tzinfo=LOCAL)
FLOWS = ("received", "resolved", "returned", "cancelled")
OPEN_GROUPS = ("in_progress", "awaiting_supplement", "paused")


# --- What holds within a statement -------------------------------------------------------------


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_what_was_there_and_came_in_is_what_went_out_and_is_still_there(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    document = stated(events, data.draw(windows(events)), by, rules)
    for line in (*document["lines"], document["total"]):
        gone = sum(line[group]["total"] for group in FLOWS[1:])
        assert line["total"] == line["carried_over"] + line["received"]
        assert line["total"] == gone + line["carried_forward"]
        assert line["carried_forward"] == sum(line[group]["total"] for group in OPEN_GROUPS)
        for group in (*FLOWS[1:], *OPEN_GROUPS):
            parts = {name: n for name, n in line[group].items() if name != "total"}
            assert line[group]["total"] == sum(parts.values())
            assert min(parts.values()) >= 0


@given(data=st.data(), events=ANY, by=BY)
@examples(80)
def test_lines_sum_to_the_total(data: DataObject, events: list[Json], by: list[str]) -> None:
    document = stated(events, data.draw(windows(events)), by)
    for name, number in leaves(document["total"]).items():
        assert number == sum(leaves(line)[name] for line in document["lines"])


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_behind_every_figure_stand_as_many_dossiers(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    book, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    document = statement(book, window, by)
    for figure in FIGURES:
        listed = dossiers(book, window, [figure], by)
        assert len(listed) == leaf(document["total"], figure)
        assert len({dossier["dossier"] for dossier in listed}) == len(listed)
        for line in document["lines"]:
            slice_ = DossierFilter({name: [value] for name, value in line["slice"].items()})
            behind = dossiers(book, window, [figure], by, slice_)
            assert behind == [d for d in listed if line["slice"].items() <= d.items()]
            assert len(behind) == leaf(line, figure)


# --- What holds between statements -------------------------------------------------------------


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_a_window_cut_in_two_gives_the_same_balances(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    first, last = data.draw(windows(events).filter(lambda window: window[0] < window[1]))
    cut = data.draw(st.dates(first, last - ONE_DAY))
    book = ledger_of(events, rules)
    whole = by_slice(statement(book, Window(first, last), by))
    before = by_slice(statement(book, Window(first, cut), by))
    after = by_slice(statement(book, Window(cut + ONE_DAY, last), by))
    for values in {*whole, *before, *after}:
        one, two, both = (each.get(values, NO_FIGURES) for each in (before, after, whole))
        assert one["carried_forward"] == two["carried_over"]
        assert both["carried_over"] == one["carried_over"]
        assert both["carried_forward"] == two["carried_forward"]
        for name, number in both.items():
            if name.startswith(FLOWS):
                assert number == one[name] + two[name]
            if name.startswith(OPEN_GROUPS):
                assert number == two[name]


@given(events=ANY, rules=policies(), by=BY)
@examples(80)
def test_all_accounts_and_the_outside_sum_to_zero_on_every_day(
    events: list[Json], rules: Rules, by: list[str]
) -> None:
    added_up = balances(ledger_of(events, rules), by)
    for day in every_day(events):
        assert not added_up.at_end_of(day).sum(axis=1).any()


@given(events=ANY, rules=policies())
@examples(80)
def test_overdue_never_goes_back_to_in_time(events: list[Json], rules: Rules) -> None:
    for accounts in accounts_of_each_dossier(ledger_of(events, rules)):
        results = [account.partition(".")[2] for account in accounts]
        if "overdue" in results:
            afterwards = {*results[results.index("overdue") :]}
            assert afterwards <= {"overdue", "withdrawn", "voided"}


@given(events=ANY, rules=policies())
@examples(80)
def test_each_move_leaves_the_account_that_the_last_one_entered_and_no_earlier(
    events: list[Json], rules: Rules
) -> None:
    journal = ledger_of(events, rules).folded.journal
    stands: dict[int, tuple[int, int]] = {}
    columns_of = (journal.dossier, journal.day, journal.out, journal.into)
    for dossier, day, out, into in zip(*(c.tolist() for c in columns_of), strict=True):
        since, account = stands.get(dossier, (day, len(ACCOUNTS)))
        assert out == account != into
        assert day >= since
        stands[dossier] = day, into


@given(data=st.data(), events=standstills(), by=BY)
@examples(60)
def test_no_dossier_depends_on_another(data: DataObject, events: list[Json], by: list[str]) -> None:
    window = data.draw(windows(events))
    codes = sorted({event["subject"] for event in events})
    some = data.draw(st.sets(st.sampled_from(codes)))
    parts = [[e for e in events if (e["subject"] in some) is chosen] for chosen in (True, False)]
    one, two = (by_slice(stated(part, window, by)) for part in parts)
    for values, figures in by_slice(stated(events, window, by)).items():
        for name, number in figures.items():
            assert number == one.get(values, NO_FIGURES)[name] + two.get(values, NO_FIGURES)[name]


# --- What makes no difference ------------------------------------------------------------------


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_the_order_of_arrival_does_not_matter(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    events = recorded_one_by_one(events)
    window, as_of = data.draw(windows(events)), data.draw(as_ofs(events))
    shuffled = data.draw(st.permutations(events))
    assert stated(shuffled, window, by, rules, as_of) == stated(events, window, by, rules, as_of)


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_repeats_do_not_matter(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    window, as_of = data.draw(windows(events)), data.draw(as_ofs(events))
    repeats = data.draw(st.lists(st.sampled_from(events), min_size=1))
    late = [repeat | {"recordedtime": LATER.isoformat()} for repeat in repeats]
    once = stated(events, window, by, rules, as_of)
    assert stated([*events, *repeats, *late], window, by, rules, as_of) == once


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_an_event_taken_back_might_as_well_not_have_been_sent(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    window = data.draw(windows(events))
    mistaken = data.draw(st.sampled_from(events)) | {"id": "mistaken"}
    mistaken |= {"recordedtime": LATER.isoformat()}
    taken_back = mistaken | {
        "id": "taken-back",
        "type": "dossier.annulled.v1",
        "recordedtime": (LATER + ONE_DAY).isoformat(),
        "data": {"event_id": "mistaken", "reason": "mistake"},
    }
    without = stated(events, window, by, rules)
    assert stated([*events, mistaken, taken_back], window, by, rules) == without


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(80)
def test_what_is_recorded_after_the_as_of_instant_changes_nothing(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    window = data.draw(windows(events))
    as_of = data.draw(st.sampled_from(sorted({recorded(event) for event in events})))
    known = [event for event in events if recorded(event) <= as_of]
    then = stated(known, window, by, rules, as_of)
    assert stated(events, window, by, rules, as_of)["digest"] == then["digest"]


@given(data=st.data(), events=ANY, by=BY)
@examples(60)
def test_it_does_not_matter_how_the_log_is_cut_into_segments(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    window = data.draw(windows(events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    bounds = zip([0, *cuts], [*cuts, len(events)], strict=True)
    parts = [log_of(events[start:end], start + 1) for start, end in bounds]
    read = [streams.segment_from_bytes(streams.to_bytes(part.combine_chunks())) for part in parts]
    again = statement(replay(joined(read), office()), Window(*window), by)
    assert again["digest"] == stated(events, window, by)["digest"]


@given(data=st.data(), events=ANY, by=BY)
@examples(60)
def test_it_does_not_matter_how_segments_grow(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    window = data.draw(windows(events))
    rows, batch = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 9))
    bodies: list[bytes] = []
    with patch.object(streams, "SEGMENT_EVENTS", rows):
        for start in range(0, len(events), batch):
            fresh = log_of(events[start : start + batch], start + 1)
            last = joined(streams.segment_from_bytes(body) for body in bodies[-1:])
            bodies = bodies[:-1] + [streams.to_bytes(t) for t in streams.segments([last, fresh])]
    tables = [streams.segment_from_bytes(body) for body in bodies]
    # A kept fold knows dossiers by their numbers: these must not depend on the cuts.
    assert dossiers_of(joined(tables)) == dossiers_of(log_of(events))
    assert all(set(dossiers_of(t)) == set(t["dossier"].to_pylist()) for t in tables[:-1])
    assert [len(t) for t in tables[:-1]] == [rows] * (len(tables) - 1)
    again = statement(replay(joined(tables), office()), Window(*window), by)
    assert again["digest"] == stated(events, window, by)["digest"]


def dossiers_of(log: pa.Table) -> list[str]:
    """The dossiers of a log by their numbers."""
    codes: list[str] = log["dossier"].combine_chunks().dictionary.to_pylist()
    return codes


@given(data=st.data(), events=ANY)
@examples(60)
def test_what_is_in_suspense_is_listed_as_it_is_counted(
    data: DataObject, events: list[Json]
) -> None:
    ledger, window = ledger_of(events), Window(*data.draw(windows(events)))
    listed = suspended_events(ledger, window)
    counts = {"events": len(listed), "dossiers": len({event["dossier"] for event in listed})}
    assert statement(ledger, window)["suspense"] == counts


@given(data=st.data(), events=ANY, rules=policies(), by=BY)
@examples(60)
def test_a_fold_that_was_kept_gives_the_same_figures(
    data: DataObject, events: list[Json], rules: Rules, by: list[str]
) -> None:
    book, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    again = book._replace(folded=encoding.fold_from_bytes(encoding.fold_to_bytes(book.folded)))
    assert statement(again, window, by) == statement(book, window, by)


@given(data=st.data(), events=ANY, by=BY)
@examples(60)
def test_balances_counted_and_balances_sorted_are_the_same(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    window, book = Window(*data.draw(windows(events))), ledger_of(events)
    with patch.object(slices, "DENSE", 0), patch.object(balance_sheets, "DENSE", 0):
        in_order = statement(book, window, by)
    with patch.object(slices, "DENSE", 10**9), patch.object(balance_sheets, "DENSE", 10**9):
        assert statement(book, window, by) == in_order


@pytest.mark.parametrize("keys", [1, 2, 5])
@given(data=st.data(), events=histories(), rules=policies())
@examples(40)
def test_events_that_share_a_key_are_told_apart(
    keys: int, data: DataObject, events: list[Json], rules: Rules
) -> None:
    window, as_of = data.draw(windows(events)), data.draw(as_ofs(events))
    apart = stated(events, window, (), rules, as_of)

    def colliding(source: str, event_id: str) -> int:
        return crc32(f"{source} {event_id}".encode()) % keys - 1

    with patch.object(schema, "event_key", colliding):
        assert stated(events, window, (), rules, as_of) == apart


@given(data=st.data(), by=BY)
@examples(20)
def test_an_empty_log_has_a_statement_of_zeros(data: DataObject, by: list[str]) -> None:
    document = stated([], data.draw(windows()), by)
    assert set(leaves(document["total"]).values()) == {0}
    assert document["suspense"] == {"events": 0, "dossiers": 0}
    assert len(document["lines"]) == (0 if by else 1)


# --- How the tests read statements and ledgers -------------------------------------------------


def leaves(figures: Json) -> dict[str, int]:
    """Every number of a line by its name: ``resolved.early``."""
    flat: dict[str, int] = {}
    for name, value in figures.items():
        if isinstance(value, int):
            flat[name] = value
        elif name != "slice":
            flat |= {f"{name}.{part}": number for part, number in value.items()}
    return flat


def leaf(figures: Json, figure: str) -> int:
    """The number of one of FIGURES."""
    numbers = leaves(figures)
    if figure == "transferred":
        return numbers["transferred.in"] + numbers["transferred.out"]
    return numbers[figure] if figure in numbers else numbers[f"{figure}.total"]


def by_slice(document: Json) -> dict[tuple[Any, ...], dict[str, int]]:
    """The numbers of every line, by its slice."""
    return {tuple(line["slice"].values()): leaves(line) for line in document["lines"]}


NO_FIGURES = leaves(stated([], (date(2023, 1, 1), date(2023, 1, 1)))["total"])


def recorded(event: Json) -> datetime:
    """The instant at which an event counts as recorded."""
    text: str = event["recordedtime"] if "recordedtime" in event else event["time"]
    return datetime.fromisoformat(text)


def recorded_one_by_one(events: Sequence[Json]) -> list[Json]:
    """The events in the order recorded, a moment apart: no two at the same instant."""
    known = sorted(events, key=recorded)
    return [
        event | {"recordedtime": (recorded(event) + number * A_MOMENT).isoformat()}
        for number, event in enumerate(known)
    ]


def every_day(events: Sequence[Json]) -> Iterator[date]:
    """Two days before the first event, and around every other one."""
    for day in sorted({day_of(event) for event in events}):
        yield from (day + shift * ONE_DAY for shift in (-2, -1, 0, 1, 30))


def accounts_of_each_dossier(book: Ledger) -> Iterator[list[str]]:
    """The accounts that a dossier passed through, for one dossier after the other."""
    journal = book.folded.journal
    for dossier in sorted(set(journal.dossier.tolist())):
        yield [ACCOUNTS[account] for account in journal.into[journal.dossier == dossier].tolist()]

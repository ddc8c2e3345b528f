"""Do exported ledgers, added up, give the figures of one log of all their events?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window
from hoso.projections.archive.along import along_in_archive
from hoso.projections.federation import answers, file
from hoso.projections.federation.answers import Question
from hoso.projections.federation.exported import About, ExportedLedger, exported
from hoso.projections.ledger import along
from hoso.projections.ledger.along import TakenAlong
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, balance_sheets, merged
from hoso.projections.ledger.selected import Selection, selected_balance_sheets
from hoso.projections.ledger.slices import DIMENSIONS, REASSIGNED
from hoso.projections.ledger.statement import ATTRIBUTIONS, final_day, statement_from
from tests.archived import archived_in
from tests.engine import LOCAL, Json, day_of, examples, ledger_of, office
from tests.histories import as_ofs_in_law, histories_in_law, policies, windows_in_law
from tests.property.test_comparison import filters

MOVING = histories_in_law()  # with reassignments
REASSIGNMENT = "dossier.reassigned.v1"
DAY, MONTH = timedelta(1), timedelta(30)
CUTS = st.lists(st.integers(0, 60), max_size=2).map(sorted)
BY = st.lists(st.sampled_from([*REASSIGNED * 2, *DIMENSIONS]), unique=True, max_size=3)


def export(
    ledger: Ledger, by: Sequence[str] = DIMENSIONS, since: date | None = None
) -> ExportedLedger:
    about = About(
        hoso="test",
        source="test",
        position=None,
        exported=datetime(2026, 6, 1, tzinfo=UTC),
        as_of=ledger.as_of,
        zone=str(LOCAL),
        calendar=ledger.office.calendar.version,
        policy=ledger.office.policy,
        by=tuple(by),
        since=since,
        received=(),
    )
    return exported(about, balance_sheets(ledger, by), along.taken_along(ledger, by))


def in_parts(data: DataObject, events: list[Json]) -> list[list[Json]]:
    """The events of some dossiers each; identities are told apart by logs, as in provinces."""
    codes = sorted({event["subject"] for event in events})
    part_of = {code: data.draw(st.integers(0, 2), label=code) for code in codes}
    return [[event for event in events if part_of[event["subject"]] == n] for n in range(3)]


def written_and_read(ledger: ExportedLedger) -> ExportedLedger:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part.ledger"
        file.write(path, ledger)
        return file.read(path)


def digest(sheets: BalanceSheets, window: Window) -> str:
    return str(statement_from(sheets, window)["digest"])


def together_and_apart(data: DataObject, events: list[Json]) -> tuple[Ledger, list[Ledger]]:
    """The ledger of all, and those of parts that add up to it."""
    rules, as_of = data.draw(policies()), data.draw(as_ofs_in_law(events))
    parts = [ledger_of(part, rules, as_of) for part in in_parts(data, events) if part]
    return merged(parts), parts


def asked_of(data: DataObject, events: list[Json]) -> Iterator[tuple[Window, str]]:
    """Any window, and some that begin or end where a dossier moves; each as held and as final."""
    moves = [day_of(event) for event in events if event["type"] == REASSIGNMENT][:3]
    named = [Window(*data.draw(windows_in_law(events)))]
    for day in moves:
        named += [
            Window(day - MONTH, day),
            Window(day, day + MONTH),
            Window(day - MONTH, day - DAY),
        ]
    return product(named, ATTRIBUTIONS)


@given(data=st.data(), events=MOVING)
@examples(20)
def test_windows_slices_and_attributions_are_those_of_one_log(
    data: DataObject, events: list[Json]
) -> None:
    whole, parts = together_and_apart(data, events)
    ledgers = [written_and_read(export(part)) for part in parts]
    for window, attribution in asked_of(data, events):
        by, selected = data.draw(BY), data.draw(st.sampled_from(filters(events)))
        final_on = final_day(attribution, window, whole.office, whole.as_of)
        asked = Question(whole.office, whole.as_of, by, final_on)
        expected = balance_sheets(whole, by, final_on)
        assert digest(answers.balance_sheets(ledgers, asked), window) == digest(expected, window)
        expected = selected_balance_sheets(whole, by, selected, final_on)
        found = answers.selected_balance_sheets(ledgers, asked, Selection(selected, final_on))
        assert digest(found, window) == digest(expected, window)


@given(data=st.data(), events=MOVING, by=BY)
@examples(8)
def test_a_ledger_of_few_dimensions_from_a_day_on_tells_windows_from_then(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    ledger = ledger_of(events)
    for window, attribution in asked_of(data, events):
        since = window.first - data.draw(st.sampled_from([0 * DAY, DAY, MONTH]))
        small = written_and_read(export(ledger, by, since))
        final_on = final_day(attribution, window, ledger.office, None)
        asked = Question(ledger.office, None, by[:2], final_on)
        expected = digest(balance_sheets(ledger, by[:2], final_on), window)
        assert digest(answers.balance_sheets([small], asked), window) == expected


@given(data=st.data(), events=MOVING, cuts=CUTS, by=BY)
@examples(10)
def test_what_was_taken_along_is_the_same_of_an_archive(
    data: DataObject, events: list[Json], cuts: list[int], by: list[str]
) -> None:
    rules, as_of = data.draw(policies()), data.draw(as_ofs_in_law(events))
    expected = along.merged([along.taken_along(ledger_of(events, rules, as_of), by)])
    with archived_in(events, cuts, rows=10, many_files=2) as folder:
        found = along.merged([along_in_archive(folder, office(rules), as_of, by)])
    assert rows(found) == rows(expected)


def rows(taken: TakenAlong) -> list[tuple[object, ...]]:
    """The rows, with slices by their values."""
    until, before, after, *others = (column.tolist() for column in taken[1:])
    named = ([taken.slices[number] for number in column] for column in (before, after))
    return sorted(zip(until, *named, *others, strict=True), key=str)

"""The reconciliation leads from the statement to each figure of each report, and back."""

from collections.abc import Iterable
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.windows import Window
from hoso.projections.documents.figures import figure
from hoso.projections.documents.model import Count, Document, DrillDown, Place, Sum, Words
from hoso.projections.ledger.statement import statement
from hoso.projections.reports.basis.cube import accounts_of
from hoso.tools.inputs import profiles
from hoso.tools.jobs.report import KINDS
from tests.engine import Json, examples, ledger_of
from tests.filed import LEAST, cells, filed, table_of
from tests.histories import histories, policies, standstills, windows
from tests.labelled import Labelled, labelled
from tests.model import Rules
from tests.property.test_reports import registries

ANY = st.one_of(histories(), standstills())
NAME: Final = "reconciliation"
ENTRIES: Final = ("carried_over", "received", *ACCOUNTS)
BY_TIMELINESS: Final = {"cancelled.in_time", "cancelled.overdue"}
CHANNELS: Final = {"channel", "online_service"}
EVERY: Final = [*KINDS, NAME]


@given(
    data=st.data(),
    events=ANY,
    rules=policies(),
    folding=st.sampled_from(["default", "lenient", "extended"]),
    index=st.sampled_from(["national", "portal-2024"]),
)
@examples(25)
def test_each_figure_is_the_sum_of_its_accounts_of_the_statement(
    data: DataObject, events: list[Json], rules: Rules, folding: str, index: str
) -> None:
    ledger, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    given = LEAST._replace(
        folding=profiles.fold_by(folding), index_profile=profiles.index_by(index)
    )
    filing = filed(ledger, window, given, EVERY)
    by = ["agency", "channel", "online_service"]
    stated = statement(ledger, window, by, attribution="final")["lines"]
    known, found = cells(filing[NAME], NAME), _rows(filing[NAME])
    for row in found:
        told = [(name, known[Place(row, name)]) for name in ENTRIES if Place(row, name) in known]
        assert known[Place(row, "difference")] in (0, None)
        assert known[Place(row, "sum")] == known[Place(row, "reported")]
        if row.startswith(("quarterly/", "annual/")) and not _is_of_channel(filing[NAME], row):
            assert told == [(name, _sum(stated, name)) for name, _ in told]
    for report in KINDS:
        for each in _reconcilable(filing[report], window):
            own = [row for row in found if row.startswith(f"{report}/")]
            accounts = _accounts(each)
            same = [row for row in own if _entered(filing[NAME], row) == accounts]
            assert each.value in {known[Place(row, "reported")] for row in same}, each
            if not accounts & BY_TIMELINESS:
                lines = [line for line in stated if _is_in(line, each)]
                assert each.value == sum(_sum(lines, name) for name in accounts), each


def _rows(document: Document) -> list[str]:
    return [row.key for row in table_of(document, NAME).rows if "difference" in row.cells]


def _entered(document: Document, row: str) -> set[str]:
    """The accounts that enter a row."""
    [found] = [each for each in table_of(document, NAME).rows if each.key == row]
    return found.cells.keys() - {"figure", "sum", "reported", "difference"}


def _is_of_channel(document: Document, row: str) -> bool:
    [found] = [each for each in table_of(document, NAME).rows if each.key == row]
    named = found.cells["figure"]
    return isinstance(named, Words) and "trực tuyến" in str(named.text)


def _reconcilable(report: Document, window: Window) -> Iterable[Labelled]:
    """The figures of a report that count accounts of the whole window; of form 07a, of a body."""
    for each in labelled(report, "vi"):
        where, under = each.slice
        dimensions = {name for name, _ in where} - CHANNELS
        is_whole = not dimensions or (report.name == "form07a" and each.place.row == "whole")
        is_now = is_whole and under is None and each.window == window
        counts = isinstance(each.cell, Count | Sum) and isinstance(each.cell.behind, DrillDown)
        if is_now and counts and _accounts(each) <= {*ENTRIES, *BY_TIMELINESS}:
            yield each


def _accounts(each: Labelled) -> set[str]:
    assert isinstance(each.cell, Count | Sum)
    assert isinstance(each.cell.behind, DrillDown)
    return set(accounts_of(each.cell.behind.figures))


def _is_in(line: Json, each: Labelled) -> bool:
    """Whether a line of the statement is in the slice of a figure."""
    wanted: dict[str, set[str | None]] = {}
    for name, value in each.slice[0]:
        wanted.setdefault(name, set()).add(value)
    return all(line["slice"][name] in values for name, values in wanted.items())


def _sum(lines: Iterable[Json], name: str) -> int:
    return sum(figure(line, name) for line in lines)


@given(data=st.data(), events=ANY)
@examples(15)
def test_it_agrees_for_every_body_of_a_tree(data: DataObject, events: list[Json]) -> None:
    ledger, window = ledger_of(events), Window(*data.draw(windows(events)))
    given = LEAST._replace(registry=data.draw(registries(ledger)))
    document = filed(ledger, window, given, EVERY)[NAME]
    known = cells(document, NAME)
    for row in _rows(document):
        assert known[Place(row, "difference")] in (0, None)
        assert known[Place(row, "sum")] == known[Place(row, "reported")]


@given(data=st.data(), events=ANY)
@examples(10)
def test_each_account_is_in_each_report_or_the_reason_stands_there(
    data: DataObject, events: list[Json]
) -> None:
    ledger, window = ledger_of(events), Window(*data.draw(windows(events)))
    table = table_of(filed(ledger, window, names=EVERY)[NAME], "whereabouts")
    assert [row.key for row in table.rows] == [*ENTRIES]
    for row in table.rows:
        for name, cell in row.cells.items():
            assert isinstance(cell, Words)
            if name in ("quarterly", "annual", "ii06a", "form07b", "form07c"):
                assert "không" not in str(cell.text).replace("Tổng số, không kể rút, hủy", "")
            assert cell.text

"""Is each vintage of a window what a statement says that is made as of its instant alone?"""

from collections.abc import Sequence
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import balance_sheets, replay
from hoso.projections.ledger.selected import selected_balance_sheets
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import ATTRIBUTIONS, final_day, statement_from
from hoso.projections.ledger.vintages import Vintage, vintage_sheets
from tests import model
from tests.engine import LOCAL, Json, examples, is_working, log_of, office
from tests.histories import as_ofs, histories, histories_in_law, policies, windows
from tests.told import reassigned, received, recorded

ANY = st.one_of(histories(), histories_in_law())
BY = st.one_of(
    st.sampled_from([[], ["agency"], ["agency", "field"], ["level"]]),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2),
)
TOP = "TOP"


def instants(data: DataObject, events: Sequence[Json]) -> list[datetime]:
    """Some instants, in the order of time; many of them the very ones at which something was
    recorded."""
    drawn = data.draw(st.lists(as_ofs(events), min_size=1, max_size=8))
    return sorted({instant for instant in drawn if instant is not None})


@given(data=st.data(), events=histories(), by=BY)
@examples(25)
def test_every_vintage_says_what_the_model_says_as_of_its_instant(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    rules, window = data.draw(policies()), data.draw(windows(events))
    known = [Vintage(instant) for instant in instants(data, events)]
    sheets = vintage_sheets(log_of(events), office(rules), by, known)
    log = model.as_recorded(events)
    for vintage, each in zip(known, sheets, strict=True):
        stated = statement_from(each, Window(*window))
        theirs = model.statement(
            *(log, window),
            by=by,
            as_of=vintage.as_of,
            rules=rules,
            is_working=is_working,
            zone=LOCAL,
        )
        assert {part: stated[part] for part in theirs} == theirs


@given(data=st.data(), events=ANY, by=BY, attribution=st.sampled_from(ATTRIBUTIONS))
@examples(60)
def test_every_vintage_is_a_fold_as_of_its_instant_to_the_last_digit(
    data: DataObject, events: list[Json], by: list[str], attribution: str
) -> None:
    log, judges = log_of(events), office(data.draw(policies()))
    window, selected = Window(*data.draw(windows(events))), data.draw(selections(events))
    known = [
        Vintage(instant, final_day(attribution, window, judges, instant), selected)
        for instant in instants(data, events)
    ]
    sheets = [*vintage_sheets(log, judges, by, known)]
    assert len(sheets) == len(known)
    for (as_of, final_on, _), each in zip(known, sheets, strict=True):
        alone = replay(log, judges, as_of)
        whole = (
            balance_sheets(alone, by, final_on)
            if selected is None
            else selected_balance_sheets(alone, by, selected, final_on)
        )
        assert statement_from(each, window) == statement_from(whole, window)  # digest and all


@given(data=st.data(), events=histories_in_law())
@examples(20)
def test_vintages_may_select_by_the_agencies_of_their_own_day(
    data: DataObject, events: list[Json]
) -> None:
    log, judges, window = log_of(events), office(), Window(*data.draw(windows(events)))
    choices = registries(events)
    known = [
        Vintage(instant, None, DossierFilter({}, data.draw(st.sampled_from(choices)), TOP))
        for instant in instants(data, events)
    ]
    for vintage, each in zip(known, vintage_sheets(log, judges, [], known), strict=True):
        assert vintage.selected is not None
        alone = selected_balance_sheets(replay(log, judges, vintage.as_of), [], vintage.selected)
        assert statement_from(each, window) == statement_from(alone, window)


def registries(events: Sequence[Json]) -> list[AgencyRegistry]:
    """Two registries in which a body is above every second agency, or above the others."""
    named = (event["data"].get("agency") for event in events if "data" in event)
    codes = sorted({code for code in named if code})
    top = Agency(TOP, "Top", "province", None)
    return [
        AgencyRegistry([top, *(Agency(code, code, "commune", TOP) for code in codes[start::2])])
        for start in (0, 1)
    ]


def selections(events: Sequence[Json]) -> st.SearchStrategy[DossierFilter | None]:
    """All dossiers; those of a channel; those of a body."""
    return st.sampled_from(
        [
            None,
            DossierFilter({"channel": ["online", None]}),
            DossierFilter({}, registries(events)[0], TOP),
        ]
    )


def test_no_instant_no_vintage() -> None:
    assert [*vintage_sheets(log_of([]), office(), [], [])] == []


def test_an_empty_log_has_vintages_of_nothing() -> None:
    known = [Vintage(datetime(2023, month, 1, tzinfo=LOCAL)) for month in (1, 2)]
    for each in vintage_sheets(log_of([]), office(), [], known):
        assert (
            statement_from(each, Window(date(2023, 1, 1), date(2023, 1, 31)))["total"]["total"] == 0
        )


def test_a_reassignment_that_was_recorded_ahead_of_its_day_counts_from_that_day_on() -> None:
    events = [
        recorded(received("2023-03-01", 20), "2023-03-01"),
        recorded(reassigned("2023-03-10", "xa_muong_bu"), "2023-03-02"),
    ]
    log, judges, window = log_of(events), office(), Window(date(2023, 3, 1), date(2023, 3, 31))
    instants = [datetime(2023, 3, day, 23, tzinfo=LOCAL) for day in (5, 15)]
    known = [Vintage(each, final_day("final", window, judges, each)) for each in instants]
    stated = [
        statement_from(each, window) for each in vintage_sheets(log, judges, ["agency"], known)
    ]
    at = [[line["slice"]["agency"] for line in each["lines"]] for each in stated]
    assert at == [["so_tnmt"], ["xa_muong_bu"]]

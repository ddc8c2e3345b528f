"""A page holds the very dossiers that each of its figures counts."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.drilldown import DossierFilter, measured_dossiers
from hoso.projections.ledger.quality import MEASURES
from hoso.projections.reports.basis.scope import WHOLE
from hoso.projections.reports.behind import Lists
from tests.engine import Json, examples, ledger_of
from tests.filed import checked_lives, counted, filed
from tests.histories import histories, standstills, windows


@given(data=st.data(), events=st.one_of(histories(), standstills()))
@examples(40)
def test_the_dossiers_of_a_page_are_those_of_the_call_behind_the_figure(
    data: DataObject, events: list[Json]
) -> None:
    ledger = ledger_of(events)
    window = Window(*data.draw(windows()))
    integrity = checked_lives(ledger, window, AgencyRegistry()).within(WHOLE, AgencyRegistry())
    lists = Lists(ledger, lambda _: AgencyRegistry(), integrity)
    for report in filed(ledger, window).values():
        held = lists.hold(report, 1_000).held
        assert held is not None
        for place, _, behind in counted(report):
            only = {name: [v for n, v in behind.where if n == name] for name, _ in behind.where}
            selected = DossierFilter(only, AgencyRegistry(), behind.under)
            if behind.figures[0] in MEASURES:
                rows = measured_dossiers(ledger, behind.window, behind.figures, (), selected)
            else:
                rows = drilldown.dossiers(
                    ledger, behind.window, behind.figures, behind.by, selected, "final"
                )
            codes = {held.dossiers[number].code for number in held.lists[behind]}
            assert codes == {row["dossier"] for row in rows}, (report.name, place)
            for number in held.lists[behind]:
                one = held.dossiers[number]
                found = [row for row in rows if row["dossier"] == one.code]
                assert str(one.received) == found[0]["received"]

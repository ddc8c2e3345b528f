"""Does a page answer as the command does: any window, as of any moment, in any slice?"""

from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import FIGURES, dossiers
from hoso.projections.ledger.ledger import balance_sheets
from hoso.projections.ledger.selected import selected_balance_sheets
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from tests.command import answered
from tests.engine import Json, examples, ledger_of
from tests.histories import as_ofs, histories, histories_in_law, policies, windows
from tests.property.test_comparison import filters
from tests.serving import inside

ANY = st.one_of(histories(), histories_in_law())


@given(data=st.data(), events=ANY)
@examples(12)
def test_the_two_times_of_a_page_are_those_of_the_command(
    tmp_path_factory: pytest.TempPathFactory, data: DataObject, events: list[Json]
) -> None:
    folder = tmp_path_factory.mktemp("page")
    (folder / "events.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    pages = inside(str(folder / "events.jsonl"))
    for _ in range(3):
        first, last = data.draw(windows(events))
        as_of = data.draw(as_ofs(events))
        given_ = {"from": str(first), "to": str(last)}
        given_ |= {} if as_of is None else {"as-of": as_of.isoformat()}
        given_ |= data.draw(st.sampled_from([{}, {"by": "agency"}, {"slice": "channel=online"}]))
        words = [word for name, text in given_.items() for word in (f"--{name}", text)]
        printed = answered(
            folder, "statement", "--source", "events.jsonl", *words, "--format", "json"
        )
        served = pages.get(f"/statement.json?{urlencode(given_)}")
        assert served.text == printed.out
        page = pages.get(f"/statement?{urlencode(given_)}")
        assert page.status_code == 200


@given(data=st.data(), events=ANY)
@examples(40)
def test_of_selected_dossiers_each_figure_is_the_number_of_its_list(
    data: DataObject, events: list[Json]
) -> None:
    ledger = ledger_of(events, data.draw(policies()), data.draw(as_ofs(events)))
    window, selected = (
        Window(*data.draw(windows(events))),
        data.draw(st.sampled_from(filters(events))),
    )
    by = data.draw(st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=1))
    stated = statement_from(selected_balance_sheets(ledger, by, selected), window)
    for figure in FIGURES:
        if figure != "transferred":
            listed = dossiers(ledger, window, [figure], by, selected)
            assert len(listed) == number(stated["total"], figure), figure
    if selected == filters(events)[0]:
        assert stated == statement_from(balance_sheets(ledger, by), window)


def number(total: Json, figure: str) -> int:
    """A figure of a line by its dotted name."""
    group, _, part = figure.partition(".")
    found = total[group]
    if isinstance(found, dict):
        found = found[part or "total"]
    assert isinstance(found, int)
    return found

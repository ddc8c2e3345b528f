"""Is a comparison the difference of two statements, and of the lists behind their figures?"""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.documents.comparison import ASKED, NUMBERS, document
from hoso.projections.documents.model import Difference, Place, Values, as_number
from hoso.projections.ledger.comparison import Side, compare, differing
from hoso.projections.ledger.drilldown import FIGURES, DossierFilter, dossiers
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import ATTRIBUTIONS, statement
from tests.engine import Json, examples, ledger_of
from tests.histories import as_ofs, histories, histories_in_law, policies, windows

ANY = st.one_of(histories(), histories_in_law())
BY = st.one_of(  # mostly by where a dossier stands, as transfers are between these
    st.sampled_from([["agency"], ["agency", "field"], ["level"]]),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2),
)


def drawn(data: DataObject, events: list[Json]) -> Side:
    """A side: any window, as known at any instant, by any rules, of all dossiers or of some."""
    ledger = ledger_of(events, data.draw(policies()), data.draw(as_ofs(events)))
    return Side(
        ledger,
        Window(*data.draw(windows(events))),
        data.draw(st.sampled_from(filters(events))),
        data.draw(st.sampled_from(ATTRIBUTIONS)),
    )


def filters(events: Sequence[Json]) -> list[DossierFilter]:
    """All dossiers; those of a channel; those of a body that is above every second agency."""
    named = (event["data"].get("agency") for event in events if "data" in event)
    codes = sorted({code for code in named if code})
    top = Agency("TOP", "Top", "province", None)
    below = [Agency(code, code, "commune", "TOP") for code in codes[::2]]
    registry = AgencyRegistry([top, *below])
    return [
        DossierFilter(),
        DossierFilter({"channel": ["online", None]}),
        DossierFilter({}, registry, "TOP"),
    ]


def listed(side: Side, figure: str, by: Sequence[str]) -> Counter[tuple[str | None, ...]]:
    """The dossiers behind a figure, as the drill-down lists them, each with its slice."""
    rows = dossiers(side.ledger, side.window, [figure], by, side.selected, side.attribution)
    return Counter((row["dossier"], *(row[name] for name in by)) for row in rows)


@given(data=st.data(), events=ANY, by=BY)
@examples(60)
def test_each_side_has_the_figures_of_its_statement(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    a, b = (drawn(data, events)._replace(selected=DossierFilter()) for _ in range(2))
    compared = compare(a, b, [*ASKED.values()], by)
    for side, number in ((a, 0), (b, 1)):
        stated = statement(side.ledger, side.window, by, side.attribution)
        for line in stated["lines"]:
            found = compared.lines.get(tuple(line["slice"].values()))
            for name, asked in ASKED.items():
                assert (found[asked][number] if found else 0) == leaf(line, name)
        for name, asked in ASKED.items():
            assert compared.total[asked][number] == leaf(stated["total"], name)


@given(data=st.data(), events=ANY, by=BY)
@examples(60)
def test_the_dossiers_named_are_the_difference_in_every_cell(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    a, b = drawn(data, events), drawn(data, events)
    compared = compare(a, b, FIGURES, by)
    for figure in FIGURES:
        own, other = listed(a, figure, by), listed(b, figure, by)
        rows = differing(a, b, [figure], by)
        for side, only in (("a", own - other), ("b", other - own)):
            named = [row for row in rows if row["only"] == side]
            assert Counter((r["dossier"], *(r[n] for n in by)) for r in named) == only
        for slice_, line in compared.lines.items():
            in_slice = [
                sum(number for (_, *values), number in each.items() if tuple(values) == slice_)
                for each in (own, other, own - other, other - own)
            ]
            assert list(line[figure]) == in_slice
        assert sum(own.values()) == sum(line[figure].a for line in compared.lines.values())
        assert sum(other.values()) == sum(line[figure].b for line in compared.lines.values())


@given(data=st.data(), events=ANY, by=BY)
@examples(40)
def test_differences_add_up_in_every_cell_of_the_document(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    a, b = drawn(data, events), drawn(data, events)
    made = document(a, b, compare(a, b, [*ASKED.values()], by))
    (table,) = made.tables()
    values = Values(table, made.rounding)
    for row in table.rows:
        own, other, difference, only_a, only_b = (
            as_number(values[Place(row.key, name)]) or 0 for name in NUMBERS
        )
        assert isinstance(row.cells["difference"], Difference)
        assert difference == own - other == only_a - only_b


@given(data=st.data(), events=ANY)
@examples(40)
def test_a_side_compared_with_itself_has_no_difference(
    data: DataObject, events: list[Json]
) -> None:
    side = drawn(data, events)
    total = compare(side, side, FIGURES).total
    assert all(found.a == found.b and not found.only_a + found.only_b for found in total.values())
    assert differing(side, side, FIGURES) == []


def leaf(line: Json, name: str) -> int:
    """A figure of a statement's line by its dotted name."""
    group, _, part = name.partition(".")
    return int(line[group][part] if part else line[group])

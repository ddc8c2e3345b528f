"""Do some dossiers of an archive, read without the others, stand as in the whole log?"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.archive.chosen import log_of_dossiers
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.drilldown import FIGURES, SUSPENSE, DossierFilter
from hoso.projections.ledger.explain import UnknownDossier, explain
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.tools.sources.archive import ArchiveSource
from hoso.tools.sources.source import Options
from tests.archived import archived_in
from tests.engine import LOCAL, Json, examples, ledger_of, log_of, office
from tests.histories import as_ofs, histories, policies, standstills, windows
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
CUTS = st.lists(st.integers(0, 60), max_size=3).map(sorted)
FEW = st.integers(6, 60)
ANY_FIGURE = st.sampled_from((*FIGURES, SUSPENSE))
IN_THE_END = day_number(datetime(2199, 12, 31, tzinfo=UTC).date())
WITHOUT_CACHE = Options(LOCAL, cache=False)


@given(data=st.data(), events=ANY, cuts=CUTS, rows=FEW, rules=policies())
@examples(25)
def test_an_explanation_reads_its_dossier_only_and_is_the_same(
    data: DataObject, events: list[Json], cuts: list[int], rows: int, rules: Rules
) -> None:
    as_of = data.draw(as_ofs(events))
    whole = ledger_of(events, rules, as_of)
    with archived_in(events, cuts, rows, many_files=2) as folder:
        for code in sorted({event["subject"] for event in events}):
            source = ArchiveSource(folder, WITHOUT_CACHE)
            part = source.ledger_of(office(rules), as_of, [code])
            assert told(part, code) == told(whole, code)


def told(ledger: Ledger, code: str) -> object:
    try:
        return explain(ledger, code, IN_THE_END)
    except UnknownDossier:
        return None


@given(data=st.data(), events=ANY, cuts=CUTS, rows=FEW, rules=policies())
@examples(25)
def test_the_dossiers_behind_a_figure_are_the_same(
    data: DataObject, events: list[Json], cuts: list[int], rows: int, rules: Rules
) -> None:
    as_of, window = data.draw(as_ofs(events)), data.draw(windows(events))
    by = data.draw(st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2))
    whole = ledger_of(events, rules, as_of)
    with archived_in(events, cuts, rows, many_files=2) as folder:
        source = ArchiveSource(folder, WITHOUT_CACHE)
        for figure in data.draw(st.lists(ANY_FIGURE, min_size=3, max_size=6, unique=True)):
            part = source.ledger_behind(office(rules), as_of, Window(*window), [figure])
            assert listed(part, window, figure, by) == listed(whole, window, figure, by)


def listed(ledger: Ledger, window: tuple[date, date], figure: str, by: Sequence[str]) -> object:
    if figure == SUSPENSE:
        return drilldown.suspended_events(ledger, Window(*window))
    everything = DossierFilter(registry=AgencyRegistry())
    return drilldown.dossiers(ledger, Window(*window), [figure], by, everything)


@given(events=histories(), cuts=CUTS)
@examples(20)
def test_what_is_read_are_the_dossiers_and_who_shares_an_identity_with_them(
    events: list[Json], cuts: list[int]
) -> None:
    """A dossier of whose identities no other has one comes alone."""
    identities: dict[str, set[tuple[str, str]]] = {}
    for event in events:
        own = identities.setdefault(event["subject"], set())
        own.add((event["source"], event["id"]))
        if (annulled := event.get("data", {}).get("event_id")) is not None:
            own.add((event["source"], annulled))
    log = log_of(events)
    with archived_in(events, cuts, 10, many_files=2) as folder:
        for code, own in identities.items():
            others = [each for other, each in identities.items() if other != code]
            if own.isdisjoint(set().union(*others)):
                read = log_of_dossiers(folder, [code])
                assert set(read["dossier"].to_pylist()) == {code}
                assert read.to_pylist() == [r for r in log.to_pylist() if r["dossier"] == code]

"""One vocabulary: a word is one figure in all reports, and another figure has another word."""

from collections import defaultdict
from datetime import date
from functools import cache
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window
from hoso.projections.documents.model import Count, Document, DrillDown, Language, Sum
from hoso.projections.documents.statement import document
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.statement import statement
from hoso.projections.reports.basis.cube import accounts_of
from hoso.tools.inputs import profiles
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.history import simulate
from tests.engine import Json, examples, ledger_of
from tests.filed import LEAST, filed
from tests.histories import histories, policies, standstills, windows
from tests.labelled import Labelled, labelled, labels
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
LANGUAGES: tuple[Language, ...] = get_args(Language)
YEAR = Window(date(2022, 9, 1), date(2023, 8, 31))
QUARTER = Window(date(2022, 12, 15), date(2023, 3, 14))
FORMS = ("ii06a", "form07a", "form07b", "form07c")
INDEXES = st.sampled_from(["national", "portal-2024", "local"])


@cache
def _province() -> Ledger:
    return ledger_of(simulate(600, 3, calendar().days, YEAR, facts=True))


def _filing(ledger: Ledger, window: Window, index: str) -> list[Document]:
    given = LEAST._replace(index_profile=profiles.index_by(index))
    told = document([statement(ledger, window)], single=True)
    return [told, *filed(ledger, window, given).values()]


@given(data=st.data(), events=ANY, rules=policies(), index=INDEXES)
@examples(15)
def test_a_word_is_one_figure_in_all_reports(
    data: DataObject, events: list[Json], rules: Rules, index: str
) -> None:
    filing = _filing(ledger_of(events, rules), Window(*data.draw(windows(events))), index)
    for language in LANGUAGES:
        found: dict[object, list[Labelled]] = defaultdict(list)
        for each in (each for report in filing for each in labelled(report, language)):
            found[each.label, each.slice, each.window].append(each)
        for same in found.values():
            assert len({each.value for each in same}) == 1, same


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("index", ["national", "portal-2024", "local"])
def test_another_figure_has_another_word(language: Language, index: str) -> None:
    counted = defaultdict(set)
    for report in _filing(_province(), QUARTER, index):
        for each in labelled(report, language):
            behind = each.cell.behind if isinstance(each.cell, Count | Sum) else None
            if isinstance(behind, DrillDown):
                counted[each.label].add(frozenset(accounts_of(behind.figures)))
                if report.name not in FORMS:
                    assert each.label in labels(language), each
    assert len(counted) > 40
    assert {label: sets for label, sets in counted.items() if len(sets) > 1} == {}

"""Does the engine say what the contract says? Held against the day-by-day model of tests.model.

The model shares no code with the engine, but for which days Vietnam works (test_calendar).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from hoso.domain.windows import Window
from hoso.projections.kernels import run
from hoso.projections.ledger.fold import Folded
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement
from tests import model
from tests.engine import (
    LOCAL,
    Json,
    accounts_on,
    compiling,
    day_of,
    examples,
    is_working,
    ledger_of,
    log_of,
    office,
)
from tests.histories import as_ofs, histories, policies, standstills, windows
from tests.model import Rules

BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3)
LIVES = pytest.mark.parametrize(
    "lives", [histories(), standstills()], ids=["any histories", "clocks that stand still"]
)
MONTHS = timedelta(days=100)


@LIVES
@given(data=st.data())
@examples(300)
def test_every_dossier_and_every_figure_stands_where_the_model_puts_it(
    lives: SearchStrategy[list[Json]], data: DataObject
) -> None:
    # It is the drawing of histories that takes time, so that much is asked of each.
    events = data.draw(lives)
    for _ in range(2):
        rules, as_of = data.draw(policies()), data.draw(as_ofs(events))
        ledger = ledger_of(events, rules, as_of)
        for day in days_of_interest(events):
            assert accounts_on(ledger, day) == modelled_accounts(events, day, rules, as_of)
        for _ in range(2):
            window, by = data.draw(windows(events)), data.draw(BY)
            ours = statement(ledger, Window(*window), by)
            theirs = modelled(events, window, by, rules, as_of)
            assert {part: ours[part] for part in theirs} == theirs


@LIVES
@given(data=st.data(), rules=policies())
@examples(100)
def test_the_fold_compiled_writes_the_same_journal(
    lives: SearchStrategy[list[Json]], data: DataObject, rules: Rules
) -> None:
    log, as_of = log_of(data.draw(lives)), data.draw(as_ofs())
    with patch.object(run, "NATIVE", "nowhere"):
        interpreted = replay(log, office(rules), as_of).folded
    with compiling():
        compiled = replay(log, office(rules), as_of).folded
    assert as_lists(compiled) == as_lists(interpreted)


def modelled(
    events: Sequence[Json],
    window: tuple[date, date],
    by: Sequence[str],
    rules: Rules,
    as_of: datetime | None,
) -> Json:
    """Window, lines, total and suspense by the model."""
    log = model.as_recorded(events)
    return model.statement(
        log, window, by=by, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL
    )


def modelled_accounts(
    events: Sequence[Json], day: date, rules: Rules, as_of: datetime | None
) -> dict[str, str]:
    """The account of each dossier by the model."""
    log = model.as_recorded(events)
    return model.accounts_on(log, day, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL)


def days_of_interest(events: Sequence[Json]) -> list[date]:
    """Each day on which something occurred, and one by which every deadline has passed."""
    days = {day_of(event) for event in events}
    return sorted(days | {max(days) + MONTHS})


def as_lists(folded: Folded) -> list[list[list[int]]]:
    """Journal and suspense, column by column."""
    return [[column.tolist() for column in part] for part in folded]

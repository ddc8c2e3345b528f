"""Does the register say of each dossier what the model says, and add up to the statement?"""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.accounts import ACCOUNT_COUNT, ACCOUNTS, OUTSIDE
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.archive.register import register_of_archive
from hoso.projections.ledger.ledger import balances
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import statement
from tests import model
from tests.archived import NEVER_MADE_ONE, archived_in
from tests.engine import (
    LOCAL,
    Json,
    compiling,
    day_of,
    examples,
    is_working,
    ledger_of,
    log_of,
    office,
)
from tests.histories import as_ofs, histories, policies, standstills
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
CUTS = st.lists(st.integers(0, 60), max_size=3).map(sorted)
EVER = date(1900, 1, 1)


def days(events: Sequence[Json]) -> st.SearchStrategy[date]:
    """A day on which something occurred, or any between the first and a while after the last."""
    seen = sorted(map(day_of, events))
    return st.one_of(st.sampled_from(seen), st.dates(seen[0], date(2026, 12, 31)))


def told(register: pa.Table) -> list[dict[str, Any]]:
    """Its rows, dossier by dossier."""
    rows: list[dict[str, Any]] = register.sort_by("dossier").to_pylist()
    return rows


def in_archive(folder: Path, rules: Rules, moment: Moment) -> list[dict[str, Any]]:
    return told(pa.concat_tables(register_of_archive(folder, office(rules), moment)))


def modelled(
    events: list[Json], day: date, rules: Rules, as_of: datetime | None
) -> list[dict[str, Any]]:
    log = model.as_recorded(events)
    rows = model.register(log, day, as_of=as_of, rules=rules, is_working=is_working, zone=LOCAL)
    return [rows[code] for code in sorted(rows)]


@given(data=st.data(), events=ANY)
@examples(150)
def test_each_row_is_that_of_the_model(data: DataObject, events: list[Json]) -> None:
    log = log_of(events)
    for _ in range(3):
        rules, as_of, day = (
            data.draw(policies()),
            data.draw(as_ofs(events)),
            data.draw(days(events)),
        )
        ours = told(register_of_log(log, office(rules), Moment(as_of, day_number(day))))
        assert ours == modelled(events, day, rules, as_of)


@given(data=st.data(), events=ANY, rules=policies())
@examples(100)
def test_counted_by_account_it_is_the_balances_at_the_end_of_the_day(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    as_of, day = data.draw(as_ofs(events)), data.draw(days(events))
    ledger = ledger_of(events, rules, as_of)
    # No figure tells of a day that has not been.
    day = min(day, ledger.office.last_day(as_of))
    register = register_of_log(ledger.log, ledger.office, Moment(as_of, day_number(day)))
    accounts = Counter(register["account"].to_pylist())
    [sheet] = balances(ledger).at_end_of(day).reshape(-1, ACCOUNT_COUNT).tolist() or [
        [0] * ACCOUNT_COUNT
    ]
    assert [accounts[name] for name in ACCOUNTS] == sheet[:OUTSIDE]
    assert sheet[OUTSIDE:] == [-len(register), 0, 0]  # nothing is transferred within one slice
    stated = statement(ledger, Window(EVER, day))["total"]
    groups = [name.split(".") for name in ACCOUNTS]
    assert [accounts[name] for name in ACCOUNTS] == [stated[group][part] for group, part in groups]


@given(data=st.data(), events=ANY, rules=policies())
@examples(60)
def test_compiled_it_is_the_same(data: DataObject, events: list[Json], rules: Rules) -> None:
    moment = Moment(data.draw(as_ofs(events)), day_number(data.draw(days(events))))
    interpreted = register_of_log(log_of(events), office(rules), moment)
    with compiling():
        assert register_of_log(log_of(events), office(rules), moment).equals(interpreted)


@given(data=st.data(), events=ANY, cuts=CUTS, rules=policies(), in_files=st.booleans())
@examples(60)
def test_an_archive_has_the_register_of_its_log(
    data: DataObject, events: list[Json], cuts: list[int], rules: Rules, in_files: bool
) -> None:
    log, made_one = log_of(events), nullcontext() if not in_files else NEVER_MADE_ONE
    with made_one, archived_in(events, cuts, rows=10, many_files=2) as folder:
        for _ in range(2):
            moment = Moment(data.draw(as_ofs(events)), day_number(data.draw(days(events))))
            expected = told(register_of_log(log, office(rules), moment))
            assert in_archive(folder, rules, moment) == expected

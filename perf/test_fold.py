"""The fold and the statement, compared with reading the columns that the fold needs."""

import numpy as np
import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.domain import kinds
from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.kernels.native import compiled
from hoso.projections.ledger import ledger as ledgers
from hoso.projections.ledger.fold import fold
from hoso.projections.ledger.statement import statement
from hoso.projections.log.lives import valid_lives
from hoso.projections.log.schema import codes, integers, places
from hoso.tools.runtime import environment
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from perf.conftest import measure

GROUP = "fold the log"
OFFICE = environment.office(Policy())


@pytest.fixture(scope="module")
def log(store: str) -> pa.Table:
    """The log of the history as a table."""
    return open_source([store], Options(OFFICE.zone)).history().combine_chunks()


def test_limit_reading_the_columns(benchmark: BenchmarkFixture, log: pa.Table) -> None:
    """numpy reads every column that the rules use, once."""

    def read() -> int:
        numbers = [integers(log[name]) for name in ("occurred", "recorded", "due", "allowance")]
        texts = [codes(log[name]) for name in ("dossier", "reason", "unit")]
        columns = [*numbers, *texts, integers(log["event"]), places(log["type"], kinds.KINDS)]
        return sum(int(np.sum(column)) for column in columns)

    measure(benchmark, GROUP, read)


def test_fold(benchmark: BenchmarkFixture, log: pa.Table) -> None:
    """From the table to the journal: repeats, annulments, sorting, rules."""
    measure(benchmark, GROUP, fold, log, OFFICE)


def test_rules_alone(benchmark: BenchmarkFixture, log: pa.Table) -> None:
    """The compiled rule book alone, over sorted columns."""
    lives = valid_lives(log, OFFICE.zone, None)
    size = len(lives.row)
    journal = JournalArrays(*[np.empty(2 * size, dtype=np.int64) for _ in JournalArrays._fields])
    suspended, law = np.empty(size, dtype=np.int64), OFFICE.policy.as_rules_read_it()
    arguments = (lives.for_rules(), 0, size, law, OFFICE.calendar.days, journal, suspended)
    measure(benchmark, GROUP, compiled(write_journal), *arguments)


def test_fold_and_state(benchmark: BenchmarkFixture, log: pa.Table) -> None:
    """From the table to a statement by agency and channel."""

    def run() -> object:
        ledger = ledgers.replay(log, OFFICE)
        return statement(ledger, named_window("2023-Q1"), ["agency", "channel"])

    measure(benchmark, GROUP, run)


def test_one_more_window(benchmark: BenchmarkFixture, log: pa.Table) -> None:
    """One balance sheet minus another, where the balances are computed already."""
    balance_sheets = ledgers.balances(ledgers.replay(log, OFFICE), ["agency"])
    window = named_window("2023-Q1")

    def subtract() -> object:
        return balance_sheets.at_end_of(window.last) - balance_sheets.at_end_of(window.first)

    measure(benchmark, GROUP, subtract)

"""Is a live ledger, into which events are folded as they come, that of a fold from nothing?"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from tempfile import TemporaryDirectory
from threading import Event
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.windows import Window
from hoso.projections.ledger.ledger import balance_sheets, replay
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from hoso.projections.live import runs
from hoso.projections.live.files import MAPPED
from hoso.projections.live.ledger import LiveLedger
from hoso.projections.live.proving import differing
from hoso.tools.jobs.follow import follow
from hoso.tools.sources.live import live_sheets
from tests.engine import Json, examples, log_of, office, stated
from tests.histories import histories, histories_in_law, policies, standstills, windows
from tests.model import Rules
from tests.property.test_store_refresh import YEAR, a_store, append

ANY = st.one_of(histories(), standstills(), histories_in_law())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True)
CUTS = st.lists(st.integers(0, 60), min_size=1, max_size=6).map(sorted)


class TableLog:
    """A log that is a table."""

    def __init__(self, log: pa.Table) -> None:
        self._log, self._end = log, len(log)

    def last_position(self) -> int:
        return self._end

    def table(self, after: int, until: int) -> pa.Table:
        return self._log.slice(after, until - after)

    def lives(self, dossiers: Sequence[str], until: int) -> pa.Table:
        known = self._log.slice(0, until)
        return known.filter(pc.is_in(known["dossier"].cast(pa.string()), pa.array(dossiers)))

    def at(self, positions: Sequence[int]) -> pa.Table:
        return self._log.take(pa.array([each - 1 for each in positions], pa.int64()))


@given(data=st.data(), events=ANY, cuts=CUTS, by=BY, rules=policies())
@examples(50)
def test_it_is_the_same_however_the_log_has_grown(
    data: DataObject, events: list[Json], cuts: list[int], by: list[str], rules: Rules
) -> None:
    whole, judged = log_of(events), office(rules)
    log, ends = TableLog(whole), [min(cut, len(events)) for cut in cuts] + [len(events)]
    ledger = LiveLedger.of(whole.slice(0, ends[0]), judged)
    for start, end in pairwise(ends):
        ledger.carry_on(log, end - start)
        assert ledger.position == end
        known = whole.slice(0, end)
        for dimensions in (by, []):
            window = Window(*data.draw(windows(events)))
            expected = balance_sheets(replay(known, judged), dimensions)
            found = statement_from(ledger.sheets(dimensions), window)
            assert found == statement_from(expected, window)
        assert differing(ledger, log, known["dossier"].unique().to_pylist()) == []


@given(events=ANY, cuts=CUTS)
@examples(15)
def test_it_is_the_same_after_restarts(events: list[Json], cuts: list[int]) -> None:
    ends = sorted({0, *(min(cut, len(events)) for cut in cuts), len(events)})
    with a_store() as (url, store), own_cache(), patch.object(runs, "TIMES_AS_LONG", 2):
        append(store, [])
        for start, end in pairwise(ends):
            append(store, events[start:end])
            follow(url, office(), Event(), until_end=True)
            MAPPED.clear()  # as in another process
            sheets = live_sheets(url, office(), ("agency", "level"), 0)
            assert sheets is not None
            expected = stated(events[:end], YEAR, ("agency", "level"))
            assert statement_from(sheets, YEAR)["digest"] == expected["digest"]


@contextmanager
def own_cache() -> Iterator[None]:
    with TemporaryDirectory() as folder, patch.dict(os.environ, XDG_CACHE_HOME=folder):
        yield

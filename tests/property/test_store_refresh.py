"""Are balance sheets that keep up with a growing store those of a fold from nothing?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import Store, open_store
from hoso.domain.windows import Window
from hoso.projections.cache.fingerprint import fingerprint
from hoso.projections.cache.kinds import EVENT_KEYS, STORE_BALANCES
from hoso.projections.cache.seal import sealed
from hoso.projections.ledger import encoding, refresh
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from hoso.projections.log import streams
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.engine import LOCAL, Json, examples, office, stated
from tests.histories import histories, lines, policies, standstills, windows
from tests.model import DEFAULT_RULES, Rules
from tests.told import annulled, asked, brought, received, resolved

ANY = st.one_of(histories(), standstills())
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2)
CUTS = st.lists(st.integers(0, 60), min_size=1, max_size=4).map(sorted)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
YEAR = Window(*(datetime(2023, month, 1, tzinfo=UTC).date() for month in (1, 12)))


@contextmanager
def a_store() -> Iterator[tuple[str, Store]]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hoso.db'}"
        with open_store(url, create=True) as store:
            yield url, store


def append(store: Store, events: Sequence[Json]) -> None:
    reading = IntakeContext("events", LOCAL, NOW, None)
    with store.writing() as writer:
        writer.append(validate_messages(lines(events), "event {}".format, reading).entries)


def digest(url: str, window: Window, by: Sequence[str] = (), rules: Rules = DEFAULT_RULES) -> str:
    [sheets] = StoreSource(url, Options(LOCAL)).balances([office(rules)], None, by)
    return str(statement_from(sheets, window)["digest"])


@given(data=st.data(), events=ANY, cuts=CUTS, by=BY, rules=policies())
@examples(50)
def test_they_are_the_same_however_the_log_has_grown(
    data: DataObject, events: list[Json], cuts: list[int], by: list[str], rules: Rules
) -> None:
    ends = [min(cut, len(events)) for cut in cuts] + [len(events)]
    with (
        a_store() as (url, store),
        patch.object(refresh, "MANY_SMALL", 2),
        patch.object(streams, "SEGMENT_EVENTS", 5),
        patch.object(refresh, "SEGMENT_KEYS", 5),
    ):
        for start, end in pairwise([0, *ends]):
            append(store, events[start:end])
            window = data.draw(windows(events))
            expected = stated(events[:end], window, by, rules)["digest"]
            assert digest(url, Window(*window), by, rules) == expected
            assert digest(url, Window(*window)) == stated(events[:end], window)["digest"]


FIRST = [received("2023-03-01", 5), asked("2023-03-02"), received("2023-03-01", 5, code="D2")]
# Of both dossiers: late ones, a repeat, an annulment, and what it takes back.
LATER = [
    brought("2023-03-06"),
    resolved("2023-03-20", code="D2"),
    FIRST[1],
    asked("2023-03-07"),
    annulled(asked("2023-03-07"), "2023-03-08T08:00:00+07:00"),
    received("2023-02-01", 5, code="D3"),
    resolved("2023-02-28"),
]


def test_what_is_new_is_folded_and_nothing_else() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        digest(url, YEAR)
        with patch.object(StoreSource, "history", side_effect=AssertionError("all was read")):
            for n, event in enumerate(LATER, 1):
                append(store, [event])
                expected = stated([*FIRST, *LATER[:n]], YEAR)["digest"]
                assert digest(url, YEAR) == expected


def test_they_keep_up_in_steps_where_nothing_can_be_kept() -> None:
    """Once, to go on from what could not be written had no end."""
    away = StoreError("cannot be written")
    with a_store() as (url, store):
        append(store, FIRST)
        digest(url, YEAR)
        append(store, LATER)
        with (
            patch.object(refresh, "BATCH_EVENTS", 2),
            patch.object(refresh, "FOLD_ALL_FROM", 1),
            patch.object(Store, "keep_cached", side_effect=away),
            patch.object(StoreSource, "history", side_effect=AssertionError("all was read")),
        ):
            assert digest(url, YEAR) == stated([*FIRST, *LATER], YEAR)["digest"]


history = StoreSource.history


def test_an_event_with_the_identity_of_another_dossiers_has_all_folded_anew() -> None:
    twin = {**received("2023-03-03", 5, code="D9"), "id": FIRST[0]["id"]}
    with a_store() as (url, store):
        append(store, FIRST)
        digest(url, YEAR)
        append(store, [twin])
        with patch.object(StoreSource, "history", autospec=True, side_effect=history) as read:
            assert digest(url, YEAR) == stated([*FIRST, twin], YEAR)["digest"]
        assert read.called


def test_keys_that_were_lost_are_made_anew() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        digest(url, YEAR)
        name = fingerprint(EVENT_KEYS)
        [(after, until, _)] = store.cached("event_keys", name)
        store.keep_cached("event_keys", name, [(after, until, b"other keys")], 1)
        append(store, LATER)
        assert digest(url, YEAR) == stated([*FIRST, *LATER], YEAR)["digest"]
        assert store.cached("event_keys", name)[-1][1] == len(FIRST) + len(LATER)


def test_sheets_that_do_not_read_are_made_anew() -> None:
    with a_store() as (url, store):
        append(store, FIRST)
        name = encoding.name_for(STORE_BALANCES, office(), [])
        store.keep_cached("balances", name, [(0, 2, sealed(b"not balance sheets"))], 1)
        assert digest(url, YEAR) == stated(FIRST, YEAR)["digest"]

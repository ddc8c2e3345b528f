"""Erasing any dossier, or official, changes names and nothing else: no figure, no digest."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pyarrow import feather

from hoso.consumers.store.erase import erase
from hoso.consumers.store.log import Store
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.ledger.explain import explain
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import statement_from
from hoso.projections.reports.basis.periods import cube_of
from hoso.tools.jobs.archive import archive, verify
from hoso.tools.jobs.erase import follow
from hoso.tools.sources.archive import ArchiveSource
from hoso.tools.sources.source import Options, Source
from hoso.tools.sources.store import StoreSource
from tests.archived import growing
from tests.engine import LOCAL, Json, examples, office
from tests.histories import histories, noted, standstills, windows
from tests.property.test_store_refresh import a_store, append

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IN_THE_END = day_number(date(2199, 12, 31))
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2)
GLUED = "x{code}{id}"  # such an id is renamed where it is of the dossier, or the same as one of it
CODE_IN_ID = ("{id}", "{code}.{id}", GLUED, "{kind} {code} {id}")


@st.composite
def named(draw: st.DrawFn) -> list[Json]:
    """A history whose ids may contain the code of their dossier, or of another; cancellations may
    name another dossier, events an official."""
    events = draw(st.one_of(histories(), standstills(), noted()))
    form, codes = draw(st.sampled_from(CODE_IN_ID)), sorted({e["subject"] for e in events})
    strange = draw(st.sampled_from(codes))
    officials = draw(st.lists(st.sampled_from(("A-1", "A-12", None)), min_size=1))
    ids: dict[tuple[str, str], str] = {}  # what shared an id shares one still
    for event in events:
        is_strange = form != GLUED and draw(st.integers(0, 9)) == 0
        code = strange if is_strange else event["subject"]
        new = form.format(code=code, kind=event["type"], id=event["id"])
        ids.setdefault((event["source"], event["id"]), new)
    made = []
    for place, event in enumerate(events):
        data = dict(event.get("data", {}))
        if "event_id" in data:
            known = ids.get((event["source"], data["event_id"]), data["event_id"])
            data["event_id"] = known
        if event["type"] == "dossier.cancelled.v1" and data["reason"] in (
            "duplicate",
            "re_entered",
        ):
            data["replaced_by"] = strange
        if (official := officials[place % len(officials)]) is not None:
            data["official"] = official
        made.append(event | {"id": ids[event["source"], event["id"]], "data": data})
    return made


def figures(source: Source, window: Window, by: Sequence[str]) -> list[Any]:
    """The digest of a statement, its lines, and all figures that reports are made of."""
    [sheets] = source.balances([office()], None, by)
    stated = statement_from(sheets, window)
    cube = cube_of(source.periods(office(), None, [window]), window, AgencyRegistry())
    lines = [json.dumps(line, sort_keys=True) for line in stated["lines"]]
    return [stated["digest"], lines, cube.numbers.tolist(), stated["suspense"]]


def lives(source: Source, code: str) -> list[Any]:
    """What is told of a dossier's life, without names."""
    steps = explain(source.ledger(office(), None), code, IN_THE_END)
    return [(step.day, step.account, step.suspense) for step in steps]


def texts(store: Store) -> list[str]:
    return [stored.state.decode() for stored in store.read()]


@given(data=st.data(), events=named(), by=BY)
@examples(10)
def test_figures_and_digests_stay_when_a_dossier_is_erased(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    window = Window(*data.draw(windows(events)))
    code = data.draw(st.sampled_from(sorted({event["subject"] for event in events})))
    with a_store() as (url, store), growing(20, 3) as folder:
        append(store, events[: len(events) // 2])
        archive(StoreSource(url, Options(LOCAL)), folder, LOCAL)
        append(store, events[len(events) // 2 :])
        archive(StoreSource(url, Options(LOCAL)), folder, LOCAL)
        before = figures(StoreSource(url, Options(LOCAL)), window, by)
        life = lives(StoreSource(url, Options(LOCAL)), code)

        erased = erase(store, "dossier", code, "request", NOW)
        source = StoreSource(url, Options(LOCAL))
        assert figures(source, window, by) == before
        assert lives(source, erased.pseudonym) == life
        assert code not in "".join(texts(store))

        follow(store, folder, LOCAL)
        assert figures(ArchiveSource(folder, Options(LOCAL, cache=False)), window, by) == before
        assert figures(ArchiveSource(folder, Options(LOCAL)), window, by) == before
        assert verify(source, folder) == []
        assert code not in whole(folder)

        append(store, events)  # as when a topic is read anew
        assert figures(StoreSource(url, Options(LOCAL)), window, by) == before
        assert code not in "".join(texts(store))
        archive(StoreSource(url, Options(LOCAL)), folder, LOCAL)
        assert figures(ArchiveSource(folder, Options(LOCAL)), window, by) == before


@given(data=st.data(), events=named(), by=BY)
@examples(5)
def test_figures_and_digests_stay_when_an_official_is_erased(
    data: DataObject, events: list[Json], by: list[str]
) -> None:
    known = sorted({o for event in events if (o := event["data"].get("official"))})
    if not known:
        return
    window = Window(*data.draw(windows(events)))
    official = data.draw(st.sampled_from(known))
    with a_store() as (url, store):
        append(store, events)
        before = figures(StoreSource(url, Options(LOCAL)), window, by)
        erased = erase(store, "official", official, "request", NOW)
        assert figures(StoreSource(url, Options(LOCAL)), window, by) == before
        append(store, events)
        assert figures(StoreSource(url, Options(LOCAL)), window, by) == before
        named_by = [json.loads(text)["data"].get("official") for text in texts(store)]
        assert official not in named_by
        assert erased.pseudonym in named_by


def whole(folder: Path) -> str:
    """All that the files of an archive say."""
    tables = [pq.read_table(path) for path in folder.glob("*.parquet")]
    tables += [feather.read_table(path) for path in folder.glob("*.arrow")]
    dictionaries = [
        str(chunk.dictionary.to_pylist())
        for table in tables
        for column in table.columns
        for chunk in column.chunks
        if hasattr(chunk, "dictionary")
    ]
    rows = [json.dumps(table.to_pylist(), default=str) for table in tables]
    return "".join([*rows, *dictionaries])

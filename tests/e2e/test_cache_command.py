"""``hoso cache`` shows what the caches hold, and empties them; figures stay the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from hoso.projections.cache.kinds import KINDS
from hoso.tools.jobs.cache import WHAT
from hoso.tools.jobs.histories import for_same_history
from tests.command import SPAN, done, hoso

STORE = "sqlite:///hoso.db"
PLACES = ("--source", STORE, "--source", "archive")
CALL = ("--window", "2023-Q1", "--format", "json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store and an archive with a cached statement each, and a cache of one's own."""
    done(tmp_path, "simulate", *SPAN, "--dossiers", "200", "--out", "events.jsonl")
    done(tmp_path, "ingest", "events.jsonl")
    done(tmp_path, "archive", "--out", "archive")
    for place in (STORE, "archive"):
        done(tmp_path, "statement", "--source", place, *CALL, **own(tmp_path))
    return tmp_path


def own(folder: Path) -> dict[str, Any]:
    return {"XDG_CACHE_HOME": str(folder / "own")}


def held(folder: Path, *options: str) -> set[tuple[str, str]]:
    """The place and kind of all that ``hoso cache`` lists; each has entries and a size."""
    printed = done(folder, "cache", *options, "--format", "json", **own(folder))
    [table] = json.loads(printed)["parts"]
    lines = [row["cells"] for row in table["rows"][:-1]]
    assert all(line["entries"]["value"] and line["size"]["value"] for line in lines)
    return {(line["place"]["value"], line["kind"]["value"]) for line in lines}


def test_each_cache_is_listed_with_its_kinds(folder: Path) -> None:
    entries = str(folder / "own" / "hoso" / "entries")
    assert held(folder) <= {(entries, "holidays"), (entries, "code")}
    assert {kind for place, kind in held(folder, *PLACES) if place == STORE} == {
        "balances",
        "columns",
        "event_keys",
    }
    assert ("archive", "balances") in held(folder, *PLACES)


def test_cleared_caches_are_empty_and_figures_stay(folder: Path) -> None:
    before = [done(folder, "statement", "--source", at, *CALL) for at in (STORE, "archive")]
    assert held(folder, *PLACES, "--clear")
    assert not held(folder, *PLACES)
    assert not [*(folder / "archive").glob("cache-*")]
    assert [done(folder, "statement", "--source", at, *CALL) for at in (STORE, "archive")] == before


def test_a_place_without_a_cache_is_refused_and_nothing_is_cleared(folder: Path) -> None:
    answer = hoso(folder, "cache", *PLACES, "--source", "events.jsonl", "--clear", **own(folder))
    assert answer.status == 2
    assert answer.err == (
        "hoso: --source events.jsonl: has no cache: name a store or an archive's folder\n"
    )
    assert held(folder, *PLACES)


def test_each_kind_of_entry_has_a_name_in_both_languages() -> None:
    assert {kind.name for kind in KINDS} == WHAT.keys()


def test_a_call_behind_a_figure_never_has_a_password() -> None:
    sources = ["postgresql://reader:secret@db/hoso", "file.jsonl"]
    words = for_same_history(sources, None, skip_rejects=False)
    assert words == ("--source", "postgresql://reader@db/hoso", "--source", "file.jsonl")

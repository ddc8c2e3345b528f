"""Are the columns that ``hoso ingest`` keeps of large files those of the events it has recorded?"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from hoso.projections.cache.kinds import COLUMNS, Kind
from hoso.projections.cache.shelf import Cache, Entry
from hoso.projections.log import streams
from hoso.tools.jobs import ingest
from hoso.tools.runtime import environment
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.command import done

ZONE = environment.zone()
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LARGE_BYTES", 0)


def lines(first: int, last: int) -> list[bytes]:
    """The receptions of some dossiers, and between them lines that are no events."""
    return [line for number in range(first, last) for line in (b"{}", orjson.dumps(event(number)))]


def event(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{number}",
        "source": "/test",
        "type": "dossier.received.v1",
        "subject": f"H52-{number % 7}",
        "time": f"2026-01-{1 + number % 28:02d}T08:00:00+07:00",
        "data": {
            "agency": f"A{number % 3}",
            "procedure": "1.000001",
            "field": "f",
            "channel": "online",
            "level": "province",
            "due": "2026-02-02",
        },
    }


def ingested(folder: Path, first: int, last: int) -> str:
    file = folder / "new.jsonl"
    file.write_bytes(b"\n".join(lines(first, last)))
    address = f"sqlite:///{folder / 'hoso.db'}"
    context = environment.intake_context("events", as_occurred=True)
    ingest.ingest(address, [str(file)], context)
    return address


def reached(address: str) -> int:
    """The position up to which columns are kept."""
    source = StoreSource(address, Options(ZONE))
    entry = source.cache.last(COLUMNS, source._columns_name())
    return 0 if entry is None else entry.until


def assert_kept_is_recorded(address: str, events: int) -> None:
    assert reached(address) == events
    kept, parsed = (StoreSource(address, Options(ZONE, cache=keep)) for keep in (True, False))
    assert kept.history().to_pylist() == parsed.history().to_pylist()
    assert len(kept.history()) == events


def test_columns_are_kept_of_a_first_file_and_of_a_second(tmp_path: Path) -> None:
    assert_kept_is_recorded(ingested(tmp_path, 0, 30), 30)
    assert_kept_is_recorded(ingested(tmp_path, 30, 90), 90)


def test_columns_of_many_segments_are_kept_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory held the columns of all events at once."""
    monkeypatch.setattr(streams, "SEGMENT_EVENTS", 20)
    held: list[int] = []
    write = Cache.write

    def counted(cache: Cache, kind: Kind, name: str, entries: Iterable[Entry]) -> None:
        held.append(len(whole := list(entries)))
        write(cache, kind, name, whole)

    monkeypatch.setattr(Cache, "write", counted)
    assert_kept_is_recorded(ingested(tmp_path, 0, 90), 90)
    assert held == [1] * 5


def test_where_those_of_before_are_not_kept_none_are(tmp_path: Path) -> None:
    address = ingested(tmp_path, 0, 30)
    done(tmp_path, "cache", "--clear", "--source", address)
    ingested(tmp_path, 30, 60)
    assert reached(address) == 0
    assert len(StoreSource(address, Options(ZONE)).history()) == 60


def test_none_are_kept_once_a_code_was_erased(tmp_path: Path) -> None:
    """A file may have the code, and the log a pseudonym."""
    address = ingested(tmp_path, 0, 30)
    done(tmp_path, "erase", "--dossier", "H52-3", "--because", "request", "--store", address)
    ingested(tmp_path, 30, 60)
    assert reached(address) in (0, 30)
    assert "H52-3" not in StoreSource(address, Options(ZONE)).history()["dossier"].to_pylist()

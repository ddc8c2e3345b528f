"""A dossier that moves between agencies counts where it stood, or where it stands in the end,
whatever keeps the history."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest

from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.archive import writer
from hoso.projections.ledger.drilldown import dossiers
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.statement import (
    ATTRIBUTIONS,
    FINAL,
    HELD,
    final_day,
    statement,
    statement_from,
)
from hoso.tools.jobs import archive as archives
from hoso.tools.runtime import environment
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options, Source
from tests.command import done
from tests.engine import LOCAL, compiling, log_of

Json = dict[str, Any]

JULY = Window(date(2025, 7, 1), date(2025, 7, 31))
JUNE = Window(date(2025, 6, 15), date(2025, 6, 30))


def event(code: str, kind: str, day: str, **data: object) -> Json:
    return {
        "specversion": "1.0",
        "id": f"{code} {kind} {day}",
        "source": "/mot-cua",
        "type": f"dossier.{kind}.v1",
        "subject": code,
        "time": f"{day}T09:00:00+07:00",
        "data": data,
    }


def received(code: str, day: str, agency: str, **data: object) -> Json:
    about = {"field": "dat_dai", "procedure": "1.1", "channel": "online", "level": "district"}
    allowance = {"value": 10, "unit": "working_days"}
    return event(code, "received", day, agency=agency, allowance=allowance, **about | data)


def reassigned(code: str, day: str) -> Json:
    return event(code, "reassigned", day, agency="xa_b")


HISTORY = [
    # Stays where it is.
    received("D1", "2025-06-20", "huyen_a"),
    event("D1", "resolved", "2025-07-02", outcome="granted"),
    # A district's dossiers in progress, paused, and overdue go to two communes on 1 July.
    received("D2", "2025-06-20", "huyen_a"),
    event("D2", "reassigned", "2025-07-01", agency="xa_b", level="commune"),
    event("D2", "resolved", "2025-07-03", outcome="granted"),
    received("D3", "2025-06-23", "huyen_a"),
    event("D3", "paused", "2025-06-25", reason="other"),
    event("D3", "reassigned", "2025-07-01", agency="xa_c", level="commune"),
    received("D4", "2025-05-23", "huyen_a"),
    event("D4", "reassigned", "2025-07-01", agency="xa_b"),
    # It goes on, and comes back; the level and the field stay.
    received("D5", "2025-06-24", "huyen_a"),
    event("D5", "reassigned", "2025-07-02", agency="xa_b"),
    event("D5", "reassigned", "2025-07-08", agency="huyen_a"),
    # After it is closed, and before it is received, a reassignment is in suspense.
    received("D6", "2025-06-24", "huyen_a"),
    event("D6", "reassigned", "2025-06-20", agency="xa_d"),
    event("D6", "returned", "2025-07-04", reason="not_eligible"),
    event("D6", "reassigned", "2025-07-05", agency="xa_d"),
    # It arrives from where it was taken in, and is there already.
    received("D7", "2025-06-30", "xa_b", received_at="xa_c"),
    event("D7", "reassigned", "2025-07-01", agency="xa_b"),
    event("D7", "arrived", "2025-07-01"),
]
ALONE = event("D8", "reassigned", "2025-07-01", agency="xa_b")
BY = ("agency", "level")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with the history in two parts, and whole."""
    where = tmp_path_factory.mktemp("transfers")
    lines = [orjson.dumps(each) + b"\n" for each in HISTORY]
    (where / "whole.jsonl").write_bytes(b"".join(lines))
    (where / "first.jsonl").write_bytes(b"".join(lines[::2]))
    (where / "rest.jsonl").write_bytes(b"".join(lines[1::2]))
    return where


def opened(source: str, *, cache: bool = True) -> Source:
    return open_source([source], Options(LOCAL, cache=cache))


def stated(source: str, window: Window, by: Sequence[str], attribution: str, **how: Any) -> Json:
    office = environment.office(Policy())
    final_on = final_day(attribution, window, office, None)
    [sheets] = opened(source, **how).balances([office], None, by, final_on)
    return statement_from(sheets, window)


def all_stated(source: str, **how: Any) -> list[Json]:
    """Statements of two windows, each way, by two choices of slices."""
    return [
        stated(source, window, by, attribution, **how)
        for window in (JUNE, JULY)
        for by in (BY, ("channel",))
        for attribution in ATTRIBUTIONS
    ]


def figures(document: Json, agency: str, level: str) -> Json:
    return next(
        line for line in document["lines"] if line["slice"] == {"agency": agency, "level": level}
    )


def test_what_moved_is_out_of_one_slice_and_into_another(folder: Path) -> None:
    document = stated(str(folder / "whole.jsonl"), JULY, BY, HELD)
    district = figures(document, "huyen_a", "district")
    assert district["carried_over"] == 6
    assert district["transferred"] == {"in": 1, "out": 4}
    assert district["resolved"]["early"] == 1
    assert district["carried_forward"] == 1
    commune = figures(document, "xa_b", "commune")
    assert commune["transferred"] == {"in": 1, "out": 0}
    assert commune["resolved"]["early"] == 1
    assert figures(document, "xa_c", "commune")["paused"]["in_time"] == 1
    assert document["total"]["transferred"] == {"in": 5, "out": 5}
    assert document["suspense"] == {"events": 2, "dossiers": 1}


def test_in_the_end_all_counts_where_the_dossier_stands(folder: Path) -> None:
    document = stated(str(folder / "whole.jsonl"), JULY, BY, FINAL)
    assert figures(document, "huyen_a", "district")["carried_over"] == 3
    assert figures(document, "xa_b", "commune")["carried_over"] == 1
    assert document["total"]["transferred"] == {"in": 0, "out": 0}
    before = stated(str(folder / "whole.jsonl"), JUNE, BY, FINAL)
    assert figures(before, "huyen_a", "district")["carried_forward"] == 6


def test_of_one_day_only_where_the_dossier_stands_in_the_end_counts() -> None:
    # Contract, section 6: each flow counts where the dossier stood that day.
    moved_twice = (
        received("D2", "2025-07-01", "huyen_a"),
        reassigned("D2", "2025-07-02"),
        event("D2", "reassigned", "2025-07-02", agency="xa_c") | {"id": "D2 again"},
    )
    at_once = received("D1", "2025-07-01", "huyen_a"), reassigned("D1", "2025-07-01")
    ledger = replay(log_of([*at_once, *moved_twice]), environment.office(Policy()))
    lines = statement(ledger, JULY, ["agency"], attribution=HELD)["lines"]
    came = {line["slice"]["agency"]: (line["received"], line["transferred"]) for line in lines}
    assert came == {
        "huyen_a": (1, {"in": 0, "out": 1}),
        "xa_b": (1, {"in": 0, "out": 0}),
        "xa_c": (0, {"in": 1, "out": 0}),
    }


@pytest.mark.parametrize(("last", "agency"), [(7, "xa_b"), (6, "huyen_a")])
def test_a_reassignment_on_the_last_day_of_the_window_counts_in_the_end(
    last: int, agency: str
) -> None:
    history = received("D1", "2025-07-01", "huyen_a"), reassigned("D1", "2025-07-07")
    ledger = replay(log_of(history), environment.office(Policy()))
    window = Window(JULY.first, date(2025, 7, last))
    [line] = statement(ledger, window, ["agency"], attribution=FINAL)["lines"]
    assert (line["slice"]["agency"], line["received"], line["carried_forward"]) == (agency, 1, 1)


def test_slices_that_a_reassignment_does_not_touch_have_no_transfers(folder: Path) -> None:
    held, final = (
        stated(str(folder / "whole.jsonl"), JULY, ["channel"], each) for each in ATTRIBUTIONS
    )
    assert held["total"]["transferred"] == {"in": 0, "out": 0}
    assert held["lines"] == final["lines"]


def test_what_was_reassigned_before_the_window_is_behind_its_total() -> None:
    # D2, D3 and D4 moved on 1 July, the last thing that happened to them before the window.
    ledger = replay(log_of(HISTORY), environment.office(Policy()))
    window = Window(date(2025, 7, 2), date(2025, 7, 31))
    listed = [row["dossier"] for row in dossiers(ledger, window, ["total"])]
    assert listed == ["D1", "D2", "D3", "D4", "D5", "D6", "D7"]
    assert len(listed) == statement(ledger, window)["total"]["total"]


def test_an_archive_of_reassignments_alone_states_nothing(tmp_path: Path) -> None:
    # It failed for want of any reception to name a slice.
    (tmp_path / "early.jsonl").write_bytes(orjson.dumps(ALONE) + b"\n")
    archives.archive(opened(str(tmp_path / "early.jsonl")), tmp_path / "archive", LOCAL)
    document = stated(str(tmp_path / "archive"), JULY, BY, HELD)
    assert (document["lines"], document["suspense"]) == ([], {"events": 1, "dossiers": 1})


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_store_that_has_grown_states_the_same(
    kind: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{folder / 'hoso.db'}"
    if kind == "postgres":
        url = str(request.getfixturevalue("database"))
    done(folder, "ingest", "first.jsonl", "--store", url)
    expected = all_stated(str(folder / "whole.jsonl"))
    assert all_stated(url) != expected
    done(folder, "ingest", "rest.jsonl", "--store", url)
    assert all_stated(url) == expected
    assert all_stated(url, cache=False) == expected


def test_an_archive_that_has_grown_states_the_same(folder: Path) -> None:
    archive = folder / "archive"
    expected = all_stated(str(folder / "whole.jsonl"))
    (folder / "log.jsonl").write_bytes(
        (folder / "first.jsonl").read_bytes() + (folder / "rest.jsonl").read_bytes()
    )
    with patch.object(writer, "BUCKET_ROWS", 6):
        archives.archive(opened(str(folder / "first.jsonl")), archive, LOCAL)
        assert all_stated(str(archive)) != expected
        archives.archive(opened(str(folder / "log.jsonl")), archive, LOCAL)
    assert all_stated(str(archive)) == expected
    assert all_stated(str(archive), cache=False) == expected
    with compiling():
        assert all_stated(str(archive), cache=False) == expected
        assert all_stated(str(folder / "whole.jsonl")) == expected

"""Very long answers: rows are made one by one, so that memory does not grow with their number."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast

import numpy as np
import orjson
import pytest
from openpyxl import load_workbook

from hoso.consumers.store.log import Reject, Store, open_store
from hoso.domain.accounts import ACCOUNT_COUNT, IN_PROGRESS, OUTSIDE
from hoso.domain.calendar import day_number
from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.documents import life, statement
from hoso.projections.documents.model import Document
from hoso.projections.ledger.balances import (
    EMPTY,
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
)
from hoso.projections.ledger.explain import Step, explain
from hoso.projections.ledger.statement import Lines, outline, statement_from
from hoso.tools import output
from hoso.tools.jobs import rejects, report
from hoso.tools.output import PAPERS, Paper, printed
from hoso.tools.output.xlsx import workbook
from tests.command import asked
from tests.engine import LOCAL, Json, ledger_of, office

STREAMED = (Paper.table, Paper.csv, Paper.json)
BYTES_PER_ROW = 200  # that may be kept of a row; its cells alone take 1,500
FIRST = date(2023, 1, 1)
LIMITS = cast("dict[tuple[str, ...], int]", report.MOST_ROWS)


def peak_bytes(make: Callable[[], Document], paper: Paper) -> int:
    """The most memory that it takes to make a document, and to print it piece by piece."""
    pieces = import_module(PAPERS[paper][1]).printed
    tracemalloc.start()
    try:
        for _ in pieces(make(), "vi"):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'hoso.db'}", create=True) as opened:
        yield opened


def reject(store: Store, number: int) -> None:
    """Add so many rejects to a store."""
    with store.writing() as writer:
        writer.add_rejects(
            Reject(datetime.now(UTC), f"events.jsonl:{n}", f"type: missing {n}", b"{}", "events")
            for n in range(number)
        )


@pytest.mark.parametrize("paper", STREAMED)
def test_the_list_of_rejects_is_never_in_memory(store: Store, paper: Paper) -> None:
    def listing() -> Document:
        return rejects.document(rejects.StoredRejects(store, LOCAL))

    reject(store, 1_000)
    few = peak_bytes(listing, paper)
    reject(store, 2_000)
    assert peak_bytes(listing, paper) - few < 2_000 * BYTES_PER_ROW


def sheets_of(slices: int) -> BalanceSheets:
    """Balance sheets of so many agencies, each with an open dossier that was received on FIRST."""
    names: list[Slice] = [(f"A{n:06d}",) for n in range(slices)]
    group = np.arange(slices) * ACCOUNT_COUNT
    moved = Moves(
        names,
        np.concatenate([group + OUTSIDE, group + IN_PROGRESS]),
        np.full(2 * slices, day_number(FIRST)),
        np.repeat([-1, 1], slices),
    )
    none = Suspended(EMPTY, EMPTY)
    return BalanceSheets(office(), None, ("agency",), balances_of(moved), none)


def days(number: int) -> list[Window]:
    return [Window(day, day) for day in (FIRST + timedelta(n) for n in range(number))]


@pytest.mark.parametrize("paper", STREAMED)
def test_of_many_windows_and_slices_no_more_is_in_memory_than_of_one_window(paper: Paper) -> None:
    sheets = sheets_of(500)

    def stated(windows: int) -> Document:
        return statement.document([outline(sheets, day) for day in days(windows)], single=False)

    few, many = (peak_bytes(partial(stated, windows), paper) for windows in (2, 8))
    assert many - few < 3_000 * BYTES_PER_ROW


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("paper", [*STREAMED, Paper.html, Paper.xlsx])
def test_what_is_made_line_by_line_is_what_is_made_at_once(paper: Paper, single: bool) -> None:
    sheets, windows = sheets_of(10), days(1 if single else 3)
    one, other = (
        statement.document([make(sheets, each) for each in windows], single=single)
        for make in (outline, statement_from)
    )
    assert printed(one, "vi", paper) == printed(other, "vi", paper)


def life_of(number: int) -> list[Json]:
    """So many events of a dossier, which stops and goes on."""
    received = {
        "agency": "a",
        "field": "f",
        "procedure": "p",
        "channel": "online",
        "allowance": {"value": 5, "unit": "working_days"},
    }
    kinds = ["received", *(["paused", "resumed"] * number)][:number]
    said = {"received": received, "paused": {"reason": "other"}, "resumed": {}}
    return [
        {
            "specversion": "1.0",
            "id": str(n),
            "source": "/h",
            "type": f"dossier.{kind}.v1",
            "subject": "D",
            "time": f"{FIRST + timedelta(n // 2)}T08:00:{n % 60:02}+07:00",
            "data": said[kind],
        }
        for n, kind in enumerate(kinds)
    ]


def steps_of(number: int) -> list[Step]:
    return explain(ledger_of(life_of(number)), "D", day_number(date(2030, 1, 1)))


@pytest.mark.parametrize("paper", STREAMED)
def test_of_a_long_life_only_its_steps_are_in_memory(paper: Paper) -> None:
    lives = [steps_of(number) for number in (1_000, 3_000)]

    def told(steps: list[Step]) -> Document:
        return life.document("D", steps, office(), day_number(date(2030, 1, 1)), None)

    few, many = (peak_bytes(partial(told, steps), paper) for steps in lives)
    assert many - few < 2_000 * BYTES_PER_ROW


def test_a_worksheet_of_many_rows_is_written_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def stated(slices: int) -> Document:
        sheets = sheets_of(slices)
        return statement.document([outline(sheets, day) for day in days(2)], single=False)

    at_once = cells_of(stated(200))
    monkeypatch.setattr(workbook, "LONG", 100)
    assert printed(stated(200), "vi", Paper.xlsx) == printed(stated(200), "vi", Paper.xlsx)
    by_rows = cells_of(stated(200))
    assert (len(by_rows), by_rows[-400:]) == (len(at_once) - 1, at_once[-400:])
    assert "Đã giải quyết: Quá hạn" in by_rows[-401]
    few, many = (peak_bytes(partial(stated, slices), Paper.xlsx) for slices in (100, 400))
    assert many - few < 600 * BYTES_PER_ROW


def cells_of(document: Document) -> list[tuple[object, ...]]:
    """The rows of the first worksheet of a document."""
    file = io.BytesIO(printed(document, "vi", Paper.xlsx))
    return list(load_workbook(file).worksheets[0].iter_rows(values_only=True))


def test_a_report_that_is_too_long_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = life_of(1)[0]["data"]
    places = [(agency, field) for agency in "abc" for field in "fg"]
    events = [
        {
            **life_of(1)[0],
            "id": str(n),
            "subject": f"D{n}",
            "data": {**data, "agency": a, "field": f},
        }
        for n, (a, f) in enumerate(places)
    ]
    (tmp_path / "e.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    window = ("--from", "2023-01-01", "--to", "2023-01-31")
    history = ("--source", "e.jsonl", *window, "--format", "csv")
    by = ("agency", "field")
    monkeypatch.setitem(LIMITS, by, 9)  # three agencies with two fields each
    assert asked(tmp_path, "report", "ii06a", *history)
    monkeypatch.setitem(LIMITS, by, 8)
    assert asked(tmp_path, "report", "annual", *history)

    def not_made(*_: object) -> Document:
        raise AssertionError("a report was made")

    monkeypatch.setitem(report.KINDS, "ii06a", report.KINDS["ii06a"]._replace(make=not_made))
    with pytest.raises(
        UserError, match=r"9 rows, for each agency and each field .* holds 8: .*csv"
    ):
        asked(tmp_path, "report", "ii06a", *history)


def test_a_report_of_too_many_bodies_is_refused_before_the_history_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies without dossiers have rows, too."""
    bodies = "\n".join(f"X{n},Xã {n},commune,T" for n in range(4))
    (tmp_path / "a.csv").write_text(f"code,name,level,parent\nT,Tỉnh,province,\n{bodies}\n")
    (tmp_path / "e.jsonl").write_bytes(orjson.dumps(life_of(1)[0]))
    window = ("--from", "2023-01-01", "--to", "2023-01-31", "--registry", "a.csv")
    call = ("report", "annual", "--source", "e.jsonl", *window, "--format", "csv")
    monkeypatch.setitem(LIMITS, ("agency",), 5)
    assert asked(tmp_path, *call)
    monkeypatch.setitem(LIMITS, ("agency",), 4)
    assert asked(tmp_path, *call, "--under", "X0")
    (tmp_path / "e.jsonl").write_bytes(b"not read")
    with pytest.raises(UserError, match=r"annual: 5 rows, for each body .* holds 4: .*--under"):
        asked(tmp_path, *call)


@pytest.mark.parametrize("paper", [Paper.html, Paper.xlsx])
def test_what_a_paper_does_not_hold_is_told_before_a_row_is_made(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = statement.document([outline(sheets_of(10), day) for day in days(3)], single=False)
    monkeypatch.setitem(output.MOST_ROWS, paper, 29)
    monkeypatch.setattr(Lines, "__iter__", None)
    with pytest.raises(UserError, match=r"and this one has 30 rows × \d+ columns: .*fewer windows"):
        printed(one, "vi", paper)

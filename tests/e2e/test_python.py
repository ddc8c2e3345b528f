"""Does ``hoso`` say in Python what its command line says, and in frames what its statements do?"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import hoso
from hoso import Ledger, Policy, UserError, Window
from hoso.projections.documents.figures import FIGURES, flat
from tests.command import asked
from tests.engine import LOCAL
from tests.offices import EVENTS, SOURCES, equip
from tests.told import asked as asked_for_more
from tests.told import paused, received, resolved

Json = dict[str, Any]

QUARTER = Window(date(2022, 12, 15), date(2023, 3, 14))
OPEN = ("in_progress", "awaiting_supplement", "paused")
DIMENSIONS = "agency, field, procedure, channel, level, online_service, received_at"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some events in a file, a store and an archive."""
    return equip(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where we are."""
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def ledger(office: Path) -> Ledger:
    return hoso.replay("archive")


def stated(office: Path, *question: str) -> Json:
    document: Json = json.loads(asked(office, "statement", *question, "--format", "json"))
    return document


@pytest.mark.parametrize("source", SOURCES)
def test_a_statement_is_that_of_the_command_line(office: Path, source: str) -> None:
    ledger = hoso.replay(source)
    for by in ([], ["channel"], ["level", "agency"]):
        question = ("--source", source, "--window", "2023-Q1", "--by", ",".join(by))
        assert ledger.statement("2023-Q1", by).document == stated(office, *question)


@pytest.mark.parametrize("source", SOURCES)
def test_so_is_that_under_other_rules_or_as_of_an_instant(office: Path, source: str) -> None:
    question = ("--source", source, "--window", "2023-Q1")
    strict = hoso.replay(source, policy=Policy(supplement_limit=0, after_supplement="extend"))
    rules = ("--supplement-limit", "0", "--after-supplement", "extend")
    assert strict.statement("2023-Q1").document == stated(office, *question, *rules)
    known = hoso.replay(source, as_of=datetime(2023, 1, 15, 7, tzinfo=LOCAL))
    early = stated(office, *question, "--as-of", "2023-01-15T07:00:00+07:00")
    assert known.statement("2023-Q1").document == early
    assert early != stated(office, *question) != strict.statement("2023-Q1").document


@pytest.mark.parametrize(
    "window",
    [
        "2023-Q1",
        QUARTER,
        (QUARTER.first, QUARTER.last),
        ("2022-12-15", "14/03/2023"),
        ["15/12/2022", QUARTER.last],
        (pd.Timestamp("2022-12-15"), datetime(2023, 3, 14, 23, 59, tzinfo=LOCAL)),
    ],
)
def test_a_window_may_be_said_in_any_way(ledger: Ledger, window: Any) -> None:
    said = ledger.statement(window).document["window"]
    assert said == {"from": "2022-12-15", "to": "2023-03-14", "until": "2023-03-14"}


def test_a_source_may_be_a_path(office: Path) -> None:
    for source in (Path(EVENTS), Path("archive")):
        said = hoso.replay(source).statement("2023-Q1")
        assert said == hoso.replay(str(source)).statement("2023-Q1")


def test_slices_may_be_any_names_one_after_the_other(ledger: Ledger) -> None:
    expected = ledger.statement("2023-Q1", ["channel", "level"])
    names: list[Iterable[str]] = [
        ("channel", "level"),
        iter(["channel", "level"]),
        pd.Index(["channel", "level"]),
    ]
    for by in names:
        assert ledger.statement("2023-Q1", by) == expected  # type: ignore[arg-type]
    by_channel = ledger.to_arrow(iter(["channel"]))  # type: ignore[arg-type]
    assert by_channel == ledger.to_arrow(["channel"])


@pytest.mark.parametrize("source", SOURCES)
def test_a_ledger_stays_as_it_was_at_the_first_question(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    expected = hoso.replay(source).statement("2023-Q2")
    ledger = hoso.replay(source)
    ledger.statement("2023-Q1")
    monkeypatch.chdir(tmp_path)  # where nothing is
    assert ledger.statement("2023-Q2") == expected


# --- Frames -------------------------------------------------------------------------------------


def test_the_frame_of_a_statement_has_a_row_for_each_line(ledger: Ledger) -> None:
    statement = ledger.statement("2023-Q1", ["level", "channel"])
    table = statement.to_arrow()
    kinds = {"level": pa.string(), "channel": pa.string(), **dict.fromkeys(FIGURES, pa.int64())}
    assert table.schema == pa.schema(kinds.items())
    lines = statement.document["lines"]
    assert table.to_pylist() == [line["slice"] | flat(line) for line in lines]
    assert statement.to_pandas().equals(table.to_pandas())
    [whole] = ledger.statement("2023-Q1").to_arrow().to_pylist()
    assert whole == flat(statement.document["total"])
    assert statement.to_pandas()["resolved.early"].sum() == whole["resolved.early"] > 0


def test_the_frame_of_a_ledger_has_a_row_for_each_change(ledger: Ledger) -> None:
    table = ledger.to_arrow(["channel"])
    assert table.schema == pa.schema(
        {
            "channel": pa.string(),
            "account": pa.string(),
            "day": pa.date32(),
            "moved": pa.int64(),
            "balance": pa.int64(),
        }.items()
    )
    frame = ledger.to_pandas(["channel"])
    assert frame.equals(table.to_pandas())
    assert frame["moved"].ne(0).all()
    of_account = frame.groupby(["channel", "account"])
    assert frame["day"].equals(of_account["day"].transform(lambda days: sorted(set(days))))
    assert of_account["moved"].cumsum().equals(frame["balance"])
    assert frame.groupby(["channel", "day"])["moved"].sum().eq(0).all()


@pytest.mark.parametrize("by", [[], ["channel"], ["level", "agency"]])
def test_balances_at_the_end_of_a_day_are_the_open_figures_of_the_statement(
    ledger: Ledger, by: Sequence[str]
) -> None:
    frame = ledger.to_pandas(by)
    for day in (date(2023, 3, 14), date(2023, 1, 1), frame["day"].max()):
        standing = frame[frame["day"] <= day].groupby([*by, "account"])["balance"].last()
        lines = ledger.statement((day - timedelta(99), day), by).document["lines"]
        expected = {
            (*line["slice"].values(), f"{group}.{part}"): line[group][part]
            for line in lines
            for group in OPEN
            for part in ("in_time", "overdue")
        }
        balances = {name if by else (name,): n for name, n in standing.items()}
        found = {name: n for name, n in balances.items() if name[-1].startswith(OPEN) and n}
        assert found == {name: n for name, n in expected.items() if n}
        assert -frame[(frame["account"] == "outside") & (frame["day"] <= day)]["moved"].sum() == (
            sum(balances.values()) - sum(n for name, n in balances.items() if "outside" in name)
        )


def test_a_slice_without_a_name_is_null(tmp_path: Path) -> None:
    events = [received("2023-03-01", 5), received("2023-03-01", 5, code="D2", level="commune")]
    events += [asked_for_more("2023-03-02"), paused("2023-03-03") | {"subject": "D2"}]
    (tmp_path / EVENTS).write_text("\n".join(map(json.dumps, events)))
    ledger = hoso.replay(tmp_path / EVENTS)
    statement = ledger.statement("2023-03", ["level"])
    assert statement.to_arrow()["level"].to_pylist() == [None, "commune"]
    assert statement.to_pandas()["level"].isna().tolist() == [True, False]
    moves = ledger.to_arrow(["level"]).to_pylist()
    assert {(move["level"], move["account"]) for move in moves} == {
        (level, account)
        for level, stands in ((None, "awaiting_supplement"), ("commune", "paused"))
        for account in ("outside", "in_progress.in_time", f"{stands}.in_time")
    }


@pytest.mark.parametrize("events", [[], [resolved("2023-03-02")]])
def test_a_ledger_of_nothing_has_frames_without_rows(tmp_path: Path, events: list[Json]) -> None:
    (tmp_path / EVENTS).write_text("\n".join(map(json.dumps, events)))
    ledger = hoso.replay(str(tmp_path / EVENTS))
    assert ledger.statement("2023-Q1").document["suspense"]["events"] == len(events)
    assert len(ledger.statement("2023-Q1").to_pandas()) == 1
    assert len(ledger.statement("2023-Q1", ["level"]).to_pandas()) == 0
    for by in ([], ["level"]):
        assert [*ledger.to_pandas(by)] == [*by, "account", "day", "moved", "balance"]
        assert len(ledger.to_pandas(by)) == 0


# --- What is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("2023-Q5", "no window '2023-Q5': use 2023-Q1, 2023-M10 (15/09 to 14/10), 2023-H1"),
        (("2023-03-01", "first"), "no date 'first': write 2022-12-15 or 15/12/2022"),
        (("30/2/2023", "2023-03-01"), "no such day: 30/2/2023"),
        (("2023-03-02", "2023-03-01"), "the window ends (2023-03-01) before it starts"),
        (("2023-03-02", None), "no date 'None': write 2022-12-15"),
        (("2023-03-02",), "('2023-03-02',) is none: write 2023-Q1, or the first and the last day"),
        (2023, "2023 is none: write 2023-Q1"),
        (None, "None is none: write 2023-Q1"),
    ],
)
def test_a_window_that_is_none_is_told(ledger: Ledger, window: Any, told: str) -> None:
    with pytest.raises(UserError) as refused:
        ledger.statement(window)
    assert str(refused.value).startswith(f"window: {told}")


@pytest.mark.parametrize("by", ["channel", "", ["colour"], ["level", "level"], [None], None, 5])
def test_slices_that_are_none_are_told(ledger: Ledger, by: Any) -> None:
    expected = f"by: {by!r} is no list of {DIMENSIONS}, each once"
    for ask in (lambda: ledger.statement("2023", by), lambda: ledger.to_pandas(by)):
        with pytest.raises(UserError) as refused:
            ask()
        assert str(refused.value) == expected


@pytest.mark.parametrize("as_of", [datetime(2023, 1, 1), date(2023, 1, 1), "2023-01-01"])  # noqa: DTZ001
def test_an_instant_without_an_offset_is_told_at_once(as_of: Any) -> None:
    with pytest.raises(ValueError, match=r"^as_of: .* is no datetime with an offset from UTC$"):
        hoso.replay("archive", as_of=as_of)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("none.jsonl", "none.jsonl: No such file"),
        ("sqlite:///none.db", "none.db: there is no such store"),
        ("mysql://a/b", "mysql://a/…: is no store's address"),
        ("hoso.db", "hoso.db: is a database; a store is named sqlite:///hoso.db"),
        ("..", "..: holds no archive"),
        ("bad.jsonl", "bad.jsonl:2: "),
    ],
)
def test_a_source_that_cannot_be_read_is_told(office: Path, source: str, told: str) -> None:
    first = (office / EVENTS).read_text().splitlines()[0]
    (office / "bad.jsonl").write_text(f"{first}\nno event\n")
    with pytest.raises(UserError) as refused:
        hoso.replay(source).statement("2023-Q1")
    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)

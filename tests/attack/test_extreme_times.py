"""Times at the edges of the years go through every command; times in other years are refused."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import hoso as library
from hoso.consumers.intake.validate import Rejected, parse_event
from hoso.projections.log.from_json import log_table
from hoso.tools.runtime.environment import zone
from tests.command import asked, hoso

Json = dict[str, Any]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OFFSETS = st.sampled_from(["Z", "+07:00", "+14:00", "-14:00", "+23:59", "-23:59"])
EDGES = ["1900-01-01", "1900-01-02", "1969-12-31", "1970-01-01", "2023-01-05", "2025-12-31"]
LATE_EDGES = [*EDGES, "2199-12-30", "2199-12-31"]
CLOCKS = st.sampled_from(["00:00:00", "23:59:59.999999", "12:00:00"])
DAYS = st.sampled_from(LATE_EDGES)
QUARTER = ("--window", "2023-Q1")


def instants(days: list[str]) -> st.SearchStrategy[str]:
    return st.builds("{}T{}{}".format, st.sampled_from(days), CLOCKS, OFFSETS)


def event(number: int, kind: str, time: str, recorded: str | None, data: Json) -> Json:
    whole = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/h52",
        "type": f"dossier.{kind}.v1",
        "subject": f"D-{number // 4}",
        "time": time,
        "recordedtime": recorded,
        "data": data,
    }
    return {name: value for name, value in whole.items() if value is not None}


RECEIVED = {"agency": "A", "field": "F", "procedure": "P", "channel": "online"}
ALLOWANCE = st.fixed_dictionaries(
    {
        "value": st.sampled_from([0, 1, 32_767]),
        "unit": st.sampled_from(["working_days", "calendar_days"]),
    }
)


@st.composite
def lives(draw: st.DrawFn) -> list[Json]:
    """Lives of three dossiers, each received, stopped, started again and closed at some edge."""
    events: list[Json] = []
    for _ in range(3):
        due = draw(st.one_of(DAYS, instants(LATE_EDGES)))
        datas: list[tuple[str, Json]] = [
            ("received", {**RECEIVED, "allowance": draw(ALLOWANCE), "due": due}),
            (draw(st.sampled_from(["paused", "supplement_requested"])), {}),
            (draw(st.sampled_from(["resumed", "supplemented"])), {"due": draw(DAYS)}),
            ("resolved", {"outcome": "granted"}),
        ]
        if draw(st.booleans()):
            del datas[0][1]["due"]
        for kind, data in datas:
            reason = {"reason": "other"} if kind == "paused" else {}
            recorded = draw(st.none() | instants(LATE_EDGES))
            time = draw(instants(EDGES))
            events.append(event(len(events), kind, time, recorded, data | reason))
    return events


@settings(max_examples=3, phases=(Phase.generate,))  # each takes seconds
@given(events=lives())
def test_what_intake_accepts_goes_through_every_command(
    tmp_path_factory: pytest.TempPathFactory, events: list[Json]
) -> None:
    folder = tmp_path_factory.mktemp("extreme")
    (folder / "e.jsonl").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    store = ("--source", "sqlite:///hoso.db")
    for call in (
        ("ingest", "e.jsonl"),
        ("check", "e.jsonl"),
        ("archive", *store, "--out", "archive"),
        ("archive", *store, "--out", "archive", "--verify"),
        ("statement", *QUARTER, *store, "--by", "agency,level"),
        ("dossiers", *QUARTER, *store, "--account", "total"),
        ("explain", "D-0", *store),
        ("register", *store, "--out", "register.csv"),
        ("report", "quarterly", *QUARTER, *store, "--out", "quarterly.html"),
    ):
        outcome = hoso(folder, *call)
        found = call[0] == "check"  # events in suspense: status 1
        assert outcome.status in ((0, 1) if found else (0,)), (call, outcome)
        assert "Traceback" not in outcome.err
        assert "fault of hoso" not in outcome.err
    digests = {
        json.loads(asked(folder, "statement", *QUARTER, "--format", "json", "--source", source))[
            "digest"
        ]
        for source in ("e.jsonl", "sqlite:///hoso.db", "archive")
    }
    assert len(digests) == 1
    lines = [json.dumps(each).encode() for each in events]
    assert len(log_table(enumerate(lines, 1), zone()).to_pandas()) == len(events)
    library.replay(str(folder / "archive")).statement("2199").to_pandas()
    library.replay(str(folder / "archive")).statement("1901").to_pandas()


OUTSIDE = st.dates(max_value=date(1899, 12, 31)) | st.dates(min_value=date(2200, 1, 1))


@settings(max_examples=60)
@given(OUTSIDE, st.sampled_from(["time", "recordedtime", "data.due", "data.due instant"]), OFFSETS)
def test_other_years_are_refused_with_the_years(day: date, field: str, offset: str) -> None:
    instant = f"{day.isoformat()}T00:00:00{offset}"
    line = event(1, "received", "2023-01-05T08:00:00Z", None, {**RECEIVED, "due": "2023-01-06"})
    if field.startswith("data.due"):
        line["data"]["due"] = instant if field.endswith("instant") else day.isoformat()
    else:
        line[field] = instant
    is_ahead = field == "time" and day.year > NOW.year
    told = "more than a day ahead" if is_ahead else "the year is not within 1900 to 2199"
    with pytest.raises(Rejected, match=told) as rejected:
        parse_event(json.dumps(line).encode(), NOW)
    assert str(rejected.value).startswith(field.removesuffix(" instant"))


@pytest.mark.parametrize("name", ["year0", "due9999"])
def test_the_events_that_broke_archives_are_rejects(name: str, tmp_path: Path) -> None:
    times: dict[str, Json] = {
        "year0": {"time": "0001-01-01T00:00:00+14:00"},
        "due9999": {"data": {**RECEIVED, "due": "9999-12-31"}},
    }
    line = event(1, "received", "2023-01-05T08:00:00Z", None, {**RECEIVED, "due": "2023-01-06"})
    (tmp_path / "e.jsonl").write_text(json.dumps(line | times[name]), encoding="utf-8")
    outcome = hoso(tmp_path, "ingest", "e.jsonl")
    assert outcome.status == 1
    assert "the year is not within 1900 to 2199" in outcome.err

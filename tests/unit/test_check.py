"""What does ``hoso check`` find in files, and on which lines? And what is the score?"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import suspended_events
from hoso.tools.jobs.check import document, is_spotless, judge_files, measure_quality
from hoso.tools.output.terminal import show
from hoso.tools.runtime import environment
from tests.command import done
from tests.engine import LOCAL, Json
from tests.engine import office as office_of
from tests.histories import Event, histories, lines
from tests.told import annulled, asked, paused, received, recorded, resolved, resumed

OFFICE = environment.office(Policy())
ALL_TIME = Window(date(1900, 1, 1), date(2199, 12, 31))
BEGUN = received("2023-03-01", 5)
CLEAN = [BEGUN, paused("2023-03-02"), resumed("2023-03-03"), resolved("2023-03-06")]


def written(path: Path, *rows: Json | str) -> str:
    """A file of events and of lines as they are."""
    texts = [row if isinstance(row, str) else orjson.dumps(row).decode() for row in rows]
    path.write_text("".join(f"{text}\n" for text in texts))
    return str(path)


def found(*names: str, most: int | None = None) -> Json:
    """What is found in files."""
    return measure_quality(judge_files(names, OFFICE), most)


def places(whole: Json, finding: str) -> list[str]:
    """The lines of a finding, without the folder."""
    return [Path(place["line"]).name for place in whole[finding]["found"]]


def counts(whole: Json) -> tuple[int, ...]:
    """How many lines are rejects, in suspense, repeats, late."""
    return tuple(whole[name]["lines"] for name in ("rejects", "suspense", "repeats", "late"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "e.jsonl"


def test_a_file_with_nothing_to_find_scores_100(file: Path) -> None:
    whole = found(written(file, *CLEAN))
    assert (whole["lines"], whole["score"], counts(whole)) == (4, 100.0, (0, 0, 0, 0))
    assert is_spotless(whole)
    assert whole["late"] == {
        "lines": 0,
        "percent": 0.0,
        "found": [],
        "median_days": None,
        "longest_days": None,
    }


def test_a_file_without_lines_has_no_score(file: Path) -> None:
    whole = found(written(file, "", " "))
    assert (whole["lines"], whole["score"], counts(whole)) == (0, None, (0, 0, 0, 0))
    assert whole["rejects"]["percent"] is None
    assert is_spotless(whole)


def test_a_line_that_is_no_event_is_a_reject_with_its_reason(file: Path) -> None:
    name = written(file, BEGUN, "", "{}", "no: json: at all")
    rejects = found(name)["rejects"]
    assert (rejects["lines"], rejects["percent"]) == (2, 66.67)
    missing, broken = rejects["found"]
    assert missing == {"line": f"{name}:3", "reason": "type: missing"}
    assert broken["line"] == f"{name}:4"
    assert broken["reason"].startswith("not valid JSON: ")


def test_the_name_of_a_file_may_look_like_a_reason(tmp_path: Path) -> None:
    name = written(tmp_path / "a: 7: b.jsonl", "{}")
    [reject] = found(name)["rejects"]["found"]
    assert reject == {"line": f"{name}:1", "reason": "type: missing"}


def test_an_event_that_does_not_apply_is_named_with_its_line(file: Path) -> None:
    name = written(
        file, "", resumed("2023-02-01"), BEGUN, "", annulled(asked("2023-03-02"), "2023-03-03")
    )
    whole = found(name)
    assert counts(whole) == (0, 2, 0, 0)
    assert whole["suspense"]["found"] == [
        {
            "line": f"{name}:2",
            "dossier": "D1",
            "day": "2023-02-01",
            "event": "resumed",
            "id": "resumed D1 2023-02-01",
        },
        {
            "line": f"{name}:5",
            "dossier": "D1",
            "day": "2023-03-03",
            "event": "annulled",
            "id": "annulled D1 2023-03-03",
        },
    ]


def test_what_applies_once_more_is_there_is_not_in_suspense(file: Path) -> None:
    assert counts(found(written(file, *reversed(CLEAN)))) == (0, 0, 0, 0)


def test_the_same_event_again_is_a_repeat_and_the_first_recorded_is_not(file: Path) -> None:
    first, again = recorded(BEGUN, "2023-03-02"), recorded(BEGUN, "2023-03-01")
    assert places(found(written(file, BEGUN, CLEAN[1], BEGUN)), "repeats") == ["e.jsonl:3"]
    assert places(found(written(file, first, again)), "repeats") == ["e.jsonl:1"]
    assert counts(found(written(file, BEGUN, BEGUN | {"source": "/else"}))) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("occurred", "known", "days"),
    [
        ("2023-03-01T08:00:00+07:00", "2023-03-01T23:59:59+07:00", 0),
        ("2023-03-01T23:59:59+07:00", "2023-03-02T00:00:00+07:00", 1),
        ("2023-03-01T16:59:59Z", "2023-03-01T17:00:00Z", 1),
        ("2023-03-01T23:00:00+07:00", "2023-03-01T23:30:00-05:00", 1),
        ("2023-03-01T08:00:00+07:00", "2023-03-31T07:00:00+07:00", 30),
        ("2023-03-02T08:00:00+07:00", "2023-03-01T08:00:00+07:00", 0),
    ],
)
def test_late_is_what_was_recorded_on_a_later_local_day(
    file: Path, occurred: str, known: str, days: int
) -> None:
    whole = found(written(file, BEGUN | {"time": occurred, "recordedtime": known}))
    assert [place["days"] for place in whole["late"]["found"]] == [days] * (days > 0)


def test_lateness_has_a_median_and_a_longest(file: Path) -> None:
    days = ["2023-03-01", "2023-03-02", "2023-03-04", "2023-03-31"]
    late = [recorded(received("2023-03-01", 5, code=f"D{day}"), day) for day in days]
    whole = found(written(file, *late, *late[:1]))["late"]
    assert (whole["lines"], whole["percent"]) == (3, 60.0)
    assert (whole["median_days"], whole["longest_days"]) == (3.0, 30)
    assert found(written(file, *late[:3]))["late"]["median_days"] == 2.0


def test_the_score_counts_each_line_once_and_rounds_down(file: Path) -> None:
    doubly = recorded(resumed("2023-03-01"), "2023-03-04")
    whole = found(written(file, doubly, BEGUN, "{}"))
    assert counts(whole) == (1, 1, 0, 1)
    assert whole["score"] == 33.3
    many = [received("2023-03-01", 5, code=f"D{number}") for number in range(2_999)]
    assert found(written(file, *many, "{}"))["score"] == 99.9


def test_files_are_judged_as_one_log(tmp_path: Path) -> None:
    first = written(tmp_path / "1.jsonl", CLEAN[1], "", BEGUN)
    second = written(tmp_path / "2.jsonl")
    third = written(tmp_path / "3.jsonl", "[", CLEAN[2], BEGUN, CLEAN[1] | {"id": "other"})
    assert counts(found(first)) == (0, 0, 0, 0)
    whole = found(first, second, third)
    assert whole["files"] == [first, second, third]
    assert (whole["lines"], counts(whole)) == (6, (1, 1, 1, 0))
    assert places(whole, "repeats") == ["3.jsonl:3"]
    assert places(whole, "rejects") == ["3.jsonl:1"]
    assert places(whole, "suspense") == ["3.jsonl:4"]


def test_as_many_places_are_named_as_asked_for_and_all_are_counted(file: Path) -> None:
    whole = found(written(file, *[BEGUN] * 5, *["{}"] * 4), most=2)
    assert (whole["repeats"]["lines"], places(whole, "repeats")) == (4, ["e.jsonl:2", "e.jsonl:3"])
    assert (whole["rejects"]["lines"], places(whole, "rejects")) == (4, ["e.jsonl:6", "e.jsonl:7"])


def test_a_table_has_vietnamese_headings_and_all_findings(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = found(written(file, recorded(BEGUN, "2023-03-03"), BEGUN, "{}"))
    show(document(whole), "vi")
    text = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("│")] for line in text.splitlines()]
    assert ["", "Không phải sự kiện", "rejects", "1", "33,33", ""] in rows
    assert ["", "Ghi nhận muộn", "recorded late", "1", "33,33", ""] in rows
    assert ["", "Điểm chất lượng", "score", "", "33,3", ""] in rows
    assert "Ghi nhận muộn: trung vị 2 ngày, nhiều nhất 2 ngày." in text
    show(document(whole), "en")
    assert "Recorded late: 2 days at the median, 2 at most." in capsys.readouterr().out


def test_a_table_says_nothing_of_what_was_not_found(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_rejects = document(found(written(file, *CLEAN, "{}")), rejects=False)
    assert [table.key for table in of_rejects.tables()] == ["summary"]
    show(document(found(written(file, BEGUN, BEGUN))), "vi")
    text = capsys.readouterr().out
    assert f"{file}:2" in text
    assert "trung vị" not in text


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none.jsonl: No such file"):
        found(str(tmp_path / "none.jsonl"))


def instant(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.get(name) or event["time"]).astimezone(LOCAL)


def repeated(events: list[Event]) -> set[int]:
    """The lines whose event was recorded before."""
    order = sorted(range(len(events)), key=lambda n: instant(events[n], "recordedtime"))
    seen: set[tuple[str, str]] = set()
    again = set()
    for number in order:
        identity = (events[number]["source"], events[number]["id"])
        again |= {number + 1} if identity in seen else set()
        seen.add(identity)
    return again


@given(history=histories())
@settings(max_examples=40)
def test_each_finding_is_on_the_line_that_it_names(
    tmp_path_factory: pytest.TempPathFactory, history: list[Event]
) -> None:
    path = tmp_path_factory.mktemp("check") / "e.jsonl"
    path.write_bytes(b"".join(lines(history)))
    one = judge_files([str(path)], office_of())
    whole = measure_quality(one)
    at: dict[str, list[int]] = {}
    for name in ("suspense", "repeats", "late"):
        at[name] = [int(place["line"].rpartition(":")[2]) for place in whole[name]["found"]]
        for number, place in zip(at[name], whole[name]["found"], strict=True):
            event: dict[str, Any] = history[number - 1]
            assert (event["subject"], event["id"]) == (place["dossier"], place["id"])
            assert instant(event, "time").date().isoformat() == place["day"]
    assert set(at["repeats"]) == repeated(history)
    delays = {
        number: (instant(event, "recordedtime").date() - instant(event, "time").date()).days
        for number, event in enumerate(history, start=1)
    }
    assert at["late"] == [number for number, days in delays.items() if days > 0]
    assert [place["days"] for place in whole["late"]["found"]] == [delays[n] for n in at["late"]]
    listed = [{k: v for k, v in p.items() if k != "line"} for p in whole["suspense"]["found"]]
    key = ("dossier", "day", "id")
    assert sorted(listed, key=lambda e: [e[k] for k in key]) == suspended_events(
        one.ledger, ALL_TIME
    )
    spotless = len(history) - len({number for there in at.values() for number in there})
    assert whole["score"] == spotless * 1_000 // len(history) / 10


# --- With a store, and warnings ------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store that has a dossier in hand, recorded today."""
    url = f"sqlite:///{tmp_path / 'hoso.db'}"
    name = written(tmp_path / "before.jsonl", *CLEAN[:2])
    done(tmp_path, "ingest", name)
    return url


def beside(store: str, *names: str) -> Json:
    """What is found in files that would be added to a store."""
    return measure_quality(judge_files(names, OFFICE, store=store))


def test_a_correction_of_a_recorded_dossier_is_no_suspense_beside_its_store(
    file: Path, store: str
) -> None:
    name = written(file, *CLEAN[2:], annulled(CLEAN[1], "2023-03-07"), resumed("2023-03-02"))
    assert counts(found(name)) == (0, 4, 0, 0)
    whole = beside(store, name)
    assert (whole["lines"], places(whole, "suspense")) == (4, ["e.jsonl:1", "e.jsonl:4"])


def test_what_a_store_has_is_a_repeat_or_a_conflict_beside_it(file: Path, store: str) -> None:
    name = written(file, BEGUN, BEGUN | {"subject": "D2"}, CLEAN[1] | {"time": BEGUN["time"]})
    whole = beside(store, name)
    assert places(whole, "repeats") == ["e.jsonl:1", "e.jsonl:2", "e.jsonl:3"]
    assert places(whole, "conflicts") == ["e.jsonl:2", "e.jsonl:3"]
    assert places(found(name), "conflicts") == ["e.jsonl:2"]


def warned(whole: Json) -> dict[str, tuple[int, list[str]]]:
    return {one["name"]: (one["count"], one["examples"]) for one in whole["warnings"]}


def begun(day: str, code: str, **data: Any) -> Json:
    whole = received(day, 5, code=code)
    return whole | {"data": whole["data"] | data}


def test_what_is_valid_but_seldom_right_is_warned_of(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        begun("2025-06-30", "D1", level="district", due="2025-06-30"),
        begun("2025-07-01", "D2", level="district"),
        begun("2025-07-02", "D3", due="2025-07-01", agency="Sở Tài chính"),
        begun("2025-07-02", "D4", agency="SỞ TÀI CHÍNH"),
        begun("2025-07-02", "D5", agency="Sở Tài - chính"),
        *(resolved("2025-07-03", code=f"D{number}") for number in (1, 2, 4, 5)),
    ]
    whole = found(written(file, *rows))
    assert warned(whole) == {
        "due_before_received": (1, ["D3"]),
        "name_variants": (1, ["SỞ TÀI CHÍNH = Sở Tài - chính = Sở Tài chính"]),
        "district_after_2025": (1, ["D2"]),
        "long_open": (1, ["D3"]),
    }
    assert is_spotless(whole)
    show(document(whole), "en")
    assert "Received at a district after 30/06/2025" in capsys.readouterr().out


def test_a_log_with_nothing_odd_has_no_warnings(file: Path) -> None:
    assert found(written(file, *CLEAN))["warnings"] == []
    assert found(written(file))["warnings"] == []

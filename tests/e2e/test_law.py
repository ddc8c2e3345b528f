"""The law on the command line: regimes, files, editions, and how an explanation cites it."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from hoso.domain.errors import UserError
from hoso.domain.provisions import PARAMETERS, PROVISIONS
from tests.command import asked
from tests.told import arrived, brought, received, rescheduled
from tests.told import asked as supplement_asked

HEADINGS = "parameter,value,first,last,published,act,article,certainty"
LIFE = [
    received("2026-07-31", 5, received_at="xa_b"),
    supplement_asked("2026-08-03"),
    brought("2026-08-04"),
    arrived("2026-08-06"),
    rescheduled("2026-08-10", "2026-08-20"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a dossier whose life crosses 5 August 2026, and the law as a file."""
    (tmp_path / "events.jsonl").write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in LIFE))
    (tmp_path / "law.csv").write_text(asked(tmp_path, "law", "--format", "csv"), encoding="utf-8")
    return tmp_path


def explained(folder: Path, *options: str) -> Any:
    question = ("explain", "D1", "--source", "events.jsonl", "--as-of", "2026-08-11T00:00:00Z")
    return json.loads(asked(folder, *question, *options, "--format", "json"))


def rules_of(life: Any, event: str) -> Any:
    [step] = [step for step in life["steps"] if step["event"] == event]
    return step["rules"]


def refused(folder: Path, *arguments: str) -> str:
    with pytest.raises(UserError) as told:
        asked(folder, *arguments)
    return str(told.value)


def test_an_explanation_cites_the_provision_in_force_that_day(folder: Path) -> None:
    life = explained(folder)
    assert rules_of(life, "supplemented") == [
        {
            "name": "restart",
            "source": "NĐ 118/2025/NĐ-CP art. 19.5",
            "parameter": "after_supplement",
            "value": "restart",
            "from": "2025-07-01",
            "to": None,
            "certainty": "text read",
        }
    ]
    arrival = rules_of(life, "arrived")[0]
    assert (arrival["source"], arrival["from"]) == ("NĐ 309/2026/NĐ-CP art. 8.3", "2026-08-05")
    assert life["due"] == "2026-08-20"


def test_a_page_cites_it_in_vietnamese_or_in_english(folder: Path) -> None:
    question = ("explain", "D1", "--source", "events.jsonl", "--out")
    for language, words in (
        ("vi", ("Điều 8.3, từ 05/08/2026, đã đọc văn bản", "Nhận hồ sơ chuyển đến")),
        ("en", ("art. 8.3, from 2026-08-05, text read", "arrived")),
    ):
        asked(folder, *question, f"{language}.html", "--lang", language)
        page = (folder / f"{language}.html").read_text(encoding="utf-8")
        assert [each for each in words if each not in page] == []


def test_by_the_law_as_known_before_an_arrival_is_noted(folder: Path) -> None:
    life = explained(folder, "--law-as-of", "2026-08-04")
    [step] = [step for step in life["steps"] if step["event"] == "arrived"]
    assert step["effect"].startswith("noted")
    assert step["rules"][0]["source"] == "NĐ 118/2025/NĐ-CP art. 17.3"
    assert life["law"]["as_of"] == "2026-08-04"


@pytest.mark.parametrize("regime", ["nd61-2018", "nd118-2025", "nd309-2026", "portal-2026"])
def test_a_regime_is_named_in_what_it_judged(folder: Path, regime: str) -> None:
    life = explained(folder, "--law", regime)
    assert life["law"]["regime"] == regime
    assert life["law"]["edition"]


def test_a_parameter_can_be_pinned(folder: Path) -> None:
    life = explained(folder, "--reschedule", "keep_original", "--after-supplement", "extend")
    assert life["law"]["pinned"] == {"after_supplement": "extend", "reschedule": "keep_original"}
    assert rules_of(life, "rescheduled")[0]["pinned"] == "keep_original"


def test_any_parameter_of_the_fold_can_be_pinned_by_its_name(folder: Path) -> None:
    life = explained(folder, "--pin", "arrival_starts_clock=no", "--pin", "reschedule_notice=2")
    assert life["law"]["pinned"] == {"reschedule_notice": 2, "arrival_starts_clock": "no"}
    assert rules_of(life, "arrived")[0]["pinned"] == "no"
    flags = explained(folder, "--supplement-limit", "3", "--reschedule", "keep_original")
    pins = explained(folder, "--pin", "supplement_limit=3", "--pin", "reschedule=keep_original")
    assert pins == flags


@pytest.mark.parametrize(
    ("pins", "fault"),
    [
        (["--pin", "intake_hours=4"], "no parameter 'intake_hours': use after_supplement, "),
        (["--pin", "reschedule"], "'reschedule' pins nothing; write reschedule_notice=2"),
        (["--pin", "reschedule="], "'reschedule=' pins nothing; write reschedule_notice=2"),
        (["--pin", "supplement_limit=x"], "supplement_limit: Input should be a valid integer"),
        (["--pin", "arrival_starts_clock=1"], "arrival_starts_clock: Input should be 'no' or"),
        (
            ["--supplement-limit", "1", "--pin", "supplement_limit=2"],
            "supplement_limit is pinned twice: leave one out",
        ),
    ],
)
def test_a_pin_that_is_none_is_refused_in_one_line(
    folder: Path, pins: list[str], fault: str
) -> None:
    line = refused(folder, "explain", "D1", "--source", "events.jsonl", *pins)
    assert line.startswith(f"--pin: {fault}")
    assert "\n" not in line


def test_the_law_as_it_is_printed_is_a_law(folder: Path) -> None:
    own = explained(folder, "--law", "law.csv")
    in_force = explained(folder)
    assert own["law"].pop("regime") == "law.csv"
    assert in_force["law"].pop("regime") == "in_force"
    assert own == in_force


def test_a_day_has_one_provision_of_each_parameter(folder: Path) -> None:
    document = json.loads(asked(folder, "law", "--on", "2026-08-05", "--format", "json"))
    assert [each["parameter"] for each in document["provisions"]] == list(PARAMETERS)
    whole = json.loads(asked(folder, "law", "--format", "json"))
    assert len(whole["provisions"]) == len(PROVISIONS)


def test_two_editions_differ_by_what_was_published_between(folder: Path) -> None:
    printed = asked(folder, "law", "--diff", "2026-08-04", "05/08/2026", "--format", "json")
    document = json.loads(printed)
    new = {each["parameter"] for each in document["added"] if each["first"] == "2026-08-05"}
    assert new == {"supplement_limit", "arrival_starts_clock"}
    assert document["from"]["edition"] != document["to"]["edition"]


def test_editions_and_one_day_are_not_asked_at_once(folder: Path) -> None:
    told = refused(folder, "law", "--diff", "2026-08-04", "2026-08-05", "--as-of", "2026-08-05")
    assert told == "--diff: names two days of publication; leave --as-of out"


def changed(folder: Path, line: int, column: str, value: str) -> None:
    """Write the file of the law with another value in one place."""
    text = (folder / "law.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    rows[line - 1][rows[0].index(column)] = value
    out = StringIO(newline="")
    csv.writer(out).writerows(rows)
    (folder / "bad.csv").write_text(out.getvalue(), encoding="utf-8")


WRONG = {
    (3, "first", "2025-07-03"): "bad.csv: after_supplement: has no provision on 2025-07-01: "
    "close the gap",
    (3, "first", "2025-06-30"): "bad.csv: after_supplement: has two provisions on 2025-06-30: "
    "end the first",
    (2, "first", "2020-01-01"): "bad.csv: after_supplement: has no provision before 2020-01-01: "
    "leave its first day out, or add one",
    (3, "last", "2030-01-01"): "bad.csv: after_supplement: has no provision after 2030-01-01: "
    "leave its last day out, or add one",
    (3, "last", "2025-01-01"): "bad.csv:3: after_supplement: ends on 2025-01-01, before it begins "
    "on 2025-07-01: correct one of the days",
    (2, "value", "again"): "bad.csv:2: after_supplement: no value 'again': use restart or extend",
    (2, "value", ""): "bad.csv:2: after_supplement: has no value: the rules need one",
    (2, "certainty", "sure"): "bad.csv:2: certainty: 'sure' is none: use text read, second-hand, "
    "inferred",
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_file_that_is_no_law_is_refused_in_one_line(
    folder: Path, wrong: tuple[int, str, str]
) -> None:
    changed(folder, *wrong)
    assert refused(folder, "law", "--law", "bad.csv") == WRONG[wrong]


def test_an_unknown_parameter_and_an_impossible_day_are_named(folder: Path) -> None:
    changed(folder, 2, "parameter", "after")
    known = ", ".join(PARAMETERS)
    told = refused(folder, "law", "--law", "bad.csv")
    assert told == f"bad.csv:2: no parameter 'after': use {known}"
    changed(folder, 3, "first", "2025-06-31")
    assert refused(folder, "law", "--law", "bad.csv").startswith("bad.csv:3: first: ")
    (folder / "bad.csv").write_text("parameter,value\nreschedule,accept_once\n")
    told = refused(folder, "law", "--law", "bad.csv")
    assert told == f"bad.csv:1: the headings are 'parameter,value': write {HEADINGS}"
    told = refused(folder, "law", "--law", "nd61")
    assert told.startswith("--law: ")
    assert "nd61-2018" in told
    assert refused(folder, "law", "--as-of", "soon").startswith("--as-of: ")

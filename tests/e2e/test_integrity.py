"""``hoso integrity``: the same from every kind of source, whoever runs the loops; and bad input."""

import csv
import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from hoso.projections.kernels.checks import CHECKS
from hoso.tools.inputs.checks import checks_by
from tests.command import asked, count_behind, done, hoso
from tests.engine import compiling

YEAR = ("--window", "2026", "--procedures", "procedures.csv")
KEYS = {"check", "count", "of", "share", "on_time_rate", "on_time_rate_without", "by_agency"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years with every fault, in one file; and its dossiers in a store and an archive."""
    folder = tmp_path_factory.mktemp("integrity")
    faults = [f"  - {{check: {check}, rate: 0.03}}" for check in CHECKS]
    (folder / "faults.yaml").write_text("\n".join(["faults:", *faults]))
    done(
        folder,
        *("simulate", "--dossiers", "1500", "--seed", "7", "--to", "2026-11-20"),
        *("--out", "whole.jsonl", "--procedures", "procedures.csv", "--registry", "agencies.csv"),
        *("--faults", "faults.yaml", "--planted", "planted.csv"),
    )
    lines = (folder / "whole.jsonl").read_text().splitlines(keepends=True)
    for n, name in enumerate(("one.jsonl", "other.jsonl")):
        half = [line for line in lines if sum(json.loads(line)["subject"].encode()) % 2 == n]
        (folder / name).write_text("".join(half))
    for name in ("whole", "other"):
        events = f"{name}.jsonl"
        done(folder, "ingest", events, "--recorded", "time", "--store", f"sqlite:///{name}.db")
        done(folder, "archive", "--source", events, "--out", name)
    return folder


def found(folder: Path, *options: str) -> Any:
    return json.loads(done(folder, "integrity", *YEAR, *options, "--format", "json"))


def test_the_answer_has_the_keys_of_the_contract_and_every_check_finds_something(
    folder: Path,
) -> None:
    checks = found(folder, "--source", "whole.jsonl")["checks"]
    assert [each["check"] for each in checks] == [*CHECKS]
    for each in checks:
        by_chance = {"expected"} if each["check"] in ("burst", "last_day") else set()
        assert each.keys() == KEYS | {"dossiers"} | by_chance
        assert (
            each["count"] == len(each["dossiers"]) == sum(row["count"] for row in each["by_agency"])
        )
        assert each["count"] <= each["of"]
        assert each["dossiers"] == sorted({*each["dossiers"]})
    assert [each["check"] for each in checks if not each["count"]] in ([], ["last_day"])


@pytest.mark.parametrize(
    "sources",
    [
        ["sqlite:///whole.db"],
        ["whole"],
        ["one.jsonl", "other.jsonl"],
        ["one.jsonl", "sqlite:///other.db"],
        ["other", "one.jsonl"],
    ],
)
def test_the_result_is_the_same_from_every_kind_of_source(folder: Path, sources: list[str]) -> None:
    named = [word for source in sources for word in ("--source", source)]
    assert found(folder, *named) == found(folder, "--source", "whole.jsonl")


@pytest.mark.parametrize("source", ["whole", "whole.jsonl"])
def test_what_was_recorded_later_changes_nothing_as_of_a_day(folder: Path, source: str) -> None:
    lines = (folder / "whole.jsonl").read_text().splitlines(keepends=True)
    as_of = "2026-06-30T17:00:00+07:00"
    instant = "2026-06-30T10:00:00Z"
    early = [line for line in lines if _recorded(json.loads(line)) <= instant]
    assert 0 < len(early) < len(lines)
    (folder / "early.jsonl").write_text("".join(early))
    now = found(folder, "--source", source, "--as-of", as_of)
    assert now == found(folder, "--source", "early.jsonl", "--as-of", as_of)
    assert now != found(folder, "--source", source)


def _recorded(event: dict[str, Any]) -> str:
    from datetime import UTC, datetime

    told = datetime.fromisoformat(event.get("recordedtime", event["time"])).astimezone(UTC)
    return told.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("source", ["whole", "whole.jsonl"])
def test_machine_code_finds_what_the_interpreter_finds(folder: Path, source: str) -> None:
    question = ("integrity", *YEAR, "--source", source, "--format", "json")
    interpreted = asked(folder, *question)
    with compiling():
        assert asked(folder, *question) == interpreted


@pytest.mark.parametrize("paper", ["table", "csv", "html", "xlsx", "docx"])
def test_people_see_what_programs_get(folder: Path, paper: str) -> None:
    """The overview has each check, and the list of one has its dossiers."""
    given = (*YEAR, "--source", "whole.jsonl", "--registry", "agencies.csv")
    overview, listed = f"overview.{paper}", f"listed.{paper}"
    asked(folder, "integrity", *given, "--format", paper, "--out", overview)
    asked(folder, "integrity", *given, "--check", "no_notice", "--format", paper, "--out", listed)
    told = {each["check"]: each for each in found(folder, *given[len(YEAR) :])["checks"]}
    if paper == "csv":
        rows = [*csv.DictReader((folder / overview).read_text("utf-8-sig").splitlines())]
        whole = {row["check"]: row["count"] for row in rows if not row["agency"]}
        assert whole == {name: str(each["count"]) for name, each in told.items()}
    if paper in ("table", "html"):
        text = (folder / overview).read_text()
        assert all(check.title.vi in text for check in checks_by(None).values())
    if paper in ("table", "csv", "html"):
        text = (folder / listed).read_text()
        assert told["no_notice"]["dossiers"]
        assert all(code in text for code in told["no_notice"]["dossiers"])


def test_a_call_of_the_overview_lists_as_many_dossiers(folder: Path) -> None:
    given = (*YEAR, "--source", "whole.jsonl", "--registry", "agencies.csv", "--under", "H52")
    asked(folder, "integrity", *given, "--out", "overview.html")
    page = unescape((folder / "overview.html").read_text())
    calls = sorted({*re.findall(r'title="(hoso integrity [^"]+)"', page)})
    assert len(calls) > 10
    for call in calls[:: len(calls) // 5]:
        assert count_behind(folder, call) > 0


def test_the_bodies_of_a_province_have_all_findings_together(folder: Path) -> None:
    whole = found(folder, "--source", "whole", "--registry", "agencies.csv", "--under", "H52")
    assert whole == found(folder, "--source", "whole", "--registry", "agencies.csv")
    [own] = found(folder, "--source", "whole", "--slice", "agency=H52.01", "--check", "re_entered")[
        "checks"
    ]
    [every] = found(folder, "--source", "whole", "--check", "re_entered")["checks"]
    [row] = [row for row in every["by_agency"] if row["agency"] == "H52.01"]
    assert (own["count"], own["of"]) == (row["count"], row["of"])


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--check", "paused"], "--check: no check 'paused': use paused_on_due_day,"),
        (["--profile", "no.yaml"], "--profile: no.yaml: No such file or directory"),
        (["--profile", "bad.yaml"], "bad.yaml:2: burst.closings: 'ten' is no threshold: write a"),
        (["--procedures", "no.csv"], "no.csv"),
        (["--under", "H99", "--registry", "agencies.csv"], "agencies.csv has no body 'H99'"),
        (["--under", "H52.01"], "--under: needs --registry FILE"),
        (["--out", "x.pdf"], "x.pdf: no paper has the ending '.pdf'"),
    ],
)
def test_bad_input_gets_one_line(folder: Path, options: list[str], fault: str) -> None:
    (folder / "bad.yaml").write_text("burst:\n  closings: ten\n")
    outcome = hoso(folder, "integrity", "--source", "whole.jsonl", "--window", "2026", *options)
    assert (outcome.status, outcome.out) == (2, "")
    assert fault in outcome.err
    assert outcome.err.count("\n") == 1


def test_the_list_of_re_entered_dossiers_says_how_long_people_waited(folder: Path) -> None:
    given = ("--source", "whole.jsonl", "--check", "re_entered")
    text = asked(folder, "integrity", *YEAR, *given)
    chains = found(folder, *given)["chains"]["list"]
    assert chains
    for chain in chains:
        [row, *_] = [line for line in text.splitlines() if chain["dossiers"][-1] in line]
        assert re.search(rf"│ +{chain['waited_days']} │ +{chain['waited_working_days']} │", row)


@pytest.mark.parametrize("check", ["paused_on_due_day", "allowance_differs", "no_notice"])
def test_the_life_of_a_listed_dossier_has_its_event_marked(folder: Path, check: str) -> None:
    given = (*YEAR, "--source", "whole.jsonl", "--check", check, "--as-of", "2026-12-14T00:00:00Z")
    asked(folder, "integrity", *given, "--out", "list.html")
    page = unescape((folder / "list.html").read_text())
    call = re.findall(r'title="hoso (explain [^"]+)"', page)[0]
    life = json.loads(done(folder, *shlex.split(call), "--format", "json"))
    [step, *_] = [step for step in life["steps"] if check in step["checks"]]
    title = checks_by(None)[check].title.vi
    assert title in done(folder, *shlex.split(call))
    assert step["id"]

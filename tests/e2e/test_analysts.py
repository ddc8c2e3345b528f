"""Does every program in docs/ANALYSTS.md run as it stands, and is what it finds what hoso finds?"""

import json
import re
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import pyarrow.parquet as pq
import pytest

from hoso.domain.calendar import between, day_number
from hoso.projections.archive.files import ARCHIVED
from hoso.projections.archive.manifest import read_manifest
from hoso.projections.documents.figures import flat
from hoso.projections.ledger.register import SCHEMA as REGISTER
from tests.command import asked
from tests.engine import LOCAL, VIETNAM, Json

PAGE: Final = (Path(__file__).parents[2] / "docs" / "ANALYSTS.md").read_text(encoding="utf-8")
COMMANDS: Final = re.findall(
    r"^hoso (.+)$", re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[0], re.M
)
RECIPES: Final = dict(re.findall(r"### ([^\n]+)\n\n```python\n(.*?)```", PAGE, re.DOTALL))
AS_OF: Final = COMMANDS[-1].partition("--as-of ")[2].split()[0]
DAY: Final = date.fromisoformat(AS_OF[:10])

Found = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the page says is there."""
    folder = tmp_path_factory.mktemp("analysts")
    for command in COMMANDS:
        asked(folder, *command.split())
    return folder


def stated(folder: Path, *question: str) -> Json:
    document: Json = json.loads(
        asked(folder, "statement", "--source", "archive", *question, "--format", "json")
    )
    return document


def stated_by(folder: Path, dimension: str) -> dict[str, Json]:
    """The lines of a statement of all there was by the register's day, by their slice."""
    until = (
        "--from",
        "1900-01-01",
        "--to",
        DAY.isoformat(),
        "--as-of",
        AS_OF,
        "--attribution",
        "final",
    )
    lines = stated(folder, *until, "--by", dimension)["lines"]
    return {line["slice"][dimension]: line for line in lines}


def overdue_by_agency(found: Found, folder: Path) -> None:
    rows = {
        agency: (late, all_of_it) for agency, late, all_of_it, *_ in found["overdue"].fetchall()
    }
    groups = ("resolved", "returned", "in_progress", "awaiting_supplement", "paused")
    expected = {
        agency: (sum(line[group]["overdue"] for group in groups), line["received"])
        for agency, line in stated_by(folder, "agency").items()
    }
    assert rows == {agency: counts for agency, counts in expected.items() if counts[0]}
    assert rows


def open_by_age(found: Found, folder: Path) -> None:
    ages = found["open_by_age"].to_dicts()
    lines = stated_by(folder, "channel").values()
    assert sum(age["dossiers"] for age in ages) == sum(line["carried_forward"] for line in lines)
    still = [line[group]["total"] for line in lines for group in ("awaiting_supplement", "paused")]
    assert sum(age["standing_still"] for age in ages) == sum(still) > 0
    register = pq.read_table(folder / "register.parquet").to_pylist()
    opened = [(DAY - row["received"]).days for row in register if row["closed"] is None]
    assert {age["days_from"]: age["dossiers"] for age in ages} == Counter(
        days // 30 * 30 for days in opened
    )


def time_taken(found: Found, folder: Path) -> None:
    taken = {field: row for field, *row in found["taken"].reset_index().to_numpy().tolist()}
    lines = stated_by(folder, "field")
    assert {field: row[0] for field, row in taken.items()} == {
        field: line["resolved"]["total"] for field, line in lines.items()
    }
    days = defaultdict(list)
    for row in pq.read_table(folder / "register.parquet").to_pylist():
        if row["account"].startswith("resolved."):
            days[row["field"]].append(row["days_used"])
    assert {field: (row[1], row[2]) for field, row in taken.items()} == {
        field: (median(used), max(used)) for field, used in days.items()
    }


def receptions(found: Found, folder: Path) -> None:
    rows = {(month, channel): n for month, channel, n in found["receptions"].fetchall()}
    for month in ("2025-01", "2026-01", "2026-08"):
        lines = stated(folder, "--window", month, "--by", "channel")["lines"]
        expected = {(month, line["slice"]["channel"]): line["received"] for line in lines}
        assert {name: n for name, n in rows.items() if name[0] == month} == {
            name: n for name, n in expected.items() if n
        }
    assert sum(rows.values()) == 3000


def until_asked(found: Found, folder: Path) -> None:
    received, asked, days = {}, dict[str, int](), defaultdict(list)
    for event in counted(folder):
        code, day = event["dossier"], day_number(event["day"])
        if event["type"] == "received":
            received[code] = (event["level"], day)
        if event["type"] == "supplement_requested":
            asked[code] = min(day, asked.get(code, day))
    for code, day in asked.items():
        level, start = received[code]
        days[level].append(between(VIETNAM.days, start, day))
    assert found["until_asked"].rows() == [
        (level, len(days[level]), median(days[level])) for level in sorted(days)
    ]


def told_late(found: Found, folder: Path) -> None:
    late, events = Counter[str](), Counter[str]()
    for event in once(folder):
        events[event["type"]] += 1
        late[event["type"]] += local(event["recorded"]) > event["day"]
    assert found["late"].to_dict() == {
        "events": dict(events),
        "late": {kind: late[kind] for kind in events},
    }
    assert late.total() > 0


def local(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()


def once(folder: Path) -> list[Json]:
    """The events of the archive, each once."""
    files = read_manifest(folder / "archive").files()
    rows = [
        row for file in files for row in pq.read_table(folder / "archive" / file.name).to_pylist()
    ]
    first: dict[tuple[str, str], Json] = {}
    for row in sorted(rows, key=lambda row: (row["recorded"], row["position"])):
        first.setdefault((row["source"], row["id"]), row)
    return list(first.values())


def counted(folder: Path) -> Iterator[Json]:
    """Those that were not annulled."""
    events = once(folder)
    annulled = {(event["source"], event["annuls"]) for event in events}
    return (event for event in events if (event["source"], event["id"]) not in annulled)


def from_python(found: Found, folder: Path) -> None:
    lines = stated(folder, "--window", "2026-Q1", "--by", "agency")["lines"]
    by_agency = found["by_agency"].to_dict("index")
    assert by_agency == {line["slice"]["agency"]: flat(line) for line in lines}

    windows = (
        ("--window", "2026-Q1"),
        ("--window", "2026-Q2"),
        ("--from", "2026-06-15", "--to", "2026-08-31"),
    )
    totals = [stated(folder, *window)["total"] for window in windows]
    assert found["several"].to_dict("records") == [flat(total) for total in totals]

    rules = ("--supplement-limit", "2", "--after-supplement", "extend")
    others = [stated(folder, *window, *rules)["total"] for window in windows]
    late = [[total["resolved"]["overdue"] for total in each] for each in (totals, others)]
    assert found["overdue"].to_dict("list") == dict(zip(("as it is", "what if"), late, strict=True))
    assert late[0] != late[1]

    over_the_days = found["over_the_days"]
    for total, last in zip(totals, ("2026-03-14", "2026-06-14", "2026-08-31"), strict=True):
        still = [total[group] for group in ("in_progress", "awaiting_supplement", "paused")]
        assert over_the_days.loc[last].to_dict() == {
            "in time": sum(group["in_time"] for group in still),
            "overdue": sum(group["overdue"] for group in still),
        }


CHECKS: Final[dict[str, Callable[[Found, Path], None]]] = {
    "Overdue by agency (DuckDB)": overdue_by_agency,
    "Open by age (Polars)": open_by_age,
    "Time taken by field (pandas)": time_taken,
    "Receptions by month and channel (DuckDB)": receptions,
    "Working days until a supplement is asked for (Polars)": until_asked,
    "What is recorded late (pandas)": told_late,
    "Quarters, other rules, and the balance over the days (hoso)": from_python,
}


@pytest.mark.parametrize("title", CHECKS)
def test_a_program_finds_what_hoso_finds(
    title: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = tmp_path / "program.py"
    program.write_text(RECIPES[title], encoding="utf-8")
    monkeypatch.chdir(folder)
    found = runpy.run_path(str(program))
    assert capsys.readouterr().out.strip()
    CHECKS[title](found, folder)


def test_every_program_on_the_page_is_tested() -> None:
    assert RECIPES.keys() == CHECKS.keys()
    assert len(RECIPES) == PAGE.count("```python")


def columns_in(section: str) -> list[str]:
    """The columns that the table of a section names, in order."""
    table = PAGE.partition(f"## {section}\n")[2].partition("### ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_the_page_names_every_column() -> None:
    assert columns_in("The register") == REGISTER.names
    assert sorted(columns_in("The archive")) == sorted(ARCHIVED.names)

"""``hoso audit`` on published reports, and on reports that hold."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hoso.domain.errors import UserError
from hoso.tools.cli import app
from hoso.tools.output.files import write_lines
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.son_la import son_la_quarter
from tests.command import hoso

Json = dict[str, Any]

PUBLISHED = Path(__file__).parents[1] / "data" / "published"
SON_LA = str(PUBLISHED / "son-la-2023-q1.yaml")
PRESS = str(PUBLISHED / "son-la-2024-q1.yaml")
BAC_KAN = str(PUBLISHED / "bac-kan-2024-09" / "summary.yaml")
INDEX = "index_766_province_as_printed.csv"
HOLDS = """\
window: {from: 2023-01-01, to: 2023-03-31}
blocks:
  b:
    total: 10
    carried_over: 4
    received: 6
    resolved: {count: 7, percent: 70.00}
    early: {count: 6, percent: 85.71}
    on_time: 1
    overdue: 0
    in_progress: 3
lists: [{name: n, of: b.resolved, items: {A: 5, B: 2}}]
tables: [{file: x.csv, total: t, parts: [p, q]}]
"""


class Answer(NamedTuple):
    status: int
    out: str


def answer(*arguments: str) -> Answer:
    """What the command says, run in this process."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="")
    with redirect_stdout(out):
        status = app(["audit", *arguments], standalone_mode=False)
    out.seek(0)
    return Answer(status or 0, out.read())


def audited(*arguments: str) -> Json:
    """What it finds, as JSON."""
    found: Json = json.loads(answer(*arguments, "--format", "json").out)
    return found


def numbers(of: Json, check: str) -> dict[str, tuple[Any, ...]]:
    """What was claimed, what follows and the difference, by place."""
    return {
        each["place"]: (each["claimed"], each["follows"], each["difference"])
        for each in of["findings"]
        if each["check"] == check
    }


@pytest.fixture(scope="module")
def son_la() -> Json:
    return audited(SON_LA)


@pytest.fixture(scope="module")
def bac_kan() -> Json:
    return audited(BAC_KAN)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The made-up events behind Sơn La's quarter."""
    file = str(tmp_path_factory.mktemp("events") / "quarter.jsonl")
    write_lines(file, son_la_quarter(calendar().days))
    return file


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., str]:
    """A report that holds, with changes to its text."""

    def written(*changes: tuple[str, str]) -> str:
        text = HOLDS
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / "x.csv").write_text("k,t,p,q\nA,3,1,2\nB,5,4,1\n")
        (tmp_path / "r.yaml").write_text(text)
        return str(tmp_path / "r.yaml")

    return written


def test_son_la_is_20_dossiers_short_and_its_online_block_16(son_la: Json) -> None:
    assert numbers(son_la, "categories") == {
        "all_channels.total": (13597, 13577, 20),
        "online.total": (7123, 7107, 16),
    }
    causes = [f["cause"]["en"] for f in son_la["findings"] if f["check"] == "categories"]
    assert all("leaves out: in progress overdue, returned" in cause for cause in causes)


def test_son_la_ranks_235_of_204_communes(son_la: Json) -> None:
    assert numbers(son_la, "listing") == {"communes by rank": (204, 235, -31)}
    [cause] = [f["cause"] for f in son_la["findings"] if f["check"] == "listing"]
    assert "172, not 203" in cause["en"]
    assert "172 chứ không phải 203" in cause["vi"]


def test_son_la_mixes_denominators(son_la: Json) -> None:
    assert numbers(son_la, "denominator") == {
        "all_channels.paused_or_awaiting_supplement": (0.3, 0.27, 0.03),
        "all_channels.cancelled_or_withdrawn": (1.72, 1.6, 0.12),
    }
    assert numbers(son_la, "percent") == {}
    ways = {e["place"]: e["how"]["en"] for e in son_la["holds"] if e["check"] == "percent"}
    assert len(ways) == 15
    assert ways["online_share_percent"] == "52.39 % = 7,123 / 13,597 (total, rounded)"


def test_an_excerpt_has_nothing_that_fails() -> None:
    status, out = answer(PRESS, "--lang", "en")
    assert status == 0
    assert "1,091 dossiers remain" in out
    assert "0 do not hold" in out


def test_bac_kan_has_columns_that_stand_a_row_too_low(bac_kan: Json) -> None:
    assert numbers(bac_kan, "row_shift") == {INDEX: (17, 0, 17)}
    [cause] = [f["cause"]["en"] for f in bac_kan["findings"] if f["check"] == "row_shift"]
    assert cause == (
        "columns transparency_18, progress_20, online_22 stand below their own rows, by 1; moved "
        "back, all 16 rows that can be checked hold; what is printed there for Sở Nông nghiệp và "
        "Phát triển nông thôn belongs to no row"
    )
    assert numbers(bac_kan, "row_lost") == {f"{INDEX}: Sở Công Thương": (None, 52.155, None)}


def test_bac_kan_has_tables_that_do_not_agree(bac_kan: Json) -> None:
    found = numbers(bac_kan, "row_match")
    districts = {place.partition(": ")[2]: n for place, n in found.items() if "UBND" in place}
    assert districts == {
        "UBND huyện Chợ Mới": (993, 957, 36),
        "UBND thành phố Bắc Kạn": (806, 775, 31),
        "UBND huyện Pác Nặm": (659, 656, 3),
        "UBND huyện Na Rì": (1142, 1093, 49),
        "UBND huyện Ngân Sơn": (595, 554, 41),
        "UBND huyện Bạch Thông": (630, 593, 37),
        "UBND huyện Chợ Đồn": (889, 824, 65),
        "UBND huyện Ba Bể": (736, 653, 83),
    }
    labour = "online_submission.csv: Sở Lao động - Thương binh và Xã hội"
    assert found.keys() - {f"online_submission.csv: {name}" for name in districts} == {labour}


def test_bac_kans_percentages_hold_but_for_one(bac_kan: Json) -> None:
    place = "online_submission.csv: Sở Xây dựng"
    assert numbers(bac_kan, "row_percent") == {place: (86.1, 86.05, 0.05)}
    ways = [e["how"]["en"] for e in bac_kan["holds"] if e["check"] == "row_percent"]
    assert ways == [
        "24 rows: components_percent = components_complete / received: rounded",
        "25 rows: results_percent = results_digitised / resolved: rounded",
        "23 rows: percent = online / (online + in_person): rounded",
        "19 rows: percent = online / (online + in_person): rounded",
    ]
    [nothing] = bac_kan["unchecked"]
    assert "Ban quản lý các khu công nghiệp" in nothing["why"]["en"]


def test_a_report_that_holds_leaves_status_0(report: Callable[..., str]) -> None:
    name = report()
    found = audited(name)
    assert (found["findings"], found["unchecked"]) == ([], [])
    status, out = answer(name)
    assert status == 0
    assert "Không khớp" not in out
    assert out.splitlines()[2].startswith("0 điểm không khớp, 7 điểm khớp")


def test_a_report_that_does_not_leaves_status_1(report: Callable[..., str]) -> None:
    status, out = answer(report(("total: 10", "total: 11")), "--lang", "en")
    assert status == 1
    assert "Does not hold" in out
    assert "3 do not hold" in out  # what came in, the categories, and what 70 % is of


def test_findings_are_told_in_either_language() -> None:
    vietnamese, english = answer(SON_LA).out, answer(SON_LA, "--lang", "en").out
    for words in ("13.577", "tổng số = các nhóm cộng lại", "0,30 %", "12.490 (đã giải quyết"):
        assert words in vietnamese
    for words in ("13,577", "total = all categories", "0.30 %", "12,490 (resolved"):
        assert words in english
    for out in (vietnamese, english):
        assert "published_on, evaluation, notes" in out  # what was not looked at


def test_spreadsheets_get_the_findings_as_rows() -> None:
    status, out = answer(SON_LA, "--format", "csv", "--lang", "en")
    assert status == 1
    assert out.startswith("\ufeffplace,check,claimed,")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert len(rows) == 5
    first = {name: rows[0][name] for name in ("place", "claimed", "follows", "difference")}
    assert [*first.values()] == ["all_channels.total", "13597", "13577", "20"]


def test_the_engines_statement_is_laid_beside_it(events: str) -> None:
    found = audited(SON_LA, "--source", events)
    beside = {(e["block"], e["figure"]): [*e.values()][2:] for e in found["beside"]}
    assert beside["all_channels", "total"] == [13597, 13597, 0]
    assert beside["online", "early"] == [6711, 6711, 0]
    # Where the dossiers are that the report does not have.
    assert beside["all_channels", "in_progress_overdue"] == [None, 20, None]
    assert beside["online", "in_progress_overdue"] == [None, 16, None]
    assert numbers(found, "engine") == {}
    days = {"from": "2022-12-15", "to": "2023-03-14", "until": "2023-03-14"}
    assert found["statement"]["window"] == days
    assert found["statement"]["digest"].startswith("sha256:")


def test_what_the_engine_states_otherwise_is_a_finding(tmp_path: Path, events: str) -> None:
    (tmp_path / "r.yaml").write_text(
        "window: {from: 2022-12-15, to: 2023-03-14}\n"
        "blocks:\n"
        "  b: {total: 13600, in_progress: 890, online: 7123, paused_inside_in_progress: false}\n"
        "  p: {channel: in_person, total: 0}\n"
        "  q: {channel: post, total: 0}\n"
    )
    status, out = answer(str(tmp_path / "r.yaml"), "--source", events, "--format", "json")
    found = json.loads(out)
    assert status == 1
    engine = numbers(found, "engine")
    assert engine.keys() == {"b.total", "b.in_progress", "p.total", "q.total"}
    assert engine["b.total"] == (13600, 13597, 3)
    assert engine["b.in_progress"] == (890, 853, 37)
    assert engine["p.total"][1] + engine["q.total"][1] == 13597 - 7123
    [cause] = [f["cause"]["en"] for f in found["findings"] if f["place"] == "b.in_progress"]
    assert cause.startswith("may count paused or awaiting supplement as well; its dossiers: hoso")
    text = (tmp_path / "r.yaml").read_text()
    (tmp_path / "r.yaml").write_text(text.replace("false", "true"))
    assert "b.in_progress" not in numbers(
        audited(str(tmp_path / "r.yaml"), "--source", events), "engine"
    )


def test_a_source_may_be_judged_by_other_rules_and_as_of_then(events: str) -> None:
    then = ("--as-of", "2023-01-31T23:59:59+07:00")
    found = audited(SON_LA, "--source", events, *then, "--supplement-limit", "0")
    assert found["statement"]["as_of"] == "2023-01-31T16:59:59Z"
    assert found["statement"]["law"]["pinned"] == {"supplement_limit": 0}
    assert numbers(found, "engine")["all_channels.received"][1] < 12622


def test_what_is_wrong_with_the_call_is_told(report: Callable[..., str], events: str) -> None:
    with pytest.raises(UserError, match=r"^--as-of and the rules: are for --source"):
        answer(report(), "--as-of", "2023-03-20T17:00:00+07:00")
    with pytest.raises(UserError, match=r"^--as-of and the rules: are for --source"):
        answer(report(), "--supplement-limit", "3")
    windowless = report(("window: {from: 2023-01-01, to: 2023-03-31}\n", ""))
    with pytest.raises(UserError, match="gives no window to state; write window:"):
        answer(windowless, "--source", events)


def test_from_outside_findings_are_1_and_what_is_wrong_is_2_in_one_line(tmp_path: Path) -> None:
    found = hoso(tmp_path, "audit", SON_LA, "--format", "json")
    assert (found.status, found.err) == (1, "")
    missing = hoso(tmp_path, "audit", "nowhere.yaml")
    assert missing == (2, "", "hoso: nowhere.yaml: No such file or directory\n")

"""Twelve dossiers through the old and the new law, and what each form says of them.

Read it to learn the law in time. Each dossier below shows one rule; the comments say which, and
work out its days. Each figure further down names the dossiers behind it. All was worked out by hand
from the contract and the decrees.

Until 30/06/2025 NĐ 61/2018 is in force, until 04/08/2026 NĐ 118/2025, since then NĐ 309/2026 with
it. Form II.06a is filed until 31/07/2026, forms 07a to 07c since. On 01/07/2025 two departments
merge, and the district ends.
"""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.command import asked
from tests.told import calendar_days, said, working_days

REGISTRY = """\
code,name,level,parent,valid_from,valid_to,successor
H,UBND tỉnh,province,,,,
H.1,Sở Kế hoạch,province,H,,30/06/2025,H.3
H.2,Sở Tài chính cũ,province,H,,30/06/2025,H.3
H.3,Sở Tài chính,province,H,01/07/2025,,
H.8,UBND huyện Một,district,H,,30/06/2025,
H.9,UBND xã Hai,commune,H,01/07/2025,,
"""
PLANNING, OLD_FINANCE, FINANCE, DISTRICT, COMMUNE = "H.1", "H.2", "H.3", "H.8", "H.9"
OF_PROVINCE = {"field": "Đầu tư", "level": "province"}
OF_DISTRICT = {"field": "Hộ tịch", "level": "district"}
OF_COMMUNE = {"field": "Hộ tịch", "level": "commune"}
KNOWN = ("--as-of", "2027-01-01T00:00:00+07:00")
GIVEN = ("--source", "events.jsonl", "--registry", "agencies.csv", *KNOWN)


def received(code: str, day: str, agency: str, days: int, channel: str, **data: Any) -> Any:
    """A reception with an allowance of working days."""
    data = {"procedure": "1.1", "channel": channel, "allowance": working_days(days)} | data
    return said("received", day, code=code, agency=agency, **data)


HISTORY = [
    # D01. Due Monday 30/06/2025. A notice of that very day is too late under NĐ 61 art. 19.9 (one
    # day before, at the latest): the due day stays. Overdue since 01/07, resolved 04/07.
    received("D01", "2025-06-23", PLANNING, 5, "online", **OF_PROVINCE),
    said("rescheduled", "2025-06-30", code="D01", due="2025-07-10", apology=True),
    said("resolved", "2025-07-04", code="D01", outcome="granted"),
    # D02. Due Tuesday 01/07/2025; the same notice is one day before: due 10/07, resolved on it.
    received("D02", "2025-06-24", PLANNING, 5, "in_person", **OF_PROVINCE),
    said("rescheduled", "2025-06-30", code="D02", due="2025-07-10", apology=True),
    said("resolved", "2025-07-10", code="D02", outcome="granted"),
    # D03. Awaits a supplement while its department merges into another. Brought on 02/07/2025, the
    # full time runs anew (NĐ 118 art. 19.5): 10 working days, due 16/07. Resolved early, 11/07.
    received("D03", "2025-06-12", OLD_FINANCE, 10, "online", **OF_PROVINCE),
    said("supplement_requested", "2025-06-20", code="D03"),
    said("reassigned", "2025-07-01", code="D03", agency=FINANCE),
    said("supplemented", "2025-07-02", code="D03"),
    said("resolved", "2025-07-11", code="D03", outcome="granted"),
    # D04. A district's dossier that goes to a commune. The second request (03/07/2025) counts as
    # overdue (NĐ 118 art. 11.2c), though the first was made under NĐ 61, and for good.
    received("D04", "2025-06-20", DISTRICT, 10, "in_person", **OF_DISTRICT),
    said("supplement_requested", "2025-06-25", code="D04"),
    said("supplemented", "2025-06-27", code="D04"),
    said("reassigned", "2025-07-01", code="D04", agency=COMMUNE, level="commune"),
    said("supplement_requested", "2025-07-03", code="D04"),
    said("supplemented", "2025-07-07", code="D04"),
    said("resolved", "2025-07-09", code="D04", outcome="granted"),
    # D05. Paused on 30/06/2025, one working day before it was due, and moved while paused. Resumed
    # on 22/09, it has that one day left: due 23/09, resolved early.
    received("D05", "2025-06-26", DISTRICT, 3, "post", **OF_DISTRICT),
    said("paused", "2025-06-30", code="D05", reason="financial_obligation"),
    said("reassigned", "2025-07-01", code="D05", agency=COMMUNE, level="commune"),
    said("resumed", "2025-09-22", code="D05"),
    said("resolved", "2025-09-22", code="D05", outcome="granted"),
    # D06. A commune of the new order, from the first: due 09/07/2025, returned before.
    received("D06", "2025-07-02", COMMUNE, 5, "online", **OF_COMMUNE),
    said("returned", "2025-07-07", code="D06", reason="not_eligible"),
    # D07. Thirty calendar days: due Friday 10/07/2026. Overdue by itself on the 11th.
    received(
        "D07", "2026-06-10", FINANCE, 0, "in_person", **OF_PROVINCE, allowance=calendar_days(30)
    ),
    said("resolved", "2026-07-13", code="D07", outcome="granted"),
    # D08. Taken in elsewhere; due 04/08/2026, the day it arrives. The arrival is noted and changes
    # nothing, because NĐ 309 is not in force yet. Overdue on the 5th.
    received(
        "D08", "2026-07-30", COMMUNE, 3, "online", **OF_COMMUNE,
        online_service="partial", received_at=FINANCE,
    ),
    said("arrived", "2026-08-04", code="D08"),
    said("resolved", "2026-08-05", code="D08", outcome="granted"),
    # D09. The same, one day later. From 05/08/2026 the time runs from the arrival (NĐ 309
    # art. 8.3): 3 working days, due Monday 10/08. On time.
    received(
        "D09", "2026-07-31", COMMUNE, 3, "online", **OF_COMMUNE,
        online_service="full", received_at=FINANCE,
    ),
    said("arrived", "2026-08-05", code="D09"),
    said("resolved", "2026-08-10", code="D09", outcome="granted"),
    # D10. Due Monday 17/08/2026. Notice on Sunday is one day before, as the text says "ngày", not
    # "ngày làm việc": due 25/08, resolved the day before.
    received("D10", "2026-08-03", FINANCE, 10, "in_person", **OF_PROVINCE),
    said("rescheduled", "2026-08-16", code="D10", due="2026-08-25", apology=True),
    said("resolved", "2026-08-24", code="D10", outcome="granted"),
    # D11. The supplement never comes; after 15 days the office closes the dossier (NĐ 118
    # art. 19.5). hoso never infers that: the office says so, with the reason "expired".
    received("D11", "2026-08-10", COMMUNE, 5, "in_person", **OF_COMMUNE),
    said("supplement_requested", "2026-08-13", code="D11"),
    said("cancelled", "2026-08-28", code="D11", reason="expired"),
    # D12. Due 17/09/2026: still in time when the quarter ends on the 14th, overdue in the year's.
    received("D12", "2026-09-10", COMMUNE, 5, "post", **OF_COMMUNE),
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    (folder / "events.jsonl").write_bytes(b"".join(orjson.dumps(e) + b"\n" for e in HISTORY))
    (folder / "agencies.csv").write_text(REGISTRY, encoding="utf-8")
    return folder


# --- Dossier by dossier ---------------------------------------------------------------------------

OUTCOMES = {  # the account and the due day in the end
    "D01": ("resolved.overdue", "2025-06-30"),
    "D02": ("resolved.on_time", "2025-07-10"),
    "D03": ("resolved.early", "2025-07-16"),
    "D04": ("resolved.overdue", "2025-07-21"),
    "D05": ("resolved.early", "2025-09-23"),
    "D06": ("returned.early", "2025-07-09"),
    "D07": ("resolved.overdue", "2026-07-10"),
    "D08": ("resolved.overdue", "2026-08-04"),
    "D09": ("resolved.on_time", "2026-08-10"),
    "D10": ("resolved.early", "2026-08-25"),
    "D11": ("cancelled.voided", "2026-09-09"),  # as if supplemented on 28/08; to 02/09 is off
    "D12": ("in_progress.overdue", "2026-09-17"),
}
CITED = {  # what the law says of one event of each
    ("D01", "rescheduled"): "NĐ 61/2018/NĐ-CP art. 19.9",
    ("D02", "rescheduled"): "NĐ 61/2018/NĐ-CP art. 19.9",
    ("D03", "supplemented"): "NĐ 118/2025/NĐ-CP art. 19.5",
    ("D08", "arrived"): "NĐ 118/2025/NĐ-CP art. 17.3",
    ("D09", "arrived"): "NĐ 309/2026/NĐ-CP art. 8.3",
    ("D10", "rescheduled"): "NĐ 118/2025/NĐ-CP art. 19.6",
}
OTHERWISE = {  # under one decree for the whole history, or another rule
    # NĐ 309 from ever: D08's time runs from its arrival, too; 3 working days, due 07/08/2026.
    ("--law", "nd309-2026"): {"D08": ("resolved.early", "2026-08-07")},
    # NĐ 61 for ever, or as the law was known before NĐ 309 was published: D09 is due 05/08/2026.
    ("--law", "nd61-2018"): {"D09": ("resolved.overdue", "2026-08-05")},
    ("--law-as-of", "2026-08-04"): {"D09": ("resolved.overdue", "2026-08-05")},
    # Two requests are allowed: D04 is due 21/07/2025, 10 working days after the second supplement.
    ("--supplement-limit", "2"): {"D04": ("resolved.early", "2025-07-21")},
    # No new appointment counts.
    ("--reschedule", "keep_original"): {
        "D02": ("resolved.overdue", "2025-07-01"),
        "D10": ("resolved.overdue", "2026-08-17"),
    },
    # The clock goes on where it stopped. D03 stood 8 working days from 20/06/2025: 26/06 becomes
    # 08/07. D04: 2 days and 2 days after 04/07: 10/07. D11: 12 days after 17/08/2026, of which
    # Saturday 22/08 is worked: 04/09, as 31/08 to 02/09 are off.
    ("--after-supplement", "extend"): {
        "D03": ("resolved.overdue", "2025-07-08"),
        "D04": ("resolved.overdue", "2025-07-10"),
        "D11": ("cancelled.voided", "2026-09-04"),
    },
}


def explained(office: Path, code: str, *options: str) -> Any:
    question = ("explain", code, "--source", "events.jsonl", *KNOWN, *options)
    return json.loads(asked(office, *question, "--format", "json"))


@pytest.mark.parametrize("code", OUTCOMES)
def test_a_dossier_ends_as_the_law_of_its_days_has_it(office: Path, code: str) -> None:
    life = explained(office, code)
    assert (life["account"], life["due"]) == OUTCOMES[code]


@pytest.mark.parametrize(("code", "kind"), CITED)
def test_the_law_of_the_day_is_cited(office: Path, code: str, kind: str) -> None:
    [step] = [s for s in explained(office, code)["steps"] if s["event"] == kind]
    assert CITED[code, kind] in [rule["source"] for rule in step["rules"]]


@pytest.mark.parametrize("option", OTHERWISE, ids=" ".join)
def test_under_another_law_only_what_it_touches_ends_otherwise(
    office: Path, option: tuple[str, str]
) -> None:
    ends = {code: explained(office, code, *option) for code in OUTCOMES}
    assert {code: (life["account"], life["due"]) for code, life in ends.items()} == (
        OUTCOMES | OTHERWISE[option]
    )


# --- The statement --------------------------------------------------------------------------------

# Quarter 3 of 2025, 15/06 to 14/09, by the body that held each dossier on the day:
# carried over, received, transferred in and out, resolved, returned, carried forward.
HELD = {
    PLANNING: (0, 2, 0, 0, 2, 0, 0),  # D01, D02: its code stays on them, nobody reassigned them
    OLD_FINANCE: (1, 0, 0, 1, 0, 0, 0),  # D03
    FINANCE: (0, 0, 1, 0, 1, 0, 0),  # D03
    DISTRICT: (0, 2, 0, 2, 0, 0, 0),  # D04, D05
    COMMUNE: (0, 1, 2, 0, 1, 1, 1),  # D06 in; D04, D05 over; D04 resolved, D06 returned, D05 open
}
# By the body where each dossier stands in the end: nothing is transferred.
FINAL = {
    PLANNING: (0, 2, 0, 0, 2, 0, 0),
    FINANCE: (1, 0, 0, 0, 1, 0, 0),  # D03, carried over as if it had always been there: restated
    COMMUNE: (0, 3, 0, 0, 1, 1, 1),  # D04, D05, D06
}


@pytest.mark.parametrize(("attribution", "lines"), [("held", HELD), ("final", FINAL)])
def test_the_statement_across_the_reform(office: Path, attribution: str, lines: Any) -> None:
    question = ("statement", "--source", "events.jsonl", "--window", "2025-Q3", "--by", "agency")
    document = json.loads(
        asked(office, *question, *KNOWN, "--attribution", attribution, "--format", "json")
    )
    assert {line["slice"]["agency"]: balance(line) for line in document["lines"]} == lines
    moved = (3, 3) if attribution == "held" else (0, 0)  # D03, D04, D05
    assert balance(document["total"]) == (1, 5, *moved, 4, 1, 1)


def balance(line: Any) -> tuple[int, ...]:
    """The figures of a line, in the order above."""
    moved = (line["transferred"]["in"], line["transferred"]["out"])
    ended = (line["resolved"]["total"], line["returned"]["total"])
    return (line["carried_over"], line["received"], *moved, *ended, line["carried_forward"])


# --- The forms ------------------------------------------------------------------------------------

II06A = ("online", "in_person", "carried_over", "early", "on_time", "overdue", "in_time")
FORM07 = ("online_full", "online_partial", "post", *II06A[1:])


def report(office: Path, name: str, window: str, *options: str) -> dict[str, dict[str, Any]]:
    """The rows of all tables of a report, by table and row."""
    given = (*GIVEN, *options, "--format", "json")
    document = json.loads(asked(office, "report", name, "--window", window, *given))
    tables = [part for part in document["parts"] if "table" in part]
    return {table["table"]: {row["key"]: values(row) for row in table["rows"]} for table in tables}


def values(row: Any) -> Any:
    """The values of a row, by column."""
    return {column: cell.get("value") for column, cell in row["cells"].items()}


def figures(row: Any, columns: tuple[str, ...]) -> tuple[Any, ...]:
    """Some figures of a row."""
    return tuple(row[column] for column in columns)


def test_before_the_reform_a_form_has_the_old_department_or_its_successor(office: Path) -> None:
    # 15/03 to 14/06/2025: D03 only, received on 12/06 and in time.
    for roll_up, department in (("then", OLD_FINANCE), ("now", FINANCE)):
        rows = report(office, "ii06a", "2025-Q2", "--roll-up", roll_up)["ii06a"]
        assert list(rows) == ["H", department, f"{department}/Đầu tư", "whole"]
        assert {figures(row, II06A) for row in rows.values()} == {(1, 0, 0, 0, 0, 0, 1)}


@pytest.mark.parametrize("roll_up", ["then", "now"])
def test_form_ii06a_across_the_reform(office: Path, roll_up: str) -> None:
    # The bodies at the end of the window are those of today: both roll-ups show the same.
    rows = report(office, "ii06a", "2025-Q3", "--roll-up", roll_up)["ii06a"]
    # D01 online, D02 in person, D03 carried over; D03 early, D02 on time, D01 overdue. The merged
    # departments' dossiers count with their successor.
    assert figures(rows[FINANCE], II06A) == (1, 1, 1, 1, 1, 1, 0)
    # D06 online, D04 in person and D05 by post; D06, returned before it was due, counts as early;
    # D04 overdue; D05, paused, counts as in process, in time.
    assert figures(rows[COMMUNE], II06A) == (1, 2, 0, 1, 0, 1, 1)
    assert figures(rows["whole"], II06A) == (2, 3, 1, 2, 1, 2, 1)
    assert not {PLANNING, OLD_FINANCE, DISTRICT} & rows.keys()


# Quarter 3 of 2026, 15/06 to 14/09.
# D10 in person, D07 carried over; D10 early, D07 overdue.
OF_FINANCE = (0, 0, 0, 1, 1, 1, 0, 1, 0)
# D09 full, D08 partial, D12 by post, D11 in person; D09 on time and D11 with it, because the form
# has no column for cancelled dossiers; D08 overdue; D12 in process.
OF_THE_COMMUNE = (1, 1, 1, 1, 0, 0, 2, 1, 1)
OF_ALL = (1, 1, 1, 2, 1, 1, 2, 2, 1)


@pytest.mark.parametrize("roll_up", ["then", "now"])
def test_forms_07_across_the_new_decree(office: Path, roll_up: str) -> None:
    given = ("2026-Q3", "--roll-up", roll_up)
    each = report(office, "form07a", *given)  # one form for each body that resolves
    assert figures(each["form07a.H.3"]["whole"], FORM07) == OF_FINANCE
    assert figures(each["form07a.H.9"]["whole"], FORM07) == OF_THE_COMMUNE
    province = report(office, "form07b", *given)["form07b"]  # I the province's own, II communes
    assert figures(province["I/Đầu tư"], FORM07) == OF_FINANCE
    assert figures(province["II/Hộ tịch"], FORM07) == OF_THE_COMMUNE
    ministry = report(office, "form07c", *given)["form07c"]  # III regional, IV at the commune
    assert figures(ministry["III/Đầu tư"], FORM07) == OF_FINANCE
    assert figures(ministry["IV/Hộ tịch"], FORM07) == OF_THE_COMMUNE
    for row in (province["whole"], ministry["whole"]):
        assert figures(row, FORM07) == OF_ALL
        # Column (3) = (9) + (13): what there was is what is resolved and what is in process.
        assert row["received"] == row["resolved"] + row["in_process"] == 6


def test_what_was_in_process_is_carried_over_in_the_next_form(office: Path) -> None:
    before = report(office, "form07b", "2026-M08")["form07b"]["whole"]  # to 14/08: D10, D11
    after = report(office, "form07b", "2026-M09")["form07b"]["whole"]
    assert before["in_process"] == after["carried_over"] == 2


# --- The reports ----------------------------------------------------------------------------------


def test_the_quarterly_report(office: Path) -> None:
    tables = report(office, "quarterly", "2026-Q3")
    of_all = {key: row.get("all") for key, row in tables["whole"].items()}
    assert figures(of_all, ("total", "carried_over", "received")) == (6, 1, 5)
    # D10 early; D09 on time; D07, D08 overdue. D11 is cancelled, and not resolved as in the form.
    assert figures(of_all, ("resolved", "early", "on_time", "overdue")) == (4, 1, 1, 2)
    assert figures(of_all, ("cancelled", "in_progress")) == (1, 1)  # D11; D12
    assert tables["whole"]["received_only"]["online_share"] == 40.0  # D08, D09 of five
    assert tables["level-commune"]["total"]["all"] == 4  # D08, D09, D11, D12
    assert tables["level-province"]["total"]["all"] == 2  # D07, D10


def test_the_annual_report_sets_two_laws_side_by_side(office: Path) -> None:
    balances = report(office, "annual", "2026")["balance"]
    now, before = ("whole.now", "whole.before")
    assert figures(balances["received"], (now, before)) == (6, 6)  # D07 to D12; D01 to D06
    assert figures(balances["early"], (now, before)) == (1, 2)  # D10; D03, D05
    assert figures(balances["on_time"], (now, before)) == (1, 1)  # D09; D02
    assert figures(balances["overdue"], (now, before)) == (2, 2)  # D07, D08; D01, D04
    assert figures(balances["returned"], (now, before)) == (0, 1)  # D06
    assert figures(balances["voided"], (now, before)) == (1, 0)  # D11
    assert figures(balances["in_progress_overdue"], (now, before)) == (1, 0)  # D12, due 17/09
    # The district's dossiers of 2025 count at the commune that has them in the end.
    assert figures(balances["received"], ("province.before", "commune.before")) == (3, 3)


def test_the_index(office: Path) -> None:
    tables = report(office, "index766", "2026-Q3")
    judged = tables["on_time"]["whole"]
    # On time: D09, D10, D12, and D11, which was closed in time. Overdue: D07, D08.
    assert figures(judged, ("judged", "on_time", "overdue")) == (6, 4, 2)
    whole = tables["index766"]["whole"]
    assert whole["points.progress"] == 13.33  # 20 * 4/6
    assert whole["points.online"] == 4.8  # 6 * 40 % / 50 %; shares of procedures are not known
    assert whole["points.satisfaction"] == 16.44  # 6 * (4/6) / 90 % + 6 + 6: no complaint
    assert tables["index766"]["province/H.3"]["points.progress"] == 10.0  # D10 of two
    assert tables["index766"]["commune/H.9"]["points.progress"] == 15.0  # three of four


def test_the_scorecard(office: Path) -> None:
    rows = report(office, "scorecard", "2026-Q3")["scorecard"]
    department, commune = rows["province/H.3"], rows["commune/H.9"]
    # Criterion 1: early 2, on time 1, late 0. D10 and D07; D09 and D08.
    assert (department["criterion.1"], commune["criterion.1"]) == (1.0, 0.5)
    # 3: no contacts. 7: no complaints, by timeliness as 1. 8: no petitions.
    assert figures(department, ("criterion.3", "criterion.7", "criterion.8")) == (2.0, 1.0, 2.0)
    assert figures(commune, ("criterion.3", "criterion.7", "criterion.8")) == (2.0, 0.5, 2.0)
    # 6 of 8 points make 13.5 of 18, 5 of 8 make 11.25.
    assert figures(department, ("total", "rank")) == (13.5, "Tốt")
    assert figures(commune, ("total", "rank")) == (11.25, "Khá")


def test_the_summary(office: Path) -> None:
    tables = report(office, "summary", "2026-Q3")
    assert figures(tables["summary"]["province"], ("received", "resolved")) == (1, 2)  # D10; D07
    assert figures(tables["summary"]["commune"], ("received", "resolved")) == (4, 2)  # D08, D09
    assert figures(tables["summary"]["whole"], ("received", "resolved", "overdue")) == (5, 4, 0)
    assert tables["index"]["progress"]["now"] == 13.33  # as in the index


@pytest.mark.parametrize("name", ["quarterly", "annual", "index766", "scorecard", "summary"])
def test_both_roll_ups_agree_where_no_body_has_changed_since(office: Path, name: str) -> None:
    window = "2025" if name == "annual" else "2026-Q3"
    then, now = (report(office, name, window, "--roll-up", each) for each in ("then", "now"))
    assert then == now

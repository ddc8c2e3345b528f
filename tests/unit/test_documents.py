"""The documents of commands say what the ledger says, on every paper."""

import csv
import io
import json
import shlex
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.calendar import day_number
from hoso.domain.policy import PINNABLE
from hoso.domain.windows import Window, named_window
from hoso.projections.documents import dossiers, life, register
from hoso.projections.documents.figures import FIGURES, figure, flat
from hoso.projections.documents.law import regime_in_words
from hoso.projections.documents.model import (
    Bilingual,
    Count,
    Document,
    DrillDown,
    Place,
    Sum,
    Values,
)
from hoso.projections.documents.statement import SIDE_BY_SIDE, document
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.explain import explain
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import statement
from hoso.tools.output import Paper, calls, printed
from tests.engine import Json, examples, ledger_of, log_of, office
from tests.histories import histories, policies, windows
from tests.model import Rules
from tests.told import paused, received, resolved, resumed

QUARTER = named_window("2023-Q1")
BY = st.sampled_from([(), ("channel",), ("agency", "channel"), ("agency", "field", "level")])
DAY = day_number(date(2023, 6, 30))
AS_FORMULA = '=HYPERLINK("https://example.org")'
HARMFUL = [
    received("2023-03-01", 5, code=AS_FORMULA, agency="+1", field="-1", procedure="@x"),
    resolved("2023-03-02") | {"subject": AS_FORMULA},
    resumed("2023-03-03") | {"subject": AS_FORMULA},
]


def rows_of(document: Document) -> list[list[str]]:
    """The lines of a document on the CSV paper."""
    text = printed(document, "vi", Paper.csv).decode()
    assert text.startswith("\ufeff")
    return [*csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)]


def json_of(document: Document) -> Any:
    return json.loads(printed(document, "vi", Paper.json))


def cells_of(document: Document) -> list[list[Any]]:
    """The cells of the first worksheet of a document."""
    file = io.BytesIO(printed(document, "vi", Paper.xlsx))
    sheet = openpyxl.load_workbook(file).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def listed(ledger: Ledger, behind: DrillDown) -> int:
    """How many dossiers the call behind a figure lists."""
    only: dict[str, list[str | None]] = {}
    for name, value in behind.where:
        only.setdefault(name, []).append(value)
    within = drilldown.DossierFilter(only)
    return len(drilldown.dossiers(ledger, behind.window, behind.figures, (), within))


# --- Statements ----------------------------------------------------------------------------------


@given(data=st.data(), events=histories(), rules=policies(), by=BY)
@examples(40)
def test_every_figure_of_a_statement_is_that_of_its_line_and_lists_as_many_dossiers(
    data: DataObject, events: list[Json], rules: Rules, by: tuple[str, ...]
) -> None:
    ledger, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    stated = statement(ledger, window, by)
    [table] = document([stated], single=True).tables()
    known = Values(table, document([stated], single=True).rounding)
    lines: list[Json] = [*(stated["lines"] if by else []), stated["total"] | {"slice": {}}]
    for row in table.rows:
        for column, cell in row.cells.items():
            if isinstance(cell, Count | Sum):
                assert isinstance(cell.behind, DrillDown)
                [line] = [line for line in lines if cell.behind.where == (*line["slice"].items(),)]
                name = row.key if row.key in FIGURES else column
                number = known[Place(row.key, column)]
                assert number == figure(line, name) == listed(ledger, cell.behind)


def test_few_slices_stand_across_and_many_down() -> None:
    def stated(agencies: int) -> Document:
        events = [received("2023-03-01", 5, code=f"D{n}", agency=f"A{n}") for n in range(agencies)]
        return document([statement(ledger_of(events), QUARTER, ["agency"])], single=True)

    [few], [many] = stated(SIDE_BY_SIDE).tables(), stated(SIDE_BY_SIDE + 1).tables()
    transfers = ("transferred.in", "transferred.out")  # shown where there are any
    assert [row.key for row in few.rows] == [name for name in FIGURES if name not in transfers]
    assert [row.key for row in many.rows] == [f"slice{n}" for n in range(7)] + ["total"]


def test_a_statement_has_formulas_for_what_follows_from_other_figures() -> None:
    stated = statement(ledger_of([received("2023-03-01", 5)]), QUARTER, ["channel"])
    rows = {row[1]: row for row in cells_of(document([stated], single=True))}
    assert rows["carried over"][2:] == [0, "=C5"]
    assert rows["total"][2:] == ["=SUM(C5:C6)", "=C7"]
    assert rows["carried forward"][2:] == ["=SUM(C19,C22,C25)", "=C28"]


def test_the_papers_for_programs_have_the_contracts_forms() -> None:
    stated = statement(ledger_of(HARMFUL), QUARTER, ["agency", "level"])
    one, several = document([stated], single=True), document([stated] * 2, single=False)
    assert json_of(one) == stated
    assert json_of(several) == [stated, stated]
    [line] = stated["lines"]
    figures = [str(number) for number in flat(line).values()]
    assert rows_of(one) == [["agency", "level", *FIGURES], ["'+1", "", *figures]]
    asked = ["from", "to", "until", "law", "law_as_of", *PINNABLE]
    row = ["2022-12-15", "2023-03-14", "2023-03-14", "in_force", ""]
    row += ["restart", "1", "keep_original", "-1", "", "'+1", "", *figures]
    assert rows_of(several) == [[*asked, "agency", "level", *FIGURES], row, row]


def test_each_row_of_several_policies_asks_by_its_own() -> None:
    ledgers = [ledger_of(HARMFUL, Rules(supplement_limit=limit)) for limit in (1, 0)]
    statements = [statement(ledger, QUARTER) for ledger in ledgers]
    [table] = document(statements, single=False, ask=("--source", "x")).tables()
    behind = [row.cells["received"].behind for row in table.rows]  # type: ignore[union-attr]
    asked = [calls.listing(("--source", "x"), each) for each in behind if each]
    days = "--from 2022-12-15 --to 2023-03-14"
    rest = "--pin reschedule=keep_original --pin reschedule_notice=-1 --account received"
    assert asked == [
        f"hoso dossiers --source x {days} --pin after_supplement=restart"
        f" --pin supplement_limit={limit} {rest}"
        for limit in (1, 0)
    ]
    keys = [column.key for column in table.columns][:10]
    assert keys == ["from", "to", "until", "law", "law_as_of", *PINNABLE]
    [same_policy] = document(statements[:1] * 2, single=False).tables()
    keys = [column.key for column in same_policy.columns][:4]
    assert keys == ["from", "to", "until", "carried_over"]


# --- Dossiers and lives --------------------------------------------------------------------------


def test_dossiers_have_their_rows_in_json_and_csv_and_their_lives_behind_them() -> None:
    ledger = ledger_of([*HARMFUL, received("2023-03-01", 5, code="-D2")])
    rows = drilldown.dossiers(ledger, QUARTER, ["received"], ["agency", "level"])
    one = dossiers.document(
        rows, QUARTER, ["received"], ["agency", "level"], ask=("--source", "x y")
    )
    assert json_of(one) == rows
    columns = ["dossier", "agency", "level", "received", "due", "days_left", "account", "since"]
    harmful = [f"'{AS_FORMULA}", "'+1", "", "2023-03-01", "2023-03-08", ""]
    harmful += ["in_progress.in_time", "2023-03-01"]
    assert rows_of(one)[0] == columns
    assert harmful in rows_of(one)
    page = printed(one, "vi", Paper.html).decode()
    assert "hoso explain --source &#x27;x y&#x27; -- -D2" in page
    assert "Đang giải quyết: trong hạn" in page
    assert shlex.split(calls.explain((), AS_FORMULA)) == ["hoso", "explain", AS_FORMULA]
    [of_formula] = [row for row in cells_of(one) if row[0] == AS_FORMULA]
    assert [*of_formula[1:3], of_formula[6]] == ["+1", "–", "Đang giải quyết: trong hạn"]
    days = [of_formula[place].date() for place in (3, 4, 7)]
    assert days == [date(2023, 3, 1), date(2023, 3, 8), date(2023, 3, 1)]


def test_suspended_events_are_listed_on_every_paper() -> None:
    ledger = ledger_of(HARMFUL)
    rows = drilldown.suspended_events(ledger, named_window("2023"))
    one = dossiers.suspended(rows, named_window("2023"))
    assert json_of(one) == rows
    event = [f"'{AS_FORMULA}", "2023-03-03", "resumed", rows[0]["id"]]
    assert rows_of(one) == [["dossier", "day", "event", "id"], event]
    assert "1 sự kiện" in printed(one, "vi", Paper.table).decode()


def test_a_life_has_its_steps_with_their_rules() -> None:
    events = [received("2023-03-01", 5), paused("2023-03-02"), paused("2023-03-03")]
    ledger = ledger_of(events)
    one = life.document("D1", explain(ledger, "D1", DAY), ledger.office, DAY, None)
    told = json_of(one)
    assert (told["dossier"], told["day"], told["account"]) == ("D1", "2023-06-30", "paused.in_time")
    assert [(step["event"], step["suspense"]) for step in told["steps"]] == [
        *(("received", False), ("paused", False), ("paused", True))
    ]
    assert told["steps"][0]["rules"][0] == {
        "name": "reception",
        "source": "NĐ 118/2025/NĐ-CP art. 17; before it NĐ 61/2018/NĐ-CP art. 17",
    }
    heading, first, *_, last = rows_of(one)
    assert heading == [
        "day",
        "event",
        "id",
        "effect",
        "account",
        "due",
        "suspense",
        "rules",
        "checks",
    ]
    assert first[:2] == ["2023-03-01", "received"]
    assert last[4:7] == ["paused.in_time", "2023-03-08", "true"]
    assert 'class="notice"' in printed(one, "vi", Paper.html).decode()
    assert "thời hạn ngừng tính từ ngày 02/03/2023" in printed(one, "vi", Paper.table).decode()


MARK = life.Mark(
    "paused_on_due_day",
    Bilingual("Tạm dừng sát hạn", "Paused at the due day"),
    Bilingual("Dừng vào ngày hẹn trả.", "Paused on the due day."),
    (Bilingual("Chờ cơ quan khác.", "Another authority."), Bilingual("Ghi muộn.", "Late entry.")),
)


@pytest.mark.parametrize("paper", [Paper.table, Paper.html, Paper.csv])
def test_an_event_at_which_a_check_saw_something_is_marked(paper: Paper) -> None:
    ledger = ledger_of([received("2023-03-01", 5), paused("2023-03-08")])
    steps = explain(ledger, "D1", DAY)
    marks = {(steps[1].source, steps[1].event): [MARK]}
    one = life.document("D1", steps, ledger.office, DAY, None, marks)
    assert [step["checks"] for step in json_of(one)["steps"]] == [[], ["paused_on_due_day"]]
    shown = printed(one, "vi", paper).decode()
    if paper is Paper.csv:
        assert rows_of(one)[-1][-1] == "paused_on_due_day"
    else:
        assert "Tạm dừng sát hạn: Dừng vào ngày hẹn trả. Có thể vì: Chờ cơ quan khác. Ghi" in shown
    if paper is Paper.html:
        assert shown.count('class="notice"') == 1


def test_an_event_of_another_source_with_the_same_id_is_not_marked() -> None:
    ledger = ledger_of([received("2023-03-01", 5), paused("2023-03-08")])
    steps = explain(ledger, "D1", DAY)
    one = life.document("D1", steps, ledger.office, DAY, None, {("/other", steps[1].event): [MARK]})
    assert all(not step["checks"] for step in json_of(one)["steps"])


def test_a_life_before_its_reception_has_neither_account_nor_due_day() -> None:
    ledger = ledger_of([resumed("2023-03-03")])
    one = life.document("D1", explain(ledger, "D1", DAY), ledger.office, DAY, None)
    assert (json_of(one)["account"], json_of(one)["due"]) == (None, None)
    assert "Not received yet" in printed(one, "en", Paper.table).decode()


# --- The register --------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [Paper.table, Paper.xlsx, Paper.html])
def test_a_register_is_a_row_for_each_dossier(paper: Paper) -> None:
    moment = Moment(None, DAY)
    one = register.document(register_of_log(log_of(HARMFUL), office(), moment), office(), moment)
    written = printed(one, "vi", paper)
    if paper is Paper.xlsx:
        [row] = [row for row in cells_of(one) if row[0] == AS_FORMULA]
        assert row[1:5] == ["+1", "-1", "@x", "Trực tuyến"]
        assert row[8] == "–"  # no days left of a closed one
        assert row[11:] == [0, 0, *row[13:15], "không", 2]
    else:
        assert "Đã giải quyết: trước hạn" in written.decode()
        assert "1 hồ sơ" in written.decode()


def test_the_law_in_force_is_told_in_words_and_another_by_its_name() -> None:
    assert regime_in_words("in_force") == ("có hiệu lực từng ngày", "in force on each day")
    assert regime_in_words("portal-2026") == ("portal-2026", "portal-2026")

"""Properties of audits of forms: what hoso prints has no finding, and no changed cell is missed."""

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import openpyxl
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, period_before
from hoso.projections.audit.checks import Audit, audit_report, audit_together
from hoso.projections.audit.filled_forms.checks import NO_ROWS
from hoso.projections.audit.findings import Check
from hoso.projections.audit.published import LoadedReport
from hoso.projections.documents.model import Document, Language
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.tools import output
from hoso.tools.inputs.published import read
from hoso.tools.output import Paper
from tests.engine import LOCAL, VIETNAM, Json, examples, log_of
from tests.filed import filed
from tests.histories import histories_in_law, windows_in_law

FORMS = st.sampled_from(["form07a", "form07b", "form07c", "ii06a"])
LANGUAGES: st.SearchStrategy[Language] = st.sampled_from(["vi", "en"])
LEVELS = ("province", "commune")


def ledger_of(events: list[Json]) -> Ledger:
    return replay(log_of(events), Office(LOCAL, VIETNAM, Policy(), date(2030, 1, 1)), None)


def loaded(name: str, content: bytes) -> LoadedReport:
    """The report in a file with these bytes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(content)
        return read(str(file))


def audited(name: str, content: bytes) -> Audit:
    """The audit of a file with these bytes."""
    report = loaded(name, content)
    return audit_report(report.published, report.tables)


def printed(document: Document, paper: Paper, language: Language) -> tuple[str, bytes]:
    return f"form.{paper}", output.printed(document, language, paper)


@given(data=st.data(), events=histories_in_law(), name=FORMS, language=LANGUAGES)
@examples(10)
def test_a_form_that_hoso_prints_has_no_finding(
    data: DataObject, events: list[Json], name: str, language: Language
) -> None:
    window = Window(*data.draw(windows_in_law(events)))
    document = filed(ledger_of(events), window, names=[name])[name]
    for paper in (Paper.csv, Paper.xlsx):
        found = audited(*printed(document, paper, language))
        assert found.findings == [], paper
        assert {each.why for each in found.unchecked} <= {NO_ROWS}  # of a form that is all dashes
        assert found.holds or found.unchecked


class Cell(NamedTuple):
    """A cell of a form on paper, and the name of its row."""

    line: int
    column: int
    row: str
    number: int


def cells(lines: list[list[str]]) -> list[Cell]:
    return [
        Cell(i, j, line[1], int(text))
        for i, line in enumerate(lines)
        for j, text in enumerate(line)
        if j > 1 and text.isdecimal()
    ]


@given(data=st.data(), events=histories_in_law(), name=FORMS)
@examples(10)
def test_a_changed_cell_is_found_and_its_row_is_named(
    data: DataObject, events: list[Json], name: str
) -> None:
    window = Window(*data.draw(windows_in_law(events)))
    document = filed(ledger_of(events), window, names=[name])[name]
    text = output.printed(document, "vi", Paper.csv).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assume(cells(lines))
    cell = data.draw(st.sampled_from(cells(lines)))
    by = data.draw(st.sampled_from([each for each in (-1, 1, 7, 90) if cell.number + each >= 0]))
    lines[cell.line][cell.column] = str(cell.number + by)
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    found = audited("form.csv", out.getvalue().encode())
    column = f"({cell.column + 1})"
    places = [each.place.split(": ") for each in found.findings]
    assert any(place[-2].endswith(cell.row) for place in places), places
    top = max(i for i in range(cell.line) if lines[i] and lines[i][0] in ("STT", "TT"))
    if not any(line[0].isdecimal() for line in lines[top + 1 : cell.line + 1]):
        return  # a total of no rows stands alone: nothing says which of its figures is right
    named = [each.cause.vi for each in found.findings if f"ô {column} của" in each.cause.vi]
    assert any(f"in {cell.number + by}, đúng ra là {cell.number}" in cause for cause in named)


@given(data=st.data(), events=histories_in_law())
@examples(6)
def test_a_cell_changed_in_a_spreadsheet_is_found(data: DataObject, events: list[Json]) -> None:
    window = Window(*data.draw(windows_in_law(events)))
    document = filed(ledger_of(events), window, names=["form07b"])["form07b"]
    _, content = printed(document, Paper.xlsx, "vi")
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheet = book.worksheets[0]
    figures = [
        cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int | float)
    ]
    assume(figures)
    changed = data.draw(st.sampled_from(figures))
    changed.value += 3  # type: ignore[operator]
    out = io.BytesIO()
    book.save(out)
    found = audited("form.xlsx", out.getvalue())
    row = sheet.cell(changed.row, 2).value
    assert any(f"{row}: " in each.place for each in found.findings)


def of_unchanged_bodies(events: list[Json]) -> list[Json]:
    """A history without reassignments, in which each body has one level: without a registry a
    form has it from the dossiers of its period."""
    level_of: dict[str, str] = {}
    unchanged = []
    for event in events:
        if event["type"] == "dossier.reassigned.v1":
            continue
        if event["type"] == "dossier.received.v1":
            agency = event["data"]["agency"]
            level = level_of.setdefault(agency, LEVELS[len(level_of) % len(LEVELS)])
            unchanged.append(event | {"data": event["data"] | {"level": level}})
        else:
            unchanged.append(event)
    return unchanged


@given(
    data=st.data(), events=histories_in_law(), name=FORMS, paper=st.sampled_from(["csv", "xlsx"])
)
@examples(6)
def test_two_forms_of_consecutive_periods_pass_together(
    data: DataObject, events: list[Json], name: str, paper: Paper
) -> None:
    window = Window(*data.draw(windows_in_law(events)))
    ledger = ledger_of(of_unchanged_bodies(events))
    earlier, later = (
        loaded(*printed(filed(ledger, each, names=[name])[name], Paper(paper), "vi"))
        for each in (period_before(window), window)
    )
    found = audit_together(earlier, later)
    assert found.findings == []
    assert any(each.check is Check.carried for each in found.holds)

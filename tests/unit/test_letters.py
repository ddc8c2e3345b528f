"""Is a letter the document that an office signs: in the form of NĐ 30/2020/NĐ-CP, with the figures
of the report, and with a marked blank for what hoso cannot know?"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from docx.document import Document as File
from docx.shared import Mm
from docx.table import Table as Drawn

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.errors import UserError
from hoso.domain.windows import Window, named_window
from hoso.projections.documents.letters import fault
from hoso.projections.documents.model import (
    Bilingual,
    Document,
    Language,
    Letter,
    Letterhead,
    Section,
    Sentence,
    same,
)
from hoso.tools.inputs.office import office_profile
from hoso.tools.jobs.report import KINDS
from hoso.tools.output import Paper, printed, wording
from hoso.tools.output.docx.letter import MOST_ROWS
from tests.engine import ledger_of
from tests.filed import LEAST, filed, table_of
from tests.told import received, resolved, said

YEAR: Final = named_window("2023")
REGISTRY: Final = AgencyRegistry(
    [
        Agency("T", "UBND tỉnh", "province", None),
        Agency("a", "Sở Nội vụ", "province", "T"),
        Agency("b", "UBND xã Nà Hin", "commune", "T"),
    ]
)
# Of agency a: two carried over, of which one is resolved early and one is open and late; of b: one
# received online and resolved on its due day, and one that is open.
EVENTS: Final = [
    received("2022-12-01", 20, code="A1", agency="a", level="province", field="Đất đai"),
    received("2022-12-01", 40, code="A2", agency="a", level="province", field="Đất đai"),
    resolved("2022-12-20", code="A2"),
    received("2023-03-01", 30, code="A3", agency="a", level="province", channel="online"),
    resolved("2023-03-02", code="A3"),
    said("paid", "2023-03-02", code="A3", amount=1_230_000, channel="online"),
    said("rated", "2023-03-02", code="A3", satisfied=True, channel="online"),
    received("2023-12-13", 30, code="B1", agency="b", level="commune", channel="online"),
]
OFFICE: Final = Letterhead(
    body="Văn phòng",
    parent="Ủy ban nhân dân tỉnh",
    place="Sơn La",
    symbol="BC-VP",
    addressee="Văn phòng Chính phủ",
    authority=("TM. Ủy ban nhân dân",),
    title="Chánh Văn phòng",
    signatory="Nguyễn Văn Mẫu",
    recipients=("Như trên;", "Lưu: VT."),
)
MARGINS: Final = (  # in millimetres
    ("top_margin", 20, 25),
    ("bottom_margin", 20, 25),
    ("left_margin", 30, 35),
    ("right_margin", 15, 20),
)
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
A4: Final = {210, 297}  # in millimetres


@cache
def made(window: Window = YEAR) -> Mapping[str, Document]:
    """Each report with the sentences that hoso has, and a letterhead."""
    office = office_profile(None, KINDS)._replace(letterhead=OFFICE)
    given = LEAST._replace(registry=REGISTRY, office=office)
    return filed(ledger_of(EVENTS), window, given)


def opened(report: Document, language: Language = "vi") -> File:
    return docx.Document(io.BytesIO(printed(report, language, Paper.docx)))


@cache
def letter_of(name: str, language: Language = "vi") -> File:
    return opened(made()[name], language)


def told(file: File) -> list[str]:
    """All texts of a letter but those of its annexes' tables."""
    sides = [p.text for table in plain(file) for c in table.rows[0].cells for p in c.paragraphs]
    return [*(p.text for p in file.paragraphs), *sides]


def plain(file: File) -> list[Drawn]:
    """The tables without lines: the letterhead and the signature."""
    return [file.tables[0], file.tables[1]]


def annexes(file: File) -> list[Drawn]:
    return file.tables[2:]


def in_json(report: Document, language: Language) -> Any:
    return json.loads(printed(report, language, Paper.json))


def as_written(value: Any, kind: str, language: Language) -> str:
    """A value of the JSON paper as a person writes it; computed apart from hoso's own words."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    text = f"{value:,.2f}" if kind in ("percent", "points") else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def cells_in_json(report: Document, language: Language) -> Iterator[tuple[str, str, str, str, Any]]:
    for part in in_json(report, language)["parts"]:
        kinds = {column["key"]: column["kind"] for column in part.get("columns", ())}
        for row in part.get("rows", ()):
            for column, cell in row["cells"].items():
                yield part["table"], row["key"], column, kinds[column], cell["value"]


# The figures


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_a_sentence_has_each_figure_as_the_json_has_it(name: str, language: Language) -> None:
    report = made()[name]
    cells = [each for each in cells_in_json(report, language) if each[4] is not None]
    texts = [f"«{{{table}/{row}/{column}}}»" for table, row, column, *_ in cells]
    letter = Letter(
        same("X"), same("Y"), (Section(same("Z"), tuple(Sentence(same(t)) for t in texts)),)
    )
    shown = [t for t in told(opened(report._replace(letter=letter), language)) if t[:1] == "«"]
    expected = [as_written(value, kind, language) for *_, kind, value in cells]
    assert len(shown) == len(expected) > 5
    for text, wanted, (*_, kind, _) in zip(shown, expected, cells, strict=True):
        assert text == f"«{wanted}{'%' if kind == 'percent' else ''}»"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_an_annex_has_each_figure_as_the_json_has_it(name: str, language: Language) -> None:
    report = made()[name]
    drawn = annexes(letter_of(name, language))
    parts = [part for part in in_json(report, language)["parts"] if "table" in part]
    assert len(drawn) == len(parts)
    for table, part in zip(drawn, parts, strict=True):
        kinds = {column["key"]: column["kind"] for column in part["columns"]}
        body = [[c.text for c in row.cells] for row in table.rows][-len(part["rows"]) :]
        for row, line in zip(part["rows"], body, strict=True):
            values = {key: cell["value"] for key, cell in row["cells"].items()}
            for key, shown in zip(kinds, line, strict=True):
                wanted = as_written(values[key], kinds[key], language) if key in values else ""
                assert re.sub(r" \([a-z]\)$", "", shown) == wanted, (part["table"], row["key"], key)


@pytest.mark.parametrize("name", KINDS)
def test_every_number_of_the_prose_is_in_the_report(name: str) -> None:
    report = made()[name]
    known = {as_written(v, kind, "vi") for *_, kind, v in cells_in_json(report, "vi")}
    known |= {as_written(abs(v), kind, "vi") for *_, kind, v in cells_in_json(report, "vi") if v
              and not isinstance(v, str)}  # fmt: skip
    words = " ".join(known) + wording.rounded(report.rounding, "vi")
    words += " ".join(h.vi for t in report.tables() for c in t.columns for h in c.headings)
    words += " ".join(table.title.vi for table in report.tables())
    for text in prose(letter_of(name)):
        for number in re.findall(r"\d[\d.]*(?:,\d+)?", re.sub(r"\d\d/\d\d/\d{4}", "", text)):
            assert number.rstrip(".") in known or number in words, (number, text)


def prose(file: File) -> list[str]:
    """The sentences between the addressee and the annexes."""
    texts = [(p.style.name if p.style else "", p.text) for p in file.paragraphs]
    first = next(i for i, (style, _) in enumerate(texts) if style == "Heading 1")
    last = next(i for i, (style, _) in enumerate(texts) if style == "Heading 2")
    return [text for style, text in texts[first : last - 1] if style == "Normal" and text][:-1]


def test_the_prose_gives_figures_as_published_reports_do() -> None:
    texts = prose(letter_of("quarterly"))
    assert texts[0] == (
        "Tổng số hồ sơ tiếp nhận, giải quyết từ ngày 15/12/2022 đến ngày 14/12/2023: 4 hồ sơ. "
        "Trong đó: kỳ trước chuyển sang 2 hồ sơ; tiếp nhận trong kỳ 2 hồ sơ."
    )
    assert texts[1] == (
        "Hồ sơ đã giải quyết: 2 hồ sơ, chiếm 50,00% tổng số hồ sơ. Kết quả: đã giải quyết trước "
        "hạn 2 hồ sơ, chiếm 100,00% số hồ sơ đã giải quyết; đã giải quyết đúng hạn 0 hồ sơ, chiếm "
        "0,00% số hồ sơ đã giải quyết; đã giải quyết quá hạn 0 hồ sơ, chiếm 0,00% số hồ sơ đã giải "
        "quyết."
    )
    assert any(text.startswith("- Cấp tỉnh: tổng số 3 hồ sơ") for text in texts)
    assert any(text.startswith("- Cấp xã: tổng số 1 hồ sơ") for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_each_percentage_of_the_prose_names_what_it_is_a_share_of(
    name: str, language: Language
) -> None:
    letter = office_profile(None, KINDS).letters.get(name)
    report = made()[name]
    for section in letter.sections if letter else ():
        for sentence in section.sentences:
            text = sentence.text.to(language)
            for table, row, column in re.findall(r"\{([^{}:/]+)/([^{}]+)/([^{}/]+)\}", text):
                if kind_of(report, table, column) == "percent":
                    assert f"{{of:{table}/{row}/{column}}}" in text


def kind_of(report: Document, table: str, column: str) -> str:
    key = next((each.key for each in report.tables() if each.key.startswith(table.strip("*"))), "")
    kinds = {each.key: each.kind for each in table_of(report, key).columns} if key else {}
    return kinds.get(column, "")


def test_a_report_without_data_says_so_and_leaves_shares_out() -> None:
    for report in made(named_window("2019")).values():
        texts = prose(opened(report))
        assert not any("–" in text or "%" in text.replace("100%", "") for text in texts), texts
    assert "(chưa có số liệu) hồ sơ" in prose(opened(made(named_window("2019"))["quarterly"]))[0]


# The form


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_no_field_is_left(name: str, language: Language) -> None:
    for file in (letter_of(name, language), opened(made()[name]._replace(letterhead=None))):
        texts = told(file)
        assert not [text for text in texts if re.search(r"[{}]|\[\[|\]\]", text)]


@pytest.mark.parametrize("name", KINDS)
def test_pages_and_letters_are_as_the_decree_has_them(name: str) -> None:
    file = letter_of(name)
    for section in file.sections:
        sides = {round((side or 0) / Mm(1)) for side in (section.page_width, section.page_height)}
        assert sides == A4
        for margin, least, most in MARGINS:
            assert least <= round(getattr(section, margin) / Mm(1)) <= most
    normal: Any = file.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 14)
    assert file.sections[0].different_first_page_header_footer  # the first page has no number


@pytest.mark.parametrize("name", KINDS)
def test_headings_are_headings(name: str) -> None:
    report = made()[name]
    found = [p for p in letter_of(name).paragraphs if p.style and "Heading" in (p.style.name or "")]
    sections = [p.text for p in found if p.style and p.style.name == "Heading 1"]
    titles = [p.text for p in found if p.style and p.style.name == "Heading 2"]
    assert [text.partition(". ")[0] for text in sections] == ["I", "II", "III", "IV", "V", "VI"][
        : len(sections)
    ]
    names = [table.title.vi for table in report.tables()]
    assert [text.partition(". ")[2] for text in titles] == [*names, "Căn cứ của số liệu"]


@pytest.mark.parametrize("name", KINDS)
def test_no_table_is_wider_than_its_page_and_no_row_is_torn(name: str) -> None:
    file = letter_of(name)
    places = [(s.page_width or 0) - (s.left_margin or 0) - (s.right_margin or 0)
              for s in file.sections]  # fmt: skip
    number, seen = 0, 0
    for element in file.element.body:
        if element.tag.endswith("}tbl"):
            seen += 1
            widths = [int(each.get(qn("w"))) * 635 for each in element.iter(qn("gridCol"))]
            assert sum(widths) <= places[number] + 635
            if seen > 2:
                rows = [*element.iter(qn("tr"))]
                heads = [row.find(f".//{qn('tblHeader')}") is not None for row in rows]
                assert heads[0]
                assert heads == sorted(heads, reverse=True)
                assert all(row.find(f".//{qn('cantSplit')}") is not None for row in rows)
        number += element.find(f".//{qn('sectPr')}") is not None


def qn(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def test_the_letterhead_is_that_of_the_office() -> None:
    file = letter_of("quarterly")
    head, signed = ([[p.text for p in c.paragraphs] for c in t.rows[0].cells] for t in plain(file))
    assert head[0] == ["ỦY BAN NHÂN DÂN TỈNH", "VĂN PHÒNG", "", "Số: [……]/BC-VP"]
    assert head[1] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "",
        "Sơn La, ngày […] tháng […] năm […]",
    ]
    assert signed[0] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT."]
    assert signed[1] == ["TM. ỦY BAN NHÂN DÂN", "CHÁNH VĂN PHÒNG", "Nguyễn Văn Mẫu"]
    assert "Kính gửi: Văn phòng Chính phủ" in told(file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_said_is_a_blank_that_is_marked(language: Language) -> None:
    file = opened(made()["quarterly"]._replace(letterhead=None), language)
    paragraphs = [*file.paragraphs, *(p for t in plain(file) for c in t.rows[0].cells
                                      for p in c.paragraphs)]  # fmt: skip
    runs = [run for paragraph in paragraphs for run in paragraph.runs]
    marked = {run.text for run in runs if run.font.highlight_color}
    assert marked == {run.text for run in runs if run.text.startswith("[")}
    if language == "vi":
        assert {"[……]", "[ký hiệu]", "[địa danh]", "[tên cơ quan ban hành]"} < marked
        assert {"[kiến nghị, đề xuất]", "[chữ ký, dấu, họ và tên]", "[chức vụ người ký]"} < marked


def test_a_letter_has_no_macro_and_nothing_from_elsewhere() -> None:
    with ZipFile(io.BytesIO(printed(made()["annual"], "vi", Paper.docx))) as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower()]
        links = [parts.read(n) for n in parts.namelist() if n.endswith(".rels")]
    assert not [each for each in links if b'TargetMode="External"' in each]


def test_a_table_that_is_too_long_is_said_to_be_attached() -> None:
    report = made()["form07b"]
    [table] = report.tables()
    rows = tuple(table.rows) * (MOST_ROWS // len(table.rows) + 1)
    file = opened(report._replace(parts=(table._replace(rows=rows),)))
    assert not annexes(file)
    shown = wording.numeral(len(rows), "vi")
    assert any(f"Bảng có {shown} dòng, gửi kèm dưới dạng tệp bảng tính" in t for t in told(file))


# What an office writes


def office_in(folder: Path, text: str, letters: str | None = None) -> str:
    (folder / "office.yaml").write_text(text, encoding="utf-8")
    if letters is not None:
        (folder / "letters.yaml").write_text(letters, encoding="utf-8")
    return str(folder / "office.yaml")


def test_an_office_may_write_its_own_sentences(tmp_path: Path) -> None:
    letters = """
quarterly:
  kind: CÔNG VĂN
  summary: Số liệu {period}
  sections:
    - heading: Số liệu
      sentences:
        - text: "Đã nhận {whole/received/all} hồ sơ.[[ Không có {nowhere/a/b}.]]"
"""
    given = office_in(tmp_path, "body: Sở Nội vụ\nsentences: letters.yaml\n", letters)
    profile = office_profile(given, KINDS)
    report = profile.issued(made()["quarterly"])
    assert prose(opened(report))[0] == "Đã nhận 2 hồ sơ."
    assert prose(opened(report, "en"))[0] == "Đã nhận 2 hồ sơ."
    assert profile.letters["annual"] == office_profile(None, KINDS).letters["annual"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("place: Sơn La\n", r"office\.yaml:1: body: is missing: add it"),
        ("body: A\nbdy: B\n", r"office\.yaml:2: bdy: no such key"),
        ("body: A\nrecipients: B\n", r"office\.yaml:2: recipients: is no list"),
        ("body: A\nrecipients:\n- a\n- {b: c}\n", r"office\.yaml:4: recipients\[2\]: .*string"),
        ("body: ''\n", r"office\.yaml:1: body: "),
        ("- a\n", r"office\.yaml: is no table of keys"),
        ("body: A\nsentences: [a]\n", r"office\.yaml:2: sentences: is no name of a file"),
        ("body: A\nsentences: none.yaml\n", r"none\.yaml: No such file"),
    ],
)
def test_a_fault_of_a_profile_is_one_line_with_its_place(
    tmp_path: Path, text: str, wrong: str
) -> None:
    with pytest.raises(UserError, match=wrong) as caught:
        office_profile(office_in(tmp_path, text), KINDS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{whole/received}", "names no figure"),
        ("{trem:received}", "no kind of field 'trem'"),
        ("{term:reveived}", "no term 'reveived'"),
        ("{share:x}", "no share 'x'"),
        ("a { b", "is left alone"),
        ("[[a", "is left alone"),
        ("{heading:a}", "names no heading"),
        ("{heading:a/b} {a/b/c} [[{blank:x}]] {period}", None),
    ],
)
def test_a_fault_of_a_sentence_says_what_to_mend(text: str, wrong: str | None) -> None:
    found = fault(text)
    assert (found is None) == (wrong is None)
    assert wrong is None or wrong in str(found)


def test_a_fault_of_a_sentence_has_its_line(tmp_path: Path) -> None:
    letters = "covering:\n  kind: A\n  summary: B\n  sections:\n  - heading: C\n    sentences:\n"
    letters += "    - text: fine\n    - text: '{term:x}'\n"
    given = office_in(tmp_path, "body: A\nsentences: letters.yaml\n", letters)
    with pytest.raises(UserError, match=r"letters\.yaml:8: covering\.sections\[1\].*no term 'x'"):
        office_profile(given, KINDS)
    given = office_in(tmp_path, "body: A\nsentences: letters.yaml\n", "quaterly: {}\n")
    with pytest.raises(UserError, match=r"letters\.yaml:1: quaterly: is no report"):
        office_profile(given, KINDS)


def test_a_figure_that_the_report_does_not_have_is_refused() -> None:
    sentence = Sentence(Bilingual("{whole/nothing/all}", ""))
    letter = Letter(same("X"), same("Y"), (Section(same("Z"), (sentence,)),))
    with pytest.raises(UserError, match="letter of quarterly: no figure 'whole/nothing/all'"):
        printed(made()["quarterly"]._replace(letter=letter), "vi", Paper.docx)


@pytest.mark.parametrize("name", ["form07b", "quarterly"])
def test_spreadsheets_and_pages_have_the_letterhead_too(name: str) -> None:
    report = made()[name]
    book = openpyxl.load_workbook(io.BytesIO(printed(report, "vi", Paper.xlsx)))
    first = [row[0] for row in book.worksheets[0].iter_rows(values_only=True) if row[0]]
    assert first[:2] == ["ỦY BAN NHÂN DÂN TỈNH", "VĂN PHÒNG"]
    signed = ["TM. ỦY BAN NHÂN DÂN", "CHÁNH VĂN PHÒNG", "Nguyễn Văn Mẫu"]
    assert first[-6:] == [*signed, "Nơi nhận:", "- Như trên;", "- Lưu: VT."]
    page = printed(report, "vi", Paper.html).decode()
    assert '<p class="issuer">ỦY BAN NHÂN DÂN TỈNH\nVĂN PHÒNG</p>' in page
    assert "\n".join(signed[:2]) + "\n<b>Nguyễn Văn Mẫu</b>" in page


@pytest.mark.parametrize("paper", [Paper.xlsx, Paper.html])
def test_without_an_office_there_is_no_letterhead(paper: Paper) -> None:
    report = made()["form07b"]
    without = printed(report._replace(letterhead=None), "vi", paper)
    assert without != printed(report, "vi", paper)
    if paper is Paper.html:
        assert b'class="issuer"' not in without
        assert b'class="signature"' not in without

"""Does a report say the same on every paper, and can what stands in the data do no harm there?"""

import csv
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len

from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Data,
    Day,
    Difference,
    Document,
    Dossier,
    DrillDown,
    Each,
    Exact,
    Language,
    Percentage,
    Place,
    Points,
    Records,
    Rounding,
    Row,
    SeenByCheck,
    Series,
    Sum,
    Table,
    Text,
    Values,
    Words,
)
from hoso.tools.output import MOST_ROWS, Paper, paper_for, printed, put
from hoso.tools.runtime.printable import printable_lines

WINDOW: Final = Window(date(2022, 12, 15), date(2023, 3, 14))
RECEIVED, PERIOD = Bilingual("Tiếp nhận", "Received"), Bilingual("Trong kỳ", "In the period")
RESOLVED = Bilingual("hồ sơ đã giải quyết", "resolved dossiers")
COLUMNS: Final = (
    Column("field", (Bilingual("Lĩnh vực", "Field"),), "text", "(1)", 30),
    Column("all", (RECEIVED, Bilingual("Tổng số", "Total")), number="(2)"),
    Column("online", (RECEIVED, PERIOD, Bilingual("Trực tuyến", "Online")), number="(3)"),
    Column("direct", (RECEIVED, PERIOD, Bilingual("Trực tiếp", "In person")), number="(4)"),
    Column("share", (Bilingual("Tỷ lệ", "Share"),), "percent", number="(5)"),
)
HARMFUL: Final = (
    "=1+1",
    '=HYPERLINK("https://example.org","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "<script>alert(1)</script>",
    "<r><t>x</t></r>",
    "'\"&quot;",
    'a,b;"c"\nd',
    "🗂️ hồ sơ",
    "_x0041_",
    "\x1b[31m",
    "{=1}",
    "x" * 40_000,
)


def line(key: str, name: str | Bilingual, online: int, direct: int) -> Row:
    def counted(number: int, channel: str | None) -> Count:
        where = (("field", key), ("channel", channel))
        return Count(number, DrillDown(WINDOW, ("received",), where))

    return row(key, name, counted(online, "online"), counted(direct, None))


def row(key: str, name: str | Bilingual, online: Cell, direct: Cell) -> Row:
    parts = (Place(key, "online"), Place(key, "direct"))
    return Row(
        key,
        {
            "field": Words(name),
            "all": Sum(parts),
            "online": online,
            "direct": direct,
            "share": Percentage(parts[:1], (Place(key, "all"),), RESOLVED),
        },
        depth=1,
    )


def total(keys: Sequence[str]) -> Row:
    sums = [Sum(tuple(Place(key, column) for key in keys)) for column in ("online", "direct")]
    return row("total", Bilingual("Tổng cộng", "Total"), *sums)._replace(style="total", depth=0)


def report(*parts: Table | Chart, rounding: Rounding = Rounding()) -> Document:  # noqa: B008
    about = (About(Bilingual("Nguồn", "Source"), "archive"),)
    ask = ("--source", "kho của tôi")
    return Document("one", Bilingual("Báo cáo", "Report"), WINDOW, about, parts, ask, rounding)


def table(rows: Sequence[Row], columns: tuple[Column, ...] = COLUMNS, key: str = "one") -> Table:
    title = Bilingual(f"Bảng {key}", f"Table {key}")
    return Table(key, title, columns, tuple(rows), (Bilingual("Ghi chú.", "A note."),))


def of_names(names: Sequence[str]) -> Document:
    keys = [f"r{i}" for i in range(len(names))]
    told = enumerate(zip(keys, names, strict=True))
    return report(
        table([*(line(key, name, 12622, 975 + i) for i, (key, name) in told), total(keys)])
    )


LAND = of_names(["Đất đai", "Hộ tịch"])
CHARTS = (
    Chart(
        "days",
        Bilingual("Theo ngày", "By day"),
        "lines",
        ("15/12", "16/12", "17/12"),
        (
            Series(RECEIVED, (3, None, 5)),
            Series(Bilingual("=1+1", "Other"), (0, Decimal("1.5"), -2)),
        ),
        Bilingual("hồ sơ", "dossiers"),
    ),
    Chart(
        "parts",
        Bilingual("Sở's <b>", "Parts"),
        "bars",
        ("<script>", Bilingual("Sở Y tế", "Health")),
        (Series(RECEIVED, (3, 0)), Series(PERIOD, (None, 1200))),
        Bilingual("hồ sơ", "dossiers"),
    ),
)


def sheets(of: Document, language: Language = "vi", *, cached: bool = False) -> list[Worksheet]:
    """The sheets of a report, but for the last: what it rests on."""
    file = io.BytesIO(printed(of, language, Paper.xlsx))
    found = openpyxl.load_workbook(file, data_only=cached).worksheets[:-1]
    return [sheet for sheet in found if isinstance(sheet, Worksheet)]


def body(sheet: Worksheet, table: Table, left: int = 1) -> list[tuple[Any, ...]]:
    first, last = int(re.sub(r"\D", "", str(sheet.freeze_panes))), left + len(table.columns) - 1
    return [*sheet.iter_rows(first, first + len(table.rows) - 1, left, last)]


# What every paper has


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_equal_reports_are_equal_bytes(paper: Paper, language: Language) -> None:
    both = [printed(report(*LAND.parts, *CHARTS), language, paper) for _ in range(2)]
    assert both[0] == both[1]


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("parts", [(), (table([]),)])
def test_an_empty_report_has_a_paper_as_well(paper: Paper, parts: tuple[Table, ...]) -> None:
    assert printed(report(*parts), "vi", paper)


@pytest.mark.parametrize("paper", [paper for paper in Paper if paper is not Paper.table])
def test_a_province_has_a_row_to_each_field_of_each_agency(paper: Paper) -> None:
    text = printed(of_names([f"Lĩnh vực {i}" for i in range(3000)]), "vi", paper)
    parts = {Paper.xlsx: "xl/sharedStrings.xml", Paper.docx: "word/document.xml"}
    if paper in parts:
        text = ZipFile(io.BytesIO(text)).read(parts[paper])
    assert "Lĩnh vực 2999".encode() in text


@pytest.mark.parametrize(
    ("file", "paper"),
    [("-", "table"), ("a.txt", "table"), ("a.b/c.JSON", "json"), ("x.csv", "csv")],
)
def test_a_files_name_tells_its_paper(file: str, paper: str) -> None:
    assert paper_for(file) == paper


@pytest.mark.parametrize("file", ["report.doc", "report", ".xlsx"])
def test_a_file_of_no_known_paper_is_refused(file: str) -> None:
    with pytest.raises(UserError, match=r"no paper has the ending .* use .txt, .json, .csv, .xlsx"):
        paper_for(file)


def test_a_report_is_put_into_a_file_or_shown(tmp_path: Any, capsys: Any) -> None:
    put(LAND, "vi", Paper.csv, str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_bytes() == printed(LAND, "vi", Paper.csv)
    put(LAND, "vi", Paper.table, "-")
    assert "12.622" in capsys.readouterr().out


SHARES = (
    (1, 800, Rounding(), "0,13"),
    (1, 800, Rounding(2, "truncate"), "0,12"),
    (1, 800, Rounding(4), "0,1250"),
    (1, 800, Rounding(0), "0"),
    (1, 200, Rounding(0), "1"),
    (2, 3, Rounding(4, "truncate"), "66,6666"),
    (-1, 800, Rounding(), "-0,13"),
    (0, 8, Rounding(), "0,00"),
    (8, 8, Rounding(), "100,00"),
    (0, 0, Rounding(), "–"),
    (3, 0, Rounding(0), "–"),
)


@pytest.mark.parametrize(("part", "whole", "rounding", "shown"), SHARES)
def test_a_share_is_rounded_alike_on_every_paper(
    part: int, whole: int, rounding: Rounding, shown: str
) -> None:
    one = of_counts(whole, None, part)._replace(rounding=rounding)
    plain = shown.replace(",", ".")
    assert lines(one)[1][3] == plain
    number = None if shown == "–" else float(plain)
    assert told(one)["parts"][0]["rows"][0]["cells"]["share"]["value"] == number
    [sheet] = sheets(one, cached=True)
    [cells] = body(sheet, next(one.tables()))
    assert cells[3].value == ("–" if number is None else number)
    assert cells[3].number_format == f"[$-42A]#,##0.{'0' * rounding.places}".rstrip(".")
    assert recomputed(one) == 1
    assert f">{shown}</td>" in printed(one, "vi", Paper.html).decode()
    assert shown in printed(one, "vi", Paper.table).decode().split()


@pytest.mark.parametrize(("now", "then"), [(3, 5), (0, 12_000), (5, 3)])
def test_a_difference_may_be_negative_on_every_paper(now: int, then: int) -> None:
    cells: dict[str, Cell] = {"now": Count(now), "then": Count(then)}
    cells["change"] = Difference(Place("a", "now"), Place("a", "then"))
    one = report(
        table([Row("a", cells)], tuple(Column(key, (Bilingual(key, key),)) for key in cells))
    )
    shown = f"{now - then:,}".replace(",", ".")
    assert lines(one)[1][2] == str(now - then)
    assert told(one)["parts"][0]["rows"][0]["cells"]["change"]["value"] == now - then
    [sheet] = sheets(one, cached=True)
    assert body(sheet, next(one.tables()))[0][2].value == now - then
    assert f">{shown}</td>" in printed(one, "vi", Paper.html).decode()
    assert shown in printed(one, "vi", Paper.table).decode().split()


# Terminal


def test_a_terminal_has_vietnamese_numbers_dashes_notes_and_what_it_rests_on() -> None:
    shown = printed(of_counts(12622, None, 106), "vi", Paper.table).decode()
    assert "12.622" in shown
    assert "–" in shown
    assert "Tỷ lệ (%) tính trên: hồ sơ đã giải quyết." in shown
    assert "Làm tròn đến 2 chữ số thập phân" in shown
    assert "Nguồn: archive" in shown
    assert "Từ ngày 15/12/2022 đến ngày 14/03/2023" in shown
    english = printed(of_counts(12622, None, 106), "en", Paper.table).decode()
    assert "12,622" in english
    assert "rounded half up to 2 decimals" in english.lower()


def of_counts(number: int, points: Decimal | None, part: int) -> Document:
    cells: dict[str, Cell] = {
        "n": Count(number),
        "p": Points(points),
        "part": Count(part),
        "share": Percentage((Place("a", "part"),), (Place("a", "n"),), RESOLVED),
    }
    columns = tuple(Column(key, (Bilingual(key, key),)) for key in cells)
    return report(table([Row("a", cells)], columns))


def test_a_terminal_has_each_heading_once_over_all_its_columns() -> None:
    shown = printed(LAND, "vi", Paper.table).decode()
    assert shown.count("Tiếp nhận") == shown.count("Trong kỳ") == 1
    start = shown.index("┌")
    assert shown[start : shown.index("│   Đất đai")] == HEAD


HEAD: Final = """\
┌───────────┬─────────────────────────┬───────┐
│           │        Tiếp nhận        │       │
│           ├────────┬────────────────┤       │
│ Lĩnh vực  │        │    Trong kỳ    │ Tỷ lệ │
│           │  Tổng  ├────────┬───────┤       │
│           │   số   │  Trực  │ Trực  │       │
│           │        │ tuyến  │ tiếp  │       │
├───────────┼────────┼────────┼───────┼───────┤
│    (1)    │  (2)   │  (3)   │  (4)  │  (5)  │
├───────────┼────────┼────────┼───────┼───────┤
"""


def test_what_stands_in_a_terminals_columns_stands_under_one_another() -> None:
    shown = printed(of_names(["Đất đai", "🗂️ hồ sơ 戶籍", "x" * 99, "a " * 60]), "vi", Paper.table)
    grid = [line for line in shown.decode().split("\n") if line[:1] in set("┌│├└")]
    assert len({cell_len(line) for line in grid}) == 1


def test_totals_and_groups_are_bold_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    put(LAND, "vi", Paper.table, "-")
    shown = capsys.readouterr().out
    [total_line] = [line for line in shown.split("\n") if "Tổng cộng" in line]
    [first_line] = [line for line in shown.split("\n") if "Đất đai" in line]
    assert "\x1b[1mTổng cộng\x1b[0m" in total_line
    assert "\x1b" not in first_line


def test_no_byte_of_the_data_reaches_a_terminal_as_a_command() -> None:
    shown = printed(of_names(HARMFUL), "vi", Paper.table).decode()
    assert all(line.isprintable() for line in shown.split("\n"))


def test_no_digit_is_lost_where_a_column_is_narrow() -> None:
    shown = printed(of_counts(123_456_789_012_345, Decimal(1), 1), "vi", Paper.table).decode()
    assert "123.456.789.012.345" in shown


# Terminal: no wider than it is


def on_terminal(
    of: Document,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    language: Language = "vi",
) -> str:
    """What a terminal of some width shows, without its styles."""
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", str(width))):
        monkeypatch.setenv(name, value)
    put(of, language, Paper.table, "-")
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


WIDE: Final = report(
    table(
        [
            *(
                line(f"r{i}", f"Tài nguyên, môi trường và đất đai {i}", 12622 + i, 9)
                for i in range(3)
            ),
            total(["r0", "r1", "r2"]),
        ]
    )
)


@pytest.mark.parametrize("width", [30, 40, 52, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal_and_no_digit_is_lost(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shown = on_terminal(WIDE, width, monkeypatch, capsys)
    assert all(cell_len(line) <= width for line in shown.split("\n"))
    [part] = WIDE.tables()
    known = Values(part, WIDE.rounding)
    for row in part.rows:
        for column in ("all", "online", "direct", "share"):
            number = known[Place(row.key, column)]
            assert isinstance(number, int | Decimal)
            written = f"{number:,}".translate(str.maketrans(",.", ".,"))
            assert f" {written} │" in shown


@pytest.mark.parametrize("width", [200, 1000])
def test_a_file_has_the_lines_of_a_wide_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    names = ["Đất đai", "🗂️ hồ sơ 戶籍", "a " * 60, "戶籍" * 40, "", "x" * 90]
    for of in (of_names(names), PLAIN, WIDE, report(table([]), *LAND.tables())):
        shown = on_terminal(of, width, monkeypatch, capsys)
        assert shown == printed(of, "vi", Paper.table).decode()


def test_a_table_too_wide_for_a_terminal_is_in_blocks_that_repeat_the_names(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shown = on_terminal(WIDE, 40, monkeypatch, capsys)
    blocks = shown.count("┌")
    assert blocks > 1
    assert shown.count("Lĩnh vực") == shown.count("Tổng cộng") == blocks
    assert shown.count("Tài nguyên") == 3 * blocks
    assert on_terminal(WIDE, 200, monkeypatch, capsys).count("┌") == 1


def test_of_very_many_rows_a_terminal_shows_the_total_first_and_how_many_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    many = of_names([f"Lĩnh vực {i}" for i in range(2345)])
    shown = on_terminal(many, 100, monkeypatch, capsys)
    assert "Tổng số: 2.346 dòng." in shown
    rows = [line for line in shown.split("\n") if line.startswith("│") and "Lĩnh vực " in line][1:]
    assert len(rows) == 1_000
    assert "Lĩnh vực 0 " in rows[0]
    assert shown.index("Tổng cộng") < shown.index("Lĩnh vực 0 ")
    assert "Còn 1.345 dòng không hiển thị; để lấy tất cả: --format csv" in shown
    english = on_terminal(many, 100, monkeypatch, capsys, "en")
    assert "1,345 more rows are not shown; to get all: --format csv" in english
    complete = printed(many, "vi", Paper.table).decode()
    assert "Lĩnh vực 2344" in complete
    assert "không hiển thị" not in complete


def test_a_table_without_rows_says_so() -> None:
    assert "Không có dòng nào." in printed(report(table([])), "vi", Paper.table).decode()


# Numbers as they are, days, dossiers; no period


PLAIN: Final = Document(
    "plain",
    Bilingual("Văn bản", "A document"),
    None,
    (),
    (
        table(
            [
                Row(
                    "a",
                    {
                        "name": Words("A"),
                        "number": Exact(Decimal("1234.50"), "%"),
                        "more": Exact(Decimal("3"), Bilingual("điểm", "points"), signed=True),
                        "day": Day(date(2023, 3, 14)),
                        "code": Dossier("=D 1"),
                    },
                    "notice",
                ),
                Row("b", {"number": Exact(None), "more": Exact(-3, signed=True), "day": Day(None)}),
            ],
            (
                Column("name", (RECEIVED,), "text", width=40),
                Column("number", (Bilingual("Số", "Number"),)),
                Column("more", (Bilingual("Hơn", "More"),)),
                Column("day", (Bilingual("Ngày", "Day"),), "text"),
                Column("code", (Bilingual("Mã", "Code"),), "text"),
            ),
        ),
    ),
    ("--source", "x"),
)


def test_numbers_keep_their_digits_and_days_are_days_on_every_paper() -> None:
    shown = printed(PLAIN, "vi", Paper.table).decode()
    assert all(
        f" {text} " in shown for text in ("1.234,50 %", "+3 điểm", "-3", "14/03/2023", "=D 1")
    )
    assert "3 points" in printed(PLAIN, "en", Paper.table).decode()
    first, second = told(PLAIN)["parts"][0]["rows"]
    assert told(PLAIN)["window"] is None
    assert first["cells"]["number"] == {"value": 1234.5}
    assert first["cells"]["day"] == {"value": "2023-03-14"}
    assert first["cells"]["code"] == {"value": "=D 1", "behind": "hoso explain --source x '=D 1'"}
    assert second["cells"]["day"] == {"value": None}
    assert lines(PLAIN)[1:] == [
        ["A", "1234.50", "3", "2023-03-14", "'=D 1"],
        ["", "–", "-3", "–", ""],
    ]
    [sheet] = openpyxl.load_workbook(io.BytesIO(printed(PLAIN, "vi", Paper.xlsx))).worksheets
    [row, _] = [*sheet.iter_rows(min_row=5, max_row=6)]
    assert [cell.value for cell in row][1:3] == [1234.5, 3]
    assert row[1].number_format == '[$-42A]#,##0.00" %"'
    assert row[2].number_format.startswith('[$-42A]+#,##0" điểm";[$-42A]-#,##0" điểm"')
    assert (str(row[3].value), row[3].number_format) == ("2023-03-14 00:00:00", "dd/mm/yyyy")
    assert row[4].data_type == "s"
    page = printed(PLAIN, "vi", Paper.html).decode()
    assert '<tr class="notice">' in page
    assert 'title="hoso explain --source x &#x27;=D 1&#x27;"' in page
    assert "<footer>" not in page


@pytest.mark.parametrize("paper", [Paper.xlsx, Paper.html])
def test_a_table_that_a_paper_does_not_hold_is_refused_in_one_line(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_ROWS, paper, 2)
    assert printed(of_names(["a"]), "vi", paper)
    with pytest.raises(
        UserError, match=f"^--format {paper}: holds 2 rows of a table, and this one"
    ):
        printed(of_names(["a", "b"]), "vi", paper)


def test_rows_are_made_only_by_the_papers_that_print_them_and_are_not_kept() -> None:
    made: list[int] = []

    def row(number: int) -> Row:
        made.append(number)
        return Row(str(number), {"n": Count(number)})

    fields: Each[list[Text | Decimal]] = Each(lambda n: ["=x", Decimal(n)], range(3))
    data = Data({"a": Each(int, "12")}, Records(("a", Bilingual("b", "c")), fields))
    counts = Table("t", LAND.title, (Column("n", (LAND.title,)),), Each(row, range(3)))
    one = LAND._replace(parts=(counts,), data=data)
    assert printed(one, "vi", Paper.json) == b'{\n  "a": [\n    1,\n    2\n  ]\n}\n'
    assert printed(one, "en", Paper.csv) == b"\xef\xbb\xbfa,c\r\n'=x,0\r\n'=x,1\r\n'=x,2\r\n"
    assert made == []
    for paper in (Paper.html, Paper.xlsx, Paper.table):
        made.clear()
        assert printed(one, "vi", paper) == printed(one._replace(parts=_kept(counts)), "vi", paper)
        assert made.count(0) >= 2
    cells = one._replace(data=None)
    assert printed(cells, "vi", Paper.json) == printed(
        cells._replace(parts=_kept(counts)), "vi", Paper.json
    )


def _kept(table: Table) -> tuple[Table]:
    return (table._replace(rows=[*table.rows]),)


@pytest.mark.parametrize("empty", [[], {}, {"a": []}, {"a": {}}, [[]], {"a": [{"b": [1, {}]}]}])
def test_json_that_is_made_item_by_item_is_laid_out_as_other_json(empty: Any) -> None:
    def made(value: Any) -> Any:
        if isinstance(value, list):
            return Each(made, value)
        return {k: made(v) for k, v in value.items()} if isinstance(value, dict) else value

    one = LAND._replace(data=Data(empty, Records((), [])))
    other = LAND._replace(data=Data(made(empty), Records((), [])))
    assert printed(one, "vi", Paper.json) == printed(other, "vi", Paper.json)


def told(of: Document, language: Language = "vi") -> Any:
    return json.loads(printed(of, language, Paper.json))


def test_each_count_has_the_call_that_lists_its_dossiers() -> None:
    cells = told(of_names(["Đất đai"]))["parts"][0]["rows"][0]["cells"]
    assert shlex.split(cells["online"]["behind"]) == [
        *("hoso", "dossiers", "--source", "kho của tôi"),
        *("--from", "2022-12-15", "--to", "2023-03-14", "--account", "received"),
        *("--slice", "field=r0", "--slice", "channel=online"),
    ]
    assert cells["direct"]["behind"].endswith("--slice channel=")


NASTY = ("it's", "a b", "$(rm -rf /)", "`x`", "a;b", "Đất đai", "-x", "\n")


@pytest.mark.parametrize("value", NASTY)
def test_calls_are_quoted(value: str) -> None:
    behind = DrillDown(WINDOW, ("resolved.early", "returned.early"), (("field", value),), value)
    one = report(table([Row("a", {"all": Count(1, behind)})]))
    call = told(one)["parts"][0]["rows"][0]["cells"]["all"]["behind"]
    words = shlex.split(call)
    assert words[-4:] == ["--slice", f"field={value}", "--under", value]
    assert "resolved.early,returned.early" in words
    page = parsed(printed(one, "vi", Paper.html))
    assert call in page.titles


def test_a_figure_of_a_check_names_the_call_that_lists_its_dossiers() -> None:
    """Integrity has no attribution, which the calls of reports pin."""
    options = ("--procedures", "thủ tục.csv")
    behind = SeenByCheck(WINDOW, "second_request", (("agency", "H 1"),), "H52", options)
    one = report(table([Row("a", {"all": Count(1, behind)})]))
    one = one._replace(ask=("--source", "x", "--attribution", "final", "--skip-rejects"))
    call = told(one)["parts"][0]["rows"][0]["cells"]["all"]["behind"]
    days = ["--from", WINDOW.first.isoformat(), "--to", WINDOW.last.isoformat()]
    assert shlex.split(call) == [
        *("hoso", "integrity", "--source", "x", "--skip-rejects", *options, *days),
        *("--check", "second_request", "--slice", "agency=H 1", "--under", "H52"),
    ]
    assert call in parsed(printed(one, "vi", Paper.html)).titles


def test_a_percentage_names_its_numerator_its_denominator_and_its_rounding() -> None:
    cell = told(LAND)["parts"][0]["rows"][0]["cells"]["share"]
    assert cell == {
        "value": 92.83,
        "numerator": {"places": [{"row": "r0", "column": "online"}]},
        "denominator": {
            "name": "hồ sơ đã giải quyết",
            "places": [{"row": "r0", "column": "all"}],
        },
        "rounding": {"places": 2, "mode": "half_up"},
    }


def test_a_sum_names_its_cells_and_a_document_all_the_rest() -> None:
    document = told(report(*LAND.parts, *CHARTS), "en")
    assert [*document] == ["report", "title", "language", "window", "about", "rounding", "parts"]
    assert document["window"] == {"from": "2022-12-15", "to": "2023-03-14"}
    of_total = document["parts"][0]["rows"][-1]["cells"]["online"]
    assert of_total["value"] == 2 * 12622
    assert of_total["sum_of"] == [{"row": f"r{i}", "column": "online"} for i in range(2)]
    assert document["parts"][1]["series"][1]["numbers"] == [0, 1.5, -2]


# CSV


def lines(of: Document) -> list[list[str]]:
    """The lines of its tables; below them stands its basis, if it has one."""
    text = printed(of, "vi", Paper.csv).decode("utf-8-sig")
    read = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    if not of.about:
        return read
    assert read[-2:] == [[], ["Nguồn", "archive"]]
    return read[:-2]


def test_csv_is_marked_as_utf_8_and_has_plain_numbers() -> None:
    raw = printed(LAND, "vi", Paper.csv)
    assert raw.startswith("\ufeff".encode())
    assert b"\r\n" in raw
    heading, first, *_, last = lines(LAND)
    assert heading[:4] == [
        *("Lĩnh vực", "Tiếp nhận: Tổng số"),
        *("Tiếp nhận: Trong kỳ: Trực tuyến", "Tiếp nhận: Trong kỳ: Trực tiếp"),
    ]
    assert "% của hồ sơ đã giải quyết" in heading[4]
    assert "làm tròn đến 2 chữ số" in heading[4]
    assert first == ["Đất đai", "13597", "12622", "975", "92.83"]
    assert last[:2] == ["Tổng cộng", "27195"]


def test_several_tables_stand_one_after_another() -> None:
    both = lines(report(*LAND.parts, CHARTS[0], table([], key="two")))
    assert both[0] == ["Bảng one"]
    blank = both.index([])
    assert both[blank + 1] == ["Bảng two"]


def test_where_wholes_differ_row_by_row_each_is_named_beside_its_percentage() -> None:
    all_of_it = Bilingual("tổng số hồ sơ", "all dossiers")
    other = Row(
        "b", {"all": Count(4), "share": Percentage((Place("b", "all"),) * 2, (), all_of_it)}
    )
    mixed = report(table([line("a", "x", 1, 3), other]))
    heading, first, second = lines(mixed)
    assert heading[-1] == "Tỷ lệ: % của"
    assert first[-2:] == ["25.00", "hồ sơ đã giải quyết"]
    assert second[-2:] == ["–", "tổng số hồ sơ"]
    shown = printed(mixed, "vi", Paper.table).decode()
    assert "25,00 (a)" in shown
    assert "(a) hồ sơ đã giải quyết; (b) tổng số hồ sơ" in shown
    [sheet] = sheets(mixed)
    assert body(sheet, next(mixed.tables()))[0][4].number_format == '[$-42A]#,##0.00" (a)"'
    assert "25,00 <sup>(a)</sup>" in printed(mixed, "vi", Paper.html).decode()


def test_no_text_is_a_formula_in_csv() -> None:
    found = [row[0] for row in lines(of_names(HARMFUL))[1:-1]]
    for text, name in zip(found, HARMFUL, strict=True):
        assert not text.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert text.removeprefix("'") == printable_lines(name).removeprefix("'")


def test_a_negative_number_is_a_number_in_csv() -> None:
    places = Place("a", "n"), Place("a", "part")
    less = of_counts(3, None, 5)
    row = next(iter(next(less.tables()).rows))
    row = row._replace(cells={**row.cells, "share": Difference(*places)})
    assert lines(report(table([row], next(less.tables()).columns)))[1][-1] == "-2"


# XLSX


def test_a_sheet_has_merged_headings_frozen_and_repeated_on_paper() -> None:
    [sheet] = sheets(LAND)
    merged = {str(each): sheet[str(each).partition(":")[0]].value for each in sheet.merged_cells}
    assert merged["A1:E1"] == "Báo cáo"
    assert merged["A4:E4"] == "Bảng one"
    assert merged["B5:D5"] == "Tiếp nhận"
    assert merged["C6:D6"] == "Trong kỳ"
    assert merged["B6:B7"] == "Tổng số"
    assert merged["A5:A7"] == "Lĩnh vực"
    assert [cell.value for cell in sheet[8]] == ["(1)", "(2)", "(3)", "(4)", "(5)"]
    assert sheet.freeze_panes == "B9"
    assert sheet.print_title_rows == "$5:$8"


def test_a_sheet_is_ready_for_a4_landscape_one_page_wide() -> None:
    [of_table, *of_charts] = sheets(report(*LAND.parts, *CHARTS))
    for sheet in (of_table, *of_charts):
        assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A4)
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 is what none says
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.right is not None
        assert "&P/&N" in str(sheet.oddFooter.right.text)
    assert of_table.page_setup.fitToHeight == 0


@pytest.mark.parametrize(("rows", "made_one"), [(14, False), (24, True), (60, False)])
def test_little_more_than_a_page_is_made_one(rows: int, made_one: bool) -> None:
    [sheet] = sheets(of_names(["Đất đai"] * rows))
    assert (sheet.page_setup.fitToHeight is None) == made_one  # 1 is what none says


def test_the_last_sheet_tells_what_a_report_rests_on() -> None:
    file = io.BytesIO(printed(LAND, "vi", Paper.xlsx))
    last = openpyxl.load_workbook(file).worksheets[-1]
    assert last.title == "2. Căn cứ"
    assert ("Nguồn", "archive") in [*last.iter_rows(values_only=True)]


def test_sheets_have_names_in_the_reports_language() -> None:
    titles = (
        Bilingual("Biểu số II.06a/VPCP: tình hình giải quyết thủ tục", "Form"),
        Bilingual("Hồ sơ quá hạn đang giải quyết, theo thời gian", "Open"),
        Bilingual("Cấp tỉnh: [một]'", "Province"),
    )
    of_three = report(*(table([])._replace(title=title) for title in titles))
    assert [sheet.title for sheet in sheets(of_three)] == [
        *("1. Biểu số II.06a-VPCP", "2. Hồ sơ quá hạn đang giải…", "3. Cấp tỉnh- (một)")
    ]
    assert [sheet.title for sheet in sheets(of_three, "en")] == [
        "1. Form",
        "2. Open",
        "3. Province",
    ]


def test_a_row_is_as_high_as_its_text_but_no_higher_than_a_spreadsheet_allows() -> None:
    [sheet] = sheets(
        of_names(["Đất đai", "Tài nguyên, môi trường và đất đai, nhà ở", "x" * 40_000])
    )
    first, second, third = (sheet.row_dimensions[row].height for row in (9, 10, 11))
    assert first is None
    assert second == 30
    assert third == pytest.approx(409, abs=0.5)


def unnumbered(one: Table) -> Table:
    """A table that is no official form."""
    return one._replace(columns=tuple(column._replace(number="") for column in one.columns))


SHORT: Final = report(
    unnumbered(table([line("a", "x", 1, 2), line("b", "y", 3, 4)])),
    unnumbered(table([line("a", "x", 5, 0), total(["a"])], key="two")),
    *CHARTS,
)


def test_a_short_report_is_one_sheet_with_tables_side_by_side_and_charts_under_them() -> None:
    [sheet] = sheets(SHORT)
    assert (sheet.page_setup.fitToHeight, sheet.page_setup.fitToWidth) in ((None, None), (1, 1))
    one, two = SHORT.tables()
    assert [cell.value for cell in body(sheet, one)[1]][:4] == ["y", "=SUM(C9:D9)", 3, 4]
    assert [cell.value for cell in body(sheet, two, 7)[1]] == [
        *("Tổng cộng", "=SUM(I9:J9)", "=I8", "=J8"),
        '=IF(H9=0,"–",ROUND(I9*10000/H9,0)/100)',
    ]
    names = ZipFile(io.BytesIO(printed(SHORT, "vi", Paper.xlsx))).namelist()
    assert len([name for name in names if name.startswith("xl/charts/chart")]) == 2
    assert b'<main class="short">' in printed(SHORT, "vi", Paper.html)
    many = [line(f"r{i}", "x", 1, 2) for i in range(13)]
    assert len(sheets(report(unnumbered(table(many)), unnumbered(table([], key="two"))))) == 2


def test_two_short_forms_are_two_sheets() -> None:
    one, two = (table([line("a", "x", 1, 2)], key=key) for key in ("one", "two"))
    assert len(sheets(report(one, two))) == 2


def test_numbers_are_numbers_and_what_follows_is_a_formula() -> None:
    [sheet] = sheets(LAND)
    first, _, last = body(sheet, next(LAND.tables()))
    assert [cell.value for cell in first] == [
        *("Đất đai", "=SUM(C9:D9)", 12622, 975),
        '=IF(B9=0,"–",ROUND(C9*10000/B9,0)/100)',
    ]
    assert last[2].value == "=SUM(C9:C10)"
    assert first[2].number_format == "[$-42A]#,##0"
    assert first[4].number_format == "[$-42A]#,##0.00"
    assert first[0].alignment.indent == 1
    assert last[0].font.bold
    assert not first[0].font.bold
    [cached] = sheets(LAND, cached=True)
    assert body(cached, next(LAND.tables()))[0][4].value == 92.83


def test_english_numbers_are_shown_as_english_writes_them() -> None:
    [sheet] = sheets(LAND, "en")
    assert body(sheet, next(LAND.tables()))[0][2].number_format == "[$-409]#,##0"


def test_no_text_is_a_formula_or_markup_in_a_sheet() -> None:
    harmful = of_names(HARMFUL)
    [sheet] = sheets(harmful)
    for cells, name in zip(body(sheet, next(harmful.tables())), HARMFUL, strict=False):
        assert cells[0].data_type == "s"
        if name == "_x0041_":
            continue  # stands in the file as it is escaped, which openpyxl leaves so
        shown = printable_lines(name)
        assert cells[0].value == (shown if len(name) < 40_000 else "x" * 32_766 + "…")
    raw = ZipFile(io.BytesIO(printed(harmful, "vi", Paper.xlsx))).read("xl/sharedStrings.xml")
    assert b"<t>=1+1</t>" in raw
    assert b"_x005F_x0041_" in raw


def test_a_total_of_more_cells_than_a_function_takes_is_a_formula_still() -> None:
    names = [f"r{i}" for i in range(1200)]
    many = report(table([*(line(name, "", 1, 2) for name in names), total(names[::2])]))
    assert recomputed(many) == 4 + 1200 * 2
    huge = report(table([*(line(name, "", 1, 2) for name in names), total(names[::2] * 3)]))
    [sheet] = sheets(huge)
    assert body(sheet, next(huge.tables()))[-1][2].value == 1800


def test_charts_are_the_spreadsheets_own_above_their_numbers() -> None:
    written = printed(report(*CHARTS), "vi", Paper.xlsx)
    names = ZipFile(io.BytesIO(written)).namelist()
    assert [name for name in names if name.startswith("xl/charts/chart")] == [
        *("xl/charts/chart1.xml", "xl/charts/chart2.xml")
    ]
    of_days, of_parts = sheets(report(*CHARTS))
    numbers = [[cell.value for cell in row] for row in of_days.iter_rows(min_row=25, max_col=3)]
    assert ["15/12", 3, 0] in numbers
    assert ["16/12", None, 1.5] in numbers
    assert "=1+1" in [cell.value for row in of_days.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for row in of_days.iter_rows() for cell in row)
    assert of_parts.title == "2. Sở's <b>"


def test_of_a_charts_sheet_only_the_chart_is_printed() -> None:
    for sheet in sheets(report(*CHARTS)):
        last = int(sheet.print_area.rpartition("$")[2])
        rows = enumerate(sheet.iter_rows(values_only=True), 1)
        assert min(number for number, row in rows if any(row)) > last
        assert sheet.page_setup.fitToHeight in (None, 1)


# XLSX: formulas give what the document says


def recomputed(of: Document) -> int:
    """How many formulas there are, once each was worked out from its formula alone and is what the
    document says."""
    found = 0
    for part, sheet in zip(of.tables(), sheets(of), strict=True):
        spreadsheet, known = Spreadsheet(sheet), Values(part, of.rounding)
        for row, cells in zip(part.rows, body(sheet, part), strict=True):
            for column, cell in zip(part.columns, cells, strict=True):
                if cell.data_type == "f":
                    found += 1
                    expected = known[Place(row.key, column.key)]
                    value = spreadsheet.value(cell.coordinate)
                    if expected is None:
                        assert value == "–", cell.value
                    else:
                        assert isinstance(expected, int | Decimal)
                        assert value == pytest.approx(float(expected), abs=1e-9), cell.value
    return found


class Spreadsheet:
    """A sheet whose formulas are worked out here, in binary numbers, as a spreadsheet does."""

    def __init__(self, sheet: Worksheet) -> None:
        self.cells = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
        self.sheet = sheet
        self.known: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self._worked_out(self.cells[name])
        return self.known[name]

    def _worked_out(self, content: Any) -> Any:
        if not (isinstance(content, str) and content.startswith("=")):
            return np.float64(content) if isinstance(content, int | float) else content
        names = re.sub(r"\b[A-Z]+\d+(:[A-Z]+\d+)?\b", r"at('\g<0>')", content[1:])
        functions: dict[str, Callable[..., Any]]
        functions = {"IF": lambda c, a, b: a if c else b, "OR": lambda *c: any(c)}
        functions |= {"SUM": added, "COUNT": counted, "ROUND": rounded, "TRUNC": np.trunc}
        with np.errstate(all="ignore"):
            return eval(names.replace("=", "=="), functions | {"at": self._at})

    def _at(self, name: str) -> Any:
        if ":" not in name:
            return self.value(name)
        left, top, right, bottom = range_boundaries(name)
        rows = self.sheet.iter_rows(top, bottom, left, right)
        return [self.value(cell.coordinate) for row in rows for cell in row]


def flat(cells: Sequence[Any]) -> Iterator[float]:
    for cell in cells:
        found = cell if isinstance(cell, list) else [cell]
        yield from (each for each in found if isinstance(each, float))


def added(*cells: Any) -> np.float64:
    return np.float64(sum(flat(cells)))


def counted(*cells: Any) -> np.float64:
    return np.float64(len([*flat(cells)]))


def rounded(number: float, places: int) -> np.float64:
    if not np.isfinite(number):
        return np.float64(number)
    step = Decimal(1).scaleb(-places)
    return np.float64(Decimal(repr(float(number))).quantize(step, ROUND_HALF_UP))


numbers = st.decimals(-1000, 1000, places=4, allow_nan=False)
leaves = st.one_of(
    st.integers(-3, 20).map(Count),
    st.integers(0, 10**9).map(Count),
    numbers.map(Points),
    st.just(Points(None)),
    st.just(Words("x")),
)
roundings = st.builds(Rounding, st.integers(0, 4), st.sampled_from(["half_up", "truncate"]))


@st.composite
def tables(draw: Any) -> Table:
    """A table of random cells, where each may follow from any that were there before."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    columns = tuple(Column(f"c{i}", (Bilingual(f"c{i}", f"c{i}"),)) for i in range(width))
    made: dict[Place, Cell] = {}
    for place in (Place(f"r{i}", f"c{j}") for i in range(height) for j in range(width)):
        made[place] = draw(cells_after([*made]))
    order = draw(st.permutations(range(height)))  # what a cell follows from may stand below it
    rows = [Row(f"r{i}", {p.column: c for p, c in made.items() if p.row == f"r{i}"}) for i in order]
    return table(rows, columns)


def cells_after(places: list[Place]) -> st.SearchStrategy[Cell]:
    if not places:
        return leaves
    some = st.lists(st.sampled_from(places), min_size=1, max_size=4).map(tuple)
    return st.one_of(
        leaves,
        st.builds(Sum, st.just(tuple(places)) | st.just(()) | some),
        st.builds(Difference, st.sampled_from(places), st.sampled_from(places)),
        st.builds(Percentage, some | st.just(()), some, st.just(RESOLVED)),
    )


@given(tables(), roundings)
@settings(max_examples=60)
def test_every_formula_gives_the_value_that_stands_in_its_cell(
    random: Table, rounding: Rounding
) -> None:
    recomputed(report(random, rounding=rounding))


@pytest.mark.parametrize(
    ("part", "whole", "shares"),
    [(1, 8, ("12.5", "13", "12")), (-1, 8, ("-12.5", "-13", "-12")), (1, 3, ("33.3", "33", "33"))],
)
def test_ties_are_rounded_away_from_zero_or_cut_off(
    part: int, whole: int, shares: tuple[str, str, str]
) -> None:
    for rounding, share in zip(
        (Rounding(1), Rounding(0), Rounding(0, "truncate")), shares, strict=True
    ):
        one = of_counts(whole, None, part)._replace(rounding=rounding)
        assert Values(next(one.tables()), rounding)[Place("a", "share")] == Decimal(share)
        assert recomputed(one) == 1


def test_what_is_cut_off_is_cut_off_exactly() -> None:
    for part in range(0, 10_001, 701):
        one = of_counts(10_000, None, part)._replace(rounding=Rounding(2, "truncate"))
        share = Values(next(one.tables()), one.rounding)[Place("a", "share")]
        assert share == (Decimal(part) / 100).quantize(Decimal("0.01"), ROUND_DOWN)
        assert recomputed(one) == 1


# HTML


class Page(HTMLParser):
    """A page's text, its titles and its links; it is read only if each tag is closed in order."""

    EMPTY = ("meta", "link", "br", "img", "hr", "input", "col")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.titles: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.titles += [value or ""] if name == "title" else []
            self.links += [value or ""] if name in ("src", "href", "srcset", "action") else []
            self.ids += [value or ""] if name == "id" else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(page: bytes) -> Page:
    found = Page()
    found.feed(page.decode())
    found.close()
    assert found.open == []
    return found


def test_a_page_is_one_file_that_needs_nothing_else() -> None:
    written = printed(report(*LAND.parts, *CHARTS), "vi", Paper.html)
    page = parsed(written)
    assert page.links == []
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(rb"https?:|//[a-z]|url\(|@import", written)
    assert b'<html lang="vi">' in written
    assert b"@media print" in written
    assert b"prefers-color-scheme: dark" in written


def test_a_page_tells_of_each_figure_what_is_behind_it() -> None:
    page = parsed(printed(LAND, "vi", Paper.html))
    calls = [title for title in page.titles if title.startswith("hoso dossiers --source 'kho của")]
    assert len(calls) == 4
    assert "= 12.622 / 13.597 (hồ sơ đã giải quyết), làm tròn đến 2 chữ số thập phân" in str(
        page.titles
    )
    assert "= 12.622 + 975" in page.titles
    assert "Tỷ lệ (%) tính trên: hồ sơ đã giải quyết." in page.texts
    assert "Sao chép" in page.texts


def test_a_page_tells_how_points_were_worked_out() -> None:
    how = Bilingual("20 × 97,49 %", "20 × 97.49 %")
    one = report(table([Row("a", {"all": Points(Decimal("19.498"), how)})]))
    assert "= 20 × 97,49 %" in parsed(printed(one, "vi", Paper.html)).titles
    assert told(one, "en")["parts"][0]["rows"][0]["cells"]["all"]["how"] == "20 × 97.49 %"


def test_no_text_is_markup_in_a_page() -> None:
    plain = parsed(printed(of_names(["x"] * len(HARMFUL)), "vi", Paper.html))
    page = parsed(printed(of_names(HARMFUL), "vi", Paper.html))
    assert page.tags == plain.tags
    for text in HARMFUL:
        assert printable_lines(text) in page.texts
    charts = parsed(printed(report(*CHARTS), "vi", Paper.html))
    assert charts.tags.count("script") == 1


def test_a_chart_tells_its_numbers_to_those_who_do_not_see_it() -> None:
    page = parsed(printed(report(*CHARTS), "vi", Paper.html))
    texts = "\n".join(page.texts)
    assert "Tiếp nhận: 3 – 5 hồ sơ" in texts
    assert "15/12\nTiếp nhận: 3\n=1+1: 0" in texts
    assert "Sở Y tế\nTrong kỳ: 1.200" in texts
    assert page.tags.count("desc") == 2


def test_a_charts_points_are_rounded_and_its_totals_are_of_what_they_were() -> None:
    third = Decimal(100) / 3
    series = tuple(Series(Bilingual(name, name), (third,)) for name in "abc")
    chart = Chart("thirds", PERIOD, "bars", ("x",), series, PERIOD)
    texts = parsed(printed(report(chart), "vi", Paper.html)).texts
    assert "33,33" in texts
    assert "100,00" in texts
    [part] = told(report(chart))["parts"]
    assert [each["numbers"] for each in part["series"]] == [[33.33]] * 3


drawable = st.none() | st.integers(-(10**9), 10**9) | numbers


@given(st.lists(drawable, min_size=1, max_size=9))
def test_any_numbers_can_be_drawn(drawn: list[int | Decimal | None]) -> None:
    labels = tuple(str(i) for i in range(len(drawn)))
    lines = Chart("a", RECEIVED, "lines", labels, (Series(PERIOD, tuple(drawn)),), PERIOD)
    counts = [number for number in drawn if number is None or number >= 0]
    bars = Chart(
        "b", RECEIVED, "bars", labels[: len(counts)], (Series(PERIOD, tuple(counts)),), PERIOD
    )
    page = printed(report(lines, bars), "vi", Paper.html)
    parsed(page)
    assert not re.search(rb'"[^"]*(nan|inf|E\+)[^"]*"', page)


@given(st.lists(st.text(), min_size=1, max_size=5), st.sampled_from(Paper))
@settings(max_examples=40)
def test_any_text_can_be_printed(names: list[str], paper: Paper) -> None:
    text = printed(of_names(names), "vi", paper)
    if paper is Paper.html:
        parsed(text)
    elif paper is Paper.xlsx:
        openpyxl.load_workbook(io.BytesIO(text))
    elif paper is Paper.json:
        assert [row["cells"]["field"]["value"] for row in json.loads(text)["parts"][0]["rows"]][
            :-1
        ] == names

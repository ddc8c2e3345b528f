"""Reading a published report: a fault is one line with its place."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hoso.domain.errors import UserError
from hoso.tools.inputs.published import read
from hoso.tools.inputs.published_tables import read_rows

BLOCK = "blocks: {b: {total: 1}}\n"
TABLE = "tables: [{file: x.csv, total: t, parts: [p, q]}]\n"
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nblocks: {b: [*b, *b]}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "r.yaml"


def told(file: Path, said: str | bytes) -> str:
    """The one line that a report is refused with, without the folder."""
    file.write_bytes(said.encode() if isinstance(said, str) else said)
    with pytest.raises(UserError) as caught:
        read(str(file))
    line = str(caught.value)
    assert line.startswith(str(file.parent))
    assert line.isprintable()
    assert len(line) < 600
    return line.removeprefix(f"{file.parent}/")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        # No report at all.
        (b"\xff\xfe\x00", "r.yaml: is no text in UTF-8; save it as such"),
        ("", "r.yaml: is no table of keys; write one, key: value"),
        ("- a\n", "r.yaml: is no table of keys"),
        ("text", "r.yaml: is no table of keys"),
        ("services: {}\n", "r.yaml: is no report"),
        ("title: a\n  b: c\n", "r.yaml:2: is no YAML: mapping values are not allowed"),
        ("title: [\n", "r.yaml:2: is no YAML: "),
        ("title: \x01\n", "r.yaml: is no YAML: "),
        (BLOCK + "---\n" + BLOCK, "r.yaml:2: is no YAML: but found another document"),
        ("[" * 100_000, "r.yaml: is nested too deep"),
        ("a: " * 3 + "\n", "r.yaml:1: is no YAML"),
        (LAUGHS, "r.yaml:1: b[1]: is an alias (*); write out"),
        ("title: &t [*t]\n", "r.yaml:1: title[1]: is an alias"),
        (BLOCK + BLOCK, "r.yaml:2: blocks: is given twice; leave one out"),
        ("blocks:\n  b: {total: 1,\n      total: 2}\n", "r.yaml:3: blocks.b.total: is given"),
        ("? [a]\n: b\n", "r.yaml:1: a key is no text; write NAME: …"),
        ("#" * 600_000, "r.yaml: is larger than 500,000 bytes"),
        # Figures.
        ("blocks: {b: {recieved: 1}}", "r.yaml:1: blocks.b.recieved: is not known; is received"),
        ("blocks: {b: {xyz: 1}}", "r.yaml:1: blocks.b.xyz: is not known; use total, carried_over"),
        ("blocks: {b: {sum: 1}}", "r.yaml:1: blocks.b.sum: is not known; "),
        ("blocks:\n  b:\n    total: many\n", "r.yaml:3: blocks.b.total.count: 'many' is no number"),
        ("blocks: {b: {total: '12'}}", "blocks.b.total.count: '12' is no number: write digits"),
        ("blocks: {b: {total: 1_000}}", "'1_000' is no number"),
        ("blocks: {b: {total: 1e3}}", "'1e3' is no number"),
        ("blocks: {b: {total: .nan}}", "'.nan' is no number"),
        ("blocks: {b: {total: true}}", "blocks.b.total.count: true is no number"),
        ("blocks: {b: {total: [1]}}", "blocks.b.total.count: a list is no number"),
        ("blocks: {b: {total: -5}}", "blocks.b.total.count: '-5' is negative"),
        ("blocks: {b: {total: 12.622}}", "12.622 is no whole number: write dossiers as 12622"),
        (f"blocks: {{b: {{total: {'9' * 9999}}}}}", "is too long: use 12 digits"),
        ("blocks: {b: {total: {count: 1, total: 1}}}", "has a count and a total: leave one out"),
        ("blocks: {b: {total: {count: 1, per: 1}}}", "blocks.b.total.per: is not known; "),
        ("blocks: {b: {total: {count: 1, percent: 1%}}}", "total.percent: '1%' is no number"),
        (
            "blocks: {b: {total: {count: 1, percent: 99,04}}}",
            "total.04: is no name; decimals stand behind",
        ),
        ("blocks: {b: {channel: mail}}", "blocks.b.channel: Input should be 'online'"),
        ("blocks: {b: {paused_inside_in_progress: 1}}", "should be a valid boolean"),
        ("blocks: [1]", "r.yaml:1: blocks: Input should be a valid dictionary"),
        ("online_share_percent: a lot", "r.yaml:1: online_share_percent: 'a lot' is no number"),
        # Windows.
        ("window: 2023", "r.yaml:1: window: is no window: write {from: 2022-12-15"),
        ("window: {from: 2022-12-15}", "window: is no window"),
        ("window: {from: 2022-12-15, to: 2023-03-14, x: 1}", "window: is no window"),
        ("window: {from: 2022-12-15, to: 2022-12-14}", "ends (2022-12-14) before it starts"),
        ("window: {from: 2022-12-15, to: 2023-02-30}", "no such day: 2023-02-30"),
        ("window: {from: 2022-12-15, to: soon}", "no date 'soon': write 2022-12-15"),
        # Lists.
        ("lists: [{name: n, of: 1}]", "r.yaml:1: lists[1].items: is missing; write it"),
        ("lists: [{name: n, of: 1, items: {}}]", "lists[1].items: Dictionary should have at least"),
        ("lists: [{name: n, of: 1, items: {a: b}}]", "lists[1].items.a: 'b' is no number"),
        ("lists: [{name: n, of: 1, item: {a: 1}}]", "lists[1].items: is missing"),
        (
            BLOCK + "lists: [{name: n, of: b.totl, items: {a: 1}}]",
            "2: lists[1].of: no figure 'b.to",
        ),
        (BLOCK + "lists: [{name: n, of: b.totl, items: {a: 1}}]", "is b.total meant?"),
        (BLOCK + "lists: [{name: n, of: c.early, items: {a: 1}}]", "write NAME.figure of a block"),
        # Tables.
        (TABLE, "r.yaml:1: tables[1].file: 'x.csv': No such file or directory"),
        (TABLE.replace("x.csv", "."), "tables[1].file: '.': Is a directory"),
        (TABLE.replace("x.csv", "../x.csv"), "'../x.csv' leaves the report's folder; put it"),
        (TABLE.replace("x.csv", "/etc/passwd"), "'/etc/passwd' leaves the report's folder"),
        (TABLE.replace("x.csv", "''"), "'' leaves the report's folder"),
        ("tables: [1]", "r.yaml:1: tables[1]: Input should be a valid dictionary"),
        ("tables: {}", "r.yaml:1: tables: Input should be a valid list"),
        ("tables: [{file: x.csv, total: t}]", "tables[1].parts: is missing"),
        ("tables: [{file: x.csv, total: t, part: [p]}]", "tables[1].parts: is missing"),
        ("tables: [{file: x.csv, total: t, parts: p}]", "tables[1].parts: Input should be a valid"),
        ("tables: [{file: x.csv, percent: p, of: [q]}]", "tables[1].count: is missing"),
        ("tables: [{file: x.csv, parts: [q], equals: {file: y.csv}}]", "tables[1].key: is missing"),
        ("tables: [{file: x.csv, total: t, parts: [p], k: a}]", "tables[1].k: is not known; "),
    ],
)
def test_what_is_wrong_in_a_report_is_told(file: Path, said: str | bytes, line: str) -> None:
    assert line in told(file, said)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"\xff", "x.csv: is no text in UTF-8"),
        ("", "x.csv: has no rows"),
        ("t,p,q\n", "x.csv: has no rows; write headings, and a row for each agency"),
        ("t,p\n1,2\n", "x.csv:1: no column 'q': use t, p"),
        ("t,p,q,q\n1,2,3,4\n", "x.csv:1: column 'q' stands there 2 times: leave one"),
        ("t,p,q\n1,2\n", "x.csv:2: the headings are 3, the values 2: write one for each"),
        ("t,p,q\n1,2,3\n\n3,two,1\n", "x.csv:4: column 'p': 'two' is no number: write digits"),
        ("t,p,q\n1,2,true\n", "x.csv:2: column 'q': 'true' is no number"),
        ("t,p,q\n1,-2,3\n", "x.csv:2: column 'p': '-2' is negative"),
        ('t,p,q\n1,"2,5",3\n', "x.csv:2: column 'p': '2,5' is no number"),
        ("t;p;q\n1;2,5;1.5\n", "x.csv:2: column 'q': '1.5' is no number: write digits, as in"),
        (f"t,p,q\n1,2,{'9' * 999}\n", "x.csv:2: column 'q': '9999"),
        (
            f't,p,q\n1,2,"{"9" * 200_000}"\n',
            "x.csv:2: a value has over 131,072 characters; is a quotation mark missing?",
        ),
    ],
)
def test_what_is_wrong_in_a_table_is_told(file: Path, said: str | bytes, line: str) -> None:
    file.with_name("x.csv").write_bytes(said.encode() if isinstance(said, str) else said)
    assert line in told(file, TABLE)


def test_a_link_out_of_the_folder_is_refused(file: Path) -> None:
    file.with_name("x.csv").symlink_to("/etc/passwd")
    assert "leaves the report's folder" in told(file, TABLE)


def test_a_key_must_tell_rows_apart(file: Path) -> None:
    file.with_name("x.csv").write_text("k,t,p,q\nA B,1,1,0\nC,1,1,0\na-b,1,1,0\n")
    keyed = TABLE.replace("total", "key: k, total")
    assert "x.csv:4: 'a-b' is on line 2 already: a key must tell rows apart" in told(file, keyed)


def test_a_file_that_is_not_there_is_told_by_its_name() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml"):
        read("nowhere.yaml")
    with pytest.raises(UserError, match="is empty; name a file"):
        read("")


def test_numbers_are_read_as_they_are_printed(file: Path) -> None:
    file.write_text("\ufeffblocks: {b: {early: {total: 12, percent: 0.30}}}", "utf-8")
    early = read(str(file)).published.blocks["b"].early
    assert early is not None
    assert (str(early.count), str(early.percent)) == ("12", "0.30")


def test_figures_may_be_left_open(file: Path) -> None:
    file.write_text("blocks:\n  b: {total: 5, returned: , early: ~, overdue: null}\n")
    assert read(str(file)).published.blocks["b"].counts() == {"total": 5}


def test_what_else_stands_there_is_a_remark(file: Path) -> None:
    file.write_text(BLOCK + "notes: [a, {b: c}]\nrank: 3\nwindow: {from: 1/9/2024, to: 2024-09-30}")
    published = read(str(file)).published
    assert published.remarks() == ["notes", "rank"]
    assert published.window == (date(2024, 9, 1), date(2024, 9, 30))


def test_what_cannot_be_printed_is_escaped(file: Path) -> None:
    file.write_text('blocks: {"b\\e[2J": {total: 1}}')
    assert [*read(str(file)).published.blocks] == ["b\\x1b[2J"]


@pytest.mark.parametrize(
    "said",
    [
        "k,p,q\nA,1.5,\nB,–,2\n",
        "k;p;q\r\nA;1,5;\r\nB;-;2\r\n",
        "\ufeffk;p;q\n\n A ; 1.5 ;\n;;\nB;–;2",
    ],
)
def test_tables_are_read_as_spreadsheets_write_them(tmp_path: Path, said: str) -> None:
    (tmp_path / "x.csv").write_bytes(said.encode())
    first, second = read_rows(tmp_path / "x.csv", None, ["p", "q"])
    assert first == ("A", {"p": Decimal("1.5"), "q": None})
    assert second == ("B", {"p": None, "q": Decimal(2)})


def test_rows_are_told_apart_by_the_first_column_that_does(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("level,agency,p\nd,A,1\nd,B,2\n")
    assert [row.label for row in read_rows(tmp_path / "x.csv", None, ["p"])] == ["A", "B"]
    assert [row.label for row in read_rows(tmp_path / "x.csv", "p", ["p"])] == ["1", "2"]
    (tmp_path / "y.csv").write_text("p\n1\n2\n")
    assert [row.label for row in read_rows(tmp_path / "y.csv", None, ["p"])] == ["2", "3"]

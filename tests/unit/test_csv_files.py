"""CSV files of people: how they may be written, and the one line that says what is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from hoso.domain.agencies import Agency
from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.tools.inputs.agencies import registry
from hoso.tools.inputs.csv_files import csv_table
from hoso.tools.inputs.profiles import entered, procedures
from hoso.tools.inputs.scenarios import policies_in
from hoso.tools.inputs.text_files import read_text

ROWS = [(2, ["H1", "Sở, ban"]), (4, ["H2", "two\nlines"])]


@pytest.mark.parametrize(
    "text",
    [
        'code,name\nH1,"Sở, ban"\n"H2","two\nlines"\n',
        'code;name\nH1;Sở, ban\nH2;"two\nlines"',
        'code , name\r\n H1 ,"Sở, ban"\r\nH2,"two\nlines"\r\n,\r\n\r\n',
    ],
)
def test_a_table_has_headings_and_rows_with_the_lines_on_which_they_end(text: str) -> None:
    table = csv_table("x.csv", text)
    assert table.headings.values == ["code", "name"]
    assert [(row.line, row.values) for row in table.rows] == ROWS


def test_blank_rows_are_left_out_before_and_after_the_headings() -> None:
    table = csv_table("x.csv", "\n  \n;\na;b\n;\n\n1;2\n")
    assert (table.headings.line, table.headings.values) == (4, ["a", "b"])
    assert [(row.line, row.values) for row in table.rows] == [(7, ["1", "2"])]


@pytest.mark.parametrize("text", ["", "\n", " ; \n\r\n"])
def test_a_blank_file_has_no_headings(text: str) -> None:
    table = csv_table("x.csv", text)
    assert (table.headings.values, list(table.rows)) == ([], [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b\n1,2,3\n", "x.csv:2: the headings are 2, the values 3: write one for each"),
        ("a,b\n\n1\n", "x.csv:3: the headings are 2, the values 1: write one for each"),
        ("a;b\n1,2\n", "x.csv:2: the headings are 2, the values 1: write one for each"),
        ('a,b\n1,"2\n3,4\n', "x.csv:3: unexpected end of data"),
        ('a,b\n1,"2"3\n', "x.csv:2: ',' expected after '\"'"),
        (
            f"a,b\n1,{'2' * 200_000}\n",
            "x.csv:2: a value has over 131,072 characters; is a quotation mark missing?",
        ),
    ],
)
def test_a_fault_is_reported_in_one_line_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(UserError) as error:
        list(csv_table("x.csv", text).rows)
    assert str(error.value) == fault


def test_text_may_have_a_byte_order_mark_and_is_limited_in_size(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xef\xbb\xbfa,b\r\n")
    assert read_text(file, 8) == "a,b\r\n"
    with pytest.raises(UserError, match=r"x\.csv: is larger than 7 bytes; give a smaller file"):
        read_text(file, 7)
    file.write_bytes("Sở".encode("utf-16"))
    with pytest.raises(UserError, match=r"x\.csv: is no text in UTF-8; save it as such"):
        read_text(file, 100)


# --- The files that options name -----------------------------------------------------------------

READERS = {
    "--registry": (registry, "code,name,level,parent", "H1,Sở,province,"),
    "--inputs": (entered, "agency,published", "H1,98.5"),
    "--procedures": (procedures, "procedure,online,payable", "p,1,0"),
    "--policies": (policies_in, "supplement_limit,reschedule", "2,accept_once"),
}


@pytest.mark.parametrize("option", READERS)
def test_every_reader_takes_files_of_spreadsheets(option: str, tmp_path: Path) -> None:
    read, headings, row = READERS[option]
    plain, saved = tmp_path / "plain.csv", tmp_path / "saved.csv"
    plain.write_text(f"{headings}\n{row}\n")
    text = f"{headings}\n,\n{row}\n".replace(",", ";").replace("\n", "\r\n")
    saved.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert _comparable(read(str(saved))) == _comparable(read(str(plain)))


def _comparable(value: object) -> object:
    return getattr(value, "agencies", value)


@pytest.mark.parametrize("option", READERS)
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "{option}: {file}: No such file or directory"),
        (b"\xff", "{option}: {file}: is no text in UTF-8; save it as such"),
        (b"{headings}\n{row},1\n", "{file}:2: the headings are {n}, the values {more}: write one"),
        (b"{headings}\n\n{row},1\n", "{file}:3: the headings are {n}, the values {more}: write"),
        (b'{headings}\n"{row}\n', "{file}:2: unexpected end of data"),
    ],
)
def test_every_reader_reports_faults_alike(
    option: str, content: bytes | None, fault: str, tmp_path: Path
) -> None:
    read, headings, row = READERS[option]
    file, n = tmp_path / "x.csv", headings.count(",") + 1
    if content is not None:
        filled = content.replace(b"{headings}", headings.encode()).replace(b"{row}", row.encode())
        file.write_bytes(filled)
    with pytest.raises(UserError) as error:
        read(str(file))
    assert str(error.value).startswith(fault.format(option=option, file=file, n=n, more=n + 1))


@pytest.mark.parametrize("option", READERS)
def test_every_reader_refuses_an_empty_name(option: str) -> None:
    with pytest.raises(UserError, match=f"^{option}: is empty; name a file$"):
        READERS[option][0]("")


def test_a_registry_names_the_line_of_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("level,code,parent,name\nprovince,H1,,Sở\n\nprovince,H2,,\n")
    with pytest.raises(UserError) as error:
        registry(str(file))
    assert str(error.value) == f"{file}:4: the code or the name is missing: write both"
    file.write_text("level,code,parent,name\nprovince,H1,,Sở\n")
    assert registry(str(file)).agencies == {"H1": Agency("H1", "Sở", "province", None)}


def test_inputs_and_procedures_name_the_line_of_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text('\nagency,published\n\n"H1\nH2",98.5\n\nH3,120\n')
    with pytest.raises(UserError, match=r"x\.csv:7: published: Input should be less"):
        entered(str(file))
    file.write_text("procedure,online,payable\np,1,0\n\np,1,0\n")
    with pytest.raises(UserError, match=r"x\.csv:4: 'p' is given twice: leave one out"):
        procedures(str(file))
    file.write_text("agency,published,published\nH1,1,2\n")
    with pytest.raises(UserError, match=r"x\.csv:1: 'published' is given twice: leave one"):
        entered(str(file))
    file.write_text("agency,published,\nH1,98.5,\n")
    assert entered(str(file)).of("H1").published == Decimal("98.5")


def test_policies_name_the_line_of_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("\nsupplement_limit\n1\n\n-1\n")
    with pytest.raises(UserError, match=r"p\.csv:5: supplement_limit: Input should be greater"):
        policies_in(str(file))
    file.write_text("\nsupplement_limit\n1\n\n3\n")
    assert policies_in(str(file)) == [Policy(supplement_limit=1), Policy(supplement_limit=3)]

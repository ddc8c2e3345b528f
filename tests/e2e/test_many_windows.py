"""Are the statements of many windows, under many policies, those asked for one by one?"""

import csv
import io
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hoso.domain.errors import UserError
from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.windows import NAMES, named_window
from hoso.projections.documents.figures import FIGURES, flat
from hoso.projections.documents.statement import document
from hoso.tools.inputs.scenarios import policies_in, windows_in
from hoso.tools.output.terminal import show
from tests.command import asked, hoso
from tests.offices import EVENTS, SOURCES, equip

Json = dict[str, Any]

BY = ("--by", "channel,level")
QUARTERS = ("2023-Q1", "2023-Q2", "2023-Q3")
# The same windows and policies, as people and spreadsheets write them.
WINDOWS = (
    "\ufeff# the year so far\r\n2023-Q1;\r\n\r\n  15/03/2023; 14/06/2023  # the second\r\n;\r\n"
    "2023-06-15,\t14/9/2023"
)
POLICIES = "\ufeff\r\nsupplement_limit; after_supplement\r\n1;restart\r\n;\r\n \r\n0; extend \r\n"
# As the rows of POLICIES pin them.
RULES = (
    ("--supplement-limit", "1", "--after-supplement", "restart"),
    ("--supplement-limit", "0", "--after-supplement", "extend"),
)
LONG = ("--windows", "windows.csv", "--policies", "policies.csv")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some events in a file, a store and an archive, and with files of questions."""
    folder = equip(tmp_path_factory.mktemp("office"))
    (folder / "windows.csv").write_text(WINDOWS, encoding="utf-8", newline="")
    (folder / "policies.csv").write_text(POLICIES, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def one_by_one(office: Path) -> list[Json]:
    """The statements of the file, each asked for on its own."""
    return [
        json.loads(stated(office, EVENTS, "--window", quarter, *rules, "--format", "json"))
        for rules, quarter in product(RULES, QUARTERS)
    ]


def stated(office: Path, source: str, *question: str) -> str:
    return asked(office, "statement", "--source", source, *BY, *question)


def questions(statement: Json) -> Json:
    """The window and the law of a statement, as the long table has them."""
    law, pinned = statement["law"], statement["law"]["pinned"]
    asked_by = {"law": law["regime"], "law_as_of": law["as_of"] or ""}
    return {
        **statement["window"],
        **asked_by,
        **{name: str(pinned.get(name, "")) for name in PINNABLE},
    }


@pytest.mark.parametrize("source", SOURCES)
def test_as_json_they_are_a_list_policy_by_policy_window_by_window(
    office: Path, one_by_one: list[Json], source: str
) -> None:
    assert len({each["digest"] for each in one_by_one}) == len(one_by_one)
    assert json.loads(stated(office, source, *LONG, "--format", "json")) == one_by_one


@pytest.mark.parametrize("source", SOURCES)
def test_as_csv_each_line_stands_behind_its_window_and_its_policy(
    office: Path, one_by_one: list[Json], source: str
) -> None:
    text = stated(office, source, *LONG, "--format", "csv")
    assert text.startswith("\ufeff")
    assert list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))) == [
        questions(each) | line["slice"] | {name: str(n) for name, n in flat(line).items()}
        for each in one_by_one
        for line in each["lines"]
    ]


def test_as_a_table_each_line_is_a_row(office: Path, one_by_one: list[Json]) -> None:
    text = stated(office, EVENTS, *LONG, "--lang", "en")
    rows = [row.replace("│", " ").split() for row in text.splitlines() if row.startswith("│ 2")]
    lines = [(each, line) for each in one_by_one for line in each["lines"]]
    assert len(rows) == len(lines)
    for row, (each, line) in zip(rows, lines, strict=True):
        asked_for = [*(value or "–" for value in questions(each).values()), *line["slice"].values()]
        assert row[: len(asked_for)] == asked_for
        figures = [str(line["carried_over"]), str(line["carried_forward"])]
        assert [row[len(asked_for)], row[-1]] == figures


def test_windows_may_be_named_one_after_the_other(office: Path, one_by_one: list[Json]) -> None:
    options = [part for quarter in QUARTERS for part in ("--window", quarter)]
    several = stated(office, "archive", *options, *RULES[0], "--format", "json")
    assert json.loads(several) == one_by_one[:3]
    assert json.loads(stated(office, "archive", *options, "--format", "json")) == [
        json.loads(stated(office, EVENTS, "--window", quarter, "--format", "json"))
        for quarter in QUARTERS
    ]


@pytest.mark.parametrize(
    "first", [("--window", "2023-Q4"), ("--from", "15/09/2023", "--to", "2023-12-14")]
)
def test_those_of_a_file_follow_those_of_the_options(
    office: Path, one_by_one: list[Json], first: tuple[str, ...]
) -> None:
    question = (*first, "--windows", "windows.csv", *RULES[0], "--format", "json")
    last, *others = json.loads(stated(office, "archive", *question))
    days = {"from": "2023-09-15", "to": "2023-12-14", "until": "2023-12-14"}
    assert last["window"] == days
    assert others == one_by_one[:3]


@pytest.mark.parametrize("question", ["--windows", "--policies"])
def test_a_file_makes_a_long_table_even_if_it_asks_for_one(
    office: Path, tmp_path: Path, question: str
) -> None:
    file = tmp_path / "one"
    file.write_text({"--windows": "2023-Q1", "--policies": "reschedule\nkeep_original"}[question])
    window = ("--window", "2023-Q1")
    asked_for = (*(() if question == "--windows" else window), question, str(file))
    rule = () if question == "--windows" else ("--reschedule", "keep_original")
    alone = json.loads(stated(office, EVENTS, *window, *rule, "--format", "json"))
    assert json.loads(stated(office, "archive", *asked_for, "--format", "json")) == [alone]
    assert stated(office, "archive", *asked_for, "--format", "csv").startswith(
        "\ufefffrom,to,until,law,"
    )


def test_without_slices_a_window_in_which_nothing_was_has_its_row(office: Path) -> None:
    quiet = ("--window", "1999", "--window", "2001")
    text = asked(office, "statement", "--source", "archive", *quiet, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["from"] for row in rows] == ["1998-12-15", "2000-12-15"]
    assert {row[name] for row in rows for name in FIGURES} == {"0"}


def test_a_policy_that_a_file_does_not_give_is_as_ever(tmp_path: Path) -> None:
    file = tmp_path / "policies"
    file.write_text('"reschedule","supplement_limit"\n"accept_once","2"\n')
    assert policies_in(str(file)) == [Policy(reschedule="accept_once", supplement_limit=2)]
    file.write_text("after_supplement\nextend\n")
    assert policies_in(str(file)) == [Policy(after_supplement="extend")]
    file.write_text("supplement_limit;reschedule\n;accept_once\n")
    assert policies_in(str(file)) == [Policy(reschedule="accept_once")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    file = tmp_path / "windows"
    file.write_text(f"2023-Q1{end}2023-Q2{end}", newline="")
    assert windows_in(str(file)) == [named_window("2023-Q1"), named_window("2023-Q2")]


def test_neither_a_figure_nor_a_day_is_broken_in_two(
    one_by_one: list[Json], capsys: pytest.CaptureFixture[str]
) -> None:
    def grown(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: grown(each) for name, each in part.items()}
        return 12_345_678 if isinstance(part, int) else part

    slices = {"field": "Đăng ký kinh doanh hộ cá thể", "agency": "H52.01", "procedure": "1.004227"}
    first = one_by_one[0]["lines"][0]
    line = grown(first) | {"slice": slices | first["slice"]}
    law = one_by_one[0]["law"] | {"pinned": {"reschedule": "keep_original"}}
    statement = one_by_one[0] | {"by": [*line["slice"]], "lines": [line], "law": law}
    show(document([statement], single=False), "vi")
    shown = capsys.readouterr().out
    assert shown.count(" 12.345.678 ") == 12
    assert {"15/12/2022", "14/03/2023", "keep_original"} <= {*shown.split()}


# --- What is wrong with a question --------------------------------------------------------------

PARAMETERS = ", ".join(("law", "law_as_of", *PINNABLE))
BAD_WINDOWS = {
    b"2023-Q1\n\n2023-Q5\n": f"bad:3: no window '2023-Q5': use {NAMES}",
    b"# x\n2022-12-15\n": f"bad:2: no window '2022-12-15': use {NAMES}",
    b"2023-Q1, 2023-Q2": f"bad:1: no window '2023-Q1 2023-Q2': use {NAMES}",
    b"from;to\n2022-12-15;2023-03-14": f"bad:1: no window 'from to': use {NAMES}",
    "quý 5/2023".encode(): f"bad:1: no window 'quý 5/2023': use {NAMES}",
    b"2023-Q1; 14/03/2023": "bad:1: no date '2023-Q1': write 2022-12-15 or 15/12/2022",
    b"2023-Q1\n30/02/2023 1/3/2023": "bad:2: no such day: 30/02/2023",
    b"2023-03-14 2022-12-15": ("bad:1: the window ends (2022-12-15) before it starts (2023-03-14)"),
    b"1/1/2023 to 31/1/2023": (
        "bad:1: no window '1/1/2023 to 31/1/2023': write 2023-Q1, or the first and the last day"
    ),
    b"0001-01-01 2023-01-01": "bad:1: the year 0001 is not within 1900 to 2199",
    b"x" * 1_000_000: (
        f"bad:1: no window '{'x' * 60}': write 2023-Q1, or the first and the last day"
    ),
    b"": "bad: asks for no window; write one to a line: 2023-Q1",
    b"\xef\xbb\xbf# nothing\n\n;;\n": "bad: asks for no window; write one to a line: 2023-Q1",
    "2023-Q1".encode("utf-16"): "--windows: bad: is no text in UTF-8; save it as such",
}
NUMBER = "Input should be a valid integer, unable to parse string as an integer"
BAD_POLICIES = {
    b"limit\n2\n": f"bad:1: no parameter 'limit': use {PARAMETERS}",
    b"# rules\nsupplement_limit\n2\n": f"bad:1: no parameter '# rules': use {PARAMETERS}",
    b"reschedule,,\nkeep_original,,\n": f"bad:1: no parameter '': use {PARAMETERS}",
    b"x" * 100_000: f"bad:1: no parameter '{'x' * 60}': use {PARAMETERS}",
    b"supplement_limit,supplement_limit\n1,2\n": (
        "bad:1: supplement_limit is given twice: leave one out"
    ),
    b"supplement_limit,reschedule\n2\n": (
        "bad:2: the headings are 2, the values 1: write one for each"
    ),
    b"\nsupplement_limit\n\n2,3\n": "bad:4: the headings are 1, the values 2: write one for each",
    b"supplement_limit\n1\n-1\n": (
        "bad:3: supplement_limit: Input should be greater than or equal to 0 (given: '-1')"
    ),
    b"supplement_limit\nx\n": f"bad:2: supplement_limit: {NUMBER} (given: 'x')",
    b"after_supplement\nRestart\n": (
        "bad:2: after_supplement: Input should be 'restart' or 'extend' (given: 'Restart')"
    ),
    b"reschedule\n%s\n" % (b"x" * 100_000): (
        f"bad:2: reschedule: Input should be 'keep_original' or 'accept_once' (given: '{'x' * 60}')"
    ),
    b"reschedule\n%s\n" % (b"x" * 200_000): (
        "bad:2: a value has over 131,072 characters; is a quotation mark missing?"
    ),
    b"": "bad: gives no policy; write a heading, supplement_limit, and a row: 1",
    b"reschedule\n\n": "bad: gives no policy; write a heading, supplement_limit, and a row: 1",
    b"\x89PNG\x00\xff": "--policies: bad: is no text in UTF-8; save it as such",
}


def refusal(office: Path, *question: str) -> str:
    """Why a question is not answered."""
    with pytest.raises(UserError) as told:
        stated(office, EVENTS, *question)
    return str(told.value)


@pytest.mark.parametrize("content", BAD_WINDOWS, ids=range(len(BAD_WINDOWS)))
def test_the_first_line_that_is_no_window_is_told(office: Path, content: bytes) -> None:
    (office / "bad").write_bytes(content)
    assert refusal(office, "--windows", "bad") == BAD_WINDOWS[content]


@pytest.mark.parametrize("content", BAD_POLICIES, ids=range(len(BAD_POLICIES)))
def test_the_first_row_that_is_no_policy_is_told(office: Path, content: bytes) -> None:
    (office / "bad").write_bytes(content)
    assert refusal(office, "--window", "2023", "--policies", "bad") == BAD_POLICIES[content]


@pytest.mark.parametrize("option", ["--windows", "--policies"])
@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("none", "none: No such file or directory"),
        ("archive", "archive: Is a directory"),
        ("", "is empty; name a file"),
    ],
)
def test_a_file_of_questions_that_is_none_is_told(
    office: Path, option: str, file: str, fault: str
) -> None:
    window = () if option == "--windows" else ("--window", "2023")
    assert refusal(office, *window, option, file) == f"{option}: {fault}"


@pytest.mark.parametrize("rule", [*zip(RULES[1][::2], RULES[1][1::2], strict=True)])
def test_rules_are_given_by_a_file_or_by_options(office: Path, rule: tuple[str, str]) -> None:
    assert refusal(office, "--window", "2023", "--policies", "policies.csv", *rule) == (
        "--policies: the file gives the rules; leave the other options of rules out"
    )


@pytest.mark.parametrize(
    "question",
    [
        ("--policies", "policies.csv"),
        ("--from", "2023-01-01", "--windows", "windows.csv"),
        ("--to", "2023-01-01", "--windows", "windows.csv"),
        ("--from", "2023-01-01", "--to", "2023-01-01", "--window", "2023", "--window", "2024"),
    ],
)
def test_a_question_without_a_window_is_told(office: Path, question: tuple[str, ...]) -> None:
    assert refusal(office, *question) == "which window? give --from and --to, or --window"


def test_one_wrong_window_among_many_is_told(office: Path) -> None:
    assert refusal(office, "--window", "2023-Q1", "--window", "2023-Q9") == (
        f"--window: no window '2023-Q9': use {NAMES}"
    )


def test_a_wrong_question_ends_with_one_line_and_status_2(office: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"reschedule\n\x1b[31m\x07\n")
    outcome = hoso(tmp_path, "statement", "--window", "2023", "--policies", "bad", "--source", "-")
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("hoso: bad:2: reschedule: Input should be 'keep_original'")
    assert outcome.err.rstrip("\n").isprintable()

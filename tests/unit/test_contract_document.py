"""docs/CONTRACT.md says what the code does, and every section that the code cites is there."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest
import typer

from hoso.domain import accounts, law
from hoso.domain.events import Event, type_of
from hoso.domain.kinds import KIND_OF
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import OF_THE_FOLD
from hoso.domain.windows import Window, named_window
from hoso.projections.archive.files import ARCHIVED
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.statement import statement
from hoso.tools.cli import app
from tests.engine import LOCAL, VIETNAM, log_of
from tests.told import received

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "CONTRACT.md").read_text(encoding="utf-8")
SECTIONS = {
    int(number): text
    for number, text in re.findall(r"^## (\d)\. [^\n]+\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.M)
}
FOLDERS = ("domain", "projections", "consumers", "tools")
CODE = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("**/*.py"))
CITED = re.compile(r"contract(?:\.md)?, sections? (\d)(?: and (\d))?", re.IGNORECASE)


def rows(section: int) -> list[list[str]]:
    """The cells of the tables of a section, headings and rules left out."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def cited(text: str) -> Iterator[int]:
    """The sections of the contract that a text cites."""
    for match in CITED.finditer(" ".join(text.split())):
        yield from (int(number) for number in match.groups() if number)


def test_the_page_has_its_nine_sections() -> None:
    assert sorted(SECTIONS) == [*range(1, 10)]


@pytest.mark.parametrize("rule", law.RULES, ids=lambda rule: rule.name)
def test_a_rule_that_cites_the_contract_cites_a_section_of_the_page(rule: law.Rule) -> None:
    for source in rule.source.split("; "):
        if "contract" in source.lower():
            page, section = source.split(", ")
            assert (ROOT / page).read_text(encoding="utf-8") == PAGE
            assert [int(section.removeprefix("section "))] == [*cited(source)]
            assert {*cited(source)} <= SECTIONS.keys()


def test_some_rules_cite_the_contract() -> None:
    assert {number for rule in law.RULES for number in cited(rule.source)} == {3, 5, 6}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_code_cites_sections_that_are_there(path: Path) -> None:
    assert {*cited(path.read_text(encoding="utf-8"))} <= SECTIONS.keys()


def test_every_kind_of_event_is_on_the_page_with_its_data() -> None:
    table = {row[0].strip("`"): row[1] for row in rows(2) if row[0].startswith("`dossier.")}
    assert table.keys() == KIND_OF.keys()
    for model in get_args(Event):
        fields = model.model_fields["data"].annotation.model_fields
        told = set(re.findall(r"`(\w+)`", table[type_of(model)]))
        assert fields.keys() <= told | {"official"}, type_of(model)


def test_every_attribute_of_an_event_is_on_the_page() -> None:
    attributes = {name for row in rows(2) for name in re.findall(r"`(\w+)`", row[0])}
    for model in get_args(Event):
        assert model.model_fields.keys() <= attributes


def test_every_named_window_is_the_one_on_the_page() -> None:
    for name, first, last in rows(1):
        window = named_window(re.findall(r"`(.*)`", name)[0])
        assert [f"{day:%d/%m/%Y}" for day in window] == [first, last]


def test_every_account_is_on_the_page() -> None:
    names = [name for row in rows(6) for name in re.findall(r"`([\w.]+)`", row[0])]
    assert names == list(accounts.ACCOUNTS)


def test_every_parameter_of_the_policy_is_on_the_page() -> None:
    for name in OF_THE_FOLD:
        assert f"`{name}`" in SECTIONS[5]
    for option in ("law", "law-as-of", "pin", "supplement-limit", "after-supplement", "reschedule"):
        assert f"--{option}" in SECTIONS[8]


def shape(document: Any) -> Any:
    """A document with its keys in order, and the types of its values."""
    if isinstance(document, dict):
        return [(key, shape(value)) for key, value in document.items()]
    if isinstance(document, list):
        return [shape(value) for value in document]
    return type(document)


def test_a_statement_has_the_form_that_the_page_shows() -> None:
    [shown] = re.findall(r"```json\n(.*?)```", SECTIONS[7], re.DOTALL)
    window = (date(2022, 12, 15), date(2023, 3, 14))
    ledger = replay(log_of([received("2023-03-01", 5)]), Office(LOCAL, VIETNAM, Policy()))
    document = statement(ledger, Window(*window), ["channel"])
    assert shape(json.loads(shown)) == shape(document)
    assert json.loads(shown)["law"] == document["law"] | {"edition": "…"}
    assert document["calendar"] == {"version": VIETNAM.version}


def test_an_archive_has_the_columns_of_the_page() -> None:
    for names, kinds, _ in rows(9):
        columns = re.findall(r"`(\w+)`", names)
        types = re.findall(r"timestamp\[us, UTC\]|\w+", kinds)
        for place, column in enumerate(columns):
            expected = types[place] if len(types) == len(columns) else types[0]
            assert plain(ARCHIVED.field(column).type) == expected, column


def plain(kind: pa.DataType) -> str:
    """What a type of Arrow is called; a dictionary goes by the type of its texts."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return str(kind).replace("tz=", "").partition("[day]")[0]


def test_every_command_is_on_the_page() -> None:
    table = {row[0].split()[1].strip("`") for row in rows(8)}
    assert table == typer.main.get_command(app).commands.keys()  # type: ignore[attr-defined]

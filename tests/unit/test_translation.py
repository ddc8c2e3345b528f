"""The Vietnamese catalogue: has it every text of help and every message, and nothing else?

A text that is missing is told as the entry that it needs in ``hoso.po``.
"""

import ast
import os
import re
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from errno import errorcode
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from babel.messages.pofile import read_po
from pydantic import ValidationError
from pydantic_core import PydanticKnownError

from hoso.domain.events import EVENT, describe_fault
from hoso.tools.cli import app
from hoso.tools.commands.parser import METAVAR, paragraphs
from hoso.tools.runtime import translation
from hoso.tools.runtime.translation import CATALOGUE, PLACE, Catalogue, catalogue, read

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "projections", "consumers", "tools")
CALLED = re.compile(r"say|[A-Z]\w*(Error|Unavailable)")  # what makes a message
# A message of these alone consists of names.
NO_WORDS = re.compile(r"--engine spark|--[a-z-]+|\{\d+(:,)?\}|hoso: |\.key")
# What typer puts together of parts; tests/e2e/test_languages.py makes each of them appear.
PUT_TOGETHER = {
    "Missing argument '{0}'.",
    "Invalid value for '{0}': {1}",
    "Missing option {0}.",
    "Option {0} requires an argument.",
    "Option {0} requires {1} arguments.",
    "{0} (Possible options: {1})",
}
SEEN_BY_NOBODY = {"no command needs pandas"}  # an import that is refused within a library
TERMS = [  # of the glossary; how English texts have them; the Vietnamese word
    ("dossier", "dossiers?", "hồ sơ"),
    ("event", "events?", "sự kiện"),
    ("window", "windows?", "khoảng thời gian"),
    ("agency", "agency|agencies", "cơ quan"),
    ("registry of agencies", "registry", "danh mục cơ quan"),
    ("log", "log", "nhật ký"),
    ("store", "store", "kho dữ liệu"),
    ("archive", "archives?", "kho lưu trữ"),
    ("cache", "caches?|cached", "bộ nhớ đệm"),
    ("reject", "rejects", "bị loại"),
    ("slice", "slices?", "nhóm số liệu"),
    ("successor", "successors?", "kế thừa"),
]
PYDANTIC: Mapping[str, dict[str, Any]] = {
    "missing": {},
    "extra_forbidden": {},
    "literal_error": {"expected": ""},
    "int_type": {},
    "int_parsing": {},
    "string_type": {},
    "greater_than_equal": {"ge": 0},
    "less_than_equal": {"le": 0},
    "value_error": {"error": ""},
}


def template(node: ast.expr) -> str | None:
    """The text of a literal as the catalogue has it: values numbered, ``:,`` for numbers. Values
    that stand side by side are one."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif isinstance(part, ast.FormattedValue) and not text.endswith("}"):
            is_number = part.format_spec is not None and "," in ast.unparse(part.format_spec)
            text += f"{{{len(PLACE.findall(text))}{':,' if is_number else ''}}}"
    return text


def trees(folder: Path) -> Iterator[ast.Module]:
    return (ast.parse(file.read_text(encoding="utf-8")) for file in folder.rglob("*.py"))


@cache
def program() -> list[ast.Module]:
    return [tree for layer in LAYERS for tree in trees(ROOT / layer)]


def numbered(text: str) -> str:
    """A template with the values that ``str.format`` names as the catalogue numbers them."""
    count = iter(range(100))
    return re.sub(r"\{\w*(![rs])?\}", lambda _: f"{{{next(count)}}}", text)


def literals(modules: list[ast.Module]) -> set[str]:
    """All texts of some modules; also as one that is appended to another."""
    found = {
        text
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.expr) and (text := template(node))
    }
    found |= {numbered(text) for text in found}
    return found | {template_behind(text) for text in found}


def template_behind(text: str) -> str:
    """A template behind another text: ``; and {0} more`` as ``{0}; and {1} more``."""
    return "{0}" + PLACE.sub(lambda place: f"{{{int(place[1]) + 1}{place[2] or ''}}}", text)


def messages() -> Iterator[str]:
    """What ``say`` says and errors tell, as far as it has words."""
    for module in program():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if not CALLED.fullmatch(name):
                continue
            text = template(node.args[0]) or ""
            if re.search("[a-z]{2}", NO_WORDS.sub("", text)):
                yield text.removeprefix("hoso: ")


def help_texts(command: Any, path: str = "hoso") -> Iterator[str]:
    """All that the help of a command and of those under it consists of."""
    ctx = typer.Context(command, info_name=path)
    yield from paragraphs(command.help)
    yield from paragraphs(command.epilog)
    yield from METAVAR.findall(" ".join(command.collect_usage_pieces(ctx)))
    if isinstance(command.rich_help_panel, str):
        yield command.rich_help_panel
    for parameter in command.get_params(ctx):
        if not parameter.hidden:
            assert parameter.help, (path, parameter.opts)
            yield parameter.help
            yield from METAVAR.findall(parameter.get_help_record(ctx)[0])
            yield getattr(parameter, "rich_help_panel", None) or "Options"
            yield "Arguments" if parameter.param_type_name == "argument" else "Options"
    for name, below in getattr(command, "commands", {}).items():
        yield from help_texts(below, f"{path} {name}")


def of_libraries() -> set[str]:
    """The texts of typer, of pydantic and of the operating system."""
    typers = literals([*trees(Path(typer.__file__).parent)])
    texts = {PydanticKnownError(kind, ctx).message_template for kind, ctx in PYDANTIC.items()}  # type: ignore[arg-type]
    return (
        typers
        | PUT_TOGETHER
        | {numbered(text) for text in texts}
        | {os.strerror(n) for n in errorcode}
        | {"Input should be an object"}  # what pydantic makes of another text, of JSON
    )


def entries(missing: set[str]) -> str:
    """What is missing, to be pasted into hoso.po."""
    return "".join(f'\nmsgid {_quoted(text)}\nmsgstr ""\n' for text in sorted(missing))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


NAMES_ONLY = {"URL", "URI"}  # the same in both languages
HELP = {*help_texts(typer.main.get_command(app)), "Usage: ", "Commands"} - NAMES_ONLY


def test_every_text_of_help_is_in_vietnamese() -> None:
    assert len(HELP) > 150
    missing = HELP - catalogue().texts.keys()
    assert not missing, f"hoso.po needs: {entries(missing)}"


def test_every_message_is_in_vietnamese() -> None:
    found = {*messages()} - SEEN_BY_NOBODY
    assert len(found) > 100
    missing = found - catalogue().texts.keys()
    assert not missing, f"hoso.po needs: {entries(missing)}"


def test_no_entry_is_of_a_text_that_is_gone() -> None:
    known = HELP | literals(program()) | of_libraries()
    known |= {line for text in known for line in text.splitlines()}
    known |= {text.removeprefix("hoso: ") for text in known}
    gone = {text for text in catalogue().texts if text not in known}
    assert not gone, f"hoso.po has what hoso does not say: {entries(gone)}"


@pytest.mark.parametrize("english", catalogue().texts)
def test_a_translation_has_the_values_of_the_original(english: str) -> None:
    vietnamese = catalogue().texts[english]
    values = PLACE.findall(english)
    assert sorted(PLACE.findall(vietnamese)) == values
    assert [int(number) for number, _ in values] == [*range(len(values))]
    assert not re.search(r"\}\{\d", english), "values side by side cannot be told apart"
    options = re.compile(r"--[a-z][a-z-]*|\$[A-Z]+|(?<!\w)\.[a-z]{3,7}\b")
    assert {*options.findall(vietnamese)} == {*options.findall(english)}


def plain(english: str) -> str:
    """A text without names of options, files, commands and values, which stay as they are."""
    names = r"--[a-z-]+|hoso \w+( \w+)?|`[^`]*`|\S*[_/.:,]\S+|\b[A-Z]{3,}\b|an archive \((7z|RAR)\)"
    return re.sub(names, " ", english).lower()


@pytest.mark.parametrize(("term", "english", "vietnamese"), TERMS)
def test_a_term_has_the_word_of_the_glossary(term: str, english: str, vietnamese: str) -> None:
    glossary = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| {term} \| [^|]*{vietnamese}", glossary, re.M)
    word = re.compile(rf"(?<![\w-]){english}(?![\w-])")
    found = {text: told for text, told in catalogue().texts.items() if word.search(plain(text))}
    assert found
    assert [told for text, told in found.items() if vietnamese not in told.lower()] == []


def test_a_text_is_translated_once() -> None:
    texts = re.findall(r"^msgid (.*(?:\n\".*)*)", CATALOGUE.read_text(encoding="utf-8"), re.M)
    assert len(texts) == len({*texts})


def test_the_catalogue_is_read_as_babel_reads_it() -> None:
    with CATALOGUE.open("rb") as file:
        theirs = {message.id: message.string for message in read_po(file) if message.id}
    assert catalogue().texts == theirs


def test_entries_may_have_several_lines_and_escaped_characters() -> None:
    po = 'msgid ""\n"a \\"b\\"\\n"\n"\\\\c"\nmsgstr "d"\n\nmsgid "untold"\nmsgstr ""\n'
    assert read(po) == {'a "b"\n\\c': "d"}


def told(line: str, **vietnamese: str) -> str:
    """A line by a catalogue of its own."""
    made = {english.replace("_", " "): text for english, text in vietnamese.items()}
    patterns = [translation._pattern(*entry) for entry in made.items() if PLACE.search(entry[0])]
    return Catalogue(made, patterns).vietnamese(line)


def test_values_are_translated_and_put_where_the_vietnamese_has_them() -> None:
    assert told("no dog at home", **{"no {0} at {1}": "ở {1} không có {0}", "home": "nhà"}) == (
        "ở nhà không có dog"
    )


def test_a_number_is_written_in_the_vietnamese_way() -> None:
    entry = {"{0}: {1:,} events": "{0}: {1:,} sự kiện"}
    assert told("a.db: 12,622 events", **entry) == "a.db: 12.622 sự kiện"
    assert told("a.db: many events", **entry) == "a.db: many events"


def test_the_most_particular_entry_is_taken() -> None:
    lengths = [sum(map(len, pattern.pieces)) for pattern in catalogue().patterns]
    assert lengths == sorted(lengths, reverse=True)


def test_a_line_without_an_entry_stays() -> None:
    assert catalogue().vietnamese("qwerty asdfgh") == "qwerty asdfgh"


def test_a_line_of_nothing_but_colons_is_soon_done() -> None:
    line = "a: " * 100_000
    assert catalogue().vietnamese(line) == line


@pytest.mark.parametrize(
    ("words", "variables", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "vi_VN.UTF-8"}, "vi"),
        ([], {"LANG": "vi_VN", "LC_MESSAGES": "en_US"}, "en"),
        ([], {"LANG": "en_US", "LC_MESSAGES": "vi"}, "vi"),
        ([], {"LC_ALL": "C", "LC_MESSAGES": "vi", "LANG": "vi"}, "en"),
        ([], {"LC_ALL": "", "LANG": "vi_VN.UTF-8"}, "vi"),
        (["status", "--lang", "vi"], {"LANG": "C"}, "vi"),
        (["status", "--lang=en"], {"LANG": "vi_VN"}, "en"),
        (["status", "--lang"], {"LANG": "vi_VN"}, "vi"),
        (["explain", "vi"], {}, "en"),
        (["status", "--lang", "fr"], {"LANG": "vi_VN"}, "vi"),
    ],
)
def test_the_language_is_that_of_the_option_or_of_the_locale(
    words: list[str],
    variables: dict[str, str],
    language: str,
) -> None:
    def options() -> str:
        translation.choose(words, variables)
        return translation.translated("Options")

    assert copy_context().run(options) == {"vi": "Tùy chọn", "en": "Options"}[language]


@pytest.mark.parametrize("sent", ["[]", '{"type": "dossier.synced.v1", "who": 1}'])
def test_what_is_wrong_with_an_event_is_said_in_vietnamese_throughout(sent: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EVENT.validate_json(sent)
    told = catalogue().vietnamese(describe_fault(refused.value))
    assert not {"Input", "inputs", "object"} & {*told.split()}

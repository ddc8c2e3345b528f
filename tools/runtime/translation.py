"""Translates what hoso says to people: help, messages of commands, what is wrong with input.

The program speaks English. ``locale/vi/LC_MESSAGES/hoso.po`` has the Vietnamese of its texts, in
the format of gettext. A message holds names, days and numbers, so its entry is a pattern:
``{0}: {1:,} events recorded``. ``translated`` finds the entry that fits a finished line, translates
the values in it the same way, and puts them into the Vietnamese. A line without an entry stays
English.

So a message is written once, in English, where it arises; layers below know no language. ``say``
and the printing of help translate. Tables and papers have both languages of their own
(``Bilingual``), and ``--lang`` chooses there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

Language = Literal["vi", "en"]

CATALOGUE: Final = Path(__file__).parent / "locale" / "vi" / "LC_MESSAGES" / "hoso.po"
OPTION: Final = "--lang"
PROGRAM: Final = "hoso: "
VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first one that is set decides
ENTRY: Final = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n)+)', re.MULTILINE)
ESCAPED: Final = re.compile(r"\\(.)")
PLACE: Final = re.compile(r"\{(\d+)(:,)?\}")  # of a value; with :, of a number
NUMBER: Final = re.compile(r"[\d,]+")
VIETNAMESE_NUMBER: Final = str.maketrans(",", ".")
DEEPEST: Final = 8  # values within values

LANGUAGE: Final = ContextVar[Language]("LANGUAGE", default="en")


class Pattern(NamedTuple):
    """A message with values: what stands before, between and behind them, which of them are
    numbers, and its Vietnamese."""

    pieces: tuple[str, ...]
    are_numbers: tuple[bool, ...]
    vietnamese: str

    def values(self, line: str) -> list[str] | None:
        """The values of a line; None for a line that does not fit."""
        first, *between, last = self.pieces
        at, end = len(first), len(line) - len(last)
        if at > end or not line.startswith(first) or not line.endswith(last):
            return None
        found = []
        for piece in between:
            next_at = line.find(piece, at, end)
            if next_at < 0:
                return None
            found.append(line[at:next_at])
            at = next_at + len(piece)
        found.append(line[at:end])
        fits = (
            NUMBER.fullmatch(value) or not is_number
            for value, is_number in zip(found, self.are_numbers, strict=True)
        )
        return found if all(fits) else None

    def filled(self, values: Sequence[str]) -> str:
        """The Vietnamese with some values."""
        return PLACE.sub(lambda place: values[int(place[1])], self.vietnamese)


class Catalogue(NamedTuple):
    """The Vietnamese texts by the English ones, and the patterns, the most particular first."""

    texts: Mapping[str, str]
    patterns: Sequence[Pattern]

    def vietnamese(self, line: str, depth: int = 0) -> str:
        """A text in Vietnamese; as it is where the catalogue has no entry for it."""
        if line in self.texts or depth == DEEPEST:
            return self.texts.get(line, line)
        for pattern in self.patterns:
            if (values := pattern.values(line)) is not None:
                kinds = zip(values, pattern.are_numbers, strict=True)
                return pattern.filled(
                    [
                        value.translate(VIETNAMESE_NUMBER)
                        if is_number
                        else self.vietnamese(value, depth + 1)
                        for value, is_number in kinds
                    ]
                )
        return line


def choose(words: Sequence[str], variables: Mapping[str, str]) -> None:
    """Choose the language of this process: as ``--lang`` says among the words of a command line;
    without it, Vietnamese where the locale is Vietnamese, and English elsewhere."""
    locale = next((value for name in VARIABLES if (value := variables.get(name))), "")
    LANGUAGE.set(_asked(words) or ("vi" if locale.lower().startswith("vi") else "en"))


def translated(text: str) -> str:
    """A text in the language of this process. The name of the program before it stays."""
    if LANGUAGE.get() == "en":
        return text
    name = PROGRAM if text.startswith(PROGRAM) else ""
    return name + catalogue().vietnamese(text.removeprefix(PROGRAM))


@cache
def catalogue() -> Catalogue:
    """The Vietnamese catalogue. It is read at the first text."""
    entries = read(CATALOGUE.read_text(encoding="utf-8"))
    patterns = [_pattern(*entry) for entry in entries.items() if PLACE.search(entry[0])]
    patterns.sort(key=lambda pattern: -sum(map(len, pattern.pieces)))
    return Catalogue(entries, patterns)


def read(po: str) -> dict[str, str]:
    """The entries of a file of gettext that are translated: Vietnamese texts by English ones."""
    found = ((_text(english), _text(vietnamese)) for english, vietnamese in ENTRY.findall(po))
    return {english: vietnamese for english, vietnamese in found if english and vietnamese}


def _text(quoted: str) -> str:
    """The text of some quoted lines."""
    whole = "".join(line[1:-1] for line in quoted.splitlines())
    return ESCAPED.sub(lambda escaped: "\n" if escaped[1] == "n" else escaped[1], whole)


def _pattern(english: str, vietnamese: str) -> Pattern:
    parts = PLACE.split(english)  # a piece, the number of a value, its form; a piece …
    return Pattern(tuple(parts[::3]), tuple(form is not None for form in parts[2::3]), vietnamese)


def _asked(words: Iterable[str]) -> Language | None:
    """The language that a command line asks for; None without a word of it."""
    before = ""
    for word in words:
        value = word if before == OPTION else word.removeprefix(f"{OPTION}=")
        if (before == OPTION or value != word) and value in ("vi", "en"):
            return "vi" if value == "vi" else "en"
        before = word
    return None

"""The fields in the sentences of letters: which there are, and how a sentence is split into them.

A field stands in braces, ``{KIND:NAME}``; without a kind it is a figure, ``{TABLE/ROW/COLUMN}``.
What stands in double brackets, ``[[…]]``, is left out where one of its figures does not exist or
has no data.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hoso.projections.documents.vocabulary import SHARES, TERMS

OPTIONAL: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
BRACES: Final = re.compile(r"\{([^{}]*)\}")
FIGURE: Final = "figure"
KINDS: Final[Mapping[str, str]] = {
    FIGURE: "a value of a table: TABLE/ROW/COLUMN",
    "of": "what a percentage is a share of: TABLE/ROW/COLUMN",
    "change": "a difference as a rise or a fall: TABLE/ROW/COLUMN",
    "term": "a term of the vocabulary",
    "share": "the name of a share of the vocabulary",
    "title": "the title of a table",
    "heading": "the heading of a column: TABLE/COLUMN",
    "blank": "a marked blank, with what a person writes there",
    "period": "the days of the window",
    "rounding": "how percentages are rounded",
    "body": "the body that issues the letter",
    "addressee": "to whom the letter goes",
}
NAMELESS: Final = ("period", "rounding", "body", "addressee")
STEPS: Final[Mapping[str, int]] = {FIGURE: 3, "of": 3, "change": 3, "heading": 2}


class Field(NamedTuple):
    """A field: its kind (KINDS), and the name of what it stands for."""

    kind: str
    name: str


class Piece(NamedTuple):
    """A part of a sentence that is printed as a whole, or left out if it is ``optional``."""

    optional: bool
    items: tuple[str | Field, ...]


def pieces(text: str) -> Iterator[Piece]:
    """A sentence in one language, split into its parts, and these into texts and fields."""
    for number, part in enumerate(OPTIONAL.split(text)):
        if part:
            yield Piece(number % 2 == 1, tuple(_items(part)))


def _items(text: str) -> Iterator[str | Field]:
    for number, item in enumerate(BRACES.split(text)):
        if number % 2:
            kind, colon, name = item.partition(":")
            nameless = not colon and kind in NAMELESS
            yield Field(kind, name) if colon or nameless else Field(FIGURE, item)
        elif item:
            yield item


def fault(text: str) -> str | None:
    """What is wrong with the fields of a sentence, and how to mend it; None if nothing is."""
    for piece in pieces(text):
        for item in piece.items:
            if isinstance(item, Field):
                if wrong := _fault(item):
                    return wrong
            elif odd := re.search(r"\{|\}|\[\[|\]\]", item):
                return f"{odd[0]} is left alone: close each {{field}} and each [[part]]"
    return None


def _fault(field: Field) -> str | None:
    kind, name = field
    known = {"term": TERMS, "share": SHARES}.get(kind)
    if kind not in KINDS:
        return f"no kind of field {kind[:40]!r}: use {', '.join(KINDS)}"
    if known is not None and name not in known:
        return f"no {kind} {name[:40]!r}: docs/REPORTS.md, Words, lists them"
    if len(name.split("/")) < STEPS.get(kind, 1):
        return f"{{{name[:60]}}} names no {kind}: {KINDS[kind]}"
    return None

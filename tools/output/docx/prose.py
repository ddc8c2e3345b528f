"""The sentences of a letter: each field becomes what it stands for in the document.

A figure of a sentence is read from a cell of the document and written as tables write it. So the
sentences and the annexes have the same numbers.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.documents.letters import KINDS, Field, Piece, pieces
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Document,
    Language,
    Percentage,
    Sentence,
    Table,
    Value,
    Values,
    as_number,
)
from hoso.projections.documents.vocabulary import SHARES, words
from hoso.tools.output import wording

WHOLE: Final = "whole"  # the key of the row that adds up the others
UNKNOWN: Final = Bilingual("(chưa có số liệu)", "(no data)")
RISE: Final = Bilingual("tăng", "up")
FALL: Final = Bilingual("giảm", "down")
SAME: Final = Bilingual("không thay đổi,", "unchanged,")
BODY: Final = Bilingual("tên cơ quan", "the issuing body")
ADDRESSEE: Final = Bilingual("nơi nhận báo cáo", "the addressee")


class Run(NamedTuple):
    """A piece of text. A ``blank`` is marked, for a person to write there."""

    text: str
    blank: bool = False


class NoData(Exception):
    """A figure has no data."""


class Prose:
    """Tells sentences of a document in a language."""

    def __init__(self, document: Document, language: Language) -> None:
        self._document = document
        self._language: Language = language
        self._tables = {table.key: table for table in document.tables()}
        self._values = {key: Values(t, document.rounding) for key, t in self._tables.items()}

    def told(self, sentence: Sentence) -> Iterator[list[Run]]:
        """The sentence, once for each table or row that it is about; empty ones are left out.

        Raises ``UserError`` for a figure that the document does not have.
        """
        for here in self._each(sentence.each) if sentence.each else [""]:
            runs = self.in_text(sentence.text, here)
            if any(run.text.strip() for run in runs):
                yield runs

    def in_text(self, text: Bilingual, here: str = "") -> list[Run]:
        """The runs of a text with fields, of which ``here`` is what ``*`` stands for."""
        each = pieces(text.to(self._language))
        return [run for piece in each for run in self._piece(piece, here)]

    def _each(self, pattern: str) -> Iterator[str]:
        """What ``*`` is in each table, or row, that a pattern names."""
        table, slash, rows = pattern.partition("/")
        if not slash:
            yield from _matches(table, self._tables)
        elif table in self._tables:
            keys = [row.key for row in self._tables[table].rows if row.style != "total"]
            yield from _matches(rows, (key for key in keys if key != WHOLE))

    def _piece(self, piece: Piece, here: str) -> list[Run]:
        try:
            return [self._run(item, here, piece.optional) for item in piece.items]
        except NoData:
            return []

    def _run(self, item: str | Field, here: str, optional: bool) -> Run:
        if isinstance(item, str):
            return Run(item)
        name = item.name.replace("*", here)
        try:
            return self._field(item.kind, name)
        except KeyError:
            if optional:
                raise NoData from None
            raise UserError(
                f"letter of {self._document.name}: no {item.kind} {name[:80]!r}, "
                f"{KINDS[item.kind]}: --out FILE.json shows what the report has"
            ) from None
        except NoData:
            if optional:
                raise
            return Run(UNKNOWN.to(self._language))

    def _field(self, kind: str, name: str) -> Run:
        language, head = self._language, self._document.letterhead
        match kind:
            case "figure":
                return Run(self._figure(name))
            case "of":
                return Run(self._whole(name))
            case "change":
                return Run(self._change(name))
            case "term":
                return Run(words(name).to(language))
            case "share":
                return Run(_capital(SHARES[name].name.to(language)))
            case "title":
                return Run(self._tables[name].title.to(language))
            case "heading":
                return Run(self._heading(name))
            case "period":
                return Run(self._period())
            case "rounding":
                return Run(wording.rounded(self._document.rounding, language))
            case "body":
                return Run(head.body) if head else Run(BODY.to(language), blank=True)
            case "addressee":
                given = head and head.addressee
                return Run(given) if given else Run(ADDRESSEE.to(language), blank=True)
        return Run(name, blank=True)

    def _period(self) -> str:
        window, until = self._document.window, self._document.until
        return _small(wording.period(window, self._language, until))

    def _figure(self, path: str) -> str:
        table, column, cell, value = self._cell(path)
        if value is None:
            raise NoData
        text = wording.cell(cell, value, self._language)
        kinds = {each.key: each.kind for each in table.columns}
        percent = isinstance(cell, Percentage) or kinds[column] == "percent"
        return f"{text}%" if percent else text

    def _whole(self, path: str) -> str:
        _, _, cell, _ = self._cell(path)
        if not isinstance(cell, Percentage):
            raise KeyError(path)
        return _small(cell.of.to(self._language))

    def _change(self, path: str) -> str:
        *_, value = self._cell(path)
        number = as_number(value)
        if number is None:
            raise NoData
        way = (RISE if number > 0 else FALL if number < 0 else SAME).to(self._language)
        return f"{way} {wording.numeral(max(number, -number), self._language)}"

    def _heading(self, path: str) -> str:
        key, _, column = path.partition("/")
        headings = {each.key: each.headings for each in self._tables[key].columns}
        return headings[column][-1].to(self._language)

    def _cell(self, path: str) -> tuple[Table, str, Cell, Value]:
        """The table, the column, the cell and its value that TABLE/ROW/COLUMN names."""
        key, _, rest = path.partition("/")
        row, _, column = rest.rpartition("/")
        values = self._values[key]
        cell = values.cell(row, column)
        return self._tables[key], column, cell, values.of(row, column, cell)


def _matches(pattern: str, keys: Iterable[str]) -> Iterator[str]:
    """What ``*`` stands for in each key that a pattern names."""
    before, _, after = pattern.partition("*")
    for key in keys:
        if key.startswith(before) and key.endswith(after):
            yield key.removeprefix(before).removesuffix(after)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

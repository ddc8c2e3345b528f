"""Papers: a document is printed on a terminal, or into a file of the kind that its ending names."""

import sys
from enum import StrEnum
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from hoso.domain.errors import UserError
from hoso.tools.output import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hoso.projections.documents.model import Document, Language, Table


class Paper(StrEnum):
    """What a document can be printed on."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    docx = "docx"
    arrow = "arrow"


class Printer(Protocol):
    """How a module prints a document on its paper."""

    def __call__(self, document: "Document", language: "Language") -> "Iterator[bytes]":
        """The document as a file has it, piece by piece."""


class Target(NamedTuple):
    """The paper of a document, and the file it goes to: ``-`` is standard output."""

    paper: Paper
    file: str


SCREEN: Final = Target(Paper.table, files.STANDARD_OUTPUT)
# paper: (the ending of its files, the module that prints it, which is loaded when it is needed).
PAPERS: Final = {
    Paper.table: (".txt", "hoso.tools.output.terminal"),
    Paper.json: (".json", "hoso.tools.output.json"),
    Paper.csv: (".csv", "hoso.tools.output.csv"),
    Paper.xlsx: (".xlsx", "hoso.tools.output.xlsx.workbook"),
    Paper.html: (".html", "hoso.tools.output.html.page"),
    Paper.docx: (".docx", "hoso.tools.output.docx.letter"),
    Paper.arrow: (".arrow", "hoso.tools.output.arrow"),
}
# The most rows of one table. A worksheet has 1,048,576, of which headings and notes take some; a
# browser is slow with more than so many.
MOST_ROWS: Final = {Paper.xlsx: 1_048_500, Paper.html: 20_000}
BINARY: Final = (Paper.xlsx, Paper.docx, Paper.arrow)


def target(out: str | None, paper: Paper | None, *, beside: tuple[str, ...] = ()) -> Target:
    """The target that ``--out`` and ``--format`` name: by default a table on standard output.

    ``beside`` are the endings that the command takes itself: a refusal lists them, too.

    Raises ``UserError`` for an ending that no paper has, and for a spreadsheet or a letter on a
    terminal.
    """
    file = files.STANDARD_OUTPUT if out is None else out
    chosen = paper or paper_for(file, beside=beside)
    if chosen in BINARY and file == files.STANDARD_OUTPUT and sys.stdout.isatty():
        raise UserError(f"--out: is no text for a terminal; name a file: --out FILE.{chosen}")
    return Target(chosen, file)


def paper_for(file: str, *, beside: tuple[str, ...] = ()) -> Paper:
    """The paper that the ending of a file names; a table for standard output.

    Raises ``UserError`` for an ending that no paper has.
    """
    if file == files.STANDARD_OUTPUT:
        return Paper.table
    papers = {ending: paper for paper, (ending, _) in PAPERS.items()}
    ending = PurePath(file).suffix.lower()
    if ending not in papers:
        raise UserError(
            f"{file}: no paper has the ending {ending!r}: use {', '.join((*papers, *beside))}"
        )
    return papers[ending]


def check_rows(table: "Table", paper: Paper) -> None:
    """Raise ``UserError``, before a row is made, where a paper does not hold so many."""
    if (rows := len(table.rows)) > MOST_ROWS[paper]:
        raise UserError(
            f"--format {paper}: holds {MOST_ROWS[paper]:,} rows of a table, and this one has "
            f"{rows:,} rows × {len(table.columns)} columns: use --format csv, or ask for less "
            "(fewer windows, fewer dimensions of --by)"
        )


def printed(document: "Document", language: "Language", paper: Paper) -> bytes:
    """A document on a paper, as a file has it. Equal documents give equal bytes.

    Raises ``UserError`` for a document that is too large for the paper.
    """
    return b"".join(_pieces(document, language, paper))


def _pieces(document: "Document", language: "Language", paper: Paper) -> "Iterator[bytes]":
    """The bytes of ``printed``, piece by piece."""
    _, module = PAPERS[paper]
    printer: Printer = import_module(module).printed
    return printer(document, language)


def put(document: "Document", language: "Language", paper: Paper, out: str) -> None:
    """Print a document on a paper into a file, or on standard output for ``-``.

    Raises ``UserError``, and leaves no file behind, where that is not possible.
    """
    if (paper, out) == SCREEN:
        from hoso.tools.output import terminal

        terminal.show(document, language)
    else:
        with files.whole(out) as file:
            file.writelines(_pieces(document, language, paper))

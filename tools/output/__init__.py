"""On which paper does a report go? A terminal's, or a file's by its ending."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from hoso.domain.errors import UserError
from hoso.tools.output import files

if TYPE_CHECKING:
    from hoso.projections.documents.model import Document, Language

Writer = Callable[["Document", "Language"], bytes]


class Paper(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"


# paper: (the ending of its files, the module that writes it, loaded once it is needed).
PAPERS: Final = {
    Paper.table: (".txt", "hoso.tools.output.terminal"),
    Paper.json: (".json", "hoso.tools.output.json"),
    Paper.csv: (".csv", "hoso.tools.output.csv"),
    Paper.xlsx: (".xlsx", "hoso.tools.output.xlsx.workbook"),
    Paper.html: (".html", "hoso.tools.output.html.page"),
}


def paper_for(file: str) -> Paper:
    """The paper that a file's name asks for: a terminal's for standard output.

    Raises ``UserError`` for an ending that no paper has.
    """
    if file == files.STANDARD_OUTPUT:
        return Paper.table
    papers = {ending: paper for paper, (ending, _) in PAPERS.items()}
    ending = PurePath(file).suffix.lower()
    if ending not in papers:
        raise UserError(f"{file}: no paper has the ending {ending!r}: use {', '.join(papers)}")
    return papers[ending]


def printed(report: "Document", language: "Language", paper: Paper) -> bytes:
    """A report on a paper, as a file has it: the same bytes for the same report."""
    _, module = PAPERS[paper]
    writer: Writer = import_module(module).printed
    return writer(report, language)


def put(report: "Document", language: "Language", paper: Paper, out: str) -> None:
    """Print a report on a paper into a file, or on standard output for ``-``.

    Raises ``UserError``, with no file left behind, where it cannot be written.
    """
    if paper is Paper.table and out == files.STANDARD_OUTPUT:
        from hoso.tools.output import terminal

        terminal.show(report, language)
    else:
        files.write(out, [printed(report, language, paper)])

"""All reports of a period in a folder: each on every paper, and a page that lists them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual, Document, Language
from hoso.tools.output import PAPERS, Paper, printed, wording
from hoso.tools.output.files import write
from hoso.tools.output.html.page import PAGES
from hoso.tools.runtime.workers import process_map

FILED: Final = (Paper.html, Paper.xlsx, Paper.csv, Paper.json)
INDEX: Final = "index.html"
TITLE: Final = Bilingual("Các báo cáo của kỳ", "The reports of the period")


class Printed(NamedTuple):
    """A report on a paper: the name of its file, and the bytes in it."""

    name: str
    content: bytes


def put_all(reports: Iterable[Document], language: Language, folder: str) -> Iterator[str]:
    """Print reports into a folder, on every paper but a terminal's, and then the page listing them.

    Yields the name of each file when it is written. One report is printed while the next is made.
    Raises ``UserError`` where a file cannot be written.
    """
    place = make_folder(folder)
    printed_so_far: list[Document] = []
    noted = _noting(reports, printed_so_far)
    with process_map(partial(_on_every_paper, language=language), noted) as printings:
        for name, content in chain.from_iterable(printings):
            yield _put(place / name, content)
    yield _put(place / INDEX, _contents(printed_so_far, language))


def _noting(reports: Iterable[Document], documents: list[Document]) -> Iterator[Document]:
    """The reports; each is added to ``documents``."""
    for report in reports:
        documents.append(report)
        yield report


def make_folder(name: str) -> Path:
    """A folder, made where it does not exist. Raises ``UserError`` where that is not possible."""
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{name}: {error.strerror}") from None
    return Path(name)


def _on_every_paper(report: Document, language: Language) -> list[Printed]:
    return [Printed(_name(report, each), printed(report, language, each)) for each in FILED]


def _name(report: Document, paper: Paper) -> str:
    return f"{report.name}{PAPERS[paper][0]}"


def _put(file: Path, content: bytes) -> str:
    write(str(file), [content])
    return str(file)


def _contents(reports: Sequence[Document], language: Language) -> bytes:
    page = PAGES.get_template("index.html.jinja").render(
        language=language,
        title=TITLE.to(language),
        period=wording.period(reports[0].window, language),
        about=wording.about(reports[0], language),
        reports=[
            (
                report.title.to(language),
                _name(report, Paper.html),
                [(paper.upper(), _name(report, paper)) for paper in FILED if paper != Paper.html],
            )
            for report in reports
        ],
    )
    return page.encode()

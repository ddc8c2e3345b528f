"""All reports of a period in a folder: each on every paper, and a page that lists them.

Where there is a set of reports for each body, each has a folder of its own, and a page lists the
bodies.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual, Document, Language
from hoso.tools.output import PAPERS, Paper, printed, wording
from hoso.tools.output.files import write
from hoso.tools.output.html.page import PAGES
from hoso.tools.runtime.workers import process_map

FILED: Final = (Paper.html, Paper.docx, Paper.xlsx, Paper.csv, Paper.json)
INDEX: Final = "index.html"
TITLE: Final = Bilingual("Các báo cáo của kỳ", "The reports of the period")
BODIES: Final = Bilingual("Các báo cáo của kỳ, theo từng đơn vị", "The reports of each body")
IN_FILE_NAMES: Final = frozenset("._- ")  # besides letters and digits


class Set(NamedTuple):
    """The reports of a body, by its code and its name."""

    code: str
    name: str
    reports: Iterable[Document]


class Printed(NamedTuple):
    """A report on a paper: the name of its file, and the bytes in it."""

    name: str
    content: bytes


class Listed(NamedTuple):
    """What a page lists: a name, the file that it leads to, and other files by their kind."""

    name: str
    file: str
    others: Sequence[tuple[str, str]] = ()


def put_all(reports: Iterable[Document], language: Language, folder: str) -> Iterator[str]:
    """Print reports into a folder, on every paper but a terminal's, and then the page listing them.

    Yields the name of each file when it is written. One report is printed while the next is made.
    Raises ``UserError`` where a file cannot be written.
    """
    place, filed = make_folder(folder), dict[str, list[Document]]()
    yield from _put_papers(place, [Set("", "", reports)], language, filed)
    yield _put(place / INDEX, _contents(filed[""], language))


def zipped(reports: Iterable[Document], language: Language) -> bytes:
    """The same files as ``put_all`` writes, as one ZIP archive. Equal reports give equal bytes."""
    filed, whole = list[Document](), BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        for report in reports:
            filed.append(report._replace(parts=()))
            for name, content in _on_every_paper(("", report), language):
                archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
        archive.writestr(ZipInfo(INDEX), _contents(filed, language), ZIP_DEFLATED)
    return whole.getvalue()


def put_sets(sets: Iterable[Set], language: Language, folder: str) -> Iterator[str]:
    """Print the reports of each body into a folder of its own, and then the page listing them.

    Yields the name of the page of each body, and then of that of all. Raises ``UserError`` where a
    file cannot be written.
    """
    place, filed, bodies = make_folder(folder), dict[str, list[Document]](), dict[str, str]()
    named = _noting_names(sets, place, bodies)
    for _ in _put_papers(place, named, language, filed):
        pass  # a body has dozens of files
    for code, reports in filed.items():
        yield _put(place / file_name(code) / INDEX, _contents(reports, language))
    yield _put(place / INDEX, _bodies(bodies, filed, language))


def _noting_names(sets: Iterable[Set], place: Path, names: dict[str, str]) -> Iterator[Set]:
    """The sets; each has its folder, and its name in ``names``."""
    for each in sets:
        make_folder(str(place / file_name(each.code)))
        names[each.code] = each.name
        yield each


def _put_papers(
    place: Path, sets: Iterable[Set], language: Language, filed: dict[str, list[Document]]
) -> Iterator[str]:
    """Print reports on every paper; yields the name of each file.

    ``filed`` gets the reports by the codes of their sets, without their parts.
    """
    documents = _noting(sets, filed)
    with process_map(partial(_on_every_paper, language=language), documents) as printings:
        for name, content in chain.from_iterable(printings):
            yield _put(place / name, content)


def _noting(
    sets: Iterable[Set], filed: dict[str, list[Document]]
) -> Iterator[tuple[str, Document]]:
    for code, _, reports in sets:
        for report in reports:
            filed.setdefault(code, []).append(report._replace(parts=()))
            yield code, report


def make_folder(name: str) -> Path:
    """A folder, made where it does not exist. Raises ``UserError`` where that is not possible."""
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{name}: {error.strerror}") from None
    return Path(name)


def file_name(code: str) -> str:
    """A code as the name of a folder: other characters than letters, digits and IN_FILE_NAMES are
    written as their numbers, and so is a dot at the beginning."""
    return "".join(
        char
        if char.isalnum() or (char in IN_FILE_NAMES and (place or char != "."))
        else f"%{ord(char):02X}"
        for place, char in enumerate(code)
    )


def _on_every_paper(filed: tuple[str, Document], language: Language) -> list[Printed]:
    code, report = filed
    before = f"{file_name(code)}/" if code else ""
    return [
        Printed(before + _name(report, each), printed(report, language, each)) for each in FILED
    ]


def _name(report: Document, paper: Paper) -> str:
    return f"{report.name}{PAPERS[paper][0]}"


def _put(file: Path, content: bytes) -> str:
    write(str(file), [content])
    return str(file)


def _contents(reports: Sequence[Document], language: Language) -> bytes:
    """The page that lists the reports of a folder."""
    others = [paper for paper in FILED if paper != Paper.html]
    listed = [
        Listed(
            report.title.to(language),
            _name(report, Paper.html),
            [(paper.upper(), _name(report, paper)) for paper in others],
        )
        for report in reports
    ]
    about = wording.about(reports[0], language)
    return _page(TITLE.to(language), reports[0], about, listed, language)


def _bodies(names: dict[str, str], filed: dict[str, list[Document]], language: Language) -> bytes:
    """The page that lists the bodies, each with the page of its reports."""
    listed = [
        Listed(f"{names[code]} ({code})", f"{quote(file_name(code))}/{INDEX}") for code in filed
    ]
    first = next(iter(filed.values()))[0]
    about = wording.about(first, language)[1:]  # the first line names the body
    return _page(BODIES.to(language), first, about, listed, language)


def _page(
    title: str,
    report: Document,
    about: list[tuple[str, str]],
    listed: Sequence[Listed],
    language: Language,
) -> bytes:
    period = wording.period(report.window, language, report.until)
    page = PAGES.get_template("index.html.jinja").render(
        language=language, title=title, period=period, about=about, reports=listed
    )
    return page.encode()

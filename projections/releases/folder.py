"""Reads the folder of a release: what it says, and the figures in its papers.

release.json   what was released, from what, and the SHA-256 of every other file
*.html …       the papers; of several bodies, in a folder for each
inputs/        copies of the files that the report was made with
receipt/       the proof: checkpoints, proofs of inclusion and consistency, the dossiers behind
"""

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.projections.documents.figures import flat
from hoso.projections.releases.release import RELEASE_FILE, STATEMENT, Release
from hoso.projections.reports.basis.validation import first_fault

TOTAL: Final = "total"  # the row of a statement's total
CHUNK_BYTES: Final = 1 << 20

CellValue = int | Decimal | str | None


class CellPlace(NamedTuple):
    """The place of a cell in a report: the keys of its table, its row and its column."""

    table: str
    row: str
    column: str


Cells = Mapping[CellPlace, CellValue]


def read_release(folder: Path) -> Release:
    """What the ``release.json`` of a folder says.

    Raises ``UserError`` where the folder holds no release, or one that this version cannot read.
    """
    try:
        body = (folder / RELEASE_FILE).read_bytes()
    except FileNotFoundError:
        raise UserError(f"{folder}: holds no release; hoso release makes one") from None
    except OSError as error:
        raise UserError(f"{folder / RELEASE_FILE}: {error.strerror}") from None
    return parse_release(str(folder / RELEASE_FILE), body)


def parse_release(name: str, body: bytes) -> Release:
    """What the bytes of a ``release.json`` say. Raises ``UserError`` for what is none."""
    try:
        return Release.model_validate_json(body)
    except ValidationError as error:
        steps, fault = first_fault(error)
        where = f"{name}: {'.'.join(map(str, steps))}" if steps else name
        raise UserError(f"{where}: {fault}") from None


def released_cells(folder: Path) -> dict[str, Cells]:
    """The cells of each report of a release, by the report's name; of a report of one of several
    bodies, by the body's folder and the name (``000.00.01.H52/ii06a``).

    A number with decimals is a ``Decimal``, as it was rounded; "no data" is None. A statement has
    one table, ``statement``: its rows are its slices as ``slice_row`` writes them, and TOTAL; its
    columns are its figures (``resolved.early``).

    Raises ``UserError`` where a paper is missing or is none.
    """
    release = read_release(folder)
    names = sorted(name for name in release.papers if name.endswith(".json"))
    return {name.removesuffix(".json"): cells_of(folder / name) for name in names}


def cells_of(paper: Path) -> Cells:
    """The cells of a report on a JSON paper. Raises ``UserError`` where it is none."""
    return dict(_cells(paper))


def slice_row(named: Mapping[str, str | None]) -> str:
    """The row of a statement's slice: ``agency=H52.01,field=`` for a field that is not known."""
    return ",".join(f"{name}={value or ''}" for name, value in named.items())


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes. Raises ``OSError``."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _cells(paper: Path) -> Iterator[tuple[CellPlace, CellValue]]:
    try:
        document = loads(paper.read_bytes(), parse_float=Decimal)
        yield from _of_report(document) if "parts" in document else _of_statement(document)
    except OSError as error:
        raise UserError(f"{paper}: {error.strerror}") from None
    except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise UserError(f"{paper}: is no paper of a release: its cells cannot be read") from None


def _of_report(document: dict[str, Any]) -> Iterator[tuple[CellPlace, CellValue]]:
    for part in document["parts"]:
        for row in part.get("rows", ()):  # a chart has none
            for column, cell in row["cells"].items():
                yield CellPlace(part["table"], row["key"], column), cell["value"]


def _of_statement(statement: dict[str, Any]) -> Iterator[tuple[CellPlace, CellValue]]:
    named = ((slice_row(line["slice"]), line) for line in statement["lines"] if line["slice"])
    for row, line in (*named, (TOTAL, statement["total"])):
        for figure, number in flat(line).items():
            yield CellPlace(STATEMENT, row, figure), number

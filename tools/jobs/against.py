"""Sets reports and statements beside a release of them (``--against``)."""

from collections.abc import Iterator, Mapping, Sequence
from json import loads
from pathlib import Path
from typing import Any, Final, NamedTuple, Never

from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.documents.model import Document
from hoso.projections.documents.statement import Statement
from hoso.projections.releases import statement_against
from hoso.projections.releases.against import beside
from hoso.projections.releases.folder import (
    Cells,
    read_release,
    released_cells,
    sha256_of,
)
from hoso.projections.releases.release import STATEMENT, Release
from hoso.tools.jobs.release_papers import is_file
from hoso.tools.jobs.statement import Asked, limits_of
from hoso.tools.output.folder import Set, file_name

FOLDING: Final = "folding"


class Basis(NamedTuple):
    """What figures are made by besides the law: who has a dossier, how agencies are rolled up, the
    digest of the registry (None: there is none), the folding of forms (None: there are none)."""

    attribution: str
    roll_up: str
    registry: str | None
    folding: str | None = None


class Former(NamedTuple):
    """A release that reports are set beside: its folder, what it says, and its cells by report."""

    folder: Path
    release: Release
    cells: Mapping[str, Cells]

    @classmethod
    def read(
        cls,
        folder: Path,
        window: Window,
        only: Mapping[str, Sequence[str | None]],
        under: str | None,
        basis: Basis,
    ) -> "Former":
        """The release in a folder. Raises ``UserError`` where it is none, or one of another window,
        of other dossiers, or by another basis."""
        release = read_release(folder)
        if release.window != window:
            _refuse(folder, f"a release of {' to '.join(map(str, release.window))}")
        asked = {name: [*values] for name, values in only.items()}
        if ({name: [*values] for name, values in release.slices.items()}, release.under) != (
            asked,
            under,
        ):
            _refuse(folder, "a release of other dossiers: give the same --slice and --under")
        for fault in _other_basis(folder, release, basis):
            _refuse(folder, fault)
        return cls(folder, release, released_cells(folder))

    def beside(self, report: Document, body: str | None = None) -> Document:
        """A report beside the released one; of a body, with its code. A body that had no dossiers
        then had nothing counted. Raises ``UserError`` for a report that was not released."""
        name = report.name if body is None else f"{file_name(body)}/{report.name}"
        if name not in self.cells:
            is_of_each = body is not None and self.release.options.each is not None
            if is_of_each and not any(
                each.startswith(name[: -len(report.name)]) for each in self.cells
            ):
                return beside(report, self.release, {})
            released = ", ".join(sorted(self.cells))
            _refuse(self.folder, f"a release of {released}, not of {name}")
        return beside(report, self.release, self.cells[name])

    def beside_each(self, reports: Iterator[Document]) -> Iterator[Document]:
        """Reports, each beside the released one."""
        return map(self.beside, reports)

    def beside_sets(self, sets: Iterator[Set]) -> Iterator[Set]:
        """The reports of bodies, each beside the released one."""
        for code, name, reports in sets:
            yield Set(code, name, [self.beside(report, code) for report in reports])

    def beside_statement(
        self, stated: Statement, asked: Asked, ask: tuple[str, ...] = ()
    ) -> Document:
        """A statement beside the released one. Raises ``UserError`` where that has other slices."""
        if [*self.release.by] != [*asked.by]:
            by = ",".join(self.release.by) or "none"
            _refuse(self.folder, f"a release of other slices, --by {by}")
        released: dict[str, Any] = loads((self.folder / f"{STATEMENT}.json").read_bytes())
        return statement_against.document(stated, self.release, released, limits_of(asked), ask)


def _other_basis(folder: Path, release: Release, asked: Basis) -> Iterator[str]:
    """In what a release is of something else or by another basis, and how to ask by the same."""
    options, is_statement = release.options, asked.folding is None
    if (release.report == STATEMENT) != is_statement:
        other = STATEMENT if is_statement else "reports"
        yield f"a release of {', '.join(release.reports)}, not of {other}"
    if release.attribution != asked.attribution:
        yield f"a release with --attribution {release.attribution}: give the same"
    if options.roll_up != asked.roll_up:
        yield f"a release with --roll-up {options.roll_up}: give the same"
    if release.registry is None and asked.registry is not None:
        yield "a release without a registry: leave --registry out"
    if release.registry not in (None, asked.registry):
        yield f"a release with another registry: give --registry {folder / str(options.registry)}"
    if asked.folding is not None and not _is_same_folding(release, asked.folding):
        is_copy = is_file(FOLDING, options.folding)
        own = folder / options.folding if is_copy else options.folding
        yield f"a release with another folding: give --folding {own}"


def _is_same_folding(release: Release, asked: str) -> bool:
    """Whether a folding is that of a release: its name, or the bytes of its file."""
    own = release.options.folding
    if not is_file(FOLDING, asked):
        return asked == own
    return sha256_of(Path(asked)) == release.inputs.get(own)


def _refuse(folder: Path, what: str) -> Never:
    raise UserError(f"--against: {folder}: is {what}")

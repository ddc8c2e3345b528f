"""Sets reports and statements beside a release of them (``--against``)."""

from collections.abc import Iterator, Mapping, Sequence
from json import loads
from pathlib import Path
from typing import Any, NamedTuple, Never

from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.documents.model import Document
from hoso.projections.documents.statement import Statement
from hoso.projections.releases import statement_against
from hoso.projections.releases.against import beside
from hoso.projections.releases.folder import Cells, read_release, released_cells
from hoso.projections.releases.release import STATEMENT, Release
from hoso.tools.jobs.statement import Asked, limits_of
from hoso.tools.output.folder import Set, file_name


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
    ) -> "Former":
        """The release in a folder. Raises ``UserError`` where it is none, or one of another window
        or of other dossiers."""
        release = read_release(folder)
        if release.window != window:
            _refuse(folder, f"a release of {' to '.join(map(str, release.window))}")
        asked = {name: [*values] for name, values in only.items()}
        if ({name: [*values] for name, values in release.slices.items()}, release.under) != (
            asked,
            under,
        ):
            _refuse(folder, "a release of other dossiers: give the same --slice and --under")
        return cls(folder, release, released_cells(folder))

    def beside(self, report: Document, body: str | None = None) -> Document:
        """A report beside the released one; of a body, with its code. Raises ``UserError`` for a
        report that was not released."""
        name = report.name if body is None else f"{file_name(body)}/{report.name}"
        if name not in self.cells:
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
        """A statement beside the released one. Raises ``UserError`` where none was released, or one
        with other slices."""
        if STATEMENT not in self.cells:
            _refuse(self.folder, f"a release of {', '.join(sorted(self.cells))}, not of statement")
        if [*self.release.by] != [*asked.by]:
            by = ",".join(self.release.by) or "none"
            _refuse(self.folder, f"a release of other slices, --by {by}")
        released: dict[str, Any] = loads((self.folder / f"{STATEMENT}.json").read_bytes())
        return statement_against.document(stated, self.release, released, limits_of(asked), ask)


def _refuse(folder: Path, what: str) -> Never:
    raise UserError(f"--against: {folder}: is {what}")

"""Reads an office's profile (``office.yaml``): its letterhead, and the sentences of its letters.

hoso has sentences of its own for each report, in Vietnamese and English (``OWN``). An office may
write others: ``sentences`` of its profile names a YAML file of the same form.
"""

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from hoso.domain.errors import UserError
from hoso.projections.documents.letters import fault
from hoso.projections.documents.model import Document, Letter, Letterhead
from hoso.projections.reports.basis.validation import first_fault
from hoso.tools.inputs.yaml_files import Steps, YamlFile, read_yaml

OWN: Final = resources.files("hoso.projections.reports") / "profiles" / "letters.yaml"
COVERING: Final = "covering"  # the letter of reports that have none of their own, such as forms
SENTENCES: Final = "sentences"
Valid = TypeVar("Valid")


class OfficeProfile(NamedTuple):
    """Who issues reports, None if nobody says so; and the letters, by the names of reports."""

    letterhead: Letterhead | None
    letters: Mapping[str, Letter]

    def issued(self, report: Document) -> Document:
        """A report with the letterhead and the sentences of this office."""
        letter = self.letters.get(report.name, self.letters[COVERING])
        return report._replace(letter=letter, letterhead=self.letterhead)


def office_profile(name: str | None, reports: Collection[str]) -> OfficeProfile:
    """The profile in a file; without one, no letterhead and hoso's own sentences. ``reports`` are
    the names of all reports.

    Raises ``UserError``, which names the line, for a profile or sentences with a fault.
    """
    letters = _own_letters()
    if name is None:
        return OfficeProfile(None, letters)
    file = _read("--office", name)
    given = dict(file.tree)
    sentences = given.pop(SENTENCES, None)
    if sentences is not None:
        if not isinstance(sentences, str):
            raise file.outline.fault((SENTENCES,), "is no name of a file: write letters.yaml")
        beside = str(Path(name).parent / sentences)
        others = _read(f"{name}: {SENTENCES}", beside)
        for report in others.tree:
            if report not in (COVERING, *reports):
                known = ", ".join((COVERING, *reports))
                raise others.outline.fault((report,), f"is no report: use {known}")
        letters = {**letters, **_letters(others)}
    return OfficeProfile(_valid(TypeAdapter(Letterhead), file, given, ()), letters)


@cache
def _own_letters() -> Mapping[str, Letter]:
    with resources.as_file(OWN) as own:
        return _letters(read_yaml(str(own)))


def _read(option: str, name: str) -> YamlFile:
    try:
        return read_yaml(name)
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None


def _letters(file: YamlFile) -> dict[str, Letter]:
    letter = TypeAdapter(Letter)
    letters = {
        report: _valid(letter, file, value, (report,)) for report, value in file.tree.items()
    }
    for report, each in letters.items():
        _check(file, (report, "summary"), each.summary)
        for i, section in enumerate(each.sections):
            for j, sentence in enumerate(section.sentences):
                _check(file, (report, "sections", i, "sentences", j, "text"), sentence.text)
    return letters


def _check(file: YamlFile, path: Steps, text: tuple[str, ...]) -> None:
    for each in text:
        if wrong := fault(each):
            raise file.outline.fault(path, wrong)


def _valid(adapter: TypeAdapter[Valid], file: YamlFile, value: Any, path: Steps) -> Valid:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        where, text = first_fault(error)
        raise file.outline.fault((*path, *where), text) from None

"""Reads a published report: a YAML file with the tables beside it, or an official form.

An error names the line on which it is.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.projections.audit.published import (
    SHOWN_CHARS,
    Block,
    FormCheck,
    ItemList,
    Loaded,
    LoadedForms,
    LoadedReport,
    LoadedTable,
    MatchCheck,
    PercentCheck,
    PublishedReport,
    SumCheck,
    TableRow,
)
from hoso.tools.inputs.published_forms import Forms, read_forms
from hoso.tools.inputs.published_tables import read_rows
from hoso.tools.inputs.yaml_files import Outline, Steps, YamlFile, read_yaml

# The names that each part of a file may use, for hints where one is misspelt.
NAMES: Final = {
    "blocks": [*Block.model_fields, "count", "percent"],
    "lists": [*ItemList.model_fields],
    "tables": [
        *{
            **SumCheck.model_fields,
            **PercentCheck.model_fields,
            **MatchCheck.model_fields,
            **FormCheck.model_fields,
        }
    ],
}


FORM_FILES: Final = (".csv", ".xlsx")


def read(name: str, shown: str | None = None) -> LoadedReport:
    """The published report in a YAML file, with its tables; or a form in a file of its own
    (FORM_FILES). ``shown`` is what the audit calls it: by default its name without the folder.

    Raises ``UserError`` for the first fault in them, and ``OSError`` where there is no such file.
    """
    if not name:
        raise UserError("FILE: is empty; name a file")
    file = Path(name)
    shown = file.name if shown is None else shown
    if file.suffix.lower() in FORM_FILES:
        found = read_forms(file, shown, None)
        report = PublishedReport().model_copy(update={"window": found.window})
        return LoadedReport(shown, report, [LoadedForms(found.tables)])
    outline, tree = _document(name)
    published = _published(outline, tree)
    for i, listing in enumerate(published.lists):
        _check_list(outline, ("lists", i, "of"), published, listing)
    tables: list[Loaded] = []
    windows = [published.window]
    for i, check in enumerate(published.tables):
        if isinstance(check, FormCheck):
            found = _load_forms(outline, ("tables", i, "file"), check)
            tables.append(LoadedForms(found.tables))
            windows.append(found.window)
        else:
            tables.append(_load_table(outline, ("tables", i), check))
    window = next(filter(None, windows), None)
    return LoadedReport(shown, published.model_copy(update={"window": window}), tables)


def _document(name: str) -> YamlFile:
    document = read_yaml(name)
    if PublishedReport.model_fields.keys().isdisjoint(document.tree):
        raise UserError(f"{name}: is no report: write window:, blocks:, lists:, tables:")
    return document


def _published(outline: Outline, tree: dict[str, Any]) -> PublishedReport:
    try:
        return PublishedReport.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = first["loc"]
        if path[0] == "tables":  # the third step is pydantic's name for the kind of a check
            path = path[:2] + path[3:]
        raise outline.fault(path, _message(path, first)) from None


def _message(path: Steps, error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden" and str(path[-1]).isdecimal():
        return "is no name; decimals stand behind a point, as in 99.04"
    if kind == "extra_forbidden":
        known = NAMES[str(path[0])]
        near = get_close_matches(str(path[-1]), known, n=1)
        hint = f"is {near[0]} meant?" if near else f"use {', '.join(known)}"
        return f"is not known; {hint}"
    if kind == "missing":
        return "is missing; write it"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return str(error["msg"])


def _check_list(
    outline: Outline, path: Steps, published: PublishedReport, listing: ItemList
) -> None:
    try:
        published.list_total(listing)
    except KeyError:
        blocks = published.blocks
        given = [f"{name}.{each}" for name, block in blocks.items() for each in block.counts()]
        near = get_close_matches(str(listing.of), given, n=1)
        hint = f"is {near[0]} meant?" if near else "write NAME.figure of a block, or a number"
        text = f"no figure {_shown(str(listing.of))} is given; {hint}"
        raise outline.fault(path, text) from None


def _shown(text: str) -> str:
    return repr(text[:SHOWN_CHARS])


def _load_table(
    outline: Outline, path: Steps, check: SumCheck | PercentCheck | MatchCheck
) -> LoadedTable:
    table = _rows(outline, (*path, "file"), check.file, check.key, check.columns())
    if not isinstance(check, MatchCheck):
        return LoadedTable(check, table, [])
    other, key = check.equals, check.equals.key or check.key
    others = _rows(outline, (*path, "equals", "file"), other.file, key, [other.column])
    return LoadedTable(check, table, others)


def _rows(
    outline: Outline, path: Steps, file: str, key: str | None, columns: Sequence[str]
) -> list[TableRow]:
    place = _beside(outline, path, file)
    try:
        return read_rows(place, key, columns)
    except OSError as error:
        raise outline.fault(path, f"{_shown(file)}: {error.strerror}") from None


def _load_forms(outline: Outline, path: Steps, check: FormCheck) -> Forms:
    place = _beside(outline, path, check.file)
    try:
        found = read_forms(place, check.file, check.form)
    except OSError as error:
        raise outline.fault(path, f"{_shown(check.file)}: {error.strerror}") from None
    if check.body is None:
        return found
    return found._replace(tables=[form._replace(body=check.body) for form in found.tables])


def _beside(outline: Outline, path: Steps, file: str) -> Path:
    """A file in the folder of the report."""
    folder = Path(outline.name).parent
    place = folder / file
    if not file or not place.resolve().is_relative_to(folder.resolve()):
        raise outline.fault(path, f"{_shown(file)} leaves the report's folder; put it beside it")
    return place

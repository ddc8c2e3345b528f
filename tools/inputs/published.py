"""What did somebody publish? A YAML file, and the CSV tables beside it.

What is wrong in a file is told with the line that it stands on.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from hoso.domain.errors import UserError
from hoso.projections.audit.published import (
    SHOWN_CHARS,
    Block,
    ItemList,
    LoadedTable,
    MatchCheck,
    PercentCheck,
    PublishedReport,
    SumCheck,
    TableRow,
)
from hoso.tools.inputs.csv_tables import rows
from hoso.tools.inputs.yaml_files import Outline, Steps, YamlFile, read_yaml

# What each part of a file may say, for whoever misspelt it.
KNOWN: Final = {
    "blocks": [*Block.model_fields, "count", "percent"],
    "lists": [*ItemList.model_fields],
    "tables": [*{**SumCheck.model_fields, **PercentCheck.model_fields, **MatchCheck.model_fields}],
}


class Read(NamedTuple):
    """A report, and the tables that it speaks of."""

    published: PublishedReport
    tables: list[LoadedTable]


def read(name: str) -> Read:
    """A published report. Raises ``UserError`` where it, or a table beside it, cannot be understood."""
    if not name:
        raise UserError("FILE.yaml: is empty; name a file")
    outline, tree = _document(name)
    published = _published(outline, tree)
    for place, listing in enumerate(published.lists):
        _check_list(outline, ("lists", place, "of"), published, listing)
    tables = [_laid(outline, ("tables", i), check) for i, check in enumerate(published.tables)]
    return Read(published, tables)


def _document(name: str) -> YamlFile:
    found = read_yaml(name)
    if PublishedReport.model_fields.keys().isdisjoint(found.tree):
        raise UserError(f"{name}: is no report: write window:, blocks:, lists:, tables:")
    return found


def _published(outline: Outline, tree: dict[str, Any]) -> PublishedReport:
    try:
        return PublishedReport.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = first["loc"]
        if path[0] == "tables":  # the third step is pydantic's name for the kind of a check
            path = path[:2] + path[3:]
        raise outline.wrong(path, _fault(path, first)) from None


def _fault(path: Steps, error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden" and str(path[-1]).isdecimal():
        return "is no name; decimals stand behind a point, as in 99.04"
    if kind == "extra_forbidden":
        known = KNOWN[str(path[0])]
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
        raise outline.wrong(path, f"no figure {_cut(str(listing.of))} is given; {hint}") from None


def _cut(said: str) -> str:
    return repr(said[:SHOWN_CHARS])


def _laid(
    outline: Outline, path: Steps, check: SumCheck | PercentCheck | MatchCheck
) -> LoadedTable:
    own = _rows(outline, (*path, "file"), check.file, check.key, check.columns())
    if not isinstance(check, MatchCheck):
        return LoadedTable(check, own, [])
    there, key = check.equals, check.equals.key or check.key
    others = _rows(outline, (*path, "equals", "file"), there.file, key, [there.column])
    return LoadedTable(check, own, others)


def _rows(
    outline: Outline, path: Steps, file: str, key: str | None, columns: Sequence[str]
) -> list[TableRow]:
    folder = Path(outline.name).parent
    place = folder / file
    if not file or not place.resolve().is_relative_to(folder.resolve()):
        raise outline.wrong(path, f"{_cut(file)} leaves the report's folder; put it beside it")
    try:
        return rows(place, key, columns)
    except OSError as error:
        raise outline.wrong(path, f"{_cut(file)}: {error.strerror}") from None

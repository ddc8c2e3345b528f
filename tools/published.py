"""What did somebody publish? A YAML file, and the CSV tables beside it.

Numbers are read as they are written, never as binary fractions: 0.30 is not 0.3 when somebody asks
of how many decimals it is. What is wrong in a file is told with the line that it stands on.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from pydantic import ValidationError

from domain.wrong import Wrong
from projections.audit import listings
from projections.audit.published import (
    SHOWN,
    Block,
    Laid,
    Listing,
    Match,
    Published,
    Row,
    Share,
    Sum,
)
from tools.readable import text as readable
from tools.tables import rows, text_of

MOST_BYTES: Final = 500_000
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
# What each part of a file may say, for whoever misspelt it.
KNOWN: Final = {
    "blocks": [*Block.model_fields, "count", "percent"],
    "lists": [*Listing.model_fields],
    "tables": [*{**Sum.model_fields, **Share.model_fields, **Match.model_fields}],
}

Steps = tuple[str | int, ...]


class Outline(NamedTuple):
    """A file's name, and the line on which each of its parts stands."""

    name: str
    lines: dict[Steps, int]

    def wrong(self, path: Steps, fault: str) -> Wrong:
        """What is wrong with a part."""
        known = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines)
        return Wrong(f"{self.name}:{self.lines[known]}: {_dotted(path)}{fault}")


class Read(NamedTuple):
    """A report, and the tables that it speaks of."""

    published: Published
    tables: list[Laid]


def read(name: str) -> Read:
    """A published report. Raises ``Wrong`` where it, or a table beside it, cannot be understood."""
    if not name:
        raise Wrong("FILE.yaml: is empty; name a file")
    outline = Outline(name, {})
    published = _published(outline, _tree(outline))
    for place, listing in enumerate(published.lists):
        _check_list(outline, ("lists", place, "of"), published, listing)
    tables = [_laid(outline, ("tables", i), check) for i, check in enumerate(published.tables)]
    return Read(published, tables)


def _dotted(path: Steps) -> str:
    said = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{said.removeprefix('.')}: " if path else ""


def _tree(outline: Outline) -> dict[str, Any]:
    text = text_of(Path(outline.name), MOST_BYTES)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Wrong(f"{outline.name}:{line}: is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Wrong(f"{outline.name}: is no YAML: {readable(str(error))}") from None
    except RecursionError:
        raise Wrong(f"{outline.name}: is nested too deep; a report needs five levels") from None
    if not isinstance(root, yaml.MappingNode):
        raise Wrong(f"{outline.name}: is no report: write window:, blocks:, lists:, tables:")
    tree: dict[str, Any] = _plain(outline, root, (), set())
    if Published.model_fields.keys().isdisjoint(tree):
        raise Wrong(f"{outline.name}: is no report: write window:, blocks:, lists:, tables:")
    return tree


def _plain(outline: Outline, node: yaml.Node, path: Steps, seen: set[int]) -> Any:
    """What a node says. Each is written where it stands: aliases could say a thing a billion
    times."""
    outline.lines[path] = node.start_mark.line + 1
    if id(node) in seen:
        raise outline.wrong(path, "is an alias (*); write out what it stands for")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(outline, node, path, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(outline, each, (*path, i), seen) for i, each in enumerate(node.value)]
    is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return _scalar(node.value, is_plain=is_plain)


def _mapping(
    outline: Outline, node: yaml.MappingNode, path: Steps, seen: set[int]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in node.value:
        said = readable(name.value) if isinstance(name, yaml.ScalarNode) else ""
        here = (*path, said)
        outline.lines.setdefault(here, name.start_mark.line + 1)
        if not said:
            raise outline.wrong(path, "a key is no text; write NAME: …")
        if said in found:
            line = name.start_mark.line + 1
            raise Wrong(f"{outline.name}:{line}: {_dotted(here)}stands there twice; leave one out")
        found[said] = _plain(outline, value, here, seen)
    return found


def _scalar(said: str, *, is_plain: bool) -> Decimal | str | bool | None:
    if is_plain and said in CONSTANTS:
        return CONSTANTS[said]
    return Decimal(said) if is_plain and NUMBER.fullmatch(said) else readable(said)


def _published(outline: Outline, tree: dict[str, Any]) -> Published:
    try:
        return Published.model_validate(tree)
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


def _check_list(outline: Outline, path: Steps, published: Published, listing: Listing) -> None:
    try:
        listings.whole(published, listing)
    except KeyError:
        blocks = published.blocks
        given = [f"{name}.{each}" for name, block in blocks.items() for each in block.counts()]
        near = get_close_matches(str(listing.of), given, n=1)
        hint = f"is {near[0]} meant?" if near else "write NAME.figure of a block, or a number"
        raise outline.wrong(path, f"no figure {_cut(str(listing.of))} is given; {hint}") from None


def _cut(said: str) -> str:
    return repr(said[:SHOWN])


def _laid(outline: Outline, path: Steps, check: Sum | Share | Match) -> Laid:
    own = _rows(outline, (*path, "file"), check.file, check.key, check.columns())
    if not isinstance(check, Match):
        return Laid(check, own, [])
    there, key = check.equals, check.equals.key or check.key
    others = _rows(outline, (*path, "equals", "file"), there.file, key, [there.column])
    return Laid(check, own, others)


def _rows(
    outline: Outline, path: Steps, file: str, key: str | None, columns: Sequence[str]
) -> list[Row]:
    folder = Path(outline.name).parent
    place = folder / file
    if not file or not place.resolve().is_relative_to(folder.resolve()):
        raise outline.wrong(path, f"{_cut(file)} leaves the report's folder; put it beside it")
    try:
        return rows(place, key, columns)
    except OSError as error:
        raise outline.wrong(path, f"{_cut(file)}: {error.strerror}") from None

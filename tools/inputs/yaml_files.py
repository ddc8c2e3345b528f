"""Reads YAML files: the values as they are written, and the line of each.

A number keeps its decimals (0.30 is not 0.3) and never becomes a binary fraction. An error names
the line on which it is.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from hoso.domain.errors import UserError
from hoso.tools.inputs.text_files import read_text
from hoso.tools.runtime.printable import printable

MAX_BYTES: Final = 500_000
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}

Steps = tuple[str | int, ...]  # the keys and indices that lead to a part of a file


class Outline(NamedTuple):
    """A file's name, and the line on which each of its parts begins."""

    name: str
    lines: dict[Steps, int]

    def fault(self, path: Steps, text: str) -> UserError:
        """An error that says where a part is, and what is wrong with it."""
        known = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines)
        return UserError(f"{self.name}:{self.lines[known]}: {dotted(path)}{text}")


class YamlFile(NamedTuple):
    """The values of a file, and the lines of its parts."""

    outline: Outline
    tree: dict[str, Any]


def read_yaml(name: str) -> YamlFile:
    """The document in a file.

    Raises ``UserError`` if it is no YAML, or no table of keys; ``OSError`` if it cannot be read.
    """
    outline = Outline(name, {})
    text = read_text(Path(name), MAX_BYTES)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{name}:{line}: is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{name}: is no YAML: {printable(str(error))}") from None
    except RecursionError:
        raise UserError(f"{name}: is nested too deep; five levels are enough") from None
    if not isinstance(root, yaml.MappingNode):
        raise UserError(f"{name}: is no table of keys; write one, key: value")
    return YamlFile(outline, _plain(outline, root, (), set()))


def dotted(path: Steps) -> str:
    """A path as errors show it: ``blocks.online[2]: ``."""
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"{text.removeprefix('.')}: " if path else ""


def _plain(outline: Outline, node: yaml.Node, path: Steps, seen: set[int]) -> Any:
    """The value of a node. Aliases are refused: a few of them can stand for a billion values."""
    outline.lines[path] = node.start_mark.line + 1
    if id(node) in seen:
        raise outline.fault(path, "is an alias (*); write out what it stands for")
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
    values: dict[str, Any] = {}
    for key_node, value in node.value:
        key = printable(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
        line = key_node.start_mark.line + 1
        outline.lines.setdefault((*path, key), line)
        if not key:
            raise outline.fault(path, "a key is no text; write NAME: …")
        if key in values:
            twice = f"{dotted((*path, key))}is given twice; leave one out"
            raise UserError(f"{outline.name}:{line}: {twice}")
        values[key] = _plain(outline, value, (*path, key), seen)
    return values


def _scalar(text: str, *, is_plain: bool) -> Decimal | str | bool | None:
    if is_plain and text in CONSTANTS:
        return CONSTANTS[text]
    return Decimal(text) if is_plain and NUMBER.fullmatch(text) else printable(text)

"""What does a YAML file say? Its values as they are written, and the line of each.

Numbers are read as they are written, never as binary fractions: 0.30 is not 0.3 when somebody asks
of how many decimals it is. What is wrong in a file is told with the line that it stands on.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from hoso.domain.errors import UserError
from hoso.tools.inputs.csv_tables import text_of
from hoso.tools.runtime.printable import printable as readable

MOST_BYTES: Final = 500_000
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}

Steps = tuple[str | int, ...]


class Outline(NamedTuple):
    """A file's name, and the line on which each of its parts stands."""

    name: str
    lines: dict[Steps, int]

    def wrong(self, path: Steps, fault: str) -> UserError:
        """What is wrong with a part."""
        known = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines)
        return UserError(f"{self.name}:{self.lines[known]}: {dotted(path)}{fault}")


class YamlFile(NamedTuple):
    """What a file says, and where each of it stands."""

    outline: Outline
    tree: dict[str, Any]


def read_yaml(name: str) -> YamlFile:
    """The document of a file. Raises ``UserError`` where it is none, ``OSError`` where nothing is."""
    outline = Outline(name, {})
    text = text_of(Path(name), MOST_BYTES)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{name}:{line}: is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{name}: is no YAML: {readable(str(error))}") from None
    except RecursionError:
        raise UserError(f"{name}: is nested too deep; five levels are enough") from None
    if not isinstance(root, yaml.MappingNode):
        raise UserError(f"{name}: is no table of keys; write one, key: value")
    return YamlFile(outline, _plain(outline, root, (), set()))


def dotted(path: Steps) -> str:
    """How a part is called: ``blocks.online[2]: ``."""
    said = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{said.removeprefix('.')}: " if path else ""


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
            raise UserError(
                f"{outline.name}:{line}: {dotted(here)}stands there twice; leave one out"
            )
        found[said] = _plain(outline, value, here, seen)
    return found


def _scalar(said: str, *, is_plain: bool) -> Decimal | str | bool | None:
    if is_plain and said in CONSTANTS:
        return CONSTANTS[said]
    return Decimal(said) if is_plain and NUMBER.fullmatch(said) else readable(said)

"""Reads the map of a register's columns: one of hoso's own, by its name, or a YAML file."""

from importlib import resources
from pathlib import Path
from typing import Any, Final

from hoso.consumers.intake.registers.columns import ColumnMap, parse_map
from hoso.domain.errors import UserError
from hoso.tools.inputs.yaml_files import read_yaml

OWN: Final = resources.files("hoso.consumers.intake.registers") / "profiles"
USUAL: Final = "usual"
WORDS: Final = "words"  # no map, but the words of all maps
YAML_ENDINGS: Final = (".yaml", ".yml")


def column_map(name: str) -> ColumnMap:
    """The map of a name or a file. Raises ``UserError``."""
    if Path(name).suffix in YAML_ENDINGS:
        try:
            tree = read_yaml(name).tree
        except OSError as error:
            raise UserError(f"--columns: {name}: {error.strerror}") from None
        return parse_map(name, tree, _own(WORDS))
    names = sorted(Path(file.name).stem for file in OWN.iterdir() if file.name.endswith(".yaml"))
    names.remove(WORDS)
    if name not in names:
        raise UserError(
            f"--columns: no map {name[:80]!r}: use {', '.join(names)}, or a file of your own, "
            ".yaml, which --suggest writes"
        )
    return parse_map(name, _own(name), _own(WORDS))


def _own(name: str) -> dict[str, Any]:
    with resources.as_file(OWN / f"{name}.yaml") as file:
        return read_yaml(str(file)).tree

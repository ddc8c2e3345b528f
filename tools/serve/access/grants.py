"""Reads what a visitor is granted in the files of ``hoso serve``: roles, bodies and sources.

    roles: [reader, operator]
    bodies: [H14.05]             # they see these bodies and all under them; without it, all
    sources: [/one-stop/son-la]  # a publisher sends events of these; without it, of all

Users have a grant each. People whom OpenID Connect or a proxy names have that of the first group of
the file to which they belong.
"""

import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.tools.inputs.yaml_files import Outline, Steps, YamlFile, read_yaml
from hoso.tools.serve.access.visitor import Role, Visitor

MAX_TEXT: Final = 200  # characters of a name, a body or a source, as in events
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
FIELDS: Final = ("roles", "bodies", "sources")


class Grant(NamedTuple):
    """What some visitors may do and see; the fields are those of ``Visitor``."""

    roles: frozenset[Role]
    bodies: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    def visitor(self, name: str) -> Visitor:
        """A visitor of a name who has this grant."""
        return Visitor(name, *self)

    def written(self) -> dict[str, Any]:
        """The grant as it stands in a file."""
        limits = {"bodies": self.bodies, "sources": self.sources}
        roles = sorted(role.value for role in self.roles)
        return {"roles": roles} | {
            name: [*limit] for name, limit in limits.items() if limit is not None
        }


def read_private(option: str, name: str) -> YamlFile:
    """The YAML in a file that only its owner may read or write.

    Raises ``UserError``, which names the option, for a file that others may open, that is missing,
    or that is no YAML.
    """
    try:
        check_private(option, Path(name))
        return read_yaml(name)
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None


def check_private(option: str, file: Path) -> None:
    """Raises ``UserError`` for a file that others than its owner may read or write, or that belongs
    to somebody else; ``OSError`` for none."""
    status = file.stat()
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & OTHERS:
        raise UserError(f"{option}: {file}: others may open it; run chmod 600 {file}")


def grant(outline: Outline, tree: object, path: Steps) -> Grant:
    """The grant at a path of a file. Raises ``UserError``, which names the line."""
    fields = table(outline, tree, path, FIELDS)
    names = texts(outline, fields.get("roles", []), (*path, "roles"))
    for i, name in enumerate(names):
        if name not in {*Role}:
            raise outline.fault((*path, "roles", i), f"is no role: use {', '.join(Role)}")
    if not names:
        raise outline.fault(path, f"has no roles: write roles: [{Role.READER}]")
    limits = [
        texts(outline, fields[key], (*path, key)) if fields.get(key) is not None else None
        for key in ("bodies", "sources")
    ]
    found = Grant(frozenset(map(Role, names)), *limits)
    if Role.PUBLISHER in found.roles and found.bodies is not None and found.sources is None:
        fault = "a publisher who is limited to bodies needs sources: write sources: [/…]"
        raise outline.fault(path, fault)
    return found


def group_grants(outline: Outline, tree: object, path: Steps) -> Mapping[str, Grant]:
    """The grants of groups, in the order of the file. Raises ``UserError``."""
    groups = table(outline, tree, path)
    if not groups:
        raise outline.fault(path, "has no groups: write NAME: {roles: [reader]}")
    return {name: grant(outline, groups[name], (*path, name)) for name in groups}


def granted(groups: Mapping[str, Grant], belongs_to: Collection[str]) -> Grant | None:
    """The grant of the first group of the file to which a person belongs; None without one.

    Grants are not added up: one group may be an operator of one body, another a reader of all.
    """
    return next((each for name, each in groups.items() if name in belongs_to), None)


def table(
    outline: Outline, tree: object, path: Steps, known: Collection[str] | None = None
) -> dict[str, Any]:
    """The table at a path. Raises ``UserError`` for none, and for keys that are not ``known``."""
    if not isinstance(tree, dict):
        raise outline.fault(path, "is no table of keys; write one, key: value")
    for key in tree:
        if known is not None and key not in known:
            raise outline.fault((*path, key), f"is no key of it: use {', '.join(known)}")
    return tree


def text(outline: Outline, value: object, path: Steps) -> str:
    """The text at a path. Raises ``UserError`` for none, an empty or an overlong one."""
    if not isinstance(value, str) or not value:
        raise outline.fault(path, 'is no text; write one, a number in quotes: "05"')
    if len(value) > MAX_TEXT:
        raise outline.fault(path, f"is longer than {MAX_TEXT} characters; shorten it")
    return value


def texts(outline: Outline, value: object, path: Steps) -> tuple[str, ...]:
    """The list of texts at a path. Raises ``UserError``."""
    if not isinstance(value, list):
        raise outline.fault(path, "is no list; write [one, two]")
    return tuple(text(outline, each, (*path, i)) for i, each in enumerate(value))

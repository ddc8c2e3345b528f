"""Who are the agencies, and who is under whom? The registry (danh mục cơ quan).

A CSV ``code,name,level,parent`` gives it. Figures roll up the tree: those of a body are its own and
of all that are under it. An agency that is not in it is reported under its code.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

LEVELS: Final = ("province", "district", "commune")


class Agency(NamedTuple):
    """A body (cơ quan): its parent's code is None at the top."""

    code: str
    name: str
    level: str
    parent: str | None


class AgencyRegistry:
    """The bodies by their codes.

    Raises ``ValueError`` for a code that stands there twice, a level that is none, a parent that is
    not there and bodies that are under themselves.
    """

    def __init__(self, bodies: Iterable[Agency] = ()) -> None:
        self.bodies: Mapping[str, Agency] = _by_code(bodies)
        for body in self.bodies.values():
            _refuse_circles(self.bodies, body)

    @cached_property
    def _children(self) -> Mapping[str | None, list[Agency]]:
        children: dict[str | None, list[Agency]] = {}
        for body in self.bodies.values():
            children.setdefault(body.parent, []).append(body)
        return children

    def name(self, code: str) -> str:
        """What a body is called: its code, where the registry does not know it."""
        body = self.bodies.get(code)
        return body.name if body else code

    def level(self, code: str | None, said: str | None) -> str | None:
        """A body's level, or else what was said of it."""
        body = self.bodies.get(code or "")
        return body.level if body else said

    def children(self, code: str | None = None) -> list[Agency]:
        """The bodies right under one, or at the top, in the registry's order."""
        return self._children.get(code, [])

    def under(self, code: str) -> Iterator[str]:
        """The codes of a body and all that are under it."""
        yield code
        for child in self.children(code):
            yield from self.under(child.code)

    def unknown(self, codes: Iterable[str]) -> list[str]:
        """Those codes that it does not have, in order."""
        return sorted({code for code in codes if code not in self.bodies})


def _by_code(bodies: Iterable[Agency]) -> dict[str, Agency]:
    found: dict[str, Agency] = {}
    for body in bodies:
        if body.level not in LEVELS:
            raise ValueError(f"{body.code}: no level {body.level!r}: use {', '.join(LEVELS)}")
        if found.setdefault(body.code, body) is not body:
            raise ValueError(f"{body.code}: stands there twice: leave one out")
    return found


def _refuse_circles(bodies: Mapping[str, Agency], body: Agency) -> None:
    seen = [body.code]
    while (parent := body.parent) is not None:
        if parent not in bodies:
            raise ValueError(f"{body.code}: its parent {parent!r} is not there: add it")
        if parent in seen:
            raise ValueError(f"{seen[0]}: is under itself: {' → '.join([*seen, parent])}")
        seen.append(parent)
        body = bodies[parent]

"""Names whom a request comes from (the visitor), and says what that visitor may see and do.

A role allows a kind of action. ``bodies`` limit what a visitor sees, ``sources`` what a visitor
sends. Each page names the least role that it needs, and asks ``Visitor.may``.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Role(StrEnum):
    """A kind of action that a visitor may be allowed (vai trò)."""

    READER = "reader"
    """Sees figures and dossiers, by the rules in force."""
    ANALYST = "analyst"
    """A reader who may also choose other rules."""
    OPERATOR = "operator"
    """A reader who may also see, mend, retry and drop rejects, and erase codes of dossiers."""
    PUBLISHER = "publisher"
    """Sends events, and sees none."""


INCLUDED: Final[Mapping[Role, frozenset[Role]]] = MappingProxyType(
    {
        Role.READER: frozenset({Role.READER}),
        Role.ANALYST: frozenset({Role.READER, Role.ANALYST}),
        Role.OPERATOR: frozenset({Role.READER, Role.OPERATOR}),
        Role.PUBLISHER: frozenset({Role.PUBLISHER}),
    }
)


class Visitor(NamedTuple):
    """Whom a request comes from (người truy cập).

    ``bodies`` are the codes of the bodies of the registry whose dossiers the visitor sees, each
    with all bodies under it; ``sources`` are the sources (``source`` of CloudEvents) whose events
    the visitor may send. None is no limit, an empty tuple nothing at all.
    """

    name: str
    roles: frozenset[Role]
    bodies: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    def may(self, role: Role) -> bool:
        """Whether one of the visitor's roles is, or includes, a role."""
        return any(role in INCLUDED[own] for own in self.roles)

    def sees_all(self) -> bool:
        """Whether the visitor sees the dossiers of all bodies. Only such a visitor may see what
        belongs to no body: rejects, conflicts, the state of the store."""
        return self.bodies is None


LOCAL: Final = Visitor("local", frozenset(Role))
"""Everybody who reaches a server that serves this computer only and has no users."""
NOBODY: Final = Visitor("", frozenset(), (), ())
"""A visitor who has not said who it is."""

"""The agency registry (danh mục cơ quan): names, levels and the tree of agencies.

A CSV file with the columns ``code,name,level,parent`` gives it. The figures of an agency are its
own and those of all agencies under it. An agency that the registry lacks is reported under its
code.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

LEVELS: Final = ("province", "district", "commune")


class Agency(NamedTuple):
    """An agency (cơ quan). ``parent`` is the code of the agency above it; None at the top."""

    code: str
    name: str
    level: str
    parent: str | None


class AgencyRegistry:
    """The agencies by their codes.

    Raises ``ValueError`` when a code is listed twice, a level is unknown, a parent is not in the
    registry, or an agency is above itself.
    """

    def __init__(self, agencies: Iterable[Agency] = ()) -> None:
        self.agencies: Mapping[str, Agency] = _by_code(agencies)
        for agency in self.agencies.values():
            _refuse_cycle(self.agencies, agency)

    @cached_property
    def _children(self) -> Mapping[str | None, list[Agency]]:
        children: dict[str | None, list[Agency]] = {}
        for agency in self.agencies.values():
            children.setdefault(agency.parent, []).append(agency)
        return children

    def name(self, code: str) -> str:
        """The name of an agency; its code where the registry lacks it."""
        agency = self.agencies.get(code)
        return agency.name if agency else code

    def level(self, code: str | None, default: str | None) -> str | None:
        """The level of an agency; ``default`` where the registry lacks it."""
        agency = self.agencies.get(code or "")
        return agency.level if agency else default

    def children(self, code: str | None = None) -> list[Agency]:
        """The agencies directly under one, or at the top (None), in the order of the file."""
        return self._children.get(code, [])

    def under(self, code: str) -> Iterator[str]:
        """The code of an agency, then the codes of all agencies under it."""
        yield code
        for child in self.children(code):
            yield from self.under(child.code)

    def unknown(self, codes: Iterable[str]) -> list[str]:
        """Those of the codes that the registry lacks: sorted, each once."""
        return sorted({code for code in codes if code not in self.agencies})


def _by_code(agencies: Iterable[Agency]) -> dict[str, Agency]:
    by_code: dict[str, Agency] = {}
    for agency in agencies:
        if agency.level not in LEVELS:
            levels = ", ".join(LEVELS)
            raise ValueError(f"{agency.code}: unknown level {agency.level!r}: use {levels}")
        if by_code.setdefault(agency.code, agency) is not agency:
            raise ValueError(f"{agency.code}: is given twice: leave one out")
    return by_code


def _refuse_cycle(agencies: Mapping[str, Agency], agency: Agency) -> None:
    path = [agency.code]
    while (parent := agency.parent) is not None:
        if parent not in agencies:
            raise ValueError(f"{agency.code}: its parent {parent!r} is not in the registry: add it")
        if parent in path:
            raise ValueError(f"{path[0]}: is under itself: {' → '.join([*path, parent])}")
        path.append(parent)
        agency = agencies[parent]

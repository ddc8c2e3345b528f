"""The agency registry (danh mục cơ quan): names, levels and the tree of agencies.

A CSV file with the columns ``code,name,level,parent`` gives it. The figures of an agency are its
own and those of all agencies under it. An agency that the registry lacks is reported under its
code.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

LEVELS: Final = ("province", "district", "commune")
LONGEST_CHAIN: Final = 100  # agencies one below the other; reports follow the tree by recursion
LONGEST_SHOWN_PATH: Final = 10  # agencies


class Agency(NamedTuple):
    """An agency (cơ quan). ``parent`` is the code of the agency above it; None at the top."""

    code: str
    name: str
    level: str
    parent: str | None


class AgencyRegistry:
    """The agencies by their codes.

    Raises ``ValueError`` when a code is listed twice, a level is unknown, a parent is not in the
    registry, an agency is above itself, or over ``LONGEST_CHAIN`` agencies are in one chain.
    """

    def __init__(self, agencies: Iterable[Agency] = ()) -> None:
        self.agencies: Mapping[str, Agency] = _by_code(agencies)
        _refuse_cycles(self.agencies)

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
        """The code of an agency, then the codes of all agencies under it, each before its own."""
        stack = [code]
        while stack:
            yield (code := stack.pop())
            stack += [child.code for child in reversed(self.children(code))]

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


def _refuse_cycles(agencies: Mapping[str, Agency]) -> None:
    """Raise ``ValueError`` for a parent that is not in the registry, for a cycle, and for a chain
    of over ``LONGEST_CHAIN`` agencies. Each agency is looked at once."""
    depths: dict[str, int] = {}  # of the agencies from which the way up ends: 1 at the top
    for agency in agencies.values():
        path: dict[str, None] = {}
        above: str | None = agency.code
        while above is not None and above not in depths:
            if above in path:
                raise ValueError(f"{agency.code}: is under itself: {_shown([*path, above])}")
            path[above] = None
            parent = agencies[above].parent
            if parent is not None and parent not in agencies:
                raise ValueError(f"{above}: its parent {parent!r} is not in the registry: add it")
            above = parent
        depth = 0 if above is None else depths[above]
        depths |= {code: depth + n for n, code in enumerate(reversed(path), 1)}
        if depths[agency.code] > LONGEST_CHAIN:
            raise ValueError(
                f"{agency.code}: is one below the other in a chain of {depths[agency.code]:,} "
                f"agencies, and a registry has at most {LONGEST_CHAIN}: correct the parents"
            )


def _shown(path: list[str]) -> str:
    """A way up, on a line that is not too long."""
    if len(path) > LONGEST_SHOWN_PATH:
        path = [*path[: LONGEST_SHOWN_PATH - 1], "…", path[-1]]
    return " → ".join(path)

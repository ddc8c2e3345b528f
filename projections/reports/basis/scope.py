"""The scope of reports (phạm vi): all dossiers, or those of one body or of some slices.

A body is counted with all bodies under it in the registry. The scope of a report narrows its cubes
and its registry; nothing is folded again for another scope.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.figures import DIMENSIONS, value_in_words
from hoso.projections.documents.model import About, Bilingual
from hoso.projections.reports.basis.bodies import Body, bodies_by_level, with_subordinates
from hoso.projections.reports.basis.cube import Cube


class Scope(NamedTuple):
    """Which dossiers reports count: of each dimension in ``only`` those with one of the values, and
    those ``under`` a body of the registry."""

    only: Mapping[str, Sequence[str | None]] = {}
    under: str | None = None

    def part(self, cube: Cube, registry: AgencyRegistry) -> Cube:
        """The part of a cube that is in the scope."""
        for name, values in self.only.items():
            cube = cube.among(name, values)
        if self.under is None:
            return cube
        by_agency = {code: part for code, part in cube.each("agency") if code is not None}
        return with_subordinates(cube, by_agency, registry, self.under)

    def agencies(self, registry: AgencyRegistry) -> AgencyRegistry:
        """The agencies of a registry that may have dossiers in the scope."""
        if self.under is not None:
            registry = registry.among([*registry.under(self.under)])
        named = [code for code in self.only.get("agency", ()) if code is not None]
        return registry.among(named) if named else registry

    def bodies(self) -> list[str]:
        """The codes of the bodies that it names."""
        codes = (self.under, *self.only.get("agency", ()))
        return [code for code in codes if code is not None]

    def about(self, registry: AgencyRegistry) -> Iterator[About]:
        """What a report of the scope says about it; nothing where it counts all dossiers."""
        if bodies := self.bodies():
            named = "; ".join(f"{registry.name(code)} ({code})" for code in bodies)
            yield About(Bilingual("Đơn vị", "Body"), named)
        slices = [(name, values) for name, values in self.only.items() if name != "agency"]
        if slices:
            vi, en = zip(*(_either(name, values) for name, values in slices), strict=True)
            only = Bilingual("; ".join(vi), "; ".join(en))
            yield About(Bilingual("Chỉ tính hồ sơ", "Only dossiers of"), only)


WHOLE: Scope = Scope()


def _either(dimension: str, values: Sequence[str | None]) -> Bilingual:
    name, words = DIMENSIONS[dimension], [value_in_words(dimension, value) for value in values]
    return Bilingual(
        f"{name.vi}: {', '.join(each.vi for each in words)}",
        f"{name.en}: {', '.join(each.en for each in words)}",
    )


def scopes_of_bodies(
    scope: Scope, cube: Cube, registry: AgencyRegistry, level: str | None
) -> dict[str, Scope]:
    """The scope of each body in a scope, by the body's code: of one level, or of every (None)."""
    part, agencies = scope.part(cube, registry), scope.agencies(registry)
    bodies = [
        body
        for each in bodies_by_level(part, agencies)
        if level is None or each.level == level
        for body in each.bodies
    ]
    return {body.code: _of_body(scope, body) for body in bodies if body.code is not None}


def _of_body(scope: Scope, body: Body) -> Scope:
    if body.cube.under is not None and body.cube.under == body.code:
        return scope._replace(under=body.code)
    return scope._replace(only={**scope.only, "agency": [body.code]})

"""The agency registry (danh mục cơ quan): names, levels and the tree of agencies, with dates.

A CSV file with the columns ``code,name,level,parent`` gives it, and optionally with
``valid_from,valid_to,successor``. The figures of an agency are its own and those of all agencies
under it. An agency that the registry lacks is reported under its code.

Agencies begin, end, and are merged. So a report chooses the day whose agencies it shows: its
roll-up (docs/REPORTS.md).
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

from hoso.domain.alphabet import alphabetical
from hoso.domain.windows import Window

LEVELS: Final = ("province", "district", "commune")
THEN: Final = "then"
NOW: Final = "now"
MAX_SHOWN: Final = 6  # the most agencies of a circle that an error names


class Agency(NamedTuple):
    """An agency (cơ quan). ``parent`` is the code of the agency above it; None at the top.

    ``valid_from`` and ``valid_to`` are its first and its last day; None where there is no limit.
    ``successor`` is the code of the agency that takes over everything after the last day.
    """

    code: str
    name: str
    level: str
    parent: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether the agency exists on a day."""
        return (self.valid_from is None or self.valid_from <= day) and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        """Whether the agency's last day is before a day."""
        return self.valid_to is not None and self.valid_to < day


class RegistryError(ValueError):
    """What is wrong with an agency of a registry; ``code`` is that of the agency."""

    def __init__(self, code: str, fault: str) -> None:
        super().__init__(f"{code}: {fault}")
        self.code = code


class AgencyRegistry:
    """The agencies by their codes.

    ``counted_in`` has, by the codes of agencies that have ended, the agency that counts their
    dossiers; ``day`` is the day whose agencies these are, None for all agencies (``on``).

    Raises ``RegistryError`` when a code is listed twice, a level is unknown, a parent or a
    successor is not in the registry, an agency is above itself or succeeds itself, ends before it
    begins, has a successor and no last day, or a successor that has ended by then.
    """

    def __init__(
        self,
        agencies: Iterable[Agency] = (),
        counted_in: Mapping[str, str] = MappingProxyType({}),
        day: date | None = None,
    ) -> None:
        self.agencies: Mapping[str, Agency] = _by_code(agencies)
        self.counted_in = counted_in
        self.day = day
        self._under: dict[str, frozenset[str]] = {}  # cached: drill-downs ask for each dossier
        _refuse_faults(self.agencies)

    @cached_property
    def _children(self) -> Mapping[str | None, list[Agency]]:
        children: dict[str | None, list[Agency]] = {}
        for agency in self.agencies.values():
            children.setdefault(agency.parent, []).append(agency)
        return children

    @cached_property
    def _predecessors(self) -> Mapping[str, list[str]]:
        """By the code of an agency: those of the agencies that it counts as their successor."""
        predecessors: dict[str, list[str]] = {}
        for code, successor in self.counted_in.items():
            predecessors.setdefault(successor, []).append(code)
        return predecessors

    def current(self, code: str) -> str:
        """The code of the agency that counts an agency's dossiers: its own, or its successor's."""
        return self.counted_in.get(code, code)

    def name(self, code: str) -> str:
        """The name of an agency; its code where the registry lacks it."""
        agency = self.agencies.get(self.current(code))
        return agency.name if agency else code

    def level(self, code: str | None, default: str | None) -> str | None:
        """The level of an agency; ``default`` where the registry lacks it."""
        agency = self.agencies.get(self.current(code or ""))
        return agency.level if agency else default

    def is_in_force(self, code: str) -> bool:
        """Whether an agency exists on the registry's day; True where the registry has no day, or
        lacks the agency."""
        agency = self.agencies.get(code)
        return self.day is None or agency is None or agency.is_in_force(self.day)

    def children(self, code: str | None = None) -> list[Agency]:
        """The agencies directly under one, or at the top (None), in the order of the file."""
        return self._children.get(code, [])

    def downwards(self) -> Iterator[Agency]:
        """All agencies; each is followed by those under it, in the order of the file."""
        pending = self.children()[::-1]
        while pending:
            agency = pending.pop()
            yield agency
            pending += reversed(self.children(agency.code))

    def under(self, code: str) -> Iterator[str]:
        """The code of an agency, then the codes of all agencies under it.

        Each is followed by the agencies that have ended and count in it.
        """
        pending = [code]
        while pending:
            code = pending.pop()
            yield code
            yield from self._predecessors.get(code, ())
            pending += [child.code for child in reversed(self.children(code))]

    def is_under(self, code: str, above: str) -> bool:
        """Whether an agency is one of those that ``under(above)`` lists."""
        if above not in self._under:
            self._under[above] = frozenset(self.under(above))
        return code in self._under[above]

    def unknown(self, codes: Iterable[str]) -> list[str]:
        """Those of the codes that the registry lacks: by the alphabet, each once."""
        missing = {code for code in codes if self.current(code) not in self.agencies}
        return sorted(missing, key=alphabetical)

    def among(self, codes: Collection[str]) -> "AgencyRegistry":
        """Some of the agencies, without those above them, on the same day."""
        chosen = set(codes)
        agencies = (
            agency._replace(
                parent=agency.parent if agency.parent in chosen else None,
                successor=agency.successor if agency.successor in chosen else None,
            )
            for agency in self.agencies.values()
            if agency.code in chosen
        )
        counted_in = {one: other for one, other in self.counted_in.items() if other in chosen}
        return AgencyRegistry(agencies, counted_in, self.day)

    @cached_property
    def digest(self) -> str:
        """A fingerprint of the agencies: 12 hexadecimal digits."""
        rows = sorted(str(tuple(map(str, agency))) for agency in self.agencies.values())
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]

    def on(self, day: date) -> "AgencyRegistry":
        """The agencies as they stand on a day.

        An agency that has ended before the day counts in its successor. Without a successor it
        stays where it was, and its name says until when it existed. Agencies that were under it
        and still exist stand under its successor, or else under the agency above it.
        """
        if not any(agency.valid_from or agency.valid_to for agency in self.agencies.values()):
            return self
        counted_in = _followed(self.agencies, lambda agency: _successor_on(agency, day))
        above = _followed(self.agencies, lambda agency: _standing_in(agency, day))
        return AgencyRegistry(
            (
                _as_on(agency, day, counted_in if agency.has_ended(day) else above)
                for agency in self.agencies.values()
                if agency.code not in counted_in
            ),
            {code: successor for code, successor in counted_in.items() if successor},
            day,
        )


def roll_up_day(roll_up: str | date, window: Window, current_day: date) -> date:
    """The day whose agencies a report of a window shows: the last of the window (THEN), the
    current one (NOW), or one that is given."""
    if isinstance(roll_up, date):
        return roll_up
    return window.last if roll_up == THEN else current_day


def _successor_on(agency: Agency, day: date) -> tuple[str | None, ...]:
    """The agency that takes over what an agency has on a day, if one does."""
    return (agency.successor,) if agency.successor and agency.has_ended(day) else ()


def _standing_in(agency: Agency, day: date) -> tuple[str | None, ...]:
    """The agency, or none, under which others stand instead of under one that has ended."""
    return (agency.successor or agency.parent,) if agency.has_ended(day) else ()


def _followed(
    agencies: Mapping[str, Agency], step: Callable[[Agency], tuple[str | None, ...]]
) -> dict[str, str | None]:
    """For each agency with a step: where its steps lead in the end."""
    ends: dict[str, str | None] = {}
    for start in agencies:
        path: list[str] = []
        code: str | None = start
        while code is not None and code not in ends and (following := step(agencies[code])):
            path.append(code)
            [code] = following
        end = code if code is None else ends.get(code, code)
        ends |= dict.fromkeys(path, end)
    return ends


def _as_on(agency: Agency, day: date, instead: Mapping[str, str | None]) -> Agency:
    """An agency under the agency that is there ``instead`` of its parent; if it has ended, with its
    last day in its name."""
    parent = instead.get(agency.parent, agency.parent) if agency.parent else None
    if agency.valid_to is None or not agency.has_ended(day):
        return agency._replace(parent=parent)
    return agency._replace(parent=parent, name=f"{agency.name} (đến {agency.valid_to:%d/%m/%Y})")


def _by_code(agencies: Iterable[Agency]) -> dict[str, Agency]:
    by_code: dict[str, Agency] = {}
    for agency in agencies:
        if agency.level not in LEVELS:
            levels = ", ".join(LEVELS)
            raise RegistryError(agency.code, f"unknown level {agency.level!r}: use {levels}")
        if by_code.setdefault(agency.code, agency) is not agency:
            raise RegistryError(agency.code, "is given twice: leave one out")
    return by_code


def _refuse_faults(agencies: Mapping[str, Agency]) -> None:
    for agency in agencies.values():
        first, last = agency.valid_from, agency.valid_to
        if first and last and last < first:
            fault = f"ends on {last}, before it begins on {first}: correct valid_from or valid_to"
            raise RegistryError(agency.code, fault)
        if agency.successor and last is None:
            raise RegistryError(agency.code, "has a successor and no last day: write valid_to")
        for role in ("parent", "successor"):
            code = getattr(agency, role)
            if code is not None and code not in agencies:
                fault = f"its {role} {code!r} is not in the registry: add it"
                raise RegistryError(agency.code, fault)
    _refuse_circles(agencies)
    for agency in agencies.values():
        if agency.successor and agency.valid_to:
            _refuse_ended(agency, agency.valid_to, agencies[agency.successor])


def _refuse_ended(agency: Agency, last: date, successor: Agency) -> None:
    """Refuse a successor that does not exist after the last day of the agency."""
    if successor.valid_to and successor.valid_to <= last:
        raise RegistryError(
            agency.code,
            f"ends on {last}, and its successor {successor.code} on {successor.valid_to}: "
            "write the body that took over, or none",
        )


def _refuse_circles(agencies: Mapping[str, Agency]) -> None:
    """Refuse an agency that is under itself, succeeds itself, or has a successor under it."""
    if circle := _circle(agencies, lambda agency: [agency.parent]):
        raise RegistryError(circle[0], f"is under itself: {_shown(circle)}")
    if circle := _circle(agencies, lambda agency: [agency.successor]):
        fault = f"is its own successor: {_shown(circle)}: correct one successor"
        raise RegistryError(circle[0], fault)
    if circle := _circle(agencies, lambda agency: [agency.successor, agency.parent]):
        fault = f"parents and successors make a circle: {_shown(circle)}: correct one of them"
        raise RegistryError(circle[0], fault)


def _circle(
    agencies: Mapping[str, Agency], following: Callable[[Agency], list[str | None]]
) -> list[str]:
    """The agencies of a circle, the first again at the end; none if there is no circle."""
    done: set[str | None] = {None}
    for start in agencies:
        # The path from the start, each agency with those that are still to be followed.
        path = {} if start in done else {start: following(agencies[start])}
        while path:
            code, left = path.popitem()
            if not left:
                done.add(code)
                continue
            path[code] = left
            other = left.pop()
            if other in path:
                codes = list(path)
                return [*codes[codes.index(other) :], other]
            if other is not None and other not in done:
                path[other] = following(agencies[other])
    return []


def _shown(circle: list[str]) -> str:
    """A circle in one line; of a long one, its two ends."""
    half = MAX_SHOWN // 2
    codes = circle if len(circle) <= MAX_SHOWN else [*circle[:half], "…", *circle[-half:]]
    return " → ".join(codes)

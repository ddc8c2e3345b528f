"""Plants known faults in a made-up history, and writes down where.

A profile says which patterns of the integrity checks are planted, in which bodies, and in what
share of their dossiers. So it can be measured how many of them the checks find. A dossier shows one
fault at most, and only one that shows by the last day. All other dossiers live as without faults.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Final, NamedTuple

from hoso.domain.calendar import WorkingDays
from hoso.tools.simulation import courses
from hoso.tools.simulation.cloudevents import SOURCE, Event, iso
from hoso.tools.simulation.courses import LONGEST_AGAIN_S, Life
from hoso.tools.simulation.moments import DAY, MINUTE, Hours
from hoso.tools.simulation.patterns import BURST, PATTERNS, Pattern, Shown, companion
from hoso.tools.simulation.province import BODIES, Desk, in_force

AGAIN: Final = 0.2  # of re-entered dossiers: re-entered once more
SHOWN_CHARS: Final = 60  # of a wrong value, in messages


class Fault(NamedTuple):
    """One pattern, and the share of the dossiers of some bodies that show it; of all bodies where
    ``bodies`` is empty."""

    check: str
    rate: float
    bodies: frozenset[str]


class Planted(NamedTuple):
    """A fault that was planted: the check that must find it, and where.

    ``source`` and ``id`` name the event that shows it, ``agency`` is the body that had the dossier
    then, and ``day`` the day on which it counts.
    """

    check: str
    dossier: str
    source: str
    id: str
    agency: str
    day: str


Path = tuple[str | int, ...]  # the keys and indices that lead to a part of a profile


class FaultsError(ValueError):
    """What is wrong with a profile of faults; ``path`` leads to the place."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self.path = path


# --- The profile --------------------------------------------------------------------------------


def parse_faults(tree: Mapping[str, Any]) -> list[Fault]:
    """The faults of a profile: ``faults``, a list of ``check``, ``rate`` and ``bodies``.

    Raises ``FaultsError`` for a key, a check or a body that there is not, and for shares that are
    not between 0 and 1, or more than 1 together.
    """
    _refuse_keys(tree, ["faults"], ())
    listed = tree.get("faults")
    if not isinstance(listed, list) or not listed:
        raise FaultsError("plants nothing; write faults:, and below it a list", ())
    faults = [_fault(each, ("faults", n)) for n, each in enumerate(listed)]
    for code in _CODES:
        total = sum(each.rate for each in faults if _concerns(each, code))
        if round(total, 9) > 1:  # rates are decimals, their sum is not exact
            raise FaultsError(f"the rates of {code} add up to {total:.2f}; at most 1", ("faults",))
    return faults


_CODES: Final = [body.agency.code for body in BODIES]


def _fault(given: object, path: Path) -> Fault:
    if not isinstance(given, dict):
        raise FaultsError("is no fault; write check: and rate:", path)
    _refuse_keys(given, Fault._fields, path)
    check, rate, bodies = map(given.get, Fault._fields)
    if check not in PATTERNS:
        raise FaultsError(
            f"no check {_quoted(check or '')}; use {', '.join(PATTERNS)}", (*path, "check")
        )
    if not isinstance(rate, Decimal) or not 0 <= rate <= 1:
        raise FaultsError("is no share; write a number from 0 to 1", (*path, "rate"))
    return Fault(str(check), float(rate), _bodies(bodies, (*path, "bodies")))


def _bodies(given: object, path: Path) -> frozenset[str]:
    if given is None:
        return frozenset()
    if not isinstance(given, list) or not given:
        raise FaultsError("is no list; write [H52.01, H52.05], or leave it out for all", path)
    for n, code in enumerate(given):
        if code not in _CODES:
            raise FaultsError(
                f"the province has no body {_quoted(code)}; --registry FILE writes them", (*path, n)
            )
    return frozenset(map(str, given))


def _refuse_keys(given: Mapping[str, Any], known: Sequence[str], path: Path) -> None:
    for key in given:
        if key not in known:
            raise FaultsError(f"no such key; use {', '.join(known)}", (*path, key))


def _quoted(value: object) -> str:
    return repr(str(value)[:SHOWN_CHARS])


def _concerns(fault: Fault, code: str) -> bool:
    return not fault.bodies or code in fault.bodies


# --- Planting -----------------------------------------------------------------------------------


class Extra(NamedTuple):
    """A dossier that there is only because of a fault: one that is received again, or one of a
    burst. ``pattern`` says how it lives; ``replaced`` is the cancellation of the one before."""

    moment: int
    channel: str
    desk: Desk
    check: str
    pattern: Pattern
    replaced: Event | None = None


class Planting:
    """Draws which dossiers show a fault, tells their lives, and keeps the list.

    Each life has random numbers of its own. So one fault more or less moves no other.
    """

    def __init__(
        self, faults: Collection[Fault], seed: int, calendar: WorkingDays, last: int
    ) -> None:
        self.faults, self.seed, self.calendar, self.last = faults, seed, calendar, last
        self.rng = Random(f"faults {seed}")
        self.planted: list[Planted] = []
        self._extras: defaultdict[int, list[Extra]] = defaultdict(list)  # by day

    def life(self, code: str, moment: int, channel: str, desk: Desk) -> Life | None:
        """The life of a dossier that shows a fault; None for one that lives as without faults."""
        check = self._check(desk.agency, self.rng.random())
        if check is None or desk.days == 0:
            return None
        lived = self._begun(code, moment, channel, desk)
        shown = PATTERNS[check](lived)
        if shown is None or shown.known > self.last:
            return None
        self._note(check, code, lived, shown)
        if check == "burst":
            self._gather(lived)
        return lived

    def extras(self, day: int) -> list[Extra]:
        """The further dossiers that come in on a day, in order of reception."""
        return sorted(self._extras.pop(day, []), key=lambda extra: extra.moment)

    def extra_life(self, code: str, extra: Extra) -> Life:
        """The life of a further dossier."""
        lived = self._begun(code, extra.moment, extra.channel, extra.desk)
        shown = extra.pattern(lived)
        if shown is not None and shown.known <= self.last:
            self._note(extra.check, code, lived, shown)
        return lived

    def re_enter(self, lived: Life, cancellation: Event) -> None:
        """On the day of its cancellation a dossier is received again under another code."""
        rng, day = lived.hours.rng, lived.last // DAY
        moment = lived.last + MINUTE + int(rng.random() * LONGEST_AGAIN_S)
        pattern = PATTERNS["re_entered"] if rng.random() < AGAIN else _settled
        desk = in_force(lived.desk, day)
        again = Extra(moment, lived.channel, desk, "re_entered", pattern, cancellation)
        self._extras[day].append(again)

    def _check(self, agency: str, share: float) -> str | None:
        """The check whose fault a dossier of an agency is to show, by a number from 0 to 1."""
        for fault in self.faults:
            if _concerns(fault, agency):
                share -= fault.rate / BURST if fault.check == "burst" else fault.rate
                if share < 0:
                    return fault.check
        return None

    def _begun(self, code: str, moment: int, channel: str, desk: Desk) -> Life:
        hours = Hours(Random(f"{self.seed} {code}"), self.calendar)
        return Life(hours, desk, channel, moment)

    def _gather(self, lived: Life) -> None:
        """The others of a burst come in on the same day as the first."""
        received = lived.steps[0].moment
        pattern = companion(lived.last)
        extra = Extra(received, lived.channel, lived.desk, "burst", pattern)
        self._extras[received // DAY] += [extra] * (BURST - 1)

    def _note(self, check: str, code: str, lived: Life, shown: Shown) -> None:
        agency = _agency(lived, shown.event)
        event = f"{code}.{shown.event}"
        self.planted.append(Planted(check, code, SOURCE, event, agency, iso(shown.day)))


def _settled(lived: Life) -> None:
    """The life of a dossier that shows nothing: it is resolved early."""
    courses.early(lived)


def _agency(lived: Life, event: int) -> str:
    """The body that has a dossier when an event of its life occurs, or because of it."""
    said = (step.data["agency"] for step in lived.steps[:event] if "agency" in step.data)
    *_, last = said
    return str(last)

"""The checks of integrity as data: what each sees, its population, source, thresholds, causes.

``checks.yaml`` beside this module has them; a profile (``--profile``) gives other thresholds. A
check with a provision compares with the law of the day (``domain.provisions``).
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

from hoso.domain.calendar import day_number
from hoso.projections.kernels.checks import CHECKS, POPULATIONS, Thresholds

Threshold = int | date
LARGEST: Final = 100_000  # of a threshold that is a number


class Wording(NamedTuple):
    """A text in Vietnamese and in English."""

    vi: str
    en: str


class Population(BaseModel):
    """What a check's dossiers are a share of: the name of a population, and it in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    population: Literal[POPULATIONS]  # type: ignore[valid-type]
    vi: str
    en: str


class Check(BaseModel):
    """A check. ``title`` names it in tables, ``sees`` says what it looks for, without accusing
    anybody, ``of`` of which dossiers its own are a share, ``source`` where it comes from,
    ``innocent`` which innocent causes there may be. ``provision`` names the parameter of the law by
    which it judges."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Wording
    sees: Wording
    of: Population
    source: str
    thresholds: Mapping[str, Threshold] = {}
    provision: str | None = None
    innocent: tuple[Wording, ...]

    def saw(self) -> Wording:
        """What the check looks for, with its thresholds."""
        days = {name: value for name, value in self.thresholds.items() if isinstance(value, date)}
        vietnamese = {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
        vi = self.sees.vi.format_map({**self.thresholds, **vietnamese})
        return Wording(vi, self.sees.en.format_map(self.thresholds))

    def number(self, threshold: str) -> int:
        """A threshold that is a number."""
        value = self.thresholds[threshold]
        assert isinstance(value, int)
        return value


Checks = Mapping[str, Check]  # by their names, in the order of CHECKS


def parse_checks(document: object) -> Checks:
    """The checks in a document. Raises ``pydantic.ValidationError``, and ``KeyError`` where one is
    missing."""
    checks = TypeAdapter(dict[str, Check]).validate_python(document)
    return {name: checks[name] for name in CHECKS}


def with_thresholds(checks: Checks, profile: Mapping[str, object]) -> Checks:
    """The same checks with the thresholds of a profile: ``{check: {threshold: value}}``.

    Raises ``InvalidProfile`` for an unknown check or threshold, and for a value that is none.
    """
    changed = dict(checks)
    for name, given in profile.items():
        if name not in checks:
            raise InvalidProfile((name,), f"no such check: use {', '.join(checks)}")
        if not isinstance(given, Mapping):
            raise InvalidProfile((name,), "is no table of thresholds: write THRESHOLD: NUMBER")
        own = dict(checks[name].thresholds)
        for threshold, value in given.items():
            own[threshold] = _threshold(checks[name], (name, threshold), value)
        changed[name] = checks[name].model_copy(update={"thresholds": own})
    return changed


class InvalidProfile(ValueError):
    """A profile of thresholds that is wrong: ``path`` leads to the part, the message says what."""

    def __init__(self, path: tuple[str, ...], fault: str) -> None:
        super().__init__(fault)
        self.path = path


def _threshold(check: Check, path: tuple[str, str], value: object) -> Threshold:
    """A threshold's new value. Raises ``InvalidProfile``."""
    if path[1] not in check.thresholds:
        raise InvalidProfile(path, _no_threshold(check))
    if isinstance(check.thresholds[path[1]], date):
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise InvalidProfile(path, f"{str(value)[:40]!r} is no day: write 2025-06-30") from None
    text = str(value)
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        fault = f"{text[:40]!r} is no threshold: write a whole number, up to {LARGEST:,}"
        raise InvalidProfile(path, fault)
    return int(text)


def _no_threshold(check: Check) -> str:
    if check.thresholds:
        return f"no such threshold: use {', '.join(check.thresholds)}"
    if check.provision is not None:
        return f"no such threshold: the check goes by {check.provision} of the law: use --law"
    return "no such threshold: the check has none"


def thresholds_of(checks: Checks) -> Thresholds:
    """The thresholds that the compiled checks read."""
    numbers = {
        name: day_number(value) if isinstance(value, date) else value
        for check in checks.values()
        for name, value in check.thresholds.items()
    }
    return Thresholds(**{name: numbers[name] for name in Thresholds._fields})

"""The command behind a cell: it lists the dossiers of a figure, of a check, or of a difference, or
explains a dossier.

A table's thousands of figures share their windows, accounts and, row by row, their slices. So each
part of a call is made once.
"""

import shlex
from functools import lru_cache
from typing import Final

from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.provisions import IN_FORCE, REGIMES
from hoso.domain.windows import Window
from hoso.projections.documents.model import Behind, DrillDown, SeenByCheck

OF_DOSSIERS: Final = "--attribution"  # an option of ``hoso dossiers`` that integrity lacks
AS_OF: Final = "--as-of"
RULES: Final = ("--law", "--law-as-of", "--pin")


def listing(ask: tuple[str, ...], behind: Behind) -> str:
    """The call that lists the dossiers behind a figure, or those of a check."""
    if isinstance(behind, SeenByCheck):
        return integrity(ask, behind)
    return dossiers(ask, behind)


def integrity(ask: tuple[str, ...], behind: SeenByCheck) -> str:
    """The call that lists the dossiers in which a check saw something."""
    own = _without(ask, (OF_DOSSIERS,))
    call = ("hoso", "integrity", *own, *behind.options, *_days(behind.window))
    within = _within(behind.where, behind.under)
    return f"{shlex.join(call)} --check {behind.check}{within}"


@lru_cache
def _without(ask: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, ...]:
    """Options without some of them and their values."""
    for option in options:
        while option in ask:
            place = ask.index(option)
            ask = (*ask[:place], *ask[place + 2 :])
    return ask


def dossiers(ask: tuple[str, ...], behind: DrillDown) -> str:
    """The call that lists the dossiers behind a figure, or behind a difference of two, to be pasted
    into a shell."""
    command = "dossiers" if behind.against is None else "compare"
    said = (*((AS_OF,) if behind.as_of else ()), *(RULES if behind.policy else ()))
    return (
        f"{_begin(command, _without(ask, said), behind.window)}"
        f"{_as_of(behind.as_of)}{_rules(behind.policy)}"
        f" --account {_accounts(behind.figures)}"
        f"{_within(behind.where, behind.under)}{_by(behind.by)}"
        f"{'' if behind.against is None else _against(behind, behind.against)}"
    )


def explain(ask: tuple[str, ...], code: str) -> str:
    """The call that explains a dossier, to be pasted into a shell."""
    end_of_options = ("--",) if code.startswith("-") else ()
    return shlex.join(("hoso", "explain", *ask, *end_of_options, code))


def rules(policy: Policy) -> tuple[str, ...]:
    """The options that choose a law and pin parameters; none for the default."""
    by_regime = REGIMES[policy.law].pinned if policy.law in REGIMES else {}
    own = {
        name: value
        for name in PINNABLE
        if (value := getattr(policy, name)) not in (None, by_regime.get(name))
    }
    return (
        *(() if policy.law == IN_FORCE else ("--law", policy.law)),
        *(() if policy.law_as_of is None else ("--law-as-of", policy.law_as_of.isoformat())),
        *(word for name, value in own.items() for word in ("--pin", f"{name}={value}")),
    )


def _against(own: DrillDown, other: DrillDown) -> str:
    """The options that say in what the other side of a comparison differs."""
    words: list[str] = []
    if other.window != own.window:
        days = (other.window.first.isoformat(), other.window.last.isoformat())
        words += ["--against-from", days[0], "--against-to", days[1]]
    if other.as_of is not None and other.as_of != own.as_of:
        words += ["--against-as-of", other.as_of]
    if other.policy is not None:
        words += _other_rules(own.policy or Policy(), other.policy)
    if (other.where, other.under) != (own.where, own.under):
        words += [w for n, v in other.where for w in ("--against-slice", f"{n}={v or ''}")]
        words += [] if other.under is None else ["--against-under", other.under]
    return "".join(f" {shlex.quote(word)}" for word in words)


def _other_rules(own: Policy, other: Policy) -> list[str]:
    """The options that say in what the rules of the other side differ."""
    words = [] if other.law == own.law else ["--against-law", other.law]
    if other.law_as_of is not None and other.law_as_of != own.law_as_of:
        words += ["--against-law-as-of", other.law_as_of.isoformat()]
    for name in PINNABLE:
        if (value := getattr(other, name)) not in (None, getattr(own, name)):
            words += ["--against-pin", f"{name}={value}"]
    return words


@lru_cache
def _begin(command: str, ask: tuple[str, ...], window: Window) -> str:
    return shlex.join(("hoso", command, *ask, *_days(window)))


def _days(window: Window) -> tuple[str, ...]:
    return "--from", window.first.isoformat(), "--to", window.last.isoformat()


def _as_of(instant: str | None) -> str:
    return "" if instant is None else f" --as-of {instant}"


@lru_cache
def _rules(policy: Policy | None) -> str:
    return "" if policy is None else "".join(f" {word}" for word in rules(policy))


@lru_cache
def _accounts(figures: tuple[str, ...]) -> str:
    return shlex.quote(",".join(figures))


@lru_cache
def _by(dimensions: tuple[str, ...]) -> str:
    return f" --by {shlex.quote(','.join(dimensions))}" if dimensions else ""


@lru_cache
def _within(where: tuple[tuple[str, str | None], ...], under: str | None) -> str:
    words = [word for name, value in where for word in ("--slice", f"{name}={value or ''}")]
    words += [] if under is None else ["--under", under]
    return "".join(f" {shlex.quote(word)}" for word in words)

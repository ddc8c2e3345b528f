"""The command behind a cell: it lists a figure's or a check's dossiers, or explains a dossier.

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


def listing(ask: tuple[str, ...], behind: Behind) -> str:
    """The call that lists the dossiers behind a figure, or those of a check."""
    if isinstance(behind, SeenByCheck):
        return integrity(ask, behind)
    return dossiers(ask, behind)


def integrity(ask: tuple[str, ...], behind: SeenByCheck) -> str:
    """The call that lists the dossiers in which a check saw something."""
    own = _without(ask, OF_DOSSIERS)
    call = ("hoso", "integrity", *own, *behind.options, *_days(behind.window))
    within = _within(behind.where, behind.under)
    return f"{shlex.join(call)} --check {behind.check}{within}"


def _without(ask: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Options without one of them and its value."""
    if option not in ask:
        return ask
    place = ask.index(option)
    return (*ask[:place], *ask[place + 2 :])


def dossiers(ask: tuple[str, ...], behind: DrillDown) -> str:
    """The call that lists the dossiers behind a figure, to be pasted into a shell."""
    return (
        f"{_begin(ask, behind.window)}{_rules(behind.policy)} --account {_accounts(behind.figures)}"
        f"{_within(behind.where, behind.under)}{_by(behind.by)}"
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


@lru_cache
def _begin(ask: tuple[str, ...], window: Window) -> str:
    return shlex.join(("hoso", "dossiers", *ask, *_days(window)))


def _days(window: Window) -> tuple[str, ...]:
    return "--from", window.first.isoformat(), "--to", window.last.isoformat()


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

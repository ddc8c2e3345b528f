"""The command behind a cell: it lists a figure's dossiers, or explains a dossier.

A table's thousands of figures share their windows, accounts and, row by row, their slices. So each
part of a call is made once.
"""

import shlex
from functools import lru_cache

from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.provisions import IN_FORCE, REGIMES
from hoso.domain.windows import Window
from hoso.projections.documents.model import DrillDown


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
    days = ("--from", window.first.isoformat(), "--to", window.last.isoformat())
    return shlex.join(("hoso", "dossiers", *ask, *days))


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

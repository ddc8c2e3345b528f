"""The result of the checks as JSON (docs/REPORTS.md, Integrity).

Shares and rates are percentages, rounded half up to two decimals; null where there is no data.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from hoso.projections.integrity.chains import Chain, Chains
from hoso.projections.integrity.findings import AgencyEffect, CheckResult, Effect, Integrity
from hoso.projections.integrity.unusual import Usual

HUNDREDTH: Final = Decimal("0.01")

Json = dict[str, Any]


def as_json(integrity: Integrity) -> Json:
    """The result as JSON."""
    window = {
        "from": integrity.window.first.isoformat(),
        "to": integrity.window.last.isoformat(),
        "until": integrity.told.last.isoformat(),
    }
    return {
        "window": window,
        "checks": [_check(result) for result in integrity.checks],
        "chains": _chains(integrity.chains),
    }


def _check(result: CheckResult) -> Json:
    return {
        "check": result.name,
        **_effect(result.effect),
        **({} if result.expected is None else {"expected": round(result.expected, 2)}),
        "by_agency": [_agency(row) for row in result.by_agency],
        "dossiers": result.findings["dossier"].to_pylist(),
    }


def _effect(effect: Effect | None) -> Json:
    if effect is None:
        return dict.fromkeys(("count", "of", "share", "on_time_rate", "on_time_rate_without"))
    return {
        "count": effect.found,
        "of": effect.of,
        "share": percent(effect.share),
        "on_time_rate": percent(effect.on_time_rate),
        "on_time_rate_without": percent(effect.on_time_rate_without),
    }


def _agency(row: AgencyEffect) -> Json:
    usual = {} if row.usual is None else _usual(row.usual)
    return {"agency": row.agency, **_effect(row.effect), **usual}


def _usual(usual: Usual) -> Json:
    numbers = {"expected": usual.expected, "median": usual.median, "deviation": usual.deviation}
    rounded = {name: None if n is None else round(n, 2) for name, n in numbers.items()}
    return {**rounded, "past_windows": usual.windows}


def _chains(chains: Chains) -> Json:
    rates = (
        Fraction(number, chains.resolved) if chains.resolved else None
        for number in (chains.in_time, chains.in_time_as_one)
    )
    names = ("on_time_rate", "on_time_rate_as_one")
    return {
        "count": len(chains.chains),
        **dict(zip(names, map(percent, rates), strict=True)),
        "list": [_chain(chain) for chain in chains.chains],
    }


def _chain(chain: Chain) -> Json:
    return {
        "dossiers": list(chain.dossiers),
        "received": chain.received and chain.received.isoformat(),
        "closed": chain.closed and chain.closed.isoformat(),
        "waited_days": chain.waited_days,
        "waited_working_days": chain.waited_working_days,
        "in_time": chain.in_time,
    }


def percent(share: Fraction | None) -> float | None:
    """A share as a percentage, rounded half up to two decimals."""
    if share is None:
        return None
    exact = Decimal(100 * share.numerator) / Decimal(share.denominator)
    return float(exact.quantize(HUNDREDTH, ROUND_HALF_UP))

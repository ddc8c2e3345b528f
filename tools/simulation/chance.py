"""Draws from weighted values.

Only ``Random.random`` is called, and only +, - and * are applied to what it returns: that gives the
same bytes in every version of Python and on every machine.
"""

from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from random import Random
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Choice(NamedTuple, Generic[T]):
    """Values to draw from. ``bounds`` divide the numbers from 0 to ``total`` among them."""

    values: tuple[T, ...]
    bounds: tuple[float, ...]
    total: float


def choice(weighted: Iterable[tuple[float, T]]) -> Choice[T]:
    """Values to draw from, each given behind its weight."""
    weights, values = zip(*weighted, strict=True)
    *bounds, total = accumulate(weights)
    return Choice(values, tuple(bounds), total)


def draw(rng: Random, among: Choice[T]) -> T:
    """One of the values, each as often as its weight says."""
    values, bounds, total = among
    return values[bisect(bounds, rng.random() * total)]


def mostly_small(rng: Random) -> float:
    """A share of the longest time: mostly small, at times close to 1."""
    share = rng.random()
    return share * share * share

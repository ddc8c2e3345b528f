"""How does plain Python run over millions of events? Numba compiles it, as it stands.

The rule book stays plain: its functions are made known to the compiler from outside. What is
compiled is kept on disk, under a name that changes with the rule book, since the compiler's cache
does not notice a change in a function that another one calls.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from inspect import getsource
from pathlib import Path
from threading import Lock
from types import FunctionType, ModuleType
from typing import Any, Final, ParamSpec, TypeVar

import numba
import numpy as np
from numba.extending import register_jitable

from domain import accounts, calendar, history, kinds, policy, rules
from domain.calendar import WorkingDays
from projections import adding, happenings, posting, register

P = ParamSpec("P")
R = TypeVar("R")
# Modules with functions that the compiler calls.
COMPILABLE: Final = (calendar, rules, posting, happenings, adding, register)
# Other threads go on meanwhile. Nothing is made in there, so nobody need count who holds what:
# to count, atomically, at each call with a calendar took two thirds of the time. And what a rule
# hands over is a dozen numbers: where calls stay calls, half of what is left goes into that.
OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False, "forceinline": True}
ONE_AT_A_TIME: Final = Lock()
MADE: Final[list[tuple[WorkingDays, WorkingDays]]] = []


def as_arrays(days: WorkingDays) -> WorkingDays:
    """A calendar whose tables the compiler can read; made once for the one that was last asked for,
    as its days are some ten thousand."""
    for plain, arrays in MADE:
        if plain is days:
            return arrays
    made = WorkingDays(days.first, np.asarray(days.elapsed), np.asarray(days.nth))
    MADE[:] = [(days, made)]
    return made


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function of this project, compiled at its first call, or read back from disk."""
    with ONE_AT_A_TIME:
        return _compiled(function)


@cache
def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    for module in COMPILABLE:
        for plain in functions(module):
            register_jitable(**OPTIONS)(plain)
    folder, kept = cache_folder(), True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    except OSError:
        kept = False  # there is nowhere to keep it
    made: Callable[P, R] = numba.njit(cache=kept, **OPTIONS)(function)
    return made


def functions(module: ModuleType) -> list[FunctionType]:
    """The functions that a module defines."""
    found = vars(module).values()
    return [f for f in found if isinstance(f, FunctionType) and f.__module__ == module.__name__]


def cache_folder() -> Path:
    """A folder for what is compiled from the rule book as it is now."""
    modules = (accounts, history, kinds, policy, *COMPILABLE, sys.modules[__name__])
    sources = [getsource(module) for module in modules]
    name = hashlib.sha256("".join(sources).encode()).hexdigest()[:16]
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "hoso" / name

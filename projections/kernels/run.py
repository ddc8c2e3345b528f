"""Decides how a kernel runs: by the interpreter, or as machine code.

For few events the interpreter is done before machine code is even loaded; for many, machine code is
a hundred times as fast. This is the one place that chooses.
"""

import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any, Final, ParamSpec, TypeVar

from hoso.projections.cache.kinds import MACHINE_CODE
from hoso.projections.cache.user_folder import user_shelf
from hoso.projections.kernels.courses import CourseMoves, Takers
from hoso.projections.log.packing import KnownLives, PackedLives

P = ParamSpec("P")
R = TypeVar("R")

COMPILE_EVENTS: Final = 100_000  # from so many on, machine code is worth the seconds to compile it
LOAD_EVENTS: Final = 10_000  # from so many on, it is worth the time to load what was compiled
READ_AS_LISTS: Final = (PackedLives, KnownLives, CourseMoves, Takers)
NATIVE: Final = "hoso.projections.kernels.native"  # once loaded, it is used for any number


def kernel(function: Callable[P, R], events: int) -> Callable[P, R]:
    """A function of this package, ready to run over ``events`` events.

    Its arguments and results are those of ``function``: numbers, arrays, and named tuples of these.
    """
    if worth_compiling(events):
        from hoso.projections.kernels.native import compiled  # here, as it takes a while to load

        if (native := compiled(function)) is not None:
            return native
        _warn(function.__name__)
    return partial(_interpreted, function)


def worth_compiling(events: int) -> bool:
    """Whether machine code is done sooner, the time to load it included, and that to compile it
    where nothing was compiled yet."""
    if events >= COMPILE_EVENTS or NATIVE in sys.modules:
        return True
    return events >= LOAD_EVENTS and user_shelf().has(MACHINE_CODE.name)


def use_machine_code(events: int) -> None:
    """Have machine code run from now on, however few events there are at a time: for a process that
    goes on running kernels over a log of ``events`` events, where that is worth compiling."""
    if worth_compiling(events):
        import_module(NATIVE)


def _interpreted(function: Callable[..., R], *arguments: Any) -> R:
    """Run a kernel by the interpreter, which reads faster from lists than from arrays."""
    return function(
        *(each.as_lists() if isinstance(each, READ_AS_LISTS) else each for each in arguments)
    )


@cache
def _warn(name: str) -> None:
    """Say once that a kernel's machine code is not used."""
    sys.stderr.write(
        f"hoso: warning: compiled code of {name} gives other results than the interpreter, "
        "which is used instead, slowly: run `hoso cache --clear`, and report this\n"
    )

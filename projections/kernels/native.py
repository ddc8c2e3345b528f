"""Keeps and loads the machine code of kernels.

``compiler`` makes it with numba, which takes seconds. The object code is kept in the user's cache,
under a fingerprint of the sources, numba's version and the processor, and later runs load it with
llvmlite alone: a tenth of the time that loading numba takes. Before a kernel's machine code is
first used it must give the same results as the interpreter for a known history (``proof``); ``run``
uses the interpreter where it does not.

Arguments are numbers, arrays of numbers, and named tuples of these; results are numbers.
"""

from collections.abc import Callable
from ctypes import CFUNCTYPE, byref, c_int32, c_int64, c_void_p
from functools import cache, partial
from importlib.metadata import version
from threading import Lock
from typing import Any, Final, ParamSpec, TypeVar, get_args, get_type_hints

import numpy as np
from llvmlite import binding as llvm

from hoso.domain import calendar, policy, rules
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law
from hoso.projections.cache.kinds import MACHINE_CODE
from hoso.projections.cache.user_folder import kept
from hoso.projections.kernels import (
    balances,
    checks,
    clocks,
    courses,
    findings,
    forecasts,
    journal,
    proof,
    register,
    sha256,
)
from hoso.projections.log import packing

P = ParamSpec("P")
R = TypeVar("R")
# An argument's shape: the dtype of an array; of a tuple, its type and the shapes of its fields;
# None for a number.
Shape = Any
Entry = Callable[..., int]

COMPILABLE: Final = (
    *(calendar, policy, rules, journal, packing, balances, courses, register, checks),
    *(findings, forecasts, sha256, clocks),
)
ARRAY_WORDS: Final = 7  # by which compiled code takes an array
LOADING: Final = Lock()
TABLES: Final[list[tuple[Any, Any]]] = []  # the last calendar and law, plain and as arrays


@cache
def compiled(function: Callable[P, R]) -> Callable[P, R] | None:
    """A kernel as machine code, during which other threads run; None where it gives other results
    than the interpreter."""
    native = _native(function)
    return native if proof.agrees(function, native) else None


def _native(function: Callable[P, R]) -> Callable[P, R]:
    results = len(get_args(get_type_hints(function)["return"]))

    def run(*arguments: P.args, **_: P.kwargs) -> R:
        readable = [_with_arrays(each) for each in arguments]
        entry = _entry(function, tuple(map(_shape, readable)))
        returned = (c_int64 * max(results, 1))()
        failed = entry(byref(returned), byref(c_void_p()), *_words(readable, []))
        assert not failed  # kernels raise nothing
        return tuple(returned) if results else returned[0]  # type: ignore[return-value]

    return run


def _with_arrays(argument: Any) -> Any:
    """A calendar or the law with arrays instead of lists. The last ones are remembered: a
    calendar's tables have some ten thousand days each."""
    if not isinstance(argument, WorkingDays | Law) or isinstance(argument[-1], np.ndarray):
        return argument
    for plain, arrays in TABLES:
        if plain is argument:
            return arrays
    made = type(argument)(*(_array(field) for field in argument))
    TABLES[:] = [
        *(pair for pair in TABLES if type(pair[0]) is not type(argument)),
        (argument, made),
    ]
    return made


def _array(field: Any) -> Any:
    return np.asarray(field, np.int64) if isinstance(field, list) else field


def _shape(argument: Any) -> Shape:
    if isinstance(argument, tuple):
        return type(argument), tuple(map(_shape, argument))
    if isinstance(argument, np.ndarray):
        assert argument.flags.c_contiguous
        return argument.dtype
    return None


def _words(argument: Any, words: list[int]) -> list[int]:
    """Append an argument as the machine words in which compiled code takes it.

    An array is seven words: its owner twice (0: compiled code need not count references), the
    number of its elements, the bytes of one, its address, its shape and its strides.
    """
    if isinstance(argument, np.ndarray):
        size, item_bytes = len(argument), argument.itemsize
        words += (0, 0, size, item_bytes, argument.ctypes.data, size, item_bytes)
    elif isinstance(argument, tuple | list):
        for field in argument:
            _words(field, words)
    else:
        words.append(int(argument))
    return words


def _word_count(shape: Shape) -> int:
    if isinstance(shape, tuple):
        return sum(map(_word_count, shape[-1]))
    return 1 if shape is None else ARRAY_WORDS


def _entry(function: Callable[..., object], shapes: tuple[Shape, ...]) -> Entry:
    with LOADING:
        return _loaded(function, shapes)


@cache
def _loaded(function: Callable[..., object], shapes: tuple[Shape, ...]) -> Entry:
    """A kernel for arguments of some shapes: from the cache, or compiled now."""
    basis = f"{_platform()} {function.__qualname__} {shapes}"
    body = kept(MACHINE_CODE, basis, partial(_made, function, shapes))
    name, _, code = body.partition(b"\n")
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    argument_types = [c_void_p, c_void_p, *[c_int64] * sum(map(_word_count, shapes))]
    entry: Entry = CFUNCTYPE(c_int32, *argument_types)(engine.get_function_address(name.decode()))
    return entry


@cache
def _engine() -> Any:
    """The engine that loads machine code, and holds it as long as this process lives."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _made(function: Callable[..., object], shapes: tuple[Shape, ...]) -> bytes:
    from hoso.projections.kernels.compiler import machine_code  # here, as it loads numba

    return machine_code(function, shapes, COMPILABLE)


@cache
def _platform() -> str:
    """What machine code depends on beside its sources: numba and the processor."""
    features = llvm.get_host_cpu_features().flatten()
    return f"{version('numba')} {llvm.get_host_cpu_name()} {features}"

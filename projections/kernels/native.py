"""How does plain Python run over millions of events? As machine code that was made of it once.

The rule book stays plain. ``projections.kernels.compiler`` has it compiled as it stands, and what comes
out is kept on disk: to load that takes a tenth of the time that the compiler takes to be loaded.
It is kept under a name that changes with the rule book, the compiler and the processor.

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

from hoso.domain import calendar, rules
from hoso.domain.calendar import WorkingDays
from hoso.projections.cache import folder
from hoso.projections.kernels import balances, journal, register
from hoso.projections.log import packing

P = ParamSpec("P")
R = TypeVar("R")
# Modules with functions that the compiler calls; what else their code depends on.
COMPILABLE: Final = (calendar, rules, journal, packing, balances, register)
READ: Final = (
    *("hoso.domain.accounts", "hoso.domain.validity", "hoso.domain.kinds", "hoso.domain.policy"),
    *("hoso.projections.kernels.native", "hoso.projections.kernels.compiler"),
)
ONE_AT_A_TIME: Final = Lock()
MADE: Final[list[tuple[WorkingDays, WorkingDays]]] = []

# Of an argument: what numbers an array is of, or the kind of tuple and the shapes of its fields;
# None: it is a number.
Shape = Any
WORDS: Final = 7  # by which an array is passed
Entry = Callable[..., int]


def as_arrays(days: WorkingDays) -> WorkingDays:
    """A calendar whose tables the compiler can read; made once for the one that was last asked for,
    as its days are some ten thousand."""
    for plain, arrays in MADE:
        if plain is days:
            return arrays
    made = WorkingDays(days.first, np.asarray(days.elapsed), np.asarray(days.nth))
    MADE[:] = [(days, made)]
    return made


@cache
def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function of this project as machine code, which other threads go on beside."""
    count = len(get_args(get_type_hints(function)["return"]))

    def run(*arguments: P.args, **_: P.kwargs) -> R:
        entry = _entry(function, tuple(map(_shape, arguments)))
        results = (c_int64 * max(count, 1))()
        failed = entry(byref(results), byref(c_void_p()), *_words(arguments, []))
        assert not failed  # as nothing in there is ever raised
        return tuple(results) if count else results[0]  # type: ignore[return-value]

    return run


def _shape(argument: Any) -> Shape:
    if isinstance(argument, tuple):
        return type(argument), tuple(map(_shape, argument))
    if isinstance(argument, np.ndarray):
        assert argument.flags.c_contiguous
        return argument.dtype
    return None


def _words(argument: Any, words: list[int]) -> list[int]:
    """Words, and behind them those of an argument, as a function of the compiler's takes it: of an
    array who holds it (nobody need know), how many numbers of how many bytes it has, where they
    are, its shape and its strides."""
    if isinstance(argument, np.ndarray):
        size, each = len(argument), argument.itemsize
        words += (0, 0, size, each, argument.ctypes.data, size, each)
    elif isinstance(argument, tuple):
        for field in argument:
            _words(field, words)
    else:
        words.append(int(argument))
    return words


def _count(shape: Shape) -> int:
    """How many words an argument of a shape is."""
    if isinstance(shape, tuple):
        return sum(map(_count, shape[-1]))
    return 1 if shape is None else WORDS


def _entry(function: Callable[..., object], shapes: tuple[Shape, ...]) -> Entry:
    with ONE_AT_A_TIME:
        return _loaded(function, shapes)


@cache
def _loaded(function: Callable[..., object], shapes: tuple[Shape, ...]) -> Entry:
    """A function for arguments of some shapes: read back from disk, or made."""
    basis = f"{_basis()} {function.__qualname__} {shapes}"
    body = folder.kept(folder.CODE, basis, partial(_made, function, shapes))
    name, _, code = body.partition(b"\n")
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    passed = [c_void_p, c_void_p, *[c_int64] * sum(map(_count, shapes))]
    entry: Entry = CFUNCTYPE(c_int32, *passed)(engine.get_function_address(name.decode()))
    return entry


@cache
def _engine() -> Any:
    """What loads machine code, and holds it as long as this process lives."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _made(function: Callable[..., object], shapes: tuple[Shape, ...]) -> bytes:
    from hoso.projections.kernels.compiler import machine_code  # here, as it loads the compiler

    return machine_code(function, shapes, COMPILABLE)


@cache
def _basis() -> str:
    """What machine code depends on: the sources it is made of, the compiler, the processor."""
    modules = (*READ, *(module.__name__ for module in COMPILABLE))
    made_for = (version("numba"), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    return folder.fingerprint(*made_for, *map(folder.source_of, modules))

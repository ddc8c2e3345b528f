"""Compiles kernels, and the domain's functions that they call, with numba.

The functions are registered from outside: neither the domain nor the kernels know of the compiler.
"""

from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
from numba import types
from numba.extending import register_jitable
from numba.np.numpy_support import from_dtype

# nogil: other threads run meanwhile. _nrt: nothing is allocated in a kernel, so references need not
# be counted; counting them, atomically at each call with a calendar, took two thirds of the time.
# forceinline: a rule passes a dozen numbers on; as real calls these took half of what was left.
OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False, "forceinline": True}
# Compiled code is called like a C function, with numbers and addresses and no Python objects.
BARE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def machine_code(
    function: Callable[..., object], shapes: Iterable[Any], modules: Iterable[ModuleType]
) -> bytes:
    """The object code of a function, for arguments of some shapes (``native.Shape``).

    ``modules`` are those whose functions it may call. Returns the name that the function has in the
    object file, a line feed, and the file.
    """
    for module in modules:
        for plain in functions(module):
            register_jitable(**OPTIONS)(plain)
    made = numba.njit(**OPTIONS, **BARE)(function)
    made.compile(tuple(map(_type, shapes)))
    result = made.overloads[made.signatures[0]]
    _, _, (code, _) = result.library.serialize_using_object_code()
    return bytes(result.fndesc.llvm_func_name.encode() + b"\n" + code)


def _type(shape: Any) -> Any:
    if isinstance(shape, tuple):
        kind, fields = shape
        return types.BaseTuple.from_types(list(map(_type, fields)), kind)  # type: ignore[no-untyped-call]
    return types.int64 if shape is None else types.Array(from_dtype(shape), 1, "C")


def functions(module: ModuleType) -> list[FunctionType]:
    """The functions that a module defines."""
    found = vars(module).values()
    return [f for f in found if isinstance(f, FunctionType) and f.__module__ == module.__name__]

"""How does plain Python become machine code? Numba compiles it, as it stands.

The domain's functions are made known to the compiler from outside, and know nothing of it.
"""

from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
from numba import types
from numba.extending import register_jitable
from numba.np.numpy_support import from_dtype

# Other threads go on meanwhile. Nothing is made in there, so nobody need count who holds what:
# to count, atomically, at each call with a calendar took two thirds of the time. And what a rule
# hands over is a dozen numbers: where calls stay calls, half of what is left goes into that.
OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False, "forceinline": True}
# It is called as a function of C is, with numbers and addresses; Python's objects are left outside.
BARE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def machine_code(
    function: Callable[..., object], shapes: Iterable[Any], modules: Iterable[ModuleType]
) -> bytes:
    """The code of a function that calls those of some modules, for arguments of some shapes
    (``compiled.Shape``): an object file, behind the name that it has in there and a line's end."""
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

"""The types of the columns of whole numbers that the rules read and write.

A list and a numpy array both have what these protocols ask for. So a function typed by them runs in
the interpreter over lists and in machine code over arrays.
"""

from typing import Protocol


class IntArray(Protocol):
    """A column that can be read: its length, and the number at an index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> int: ...


class WritableIntArray(IntArray, Protocol):
    """A column that can be written as well."""

    def __setitem__(self, index: int, number: int, /) -> None: ...

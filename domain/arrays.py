"""What do the rules need of a column of numbers? That a list and a compiled array both have it."""

from typing import Protocol


class IntArray(Protocol):
    """Numbers that can be counted and read by place."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> int: ...


class WritableIntArray(IntArray, Protocol):
    """Numbers that can be written, too."""

    def __setitem__(self, place: int, number: int, /) -> None: ...

"""What is behind a figure, and how is it asked for? The call that lists its dossiers."""

import shlex
from functools import lru_cache

from hoso.domain.windows import Window
from hoso.projections.documents.model import DrillDown


def call(ask: tuple[str, ...], behind: DrillDown) -> str:
    """The call that lists the dossiers behind a figure, to be pasted into a shell."""
    return (
        f"{_of_window(ask, behind.window)} --account {_accounts(behind.figures)}"
        f"{_within(behind.where, behind.under)}"
    )


# A table's thousands of figures share their windows, their accounts and, row by row, their slices.
@lru_cache
def _of_window(ask: tuple[str, ...], window: Window) -> str:
    days = ("--from", window.first.isoformat(), "--to", window.last.isoformat())
    return shlex.join(("hoso", "dossiers", *ask, *days))


@lru_cache
def _accounts(figures: tuple[str, ...]) -> str:
    return shlex.quote(",".join(figures))


@lru_cache
def _within(where: tuple[tuple[str, str | None], ...], under: str | None) -> str:
    words = [word for name, value in where for word in ("--slice", f"{name}={value or ''}")]
    words += [] if under is None else ["--under", under]
    return "".join(f" {shlex.quote(word)}" for word in words)
